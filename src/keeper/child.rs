//! The program of a session as a process: waiting for it by its id, and ending it.

use std::io;
use std::sync::{Mutex, PoisonError};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, getsid, kill_process_group, waitid};

/// How a program ended: its exit code, or 128 + the number of the signal that ended it, as shells have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exit {
    pub code: i32,
}

/// A process that was started on a PTY: leader of its session and of its process group.
#[derive(Debug)]
pub struct Child {
    pid: Pid,
    /// Whether its id may by now belong to somebody else. Held over every signal, so that none goes astray.
    reaped: Mutex<bool>,
}

impl Child {
    pub(super) fn new(pid: Pid) -> Self {
        Self { pid, reaped: Mutex::new(false) }
    }

    pub fn pid(&self) -> Pid {
        self.pid
    }

    /// Waits until the process ends and takes its exit status from the system. To be called once, on a thread of its
    /// own.
    ///
    /// # Errors
    /// The process was waited for elsewhere, which would be a bug.
    pub fn wait(&self) -> io::Result<Exit> {
        // The status is left in place first: until it is taken, the id is the child's own.
        loop {
            match waitid(WaitId::Pid(self.pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT) {
                Err(rustix::io::Errno::INTR) => {}
                other => {
                    other?;
                    break;
                }
            }
        }
        let mut reaped = self.reaped.lock().unwrap_or_else(PoisonError::into_inner);
        let status = waitid(WaitId::Pid(self.pid), WaitIdOptions::EXITED)?;
        *reaped = true;
        let code = status.and_then(|s| s.exit_status().or(s.terminating_signal().map(|signal| 128 + signal)));
        code.map(|code| Exit { code }).ok_or_else(|| io::Error::other("the process ended without a status"))
    }

    /// Asks the program to end: hang-up and termination for its own process group and for the one in the foreground,
    /// and a continue, so that stopped ones hear it too.
    pub fn hang_up(&self, foreground: Option<Pid>) {
        for signal in [Signal::HUP, Signal::TERM, Signal::CONT] {
            self.signal(foreground, signal);
        }
    }

    /// Ends the program and the process group in the foreground without asking.
    pub fn kill(&self, foreground: Option<Pid>) {
        self.signal(foreground, Signal::KILL);
    }

    fn signal(&self, foreground: Option<Pid>, signal: Signal) {
        let reaped = self.reaped.lock().unwrap_or_else(PoisonError::into_inner);
        // A foreground group that outlived the leader still belongs to the leader's session; one with the same number
        // that does not is somebody else's.
        if let Some(group) = foreground.filter(|&group| group != self.pid && getsid(Some(group)) == Ok(self.pid)) {
            // An error means that the group is gone, which is what was wanted.
            let _ = kill_process_group(group, signal);
        }
        if !*reaped {
            let _ = kill_process_group(self.pid, signal);
        }
    }
}
