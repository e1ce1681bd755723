//! Waiting for a process that is nobody's child here, and how it ended, where the system tells that to others than its
//! parent: Linux does for as long as nobody has waited for it (proc_pid_stat(5)), and from 6.15 on afterwards
//! (PIDFD_GET_INFO in linux/pidfd.h).

#[cfg(target_os = "linux")]
pub(super) use linux::Pidfd;

/// Elsewhere there is nothing to wait with.
#[cfg(not(target_os = "linux"))]
#[derive(Debug)]
pub(super) enum Pidfd {}

#[cfg(not(target_os = "linux"))]
impl Pidfd {
    pub(super) fn open(_: rustix::process::Pid) -> rustix::io::Result<Self> {
        Err(rustix::io::Errno::NOSYS)
    }

    pub(super) fn wait(&self, _: Option<std::time::Instant>) {}

    pub(super) fn exit(&self) -> super::child::Exit {
        super::child::Exit::UNKNOWN
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::os::fd::{AsFd, OwnedFd};
    use std::time::{Duration, Instant};

    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::io::Errno;
    use rustix::ioctl::{Opcode, Updater, ioctl, opcode};
    use rustix::process::{Pid, PidfdFlags, pidfd_open};

    use crate::keeper::Exit;
    use crate::keeper::child::session_of;

    /// `struct pidfd_info` as it was in its first version.
    #[repr(C)]
    #[derive(Default)]
    struct Info {
        /// What is wanted, then what there is.
        mask: u64,
        cgroup: u64,
        ids: [u32; 11],
        /// As wait(2) has it.
        exit: i32,
    }

    /// PIDFD_GET_INFO: `_IOWR(0xff, 11, struct pidfd_info)`.
    const GET_INFO: Opcode = opcode::read_write::<Info>(0xff, 11);
    /// PIDFD_INFO_EXIT.
    const EXIT: u64 = 1 << 3;
    /// How long whoever has taken an orphan over may take to wait for it: only then it is told how it ended.
    const REAPED: Duration = Duration::from_secs(1);

    /// A process, whatever becomes of its number.
    #[derive(Debug)]
    pub struct Pidfd {
        fd: OwnedFd,
        pid: Pid,
    }

    impl Pidfd {
        /// # Errors
        /// There is no such process, or no descriptor left.
        pub fn open(pid: Pid) -> rustix::io::Result<Self> {
            Ok(Self { fd: pidfd_open(pid, PidfdFlags::empty())?, pid })
        }

        /// Waits for its end, at most until then.
        pub fn wait(&self, until: Option<Instant>) {
            self.poll(PollFlags::IN, until);
        }

        /// How it ended, once it has; unknown where the system does not tell.
        pub fn exit(&self) -> Exit {
            if let Some(exit) = self.left() {
                return exit;
            }
            // From here on somebody has waited for it.
            self.poll(PollFlags::empty(), Some(Instant::now() + REAPED));
            let mut info = Info { mask: EXIT, ..Info::default() };
            // SAFETY: the operation reads and writes one such value, whose size is part of its number.
            let told = unsafe { ioctl(self.fd.as_fd(), Updater::<GET_INFO, Info>::new(&mut info)) };
            if told.is_err() || info.mask & EXIT == 0 {
                return Exit::UNKNOWN;
            }
            exit_of(info.exit)
        }

        /// How it ended, while nobody has waited for it: whoever takes over orphans may take its time for that.
        fn left(&self) -> Option<Exit> {
            let proc = format!("/proc/{}", self.pid.as_raw_pid());
            // Where this may not be read, a 0 stands in place of how it ended.
            std::fs::read_link(format!("{proc}/ns/user")).ok()?;
            let stat = std::fs::read_to_string(format!("{proc}/stat")).ok()?;
            // Behind the name in brackets comes the state, the third field; the last one is the 52nd.
            let fields: Vec<&str> = stat.trim_end().rsplit_once(") ")?.1.split(' ').collect();
            let exit = fields.get(52 - 3)?.parse().ok()?;
            // What was read was this process's, and no later one's of its number, if it is still there.
            let is_there = !self.poll(PollFlags::empty(), Some(Instant::now()));
            (fields.first() == Some(&"Z") && is_there && session_of(self.pid).is_ok()).then(|| exit_of(exit))
        }

        /// Whether there is what was waited for.
        fn poll(&self, flags: PollFlags, until: Option<Instant>) -> bool {
            loop {
                let left = until.map(|until| until.saturating_duration_since(Instant::now()));
                // Too long for the system is as good as without end.
                let left = left.and_then(|left| Timespec::try_from(left).ok());
                match poll(&mut [PollFd::new(&self.fd, flags)], left.as_ref()) {
                    Err(Errno::INTR) => {}
                    ready => return ready.is_ok_and(|n| n > 0),
                }
            }
        }
    }

    /// From a status as wait(2) has it.
    fn exit_of(status: i32) -> Exit {
        match status & 0x7f {
            0 => Exit { code: status >> 8 & 0xff, by_signal: false },
            signal => Exit { code: 128 + signal, by_signal: true },
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use std::process::Command;

        const ROUNDS: u32 = 10;

        #[test]
        fn how_it_ended_is_told_to_strangers_where_the_system_tells_it() {
            let uname = rustix::system::uname();
            let mut numbers = uname.release().to_str().unwrap().split('.').map(|n| n.parse::<u32>().unwrap_or(0));
            let tells = (numbers.next().unwrap(), numbers.next().unwrap()) >= (6, 15);
            for (script, code, by_signal) in [("exit 42", 42, false), ("kill -9 $$", 137, true)] {
                let told = Exit { code, by_signal };
                let (mut before, mut after) = (0, 0);
                for _ in 0..ROUNDS {
                    let mut child = Command::new("sh").args(["-c", script]).spawn().unwrap();
                    let pidfd = Pidfd::open(Pid::from_child(&child)).unwrap();
                    pidfd.wait(None);
                    let early = pidfd.exit();
                    child.wait().unwrap();
                    assert_eq!(pidfd.left(), None);
                    let late = pidfd.exit();
                    let right = |exit| exit == told || exit == Exit::UNKNOWN;
                    assert!(right(early) && right(late), "never a wrong one: {early:?}, {late:?} of {script}");
                    before += u32::from(early == told);
                    after += u32::from(late == told);
                }
                assert!(before > ROUNDS / 2, "{before} while nobody has waited for it: {script}");
                assert!(if tells { after > ROUNDS / 2 } else { after == 0 }, "{after} afterwards: {script}");
            }
        }
    }
}
