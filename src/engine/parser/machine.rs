//! The state machine outside the ground state, one byte at a time; [`super::ground`] has the fast paths.

use super::params::Params;
use crate::engine::kept::{Damaged, Kept, Source, ensure, kept_enum, kept_struct};

/// Most bytes kept of a string (OSC); a longer one is ignored up to its end.
pub(super) const MAX_STRING: usize = 64 * 1024;
/// Most bytes kept of a clipboard string: 1 MiB of text in base64, and its head.
pub(super) const MAX_CLIPBOARD: usize = (1024 * 1024_usize).div_ceil(3) * 4 + 16;

/// What a byte stream means to the parser. Called in the order of the stream.
pub(in crate::engine) trait Sink {
    /// Printable ASCII (0x20 to 0x7e), at least one byte.
    fn ascii(&mut self, run: &[u8]);
    /// Printable text, at least one character. DEL and the C1 controls U+0080 to U+009F may stand in it and mean nothing.
    fn text(&mut self, run: &[char]);
    /// A C0 control, or a stray byte 0x80 to 0x9f, which means nothing.
    fn control(&mut self, byte: u8);
    /// `CSI intermediates params action`; a private marker counts as the first intermediate.
    fn csi(&mut self, params: &Params, intermediates: &[u8], action: u8);
    /// `ESC intermediates action`.
    fn esc(&mut self, intermediates: &[u8], action: u8);
    /// `OSC` string without its terminator.
    fn osc(&mut self, string: &[u8]);
    /// Whether to stop here for now.
    fn spent(&self) -> bool;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum State {
    #[default]
    Ground,
    Escape,
    EscapeIntermediate,
    CsiEntry,
    CsiParam,
    CsiIntermediate,
    CsiIgnore,
    DcsEntry,
    DcsParam,
    DcsIntermediate,
    DcsIgnore,
    DcsPassthrough,
    Osc,
    SosPmApc,
}

/// The parser: a value that can be cloned and compared at any byte of a stream.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::engine) struct Parser {
    pub(super) state: State,
    pub(super) params: Params,
    /// The parameter being read.
    param: u16,
    intermediates: [u8; 2],
    intermediates_len: u8,
    /// The sequence has too many parameters or intermediates.
    ignore: bool,
    /// The string read so far, without the controls in it.
    string: Vec<u8>,
    string_overflow: bool,
    /// The beginning of a character whose other bytes are still to come.
    pub(super) utf8: [u8; 4],
    pub(super) utf8_len: u8,
}

kept_enum!(State {
    Ground = 0,
    Escape = 1,
    EscapeIntermediate = 2,
    CsiEntry = 3,
    CsiParam = 4,
    CsiIntermediate = 5,
    CsiIgnore = 6,
    DcsEntry = 7,
    DcsParam = 8,
    DcsIntermediate = 9,
    DcsIgnore = 10,
    DcsPassthrough = 11,
    Osc = 12,
    SosPmApc = 13,
});

kept_struct!(Parser {
    state,
    params,
    param,
    intermediates,
    intermediates_len,
    ignore,
    string,
    string_overflow,
    utf8,
    utf8_len,
});

impl Parser {
    /// The same parser without what it can no longer read: two parsers that go on alike are equal after this.
    pub(in crate::engine) fn settled(&self) -> Self {
        let mut out = Self { state: self.state, ..Self::default() };
        match self.state {
            State::Ground => {
                let len = usize::from(self.utf8_len);
                out.utf8[..len].copy_from_slice(&self.utf8[..len]);
                out.utf8_len = self.utf8_len;
            }
            State::Osc => {
                out.string.clone_from(&self.string);
                out.string_overflow = self.string_overflow;
            }
            State::DcsIgnore | State::DcsPassthrough | State::SosPmApc | State::CsiIgnore => {}
            _ => {
                let len = usize::from(self.intermediates_len);
                out.params = self.params.clone();
                out.param = self.param;
                out.intermediates[..len].copy_from_slice(&self.intermediates[..len]);
                out.intermediates_len = self.intermediates_len;
                out.ignore = self.ignore;
            }
        }
        out
    }

    /// A parser of a snapshot that can have come to be.
    pub(in crate::engine) fn take_sound(from: &mut Source) -> Result<Self, Damaged> {
        let parser = Self::read(from)?;
        ensure(usize::from(parser.intermediates_len) <= parser.intermediates.len(), "two intermediates at most")?;
        ensure(parser.string.len() <= MAX_CLIPBOARD, "a string no longer than one that is kept")?;
        let begun = parser.utf8.get(..usize::from(parser.utf8_len)).ok_or(Damaged("a character's beginning"))?;
        let goes_on = std::str::from_utf8(begun).is_err_and(|e| e.valid_up_to() == 0 && e.error_len().is_none());
        ensure(begun.is_empty() || goes_on && parser.state == State::Ground, "a character's beginning")?;
        Ok(parser)
    }

    /// Reads `bytes`, however the stream was cut, until the sink is spent; returns how many it read, at least one if
    /// there are any.
    pub(in crate::engine) fn advance(&mut self, bytes: &[u8], sink: &mut impl Sink) -> usize {
        let mut at = if self.utf8_len == 0 { 0 } else { self.finish_char(bytes, sink) };
        while at < bytes.len() {
            at = match self.state {
                State::Ground => self.ground(bytes, at, sink),
                State::Osc => self.osc(bytes, at, sink),
                State::DcsPassthrough | State::DcsIgnore | State::SosPmApc => self.swallow(bytes, at, sink),
                _ => {
                    self.step(bytes[at], sink);
                    at + 1
                }
            };
            if sink.spent() {
                break;
            }
        }
        at
    }

    fn step(&mut self, byte: u8, sink: &mut impl Sink) {
        match self.state {
            State::Escape => self.escape(byte, sink),
            State::EscapeIntermediate => self.escape_intermediate(byte, sink),
            State::CsiEntry | State::CsiParam | State::CsiIntermediate | State::CsiIgnore => self.csi_byte(byte, sink),
            State::DcsEntry | State::DcsParam | State::DcsIntermediate => self.dcs_byte(byte, sink),
            State::Ground | State::Osc | State::SosPmApc | State::DcsIgnore | State::DcsPassthrough => {}
        }
    }

    fn escape(&mut self, byte: u8, sink: &mut impl Sink) {
        match byte {
            0x18 | 0x1a => self.anywhere(byte, sink),
            0x1b => {}
            0x00..=0x1f => sink.control(byte),
            0x20..=0x2f => {
                self.collect(byte);
                self.state = State::EscapeIntermediate;
            }
            b'[' => self.enter(State::CsiEntry),
            b'P' => self.enter(State::DcsEntry),
            b']' => {
                self.string.clear();
                self.string_overflow = false;
                self.state = State::Osc;
            }
            b'X' | b'^' | b'_' => self.state = State::SosPmApc,
            0x30..=0x7e => self.dispatch_escape(byte, sink),
            _ => {}
        }
    }

    fn escape_intermediate(&mut self, byte: u8, sink: &mut impl Sink) {
        match byte {
            0x18 | 0x1a | 0x1b => self.anywhere(byte, sink),
            0x00..=0x1f => sink.control(byte),
            0x20..=0x2f => self.collect(byte),
            0x30..=0x7e => self.dispatch_escape(byte, sink),
            _ => {}
        }
    }

    fn dispatch_escape(&mut self, byte: u8, sink: &mut impl Sink) {
        self.state = State::Ground;
        sink.esc(&self.intermediates[..usize::from(self.intermediates_len)], byte);
    }

    fn csi_byte(&mut self, byte: u8, sink: &mut impl Sink) {
        match (self.state, byte) {
            (_, 0x18 | 0x1a | 0x1b) => self.anywhere(byte, sink),
            (_, 0x00..=0x1f) => sink.control(byte),
            (State::CsiIgnore, 0x40..=0x7e) => self.state = State::Ground,
            (State::CsiIgnore, _) => {}
            (_, 0x40..=0x7e) => {
                self.state = State::Ground;
                self.next_param(false);
                if !self.ignore {
                    sink.csi(&self.params, &self.intermediates[..usize::from(self.intermediates_len)], byte);
                }
            }
            (_, 0x20..=0x2f) => {
                self.collect(byte);
                self.state = State::CsiIntermediate;
            }
            (State::CsiIntermediate, 0x30..=0x3f) => self.state = State::CsiIgnore,
            (State::CsiParam, 0x3c..=0x3f) => self.state = State::CsiIgnore,
            (_, 0x30..=0x3f) => {
                self.param_byte(byte);
                self.state = State::CsiParam;
            }
            _ => {}
        }
    }

    fn dcs_byte(&mut self, byte: u8, sink: &mut impl Sink) {
        match (self.state, byte) {
            (_, 0x18 | 0x1a | 0x1b) => self.anywhere(byte, sink),
            (_, 0x00..=0x1f | 0x7f..) => {}
            (_, 0x40..=0x7e) => self.state = State::DcsPassthrough,
            (_, 0x20..=0x2f) => self.state = State::DcsIntermediate,
            (State::DcsIntermediate, 0x30..=0x3f) => self.state = State::DcsIgnore,
            (State::DcsParam, 0x3c..=0x3f) => self.state = State::DcsIgnore,
            (_, 0x30..=0x3f) => self.state = State::DcsParam,
        }
    }

    /// Device control, SOS, PM and APC strings: nothing of them is kept, nothing is built on them.
    fn swallow(&mut self, bytes: &[u8], at: usize, sink: &mut impl Sink) -> usize {
        // Only a passthrough ends at an 8-bit ST; in the others that byte may be part of a character.
        let st = self.state == State::DcsPassthrough;
        let end = bytes[at..].iter().position(|&b| matches!(b, 0x18 | 0x1a | 0x1b) || st && b == 0x9c);
        let Some(end) = end.map(|n| at + n) else { return bytes.len() };
        match bytes[end] {
            0x9c => self.state = State::Ground,
            byte => self.anywhere(byte, sink),
        }
        end + 1
    }

    fn osc(&mut self, bytes: &[u8], at: usize, sink: &mut impl Sink) -> usize {
        let ends = |b: &u8| matches!(b, 0x07 | 0x18 | 0x1a | 0x1b);
        let end = bytes[at..].iter().position(ends).map_or(bytes.len(), |n| at + n);
        self.keep(&bytes[at..end]);
        let Some(&byte) = bytes.get(end) else { return end };
        if !self.string_overflow {
            sink.osc(&self.string);
        }
        // A long string is rare: its memory is given back at once.
        if self.string.capacity() > MAX_STRING {
            self.string = Vec::new()
        } else {
            self.string.clear()
        }
        self.string_overflow = false;
        match byte {
            0x07 => self.state = State::Ground,
            byte => self.anywhere(byte, sink),
        }
        end + 1
    }

    fn keep(&mut self, part: &[u8]) {
        if self.string_overflow {
            return;
        }
        let most = if self.string.len() + part.len() <= MAX_STRING {
            MAX_STRING
        } else {
            let head: Vec<u8> = self.string.iter().chain(part).take(3).copied().collect();
            if head == b"52;" { MAX_CLIPBOARD } else { MAX_STRING }
        };
        if self.string.len() + part.len() > most {
            self.string = Vec::new();
            self.string_overflow = true;
            return;
        }
        self.string.extend(part.iter().filter(|b| **b >= 0x20));
    }

    /// What CAN, SUB and ESC do in every state.
    fn anywhere(&mut self, byte: u8, sink: &mut impl Sink) {
        if byte == 0x1b {
            self.enter(State::Escape);
        } else {
            self.state = State::Ground;
            sink.control(byte);
        }
    }

    /// Begins a sequence: nothing of the one before is left.
    pub(super) fn enter(&mut self, state: State) {
        self.state = state;
        self.params.clear();
        self.param = 0;
        self.intermediates_len = 0;
        self.ignore = false;
    }

    fn collect(&mut self, byte: u8) {
        match self.intermediates.get_mut(usize::from(self.intermediates_len)) {
            Some(free) => {
                *free = byte;
                self.intermediates_len += 1;
            }
            None => self.ignore = true,
        }
    }

    fn param_byte(&mut self, byte: u8) {
        match byte {
            b':' => self.next_param(true),
            b';' => self.next_param(false),
            0x3c..=0x3f => self.collect(byte),
            _ if self.params.is_full() => self.ignore = true,
            _ => self.param = self.param.saturating_mul(10).saturating_add(u16::from(byte - b'0')),
        }
    }

    fn next_param(&mut self, colon: bool) {
        if self.params.is_full() {
            self.ignore = true;
        } else {
            self.params.push(self.param, colon);
            self.param = 0;
        }
    }
}

#[cfg(test)]
impl Parser {
    pub(super) fn string_capacity(&self) -> usize {
        self.string.capacity()
    }
}
