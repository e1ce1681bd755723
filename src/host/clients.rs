//! The desk's clients: who they are, which sessions they are attached to, and what becomes of sessions that nobody is
//! attached to. A client is attached to what its stream watches and to what it attached to by a call.

use std::collections::BTreeSet;
use std::time::Instant;

use serde_json::Value;

use super::call::{Effect, Now, Order, Ticket};
use super::desk::{Desk, Timer, result};
use super::events::Subscriptions;
use crate::base::{ClientId, SessionNo};
use crate::model::{SessionKind, SessionState};
use crate::protocol::methods::{AttachParams, ClientList, DeleteParams, DetachParams, Detached, Empty};
use crate::protocol::rpc::{Error, code};
use crate::protocol::{events, methods};

/// What windows call themselves in `hello`.
const WINDOW: &str = "window";

/// One connection.
#[derive(Debug, Default)]
pub(super) struct Client {
    /// The workspace whose board it follows.
    pub(super) follows: Option<String>,
    /// What it calls itself.
    pub(super) name: String,
    pid: Option<u32>,
    /// Unix time in milliseconds.
    since_ms: u64,
    /// What it attached to by a call.
    attached: BTreeSet<SessionNo>,
    pub(super) subscriptions: Subscriptions,
}

impl Desk {
    pub(super) fn connected(&mut self, client: ClientId, pid: Option<u32>, now: Now) {
        self.counts.connections += 1;
        self.clients.insert(client, Client { pid, since_ms: now.unix_ms, ..Client::default() });
    }

    pub(super) fn named(&mut self, client: ClientId, name: String) {
        if let Some(client) = self.clients.get_mut(&client) {
            client.name = name;
        }
    }

    pub(super) fn disconnected(&mut self, client: ClientId, now: Instant, effects: &mut Vec<Effect>) {
        let gone = self.clients.remove(&client);
        let private = self.spaces.iter().filter(|space| space.owner == Some(client));
        for name in private.map(|space| space.whole.name.clone()).collect::<Vec<_>>() {
            let panes = self.drop_space(&name, effects).map(|space| space.whole.panes);
            panes.into_iter().flatten().for_each(|no| self.terminate(no, now, effects));
        }
        let mut left = gone.as_ref().map(|gone| gone.attached.clone()).unwrap_or_default();
        for (no, entry) in &mut self.sessions {
            if entry.viewers.contains(&client) {
                entry.viewers.retain(|viewer| *viewer != client);
                left.insert(*no);
            }
        }
        for no in left {
            self.count_clients(no, now, effects);
        }
        if let Some(name) = gone.and_then(|gone| gone.follows) {
            self.clean_space_later(&name, now);
        }
        self.drop_empty_spaces(effects);
    }

    /// The clients that are attached to a session.
    fn attached(&self, no: SessionNo) -> BTreeSet<ClientId> {
        let calls = self.clients.iter().filter(|(_, client)| client.attached.contains(&no)).map(|(id, _)| *id);
        let viewers = self.sessions.get(&no).map(|entry| entry.viewers.iter().copied());
        calls.chain(viewers.into_iter().flatten()).collect()
    }

    /// Counts a session's clients anew, and tells what that changes.
    pub(super) fn count_clients(&mut self, no: SessionNo, now: Instant, effects: &mut Vec<Effect>) {
        let clients = self.attached(no).len();
        let Some(entry) = self.sessions.get_mut(&no) else { return };
        let before = entry.info.clone();
        entry.info.clients = clients;
        entry.info.state = match clients {
            _ if entry.failed || entry.info.exit_code.is_some() => SessionState::Stopped,
            0 => SessionState::Detached,
            _ => SessionState::Running,
        };
        self.changed(no, &before, effects);
        self.clean_later(no, now);
    }

    /// A session that nobody is attached to goes after a while; one that somebody is attached to stays.
    pub(super) fn clean_later(&mut self, no: SessionNo, now: Instant) {
        let Some(entry) = self.sessions.get(&no) else { return };
        let state = entry.info.state;
        let shown = entry.workspace.as_ref().is_some_and(|name| self.is_followed(name));
        let limit = match state {
            _ if shown || entry.starting || entry.info.clients > 0 => None,
            // Whoever shows it is attached elsewhere.
            _ if matches!(entry.info.kind, SessionKind::Remote(_)) => None,
            SessionState::Stopped => self.clean_up.stopped,
            SessionState::Detached => self.clean_up.detached,
            SessionState::Running => None,
        };
        let wanted = limit.map(|limit| (state, limit));
        let Some(entry) = self.sessions.get_mut(&no) else { return };
        // The time counts from when this began, not from the last thing that happened.
        if std::mem::replace(&mut entry.cleans, wanted) == wanted {
            return;
        }
        match limit {
            Some(limit) => self.timers.set(Timer::CleanUp(no), now + limit),
            None => self.timers.cancel(&Timer::CleanUp(no)),
        }
    }

    /// As [`Desk::clean_later`] for the panes of a workspace that somebody follows now, or no longer.
    pub(super) fn clean_space_later(&mut self, name: &str, now: Instant) {
        let panes = self.space(name).map(|space| space.whole.panes.clone()).unwrap_or_default();
        for no in panes {
            self.clean_later(no, now);
        }
    }

    pub(super) fn attach(
        &mut self,
        client: ClientId,
        params: AttachParams,
        now: Instant,
        effects: &mut Vec<Effect>,
    ) -> Result<Value, Error> {
        let no = self.find(&params.session_id)?;
        if let Some(client) = self.clients.get_mut(&client) {
            client.attached.insert(no);
        }
        self.count_clients(no, now, effects);
        self.session(no)
    }

    pub(super) fn detach(&mut self, ticket: Ticket, params: DetachParams, now: Instant, effects: &mut Vec<Effect>) {
        let who = self.find(&params.session_id).and_then(|no| Ok((no, self.whom_to_detach(no, &ticket, &params)?)));
        let (no, who) = match who {
            Ok(found) => found,
            Err(error) => return effects.push(Effect::Reply(ticket, Err(error))),
        };
        for client in &who {
            if let Some(client) = self.clients.get_mut(client) {
                client.attached.remove(&no);
            }
        }
        let viewers = self.sessions.get(&no).map(|entry| entry.viewers.clone()).unwrap_or_default();
        let orders = viewers.iter().filter(|viewer| who.contains(viewer)).map(|viewer| (no, Order::Expel(*viewer)));
        match result(Detached { detached: who.len() }) {
            Ok(value) => effects.push(Effect::Order(ticket, orders.collect(), value)),
            Err(error) => effects.push(Effect::Reply(ticket, Err(error))),
        }
        self.count_clients(no, now, effects);
    }

    fn whom_to_detach(
        &self,
        no: SessionNo,
        ticket: &Ticket,
        params: &DetachParams,
    ) -> Result<BTreeSet<ClientId>, Error> {
        let is_window = |id: &ClientId| self.clients.get(id).is_some_and(|client| client.name == WINDOW);
        let mut who = self.attached(no);
        match params.client_id.map(ClientId) {
            Some(_) if params.all => return Err(Error::field("all", "this or client_id, not both")),
            Some(one) if !self.clients.contains_key(&one) => {
                return Err(Error::field("client_id", "the number of a client that list_clients has"));
            }
            Some(one) if is_window(&one) && one != ticket.client => {
                return Err(Error::field("client_id", "a client that is no window: its panes stay what they are"));
            }
            Some(one) => who.retain(|client| *client == one),
            None if params.all => who.retain(|client| !is_window(client)),
            None => who.retain(|client| *client == ticket.client),
        }
        Ok(who)
    }

    pub(super) fn delete(
        &mut self,
        params: &DeleteParams,
        now: Instant,
        effects: &mut Vec<Effect>,
    ) -> Result<Value, Error> {
        let no = self.find(&params.session_id)?;
        let clients = self.attached(no).len();
        if clients > 0 && !params.force {
            let message = format!("{clients} clients are attached");
            return Err(Error::about(code::CLIENTS_ATTACHED, message, "force", "true, to delete it all the same"));
        }
        self.terminate(no, now, effects);
        result(Empty {})
    }

    pub(super) fn list_clients(&self) -> Result<Value, Error> {
        let one = |(id, client): (&ClientId, &Client)| {
            let watched = self.sessions.values().filter(|entry| entry.viewers.contains(id)).map(|entry| entry.info.no);
            let all: BTreeSet<SessionNo> = watched.chain(client.attached.iter().copied()).collect();
            let sessions = all.iter().filter_map(|no| self.sessions.get(no)).map(|entry| entry.info.id.to_string());
            methods::Client {
                client_id: id.0,
                client: client.name.clone(),
                pid: client.pid,
                connected_at: client.since_ms,
                sessions: sessions.collect(),
                workspace: client.follows.clone(),
            }
        };
        result(ClientList { clients: self.clients.iter().map(one).collect() })
    }

    /// A session is off the board: nobody is attached to it any more, or subscribed to what it does.
    pub(super) fn release(&mut self, no: SessionNo) {
        self.timers.cancel(&Timer::CleanUp(no));
        for client in self.clients.values_mut() {
            client.attached.remove(&no);
            client.subscriptions.forget(no);
        }
    }

    /// Tells that a session's state is another one.
    pub(super) fn emit_state(&self, no: SessionNo, effects: &mut Vec<Effect>) {
        let Some(entry) = self.sessions.get(&no) else { return };
        let (session_id, state) = (entry.info.id.to_string(), entry.info.state.name().to_owned());
        let now = events::StateIs { session_id, no: no.0, state, clients: entry.info.clients };
        self.emit::<events::StateChanged>(Some(no), &now, effects);
    }
}
