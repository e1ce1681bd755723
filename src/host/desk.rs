//! The desk: which sessions and workspaces there are, who follows them, and what happens to them. A plain state with
//! the time passed in; [`super::runtime`] is the thread around it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::Value;

use super::call::{Call, Effect, Input, Started, Ticket};
use super::workspace::Space;
use crate::base::{ClientId, Deadlines, SessionId, SessionNo};
use crate::model::{BoardEvent, SessionInfo, SessionState};
use crate::protocol::methods::{DEFAULT_WORKSPACE, Empty, SessionList, Status};
use crate::protocol::rpc::{Error, code};
use crate::protocol::shapes::Session;
use crate::session::run::{GRACE, PATIENCE, Report};

/// How long a killed program may take to go before the host stops waiting for it: only one that hangs in the kernel
/// needs longer.
const KILLED: Duration = Duration::from_secs(1);
/// How long the host's end may take.
const STOP_LIMIT: Duration = Duration::from_millis(4500);

/// What the desk waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Timer {
    /// The program of a session that is off the board was told that its terminal is gone.
    Terminate(SessionNo),
    /// It was asked to end.
    Kill(SessionNo),
    /// It was killed.
    Forget(SessionNo),
    /// The host has to end now.
    Exit,
}

/// A session on the board, or about to be.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) info: SessionInfo,
    pub(super) workspace: Option<String>,
    /// What could not be had of what was asked for.
    pub(super) notice: Option<String>,
    /// It is being started: nobody is shown it yet.
    pub(super) starting: bool,
    /// Who waits for it to be started.
    pub(super) waiting: Vec<Ticket>,
    /// Its program is gone.
    pub(super) reaped: bool,
}

/// The state of a host.
#[derive(Debug)]
pub struct Desk {
    pub(super) sessions: BTreeMap<SessionNo, Entry>,
    pub(super) spaces: Vec<Space>,
    /// Connections, and the workspace each follows.
    pub(super) clients: BTreeMap<ClientId, Option<String>>,
    /// Sessions that were taken off the board while they were being started, and whether their program is gone already.
    doomed: BTreeMap<SessionNo, bool>,
    /// Sessions off the board whose programs have not ended yet.
    ending: BTreeSet<SessionNo>,
    timers: Deadlines<Timer>,
    pub(super) last_no: u32,
    pub(super) stopping: bool,
    since: Instant,
}

impl Desk {
    /// A desk with the default workspace and nothing in it.
    pub fn new(now: Instant) -> Self {
        Self {
            sessions: BTreeMap::new(),
            spaces: vec![Space::new(DEFAULT_WORKSPACE, None)],
            clients: BTreeMap::new(),
            doomed: BTreeMap::new(),
            ending: BTreeSet::new(),
            timers: Deadlines::default(),
            last_no: 0,
            stopping: false,
            since: now,
        }
    }

    /// When [`Desk::tick`] has to be called at the latest.
    pub fn next(&self) -> Option<Instant> {
        self.timers.next()
    }

    /// Takes one input.
    pub fn step(&mut self, input: Input, now: Instant, effects: &mut Vec<Effect>) {
        match input {
            Input::Connected(client) => {
                self.clients.insert(client, None);
            }
            Input::Disconnected(client) => self.disconnected(client, now, effects),
            Input::Call(ticket, call) => self.call(ticket, call, now, effects),
            Input::Started(no, result) => self.started(no, result, now, effects),
            Input::Report(no, report) => self.report(no, report, effects),
            Input::Stop => self.stop(now, effects),
        }
    }

    /// Does what is due.
    pub fn tick(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        while let Some(timer) = self.timers.take_due(now) {
            match timer {
                Timer::Terminate(no) => effects.push(Effect::Terminate(no)),
                Timer::Kill(no) => {
                    effects.push(Effect::Kill(no));
                    self.timers.set(Timer::Forget(no), now + KILLED);
                }
                Timer::Forget(no) => self.forget(no, effects),
                Timer::Exit => effects.push(Effect::Exit),
            }
        }
    }

    fn call(&mut self, ticket: Ticket, call: Call, now: Instant, effects: &mut Vec<Effect>) {
        let result = match call {
            Call::GetStatus => result(Status {
                version: env!("CARGO_PKG_VERSION").to_owned(),
                pid: std::process::id(),
                uptime_seconds: now.saturating_duration_since(self.since).as_secs(),
                num_sessions: self.shown().count(),
                num_clients: self.clients.len(),
            }),
            Call::List => result(SessionList { sessions: self.shown().map(Session::from).collect() }),
            // These answer by themselves, perhaps later.
            Call::Create(params) => return self.create(ticket, *params, effects),
            Call::Open(params) => return self.open(ticket, params, effects),
            Call::Terminate(params) => self.find(&params.session_id).and_then(|no| {
                self.terminate(no, now, effects);
                result(Empty {})
            }),
            Call::SetWeights(params) => self.set_weights(params, effects),
            Call::Stop => {
                effects.push(Effect::Reply(ticket, result(Empty {})));
                return self.stop(now, effects);
            }
        };
        effects.push(Effect::Reply(ticket, result));
    }

    /// The sessions that everybody sees.
    pub(super) fn shown(&self) -> impl Iterator<Item = &SessionInfo> {
        self.sessions.values().filter(|e| !e.starting).map(|e| &e.info)
    }

    /// The session of a UUID, a name or a number.
    fn find(&self, text: &str) -> Result<SessionNo, Error> {
        let by = |wanted: &dyn Fn(&SessionInfo) -> bool| self.shown().find(|s| wanted(s)).map(|s| s.no);
        let id = text.parse::<SessionId>().ok();
        let no = text.parse().ok().map(SessionNo);
        by(&|s| Some(s.id) == id)
            .or_else(|| by(&|s| s.name == text))
            .or_else(|| by(&|s| Some(s.no) == no))
            .ok_or_else(|| Error::new(code::SESSION_NOT_FOUND, "Session not found".into()))
    }

    fn started(&mut self, no: SessionNo, result: Result<Started, String>, now: Instant, effects: &mut Vec<Effect>) {
        if let Some(reaped) = self.doomed.remove(&no) {
            match result {
                Ok(started) if reaped || started.pid.is_none() => {
                    effects.push(Effect::Close(no));
                    self.forget(no, effects);
                }
                Ok(_) => self.end(no, now, effects),
                Err(_) => self.exit_if_done(effects),
            }
            return;
        }
        let Some(entry) = self.sessions.get_mut(&no) else { return };
        let workspace = entry.workspace.clone();
        let mut failed = None;
        match result {
            Ok(started) => {
                entry.starting = false;
                entry.notice = started.notice;
                entry.info.pid = started.pid;
                entry.info.cwd = started.cwd;
                entry.info.created_at_ms = started.at_ms;
                let waiting = std::mem::take(&mut entry.waiting);
                let created = self.created(no);
                effects.extend(waiting.into_iter().map(|ticket| Effect::Reply(ticket, created.clone())));
                self.publish_session(no, effects);
            }
            Err(why) => {
                log::warn!("a session could not be started: {why}");
                let error = Error::new(code::INTERNAL, why);
                for ticket in std::mem::take(&mut entry.waiting) {
                    effects.push(Effect::Reply(ticket, Err(error.clone())));
                }
                self.off_the_board(no, effects);
                failed = Some(error);
            }
        }
        if let Some(name) = workspace {
            self.settle_open(&name, failed.as_ref(), effects);
        }
    }

    fn report(&mut self, no: SessionNo, report: Report, effects: &mut Vec<Effect>) {
        if let (Report::Reaped, true) = (&report, self.ending.contains(&no)) {
            return self.forget(no, effects);
        }
        if let (Report::Reaped, Some(reaped)) = (&report, self.doomed.get_mut(&no)) {
            *reaped = true;
        }
        let Some(entry) = self.sessions.get_mut(&no) else { return };
        let before = entry.info.clone();
        let info = &mut entry.info;
        match report {
            Report::Facts(facts) => {
                info.state = match (facts.exit_code, facts.viewers) {
                    (Some(_), _) => SessionState::Stopped,
                    (None, 0) => SessionState::Detached,
                    (None, _) => SessionState::Running,
                };
                (info.active, info.exit_code, info.size) = (facts.active, facts.exit_code, facts.size);
                (info.title, info.foreground) = (facts.title, facts.foreground);
                if !facts.cwd.is_empty() {
                    info.cwd = facts.cwd;
                }
            }
            Report::Reaped => entry.reaped = true,
            Report::Failed => {
                (info.state, info.active) = (SessionState::Stopped, false);
                info.title = "synk: this session failed inside the host; see the host's log".into();
                effects.push(Effect::HangUp(no));
            }
        }
        if entry.info != before && !entry.starting {
            self.publish_session(no, effects);
        }
    }

    /// Takes a session off the board and ends it.
    pub(super) fn terminate(&mut self, no: SessionNo, now: Instant, effects: &mut Vec<Effect>) {
        let Some(entry) = self.off_the_board(no, effects) else { return };
        let error = Error::new(code::SESSION_NOT_FOUND, "the session was ended while it was being started".into());
        effects.extend(entry.waiting.into_iter().map(|ticket| Effect::Reply(ticket, Err(error.clone()))));
        if entry.starting {
            self.doomed.insert(no, entry.reaped);
        } else if entry.reaped || entry.info.pid.is_none() {
            effects.extend([Effect::Close(no), Effect::Forget(no)]);
        } else {
            self.end(no, now, effects);
        }
    }

    fn end(&mut self, no: SessionNo, now: Instant, effects: &mut Vec<Effect>) {
        effects.extend([Effect::HangUp(no), Effect::Close(no)]);
        self.ending.insert(no);
        self.timers.set(Timer::Terminate(no), now + PATIENCE);
        self.timers.set(Timer::Kill(no), now + GRACE);
    }

    fn off_the_board(&mut self, no: SessionNo, effects: &mut Vec<Effect>) -> Option<Entry> {
        let entry = self.sessions.remove(&no)?;
        if !entry.starting {
            self.publish(&BoardEvent::Removed(no), effects);
        }
        if let Some(name) = &entry.workspace {
            self.leave_space(name, no, effects);
        }
        Some(entry)
    }

    fn forget(&mut self, no: SessionNo, effects: &mut Vec<Effect>) {
        self.ending.remove(&no);
        for timer in [Timer::Terminate(no), Timer::Kill(no), Timer::Forget(no)] {
            self.timers.cancel(&timer);
        }
        effects.push(Effect::Forget(no));
        self.exit_if_done(effects);
    }

    fn disconnected(&mut self, client: ClientId, now: Instant, effects: &mut Vec<Effect>) {
        self.clients.remove(&client);
        let private = self.spaces.extract_if(.., |space| space.owner == Some(client)).collect::<Vec<_>>();
        for no in private.into_iter().flat_map(|space| space.panes) {
            self.terminate(no, now, effects);
        }
        self.drop_empty_spaces();
    }

    fn stop(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        if std::mem::replace(&mut self.stopping, true) {
            return;
        }
        effects.push(Effect::StopListening);
        // Clients see the sessions end with the host, not one by one.
        self.clients.values_mut().for_each(|follows| *follows = None);
        let all: Vec<_> = self.sessions.keys().copied().collect();
        for no in all {
            self.terminate(no, now, effects);
        }
        self.timers.set(Timer::Exit, now + STOP_LIMIT);
        self.exit_if_done(effects);
    }

    fn exit_if_done(&mut self, effects: &mut Vec<Effect>) {
        if self.stopping && self.ending.is_empty() && self.doomed.is_empty() {
            self.timers.cancel(&Timer::Exit);
            effects.push(Effect::Exit);
        }
    }
}

/// A result as JSON.
pub(super) fn result(value: impl Serialize) -> Result<Value, Error> {
    serde_json::to_value(value).map_err(|e| Error::new(code::INTERNAL, format!("a result cannot be written: {e}")))
}

#[cfg(test)]
#[path = "desk_tests.rs"]
mod tests;
