//! The ground state, a slice at a time: printable runs, UTF-8, and control sequences that lie whole in the slice.

use super::machine::{Parser, Sink, State};
use super::params::MAX_PARAMS;

const REPLACEMENT: &str = "\u{fffd}";

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

    /// A run without C0 controls that begins with DEL or a byte above; it may go on with ASCII. The run is measured once,
    /// however many of its bytes are no text.
    fn utf8_run(&mut self, bytes: &[u8], at: usize, sink: &mut impl Sink) -> usize {
        let end = at + run_len(&bytes[at..], |b| b >= 0x20);
        let mut run = &bytes[at..end];
        loop {
            let error = match std::str::from_utf8(run) {
                Ok(text) => {
                    if !text.is_empty() {
                        sink.text(text);
                    }
                    return end;
                }
                Err(error) => error,
            };
            let (valid, rest) = run.split_at(error.valid_up_to());
            if let Ok(text) = std::str::from_utf8(valid)
                && !text.is_empty()
            {
                sink.text(text);
            }
            match error.error_len() {
                // A stray C1 byte: 8-bit controls mean nothing in UTF-8.
                Some(1) if rest[0] <= 0x9f => sink.control(rest[0]),
                Some(_) => sink.text(REPLACEMENT),
                None if end < bytes.len() => {
                    sink.text(REPLACEMENT);
                    return end;
                }
                None => {
                    self.utf8[..rest.len()].copy_from_slice(rest);
                    self.utf8_len = rest.len() as u8;
                    return end;
                }
            }
            run = &rest[error.error_len().unwrap_or(rest.len())..];
        }
    }

    /// Completes the character that the last slice ended in; returns how many bytes of this one it took.
    pub(super) fn finish_char(&mut self, bytes: &[u8], sink: &mut impl Sink) -> usize {
        for (taken, &byte) in bytes.iter().enumerate() {
            let len = usize::from(self.utf8_len);
            self.utf8[len] = byte;
            match std::str::from_utf8(&self.utf8[..=len]) {
                Ok(text) => {
                    sink.text(text);
                    self.utf8_len = 0;
                    return taken + 1;
                }
                Err(error) if error.error_len().is_some() => {
                    // The byte does not continue the character: one replacement for what there was, and again.
                    sink.text(REPLACEMENT);
                    self.utf8_len = 0;
                    return taken;
                }
                Err(_) => self.utf8_len += 1,
            }
        }
        bytes.len()
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
