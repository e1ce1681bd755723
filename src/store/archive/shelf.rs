//! The directory of all sessions, held against other hosts.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use rustix::process::geteuid;

use super::folder::{self, Folder, State};
use super::frame;
use crate::base::{SessionId, lock};

/// What the host knows beside its sessions.
const DESK: &str = "desk";
/// Held by the host that uses the directory.
const LOCK: &str = ".lock";
/// How long to wait for a host that is about to be gone, whose lock the kernel takes away a moment after it.
const LEAVING: Duration = Duration::from_secs(1);

/// The directory, which is this host's while this value lives.
#[derive(Debug)]
pub struct Shelf {
    dir: PathBuf,
    _lock: File,
}

impl Shelf {
    /// Takes the directory, making it where it is missing.
    ///
    /// # Errors
    /// In words: another host has it ([`io::ErrorKind::ResourceBusy`]), it is another user's, or it cannot be made.
    pub fn take(dir: &Path) -> io::Result<Self> {
        make_dir(dir)?;
        let meta = fs::symlink_metadata(dir)?;
        if !meta.is_dir() || meta.uid() != geteuid().as_raw() {
            return Err(io::Error::other(format!("{} is not a directory of this user's", dir.display())));
        }
        let until = Instant::now() + LEAVING;
        loop {
            if let Some(lock) = lock::take(&dir.join(LOCK))? {
                return Ok(Self { dir: dir.to_owned(), _lock: lock });
            }
            if Instant::now() >= until {
                let words = format!("another host uses {}", dir.display());
                return Err(io::Error::new(io::ErrorKind::ResourceBusy, words));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// The sessions that something is kept of.
    pub fn sessions(&self) -> Vec<SessionId> {
        let entries = fs::read_dir(&self.dir).inspect_err(|e| log::warn!("{} cannot be read: {e}", self.dir.display()));
        let names = entries.into_iter().flatten().filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        names.filter_map(|name| name.parse::<SessionId>().ok().filter(|id| id.to_string() == name)).collect()
    }

    /// Where the states of a session are saved.
    ///
    /// # Errors
    /// Its directory cannot be made.
    pub fn folder(&self, session: SessionId) -> io::Result<Folder> {
        Folder::open(self.dir_of(session))
    }

    /// What is kept of a session, the newest first, with the pages of its history.
    pub fn states(&self, session: SessionId) -> impl Iterator<Item = (State, Vec<u8>)> + use<> {
        folder::states(&self.dir_of(session))
    }

    /// Removes what is kept of a session.
    pub fn remove(&self, session: SessionId) {
        match fs::remove_dir_all(self.dir_of(session)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => log::warn!("what is kept of {session} stays: {e}"),
            _ => {}
        }
    }

    /// Removes what is kept of sessions that nothing was saved of for so long, but for these.
    pub fn clean(&self, keep: Duration, except: impl Fn(SessionId) -> bool) {
        let is_old = |session: &SessionId| {
            let changed = fs::metadata(self.dir_of(*session)).and_then(|meta| meta.modified());
            changed.is_ok_and(|at| SystemTime::now().duration_since(at).is_ok_and(|age| age > keep))
        };
        self.sessions().into_iter().filter(|id| is_old(id) && !except(*id)).for_each(|id| self.remove(id));
    }

    /// Saves what the host knows beside its sessions.
    ///
    /// # Errors
    /// The disk is full or broken. What was saved before is as it was.
    pub fn save_desk(&self, bytes: &[u8]) -> io::Result<()> {
        frame::replace(&self.dir.join(DESK), bytes)
    }

    /// What was saved so, if anything was.
    ///
    /// # Errors
    /// It is damaged or cannot be read.
    pub fn desk(&self) -> io::Result<Option<Vec<u8>>> {
        match File::open(self.dir.join(DESK)) {
            Ok(mut file) => frame::read(&mut file),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(e),
        }
    }

    fn dir_of(&self, session: SessionId) -> PathBuf {
        self.dir.join(session.to_string())
    }
}

/// Makes a directory of this user's alone, where there is none.
pub(super) fn make_dir(dir: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

#[cfg(test)]
#[path = "shelf_tests.rs"]
mod tests;
