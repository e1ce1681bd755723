//! The desk: which sessions and workspaces there are, who follows them, and what happens to them. A plain state with
//! the time passed in; [`super::runtime`] is the thread around it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use serde::Serialize;
use serde_json::Value;

use super::call::{Call, Effect, Input, Now, Ticket};
use super::clients::Client;
use super::ledger::Ledger;
use super::life::{Entry, KILLED};
use super::options::CleanUp;
use super::standing::Standing;
use super::workspace::Space;
use crate::base::{ClientId, Deadlines, SessionNo};
use crate::model::SessionState;
use crate::protocol::methods::{DEFAULT_WORKSPACE, Empty, Metrics, Saving, Statistics, Status, UpgradeStatus};
use crate::protocol::rpc::{Error, code};

/// What the desk waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Timer {
    /// The program of a session that is off the board was told that its terminal is gone.
    Terminate(SessionNo),
    /// It was asked to end.
    Kill(SessionNo),
    /// It was killed.
    Forget(SessionNo),
    /// Nobody has been attached to it for long enough.
    CleanUp(SessionNo),
    /// What has changed is to be written down.
    Save,
    /// The windows of private workspaces have had long enough to come back.
    Return,
    /// The host has to end now.
    Exit,
}

/// What the desk counts from its beginning on.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) connections: u64,
    pub(super) created: u64,
    pub(super) ended: u64,
}

/// The state of a host.
#[derive(Debug)]
pub struct Desk {
    pub(super) sessions: BTreeMap<SessionNo, Entry>,
    pub(super) spaces: Vec<Space>,
    /// The workspace that is meant where none is named, if somebody has said so.
    pub(super) active: Option<String>,
    /// What was left for a later host, if one can follow.
    pub(super) stands: Option<Standing>,
    pub(super) clients: BTreeMap<ClientId, Client>,
    pub(super) clean_up: CleanUp,
    pub(super) counts: Counts,
    /// Sessions that were taken off the board while they were being started, and whether their program is gone already.
    pub(super) doomed: BTreeMap<SessionNo, bool>,
    /// Sessions off the board whose programs have not ended yet.
    pub(super) ending: BTreeSet<SessionNo>,
    pub(super) ledger: Ledger,
    pub(super) timers: Deadlines<Timer>,
    pub(super) last_no: u32,
    pub(super) stopping: bool,
    /// It stops without ending anything.
    pub(super) leaving: bool,
    /// Whether there is a keeper, where there may be one.
    pub(super) keeper: Option<bool>,
    /// What was on the disk has been brought back.
    pub(super) settled: bool,
    /// How it stands with saving sessions, where they are.
    saving: Option<Saving>,
    /// How the last upgrade stands, if there was one.
    upgrade: Option<UpgradeStatus>,
    /// A program is looked at that is to take over.
    pub(super) upgrading: bool,
    since: Instant,
}

impl Desk {
    /// A desk with the default workspace and nothing in it, and a database of this path, if it has one.
    pub fn new(clean_up: CleanUp, database: Option<String>, now: Instant) -> Self {
        Self {
            sessions: BTreeMap::new(),
            spaces: vec![Space::kept(DEFAULT_WORKSPACE)],
            active: None,
            stands: None,
            clients: BTreeMap::new(),
            clean_up,
            counts: Counts::default(),
            doomed: BTreeMap::new(),
            ending: BTreeSet::new(),
            ledger: Ledger::new(database),
            timers: Deadlines::default(),
            last_no: 0,
            stopping: false,
            leaving: false,
            keeper: None,
            settled: false,
            saving: None,
            upgrade: None,
            upgrading: false,
            since: now,
        }
    }

    /// Whether it ended without ending its sessions.
    pub fn leaves(&self) -> bool {
        self.leaving
    }

    /// Whether it ended for another program that goes on with its sessions at once.
    pub fn hands_on(&self) -> bool {
        self.leaving && self.upgrading
    }

    /// When [`Desk::tick`] has to be called at the latest.
    pub fn next(&self) -> Option<Instant> {
        self.timers.next()
    }

    /// Takes one input.
    pub fn step(&mut self, input: Input, now: Now, effects: &mut Vec<Effect>) {
        match input {
            Input::Connected(client, pid) => self.connected(client, pid, now),
            Input::Named(ticket, name, greeting) => {
                self.named(ticket.client, name);
                effects.push(Effect::Reply(ticket, Ok(greeting)));
            }
            Input::Disconnected(client) => self.disconnected(client, now.at, effects),
            Input::Call(ticket, call) => self.call(ticket, call, now.at, effects),
            Input::Started(no, result) => self.started(no, result, now.at, effects),
            Input::Report(no, report) => self.report(no, report, now, effects),
            Input::Lost(no) => self.disown(no, effects),
            Input::Resized(ticket, no, size) => self.resized(ticket, no, size, effects),
            Input::Stored(report) => self.stored(report),
            Input::Settled => self.settled = true,
            Input::Saving(saving) => self.saving = Some(saving),
            Input::Keeper(is_there) => self.keeper = Some(is_there),
            Input::Upgrade(status) => self.upgrade = Some(status),
            Input::Upgraded(ticket, taken) => self.upgraded(ticket, taken, effects),
            Input::Stop => self.stop(now.at, effects),
            Input::Leave => self.leave(effects),
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
                Timer::CleanUp(no) => self.terminate(no, now, effects),
                Timer::Save => self.save(effects),
                Timer::Return => self.end_absent(now, effects),
                Timer::Exit => effects.push(Effect::Exit),
            }
        }
        self.save_later(now);
        self.keep_standing(effects);
    }

    fn call(&mut self, ticket: Ticket, call: Call, now: Instant, effects: &mut Vec<Effect>) {
        let result = match call {
            Call::GetStatus => result(self.status(now)),
            Call::List => self.list_sessions(),
            // These answer by themselves, perhaps later.
            Call::Create(params) => return self.create(ticket, *params, effects),
            Call::Open(params) => return self.open(ticket, params, now, effects),
            Call::Detach(params) => return self.detach(ticket, params, now, effects),
            Call::Subscribe(params) => return self.subscribe(ticket, params, effects),
            Call::Unsubscribe(params) => return self.unsubscribe(ticket, params, effects),
            Call::GetMetrics => return effects.push(Effect::Metrics(ticket, Box::new(self.metrics(now)))),
            Call::ListClients => self.list_clients(),
            Call::Get(params) => self.find(&params.session_id).and_then(|no| self.session(no)),
            Call::Rename(params) => self.rename(params, effects),
            Call::Delete(params) => self.delete(&params, now, effects),
            Call::Attach(params) => self.attach(ticket.client, params, now, effects),
            Call::Terminate(params) => self.find(&params.session_id).and_then(|no| {
                self.terminate(no, now, effects);
                result(Empty {})
            }),
            Call::Reconnect(params) => return self.reconnect(ticket, &params.session_id, effects),
            Call::ListWorkspaces => self.list_workspaces(),
            Call::GetWorkspace(params) => self.get_workspace(&params),
            Call::CreateWorkspace(params) => self.create_workspace(&params, effects),
            Call::DeleteWorkspace(params) => self.delete_workspace(&params, effects),
            Call::SetWeights(params) => self.set_weights(params, effects),
            Call::UpdateLayout(params) => self.update_layout(params, effects),
            Call::SwapPanes(params) => self.swap_panes(&params, effects),
            Call::ResizePane(params) => self.resize_pane(&params, effects),
            Call::SetActive(params) => self.set_active(params),
            Call::Ask(session, question) => return self.ask(ticket, &session, *question, effects),
            Call::Broadcast(choice, ask) => return self.broadcast(ticket, &choice, *ask, effects),
            Call::Upgrade(params) => return self.upgrade(ticket, params, effects),
            Call::Stop => {
                effects.push(Effect::Reply(ticket, result(Empty {})));
                return self.stop(now, effects);
            }
        };
        effects.push(Effect::Reply(ticket, result));
    }

    fn status(&self, now: Instant) -> Status {
        let total = self.shown().count();
        Status {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            pid: std::process::id(),
            uptime_seconds: now.saturating_duration_since(self.since).as_secs(),
            num_sessions: total,
            num_clients: self.clients.len(),
            statistics: Some(Statistics {
                total,
                active: self.count(SessionState::Running),
                detached: self.count(SessionState::Detached),
                workspaces: self.spaces.iter().filter(|space| space.owner.is_none()).count(),
            }),
            database: self.ledger.database(),
            keeper: self.keeper,
            saving: self.saving.clone(),
            upgrade: self.upgrade.clone(),
        }
    }

    fn count(&self, state: SessionState) -> usize {
        self.shown().filter(|s| s.state == state).count()
    }

    /// What the desk knows of the host's numbers.
    fn metrics(&self, now: Instant) -> Metrics {
        Metrics {
            uptime_seconds: now.saturating_duration_since(self.since).as_secs(),
            num_clients: self.clients.len(),
            running: self.count(SessionState::Running),
            detached: self.count(SessionState::Detached),
            stopped: self.count(SessionState::Stopped),
            sessions_created: self.counts.created,
            sessions_ended: self.counts.ended,
            connections: self.counts.connections,
            ..Metrics::default()
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
