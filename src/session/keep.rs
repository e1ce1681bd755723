//! When the state of a session is written to its memory: after so much output, when output rests, and when there is no
//! room for what else happens.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::core::Core;
use super::memory::{Event, Memory, Note};
use super::unsaved::Unsaved;

/// A snapshot is made after so much output, in bytes: a host that takes over parses no more than this again, and half of
/// the ring is still free. Made less often, they cost less than their share: of a flood most lines have left the history
/// again by then, and are never kept (`benches/snapshots.rs`).
const MOST: u64 = 8 << 20;
/// Less than this is parsed again in no time: no snapshot is made for it.
const LITTLE: u64 = 64 << 10;
/// How long output rests before a snapshot covers it, so that its memory is given back.
const REST: Duration = Duration::from_secs(1);

/// Writes a session's state to the memory of its program.
#[derive(Debug)]
pub(super) struct Keeping {
    memory: Arc<Memory>,
    /// Hears of every change, where the session is saved to a disk too.
    unsaved: Option<Arc<Unsaved>>,
    due: Option<Instant>,
    /// The system had no memory for the last snapshot.
    failed: bool,
}

impl Keeping {
    /// Begins with the state as it is.
    pub(super) fn begin(memory: Arc<Memory>, unsaved: Option<Arc<Unsaved>>, core: &mut Core) -> Self {
        let mut keeping = Self { memory, unsaved, due: None, failed: false };
        keeping.save(core);
        if let Some(unsaved) = &keeping.unsaved {
            unsaved.lies_in(&keeping.memory);
        }
        keeping
    }

    /// Input came to nothing, as there is no program; but it was taken.
    pub(super) fn taken(&self, note: Note) {
        if let Err(e) = self.memory.take(&[], note) {
            log::warn!("what was taken of a client is not kept: {e}");
        }
    }

    /// Another memory is kept from here on: it has the label and the receipts that this one has now.
    pub(super) fn hand_over(&self, to: &Memory) {
        to.adopt_receipts(&self.memory);
        if let Err(e) = self.memory.label().and_then(|label| to.set_label(&label)) {
            log::warn!("the name of a session is not kept: {e}");
        }
    }

    /// When [`Keeping::tick`] has to be called.
    pub(super) fn next(&self) -> Option<Instant> {
        self.due
    }

    /// The state has changed without output. False where a snapshot was made, for which that is all the same.
    pub(super) fn note(&mut self, event: &Event, core: &mut Core) -> bool {
        let noted = self.memory.note(event);
        self.changed();
        if !noted {
            self.save(core);
        }
        noted
    }

    /// Output was parsed.
    pub(super) fn parsed(&mut self, core: &mut Core, now: Instant) {
        self.changed();
        let uncovered = self.memory.uncovered();
        if uncovered >= MOST {
            self.save(core);
        } else if uncovered >= LITTLE && self.due.is_none() {
            self.due = Some(now + REST);
        }
    }

    fn changed(&self) {
        if let Some(unsaved) = &self.unsaved {
            unsaved.changed();
        }
    }

    /// Makes the snapshot that is due, unless output does not rest.
    pub(super) fn tick(&mut self, core: &mut Core, now: Instant) {
        if self.due.is_none_or(|due| due > now) {
            return;
        }
        match core.last_output().map(|at| at + REST).filter(|until| *until > now) {
            Some(until) => self.due = Some(until),
            None => drop(self.save(core)),
        }
    }

    /// False where the system has no memory for it.
    pub(super) fn save(&mut self, core: &mut Core) -> bool {
        self.due = None;
        let saved = save(&self.memory, core);
        if let Err(e) = &saved {
            if !self.failed {
                log::warn!("the state of a session is not kept for a host that takes over: {e}");
            }
            self.memory.skip();
        }
        self.failed = saved.is_err();
        !self.failed
    }

    /// The core's terminal is again as it was when it was saved last.
    pub(super) fn recall(&self, core: &mut Core) {
        if let Err(why) = core.recall(&self.memory) {
            log::error!("the screen of a session is lost: {why}");
            core.engine.forget_kept_pages();
            core.engine.resize(core.facts.size);
        }
    }
}

fn save(memory: &Memory, core: &mut Core) -> io::Result<()> {
    let mut saving = memory.begin();
    let snapshot = core.save(&mut saving);
    saving.commit(&snapshot, core.engine.first_kept_page())
}
