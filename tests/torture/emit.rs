//! The program that the sessions run: a stream that its seed decides, byte for byte, and what it writes to the end.

use std::io::{BufRead, Write};
use std::time::{Duration, Instant};

use rustix::termios::{OptionalActions, OutputModes, tcgetattr, tcsetattr};

/// What the stream is followed by.
pub const END: &str = "\x1b[?1049l\x1b[m\r\nthis was all\r\n";
/// What follows once a line was typed.
pub const BYE: &str = "bye\r\n";

/// Numbers that look random, the same for the same seed (splitmix64, as published by Sebastiano Vigna).
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }
}

/// Something that may stand in the middle of a line.
const BETWEEN: &[&str] = &[
    "plain words, ",
    "\x1b[1;32mgreen\x1b[m ",
    "\x1b[38;2;10;20;30mtrue colour\x1b[m ",
    "\u{4e2d}\u{6587} ",
    "e\u{301}\u{302} ",
    "\x1b]8;;https://example.org\x1b\\link\x1b]8;;\x1b\\ ",
    "\x1b[4:3mcurly\x1b[24m ",
    "\ttab ",
    "a long run of text that may wrap at the edge of the screen, wherever that is ",
];

/// Something that may stand between lines.
const APART: &[&str] = &[
    "\x1b]0;a title\x07",
    "\x1b[?2026h\x1b[Hdrawn at once\x1b[?2026l\x1b[999;1H\r\n",
    "\x1b[?1049h\x1b[2Jthe other screen\x1b[?1049l",
    "\x1b[2;9r\x1b[9;1H\n\n\x1b[r\x1b[999;1H",
    "\x1b]133;A\x07$ \x1b]133;B\x07command\r\n\x1b]133;C\x07",
];

/// The stream of a seed, of about this length.
pub fn stream(seed: u64, length: usize) -> Vec<u8> {
    let mut random = Random(seed);
    let mut out = String::with_capacity(length + 4096);
    let mut line = 0;
    while out.len() < length {
        line += 1;
        out.push_str(&format!("{seed}:{line} "));
        for _ in 0..random.below(12) {
            out.push_str(BETWEEN[random.below(BETWEEN.len() as u64) as usize]);
        }
        out.push_str("\r\n");
        if random.below(40) == 0 {
            out.push_str(APART[random.below(APART.len() as u64) as usize]);
        }
    }
    out.push_str(END);
    out.into_bytes()
}

/// Writes the stream at a rate in bytes per second, waits for a line, and ends with this code.
pub fn run(seed: u64, length: usize, rate: u64, code: i32) -> ! {
    let stdout = std::io::stdout();
    // Every byte arrives as it is.
    let mut modes = tcgetattr(&stdout).expect("a terminal");
    modes.output_modes.remove(OutputModes::OPOST);
    tcsetattr(&stdout, OptionalActions::Now, &modes).expect("a terminal that can be set");
    let mut out = stdout.lock();
    let begun = Instant::now();
    let mut random = Random(!seed);
    let stream = stream(seed, length);
    let mut rest = &stream[..];
    while !rest.is_empty() {
        let (part, after) = rest.split_at(rest.len().min(1 + random.below(8000) as usize));
        out.write_all(part).and_then(|()| out.flush()).expect("the terminal takes it");
        rest = after;
        let due = Duration::from_secs_f64((stream.len() - rest.len()) as f64 / rate as f64);
        std::thread::sleep(due.saturating_sub(begun.elapsed()));
    }
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).expect("a line");
    out.write_all(BYE.as_bytes()).and_then(|()| out.flush()).expect("the terminal takes it");
    std::process::exit(code)
}
