//! Opens a PTY and starts a program on it. portable-pty does these two things and nothing else here.

use std::io;
use std::os::fd::BorrowedFd;
use std::path::Path;
use std::sync::Arc;

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

use super::child::{self, Child};
use super::command::Launch;
use super::exec_child;
use super::pty::{Master, WindowSize};

/// A program on its PTY.
#[derive(Debug)]
pub struct Spawned {
    pub master: Arc<Master>,
    pub child: Arc<Child>,
}

/// Starts `launch` on a PTY of its own, of this size from the first moment; by `synk exec-child` of the program at `synk`,
/// or directly. [`Launch::check`] comes first.
///
/// # Errors
/// The system has no PTY, no descriptor or no process left, or the program went away since it was checked.
pub(super) fn spawn(launch: &Launch, size: WindowSize, synk: Option<&Path>) -> io::Result<Spawned> {
    let (pixel_width, pixel_height) = size.pixels();
    let pair = native_pty_system()
        .openpty(PtySize { rows: size.lines, cols: size.cols, pixel_width, pixel_height })
        .map_err(|e| io::Error::other(format!("cannot open a terminal: {e:#}")))?;
    let argv = synk.map_or_else(|| launch.argv.clone(), |synk| exec_child::argv(synk, launch));
    let mut command = CommandBuilder::from_argv(argv);
    command.env_clear();
    launch.env.iter().for_each(|(name, value)| command.env(name, value));
    // By exec-child, which enters its directory by itself: one on a dead mount holds up whoever enters it.
    command.cwd(synk.map_or(launch.cwd.as_path(), |_| Path::new("/")));
    // Before there is a program that would have to be ended where this fails.
    let raw = pair.master.as_raw_fd().ok_or_else(|| io::Error::other("the terminal has no descriptor"))?;
    // SAFETY: `pair.master` owns the descriptor and lives beyond the end of the borrow, which ends with this call.
    let fd = rustix::io::fcntl_dupfd_cloexec(unsafe { BorrowedFd::borrow_raw(raw) }, 3)?;
    let master = Arc::new(Master::new(fd)?);
    let started =
        pair.slave.spawn_command(command).map_err(|e| io::Error::other(format!("cannot start a program: {e:#}")))?;
    let pid = started.process_id().and_then(child::pid);
    let pid = pid.ok_or_else(|| io::Error::other("the program has no process id"))?;
    Ok(Spawned { master, child: Arc::new(Child::new(pid)) })
}
