//! Time as the loops see it: read once per turn and passed down, settable in tests.

use std::time::{Duration, Instant};

/// Where a loop takes its time from. Only the thread around a loop reads one; a core is handed an [`Instant`].
#[derive(Debug, Clone)]
pub struct Clock {
    set: Option<Instant>,
}

impl Clock {
    /// The machine's monotonic clock.
    pub fn real() -> Self {
        Self { set: None }
    }

    /// A clock that stands still until [`Clock::advance`] moves it.
    pub fn stopped() -> Self {
        Self { set: Some(Instant::now()) }
    }

    pub fn now(&self) -> Instant {
        self.set.unwrap_or_else(Instant::now)
    }

    /// Moves a stopped clock on; a real one moves by itself.
    pub fn advance(&mut self, by: Duration) {
        if let Some(at) = &mut self.set {
            *at += by;
        }
    }
}
