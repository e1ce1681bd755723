//! Snapshots in a session's memory: made from time to time, and found again.

use std::io;
use std::ops::Range;

use super::events::Event;
use super::file::{Memory, PAGES, PAGES_AT, SYSTEM_PAGE, Word};
use super::restores::STRIDE;
use super::ring::Chunk;
use crate::base::point;
use crate::engine::PageKeeper;

/// A snapshot that is being made. Pages of history that it names are kept first.
#[derive(Debug)]
pub struct Saving<'a> {
    memory: &'a Memory,
    trouble: Option<io::Error>,
}

/// Length of a page, in front of it.
const PAGE_HEAD: u64 = 4;

impl Memory {
    /// Begins a snapshot of the state behind all output and events so far.
    pub fn begin(&self) -> Saving<'_> {
        Saving { memory: self, trouble: None }
    }

    fn page_room(&self) -> u64 {
        // What is given back goes a system's page further than what is needed no more.
        (PAGES - SYSTEM_PAGE).saturating_sub(self.get(Word::PagesEnd).saturating_sub(self.get(Word::PagesStart)))
    }

    /// A page of history by its number.
    pub fn page(&self, number: u64) -> Option<Vec<u8>> {
        let range = self.get(Word::PagesStart)..self.get(Word::PagesEnd);
        let inside = |at: u64, length: u64| range.start <= at && at.checked_add(length).is_some_and(|e| e <= range.end);
        let take = |at: u64, length: u64| inside(at, length).then(|| self.read_pages(at, length).ok()).flatten();
        let length = u32::from_le_bytes(take(number, PAGE_HEAD)?.try_into().ok()?);
        take(number + PAGE_HEAD, length.into())
    }

    /// Where bytes of pages lie: in one piece or, around the end, in two.
    fn page_pieces(at: u64, length: u64) -> [(u64, Range<usize>); 2] {
        let place = at % PAGES;
        let first = length.min(PAGES - place);
        [(PAGES_AT + place, 0..first as usize), (PAGES_AT, first as usize..length as usize)]
    }

    pub(super) fn read_pages(&self, at: u64, length: u64) -> io::Result<Vec<u8>> {
        let pieces = Self::page_pieces(at, length);
        let pieces = pieces.map(|(place, range)| self.read(range.len() as u64, place));
        let [first, second] = pieces;
        Ok([first?, second?].concat())
    }

    pub(super) fn write_pages(&self, at: u64, bytes: &[u8]) -> io::Result<()> {
        Self::page_pieces(at, bytes.len() as u64).into_iter().try_for_each(|(at, range)| self.write(&bytes[range], at))
    }

    /// How much output was parsed that no snapshot covers.
    pub fn uncovered(&self) -> u64 {
        self.tail() - self.get(Word::Covered)
    }

    /// Gives up what was not covered by a snapshot: none could be made. What is restored later has a gap here.
    pub fn skip(&self) {
        let (covered, tail) = (self.get(Word::Covered), self.tail());
        self.free_output(covered..tail);
        self.set(Word::Covered, tail);
    }
}

impl PageKeeper for Saving<'_> {
    fn keep(&mut self, page: &[u8]) -> Option<u64> {
        let length = u32::try_from(page.len()).ok()?;
        let memory = self.memory;
        if self.trouble.is_some() || memory.page_room() < PAGE_HEAD + page.len() as u64 {
            return None;
        }
        let at = memory.get(Word::PagesEnd);
        let written = memory.write_pages(at, &length.to_le_bytes());
        match written.and_then(|()| memory.write_pages(at + PAGE_HEAD, page)) {
            Ok(()) => {
                point("page-written");
                memory.set(Word::PagesEnd, at + PAGE_HEAD + page.len() as u64);
                Some(at)
            }
            Err(e) => {
                self.trouble = Some(e);
                None
            }
        }
    }
}

impl Saving<'_> {
    /// Writes the snapshot and lets it count; `first_page` is the oldest page that it names. Memory that only older
    /// snapshots needed is given back.
    ///
    /// # Errors
    /// The system has no memory left: the last snapshot counts on.
    pub fn commit(self, snapshot: &[u8], first_page: Option<u64>) -> io::Result<()> {
        let Self { memory, trouble } = self;
        if let Some(trouble) = trouble {
            return Err(trouble);
        }
        let before = memory.get(Word::Snapshot);
        let number = before + 1;
        memory.write(snapshot, Memory::slot(number))?;
        let (tail, covered) = (memory.tail(), memory.get(Word::Covered));
        memory.set(Word::Length(number), snapshot.len() as u64);
        memory.set(Word::At(number), tail);
        memory.set(Word::EventsAt(number), memory.get(Word::EventsEnd));
        point("snapshot-written");
        memory.set(Word::Snapshot, number);
        point("snapshot-counts");
        memory.free_before(before, covered..tail, first_page);
        // From here on the reader may write there.
        memory.set(Word::Covered, tail);
        Ok(())
    }
}

impl Memory {
    fn free_before(&self, snapshot: u64, output: Range<u64>, first_page: Option<u64>) {
        self.free(Self::slot(snapshot), self.get(Word::Length(snapshot)).next_multiple_of(SYSTEM_PAGE));
        self.free_output(output);
        let (start, end) = (self.get(Word::PagesStart), self.get(Word::PagesEnd));
        let first = first_page.unwrap_or(end);
        if first > start {
            self.set(Word::PagesStart, first);
            for (at, range) in Self::page_pieces(start, first - start) {
                self.free(at, range.len() as u64);
            }
        }
    }
}

impl Memory {
    /// The last snapshot. None before the first one.
    pub fn snapshot(&self) -> Option<io::Result<Vec<u8>>> {
        self.snapshot_of(self.get(Word::Snapshot))
    }

    /// The one of this number, which is the last. None for 0.
    pub(super) fn snapshot_of(&self, number: u64) -> Option<io::Result<Vec<u8>>> {
        (number > 0).then(|| self.read(self.get(Word::Length(number)), Self::slot(number)))
    }
}

/// What a host that takes over finds.
#[derive(Debug)]
pub struct Saved<'a> {
    memory: &'a Memory,
    /// The last snapshot, if it can be read; `None` where the program had hardly begun.
    pub snapshot: Option<io::Result<Vec<u8>>>,
    /// What happened since, with its place in the output.
    pub events: Vec<(u64, Event)>,
    at: u64,
    /// Output is missing between the snapshot and what follows.
    pub gap: bool,
}

impl Memory {
    /// Looks for what was kept. To be called while nobody else reads the program's output.
    pub fn saved(&self) -> Saved<'_> {
        self.find_unpublished();
        let number = self.get(Word::Snapshot);
        let snapshot = self.snapshot_of(number);
        let events = self.events_since(self.get(Word::EventsAt(number)));
        // The host may have ended after its snapshot counted and before the reader was told so. The other way round output
        // was given up of which there is no snapshot.
        let (covered, at) = (self.get(Word::Covered), self.get(Word::At(number)));
        Saved { memory: self, snapshot, events, at: at.max(covered), gap: covered > at }
    }
}

impl Saved<'_> {
    /// A page of history by its number.
    pub fn page(&self, number: u64) -> Option<Vec<u8>> {
        self.memory.restores_page(number);
        self.memory.page(number)
    }

    /// Up to where output was parsed.
    pub fn parsed(&self) -> u64 {
        self.memory.tail()
    }

    /// The output from where the last call ended up to this byte, piece by piece.
    pub fn output(&mut self, to: u64, mut take: impl FnMut(&[u8])) {
        while let Some(chunk) = self.chunk(to.min(self.memory.tail())) {
            take(self.memory.output(chunk));
            self.at += chunk.length as u64;
        }
    }

    /// Output that was read and not parsed, piece by piece: `take` parses some bytes at least, and says how many.
    pub fn rest(&mut self, mut take: impl FnMut(&[u8]) -> usize) {
        self.at = self.at.max(self.memory.tail());
        while let Some(chunk) = self.chunk(self.memory.head()) {
            let taken = take(self.memory.output(chunk)).clamp(1, chunk.length);
            self.at += taken as u64;
            self.memory.set(Word::Tail, self.at);
        }
    }

    fn chunk(&self, to: u64) -> Option<Chunk> {
        let length = super::file::to_ring_end(self.at).min(to.saturating_sub(self.at)).min(STRIDE);
        self.memory.restores_at(self.at);
        (length > 0).then_some(Chunk { offset: self.at, length: length as usize })
    }
}
