//! The keeper's process: one thread that waits for signals and for its daemon, and does what [`super::watchman`] and the
//! daemon say. It reads no terminal, and holds what must outlive a daemon.

use std::fmt;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Signal, kill_process};

use super::child::Child;
use super::claim::{Claim, ClaimError, ClaimPaths, FileId};
use super::daemon;
use super::doubt::Doubt;
use super::frame::{Frame, Incoming, Outgoing, Read};
use super::limits;
use super::signals::Signals;
use super::successor;
use super::table::Table;
use super::trial::{self, Trial};
use super::watchman::{Effect, Event, Watchman};
use super::wire::{self, Reply, Upgrade};
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
    /// What the program before this one left cannot be gone on with.
    Legacy(String),
}

impl fmt::Display for KeeperError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Claim(e) => e.fmt(f),
            Self::Start(e) => write!(f, "the keeper cannot start: {e}"),
            Self::Legacy(why) => write!(f, "this program cannot take the keeper's place: {why}"),
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

/// Keeps until it is told to end: by its daemon, SIGTERM, SIGINT or SIGHUP. In a process that kept already, under another
/// program, it goes on with all of that.
///
/// # Errors
/// [`KeeperError`] when it cannot start.
pub fn run(paths: &ClaimPaths) -> Result<Kept, KeeperError> {
    let signals = Signals::new()?;
    // They may have been held back since before this program began.
    drop(Signals::hold());
    if let Some((legacy, mut adopted)) = successor::left().map_err(KeeperError::Legacy)? {
        let keeping = Keeping::go_on(legacy, &mut adopted)?;
        return keeping.run(&signals);
    }
    let Some(mut claim) = Claim::take(paths).map_err(KeeperError::Claim)? else { return Ok(Kept::AlreadyRunning) };
    limits::raise();
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
        chosen: None,
        trial: None,
        due: None,
        upgrade: None,
        doubt: None,
    };
    keeping.run(&signals)
}

/// Memory that stays while daemons come and go, where the system has such. They say what is in it.
fn desk_memory() -> io::Result<Option<OwnedFd>> {
    match successor::unnamed("synk-desk") {
        Err(e) if e.kind() == io::ErrorKind::Unsupported => Ok(None),
        memory => memory.map(Some),
    }
}

/// What a daemon serves with, until one has said that it ends for good.
pub(super) struct Place {
    pub(super) claim: Claim,
    pub(super) listener: OwnedFd,
    pub(super) made: FileId,
}

/// The way to the daemon.
pub(super) struct Link {
    pub(super) socket: OwnedFd,
    pub(super) incoming: Incoming,
    pub(super) outgoing: Outgoing,
}

/// All that a keeper has. [`super::answer`] is what its daemon asks of it, [`super::upgrade`] how it becomes another program.
pub(super) struct Keeping {
    pub(super) watchman: Watchman,
    pub(super) table: Table,
    pub(super) place: Option<Place>,
    pub(super) desk: Option<OwnedFd>,
    /// By which programs are started.
    pub(super) synk: PathBuf,
    pub(super) daemon: Option<Child>,
    pub(super) link: Option<Link>,
    pub(super) epoch: u64,
    /// The link has just ended, while the daemon has not.
    pub(super) cut: bool,
    /// From which program daemons are started, if it is another than the one that is installed where this one was.
    pub(super) chosen: Option<PathBuf>,
    /// The program whose daemon is tried.
    pub(super) trial: Option<Trial>,
    /// One that did, which the keeper is to become.
    pub(super) due: Option<Trial>,
    /// How the last upgrade stands.
    pub(super) upgrade: Option<Upgrade>,
    /// Whether the daemon answers is being looked into.
    pub(super) doubt: Option<Doubt>,
}

impl Keeping {
    pub(super) fn run(mut self, signals: &Signals) -> Result<Kept, KeeperError> {
        let mut events = vec![Event::Tick];
        // Whatever ended before there was a handler for it.
        self.look(&mut events);
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
                self.follow_if_due(signals);
                self.wait(signals, &mut events)?;
            }
        }
    }

    fn wait(&mut self, signals: &Signals, events: &mut Vec<Event>) -> io::Result<()> {
        let next = self.watchman.next().into_iter().chain(self.trial.as_ref().and_then(Trial::next));
        let next = next.chain(self.doubt.as_ref().map(Doubt::next)).min();
        let limit = next.map(|at| at.saturating_duration_since(Instant::now()));
        // Rounded up: a turn too early would be one for nothing.
        let limit = limit.and_then(|limit| Timespec::try_from(limit + std::time::Duration::from_micros(50)).ok());
        let (child, end, doubted, readable, writable, answered) = {
            let heeded = [&signals.child, &signals.end, &signals.doubt];
            let mut fds = heeded.map(|signal| PollFd::new(signal, PollFlags::IN)).to_vec();
            // Something to wait for in its place where there is no doubt.
            let doubt = self.doubt.as_ref().and_then(Doubt::socket);
            fds.push(PollFd::from_borrowed_fd(doubt.unwrap_or(signals.doubt.as_fd()), PollFlags::IN));
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
            let link = told(4);
            let ended = PollFlags::HUP | PollFlags::ERR;
            (
                !told(0).is_empty(),
                !told(1).is_empty(),
                !told(2).is_empty(),
                link.intersects(PollFlags::IN | ended),
                link.contains(PollFlags::OUT),
                doubt.is_some() && !told(3).is_empty(),
            )
        };
        events.push(Event::Tick);
        self.judge(trial::Event::Tick);
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
        if answered {
            self.doubt = None;
        }
        if doubted && Signals::took(&signals.doubt) {
            self.raise_doubt();
        }
        self.settle_doubt();
        Ok(())
    }

    fn perform(&mut self, effect: Effect, events: &mut Vec<Event>) {
        match effect {
            Effect::Start => match self.program().and_then(|program| daemon::start(&program)) {
                Ok((pid, socket)) => {
                    self.epoch += 1;
                    self.daemon = Some(Child::new(pid));
                    self.link = Some(Link { socket, incoming: Incoming::default(), outgoing: Outgoing::default() });
                    self.judge(trial::Event::Started);
                }
                Err(e) => {
                    log::error!("a daemon cannot be started: {e}");
                    self.judge(trial::Event::Ended(e.to_string()));
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

    pub(super) fn kill_daemon(&self) {
        if let Some(daemon) = &self.daemon
            && let Err(e) = kill_process(daemon.pid(), Signal::KILL)
        {
            log::debug!("the daemon could not be killed: {e}");
        }
    }

    /// Sees which processes have ended.
    pub(super) fn look(&mut self, events: &mut Vec<Event>) {
        for (key, exit) in self.table.look() {
            let (op, payload) = wire::Event::Exited { key, exit }.encode();
            self.send(Frame { op, request: 0, payload, fds: Vec::new() });
        }
        if let Some(exit) = self.daemon.as_ref().and_then(Child::look)
            && let Some(daemon) = self.daemon.take()
        {
            // Reaped: nothing of it is left that could use what the next one gets.
            daemon.reap();
            self.link = None;
            log::warn!("the daemon has ended (exit code {})", exit.code);
            self.doubt = None;
            self.judge(trial::Event::Ended(format!("exit code {}", exit.code)));
            events.push(Event::Ended { failed: exit.code != 0 });
        }
        if self.table.is_quiet() {
            events.push(Event::Quiet);
        }
    }

    /// Takes what the daemon asks.
    pub(super) fn listen(&mut self, events: &mut Vec<Event>) {
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

    fn reply(&mut self, request: u32, reply: &Reply, fds: Vec<OwnedFd>) {
        let (op, payload) = reply.encode();
        self.send(Frame { op, request, payload, fds });
    }

    pub(super) fn send(&mut self, frame: Frame) {
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
pub(super) mod tests;
