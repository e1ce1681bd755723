//! Says that a session has changed since it was saved to a disk, once, and where its state is.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::memory::Memory;

/// Between a session and whoever saves it.
pub struct Unsaved {
    told: AtomicBool,
    memory: Mutex<Weak<Memory>>,
    tell: Box<dyn Fn() + Send + Sync>,
}

impl fmt::Debug for Unsaved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unsaved").field("told", &self.told).finish_non_exhaustive()
    }
}

impl Unsaved {
    /// `tell` is called when there is something to save, and must not block.
    pub fn new(tell: impl Fn() + Send + Sync + 'static) -> Self {
        Self { told: AtomicBool::new(false), memory: Mutex::default(), tell: Box::new(tell) }
    }

    /// Something has changed.
    pub(super) fn changed(&self) {
        // Called for every piece of output: mostly it was told already.
        if !self.told.load(Ordering::Relaxed) && !self.told.swap(true, Ordering::AcqRel) {
            (self.tell)();
        }
    }

    /// The state is kept there from here on.
    pub(super) fn lies_in(&self, memory: &Arc<Memory>) {
        *self.memory.lock().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(memory);
        self.changed();
    }

    /// Where the state is that is to be saved: what changes from here on is told again. None for a session that is no more.
    pub fn take(&self) -> Option<Arc<Memory>> {
        self.told.store(false, Ordering::Release);
        self.memory.lock().unwrap_or_else(PoisonError::into_inner).upgrade()
    }
}
