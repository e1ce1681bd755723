//! A file system of a few megabytes for one run, which can be filled to the last byte. It is mounted in a mount namespace
//! of its own, so nobody else sees it and nothing is left of it.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::support::until;

/// Its size, in bytes.
pub const SIZE: u64 = 8 << 20;

/// Where it is mounted.
pub struct SmallDisk {
    place: PathBuf,
}

/// What is put before a command so that it may mount something that nobody else sees (unshare(1)).
///
/// # Errors
/// In words: this system allows it in no way.
pub fn namespace() -> Result<Vec<&'static str>, String> {
    let mut why = String::new();
    for way in [vec!["unshare", "--mount"], vec!["unshare", "--user", "--map-root-user", "--mount"]] {
        let try_place = tempfile::tempdir().expect("a directory");
        let out = Command::new(way[0]).args(&way[1..]).args(mount(try_place.path())).stdin(Stdio::null()).output();
        match out {
            Ok(out) if out.status.success() => return Ok(way),
            Ok(out) => why = String::from_utf8_lossy(&out.stderr).trim().to_owned(),
            Err(e) => why = format!("unshare: {e}"),
        }
    }
    Err(why)
}

fn mount(place: &Path) -> Vec<String> {
    let words = ["mount", "-t", "tmpfs", "-o"].map(String::from).to_vec();
    [words, vec![format!("size={SIZE},mode=0700"), "tmpfs".into(), place.display().to_string()]].concat()
}

impl SmallDisk {
    /// Only in a [`namespace`].
    pub fn mount(place: PathBuf) -> Self {
        fs::create_dir_all(&place).expect("a place for a disk");
        let words = mount(&place);
        let done = Command::new(&words[0]).args(&words[1..]).status().expect("mount(8)");
        assert!(done.success(), "mounting at {}: {done}", place.display());
        Self { place }
    }

    /// Takes all that is free, and whatever anybody gives up, for as long as the value lives.
    pub fn fill(&self) -> Full {
        let path = self.place.join("something else");
        let mut file = File::create(&path).expect("a file can be made");
        let stop = Arc::new(AtomicBool::new(false));
        let (told, is_full) = (Arc::clone(&stop), Arc::new(AtomicBool::new(false)));
        let reached = Arc::clone(&is_full);
        let thread = thread::spawn(move || {
            let mut size = 64 << 10;
            while !told.load(Ordering::SeqCst) {
                match file.write(&vec![1; size]) {
                    Ok(1..) => {}
                    _ if size > 1 => size /= 2,
                    // Somebody may give something up at any time.
                    _ => {
                        size = 4096;
                        reached.store(true, Ordering::SeqCst);
                        thread::park_timeout(Duration::from_millis(2));
                    }
                }
            }
        });
        until("the disk is full", || is_full.load(Ordering::SeqCst).then_some(()));
        Full { path, stop, thread: Some(thread) }
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // It goes with the last process that uses it.
        let _ = Command::new("umount").arg("-l").arg(&self.place).status();
    }
}

/// A disk without room.
pub struct Full {
    path: PathBuf,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Full {
    /// Makes room.
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            let _ = thread.join();
        }
        fs::remove_file(&self.path).expect("what was made can be removed");
    }
}
