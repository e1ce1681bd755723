//! The memory that carries a program's output from the reader to the core: a ring in shared memory, written by the
//! reader's `read` call itself and parsed in place. Between the two travels only where the bytes lie.
//!
//! The ring has one [`Inlet`] and one [`Outlet`], each owned by one thread. The bytes from the tail up to the head
//! belong to the outlet, all others to the inlet; each end moves only its own edge, and only after it is done with the
//! bytes. The edges lie in the shared memory too, in front of the ring.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use memmap2::MmapRaw;

/// Bytes of the ring; a power of two.
const RING: usize = 1 << 20;
/// The most that the reader may be ahead of the core: little enough that Ctrl+C is immediate, enough that neither waits
/// for the other under a flood.
pub const AHEAD: usize = 256 << 10;
/// What lies in front of the ring: one page, of which the first two words are used.
const HEADER: usize = 4096;

/// Where some output lies, in bytes since the beginning of the session.
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

#[derive(Debug)]
struct Shared {
    map: MmapRaw,
}

impl Shared {
    /// Up to where the reader has written.
    fn head(&self) -> &AtomicU64 {
        self.word(0)
    }

    /// Up to where the core has parsed.
    fn tail(&self) -> &AtomicU64 {
        self.word(1)
    }

    fn word(&self, index: usize) -> &AtomicU64 {
        debug_assert!(index < HEADER / 8);
        // SAFETY: the mapping is at least a page long, page-aligned and lives as long as `self`; these words are only
        // ever used through this function, hence atomically.
        unsafe { &*self.map.as_ptr().cast::<AtomicU64>().add(index) }
    }
}

/// The reader's end.
#[derive(Debug)]
pub struct Inlet {
    shared: Arc<Shared>,
    /// Where the chunk begins that was not handed over yet.
    start: u64,
}

/// The core's end.
#[derive(Debug)]
pub struct Outlet {
    shared: Arc<Shared>,
}

/// A new, empty ring.
///
/// # Errors
/// The system has no memory or no descriptor left.
pub fn segment() -> io::Result<(Inlet, Outlet)> {
    let shared = Arc::new(Shared { map: map()? });
    Ok((Inlet { shared: Arc::clone(&shared), start: 0 }, Outlet { shared }))
}

#[cfg(target_os = "linux")]
fn map() -> io::Result<MmapRaw> {
    let fd = rustix::fs::memfd_create("synk-segment", rustix::fs::MemfdFlags::CLOEXEC)?;
    rustix::fs::ftruncate(&fd, (HEADER + RING) as u64)?;
    MmapRaw::map_raw(&fd)
}

#[cfg(not(target_os = "linux"))]
fn map() -> io::Result<MmapRaw> {
    Ok(memmap2::MmapMut::map_anon(HEADER + RING)?.into())
}

impl Inlet {
    /// The free bytes behind the head, up to the ring's end and to [`AHEAD`]; empty when the core has to catch up first.
    pub fn space(&mut self) -> &mut [u8] {
        let head = self.shared.head().load(Ordering::Relaxed);
        let tail = self.shared.tail().load(Ordering::Acquire);
        let free = AHEAD - (head - tail) as usize;
        let at = head as usize % RING;
        let length = free.min(RING - at);
        // SAFETY: `at + length` is within the ring. The bytes from the head up to the tail plus `AHEAD` belong to the
        // inlet alone (`AHEAD` is less than `RING`), there is one inlet, and it is borrowed for as long as the slice.
        unsafe { std::slice::from_raw_parts_mut(self.shared.map.as_mut_ptr().add(HEADER + at), length) }
    }

    /// The first `n` bytes of [`Inlet::space`] were written.
    pub fn publish(&mut self, n: usize) {
        debug_assert!(n <= self.space().len());
        self.shared.head().fetch_add(n as u64, Ordering::Release);
    }

    /// How much was published and not yet taken as a chunk.
    pub fn pending(&self) -> usize {
        (self.shared.head().load(Ordering::Relaxed) - self.start) as usize
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
        (self.shared.head().load(Ordering::Relaxed) as usize).is_multiple_of(RING)
    }
}

impl Outlet {
    /// The bytes of a chunk, which the inlet has sent and nobody has released.
    pub fn bytes(&self, chunk: Chunk) -> &[u8] {
        let at = chunk.offset as usize % RING;
        let head = self.shared.head().load(Ordering::Acquire);
        let tail = self.shared.tail().load(Ordering::Relaxed);
        let end = chunk.offset + chunk.length as u64;
        // A chunk out of these bounds would be a bug of the reader; parsing nothing is the harmless answer.
        debug_assert!(chunk.offset >= tail && end <= head && at + chunk.length <= RING);
        if chunk.offset < tail || end > head || at + chunk.length > RING {
            return &[];
        }
        // SAFETY: the range is within the ring and between tail and head, where the inlet does not write. It stays so
        // until `release`, which needs this end exclusively.
        unsafe { std::slice::from_raw_parts(self.shared.map.as_ptr().add(HEADER + at), chunk.length) }
    }

    /// The bytes of the chunk were parsed and may be written over. Chunks are released in their order.
    pub fn release(&mut self, chunk: Chunk) {
        self.shared.tail().store(chunk.offset + chunk.length as u64, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reader_stops_when_it_is_far_enough_ahead() {
        let (mut inlet, mut outlet) = segment().unwrap();
        assert_eq!(inlet.space().len(), AHEAD);
        inlet.publish(AHEAD);
        assert!(inlet.space().is_empty());
        let chunk = inlet.take_chunk().unwrap();
        assert_eq!((chunk, inlet.take_chunk()), (Chunk { offset: 0, length: AHEAD }, None));
        outlet.release(chunk);
        assert_eq!(inlet.space().len(), AHEAD);
    }

    #[test]
    fn every_byte_arrives_once_and_in_order_around_the_ring() {
        let (mut inlet, mut outlet) = segment().unwrap();
        let (sender, receiver) = crossbeam_channel::bounded::<Chunk>(4);
        let total = 5 * RING + 12_345;
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
            }
            assert_eq!(seen, total);
        });
    }
}
