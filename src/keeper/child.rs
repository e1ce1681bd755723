//! The program of a session as a process: waiting for it by its id, and ending it.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

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
    /// Held over every signal, so that none goes astray.
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The id may by now belong to somebody else.
    reaped: bool,
    /// The process group that was in the foreground when the program was asked to end, if it was another.
    job: Option<Pid>,
}

impl Child {
    pub(super) fn new(pid: Pid) -> Self {
        Self { pid, state: Mutex::default() }
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
        let mut state = self.lock();
        let status = waitid(WaitId::Pid(self.pid), WaitIdOptions::EXITED)?;
        state.reaped = true;
        let code = status.and_then(|s| s.exit_status().or(s.terminating_signal().map(|signal| 128 + signal)));
        code.map(|code| Exit { code }).ok_or_else(|| io::Error::other("the process ended without a status"))
    }

    /// Tells the program that its terminal is gone, as closing a terminal does: its own process group and the one in
    /// the foreground, and lets them go on, so that stopped ones hear it too.
    pub fn hang_up(&self, foreground: Option<Pid>) {
        self.signal(foreground, Signal::HUP);
        self.signal(foreground, Signal::CONT);
    }

    /// Asks those to end that took no notice of the hang-up. Not in one with it: a program that handles one of the two
    /// to save its work would be ended by the other.
    pub fn terminate(&self, foreground: Option<Pid>) {
        self.signal(foreground, Signal::TERM);
    }

    /// Ends the program and the process group in the foreground without asking.
    pub fn kill(&self, foreground: Option<Pid>) {
        self.signal(foreground, Signal::KILL);
    }

    /// Waits, at most so long, for the process group to end that was in the foreground when the program was asked to:
    /// an editor that saves itself may take longer than its shell.
    pub fn wait_for_job(&self, limit: Duration) {
        let Some(job) = self.lock().job.filter(|&job| self.owns(job)) else { return };
        wait_for_process(job, limit);
    }

    /// Whether a process group belongs to the session that this process leads or led. One with the same number that
    /// does not is somebody else's.
    fn owns(&self, group: Pid) -> bool {
        getsid(Some(group)) == Ok(self.pid)
    }

    fn signal(&self, foreground: Option<Pid>, signal: Signal) {
        let mut state = self.lock();
        let job = foreground.filter(|&group| group != self.pid).or(state.job);
        state.job = job;
        // An error means that the group is gone, which is what was wanted.
        if let Some(job) = job.filter(|&job| self.owns(job)) {
            let _ = kill_process_group(job, signal);
        }
        if !state.reaped {
            let _ = kill_process_group(self.pid, signal);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(target_os = "linux")]
fn wait_for_process(pid: Pid, limit: Duration) {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::process::{PidfdFlags, pidfd_open};
    let Ok(fd) = pidfd_open(pid, PidfdFlags::empty()) else { return };
    let until = Instant::now() + limit;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let Ok(left) = Timespec::try_from(left) else { return };
        match poll(&mut [PollFd::new(&fd, PollFlags::IN)], Some(&left)) {
            Err(rustix::io::Errno::INTR) => {}
            _ => return,
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn wait_for_process(_: Pid, _: Duration) {}
