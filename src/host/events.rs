//! The desk's events: who has subscribed to what, and what a change of a session comes to.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::call::{Effect, Order, Ticket};
use super::desk::{Desk, result};
use super::owed::Topic;
use crate::base::{ClientId, SessionNo};
use crate::model::{BoardEvent, SessionInfo};
use crate::protocol::events::{self, Event};
use crate::protocol::methods::{SubscribeParams, Subscribed, UnsubscribeParams};
use crate::protocol::rpc::Error;
use crate::protocol::shapes::{Session, WorkspaceShape};

/// What one connection wants to hear of: names of events, of all sessions or of one.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Subscriptions(BTreeSet<(&'static str, Option<SessionNo>)>);

impl Subscriptions {
    fn wants(&self, name: &'static str, no: Option<SessionNo>) -> bool {
        self.0.contains(&(name, None)) || no.is_some() && self.0.contains(&(name, no))
    }

    /// A session is gone.
    pub(super) fn forget(&mut self, no: SessionNo) {
        self.0.retain(|(_, of)| *of != Some(no));
    }

    fn names(&self) -> Vec<String> {
        let names: BTreeSet<&str> = self.0.iter().map(|(name, _)| *name).collect();
        names.into_iter().map(str::to_owned).collect()
    }

    /// The sessions whose output it wants.
    fn outputs(&self) -> BTreeSet<SessionNo> {
        let output = self.0.iter().filter(|(name, _)| *name == events::SessionOutput::NAME);
        output.filter_map(|(_, no)| *no).collect()
    }
}

impl Desk {
    pub(super) fn subscribe(&mut self, ticket: Ticket, params: SubscribeParams, effects: &mut Vec<Effect>) {
        let wanted = self.find_all(params.session_id.as_deref()).and_then(|no| {
            let names = match &params.events {
                Some(names) => names.iter().map(|name| events::known(name)).collect::<Result<Vec<_>, _>>()?,
                None => events::EVENTS.iter().map(|e| e.name).filter(|n| *n != events::SessionOutput::NAME).collect(),
            };
            if no.is_none() && names.contains(&events::SessionOutput::NAME) {
                return Err(Error::field("session_id", "a session, for session:output"));
            }
            Ok((no, names))
        });
        let (no, names) = match wanted {
            Ok(wanted) => wanted,
            Err(error) => return effects.push(Effect::Reply(ticket, Err(error))),
        };
        let client = ticket.client;
        let mut orders = Vec::new();
        let session = no.and_then(|no| self.sessions.get(&no));
        if let (Some(entry), true) = (session, names.contains(&events::SessionOutput::NAME)) {
            orders.push((entry.info.no, Order::Tap(client, entry.info.id)));
        }
        self.resubscribe(ticket, orders, |all| all.0.extend(names.iter().map(|name| (*name, no))), effects);
    }

    pub(super) fn unsubscribe(&mut self, ticket: Ticket, params: UnsubscribeParams, effects: &mut Vec<Effect>) {
        let unwanted = self.find_all(params.session_id.as_deref()).and_then(|no| {
            let names =
                params.events.map(|names| names.iter().map(|n| events::known(n)).collect::<Result<Vec<_>, _>>());
            Ok((no, names.transpose()?))
        });
        let (no, names) = match unwanted {
            Ok(unwanted) => unwanted,
            Err(error) => return effects.push(Effect::Reply(ticket, Err(error))),
        };
        let client = ticket.client;
        let had = self.clients.get(&client).map(|c| c.subscriptions.outputs()).unwrap_or_default();
        let goes = |(name, of): &(&'static str, Option<SessionNo>)| {
            (no.is_none() || *of == no) && names.as_ref().is_none_or(|names| names.contains(name))
        };
        let outputs = had.into_iter().filter(|of| goes(&(events::SessionOutput::NAME, Some(*of))));
        let orders = outputs.map(|of| (of, Order::Untap(client))).collect();
        self.resubscribe(ticket, orders, |all| all.0.retain(|one| !goes(one)), effects);
    }

    fn find_all(&self, session: Option<&str>) -> Result<Option<SessionNo>, Error> {
        session.map(|text| self.find(text)).transpose()
    }

    fn resubscribe(
        &mut self,
        ticket: Ticket,
        orders: Vec<(SessionNo, Order)>,
        change: impl FnOnce(&mut Subscriptions),
        effects: &mut Vec<Effect>,
    ) {
        let mut events = Vec::new();
        if let Some(client) = self.clients.get_mut(&ticket.client) {
            change(&mut client.subscriptions);
            events = client.subscriptions.names();
        }
        effects.push(match result(Subscribed { events }) {
            Ok(value) => Effect::Order(ticket, orders, value),
            Err(error) => Effect::Reply(ticket, Err(error)),
        });
    }

    /// Not all of these orders were taken: what was to be ended is not, and has to be there for who asks again. To
    /// begin anew what has begun does no harm.
    pub(super) fn not_taken(&mut self, orders: &[(SessionNo, Order)]) {
        for (no, order) in orders {
            if let Order::Untap(client) = order
                && let Some(client) = self.clients.get_mut(client)
            {
                client.subscriptions.0.insert((events::SessionOutput::NAME, Some(*no)));
            }
        }
    }

    /// Tells those who have subscribed to it.
    pub(super) fn emit<E: Event>(&self, no: Option<SessionNo>, params: &E::Params, effects: &mut Vec<Effect>) {
        let wants = |id: &ClientId| self.clients.get(id).is_some_and(|c| c.subscriptions.wants(E::NAME, no));
        let mut line: Option<Arc<str>> = None;
        for client in self.clients.keys().filter(|id| wants(id)) {
            let line = line.get_or_insert_with(|| events::line::<E>(params).into());
            effects.push(Effect::Notice(*client, topic::<E>(no), Arc::clone(line)));
        }
    }

    /// Tells a change of the board to whoever follows it, or this part of it, to whoever has subscribed, and that there
    /// is something to write down.
    pub(super) fn publish(&mut self, event: &BoardEvent, effects: &mut Vec<Effect>) {
        self.ledger.touch();
        let name = match event {
            BoardEvent::Session(_) => events::SessionChanged::NAME,
            BoardEvent::Removed(_) => events::SessionRemoved::NAME,
            BoardEvent::Workspace(_) => events::WorkspaceChanged::NAME,
        };
        let no = match event {
            BoardEvent::Session(info) => Some(info.no),
            BoardEvent::Removed(no) => Some(*no),
            BoardEvent::Workspace(_) => None,
        };
        let mut line: Option<Arc<str>> = None;
        for (id, client) in &self.clients {
            let follows = match (&client.follows, event) {
                (Some(name), BoardEvent::Workspace(workspace)) => *name == workspace.name,
                (follows, _) => follows.is_some(),
            };
            // The line of those who subscribed says more: whoever does both gets that one.
            if client.subscriptions.wants(name, no) {
                let line = line.get_or_insert_with(|| self.board_line(event).into());
                let topic = match event {
                    BoardEvent::Session(info) => Topic::Session(info.no),
                    BoardEvent::Removed(_) => Topic::Each,
                    BoardEvent::Workspace(workspace) => Topic::Workspace(workspace.name.clone()),
                };
                effects.push(Effect::Notice(*id, topic, Arc::clone(line)));
            } else if follows {
                effects.push(Effect::Event(*id, event.clone()));
            }
        }
    }

    fn board_line(&self, event: &BoardEvent) -> String {
        match event {
            BoardEvent::Session(info) => events::line::<events::SessionChanged>(&Session::from(info)),
            BoardEvent::Removed(no) => {
                let events::OfSession { session_id, no } = self.of_session(*no);
                events::line::<events::SessionRemoved>(&events::Gone { session_id: Some(session_id), no })
            }
            BoardEvent::Workspace(w) => events::line::<events::WorkspaceChanged>(&WorkspaceShape::from(w)),
        }
    }

    pub(super) fn publish_session(&mut self, no: SessionNo, effects: &mut Vec<Effect>) {
        if let Some(entry) = self.sessions.get(&no).filter(|entry| !entry.starting) {
            self.publish(&BoardEvent::Session(entry.info.clone()), effects);
        }
    }

    fn of_session(&self, no: SessionNo) -> events::OfSession {
        let session_id = self.sessions.get(&no).map(|entry| entry.info.id.to_string()).unwrap_or_default();
        events::OfSession { session_id, no: no.0 }
    }

    /// Tells what is new about a session that was so before.
    pub(super) fn changed(&mut self, no: SessionNo, before: &SessionInfo, effects: &mut Vec<Effect>) {
        let entry = self.sessions.get(&no).filter(|entry| !entry.starting && entry.info != *before);
        let Some(info) = entry.map(|entry| entry.info.clone()) else { return };
        self.publish(&BoardEvent::Session(info.clone()), effects);
        let session_id = || info.id.to_string();
        if info.title != before.title {
            let title = events::TitleIs { session_id: session_id(), no: no.0, title: info.title.clone() };
            self.emit::<events::TitleChanged>(Some(no), &title, effects);
        }
        if info.cwd != before.cwd {
            let cwd = events::CwdIs { session_id: session_id(), no: no.0, cwd: info.cwd.clone() };
            self.emit::<events::CwdChanged>(Some(no), &cwd, effects);
        }
        if info.state != before.state {
            self.emit_state(no, effects);
        }
        if before.exit_code.is_none() {
            self.emit_exit(no, effects);
        }
    }

    /// Tells that a session was made, and how its program ended if it has already.
    pub(super) fn emit_created(&mut self, no: SessionNo, effects: &mut Vec<Effect>) {
        let Some(entry) = self.sessions.get(&no) else { return };
        self.emit::<events::SessionCreated>(Some(no), &Session::from(&entry.info), effects);
        self.publish_session(no, effects);
        self.emit_exit(no, effects);
    }

    fn emit_exit(&self, no: SessionNo, effects: &mut Vec<Effect>) {
        let info = self.sessions.get(&no).map(|entry| &entry.info);
        if let Some((info, exit_code)) = info.and_then(|info| Some((info, info.exit_code?))) {
            let ended = events::Ended { session_id: info.id.to_string(), no: no.0, exit_code };
            self.emit::<events::SessionExit>(Some(no), &ended, effects);
        }
    }

    pub(super) fn emit_bell(&self, no: SessionNo, effects: &mut Vec<Effect>) {
        self.emit::<events::Bell>(Some(no), &self.of_session(no), effects);
    }

    pub(super) fn emit_notification(&self, no: SessionNo, title: String, body: String, effects: &mut Vec<Effect>) {
        let events::OfSession { session_id, no: number } = self.of_session(no);
        let attention = events::Attention { session_id, no: number, title, body };
        self.emit::<events::Notification>(Some(no), &attention, effects);
    }
}

/// An event that tells how something is now makes older ones about the same needless; one that something happened does
/// not.
fn topic<E: Event>(no: Option<SessionNo>) -> Topic {
    let is = [events::StateChanged::NAME, events::TitleChanged::NAME, events::CwdChanged::NAME, events::Bell::NAME];
    match no {
        Some(no) if is.contains(&E::NAME) => Topic::Latest(E::NAME, no),
        _ => Topic::Each,
    }
}
