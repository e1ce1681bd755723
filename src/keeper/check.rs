//! Runs another program as `synk daemon --check` before anything depends on it, and looks at what a keeper of another
//! release has left.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use super::child::Child;
use super::legacy::Legacy;
use super::pidfd::Pidfd;
use super::successor::unnamed;

/// Most bytes of what a program says that are looked at.
const MOST: usize = 64 << 10;

/// What a program said and how it ended.
#[derive(Debug)]
pub struct Checked {
    /// None where it had to be killed after the time was over.
    pub status: Option<ExitStatus>,
    pub out: String,
    pub err: String,
}

/// Runs a program as `synk daemon --check`, with a keeper's state as standard input, for so long at most.
///
/// # Errors
/// It cannot be started, or the system has no memory for what it says.
pub fn check(program: &Path, state: OwnedFd, limit: Duration) -> io::Result<Checked> {
    // Memory and no pipes: whatever it leaves behind cannot hold up this process.
    let (out, err) = (File::from(unnamed("synk-check")?), File::from(unnamed("synk-check")?));
    let mut command = Command::new(program);
    command.arg0("synk").args(["daemon", "--check"]).process_group(0);
    command.stdin(Stdio::from(state)).stdout(out.try_clone()?).stderr(err.try_clone()?);
    let mut child = command.spawn()?;
    let pid = Pid::from_child(&child);
    Pidfd::open(pid)?.wait(Some(Instant::now() + limit));
    // Not reaped yet: the group is its own, whether it has ended or not.
    let ended = Child::new(pid).look().is_some();
    let _ = kill_process_group(pid, Signal::KILL);
    let status = child.wait()?;
    Ok(Checked { status: ended.then_some(status), out: said(&out), err: said(&err) })
}

fn said(file: &File) -> String {
    let mut bytes = vec![0; MOST];
    let length = file.read_at(&mut bytes, 0).unwrap_or_default();
    bytes.truncate(length);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Whether this build can go on with what a keeper has left.
///
/// # Errors
/// Why not, in words.
pub fn readable(state: OwnedFd) -> Result<(), String> {
    Legacy::read(&state.into()).map(drop)
}
