//! What the system knows about a running program: its name and where it is. Linux tells through `/proc`; elsewhere
//! nothing is told and a session lives without it.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process_group};

use super::exec_child;

/// What could be found out about the programs on a PTY.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Probed {
    /// Name of the program in the foreground; empty while it is the user's shell that the PTY was made for, or unknown.
    pub foreground: String,
    /// The first program's own process group is in the foreground.
    pub own: bool,
    /// The first program runs, or would if a processor were free: it does not wait for input.
    pub busy: bool,
    /// Working directory of the program in the foreground, else of the first one.
    pub cwd: Option<PathBuf>,
    /// Number of the process group in the foreground; 0 while there is none.
    pub group: u32,
    /// Which of the process groups asked about have no process any more.
    pub gone: Vec<u32>,
}

/// Looks at the process group in the foreground and at the first program, which is a shell or, when `named`, one that was
/// asked for; and whether other groups are still there.
pub fn probe(leader: Pid, foreground: Option<Pid>, named: bool, groups: &[u32]) -> Probed {
    let shown = foreground.filter(|&group| named || group != leader);
    let cwd = foreground.filter(|&group| group != leader).and_then(cwd).or_else(|| cwd(leader));
    Probed {
        foreground: shown.and_then(name).unwrap_or_default(),
        own: foreground == Some(leader),
        busy: is_busy(leader),
        cwd,
        group: foreground.map_or(0, |group| group.as_raw_pid().unsigned_abs()),
        gone: groups.iter().copied().filter(|group| is_gone(*group)).collect(),
    }
}

/// How long a program may take until it has its own name: a machine with much to do is slow.
const NAMED: Duration = Duration::from_secs(2);
/// Looks one behind the other before there is a rest between two.
const LOOKS: usize = 50;
/// The rest. There is nothing to wait for that would tell of an exec.
const REST: Duration = Duration::from_micros(200);

/// What a program is called before its own name: as the thread that forked it, then as what stands between.
pub(super) struct Spawner {
    thread: Option<String>,
    /// What the kernel calls a program of this file.
    between: Option<String>,
}

impl Spawner {
    /// That of programs which this thread starts, by way of the synk at this path.
    pub(super) fn this_thread(synk: Option<&Path>) -> Self {
        Self { thread: name(rustix::thread::gettid()), between: synk.and_then(short_name) }
    }

    /// That of programs which a keeper starts, by way of the synk at this path.
    pub(super) fn keeper(synk: Option<&Path>) -> Self {
        Self { thread: Some("synk keeper".to_owned()), between: synk.and_then(short_name) }
    }

    /// Waits until a program that was just started has its own name: whoever started it goes on before.
    pub(super) fn await_name(&self, pid: Pid) {
        let until = Instant::now() + NAMED;
        let mut looks = 0;
        while self.is_early(pid) && Instant::now() < until {
            looks += 1;
            if looks < LOOKS { std::thread::yield_now() } else { std::thread::sleep(REST) }
        }
    }

    fn is_early(&self, pid: Pid) -> bool {
        let Some(called) = name(pid) else { return false };
        if self.thread.as_deref() == Some(&called) || called == exec_child::NAME {
            return true;
        }
        // It has just become synk. Others of that name are programs like any other.
        self.between.as_deref() == Some(&called) && is_between(pid)
    }
}

/// Whether this process of synk is one that is about to become another program, or too young to have arguments.
fn is_between(pid: Pid) -> bool {
    let file = |name: &str| format!("/proc/{}/{name}", pid.as_raw_pid());
    let Ok(arguments) = std::fs::read(file("cmdline")) else { return false };
    // One that has ended has none either, and no program.
    let young = arguments.is_empty() && std::fs::read_link(file("exe")).is_ok();
    young || arguments.split(|byte| *byte == 0).nth(1) == Some(exec_child::VERB.as_bytes())
}

/// The name that the kernel gives a process of this file: 15 bytes of it (prctl(2), PR_SET_NAME).
fn short_name(path: &Path) -> Option<String> {
    let name = path.file_name()?.as_encoded_bytes();
    Some(String::from_utf8_lossy(name.get(..15).unwrap_or(name)).into_owned())
}

/// Whether no process is left in a group, not even one that nobody has waited for.
fn is_gone(group: u32) -> bool {
    let group = super::child::pid(group);
    group.is_none_or(|group| test_kill_process_group(group) == Err(Errno::SRCH))
}

#[cfg(target_os = "linux")]
fn name(pid: Pid) -> Option<String> {
    let comm = std::fs::read(format!("/proc/{}/comm", pid.as_raw_pid())).ok()?;
    let comm = String::from_utf8_lossy(comm.strip_suffix(b"\n").unwrap_or(&comm)).into_owned();
    // A process names itself: nothing but printable characters reaches a header.
    Some(comm.chars().filter(|c| !c.is_control()).collect())
}

#[cfg(target_os = "linux")]
fn cwd(pid: Pid) -> Option<PathBuf> {
    std::fs::read_link(format!("/proc/{}/cwd", pid.as_raw_pid())).ok()
}

/// The state of a process is the first letter behind its name, which may hold anything (proc(5), `/proc/PID/stat`).
#[cfg(target_os = "linux")]
fn is_busy(pid: Pid) -> bool {
    let stat = std::fs::read(format!("/proc/{}/stat", pid.as_raw_pid())).unwrap_or_default();
    let state = stat.iter().rposition(|byte| *byte == b')').and_then(|end| stat.get(end + 2));
    matches!(state, Some(b'R' | b'D'))
}

#[cfg(not(target_os = "linux"))]
fn name(_: Pid) -> Option<String> {
    None
}

#[cfg(not(target_os = "linux"))]
fn cwd(_: Pid) -> Option<PathBuf> {
    None
}

#[cfg(not(target_os = "linux"))]
fn is_busy(_: Pid) -> bool {
    false
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::os::unix::process::CommandExt;

    #[test]
    fn a_program_that_waits_is_not_busy() {
        let mut child = std::process::Command::new("cat").stdin(std::process::Stdio::piped()).spawn().unwrap();
        let pid = Pid::from_child(&child);
        while is_busy(pid) {
            std::thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // Whoever asks is running.
        assert!(is_busy(rustix::thread::gettid()));
    }

    #[test]
    fn a_program_has_its_own_name_once_it_is_awaited() {
        for _ in 0..50 {
            let mut child = std::process::Command::new("sleep").arg("1000").spawn().unwrap();
            let pid = Pid::from_child(&child);
            Spawner::this_thread(None).await_name(pid);
            let named = name(pid);
            child.kill().unwrap();
            child.wait().unwrap();
            assert_eq!(named.as_deref(), Some("sleep"));
        }
    }

    #[test]
    fn a_group_is_gone_with_its_last_process() {
        // Groups that are certainly seen from here, which this process's own need not be.
        let start =
            || std::process::Command::new("cat").stdin(std::process::Stdio::piped()).process_group(0).spawn().unwrap();
        let (mut child, mut other) = (start(), start());
        let (group, stays) = (child.id(), Pid::from_child(&other));
        let gone = || probe(stays, Some(stays), false, &[group, other.id()]).gone;
        assert_eq!(gone(), Vec::<u32>::new());
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(gone(), [group]);
        other.kill().unwrap();
        other.wait().unwrap();
    }
}
