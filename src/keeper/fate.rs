//! What is known of a process that others wait for and signal: shared by the program's [`super::Child`] and by whoever
//! learns of its end.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use rustix::process::Pid;

use super::child::Exit;

#[derive(Debug, Default)]
pub(super) struct Fate {
    state: Mutex<State>,
    told: Condvar,
}

/// Held over every signal, so that none goes astray.
#[derive(Debug, Default)]
pub(super) struct State {
    /// The id may by now belong to somebody else.
    pub(super) reaped: bool,
    /// The process group that was in the foreground when the program was asked to end, if it was another.
    pub(super) job: Option<Pid>,
    /// What the keeper said of its end.
    told: Option<Told>,
}

/// What becomes of waiting for a program that a keeper holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    Exit(Exit),
    /// There is no keeper any more that could tell.
    Nobody,
}

impl Fate {
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was said first stays.
    pub(super) fn tell(&self, told: Told) {
        self.lock().told.get_or_insert(told);
        self.told.notify_all();
    }

    /// Waits for it.
    pub(super) fn wait(&self) -> Told {
        let mut state = self.lock();
        loop {
            match state.told {
                Some(told) => return told,
                None => state = self.told.wait(state).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }
}
