//! The loop around [`Core`]: connects, finds the session, then waits in `poll` for the outer terminal, the host and
//! signals, until there is a reason to end.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, unbounded};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::core::{Core, Effect, Ending, Event, Options};
use super::decode::{Input, decode};
use super::machine::Machine;
use super::outer::{FENCE, Outer};
use super::signals::Signals;
use super::tty::Tty;
use crate::base::{SessionId, Wake};
use crate::client::{Absent, Answer, CallError, Connector, Deliver, Link, Lost, Retry, Update, read_result};
use crate::model::{BoardEvent, SessionInfo, SessionState};
use crate::protocol::events::{Event as _, SessionChanged, SessionRemoved};
use crate::protocol::methods::{Empty, GetSession, ListSessions, Method, SessionParams, Subscribe, SubscribeParams};
use crate::protocol::rpc::code;

/// How long the outer terminal may take for its last answer where it is known to answer.
const LAST_ANSWER: Duration = Duration::from_millis(500);
/// How long to wait for the first answer of one that has not answered yet.
const FIRST_ANSWER: Duration = Duration::from_millis(100);

/// Which session.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Target {
    /// Its id, name or number; without one the session that was last active, rather one that nobody is attached to.
    pub session: Option<String>,
    /// The id of the session that this very program runs in, if any.
    pub inside: Option<String>,
}

/// Why nothing was attached.
#[derive(Debug)]
pub enum Failure {
    /// There is no connection to a host.
    Lost(Lost),
    Call(CallError),
    /// There is no such session.
    NoSession(String),
    /// There is, and it cannot be attached.
    Refused(String),
    /// The outer terminal cannot be used.
    Terminal(io::Error),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lost(e) => e.fmt(f),
            Self::Call(e) => e.fmt(f),
            Self::NoSession(what) | Self::Refused(what) => f.write_str(what),
            Self::Terminal(e) => write!(f, "this terminal cannot be attached: {e}"),
        }
    }
}

impl std::error::Error for Failure {}

/// Shows a session on the terminal that is the standard input and output, until one of them ends or the user detaches.
/// The terminal is as it was when this returns. Also returns the session's name.
///
/// # Errors
/// [`Failure`] when nothing was shown.
pub fn run(connector: Connector, target: &Target, options: Options) -> Result<(Ending, String), Failure> {
    let wake = Arc::new(Wake::new().map_err(Failure::Terminal)?);
    let (host, session) = find(&connector, &wake, target)?;
    let name = session.name.clone();
    host.watch(session.id);
    let (anew, end) = Signals::anew().and_then(|anew| Ok((anew, Signals::end()?))).map_err(Failure::Terminal)?;
    let tty = Tty::open(Outer::default().farewell()).map_err(Failure::Terminal)?;
    let mut core = Core::new(options, &session, tty.size(), Instant::now());
    core.seek.connected(host.proto);
    let (host, out, effects) = (Some(host), Vec::new(), VecDeque::new());
    let mut client = Client { connector, host, wake, tty, anew, end, core, out, sent: 0, effects };
    let ending = client.run();
    client.leave(&ending);
    Ok((ending, name))
}

/// Connects and finds the session. A host that goes away meanwhile is followed by another one, which is asked in its place.
fn find(connector: &Connector, wake: &Arc<Wake>, target: &Target) -> Result<(Host, SessionInfo), Failure> {
    let mut retry = None;
    loop {
        let mut host = Host::start(connector, wake).map_err(Failure::Terminal)?;
        let lost = match host.connected().and_then(|()| host.find(target)) {
            Ok(session) => return Ok((host, session)),
            // There was none to begin with.
            Err(Failure::Lost(lost @ Lost::Connect(_))) if retry.is_none() => return Err(Failure::Lost(lost)),
            Err(Failure::Lost(lost)) => lost,
            Err(failure) => return Err(failure),
        };
        let now = Instant::now();
        let next = retry.get_or_insert_with(|| Retry::standing(now)).ended((&lost).into(), now);
        let Some(next) = next else { return Err(Failure::Lost(lost)) };
        thread::sleep(next.saturating_duration_since(Instant::now()));
    }
}

/// The numbers of the calls.
const FIND: u64 = 1;
const SUBSCRIBE: u64 = 2;
const LOOK: u64 = 3;

/// A connection to the host, or an attempt at one.
struct Host {
    /// None until the connection stands.
    link: Option<Link>,
    /// The protocol that it speaks.
    proto: u32,
    updates: Receiver<Update>,
}

impl Host {
    /// Begins to connect; what comes of it is among the updates.
    fn start(connector: &Connector, wake: &Arc<Wake>) -> io::Result<Self> {
        let (tell, updates) = unbounded();
        let wake = Arc::clone(wake);
        let deliver: Deliver = Arc::new(move |_, update| {
            // Nobody listens any more at the end.
            let _ = tell.send(update);
            wake.wake();
        });
        Link::start(Arc::clone(connector), Absent::Fail, "terminal", 0, deliver)?;
        Ok(Self { link: None, proto: 0, updates })
    }

    /// Waits until the connection stands.
    fn connected(&mut self) -> Result<(), Failure> {
        match self.updates.recv() {
            Ok(Update::Connected { link, hello }) => (self.link, self.proto) = (Some(link), hello.proto),
            Ok(Update::Lost(lost)) => return Err(Failure::Lost(lost)),
            _ => return Err(Failure::Lost(Lost::Closed)),
        }
        Ok(())
    }

    fn call<M: Method>(&self, number: u64, params: &M::Params) {
        if let Some(link) = &self.link {
            link.call::<M>(number, params);
        }
    }

    fn reply(&self, number: u64) -> Result<Answer, Failure> {
        loop {
            match self.updates.recv() {
                Ok(Update::Reply { id, result }) if id == number => return Ok(result),
                Ok(Update::Lost(lost)) => return Err(Failure::Lost(lost)),
                Ok(_) => {}
                Err(_) => return Err(Failure::Lost(Lost::Closed)),
            }
        }
    }

    fn find(&self, target: &Target) -> Result<SessionInfo, Failure> {
        if let Some(wanted) = &target.session {
            return usable(self.named(wanted)?, target);
        }
        self.call::<ListSessions>(FIND, &Empty {});
        let list = read_result::<ListSessions>(self.reply(FIND)?).map_err(Failure::Call)?;
        choose(list.sessions.into_iter().filter_map(|s| s.into_model()).collect(), target)
    }

    /// The session that the host knows under this id, name or number.
    fn named(&self, wanted: &str) -> Result<SessionInfo, Failure> {
        self.call::<GetSession>(FIND, &SessionParams { session_id: wanted.to_owned() });
        let session = read_result::<GetSession>(self.reply(FIND)?).map_err(|error| match error {
            CallError::Refused(why) if why.code == code::SESSION_NOT_FOUND => {
                Failure::NoSession(format!("there is no session {wanted:?}"))
            }
            error => Failure::Call(error),
        })?;
        let strange = || Failure::Call(CallError::Strange(format!("{}: {wanted:?}", GetSession::NAME)));
        session.into_model().ok_or_else(strange)
    }

    /// Asks for what changes about a session, and then for how it is: it may have ended since it was found.
    fn watch(&self, session: SessionId) {
        let session_id = session.to_string();
        let names = [SessionChanged::NAME, SessionRemoved::NAME].map(str::to_owned).to_vec();
        let params = SubscribeParams { events: Some(names), session_id: Some(session_id.clone()) };
        self.call::<Subscribe>(SUBSCRIBE, &params);
        self.call::<GetSession>(LOOK, &SessionParams { session_id });
    }
}

/// Whether a session is the one that this very program runs in.
fn mirrors(session: &SessionInfo, target: &Target) -> bool {
    target.inside.as_deref().is_some_and(|id| session.id.to_string() == id)
}

/// The session that is meant where none is named.
fn choose(sessions: Vec<SessionInfo>, target: &Target) -> Result<SessionInfo, Failure> {
    let usable = sessions.into_iter().filter(|s| s.state != SessionState::Stopped && !mirrors(s, target));
    let best = usable.max_by_key(|s| (s.clients == 0, s.last_active_ms, s.created_at_ms));
    best.ok_or_else(|| Failure::NoSession("there is no session to attach to".into()))
}

/// A session that was named, if it can be attached.
fn usable(session: SessionInfo, target: &Target) -> Result<SessionInfo, Failure> {
    if session.state == SessionState::Stopped {
        let code = session.exit_code.unwrap_or(0);
        return Err(Failure::Refused(format!("the program of {:?} has exited with code {code}", session.name)));
    }
    if mirrors(&session, target) {
        return Err(Failure::Refused("a session cannot show itself: this is a terminal of that very session".into()));
    }
    Ok(session)
}

/// An attached terminal with its surroundings.
struct Client {
    connector: Connector,
    /// None between a connection that is lost and the next attempt.
    host: Option<Host>,
    wake: Arc<Wake>,
    tty: Tty,
    anew: Signals,
    end: Signals,
    core: Core,
    /// What is being written, and how much of it is.
    out: Vec<u8>,
    sent: usize,
    effects: VecDeque<Effect>,
}

impl Client {
    fn run(&mut self) -> Ending {
        let mut effects = Vec::new();
        self.core.begin(Instant::now(), &mut effects);
        self.effects.extend(effects);
        loop {
            if let Some(ending) = self.apply() {
                return ending;
            }
            if let Some(ending) = self.wait() {
                return ending;
            }
        }
    }

    /// Does what the core asked for.
    fn apply(&mut self) -> Option<Ending> {
        loop {
            while let Some(effect) = self.effects.pop_front() {
                match effect {
                    Effect::Send(message) => {
                        if let Some(link) = self.host.as_ref().and_then(|host| host.link.as_ref()) {
                            link.send(self.core.no, &message);
                        }
                    }
                    Effect::Connect => self.connect(),
                    Effect::Write(bytes) => {
                        // Whatever is set from now on can be taken back.
                        self.tty.set_farewell(self.core.farewell());
                        (self.out, self.sent) = (bytes, 0);
                    }
                    Effect::End(ending) => return Some(ending),
                }
            }
            if self.sent == self.out.len() {
                return None;
            }
            match self.tty.write(&self.out[self.sent..]) {
                Ok(0) => return None,
                Ok(n) => self.sent += n,
                Err(_) => return Some(Ending::NoTerminal),
            }
            if self.sent == self.out.len() {
                self.step(Event::Written);
            }
        }
    }

    fn connect(&mut self) {
        match Host::start(&self.connector, &self.wake) {
            Ok(host) => self.host = Some(host),
            Err(e) => self.step(Event::Lost(Lost::Broken(e.to_string()).into())),
        }
    }

    /// Waits until something happens and tells the core.
    fn wait(&mut self) -> Option<Ending> {
        let limit = self.core.next().map(|at| {
            let left = at.saturating_duration_since(Instant::now());
            Timespec { tv_sec: left.as_secs() as i64, tv_nsec: i64::from(left.subsec_nanos()) }
        });
        let mut wanted = PollFlags::IN;
        if self.sent < self.out.len() {
            wanted |= PollFlags::OUT;
        }
        let mut fds = [
            PollFd::new(&self.tty, wanted),
            PollFd::new(&*self.wake, PollFlags::IN),
            PollFd::new(&self.anew, PollFlags::IN),
            PollFd::new(&self.end, PollFlags::IN),
        ];
        match poll(&mut fds, limit.as_ref()) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(e) => return Some(Ending::Lost(format!("cannot wait for the terminal: {e}"))),
        }
        let terminal = fds[0].revents();
        if self.end.take() {
            return Some(Ending::Told);
        }
        if self.anew.take() {
            if self.tty.make_raw().is_err() {
                return Some(Ending::NoTerminal);
            }
            self.step(Event::Anew(self.tty.size()));
        }
        if terminal.contains(PollFlags::IN) {
            match self.tty.read() {
                Ok(Some(bytes)) => self.step(Event::Bytes(bytes)),
                Ok(None) => {}
                Err(_) => return Some(Ending::NoTerminal),
            }
        } else if terminal.intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL) {
            return Some(Ending::NoTerminal);
        }
        self.wake.clear();
        while let Some(update) = self.host.as_ref().and_then(|host| host.updates.try_recv().ok()) {
            if let Some(ending) = self.update(update) {
                return Some(ending);
            }
        }
        let mut effects = Vec::new();
        self.core.tick(Instant::now(), &mut effects);
        self.effects.extend(effects);
        None
    }

    /// Takes what the host said.
    fn update(&mut self, update: Update) -> Option<Ending> {
        match update {
            Update::Connected { link, hello } => {
                self.core.seek.connected(hello.proto);
                if let Some(host) = &mut self.host {
                    host.link = Some(link);
                    host.watch(self.core.id);
                }
            }
            Update::Board(change) => self.step(Event::Board(change)),
            Update::Message(no, message) => self.step(Event::Message(no, message)),
            Update::Lost(lost) => {
                // What else this connection may have said is of no use.
                self.host = None;
                self.step(Event::Lost(lost.into()));
            }
            Update::Reply { id: LOOK, result } => match read_result::<GetSession>(result) {
                Ok(session) => {
                    if let Some(session) = session.into_model() {
                        self.step(Event::Board(BoardEvent::Session(session)));
                    }
                }
                Err(CallError::Refused(why)) if why.code == code::SESSION_NOT_FOUND => return Some(Ending::Gone),
                Err(e) => return Some(Ending::Lost(e.to_string())),
            },
            Update::Reply { .. } => {}
        }
        None
    }

    fn step(&mut self, event: Event) {
        let mut effects = Vec::new();
        self.core.step(event, Instant::now(), &mut effects);
        self.effects.extend(effects);
    }

    /// Puts the outer terminal back.
    fn leave(&mut self, ending: &Ending) {
        let (fence, limit) = match (ending, self.core.answers) {
            (Ending::NoTerminal, _) => (&b""[..], Duration::ZERO),
            (_, true) => (FENCE, LAST_ANSWER),
            (_, false) => (&b""[..], FIRST_ANSWER),
        };
        let (mut machine, mut tokens) = (Machine::default(), Vec::new());
        let rest = &self.out[self.sent..];
        self.tty.leave(rest, fence, limit, |bytes| {
            machine.feed(bytes, &mut tokens);
            tokens.drain(..).any(|token| decode(token) == Some(Input::Attributes))
        });
    }
}

#[cfg(test)]
#[path = "run_tests.rs"]
mod tests;
