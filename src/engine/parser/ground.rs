//! The ground state, a slice at a time: runs of ASCII, and control sequences that lie whole in the slice; [`super::utf8`]
//! reads other text.

use super::machine::{Parser, Sink, State};
use super::params::MAX_PARAMS;

impl Parser {
    /// Reads from `at`, at least one byte; returns where to go on.
    #[inline]
    pub(super) fn ground(&mut self, bytes: &[u8], at: usize, sink: &mut impl Sink) -> usize {
        let run = run_len(&bytes[at..], |b| b.wrapping_sub(0x20) < 0x5f);
        if run > 0 {
            sink.ascii(&bytes[at..at + run]);
            if at + run == bytes.len() {
                return bytes.len();
            }
        }
        let at = at + run;
        match bytes[at] {
            0x1b => match self.whole_csi(bytes, at, sink) {
                Some(end) => end,
                None => {
                    self.enter(State::Escape);
                    at + 1
                }
            },
            byte @ 0x00..=0x1f => {
                sink.control(byte);
                at + 1
            }
            _ => self.utf8_run(bytes, at, sink),
        }
    }

    /// A control sequence that lies whole in the slice and is plain: no control or eighth bit in it, not too many
    /// parameters. Everything else is left to the state machine, which reads it from its beginning.
    #[inline]
    fn whole_csi(&mut self, bytes: &[u8], at: usize, sink: &mut impl Sink) -> Option<usize> {
        let rest = bytes.get(at + 1..)?;
        if *rest.first()? != b'[' {
            return None;
        }
        let mut i = 1;
        let mut marks = [0u8; 2];
        let mut marks_len = 0;
        if let mark @ 0x3c..=0x3f = *rest.get(i)? {
            marks[0] = mark;
            marks_len = 1;
            i += 1;
        }
        self.params.clear();
        let mut param: u16 = 0;
        // The last parameter is pushed by the final byte, so that one place has to stay free.
        let mut room = MAX_PARAMS - 1;
        loop {
            let byte = *rest.get(i)?;
            match byte {
                b'0'..=b'9' => param = param.saturating_mul(10).saturating_add(u16::from(byte - b'0')),
                b';' | b':' => {
                    room = room.checked_sub(1)?;
                    self.params.push(param, byte == b':');
                    param = 0;
                }
                _ => break,
            }
            i += 1;
        }
        while let mark @ 0x20..=0x2f = *rest.get(i)? {
            *marks.get_mut(marks_len)? = mark;
            marks_len += 1;
            i += 1;
        }
        let action = rest[i];
        if !(0x40..=0x7e).contains(&action) {
            return None;
        }
        self.params.push(param, false);
        sink.csi(&self.params, &marks[..marks_len], action);
        Some(at + 1 + i + 1)
    }
}

/// How many bytes at the beginning are of a kind.
#[inline]
fn run_len(bytes: &[u8], of_kind: impl Fn(u8) -> bool) -> usize {
    // In blocks without an exit inside, so that the compiler makes vector code of it.
    const BLOCK: usize = 32;
    let mut len = 0;
    for block in bytes.chunks_exact(BLOCK) {
        if !block.iter().fold(true, |all, &b| all & of_kind(b)) {
            break;
        }
        len += BLOCK;
    }
    len + bytes[len..].iter().position(|&b| !of_kind(b)).unwrap_or(bytes.len() - len)
}
