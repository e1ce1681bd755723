//! Losing the host and finding it again: the picture stays, what is typed waits, and when the host is back the same session
//! is shown, wherever it was looked at. Which one that is its id says.

use std::time::Instant;

use super::core::{Core, Effect, Ending, Timer};
use crate::base::{SessionId, SessionNo};
use crate::client::{Backlog, Loss, Retry, Sent};
use crate::model::ViewAt;
use crate::protocol::stream::ClientMessage;

/// Where an attached terminal stands with its host.
#[derive(Debug, Default)]
pub(super) struct Seek {
    retry: Retry,
    /// Why the host is being sought; none while it is there.
    lost: Option<String>,
    backlog: Backlog,
    sent: Sent,
}

impl Seek {
    /// The host is there.
    pub fn new(now: Instant) -> Self {
        Self { retry: Retry::standing(now), ..Self::default() }
    }

    /// A connection stands, with this protocol.
    pub fn connected(&mut self, proto: u32) {
        self.sent.connected(proto);
    }

    /// The host took everything up to this piece of the session's input.
    pub fn taken(&mut self, session: SessionId, upto: u64) {
        self.sent.taken(session, upto);
    }

    /// What the user is to know.
    pub fn note(&self) -> Option<&'static str> {
        let full = self.backlog.is_full();
        self.lost.is_some().then_some(if full { " keys are lost " } else { " reconnecting " })
    }
}

impl Core {
    /// Tells the host about the session. While the host is away input waits for it, and nothing else means anything.
    pub(super) fn tell(&mut self, message: ClientMessage, effects: &mut Vec<Effect>) {
        if self.seek.lost.is_none() {
            effects.extend(self.seek.sent.send(self.id, message).into_iter().map(Effect::Send));
        } else {
            self.seek.backlog.push(self.id, message);
        }
    }

    pub(super) fn lost(&mut self, loss: Loss, now: Instant, effects: &mut Vec<Effect>) {
        let again = self.seek.retry.ended(loss.outlook, now);
        self.seek.lost = Some(loss.why);
        match (again, self.seek.retry.end()) {
            (Some(again), Some(end)) => {
                self.timers.set(Timer::Retry, again);
                self.timers.set(Timer::GiveUp, end);
            }
            _ => self.give_up(effects),
        }
    }

    pub(super) fn give_up(&mut self, effects: &mut Vec<Effect>) {
        if let Some(why) = &self.seek.lost {
            effects.push(Effect::End(Ending::Lost(why.clone())));
        }
    }

    /// The host has the session, under this number; it `listens` while it stands on something. One that was away is asked to show it as it was shown last.
    pub(super) fn found(&mut self, no: SessionNo, listens: bool, now: Instant, effects: &mut Vec<Effect>) {
        if self.seek.lost.take().is_none() {
            return;
        }
        self.timers.cancel(&Timer::Retry);
        self.timers.cancel(&Timer::GiveUp);
        self.seek.retry.stands(now);
        let screen = self.mirror.screen(self.no).filter(|screen| screen.offset > 0);
        let place = screen.map(|screen| ViewAt::Row { epoch: screen.epoch, top: screen.top });
        if no != self.no {
            self.mirror.forget(self.no);
            self.no = no;
        }
        // What was owed was owed to another connection.
        (self.owes_credit, self.credit_on_written) = (false, false);
        self.painter.forget();
        if let Some(place) = place {
            self.tell(ClientMessage::View(place), effects);
        }
        self.show(now, effects);
        if !listens {
            // One that was restored from a disk would take it for an order to start.
            self.seek.sent.left(self.id);
            self.seek.backlog.take();
        }
        // What the host that is gone may not have taken goes before what was typed since.
        effects.extend(self.seek.sent.again(self.id).into_iter().map(Effect::Send));
        for (_, message) in self.seek.backlog.take() {
            self.tell(message, effects);
        }
    }
}
