//! The parser against the `vte` crate's, on random and on grammar-made streams, cut at random points.

use super::machine::{MAX_CLIPBOARD, MAX_STRING};
use super::{Params, Parser, Sink};
use crate::base::random::{Random, seeds};

/// What a parser said, in a form both parsers can be brought into.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    Print(char),
    Control(u8),
    Csi(Vec<Vec<u16>>, Vec<u8>, u8),
    Esc(Vec<u8>, u8),
    Osc(Vec<Vec<u8>>),
}

#[derive(Default)]
struct Ours(Vec<Said>);

impl Sink for Ours {
    fn ascii(&mut self, run: &[u8]) {
        assert!(!run.is_empty() && run.iter().all(|b| (0x20..0x7f).contains(b)));
        self.0.extend(run.iter().map(|&b| Said::Print(char::from(b))));
    }

    fn text(&mut self, run: &[char]) {
        assert!(!run.is_empty() && run.iter().all(|&c| c >= ' '));
        self.0.extend(run.iter().map(|&c| match c {
            '\u{80}'..='\u{9f}' => Said::Control(c as u8),
            _ => Said::Print(c),
        }));
    }

    fn control(&mut self, byte: u8) {
        self.0.push(Said::Control(byte));
    }

    fn csi(&mut self, params: &Params, intermediates: &[u8], action: u8) {
        let groups: Vec<Vec<u16>> = params.groups().map(<[u16]>::to_vec).collect();
        for i in 0..groups.len() + 1 {
            let expected = groups.get(i).map_or(7, |g| if g[0] == 0 { 7 } else { g[0] });
            assert_eq!(params.get(i, 7), expected);
        }
        self.0.push(Said::Csi(groups, intermediates.to_vec(), action));
    }

    fn esc(&mut self, intermediates: &[u8], action: u8) {
        self.0.push(Said::Esc(intermediates.to_vec(), action));
    }

    fn osc(&mut self, string: &[u8]) {
        // vte drops what comes behind the sixteenth part.
        self.0.push(Said::Osc(string.split(|&b| b == b';').take(16).map(<[u8]>::to_vec).collect()));
    }

    fn spent(&self) -> bool {
        false
    }
}

#[derive(Default)]
struct Theirs(Vec<Said>);

impl vte::Perform for Theirs {
    fn print(&mut self, c: char) {
        self.0.push(Said::Print(c));
    }

    fn execute(&mut self, byte: u8) {
        self.0.push(Said::Control(byte));
    }

    fn csi_dispatch(&mut self, params: &vte::Params, intermediates: &[u8], ignore: bool, action: char) {
        if !ignore {
            let params = params.iter().map(<[u16]>::to_vec).collect();
            self.0.push(Said::Csi(params, intermediates.to_vec(), action as u8));
        }
    }

    fn esc_dispatch(&mut self, intermediates: &[u8], _ignore: bool, byte: u8) {
        self.0.push(Said::Esc(intermediates.to_vec(), byte));
    }

    fn osc_dispatch(&mut self, params: &[&[u8]], _bell: bool) {
        self.0.push(Said::Osc(params.iter().map(|p| p.to_vec()).collect()));
    }
}

/// Bytes in which sequences begin, go wrong and end often.
fn stream(random: &mut Random) -> Vec<u8> {
    const PIECES: [&str; 36] = [
        "\x1b[",
        "\x1b",
        "\x1b]",
        "\x1bP",
        "\x1b_",
        "\x1b^",
        "\x1bX",
        "\x1b\\",
        "\x07",
        "\x18",
        "\x1a",
        "\u{7f}",
        "\x1b[1;2",
        "\x1b[38:2::1:2:3;4m",
        "\x1b[?25h",
        "\x1b[>0q",
        "\x1b[ q",
        "\x1b[!p",
        "\x1b[1$p",
        "\x1b]0;a;b\x07",
        "\x1b]8;;u\x1b\\",
        "\x1bP+q\x1b\\",
        "\x1b(0",
        "\x1b#8",
        "\x1b[1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1m",
        "\x1b[99999999m",
        "é",
        "中文",
        "🦀",
        "e\u{301}",
        "\u{9b}",
        "plain text",
        "\r\n",
        "\t",
        ";",
        ":",
    ];
    let mut out = Vec::new();
    for _ in 0..random.below(40) + 1 {
        match random.below(10) {
            0..5 => out.extend_from_slice(random.pick(&PIECES).as_bytes()),
            5 => out.push(random.below(256) as u8),
            6 => out.push(0x20 + random.below(0x60) as u8),
            7 => out.push(random.below(0x20) as u8),
            8 => {
                let piece = random.pick(&PIECES).as_bytes();
                out.extend_from_slice(&piece[..random.below(piece.len() + 1)]);
            }
            _ => out.extend((0..random.below(80)).map(|_| b'a')),
        }
    }
    out
}

fn theirs(bytes: &[u8]) -> Vec<Said> {
    let mut said = Theirs::default();
    vte::Parser::<1024>::new().advance(&mut said, bytes);
    said.0
}

#[test]
fn it_says_what_vte_says_however_the_stream_is_cut() {
    for seed in seeds(20_000) {
        let mut random = Random::new(seed);
        let bytes = stream(&mut random);
        // vte loses a character after some cuts inside of one: it gets the stream whole.
        let expected = theirs(&bytes);
        let mut said = Ours::default();
        let mut parser = Parser::default();
        for part in random.cut(&bytes) {
            parser.advance(part, &mut said);
            parser = parser.settled();
        }
        assert_eq!(said.0, expected, "seed {seed}: {:?}", String::from_utf8_lossy(&bytes));
        let mut whole = Ours::default();
        let mut uncut = Parser::default();
        uncut.advance(&bytes, &mut whole);
        assert_eq!(whole.0, expected, "seed {seed}, uncut");
        assert_eq!(uncut.settled(), parser, "seed {seed}: the states differ");
    }
}

#[test]
fn a_string_that_never_ends_takes_no_more_than_its_cap() {
    for (head, cap) in
        [("\x1b]0;", MAX_STRING), ("\x1b]52;c;", MAX_CLIPBOARD), ("\x1bP", 0), ("\x1b_G", 0), ("\x1b[", 0)]
    {
        let mut parser = Parser::default();
        let mut said = Ours::default();
        parser.advance(head.as_bytes(), &mut said);
        for _ in 0..64 {
            parser.advance(&[b'1'; 64 * 1024], &mut said);
            assert!(parser.string_capacity() <= cap.next_power_of_two(), "{head:?}");
        }
        parser.advance(b"\x07\x18x", &mut said);
        assert_eq!(said.0.last(), Some(&Said::Print('x')), "{head:?}");
        assert!(!said.0.iter().any(|s| matches!(s, Said::Osc(_) | Said::Csi(..))), "{head:?}");
        assert_eq!(parser.settled(), Parser::default());
    }
}

#[test]
fn a_string_just_short_enough_is_kept() {
    let mut said = Ours::default();
    let mut parser = Parser::default();
    parser.advance(b"\x1b]52;c;", &mut said);
    parser.advance(&vec![b'A'; MAX_CLIPBOARD - 5], &mut said);
    parser.advance(b"\x07", &mut said);
    assert!(matches!(said.0.as_slice(), [Said::Osc(parts)] if parts[2].len() == MAX_CLIPBOARD - 5));
    assert!(parser.string_capacity() <= MAX_STRING, "the memory is given back");
}
