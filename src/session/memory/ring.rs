//! The ring that carries a program's output from the reader to the core: written by the reader's `read` call itself and
//! parsed in place. Between the two travels only where the bytes lie.
//!
//! The ring has one [`Inlet`] and one [`Outlet`], each owned by one thread. The bytes from the tail up to the head belong
//! to the outlet; those from where the last snapshot ends up to the tail to nobody, they wait for a host that takes over;
//! all others to the inlet. Each end moves only its own edge, and only after it is done with the bytes.

use std::sync::Arc;

use super::file::{Memory, RING, RING_AT, Word};

/// The most that the reader may be ahead of the core: little enough that Ctrl+C is immediate, enough that neither waits
/// for the other under a flood.
pub const AHEAD: usize = 256 << 10;
/// How much is read at once, at the most: twice what Linux gives of a terminal. These bytes behind the head are zero and
/// their pages are there before the read: what a reader that is killed has read and not published is found by not being
/// zero, and a page that is missing while it is killed would lose what should be copied there.
pub(super) const WINDOW: usize = 8 << 10;

/// Where some output lies, in bytes since the program began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chunk {
    pub offset: u64,
    /// Never 0; the chunk never crosses the ring's end.
    pub length: usize,
}

impl Chunk {
    /// The first `n` bytes, and what is left if anything is.
    pub fn split(self, n: usize) -> (Self, Option<Self>) {
        let n = n.min(self.length);
        let left = Self { offset: self.offset + n as u64, length: self.length - n };
        (Self { length: n, ..self }, (left.length > 0).then_some(left))
    }
}

/// The reader's end.
#[derive(Debug)]
pub struct Inlet {
    memory: Arc<Memory>,
    /// Where the chunk begins that was not handed over yet.
    start: u64,
    /// Up to here the bytes behind the head are zero.
    clean: u64,
}

/// The core's end.
#[derive(Debug)]
pub struct Outlet {
    memory: Arc<Memory>,
}

/// The ends of a memory's ring, for a reader that goes on behind its head. Nobody else may have them.
pub fn ends(memory: Arc<Memory>) -> (Inlet, Outlet) {
    let head = memory.head();
    (Inlet { memory: Arc::clone(&memory), start: head, clean: head }, Outlet { memory })
}

impl Inlet {
    /// Free bytes behind the head, all zero; empty when the core has to catch up first.
    pub fn space(&mut self) -> &mut [u8] {
        let (head, tail, covered) = (self.memory.head(), self.memory.tail(), self.memory.get(Word::Covered));
        let ahead = AHEAD - (head - tail) as usize;
        let room = (RING - WINDOW).saturating_sub((head - covered) as usize);
        let at = head as usize % RING;
        let window = WINDOW.min(RING - at);
        // SAFETY: `at + window` is within the ring, of which a window's length is always free. The bytes from the head up to what the last snapshot covers, one time
        // around, belong to the inlet alone, there is one inlet, and it is borrowed for as long as the slice.
        let space = unsafe { std::slice::from_raw_parts_mut(self.memory.start().add(RING_AT + at), window) };
        let clean = (self.clean.max(head) - head) as usize;
        if clean < window {
            // All of it, however little is given away: all of it is looked at if this process is killed.
            space[clean..].fill(0);
            self.clean = head + window as u64;
        }
        &mut space[..ahead.min(room).min(window)]
    }

    /// The first `n` bytes of [`Inlet::space`] were written.
    pub fn publish(&mut self, n: usize) {
        let head = self.memory.head();
        debug_assert!(head + n as u64 <= self.clean);
        self.memory.set(Word::Head, head + n as u64);
    }

    /// How much was published and not yet taken as a chunk.
    pub fn pending(&self) -> usize {
        (self.memory.head() - self.start) as usize
    }

    /// What was published since the last chunk, if anything was. Never more than up to the ring's end: take a chunk
    /// before publishing again when the head has come there.
    pub fn take_chunk(&mut self) -> Option<Chunk> {
        let length = self.pending();
        let chunk = (length > 0).then_some(Chunk { offset: self.start, length });
        self.start += length as u64;
        chunk
    }

    /// Whether the head stands at the ring's end, where a chunk has to end too.
    pub fn at_end(&self) -> bool {
        (self.memory.head() as usize).is_multiple_of(RING)
    }
}

impl Outlet {
    /// The bytes of a chunk, which the inlet has sent and nobody has released.
    pub fn bytes(&self, chunk: Chunk) -> &[u8] {
        let end = chunk.offset + chunk.length as u64;
        // A chunk out of these bounds would be a bug of the reader; parsing nothing is the harmless answer.
        let sound = chunk.offset >= self.memory.tail() && end <= self.memory.head();
        debug_assert!(sound);
        if !sound {
            return &[];
        }
        self.memory.output(chunk)
    }

    /// The bytes of the chunk were parsed. Chunks are released in their order.
    pub fn release(&mut self, chunk: Chunk) {
        self.memory.set(Word::Tail, chunk.offset + chunk.length as u64);
    }
}

impl Memory {
    /// Bytes of the ring, which lie behind what the last snapshot covers and before the head.
    pub(super) fn output(&self, chunk: Chunk) -> &[u8] {
        let at = chunk.offset as usize % RING;
        debug_assert!(chunk.offset >= self.get(Word::Covered) && at + chunk.length <= RING);
        let length = chunk.length.min(RING - at);
        // SAFETY: the range is within the ring, and where the inlet does not write: before the head, and behind what the
        // last snapshot covers, which moves only when nobody looks at what is before it any more.
        unsafe { std::slice::from_raw_parts(self.start().add(RING_AT + at), length) }
    }

    /// Publishes what a reader has read and could not publish any more. To be called while there is no reader. What it
    /// ends with in NUL bytes is lost.
    pub(super) fn find_unpublished(&self) {
        let (head, covered) = (self.head(), self.get(Word::Covered));
        let at = head as usize % RING;
        let length = RING.saturating_sub((head - covered) as usize).min(RING - at).min(WINDOW);
        // SAFETY: the range is within the ring and nobody writes, as the caller says.
        let behind = unsafe { std::slice::from_raw_parts(self.start().add(RING_AT + at), length) };
        let found = behind.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        self.set(Word::Head, head + found as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment() -> (Inlet, Outlet) {
        ends(Arc::new(Memory::new().unwrap()))
    }

    #[test]
    fn the_reader_stops_when_it_is_far_enough_ahead() {
        let (mut inlet, mut outlet) = segment();
        for _ in 0..AHEAD / WINDOW {
            assert_eq!(inlet.space().len(), WINDOW);
            inlet.publish(WINDOW);
        }
        assert!(inlet.space().is_empty());
        let chunk = inlet.take_chunk().unwrap();
        assert_eq!((chunk, inlet.take_chunk()), (Chunk { offset: 0, length: AHEAD }, None));
        outlet.release(chunk);
        assert_eq!(inlet.space().len(), WINDOW);
    }

    #[test]
    fn every_byte_arrives_once_and_in_order_around_the_ring() {
        let (mut inlet, mut outlet) = segment();
        let (sender, receiver) = crossbeam_channel::bounded::<Chunk>(4);
        let memory = Arc::clone(&outlet.memory);
        let total = 3 * RING + 12_345;
        let byte = |i: usize| (i.wrapping_mul(2_654_435_761) >> 7) as u8;
        std::thread::scope(|scope| {
            scope.spawn(move || {
                let (mut written, mut step) = (0, 1);
                while written < total {
                    let space = inlet.space();
                    let n = space.len().min(step).min(total - written);
                    for (i, slot) in space[..n].iter_mut().enumerate() {
                        *slot = byte(written + i);
                    }
                    inlet.publish(n);
                    written += n;
                    step = step * 7 % 9973;
                    if n == 0 {
                        std::thread::yield_now();
                    }
                    if inlet.pending() > 16_384 || inlet.at_end() || n == 0 || written == total {
                        inlet.take_chunk().into_iter().for_each(|chunk| sender.send(chunk).unwrap());
                    }
                }
            });
            let mut seen = 0;
            while let Ok(chunk) = receiver.recv() {
                let bytes = outlet.bytes(chunk);
                assert_eq!(bytes.len(), chunk.length);
                assert!(bytes.iter().enumerate().all(|(i, b)| *b == byte(seen + i)), "around byte {seen}");
                seen += bytes.len();
                outlet.release(chunk);
                // As a snapshot does.
                memory.set(Word::Covered, seen as u64);
            }
            assert_eq!(seen, total);
        });
    }

    #[test]
    fn what_no_snapshot_covers_is_not_written_over() {
        let (mut inlet, mut outlet) = segment();
        let mut published = 0;
        while !inlet.space().is_empty() {
            let n = inlet.space().len();
            assert!(inlet.space().iter().all(|byte| *byte == 0));
            inlet.space().fill(b'x');
            inlet.publish(n);
            published += n;
            outlet.release(inlet.take_chunk().unwrap());
        }
        assert_eq!(published, RING - WINDOW);
        outlet.memory.set(Word::Covered, 100);
        assert_eq!(inlet.space().len(), 100);
    }

    #[test]
    fn what_was_read_and_not_published_is_found() {
        let (mut inlet, outlet) = segment();
        inlet.space()[..6].copy_from_slice(b"abc\0d\0");
        inlet.publish(2);
        outlet.memory.find_unpublished();
        assert_eq!(outlet.memory.head(), 5);
        outlet.memory.find_unpublished();
        assert_eq!(outlet.memory.head(), 5);
        assert_eq!(outlet.bytes(Chunk { offset: 0, length: 5 }), b"abc\0d");
    }
}
