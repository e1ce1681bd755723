//! Cuts what an outer terminal sends into tokens: characters, control sequences, pastes. Knows the grammar (ECMA-48, and
//! what terminals made of it for input), not the meaning; [`super::decode`] knows that.

/// The most of a paste that goes on as one, in bytes: what is longer is cut, so that a terminal that never ends a paste
/// takes no memory.
const MAX_PASTE: usize = 4 << 20;
/// The most bytes between the beginning of a control sequence and its last byte; longer ones are no keys and are dropped.
const MAX_SEQUENCE: usize = 256;
const ESC: u8 = 0x1b;
const PASTE_BEGIN: &[u8] = b"\x1b[200~";
const PASTE_END: &[u8] = b"\x1b[201~";

/// A control sequence: `CSI marker parameters last`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Csi {
    /// `<`, `=`, `>` or `?` in front of the parameters; 0 for none.
    pub marker: u8,
    /// Separated by `;`, and each by `:`; missing numbers are `None`.
    pub params: Vec<Vec<Option<u32>>>,
    pub last: u8,
}

impl Csi {
    /// A number of a parameter, if it is there.
    pub fn get(&self, param: usize, part: usize) -> Option<u32> {
        self.params.get(param)?.get(part).copied().flatten()
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A character or a control character, with an ESC in front or not.
    Char {
        ch: char,
        alt: bool,
    },
    Csi(Csi),
    /// `SS3 last`.
    Ss3(u8),
    /// The three bytes of a mouse report in the old form.
    OldMouse([u8; 3]),
    /// `CSI [ last`: a function key of the Linux console.
    Console(u8),
    Paste(String),
}

/// What has come and is not yet whole.
#[derive(Debug, Default)]
pub(super) struct Machine {
    rest: Vec<u8>,
    paste: Option<Vec<u8>>,
    /// Within a control sequence that is too long, whose last byte has not come.
    too_long: bool,
}

/// What the front of the bytes is.
enum Front {
    Token(Token, usize),
    /// Means nothing.
    Skip(usize),
    /// The beginning of a control sequence that is dropped up to its last byte.
    TooLong(usize),
    PasteBegins,
    /// More has to come.
    Partial,
}

impl Machine {
    /// Takes bytes, cut anywhere.
    pub fn feed(&mut self, bytes: &[u8], out: &mut Vec<Token>) {
        self.rest.extend_from_slice(bytes);
        let mut at = 0;
        while at < self.rest.len() {
            if let Some(mut paste) = self.paste.take() {
                let (read, ended) = take_paste(&self.rest[at..], &mut paste);
                at += read;
                if ended || paste.len() > MAX_PASTE {
                    let whole = if ended { paste.len() } else { whole_characters(&paste) };
                    let rest = paste.split_off(whole);
                    out.push(Token::Paste(String::from_utf8_lossy(&paste).into_owned()));
                    paste = rest;
                }
                if !ended {
                    self.paste = Some(paste);
                    break;
                }
                continue;
            }
            if self.too_long {
                let (read, ended) = take_sequence(&self.rest[at..]);
                at += read;
                self.too_long = !ended;
                continue;
            }
            match front(&self.rest[at..]) {
                Front::Token(token, read) => {
                    out.push(token);
                    at += read;
                }
                Front::Skip(read) => at += read,
                Front::TooLong(read) => {
                    self.too_long = true;
                    at += read;
                }
                Front::PasteBegins => {
                    self.paste = Some(Vec::new());
                    at += PASTE_BEGIN.len();
                }
                Front::Partial => break,
            }
        }
        self.rest.drain(..at);
    }

    /// Whether what has come may be a key by itself: then only time tells that nothing follows.
    pub fn is_ambiguous(&self) -> bool {
        self.paste.is_none() && matches!(self.rest.as_slice(), [ESC] | [ESC, b'[' | b'O'])
    }

    /// Nothing followed: takes what has come as the key that it is by itself.
    pub fn settle(&mut self, out: &mut Vec<Token>) {
        if !self.is_ambiguous() {
            return;
        }
        match self.rest.get(1) {
            Some(second) => out.push(Token::Char { ch: char::from(*second), alt: true }),
            None => out.push(Token::Char { ch: char::from(ESC), alt: false }),
        }
        self.rest.clear();
    }
}

/// Moves the bytes of a paste to where they are gathered. Returns how many of `bytes` were read, and whether the paste
/// has ended.
fn take_paste(bytes: &[u8], paste: &mut Vec<u8>) -> (usize, bool) {
    if let Some(end) = bytes.windows(PASTE_END.len()).position(|w| w == PASTE_END) {
        paste.extend_from_slice(&bytes[..end]);
        return (end + PASTE_END.len(), true);
    }
    // What may be the beginning of the end stays.
    let keep = (1..PASTE_END.len()).rev().find(|n| bytes.ends_with(&PASTE_END[..*n])).unwrap_or(0);
    let read = bytes.len() - keep;
    paste.extend_from_slice(&bytes[..read]);
    (read, false)
}

/// How much of the bytes belongs to a control sequence, and whether the sequence ends there: with its last byte, or before
/// one that can be in none.
fn take_sequence(bytes: &[u8]) -> (usize, bool) {
    match bytes.iter().position(|b| !(0x20..=0x3f).contains(b)) {
        Some(n) => (n + usize::from((0x40..=0x7e).contains(&bytes[n])), true),
        None => (bytes.len(), false),
    }
}

/// How many of the bytes are whole characters.
fn whole_characters(bytes: &[u8]) -> usize {
    let back = bytes.iter().rev().take(4).position(|b| b & 0xc0 != 0x80).map_or(0, |n| n + 1);
    let last = bytes.len() - back;
    match std::str::from_utf8(&bytes[last..]) {
        Err(e) if e.error_len().is_none() => last,
        _ => bytes.len(),
    }
}

fn front(bytes: &[u8]) -> Front {
    match bytes {
        [ESC, b'[', ..] => csi(bytes),
        [ESC, b'O'] => Front::Partial,
        [ESC, b'O', last @ 0x21..=0x7e, ..] => Front::Token(Token::Ss3(*last), 3),
        [ESC] => Front::Partial,
        // An escape by itself, and then whatever comes.
        [ESC, ESC, ..] => Front::Token(Token::Char { ch: char::from(ESC), alt: false }, 1),
        [ESC, rest @ ..] => match character(rest) {
            Ok((ch, read)) => Front::Token(Token::Char { ch, alt: true }, 1 + read),
            Err(Some(skip)) => Front::Skip(1 + skip),
            Err(None) => Front::Partial,
        },
        _ => match character(bytes) {
            Ok((ch, read)) => Front::Token(Token::Char { ch, alt: false }, read),
            Err(Some(skip)) => Front::Skip(skip),
            Err(None) => Front::Partial,
        },
    }
}

/// The character in front and its length; how much to skip where there is none, `None` where it is not whole.
fn character(bytes: &[u8]) -> Result<(char, usize), Option<usize>> {
    let length = match bytes.first() {
        Some(0..=0x7f) => 1,
        Some(0xc2..=0xdf) => 2,
        Some(0xe0..=0xef) => 3,
        Some(0xf0..=0xf4) => 4,
        Some(_) => return Err(Some(1)),
        None => return Err(None),
    };
    let some = &bytes[..length.min(bytes.len())];
    match std::str::from_utf8(some) {
        Ok(text) => text.chars().next().map(|ch| (ch, length)).ok_or(Some(1)),
        Err(e) => Err(e.error_len()),
    }
}

fn csi(bytes: &[u8]) -> Front {
    if bytes.starts_with(PASTE_BEGIN) {
        return Front::PasteBegins;
    }
    match &bytes[2..] {
        [b'M', a, b, c, ..] => return Front::Token(Token::OldMouse([*a, *b, *c]), 6),
        [b'M', ..] | [b'['] => return Front::Partial,
        [b'[', last, ..] => return Front::Token(Token::Console(*last), 4),
        [ESC, ..] => return Front::Token(Token::Char { ch: '[', alt: true }, 2),
        _ => {}
    }
    let marker = bytes.get(2).copied().filter(|b| (b'<'..=b'?').contains(b));
    let from = 2 + usize::from(marker.is_some());
    let body = bytes[from..].iter().position(|b| !(0x20..=0x3f).contains(b) || (*b == b'$' && marker.is_none()));
    if body.unwrap_or(bytes.len() - from) > MAX_SEQUENCE {
        return Front::TooLong(from);
    }
    let Some(length) = body else { return Front::Partial };
    let (params, last) = (&bytes[from..from + length], bytes[from + length]);
    match last {
        // `$` ends a sequence for shifted keys of rxvt, and nowhere else.
        b'$' | 0x40..=0x7e => {
            let csi = Csi { marker: marker.unwrap_or(0), params: parameters(params), last };
            Front::Token(Token::Csi(csi), from + length + 1)
        }
        _ => Front::Skip(from + length),
    }
}

fn parameters(bytes: &[u8]) -> Vec<Vec<Option<u32>>> {
    let number = |digits: &[u8]| std::str::from_utf8(digits).ok()?.parse().ok();
    let parts = |param: &[u8]| param.split(|b| *b == b':').map(number).collect();
    bytes.split(|b| *b == b';').map(parts).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(chunks: &[&[u8]]) -> Vec<Token> {
        let (mut machine, mut out) = (Machine::default(), Vec::new());
        chunks.iter().for_each(|chunk| machine.feed(chunk, &mut out));
        out
    }

    fn ch(ch: char) -> Token {
        Token::Char { ch, alt: false }
    }

    fn seq(marker: u8, params: &[&[u32]], last: u8) -> Token {
        let params = params.iter().map(|p| p.iter().map(|n| Some(*n)).collect()).collect();
        Token::Csi(Csi { marker, params, last })
    }

    #[test]
    fn tokens_are_the_same_however_they_are_cut() {
        let text = "aß漢🚀\x1b[A\x1bOP\x1b[97:65;6:3;65u\x1b[<0;10;5M\x1b[M !!\x1b[[A\x1bx\x1b\x1b[B\x1b[200~a\x1b[b\x1b[201~\r\x1b[7$";
        let whole = all(&[text.as_bytes()]);
        let expected = [
            ch('a'),
            ch('ß'),
            ch('漢'),
            ch('🚀'),
            Token::Csi(Csi { marker: 0, params: vec![vec![None]], last: b'A' }),
            Token::Ss3(b'P'),
            seq(0, &[&[97, 65], &[6, 3], &[65]], b'u'),
            seq(b'<', &[&[0], &[10], &[5]], b'M'),
            Token::OldMouse(*b" !!"),
            Token::Console(b'A'),
            Token::Char { ch: 'x', alt: true },
            ch('\x1b'),
            Token::Csi(Csi { marker: 0, params: vec![vec![None]], last: b'B' }),
            Token::Paste("a\x1b[b".into()),
            ch('\r'),
            seq(0, &[&[7]], b'$'),
        ];
        assert_eq!(whole, expected);
        for cut in 1..text.len() {
            let (a, b) = text.as_bytes().split_at(cut);
            assert_eq!(all(&[a, b]), whole, "cut at {cut}");
        }
        let single: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
        assert_eq!(all(&single), whole);
    }

    #[test]
    fn an_escape_by_itself_settles_when_nothing_follows() {
        let settles = [("\x1b", '\x1b', false), ("\x1b[", '[', true), ("\x1bO", 'O', true)];
        for (bytes, ch, alt) in settles {
            let (mut machine, mut out) = (Machine::default(), Vec::new());
            machine.feed(bytes.as_bytes(), &mut out);
            assert!(machine.is_ambiguous() && out.is_empty());
            machine.settle(&mut out);
            assert_eq!(out, [Token::Char { ch, alt }]);
            machine.feed(b"a", &mut out);
            assert_eq!(out.len(), 2);
        }
        let (mut machine, mut out) = (Machine::default(), Vec::new());
        machine.feed(b"\x1b[1;", &mut out);
        machine.settle(&mut out);
        machine.feed(b"5A", &mut out);
        assert_eq!(out, [seq(0, &[&[1], &[5]], b'A')], "a sequence that has begun is waited for");
    }

    #[test]
    fn nonsense_is_dropped_and_what_follows_is_read() {
        assert_eq!(all(&[b"\xff\x80a"]), [ch('a')]);
        assert_eq!(all(&[b"\xc3(b"]), [ch('('), ch('b')]);
        assert_eq!(all(&[b"\x1b[12\x07c"]), [ch('\x07'), ch('c')]);
    }

    #[test]
    fn a_sequence_that_is_too_long_is_dropped_however_it_is_cut() {
        let endings: [(&[u8], &[Token]); 4] =
            [(b"A", &[]), (b"$1~", &[]), (b"\r", &[ch('\r')]), (b"\x1b[7$", &[seq(0, &[&[7]], b'$')])];
        for begin in ["\x1b[", "\x1b[?"] {
            for (length, (ending, typed)) in [257, 300, 600].into_iter().flat_map(|n| endings.map(|e| (n, e))) {
                let bytes = [begin.as_bytes(), &b"1;".repeat(length)[..length], ending, b"d"].concat();
                let expected = [typed, &[ch('d')]].concat();
                for cut in 0..bytes.len() {
                    let (a, b) = bytes.split_at(cut);
                    assert_eq!(all(&[a, b]), expected, "{length} of {begin:?} and {ending:?}, cut at {cut}");
                }
                let single: Vec<&[u8]> = bytes.chunks(1).collect();
                assert_eq!(all(&single), expected);
            }
        }
        let most = [b"\x1b[".as_slice(), &[b'1'; MAX_SEQUENCE][..], b"A"].concat();
        for cut in 0..most.len() {
            let (a, b) = most.split_at(cut);
            assert!(matches!(all(&[a, b])[..], [Token::Csi(_)]), "cut at {cut}");
        }
    }

    #[test]
    fn a_paste_without_end_goes_on_in_parts_of_whole_characters() {
        let text = "é".repeat(MAX_PASTE / 2 + 10);
        let (mut machine, mut out) = (Machine::default(), Vec::new());
        machine.feed(PASTE_BEGIN, &mut out);
        for chunk in text.as_bytes().chunks(65_535) {
            machine.feed(chunk, &mut out);
        }
        assert_eq!(out.len(), 1);
        machine.feed(PASTE_END, &mut out);
        let parts: String = out.iter().map(|t| if let Token::Paste(text) = t { text.as_str() } else { "?" }).collect();
        assert!(parts == text, "nothing is lost at the cut");
    }
}
