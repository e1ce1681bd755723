//! Who looks after a host that hangs: its keeper, who starts another one in its place. A client that gets no answer tells it.

use std::os::unix::net::UnixStream;

use rustix::process::{Pid, Signal, kill_process};

use crate::base::peer;

/// The keeper of the host at the other end of a connection.
#[derive(Debug)]
pub struct Guard {
    keeper: Pid,
}

impl Guard {
    /// Who listened at the socket that this connection leads to, if that was a keeper: one of this machine.
    pub fn of(socket: &UnixStream) -> Option<Self> {
        peer::process(socket).filter(|pid| is_keeper(*pid)).map(|keeper| Self { keeper })
    }

    /// Says that the host does not answer. The keeper finds out for itself.
    pub fn doubt(&self) {
        // The number may be another process's by now.
        if is_keeper(self.keeper)
            && let Err(e) = kill_process(self.keeper, Signal::USR1)
        {
            log::warn!("the host does not answer, and its keeper cannot be told: {e}");
        }
    }
}

/// Whether this is a keeper that heeds the signal: another process, or an older keeper, would end by it.
fn is_keeper(pid: Pid) -> bool {
    let read = |what: &str| std::fs::read(format!("/proc/{}/{what}", pid.as_raw_pid())).unwrap_or_default();
    let status = String::from_utf8_lossy(&read("status")).into_owned();
    // proc_pid_status(5): the signals that it catches, one bit each, the first one for the signal 1.
    let caught = status.lines().find_map(|line| u64::from_str_radix(line.strip_prefix("SigCgt:")?.trim(), 16).ok());
    let heeds = caught.is_some_and(|caught| caught >> (Signal::USR1.as_raw() - 1) & 1 == 1);
    heeds && read("cmdline") == b"synk\0keeper\0"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_keeper_is_told() {
        let (one, _other) = UnixStream::pair().unwrap();
        assert!(Guard::of(&one).is_none(), "this process is at the other end, and is none");
        let mut child = std::process::Command::new("cat").stdin(std::process::Stdio::piped()).spawn().unwrap();
        Guard { keeper: Pid::from_child(&child) }.doubt();
        drop(child.stdin.take());
        assert!(child.wait().unwrap().success(), "it would have ended by the signal");
    }
}
