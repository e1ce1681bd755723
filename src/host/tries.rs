//! When something is tried again that has failed: later and later, and at last only after another change.

use std::time::Duration;

/// The longest wait after a failure.
const LONGEST: Duration = Duration::from_secs(60);
/// After so many failures in a row only a new change leads to another try: an idle host must not wake up for ever.
const TRIES: u32 = 7;

/// How often in a row something has failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Tries(u32);

impl Tries {
    /// It failed once more. True for the first time.
    pub(super) fn failed(&mut self) -> bool {
        self.0 = self.0.saturating_add(1);
        self.0 == 1
    }

    /// It went well. True where it had failed before.
    pub(super) fn went_well(&mut self) -> bool {
        std::mem::take(self).0 > 0
    }

    /// Whether it is tried again though nothing changes.
    pub(super) fn goes_on(self) -> bool {
        self.0 <= TRIES
    }

    /// How long to wait before the next try, where the first comes after `first`.
    pub(super) fn wait(self, first: Duration) -> Duration {
        first.saturating_mul(1 << self.0.min(TRIES)).min(LONGEST)
    }
}
