//! The program of a session as a process: waiting for it by its id, and ending it.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, WaitIdStatus, kill_process_group, waitid};

use super::fate::{Fate, Told};
use super::pidfd::Pidfd;

/// Between two looks at a process that cannot be waited for.
const STRANGER: Duration = Duration::from_secs(1);

/// How a program ended: its exit code, or 128 + the number of the signal that ended it, as shells have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exit {
    pub code: i32,
    /// It did not end by itself.
    pub by_signal: bool,
}

impl Exit {
    /// It ended, and the system does not tell how.
    pub const UNKNOWN: Self = Self { code: -1, by_signal: false };
}

/// A process that was started on a PTY: leader of its session and of its process group.
#[derive(Debug)]
pub struct Child {
    pid: Pid,
    fate: Arc<Fate>,
    /// It is a keeper's child, who tells how it ended; else this process's own.
    kept: bool,
    /// Of a keeper's child, for when there is no keeper any more: opened while the number is certainly its own.
    pidfd: Option<Pidfd>,
}

impl Child {
    pub(super) fn new(pid: Pid) -> Self {
        Self { pid, fate: Arc::default(), kept: false, pidfd: None }
    }

    /// A keeper's child, which the keeper has not forgotten.
    pub(super) fn kept(pid: Pid, fate: Arc<Fate>) -> Self {
        Self { pid, fate, kept: true, pidfd: Pidfd::open(pid).ok() }
    }

    pub fn pid(&self) -> Pid {
        self.pid
    }

    /// Waits until the process ends, and how. To be called once, on a thread of its own. Of a keeper's child the id stays
    /// its own until the keeper forgets it; of others it is the system's again.
    ///
    /// # Errors
    /// The process was waited for elsewhere, or the system does that by itself because SIGCHLD is ignored. It is gone.
    pub fn wait(&self) -> io::Result<Exit> {
        if self.kept {
            match self.fate.wait() {
                Told::Exit(exit) => return Ok(exit),
                Told::Nobody => {}
            }
            let exit = self.wait_as_stranger();
            self.fate.lock().reaped = true;
            return Ok(exit);
        }
        let exit = self.wait_for_status();
        self.fate.lock().reaped = true;
        exit
    }

    fn wait_for_status(&self) -> io::Result<Exit> {
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
        let mut state = self.fate.lock();
        let status = waitid(WaitId::Pid(self.pid), WaitIdOptions::EXITED)?;
        state.reaped = true;
        status.and_then(|s| exit_of(&s)).ok_or_else(|| io::Error::other("the process ended without a status"))
    }

    /// How it ended, if it has: looked at, and left in place, so that the id stays its own.
    pub(super) fn look(&self) -> Option<Exit> {
        let look = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
        match waitid(WaitId::Pid(self.pid), look) {
            Ok(status) => status.map(|s| exit_of(&s).unwrap_or(Exit::UNKNOWN)),
            Err(rustix::io::Errno::INTR) => None,
            // Somebody else took it.
            Err(_) => Some(Exit::UNKNOWN),
        }
    }

    /// Takes its status from the system, if it has ended. False while it lives.
    pub(super) fn reap(&self) -> bool {
        let mut state = self.fate.lock();
        let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG;
        state.reaped |= !matches!(waitid(WaitId::Pid(self.pid), look), Ok(None) | Err(rustix::io::Errno::INTR));
        state.reaped
    }

    /// Waits for a process that is nobody's child here.
    fn wait_as_stranger(&self) -> Exit {
        if let Some(pidfd) = &self.pidfd {
            pidfd.wait(None);
            return pidfd.exit();
        }
        // There was no descriptor left for it. Its number may be another's by now, which leads no session of that number.
        while session_of(self.pid).is_ok_and(|session| session == Some(self.pid)) {
            std::thread::sleep(STRANGER);
        }
        Exit::UNKNOWN
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
        let Some(job) = self.fate.lock().job else { return };
        let until = Instant::now() + limit;
        let Some(member) = self.member(job) else { return };
        wait_for_process(member, until);
        while let Some(member) = self.survivor(job).filter(|_| Instant::now() < until) {
            wait_for_process(member, until);
        }
    }

    /// A process of a group that belongs to the session that this process leads or led. A group with the same number
    /// that does not is somebody else's. The group of a pipeline lives on when its first program has ended.
    fn member(&self, group: Pid) -> Option<Pid> {
        match session_of(group) {
            Ok(session) => (session == Some(self.pid)).then_some(group),
            Err(_) => self.survivor(group),
        }
    }

    fn survivor(&self, group: Pid) -> Option<Pid> {
        find_process(|of| of == (group, self.pid))
    }

    fn signal(&self, foreground: Option<Pid>, signal: Signal) {
        let mut state = self.fate.lock();
        let job = foreground.filter(|&group| group != self.pid).or(state.job);
        state.job = job;
        // An error means that the group is gone, which is what was wanted.
        if let Some(job) = job.filter(|&job| self.member(job).is_some()) {
            let _ = kill_process_group(job, signal);
        }
        if !state.reaped {
            let _ = kill_process_group(self.pid, signal);
        }
    }
}

/// The process of a number that came from elsewhere; none of 0, or of more than the system numbers with.
pub(super) fn pid(number: u32) -> Option<Pid> {
    i32::try_from(number).ok().and_then(Pid::from_raw)
}

/// The session of a process that is there, also of one that nobody has waited for. None for a session that cannot be seen
/// from this PID namespace, which pid_namespaces(7) has as 0, and for that of the system's first process: rustix's own
/// call takes it that there is no such session.
///
/// # Errors
/// There is no such process.
pub(super) fn session_of(process: Pid) -> io::Result<Option<Pid>> {
    // SAFETY: it takes any number and reads no memory.
    match unsafe { libc::getsid(process.as_raw_pid()) } {
        -1 => Err(io::Error::last_os_error()),
        session => Ok(Pid::from_raw(session)),
    }
}

fn exit_of(status: &WaitIdStatus) -> Option<Exit> {
    let by_itself = status.exit_status().map(|code| Exit { code, by_signal: false });
    by_itself.or(status.terminating_signal().map(|signal| Exit { code: 128 + signal, by_signal: true }))
}

/// A process whose group and session are the wanted ones and that has not ended.
#[cfg(target_os = "linux")]
fn find_process(wanted: impl Fn((Pid, Pid)) -> bool) -> Option<Pid> {
    // The system writes -1 in place of the group and session of a process that goes away this very moment.
    let number = |field: Option<&str>| field.and_then(|field| pid(field.parse().ok()?));
    let matches = |pid: &Pid| {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_pid())).ok()?;
        // proc_pid_stat(5): behind the name in brackets come the state, the parent, the group and the session.
        let mut fields = stat.rsplit_once(") ")?.1.split(' ');
        let alive = !matches!(fields.next()?, "Z" | "X");
        let of = (number(fields.nth(1))?, number(fields.next())?);
        Some(alive && wanted(of))
    };
    let names = std::fs::read_dir("/proc").ok()?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    names.filter_map(|name| number(Some(&name))).find(|pid| matches(pid) == Some(true))
}

#[cfg(not(target_os = "linux"))]
fn find_process(_: impl Fn((Pid, Pid)) -> bool) -> Option<Pid> {
    None
}

/// Waits for the end of a process, at most until then, where there is something to wait with.
fn wait_for_process(pid: Pid, until: Instant) {
    if let Ok(pidfd) = Pidfd::open(pid) {
        pidfd.wait(Some(until));
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use crate::keeper::pty::{ReadOutcome, WindowSize};
    use crate::keeper::{Keeper, Launch};

    #[test]
    fn what_is_left_of_a_pipeline_is_ended_too() {
        let env = [("PATH".into(), std::env::var_os("PATH").unwrap())].into();
        // Nothing but being killed ends the second program; its number is told once the first one has ended.
        let line = "set -m; true | { trap '' HUP TERM; read x; echo left; exec sleep 1000; }";
        let launch = Launch { argv: vec!["sh".into(), "-c".into(), line.into()], cwd: "/".into(), env };
        let size = WindowSize { cols: 80, lines: 24, cell_w: 0, cell_h: 0 };
        let spawned = Keeper::in_process(None).spawn(1, &launch, size, None).unwrap();
        let (master, child) = (spawned.master, spawned.child);
        let mut said = Vec::new();
        while !said.ends_with(b"left\r\n") {
            let mut bytes = [0; 256];
            match master.read(&mut bytes).unwrap() {
                ReadOutcome::Bytes(n) => said.extend_from_slice(&bytes[..n]),
                ReadOutcome::Empty => std::thread::yield_now(),
                ReadOutcome::End => panic!("it ended: {}", String::from_utf8_lossy(&said)),
            }
        }
        let group = master.foreground().unwrap();
        assert_ne!(group, child.pid());
        // The shell has taken notice of the first one's end.
        while session_of(group).is_ok() {
            std::thread::yield_now();
        }
        let left = child.survivor(group).unwrap();
        child.kill(Some(group));
        child.wait().unwrap();
        child.wait_for_job(Duration::from_secs(60));
        assert_eq!(child.survivor(group), None, "{left:?} lives");
    }
}
