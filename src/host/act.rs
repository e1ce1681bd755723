//! What the desk's thread does with sessions: starts them, gives them orders, asks them.

use std::sync::Arc;
use std::thread;

use super::answer::{ByDesk, Gathered, One, Share, Way};
use super::ask::{AnswerAs, Question};
use super::call::{Input, Order, Plan, Ticket};
use super::launch::{Means, launch};
use super::runtime::Runtime;
use super::tap::TapDrain;
use crate::base::{SessionId, SessionNo};
use crate::protocol::methods::Delivered;
use crate::protocol::rpc::{Error, code};
use crate::session::message::Message;
use crate::session::{Ask, Handle, Reply, Unsent};

impl Runtime {
    pub(super) fn reply(&self, ticket: Ticket, result: Result<serde_json::Value, Error>) {
        self.way(ticket).reply(result);
    }

    /// Gives a session an order. False when it has no room for it now; a session that is over needs none.
    pub(super) fn order(&self, no: SessionNo, order: Order) -> bool {
        let Some(handle) = self.host.session(no) else { return true };
        let message = match order {
            Order::Expel(client) => Message::Expel(client),
            Order::Untap(client) => Message::Untap(client),
            Order::Relink => Message::Relink,
            Order::Tap(client, id) => {
                let Some(outbox) = self.outboxes.get(&client) else { return true };
                Message::Tap(client, TapDrain::new(client, no, id, outbox, &self.host))
            }
        };
        handle.try_send(message) != Err(Unsent::Full)
    }

    pub(super) fn ask(&self, no: SessionNo, session: SessionId, ticket: Ticket, question: Question) {
        let Question { ask, answer_as } = question;
        let reply = Reply::new(match answer_as {
            AnswerAs::Session => Box::new(ByDesk { host: Arc::downgrade(&self.host), ticket, no }),
            _ => Box::new(One { way: self.way(ticket), session, answer_as }),
        });
        // Without a session the reply is dropped, and says so.
        if let Some(handle) = self.host.session(no) {
            handle.ask(ask, reply);
        }
    }

    pub(super) fn broadcast(&self, ticket: Ticket, chosen: Vec<(Option<SessionNo>, Delivered)>, ask: &Ask) {
        let (asked, lines): (Vec<_>, Vec<_>) = chosen.into_iter().unzip();
        let all = Gathered::new(self.way(ticket), lines, asked.iter().flatten().count());
        for (line, no) in asked.into_iter().enumerate() {
            let Some(no) = no else { continue };
            let reply = Reply::new(Box::new(Share { all: Arc::clone(&all), line }));
            if let Some(handle) = self.host.session(no) {
                handle.ask(ask.clone(), reply);
            }
        }
        all.done(None);
    }

    /// The way to whoever asked.
    pub(super) fn way(&self, ticket: Ticket) -> Way {
        let outbox = self.outboxes.get(&ticket.client).map(Arc::downgrade).unwrap_or_default();
        Way { host: Arc::downgrade(&self.host), outbox, ticket }
    }

    /// Changes what a later host will know of a session.
    pub(super) fn relabel(&self, no: SessionNo, change: impl FnOnce(&[u8]) -> Option<Vec<u8>>) {
        if let Some(Err(e)) = self.host.session(no).map(|session| session.relabel(change)) {
            log::warn!("what changed about session {no} will be lost with this host: {e}");
        }
    }

    pub(super) fn with_session(&self, no: SessionNo, act: fn(&Handle)) {
        if let Some(handle) = self.host.session(no) {
            act(&handle);
        }
    }

    pub(super) fn start(&self, no: SessionNo, plan: Plan) {
        let (host, options, gate) = (Arc::clone(&self.host), Arc::clone(&self.options), Arc::clone(&self.gate));
        let started = thread::Builder::new().name(format!("start {no}")).spawn(move || {
            let report = host.reports(no);
            let means = Means { options: &options, host: &host, gate: &gate };
            let result = launch(no, plan, &means, report).map(|(handle, started)| {
                host.reached(no, handle);
                started
            });
            host.tell(Input::Started(no, result));
        });
        if let Err(e) = started {
            self.host.tell(Input::Started(no, Err(Error::new(code::INTERNAL, format!("no thread is left: {e}")))));
        }
    }
}
