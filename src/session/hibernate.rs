//! A session that rests and that nobody watches hibernates: its memory has its screen and its history, the process gives up
//! its own. They are back before anything else happens to the session. What a core knows beside the terminal stays.

use std::time::{Duration, Instant};

use super::core::Core;
use super::keep::Keeping;
use crate::base::heap;

/// Whether a session hibernates, and when.
#[derive(Debug)]
pub(super) struct Hibernation {
    /// How long it has to rest; for ever without.
    after: Option<Duration>,
    due: Option<Instant>,
    is_on: bool,
}

impl Hibernation {
    pub(super) fn new(after: Option<Duration>) -> Self {
        Self { after, due: None, is_on: false }
    }

    /// When [`Hibernation::turned`] has to be called.
    pub(super) fn next(&self) -> Option<Instant> {
        self.due
    }

    /// Nothing of the core is used before this.
    pub(super) fn end(&mut self, core: &mut Core, keeping: Option<&Keeping>) {
        if std::mem::take(&mut self.is_on)
            && let Some(keeping) = keeping
        {
            keeping.recall(core);
        }
    }

    /// A turn is over: something has happened, or it is time.
    pub(super) fn turned(&mut self, core: &mut Core, keeping: Option<&mut Keeping>, now: Instant) {
        let due = self.due.take().is_some_and(|due| due <= now);
        let (Some(after), Some(keeping), true) = (self.after, keeping, core.rests()) else { return };
        if !due {
            self.due = now.checked_add(after);
        } else if keeping.save(core) {
            heap::freed(core.engine.shed());
            self.is_on = true;
        }
    }
}

impl Core {
    /// Whether nobody watches and nothing is pending but what the program may do.
    fn rests(&self) -> bool {
        !self.viewers.any_subscribed() && !self.viewers.any_scrolled_back() && self.next().is_none()
    }
}

#[cfg(test)]
#[path = "hibernate_tests.rs"]
mod tests;
