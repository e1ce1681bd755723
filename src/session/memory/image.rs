//! What a memory holds, as bytes for a file, taken while a session runs; and a memory made of such bytes. The session is
//! not asked and not held up: what changes while it is looked at is looked at again.

use std::io;
use std::ops::Range;

use super::events::Event;
use super::file::{EVENTS, Memory, PAGES, RING, RING_AT, SYSTEM_PAGE, Word};
use super::ring::WINDOW;

/// Enough to restore a session's state from: the state at one byte of its output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// None where the program had hardly begun.
    snapshot: Option<Vec<u8>>,
    /// What has happened since, with its place in the output.
    events: Vec<(u64, Event)>,
    /// At which byte of the output the snapshot was made.
    at: u64,
    /// The output since.
    output: Vec<u8>,
    /// The pages of history that the snapshot may name, by their numbers.
    pages: Range<u64>,
}

/// Numbers of bytes stay below this, so that nothing that counts on ever comes to an end.
const MOST: u64 = 1 << 62;

/// How often a memory is looked at until it stays the same meanwhile.
const LOOKS: u32 = 20;
/// How often with the output since the last snapshot, which takes longest to copy.
const WHOLE_LOOKS: u32 = 3;

impl Memory {
    /// The state of now, and its pages of history from this number on. None where it changes too fast.
    ///
    /// # Errors
    /// The system has no memory left.
    pub fn image(&self, pages_from: u64) -> io::Result<Option<(Image, Vec<u8>)>> {
        for look in 0..LOOKS {
            let number = self.get(Word::Snapshot);
            let image = self.look(number, pages_from, look < WHOLE_LOOKS);
            // The slot, the events and the output are written over, and old pages given back, only once there is another
            // snapshot.
            // So is output that was given up.
            if self.get(Word::Snapshot) == number
                && image.as_ref().is_ok_and(|(image, _)| self.get(Word::Covered) <= image.at)
            {
                return image.map(Some);
            }
        }
        Ok(None)
    }

    fn look(&self, number: u64, pages_from: u64, whole: bool) -> io::Result<(Image, Vec<u8>)> {
        let (mut events, mut output) = (Vec::new(), Vec::new());
        let at = self.get(Word::At(number)).max(self.get(Word::Covered));
        // Pages are there before a snapshot names them.
        let snapshot = self.snapshot_of(number);
        let pages = self.get(Word::PagesStart)..self.get(Word::PagesEnd);
        let from = pages_from.clamp(pages.start, pages.end);
        let new = self.read_pages(from, pages.end - from)?;
        if whole || number == 0 {
            // In this order: an event that is missing would be one before the end of the output.
            let tail = self.tail();
            events = self.events_since(self.get(Word::EventsAt(number)));
            events.retain(|(place, _)| *place <= tail);
            output = self.read_output(at..tail)?;
        }
        Ok((Image { snapshot: snapshot.transpose()?, events, at, output, pages }, new))
    }

    /// Output of the ring, through the file: whoever asks may be wrong about its being there.
    fn read_output(&self, range: Range<u64>) -> io::Result<Vec<u8>> {
        let length = range.end.saturating_sub(range.start);
        if length > RING as u64 {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let place = range.start % RING as u64;
        let first = length.min(RING as u64 - place);
        let pieces = [self.read(first, RING_AT as u64 + place)?, self.read(length - first, RING_AT as u64)?];
        Ok(pieces.concat())
    }

    fn write_output(&self, at: u64, bytes: &[u8]) -> io::Result<()> {
        let place = at % RING as u64;
        let (first, second) = bytes.split_at(bytes.len().min(RING - place as usize));
        self.write(first, RING_AT as u64 + place)?;
        self.write(second, RING_AT as u64)
    }

    /// A memory that holds this, with the bytes of its pages, and that nothing stands behind yet.
    ///
    /// # Errors
    /// The image makes no sense, or the system has no memory left.
    pub fn of_image(image: &Image, pages: &[u8]) -> io::Result<Self> {
        let wrong = |why: &str| io::Error::new(io::ErrorKind::InvalidData, why.to_owned());
        let Image { snapshot, events, at, output, pages: range } = image;
        if range.end.checked_sub(range.start) != Some(pages.len() as u64) {
            return Err(wrong("pages of the history are missing"));
        }
        if output.len() > RING - WINDOW {
            return Err(wrong("there is more output than there can be"));
        }
        if pages.len() as u64 > PAGES - SYSTEM_PAGE {
            return Err(wrong("there is more history than there can be"));
        }
        if *at > MOST || range.end > MOST {
            return Err(wrong("a number is larger than there can be"));
        }
        let end = at + output.len() as u64;
        let memory = Self::new()?;
        memory.write_pages(range.start, pages)?;
        memory.set(Word::PagesStart, range.start);
        memory.set(Word::PagesEnd, range.end);
        memory.write_output(*at, output)?;
        if let Some(snapshot) = snapshot {
            memory.write(snapshot, Self::slot(1))?;
            memory.set(Word::Length(1), snapshot.len() as u64);
            memory.set(Word::At(1), *at);
            memory.set(Word::Snapshot, 1);
        }
        memory.set(Word::Covered, *at);
        for (place, event) in events.iter().filter(|(place, _)| (*at..=end).contains(place)) {
            memory.set(Word::Tail, *place);
            if !memory.note(event) {
                return Err(wrong("there are more events than there can be"));
            }
        }
        memory.set(Word::Head, end);
        memory.set(Word::Tail, end);
        Ok(memory)
    }
}

/// What an image as bytes begins with: the version of this shape.
const VERSION: u32 = 1;

impl Image {
    /// The numbers of the pages that have to lie beside it.
    pub fn pages(&self) -> Range<u64> {
        self.pages.clone()
    }

    /// As bytes, which [`Image::from_bytes`] takes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let Self { snapshot, events, at, output, pages } = self;
        let mut out = VERSION.to_le_bytes().to_vec();
        [*at, pages.start, pages.end].iter().for_each(|n| out.extend(n.to_le_bytes()));
        let mut block = |bytes: &[u8]| {
            out.extend((bytes.len() as u64).to_le_bytes());
            out.extend(bytes);
        };
        match snapshot {
            Some(snapshot) => block(&[&[1], &snapshot[..]].concat()),
            None => block(&[0]),
        }
        block(output);
        for (place, event) in events {
            block(&[&place.to_le_bytes()[..], &event.put()].concat());
        }
        out
    }

    /// # Errors
    /// In words: these bytes are no image, or one of another version of synk.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, &'static str> {
        const CUT: &str = "it ends in the middle";
        let mut rest = bytes;
        let version = take::<4>(&mut rest).map(u32::from_le_bytes);
        if version != Some(VERSION) {
            return Err("it is of another version of synk");
        }
        let mut number = || take::<8>(&mut rest).map(u64::from_le_bytes);
        let (at, start, end) = (number().ok_or(CUT)?, number().ok_or(CUT)?, number().ok_or(CUT)?);
        let snapshot = match block(&mut rest).and_then(<[u8]>::split_first) {
            Some((1, snapshot)) => Some(snapshot.to_vec()),
            Some((0, [])) => None,
            _ => return Err(CUT),
        };
        let output = block(&mut rest).ok_or(CUT)?.to_vec();
        let mut events = Vec::new();
        while !rest.is_empty() && events.len() < EVENTS {
            let mut event = block(&mut rest).ok_or(CUT)?;
            let place = take::<8>(&mut event).map(u64::from_le_bytes).ok_or(CUT)?;
            events.push((place, Event::read(event).ok_or("it names an event that is not known")?));
        }
        Ok(Self { snapshot, events, at, output, pages: start..end })
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = rest.split_first_chunk()?;
    *rest = tail;
    Some(*head)
}

/// Bytes behind their length.
fn block<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = u64::from_le_bytes(take(rest)?);
    let (block, tail) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    *rest = tail;
    Some(block)
}
