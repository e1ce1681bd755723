//! Whether the daemon answers: looked into when a client says that it does not. One that hangs is as good as dead, and
//! killing it costs nothing that a daemon's end does not cost anyway; one that is only slow is left alone.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect, socket_with};
use rustix::process::Pid;

use super::child::Child;
use super::run::Keeping;

/// How long the daemon may take. The client has waited ten seconds before. The clock stands still while the machine is
/// suspended (CLOCK_MONOTONIC, clock_gettime(2)).
const LIMIT: Duration = Duration::from_secs(5);
/// So late the keeper itself was held up, and with it maybe the daemon.
const LATE: Duration = Duration::from_secs(1);
/// What every daemon answers, whatever it has to say.
const QUESTION: &[u8] = b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"get_status\"}\n";

/// A question to the daemon that is not answered yet.
#[derive(Debug)]
pub(super) struct Doubt {
    /// Readable once there is an answer, or the daemon will give none. None where it does not even take the question.
    socket: Option<OwnedFd>,
    until: Instant,
    /// Asked for the second time.
    again: bool,
}

impl Doubt {
    /// Asks the daemon that listens at this socket.
    ///
    /// # Errors
    /// Nobody listens there, or there is no descriptor left.
    pub(super) fn raise(path: &Path, now: Instant) -> io::Result<Self> {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
        let socket = match connect(&socket, &SocketAddrUnix::new(path)?) {
            Ok(()) => {
                rustix::io::write(&socket, QUESTION)?;
                Some(socket)
            }
            // So many wait already that there is no room (unix(7)).
            Err(Errno::AGAIN) => None,
            Err(e) => return Err(e.into()),
        };
        Ok(Self { socket, until: now + LIMIT, again: false })
    }

    pub(super) fn socket(&self) -> Option<BorrowedFd<'_>> {
        self.socket.as_ref().map(AsFd::as_fd)
    }

    /// When it is to be decided.
    pub(super) fn next(&self) -> Instant {
        self.until
    }

    /// Whether the daemon has had its time. Who comes too late to ask gives it once more.
    pub(super) fn is_certain(&mut self, now: Instant) -> bool {
        if now >= self.until + LATE {
            self.until = now + LIMIT;
        }
        now >= self.until
    }
}

impl Keeping {
    /// A client says that the daemon does not answer.
    pub(super) fn raise_doubt(&mut self) {
        // One that comes up, or that ends, has its own time for that.
        let place = self.place.as_ref().filter(|_| self.watchman.is_serving() && self.doubt.is_none());
        let Some(path) = place.map(|place| &place.claim.paths().socket) else { return };
        match Doubt::raise(path, Instant::now()) {
            Ok(doubt) => self.doubt = Some(doubt),
            Err(e) => log::warn!("whether the daemon answers cannot be found out: {e}"),
        }
    }

    /// Ends a daemon that has had its time; another one follows.
    pub(super) fn settle_doubt(&mut self) {
        let Some(doubt) = self.doubt.take_if(|doubt| doubt.is_certain(Instant::now())) else { return };
        if !self.watchman.is_serving() {
            // It has been told to end meanwhile.
            return;
        }
        if doubt.socket.is_none() && !doubt.again {
            // There was no room for the question: that may have been one moment.
            self.raise_doubt();
            self.doubt.iter_mut().for_each(|doubt| doubt.again = true);
            return;
        }
        match self.daemon.as_ref().map(Child::pid) {
            Some(pid) if is_traced(pid) => log::warn!("the daemon does not answer: a debugger holds it"),
            _ => {
                log::error!("the daemon does not answer and is killed");
                self.kill_daemon();
            }
        }
    }
}

/// Whether a debugger has stopped the process: the state `t` of proc_pid_stat(5).
fn is_traced(pid: Pid) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_pid())).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, state)| state.starts_with('t'))
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Write};
    use std::os::unix::net::UnixListener;

    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    use super::*;
    use crate::keeper::run::tests::keeping;
    use crate::keeper::watchman::Event;

    fn is_answered(doubt: &Doubt, limit: Option<&Timespec>) -> bool {
        let socket = doubt.socket().map(|socket| PollFd::from_borrowed_fd(socket, PollFlags::IN));
        poll(&mut socket.into_iter().collect::<Vec<_>>(), limit).unwrap() > 0
    }

    #[test]
    fn an_answer_is_seen_and_silence_becomes_certain() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s");
        let now = Instant::now();
        assert!(Doubt::raise(&path, now).is_err(), "nobody listens");
        let listener = UnixListener::bind(&path).unwrap();
        let mut doubt = Doubt::raise(&path, now).unwrap();
        assert!(!is_answered(&doubt, Some(&Timespec::default())));
        let (mut peer, _) = listener.accept().unwrap();
        let mut line = String::new();
        BufReader::new(&peer).read_line(&mut line).unwrap();
        assert!(line.contains("get_status"));
        peer.write_all(b"{}\n").unwrap();
        assert!(is_answered(&doubt, None));

        assert!(!doubt.is_certain(now) && !doubt.is_certain(now + LIMIT / 2));
        assert!(doubt.is_certain(now + LIMIT));
        assert!(!doubt.is_certain(now + LIMIT + LATE), "the keeper was held up too");
        assert!(!doubt.is_certain(now + LIMIT + LIMIT) && doubt.is_certain(now + LATE + LIMIT + LIMIT));
    }

    #[test]
    fn a_daemon_that_takes_no_connections_holds_nobody_up() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s");
        let _listener = UnixListener::bind(&path).unwrap();
        // Connections until there is no room for more.
        let mut waiting = Vec::new();
        while waiting.last().is_none_or(|doubt: &Doubt| doubt.socket().is_some()) {
            waiting.push(Doubt::raise(&path, Instant::now()).unwrap());
        }
        assert!(waiting.iter().all(|doubt| !is_answered(doubt, Some(&Timespec::default()))));
    }

    /// A keeper whose daemon serves.
    fn serving(dir: &Path) -> (Keeping, impl Sized) {
        let (mut keeping, far) = keeping(dir);
        step(&mut keeping, &[Event::Tick, Event::Greeted, Event::Serving]);
        (keeping, far)
    }

    fn step(keeping: &mut Keeping, events: &[Event]) {
        events.iter().for_each(|event| keeping.watchman.step(*event, Instant::now(), &mut Vec::new()));
    }

    /// The daemon has had its time.
    fn settle(keeping: &mut Keeping) {
        keeping.doubt.as_mut().unwrap().until = Instant::now();
        keeping.settle_doubt();
    }

    #[test]
    fn one_full_moment_is_no_silence() {
        let dir = tempfile::tempdir().unwrap();
        let (mut keeping, _far) = serving(dir.path());
        let path = keeping.place.as_ref().unwrap().claim.paths().socket.clone();
        let mut waiting = Vec::new();
        while waiting.last().is_none_or(|doubt: &Doubt| doubt.socket().is_some()) {
            waiting.push(Doubt::raise(&path, Instant::now()).unwrap());
        }
        keeping.raise_doubt();
        assert!(keeping.doubt.as_ref().unwrap().socket().is_none());
        let listener = UnixListener::from(keeping.place.as_ref().unwrap().listener.try_clone().unwrap());
        listener.set_nonblocking(true).unwrap();
        while listener.accept().is_ok() {}
        settle(&mut keeping);
        assert!(keeping.doubt.as_ref().is_some_and(|doubt| doubt.socket().is_some()), "it is asked now");
    }

    #[test]
    fn a_daemon_that_comes_up_or_ends_has_its_own_time() {
        let dir = tempfile::tempdir().unwrap();
        let (mut keeping, _far) = keeping(dir.path());
        for event in [Event::Tick, Event::Greeted] {
            step(&mut keeping, &[event]);
            keeping.raise_doubt();
            assert!(keeping.doubt.is_none(), "{event:?}");
        }
        let mut child = std::process::Command::new("cat").stdin(std::process::Stdio::piped()).spawn().unwrap();
        keeping.daemon = Some(Child::new(Pid::from_child(&child)));
        step(&mut keeping, &[Event::Serving]);
        keeping.raise_doubt();
        step(&mut keeping, &[Event::Asked]);
        settle(&mut keeping);
        assert!(keeping.doubt.is_none());
        drop(child.stdin.take());
        assert!(child.wait().unwrap().success(), "it was not killed");
    }
}
