//! How fast output is read: the engine against `vte::ansi::Processor` with alacritty's `Term`, interleaved in one process.
//!
//! `cargo bench --bench engine [-- CORPUS...]` prints MB/s of both (best of the rounds) and the ratio, which is the
//! figure to trust on a shared machine. The corpora are made here from fixed seeds.

use std::fmt::Write;
use std::hint::black_box;
use std::time::{Duration, Instant};

use alacritty_terminal::Term;
use alacritty_terminal::event::VoidListener;
use alacritty_terminal::grid::Dimensions;
use alacritty_terminal::term::Config;
use alacritty_terminal::vte::ansi::{Processor, StdSyncHandler};
use synk::base::GridSize;
use synk::engine::{Engine, EngineOptions};

const COLS: u16 = 120;
const LINES: u16 = 40;
/// Bytes of each corpus.
const CORPUS: usize = 8 << 20;
/// Bytes of one feed, as a session does it.
const CHUNK: usize = 64 * 1024;
const ROUNDS: usize = 5;

/// Numbers that are the same on every run.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % n
    }

    fn word(&mut self, alphabet: &[char]) -> String {
        (0..self.below(9) + 2).map(|_| alphabet[self.below(alphabet.len())]).collect()
    }
}

/// Repeats what `piece` writes until the corpus is full.
fn corpus(mut piece: impl FnMut(&mut Random, &mut String)) -> Vec<u8> {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut out = String::with_capacity(CORPUS + 4096);
    while out.len() < CORPUS {
        piece(&mut random, &mut out);
    }
    out.into_bytes()
}

fn lines_of(alphabet: &str) -> Vec<u8> {
    let alphabet: Vec<char> = alphabet.chars().collect();
    corpus(|random, out| {
        for _ in 0..random.below(12) + 4 {
            out.push_str(&random.word(&alphabet));
            out.push(' ');
        }
        out.push_str("\r\n");
    })
}

/// A full-screen program that moves, colours and writes.
fn tui() -> Vec<u8> {
    let letters: Vec<char> = ('a'..='z').collect();
    corpus(|random, out| {
        for line in 1..=LINES {
            let _ = write!(out, "\x1b[{line};{}H\x1b[38;5;{}m", random.below(20) + 1, random.below(256));
            for _ in 0..6 {
                let _ = write!(out, "\x1b[{}m{} ", 30 + random.below(8), random.word(&letters));
            }
            out.push_str("\x1b[0m\x1b[K");
        }
    })
}

/// A colour for every character, as image viewers and animations write.
fn dense() -> Vec<u8> {
    corpus(|random, out| {
        out.push_str("\x1b[H");
        for _ in 0..u32::from(COLS) * u32::from(LINES) {
            let (r, g, b) = (random.below(256), random.below(256), random.below(256));
            let _ = write!(out, "\x1b[38;2;{r};{g};{b}m#");
        }
    })
}

fn corpus_named(name: &str) -> Vec<u8> {
    let ascii = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,;:-_/()";
    match name {
        "ascii" => lines_of(ascii),
        "ascii, one line" => lines_of(ascii).into_iter().filter(|b| !b"\r\n".contains(b)).collect(),
        "tui redraw" => tui(),
        "dense sgr" => dense(),
        "utf8" => lines_of("abcdefghijklmnopqrstuvwxyzéèüößñçåøžščαβγδεжзийкл─│┌┐└┘→✓•"),
        "cjk" => lines_of("中文字符是一种用于书写汉语的文字系统日本語韓國"),
        _ => corpus(|_, out| out.push_str("y\r\n")),
    }
}

const NAMES: [&str; 7] = ["ascii", "ascii, one line", "tui redraw", "dense sgr", "utf8", "cjk", "y"];

struct Size;

impl Dimensions for Size {
    fn total_lines(&self) -> usize {
        usize::from(LINES)
    }

    fn screen_lines(&self) -> usize {
        usize::from(LINES)
    }

    fn columns(&self) -> usize {
        usize::from(COLS)
    }
}

fn ours(bytes: &[u8]) -> Duration {
    let mut engine = Engine::new(GridSize::clamped(COLS, LINES), EngineOptions::default());
    let mut effects = Vec::new();
    let start = Instant::now();
    for chunk in bytes.chunks(CHUNK) {
        engine.feed(chunk, &mut effects);
        effects.clear();
    }
    let took = start.elapsed();
    black_box(engine.changes());
    took
}

fn theirs(bytes: &[u8]) -> Duration {
    let mut term = Term::new(Config::default(), &Size, VoidListener);
    let mut processor: Processor<StdSyncHandler> = Processor::new();
    let start = Instant::now();
    for chunk in bytes.chunks(CHUNK) {
        processor.advance(&mut term, chunk);
    }
    let took = start.elapsed();
    black_box(term.grid().history_size());
    took
}

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    println!("{COLS}x{LINES}, {} MiB each, {ROUNDS} rounds, best of each", CORPUS >> 20);
    println!("{:<20}{:>12}{:>12}{:>8}", "corpus", "synk MB/s", "Term MB/s", "ratio");
    for name in NAMES.into_iter().filter(|name| wanted.is_empty() || wanted.iter().any(|w| name.contains(w.as_str()))) {
        let bytes = corpus_named(name);
        let (mut our_best, mut their_best) = (Duration::MAX, Duration::MAX);
        for _ in 0..ROUNDS {
            our_best = our_best.min(ours(&bytes));
            their_best = their_best.min(theirs(&bytes));
        }
        let rate = |took: Duration| bytes.len() as f64 / 1e6 / took.as_secs_f64();
        let (a, b) = (rate(our_best), rate(their_best));
        println!("{name:<20}{a:>12.0}{b:>12.0}{:>7.2}x", a / b);
    }
}
