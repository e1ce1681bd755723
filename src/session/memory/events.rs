//! What changes the state of a session beside its output, written down at its byte of the output: a restore repeats both
//! in their order.

use super::file::{EVENTS, EVENTS_AT, Memory, Word};
use crate::base::point;

/// A change of the state that the program's output did not make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The terminal has this size in cells, and its cells have this one in pixels.
    Resize { cols: u16, lines: u16, cell_w: u16, cell_h: u16 },
    /// A process group asked for what nobody had claimed.
    Claim(u32),
    /// A process group is gone that had asked something of the input.
    Disown(u32),
    /// A synchronized update took too long.
    Release,
    /// The session itself wrote this.
    Say(String),
    /// The link was lost.
    Lost,
}

impl Event {
    pub(super) fn put(&self) -> Vec<u8> {
        let numbers = |kind: u8, numbers: &[u32]| {
            let bytes = numbers.iter().flat_map(|n| n.to_le_bytes());
            std::iter::once(kind).chain(bytes).collect()
        };
        match self {
            Self::Resize { cols, lines, cell_w, cell_h } => {
                numbers(1, &[*cols, *lines, *cell_w, *cell_h].map(u32::from))
            }
            Self::Claim(group) => numbers(2, &[*group]),
            Self::Disown(group) => numbers(3, &[*group]),
            Self::Release => numbers(4, &[]),
            Self::Say(text) => [&[5], text.as_bytes()].concat(),
            Self::Lost => numbers(6, &[]),
        }
    }

    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let (kind, rest) = bytes.split_first()?;
        let number = |at: usize| Some(u32::from_le_bytes(rest.get(4 * at..4 * at + 4)?.try_into().ok()?));
        let small = |at: usize| u16::try_from(number(at)?).ok();
        Some(match kind {
            1 => Self::Resize { cols: small(0)?, lines: small(1)?, cell_w: small(2)?, cell_h: small(3)? },
            2 => Self::Claim(number(0)?),
            3 => Self::Disown(number(0)?),
            4 => Self::Release,
            5 => Self::Say(String::from_utf8(rest.to_vec()).ok()?),
            6 => Self::Lost,
            _ => return None,
        })
    }
}

/// Length and place in the output, before each event.
const HEAD: usize = 2 + 8;

impl Memory {
    /// Writes down what happened behind all output that was parsed so far. False where there is no room: then a snapshot
    /// has to be made.
    pub fn note(&self, event: &Event) -> bool {
        let bytes = event.put();
        let end = self.get(Word::EventsEnd);
        let needed = self.get(Word::EventsAt(self.get(Word::Snapshot)));
        let Ok(length) = u16::try_from(bytes.len()) else { return false };
        if end - needed + (HEAD + bytes.len()) as u64 > EVENTS as u64 {
            return false;
        }
        let entry = [&length.to_le_bytes()[..], &self.tail().to_le_bytes(), &bytes].concat();
        for (i, byte) in entry.iter().enumerate() {
            let at = EVENTS_AT + (end as usize + i) % EVENTS;
            // SAFETY: the place is in the room for events, which only the thread of the core writes to, and behind the
            // end of what anybody may read.
            unsafe { self.start().add(at).write(*byte) };
        }
        point("event-written");
        self.set(Word::EventsEnd, end + entry.len() as u64);
        true
    }

    /// What happened since some byte of events, with its place in the output. Stops at what makes no sense.
    pub(super) fn events_since(&self, mut at: u64) -> Vec<(u64, Event)> {
        let end = self.get(Word::EventsEnd);
        let mut events = Vec::new();
        if end.checked_sub(at).is_none_or(|length| length > EVENTS as u64) {
            return events;
        }
        let bytes = |from: u64, length: usize| -> Vec<u8> {
            let place = |i: usize| EVENTS_AT + (from as usize + i) % EVENTS;
            // SAFETY: the places are in the room for events and before their end: nobody writes there any more.
            (0..length).map(|i| unsafe { self.start().add(place(i)).read() }).collect()
        };
        while end - at >= HEAD as u64 {
            let head = bytes(at, HEAD);
            let (Ok(length), Ok(place)) = (head[..2].try_into(), head[2..].try_into()) else { break };
            let (length, place) = (usize::from(u16::from_le_bytes(length)), u64::from_le_bytes(place));
            let next = at + (HEAD + length) as u64;
            if next > end {
                break;
            }
            let Some(event) = Event::read(&bytes(at + HEAD as u64, length)) else { break };
            events.push((place, event));
            at = next;
        }
        events
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read_as_they_were_written_while_there_is_room() {
        let memory = Memory::new().unwrap();
        let all = [
            Event::Resize { cols: 80, lines: 24, cell_w: 9, cell_h: 20 },
            Event::Claim(7),
            Event::Disown(u32::MAX),
            Event::Release,
            Event::Say("synk: für dich\r\n".into()),
            Event::Lost,
        ];
        let mut written = Vec::new();
        let mut from = 0;
        for event in all.iter().cycle().take(20_000) {
            memory.set(Word::Head, memory.tail() + 3);
            memory.set(Word::Tail, memory.tail() + 3);
            if !memory.note(event) {
                assert_eq!(memory.events_since(from), written);
                assert!(written.len() > 500);
                written.clear();
                // As a snapshot does.
                from = memory.get(Word::EventsEnd);
                memory.set(Word::EventsAt(0), from);
                assert!(memory.note(event));
            }
            written.push((memory.tail(), event.clone()));
        }
        assert!(!memory.note(&Event::Say("x".repeat(1 << 16))));
        assert_eq!(memory.events_since(from + EVENTS as u64 + 1), []);
    }
}
