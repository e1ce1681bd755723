//! Whether hosts end over the state of a session. Hosts are killed for other reasons too, as often as somebody likes, and
//! then it says nothing that one was at it, however many there are in a row: each ends at some place of its own. Those that
//! end over the state itself end at the same place of it.

use super::file::{Memory, Word};

/// A restore has begun. 0 is for none that was begun and not finished.
const BEGUN: u64 = 1;
/// A restore parses the output from this byte on.
const AT: u64 = 2;
/// A restore reads this page of history.
const PAGE: u64 = 1 << 63;
/// How much output is one place, in bytes. A host parses this in about a millisecond.
pub(super) const STRIDE: u64 = 64 << 10;

impl Memory {
    /// How many hosts in a row have ended at the same place of their restores.
    pub fn ends(&self) -> u64 {
        match self.get(Word::Restoring) {
            0 => 0,
            ended if ended == self.get(Word::EndedAt) => self.get(Word::Ends) + 1,
            _ => 1,
        }
    }

    /// A restore begins, after so many hosts: [`Memory::ends`].
    pub fn begin_restore(&self) -> u64 {
        let ends = self.ends();
        self.set(Word::EndedAt, self.get(Word::Restoring));
        self.set(Word::Ends, ends);
        self.set(Word::Restoring, BEGUN);
        ends
    }

    /// It comes to this page of history.
    pub(super) fn restores_page(&self, number: u64) {
        self.set(Word::Restoring, PAGE | number);
    }

    /// It comes to this byte of the output.
    pub(super) fn restores_at(&self, byte: u64) {
        self.set(Word::Restoring, AT.saturating_add(byte));
    }

    /// It is finished.
    pub fn finish_restore(&self) {
        self.set(Word::Ends, 0);
        self.set(Word::Restoring, 0);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::session::memory::ends;

    /// A memory with so much output, all of which was parsed.
    fn memory(length: u64) -> Memory {
        let memory = Arc::new(Memory::new().unwrap());
        let (mut inlet, mut outlet) = ends(Arc::clone(&memory));
        while memory.head() < length {
            let space = inlet.space();
            let n = space.len();
            space.fill(b'x');
            inlet.publish(n);
            outlet.release(inlet.take_chunk().unwrap());
        }
        drop((inlet, outlet));
        Arc::into_inner(memory).unwrap()
    }

    /// A host restores up to about this byte, and is no more. What it heard at the beginning.
    fn ends_at(memory: &Memory, byte: u64) -> u64 {
        let looked = memory.ends();
        let heard = memory.begin_restore();
        assert_eq!(heard, looked);
        memory.saved().output(byte, |_| {});
        heard
    }

    #[test]
    fn hosts_that_end_anywhere_say_nothing() {
        let memory = memory(40 * STRIDE);
        for n in 0..50 {
            let place = (n * 7 % 20) * STRIDE + n;
            assert!(ends_at(&memory, place) <= 1, "{n}");
            // In a page of history, before any output.
            assert!(memory.begin_restore() <= 1, "{n}");
            memory.saved().page(n);
        }
        memory.finish_restore();
        assert_eq!(memory.begin_restore(), 0);
    }

    #[test]
    fn hosts_that_end_at_the_same_place_are_counted() {
        let memory = memory(40 * STRIDE);
        for place in [0, 3 * STRIDE] {
            ends_at(&memory, 9 * STRIDE);
            ends_at(&memory, place);
            assert_eq!((1..12).map(|_| ends_at(&memory, place)).collect::<Vec<_>>(), (1..12).collect::<Vec<_>>());
        }
        memory.finish_restore();
        assert_eq!(ends_at(&memory, 0), 0);
    }
}
