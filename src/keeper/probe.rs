//! What the system knows about a running program: its name and where it is. Linux tells through `/proc`; elsewhere
//! nothing is told and a session lives without it.

use std::path::PathBuf;

use rustix::process::Pid;

/// What could be found out about the programs on a PTY.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Probed {
    /// Name of the program in the foreground; empty while it is the user's shell that the PTY was made for, or unknown.
    pub foreground: String,
    /// The first program's own process group is in the foreground.
    pub own: bool,
    /// Working directory of the program in the foreground, else of the first one.
    pub cwd: Option<PathBuf>,
}

/// Looks at the process group in the foreground and at the first program, which is a shell or, when `named`, one that was
/// asked for.
pub fn probe(leader: Pid, foreground: Option<Pid>, named: bool) -> Probed {
    let shown = foreground.filter(|&group| named || group != leader);
    let cwd = foreground.filter(|&group| group != leader).and_then(cwd).or_else(|| cwd(leader));
    Probed { own: foreground == Some(leader), foreground: shown.and_then(name).unwrap_or_default(), cwd }
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

#[cfg(not(target_os = "linux"))]
fn name(_: Pid) -> Option<String> {
    None
}

#[cfg(not(target_os = "linux"))]
fn cwd(_: Pid) -> Option<PathBuf> {
    None
}
