//! Keys typed before the pane they are meant for is there: while the window connects, and after a new pane was asked
//! for. They wait and then go to it, as they would in a terminal whose shell is still starting. Keys for a pane that is
//! there and whose host is not wait elsewhere: they are for that session and no other.

use super::connection::State;
use super::core::Core;
use crate::model::key::KeyEvent;

/// More than anybody types in the moments this takes; what comes after it is dropped.
const MAX_AHEAD: usize = 1024;

impl Core {
    /// Whether the pane that has to get the keys is on its way.
    pub(super) fn awaits_pane(&self) -> bool {
        match self.connection.state {
            State::Starting => true,
            State::Up if !self.connection.is_current() && self.focus.is_none() => true,
            State::Up | State::Sought(_) => self.connection.expects_pane() || self.focus_next.is_some(),
            State::Down(_) => false,
        }
    }

    pub(super) fn type_ahead(&mut self, event: KeyEvent) {
        if self.ahead.len() < MAX_AHEAD {
            self.ahead.push(event);
        }
    }

    /// Sends what has waited, once there is a pane or none will come.
    pub(super) fn settle_ahead(&mut self) {
        if !self.ahead.is_empty() && !self.awaits_pane() {
            let waited = std::mem::take(&mut self.ahead);
            // A hint about an ended session would hide why no pane has come.
            if self.focus.is_some_and(|no| self.is_live(no)) {
                waited.into_iter().for_each(|event| self.type_key(event));
            }
        }
    }
}
