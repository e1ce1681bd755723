//! The shared memory as a file: where things lie in it, and its header.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicU64, Ordering};

use memmap2::MmapRaw;

use crate::base::Twofold;

/// The version of the layout.
pub const LAYOUT: u32 = 2;
/// What every such memory begins with; the last character is the version of the layout.
const MARK: u64 = u64::from_le_bytes([b's', b'y', b'n', b'k', b'm', b'e', b'm', b'0' + LAYOUT as u8]);
/// The header, one page, of which the first words are used.
const HEADER: usize = 4096;
/// Room for events.
pub(super) const EVENTS: usize = 16 << 10;
/// Bytes of the ring; a power of two.
pub(super) const RING: usize = 16 << 20;
/// Pages of the system, in bytes; where they are larger, less is given back.
pub(super) const SYSTEM_PAGE: u64 = 4096;
/// Where things begin.
pub(super) const EVENTS_AT: usize = HEADER;
pub(super) const RING_AT: usize = HEADER + EVENTS;
/// Bytes of the ring of input, a power of two, and where it begins: not mapped, so that only what is used takes memory.
pub(super) const INPUT: u64 = 16 << 20;
pub(super) const INPUT_AT: u64 = 32 << 20;
/// What the host knows of the session. Its header lies behind the first words.
const LABEL: Twofold = Twofold { header: 2048, slots: 64 << 20, room: 16 << 20 };
/// What is mapped.
const MAPPED: usize = RING_AT + RING;
/// Room for pages of history. Only what is used takes memory, and so with the slots.
pub(super) const PAGES: u64 = 1 << 30;
pub(super) const PAGES_AT: u64 = 1 << 30;
const SLOT: u64 = 1 << 30;
const SLOTS_AT: u64 = PAGES_AT + PAGES;
const LENGTH: u64 = SLOTS_AT + 2 * SLOT;

/// How many numbers say what is known of the input; there are two such rooms.
pub(super) const ROOM: usize = 112;

/// The numbers in the header. Those that a memory of an older build does not have are 0 there.
#[derive(Debug, Clone, Copy)]
pub(super) enum Word {
    Mark,
    /// Up to where the reader has written.
    Head,
    /// Up to where the core has parsed.
    Tail,
    /// Up to where the snapshot goes that counts: the ring keeps everything behind it.
    Covered,
    /// How many snapshots were made: the last one lies in the slot of this number's last bit. 0 for none.
    Snapshot,
    /// Of each slot: how long its snapshot is, and at which byte of output and of events it was made.
    Length(u64),
    At(u64),
    EventsAt(u64),
    /// Up to where events were written.
    EventsEnd,
    /// Where pages of history begin that are needed, and end.
    PagesStart,
    PagesEnd,
    /// How many restores in a row have ended at the same place, where that was, and where the present one is.
    Ends,
    EndedAt,
    Restoring,
    /// How often input was taken: what is known of it lies in the room of this number's last bit.
    Taken,
    /// A number of such a room.
    Room(u64, usize),
}

impl Word {
    fn index(self) -> usize {
        let slot = |first: usize, slot: u64| first + (slot & 1) as usize;
        match self {
            Self::Mark => 0,
            Self::Head => 1,
            Self::Tail => 2,
            Self::Covered => 3,
            Self::Snapshot => 4,
            Self::Length(n) => slot(5, n),
            Self::At(n) => slot(7, n),
            Self::EventsAt(n) => slot(9, n),
            Self::EventsEnd => 11,
            Self::PagesStart => 12,
            Self::PagesEnd => 13,
            Self::Ends => 14,
            Self::Taken => 15,
            Self::Room(n, at) => slot(0, n) * ROOM + 16 + at,
            Self::EndedAt => 16 + 2 * ROOM,
            Self::Restoring => 17 + 2 * ROOM,
        }
    }
}

/// A session's shared memory, mapped.
#[derive(Debug)]
pub struct Memory {
    file: File,
    map: MmapRaw,
}

impl Memory {
    /// A new one, for a program that has written nothing yet.
    ///
    /// # Errors
    /// The system has no memory or no descriptor left.
    pub fn new() -> io::Result<Self> {
        let file = create()?;
        file.set_len(LENGTH)?;
        let memory = Self::map(file)?;
        memory.set(Word::Mark, MARK);
        Ok(memory)
    }

    /// One that an earlier host has made.
    ///
    /// # Errors
    /// It is none, or one of another version of synk; or the system has no memory left.
    pub fn open(fd: OwnedFd) -> io::Result<Self> {
        let wrong = |why: &str| io::Error::new(io::ErrorKind::InvalidData, why.to_owned());
        let file = File::from(fd);
        if file.metadata()?.len() != LENGTH {
            return Err(wrong("this is no memory of a session: its length is another"));
        }
        let memory = Self::map(file)?;
        if memory.get(Word::Mark) != MARK {
            return Err(wrong("this memory of a session is of another version of synk"));
        }
        let (covered, tail, head) = (memory.get(Word::Covered), memory.get(Word::Tail), memory.get(Word::Head));
        if !(covered <= tail && tail <= head && head - covered <= RING as u64) {
            return Err(wrong("this memory of a session is damaged"));
        }
        Ok(memory)
    }

    fn map(file: File) -> io::Result<Self> {
        let map = memmap2::MmapOptions::new().len(MAPPED).map_raw(&file)?;
        Ok(Self { file, map })
    }

    /// What the keeper is given.
    pub fn fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }

    /// How many bytes the program has written, as far as they were read.
    pub fn head(&self) -> u64 {
        self.get(Word::Head)
    }

    /// How many of them were parsed.
    pub fn tail(&self) -> u64 {
        self.get(Word::Tail)
    }

    pub(super) fn get(&self, word: Word) -> u64 {
        self.word(word).load(Ordering::Acquire)
    }

    /// Everything that was written before is there for whoever reads this.
    pub(super) fn set(&self, word: Word, value: u64) {
        self.word(word).store(value, Ordering::Release);
    }

    fn word(&self, word: Word) -> &AtomicU64 {
        debug_assert!(8 * word.index() < LABEL.header as usize);
        // SAFETY: the mapping is at least a page long, page-aligned and lives as long as `self`; these words are only
        // ever used through this function, hence atomically.
        unsafe { &*self.map.as_ptr().cast::<AtomicU64>().add(word.index()) }
    }

    /// The first byte of the mapping. Whoever uses it says why nobody else does.
    pub(super) fn start(&self) -> *mut u8 {
        self.map.as_mut_ptr()
    }

    pub(super) fn slot(number: u64) -> u64 {
        SLOTS_AT + (number & 1) * SLOT
    }

    pub(super) fn write(&self, bytes: &[u8], at: u64) -> io::Result<()> {
        self.file.write_all_at(bytes, at)
    }

    pub(super) fn read(&self, length: u64, at: u64) -> io::Result<Vec<u8>> {
        if length > SLOT {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut bytes = vec![0; length as usize];
        self.file.read_exact_at(&mut bytes, at)?;
        Ok(bytes)
    }

    /// Writes down what the host knows of the session.
    ///
    /// # Errors
    /// It is too long, or the system has no memory left.
    pub fn set_label(&self, label: &[u8]) -> io::Result<()> {
        LABEL.write(&self.file, label)
    }

    /// What the host knew of the session; empty if nothing was written.
    ///
    /// # Errors
    /// What is there makes no sense.
    pub fn label(&self) -> io::Result<Vec<u8>> {
        Ok(LABEL.read(&self.file)?.unwrap_or_default())
    }

    /// Gives back the memory of output that nobody needs any more.
    pub(super) fn free_output(&self, output: std::ops::Range<u64>) {
        let mut at = output.start;
        while at < output.end {
            let length = to_ring_end(at).min(output.end - at);
            self.free(RING_AT as u64 + at % RING as u64, length);
            at += length;
        }
    }

    /// Gives memory back to the system that nobody needs any more, as whole pages of the system: what lies before it in
    /// its first page is not needed either, what lies behind it may be.
    #[cfg(target_os = "linux")]
    pub(super) fn free(&self, at: u64, length: u64) {
        use rustix::fs::FallocateFlags;
        let how = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
        let (from, to) = (at / SYSTEM_PAGE * SYSTEM_PAGE, (at + length) / SYSTEM_PAGE * SYSTEM_PAGE);
        if to > from
            && let Err(e) = rustix::fs::fallocate(&self.file, how, from, to - from)
        {
            log::debug!("memory of a session stays though nobody needs it: {e}");
        }
    }

    #[cfg(not(target_os = "linux"))]
    pub(super) fn free(&self, _: u64, _: u64) {}
}

/// How many bytes lie between a byte of the output and the ring's end.
pub(super) fn to_ring_end(at: u64) -> u64 {
    RING as u64 - at % RING as u64
}

#[cfg(target_os = "linux")]
fn create() -> io::Result<File> {
    Ok(rustix::fs::memfd_create("synk-session", rustix::fs::MemfdFlags::CLOEXEC)?.into())
}

/// A file without a name, in the directory for such files.
#[cfg(not(target_os = "linux"))]
fn create() -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    let path = std::env::temp_dir().join(format!("synk-{}", crate::base::SessionId::new()));
    let file = std::fs::OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path)?;
    std::fs::remove_file(&path)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_memory_of_this_version_is_refused() {
        let memory = Memory::new().unwrap();
        let again = || Memory::open(memory.fd().try_clone_to_owned().unwrap());
        again().unwrap();
        memory.set(Word::Tail, 5);
        assert_eq!(again().unwrap_err().to_string(), "this memory of a session is damaged");
        memory.set(Word::Head, 5);
        again().unwrap();
        memory.set(Word::Mark, MARK + 1);
        assert!(again().unwrap_err().to_string().contains("another version"));
        let other = std::fs::File::open("/dev/null").unwrap();
        assert!(Memory::open(other.into()).unwrap_err().to_string().contains("no memory"));
    }
}
