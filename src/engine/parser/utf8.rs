//! UTF-8, decoded and checked in one pass. What a character takes is looked up by its first byte and not branched on: in
//! text of many scripts the lengths are as good as random, and a wrong guess costs more than the character.

use super::machine::{Parser, Sink};

/// Most characters that are handed on at once.
const BATCH: usize = 64;

/// What the first byte of a character says; masks are for its four bytes read as one big-endian number.
#[derive(Clone, Copy)]
struct Lead {
    /// Bytes of the character.
    len: u8,
    /// How far its bits lie too far to the left once they are gathered.
    shift: u8,
    /// The bits that are the character's.
    bits: u32,
    /// The bits that mark the bytes, and what they have to be.
    marks: u32,
    marked: u32,
    /// The first character that may be written at this length. C0 controls are none of ours.
    least: u32,
}

/// By the upper five bits of the first byte.
static LEADS: [Lead; 32] = leads();

const fn leads() -> [Lead; 32] {
    let none = Lead { len: 1, shift: 0, bits: 0, marks: 0, marked: 1, least: 0 };
    let mut leads = [none; 32];
    let mut i = 0;
    while i < 32 {
        match i {
            0..=15 => leads[i] = Lead { len: 1, shift: 18, bits: 0x7f00_0000, marks: 0, marked: 0, least: 0x20 },
            24..=27 => {
                let (marks, marked) = (0xe0c0_0000, 0xc080_0000);
                leads[i] = Lead { len: 2, shift: 12, bits: 0x1f3f_0000, marks, marked, least: 0x80 };
            }
            28 | 29 => {
                let (marks, marked) = (0xf0c0_c000, 0xe080_8000);
                leads[i] = Lead { len: 3, shift: 6, bits: 0x0f3f_3f00, marks, marked, least: 0x800 };
            }
            30 => {
                let (marks, marked) = (0xf8c0_c0c0, 0xf080_8080);
                leads[i] = Lead { len: 4, shift: 0, bits: 0x073f_3f3f, marks, marked, least: 0x1_0000 };
            }
            _ => {}
        }
        i += 1;
    }
    leads
}

/// The character at the beginning and its length; none for a C0 control and for what is no whole character.
#[inline]
fn decode(bytes: &[u8]) -> Option<(char, usize)> {
    let word = match bytes.first_chunk::<4>() {
        Some(four) => u32::from_be_bytes(*four),
        None => bytes.iter().enumerate().fold(0, |word, (i, &b)| word | u32::from(b) << (24 - 8 * i)),
    };
    let lead = &LEADS[(word >> 27) as usize];
    let x = word & lead.bits;
    let code = (x >> 6 & 0x1fc_0000 | x >> 4 & 0x3_f000 | x >> 2 & 0xfc0 | x & 0x3f) >> lead.shift;
    if word & lead.marks != lead.marked || code < lead.least {
        return None;
    }
    char::from_u32(code).map(|c| (c, usize::from(lead.len)))
}

impl Parser {
    /// Reads text from `at`, where DEL or a byte above is; it may go on with ASCII. Returns where to go on.
    pub(super) fn utf8_run(&mut self, bytes: &[u8], mut at: usize, sink: &mut impl Sink) -> usize {
        let mut batch = ['\0'; BATCH];
        let mut len = 0;
        for place in &mut batch {
            let Some((c, size)) = decode(&bytes[at..]) else { break };
            *place = c;
            len += 1;
            at += size;
        }
        if len > 0 {
            sink.text(&batch[..len]);
            return at;
        }
        self.no_char(bytes, at, sink)
    }

    /// Reads bytes at `at` that are no whole character.
    #[cold]
    fn no_char(&mut self, bytes: &[u8], at: usize, sink: &mut impl Sink) -> usize {
        let rest = &bytes[at..bytes.len().min(at + 4)];
        let Err(error) = std::str::from_utf8(rest) else { return at + rest.len() };
        match error.error_len() {
            // A stray C1 byte: 8-bit controls mean nothing in UTF-8.
            Some(1) if rest[0] <= 0x9f => sink.control(rest[0]),
            Some(_) => sink.text(&[char::REPLACEMENT_CHARACTER]),
            None => {
                self.utf8[..rest.len()].copy_from_slice(rest);
                self.utf8_len = rest.len() as u8;
            }
        }
        at + error.error_len().unwrap_or(rest.len())
    }

    /// Completes the character that the last slice ended in; returns how many bytes of this one it took.
    pub(super) fn finish_char(&mut self, bytes: &[u8], sink: &mut impl Sink) -> usize {
        for (taken, &byte) in bytes.iter().enumerate() {
            let len = usize::from(self.utf8_len);
            self.utf8[len] = byte;
            match std::str::from_utf8(&self.utf8[..=len]) {
                Ok(text) => {
                    text.chars().for_each(|c| sink.text(&[c]));
                    self.utf8_len = 0;
                    return taken + 1;
                }
                Err(error) if error.error_len().is_some() => {
                    // The byte does not continue the character: one replacement for what there was, and again.
                    sink.text(&[char::REPLACEMENT_CHARACTER]);
                    self.utf8_len = 0;
                    return taken;
                }
                Err(_) => self.utf8_len += 1,
            }
        }
        bytes.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_is_decoded_and_nothing_else() {
        for c in (0x20..=u32::from(char::MAX)).filter_map(char::from_u32) {
            let mut bytes = [0xbf; 8];
            let len = c.encode_utf8(&mut bytes).len();
            assert_eq!((decode(&bytes), decode(&bytes[..len])), (Some((c, len)), Some((c, len))));
            assert_eq!(decode(&bytes[..len - 1]), None);
        }
        // All pairs of bytes before ones of each kind: the standard library knows what begins with a character.
        for (pair, end) in (0..=u16::MAX).flat_map(|n| [[0x80, 0xbf], [0x80, 0x20], [0x20, 0x80]].map(|end| (n, end))) {
            let bytes = [(pair >> 8) as u8, pair as u8, end[0], end[1]];
            let valid = match std::str::from_utf8(&bytes) {
                Ok(text) => text,
                Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
            };
            let known = valid.chars().next().filter(|&c| c >= ' ').map(|c| (c, c.len_utf8()));
            assert_eq!(decode(&bytes), known, "{bytes:x?}");
        }
    }
}
