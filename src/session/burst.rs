//! Whether output comes as a burst, in which it pays to let some of it gather before reading on: a reader that reads an
//! empty terminal again at once only gets in the way of the program that writes to it. (Measured on Linux: a nap of
//! 20 us after short reads doubles the rate of a program that writes short lines.) As a value, with the time passed in.

use std::time::{Duration, Instant};

/// How long to let output gather.
pub(super) const NAP: Duration = Duration::from_micros(20);
/// A longer silence ends a burst.
const GAP: Duration = Duration::from_millis(1);
/// What comes before this much of a burst is handed on without a nap: echoes and redraws are smaller.
const START: usize = 4 << 10;
/// How long one message to the core may be gathered.
const LONGEST: Duration = Duration::from_millis(1);

/// The burst of one session's output.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Burst {
    last: Option<Instant>,
    /// Bytes since it began.
    bytes: usize,
    /// When the message that is being gathered began.
    turn: Option<Instant>,
}

impl Burst {
    /// A message begins to be gathered.
    pub(super) fn begin(&mut self) {
        self.turn = None;
    }

    /// So many bytes were read.
    pub(super) fn read(&mut self, bytes: usize, now: Instant) {
        if self.last.is_some_and(|last| now.saturating_duration_since(last) > GAP) {
            self.bytes = 0;
        }
        self.bytes += bytes;
        self.last = Some(now);
        self.turn.get_or_insert(now);
    }

    /// More came than an echo or a redraw is long.
    pub(super) fn is_long(&self) -> bool {
        self.bytes > START
    }

    /// Nothing is there right now: whether to wait for [`NAP`] and read again rather than hand on what there is.
    pub(super) fn goes_on(&self, now: Instant) -> bool {
        let recent = |at: Option<Instant>, limit| at.is_some_and(|at| now.saturating_duration_since(at) < limit);
        self.is_long() && recent(self.last, GAP) && recent(self.turn, LONGEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_echo_never_waits_and_a_flood_does_for_a_while() {
        let (mut burst, t) = (Burst::default(), Instant::now());
        let us = Duration::from_micros;
        burst.begin();
        burst.read(80, t);
        assert!(!burst.goes_on(t));
        for n in 1..=60 {
            burst.read(80, t + us(10 * n));
        }
        assert!(burst.goes_on(t + us(610)));
        assert!(!burst.goes_on(t + us(1010)), "the core gets its message");
        burst.begin();
        assert!(!burst.goes_on(t + us(1020)), "nothing was read since: there is nothing to gather");
        burst.read(1000, t + us(1100));
        assert!(burst.goes_on(t + us(1110)));
        burst.begin();
        burst.read(80, t + us(5000));
        assert!(!burst.goes_on(t + us(5000)), "after a silence it is an echo again");
    }
}
