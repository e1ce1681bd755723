//! The keeper's process: one thread that waits for signals and for its daemon, and does what [`super::watchman`] and the
//! daemon say. It reads no terminal, and holds what must outlive a daemon.

use std::fmt;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::process::Child as Process;
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::child::Child;
use super::claim::{Claim, ClaimError, ClaimPaths, FileId};
use super::daemon;
use super::frame::{Frame, Incoming, Outgoing, Read};
use super::limits;
use super::signals::Signals;
use super::table::Table;
use super::watchman::{Effect, Event, Watchman};
use super::wire::{self, Reply, Request};
use crate::base::program;

/// How keeping ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Another one holds these paths already; nothing was done.
    AlreadyRunning,
    /// It was told to end, and nothing is left.
    Ended,
}

/// Why there is no keeper.
#[derive(Debug)]
pub enum KeeperError {
    Claim(ClaimError),
    /// The system has no descriptor or signal handler left.
    Start(io::Error),
    /// The first daemon ended before it was up. It has said why.
    NoDaemon,
}

impl fmt::Display for KeeperError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Claim(e) => e.fmt(f),
            Self::Start(e) => write!(f, "the keeper cannot start: {e}"),
            Self::NoDaemon => f.write_str("the host ended as soon as it was started"),
        }
    }
}

impl std::error::Error for KeeperError {}

impl From<io::Error> for KeeperError {
    fn from(e: io::Error) -> Self {
        Self::Start(e)
    }
}

/// Answers that wait for their reader: a daemon that leaves so many unread is not listened to until it reads.
const UNREAD: usize = 64;

/// Keeps until it is told to end: by its daemon, SIGTERM, SIGINT or SIGHUP.
///
/// # Errors
/// [`KeeperError`] when it cannot start.
pub fn run(paths: &ClaimPaths) -> Result<Kept, KeeperError> {
    let Some(mut claim) = Claim::take(paths).map_err(KeeperError::Claim)? else { return Ok(Kept::AlreadyRunning) };
    limits::raise();
    let signals = Signals::new()?;
    let listener = claim.bind().map_err(KeeperError::Claim)?;
    let place = claim.made().map(|made| Place { claim, listener: listener.into(), made });
    let keeping = Keeping {
        watchman: Watchman::new(Instant::now()),
        table: Table::default(),
        place,
        desk: desk_memory()?,
        synk: program::running()?,
        daemon: None,
        link: None,
        epoch: 0,
        cut: false,
    };
    keeping.run(&signals)
}

/// Memory that stays while daemons come and go. They say what is in it.
#[cfg(target_os = "linux")]
fn desk_memory() -> io::Result<Option<OwnedFd>> {
    Ok(Some(rustix::fs::memfd_create("synk-desk", rustix::fs::MemfdFlags::CLOEXEC)?))
}

#[cfg(not(target_os = "linux"))]
fn desk_memory() -> io::Result<Option<OwnedFd>> {
    Ok(None)
}

/// What a daemon serves with, until one has said that it ends for good.
struct Place {
    claim: Claim,
    listener: OwnedFd,
    made: FileId,
}

/// The way to the daemon.
struct Link {
    socket: OwnedFd,
    incoming: Incoming,
    outgoing: Outgoing,
}

struct Keeping {
    watchman: Watchman,
    table: Table,
    place: Option<Place>,
    desk: Option<OwnedFd>,
    synk: PathBuf,
    daemon: Option<Process>,
    link: Option<Link>,
    epoch: u64,
    /// The link has just ended, while the daemon has not.
    cut: bool,
}

impl Keeping {
    fn run(mut self, signals: &Signals) -> Result<Kept, KeeperError> {
        let mut events = vec![Event::Tick];
        loop {
            let (now, mut effects) = (Instant::now(), Vec::new());
            events.drain(..).for_each(|event| self.watchman.step(event, now, &mut effects));
            for effect in effects {
                if let Effect::Exit(failed) = effect {
                    return if failed { Err(KeeperError::NoDaemon) } else { Ok(Kept::Ended) };
                }
                self.perform(effect, &mut events);
            }
            if std::mem::take(&mut self.cut) {
                events.push(Event::Cut);
            }
            if events.is_empty() {
                self.wait(signals, &mut events)?;
            }
        }
    }

    fn wait(&mut self, signals: &Signals, events: &mut Vec<Event>) -> io::Result<()> {
        let limit = self.watchman.next().map(|at| at.saturating_duration_since(Instant::now()));
        // Rounded up: a turn too early would be one for nothing.
        let limit = limit.and_then(|limit| Timespec::try_from(limit + std::time::Duration::from_micros(50)).ok());
        let (child, end, readable, writable) = {
            let mut fds = vec![PollFd::new(&signals.child, PollFlags::IN), PollFd::new(&signals.end, PollFlags::IN)];
            if let Some(link) = &self.link {
                let mut flags = PollFlags::empty();
                flags.set(PollFlags::IN, link.outgoing.len() < UNREAD);
                flags.set(PollFlags::OUT, !link.outgoing.is_empty());
                fds.push(PollFd::new(&link.socket, flags));
            }
            match poll(&mut fds, limit.as_ref()) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(e) => return Err(e.into()),
            }
            let told = |at: usize| fds.get(at).map_or(PollFlags::empty(), PollFd::revents);
            let link = told(2);
            let ended = PollFlags::HUP | PollFlags::ERR;
            (
                !told(0).is_empty(),
                !told(1).is_empty(),
                link.intersects(PollFlags::IN | ended),
                link.contains(PollFlags::OUT),
            )
        };
        events.push(Event::Tick);
        if end && Signals::took(&signals.end) {
            log::info!("the keeper is told to end");
            events.push(Event::Asked);
        }
        if readable {
            self.listen(events);
        }
        if writable {
            self.flush();
        }
        if child && Signals::took(&signals.child) {
            self.look(events);
        }
        Ok(())
    }

    fn perform(&mut self, effect: Effect, events: &mut Vec<Event>) {
        match effect {
            Effect::Start => match daemon::start() {
                Ok((daemon, socket)) => {
                    self.epoch += 1;
                    self.daemon = Some(daemon);
                    self.link = Some(Link { socket, incoming: Incoming::default(), outgoing: Outgoing::default() });
                }
                Err(e) => {
                    log::error!("a daemon cannot be started: {e}");
                    events.push(Event::Ended { failed: true });
                }
            },
            Effect::TellEnd => {
                let (op, payload) = wire::Event::End.encode();
                self.send(Frame { op, request: 0, payload, fds: Vec::new() });
            }
            Effect::KillDaemon => self.kill_daemon(),
            Effect::HangUp => self.tell(Child::hang_up, events),
            Effect::Terminate => self.tell(Child::terminate, events),
            Effect::Kill => self.tell(Child::kill, events),
            // Seen to by the loop.
            Effect::Exit(_) => {}
        }
    }

    fn tell(&mut self, how: super::table::How, events: &mut Vec<Event>) {
        self.table.tell(how);
        self.look(events);
    }

    fn kill_daemon(&mut self) {
        // An error means that it has ended.
        if let Some(Err(e)) = self.daemon.as_mut().map(Process::kill) {
            log::debug!("the daemon could not be killed: {e}");
        }
    }

    /// Sees which processes have ended.
    fn look(&mut self, events: &mut Vec<Event>) {
        for (key, exit) in self.table.look() {
            let (op, payload) = wire::Event::Exited { key, exit }.encode();
            self.send(Frame { op, request: 0, payload, fds: Vec::new() });
        }
        if let Some(Ok(Some(status))) = self.daemon.as_mut().map(Process::try_wait) {
            // Reaped: nothing of it is left that could use what the next one gets.
            (self.daemon, self.link) = (None, None);
            log::warn!("the daemon has ended ({status})");
            events.push(Event::Ended { failed: !status.success() });
        }
        if self.table.is_quiet() {
            events.push(Event::Quiet);
        }
    }

    /// Takes what the daemon asks.
    fn listen(&mut self, events: &mut Vec<Event>) {
        while let Some(link) = self.link.as_mut().filter(|link| link.outgoing.len() < UNREAD) {
            match link.incoming.read(link.socket.as_fd(), false) {
                Ok(Read::Frame(frame)) => {
                    let request = frame.request;
                    let (reply, fds) = self.answer(frame, events);
                    self.reply(request, &reply, fds);
                }
                Ok(Read::Bad { request, why }) => self.reply(request, &Reply::Refused(why), Vec::new()),
                Ok(Read::Wait) => return,
                Ok(Read::End) => return self.cut_off(),
                Err(e) => {
                    log::warn!("the link to the daemon failed: {e}");
                    return self.cut_off();
                }
            }
        }
    }

    /// A daemon that cannot be reached is about to end; one that is not must not go on.
    fn cut_off(&mut self) {
        (self.link, self.cut) = (None, true);
    }

    fn answer(&mut self, frame: Frame, events: &mut Vec<Event>) -> (Reply, Vec<OwnedFd>) {
        let Frame { op, payload, fds, .. } = frame;
        match Request::decode(op, &payload).and_then(|request| self.done(request, fds, events)) {
            Ok(answer) => answer,
            Err(why) => (Reply::Refused(why), Vec::new()),
        }
    }

    fn done(
        &mut self,
        request: Request,
        fds: Vec<OwnedFd>,
        events: &mut Vec<Event>,
    ) -> Result<(Reply, Vec<OwnedFd>), String> {
        let words = |e: io::Error| e.to_string();
        let mut fds = fds.into_iter();
        let done = Ok((Reply::Done, Vec::new()));
        match request {
            Request::Hello { proto_min, proto_max } => {
                if !(proto_min..=proto_max).contains(&wire::PROTO) {
                    let own = wire::PROTO;
                    return Err(format!("this keeper speaks protocol {own}, not {proto_min} to {proto_max}"));
                }
                self.greet(events).map_err(words)
            }
            Request::Spawn { key, launch, size } => {
                let (pid, master) =
                    self.table.spawn(key, &launch, size, Some(&self.synk), fds.next()).map_err(words)?;
                Ok((Reply::Spawned { pid: pid.as_raw_pid().cast_unsigned() }, vec![master]))
            }
            Request::Deposit { key, parts } => {
                let master =
                    if parts.terminal { Some(fds.next().ok_or("the terminal to keep is missing")?) } else { None };
                let memory = if parts.memory { Some(fds.next().ok_or("the memory to keep is missing")?) } else { None };
                self.table.deposit(key, master, memory).map_err(words)?;
                done
            }
            Request::List => Ok((Reply::Held(self.table.list()), Vec::new())),
            Request::Take { key } => {
                let (parts, fds) = self.table.take(key).map_err(words)?;
                Ok((Reply::Taken(parts), fds))
            }
            Request::Forget { key } => {
                self.table.forget(key);
                done
            }
            Request::Listener { made } => {
                let (Some(listener), Some(lock)) = (fds.next(), fds.next()) else {
                    return Err("a listener and a lock are missing".into());
                };
                if let Some(place) = &mut self.place {
                    place.claim.replace(lock, made);
                    (place.listener, place.made) = (listener, made);
                }
                done
            }
            Request::Stop => {
                if let Some(Place { claim, listener, .. }) = self.place.take() {
                    // They are the daemon's alone from here on, and go with it.
                    claim.leave();
                    drop(listener);
                }
                events.push(Event::Stopping);
                done
            }
        }
    }

    fn greet(&mut self, events: &mut Vec<Event>) -> io::Result<(Reply, Vec<OwnedFd>)> {
        let place = self.place.as_ref().ok_or_else(|| io::Error::other("the keeper is about to end"))?;
        let mut fds = vec![place.claim.lock().try_clone_to_owned()?, place.listener.try_clone()?];
        if let Some(desk) = &self.desk {
            fds.push(desk.try_clone()?);
        }
        let crashes = u32::try_from(self.watchman.crashes(Instant::now())).unwrap_or(u32::MAX);
        events.push(Event::Greeted);
        Ok((Reply::Hello { proto: wire::PROTO, epoch: self.epoch, crashes, made: place.made }, fds))
    }

    fn reply(&mut self, request: u32, reply: &Reply, fds: Vec<OwnedFd>) {
        let (op, payload) = reply.encode();
        self.send(Frame { op, request, payload, fds });
    }

    fn send(&mut self, frame: Frame) {
        if let Some(link) = &mut self.link {
            link.outgoing.push(frame);
            self.flush();
        }
    }

    fn flush(&mut self) {
        if let Some(link) = &mut self.link
            && let Err(e) = link.outgoing.flush(link.socket.as_fd(), false)
        {
            log::debug!("writing to the daemon failed: {e}");
            self.cut_off();
        }
    }
}

#[cfg(test)]
#[path = "run_tests.rs"]
mod tests;
