//! Random bytes where lines and messages are expected: nothing panics, and the host goes on. Briefly with the other tests;
//! `SYNK_FUZZ_SECONDS` says for how long otherwise, `SYNK_FUZZ_SEED` with which numbers.

mod support;

use std::fs;
use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use support::{Control, check, host, until};
use synk::protocol::alias::Alias;
use synk::protocol::line::read_line;
use synk::protocol::methods::{
    Empty, GetStatus, ListSessions, Method, SessionParams, StopHost, StreamFrames, TerminateSession,
};
use synk::protocol::rpc::{Asked, Incoming};
use synk::protocol::stream::{ClientMessage, HostMessage, Message, read_raw};

/// How long, and from which seed. Without the variable it is a fixed number of rounds, the same everywhere.
struct Budget {
    until: Option<Instant>,
    rounds: u64,
}

impl Budget {
    fn new(rounds: u64) -> Self {
        let seconds =
            std::env::var("SYNK_FUZZ_SECONDS").ok().map(|s| s.parse().expect("SYNK_FUZZ_SECONDS is a number"));
        Self { until: seconds.map(|s| Instant::now() + Duration::from_secs(s)), rounds }
    }

    fn goes_on(&self, round: u64) -> bool {
        self.until.map_or(round < self.rounds, |until| Instant::now() < until)
    }
}

/// Marsaglia's xorshift64* (2003, with Vigna's multiplier).
struct Random(u64);

impl Random {
    fn new() -> Self {
        let seed = std::env::var("SYNK_FUZZ_SEED").ok().map_or(1, |s| s.parse().expect("SYNK_FUZZ_SEED is a number"));
        println!("SYNK_FUZZ_SEED={seed}");
        Self(0x2545_f491_4f6c_dd1d_u64.wrapping_mul(seed | 1))
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    /// Some of these bytes are others, missing, doubled or from another text.
    fn mutate(&mut self, seed: &[u8], other: &[u8]) -> Vec<u8> {
        const ODD: &[&[u8]] = &[
            b"\"",
            b"\\",
            b"{",
            b"}",
            b"[",
            b"]",
            b",",
            b":",
            b"null",
            b"-1",
            b"1e99",
            b"18446744073709551616",
            b"\\ud800",
            b"\xff",
            b"\0",
            b"\x1b",
            b"\r",
            b"\n",
            b"true",
            b"{}",
            b"[]",
            b"\xe2\x80\xae",
            b"\"id\":",
            b"\xff\xff\xff\xff",
        ];
        let mut bytes = seed.to_vec();
        for _ in 0..1 + self.below(6) {
            let at = self.below(bytes.len() + 1);
            let end = (at + self.below(12)).min(bytes.len());
            match self.below(6) {
                0 => bytes.truncate(at),
                1 => drop(bytes.drain(at..end)),
                2 => drop(bytes.splice(at..end, self.pick(ODD).iter().copied())),
                3 => {
                    let from = self.below(other.len());
                    let to = (from + self.below(40)).min(other.len());
                    drop(bytes.splice(at..end, other[from..to].iter().copied()));
                }
                4 if at < bytes.len() => bytes[at] = self.next() as u8,
                _ => {
                    let again = bytes[at..end].to_vec();
                    drop(bytes.splice(at..at, again));
                }
            }
        }
        bytes
    }
}

fn wire(name: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wire").join(name);
    fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect()
}

/// Messages of the stream as bytes.
fn messages(name: &str) -> Vec<Vec<u8>> {
    let bytes =
        |hex: String| (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect();
    wire(name).into_iter().map(bytes).collect()
}

#[test]
fn no_line_and_no_message_is_too_strange_to_read() {
    let (budget, mut random) = (Budget::new(30_000), Random::new());
    let lines: Vec<Vec<u8>> = wire("rpc-1.txt").into_iter().map(String::into_bytes).collect();
    let streams = [messages("client-1.txt"), messages("host-1.txt")].concat();
    let mut round = 0;
    while budget.goes_on(round) {
        round += 1;
        let (one, other) = (random.pick(&lines).clone(), random.pick(&lines).clone());
        let mut line = random.mutate(&one, &other);
        line.push(b'\n');
        if let Ok(Some(text)) = read_line(&mut &line[..]) {
            let _ = Incoming::parse(&text);
            if let Ok(Asked::One(request)) = Asked::parse(&text, 64) {
                if let Some((alias, _)) = Alias::find(&request.method) {
                    let _ = alias.params(request.params.clone());
                }
                let _ = synk::host::call::Call::parse(&request.method, request.params);
            }
        }
        let (one, other) = (random.pick(&streams).clone(), random.pick(&streams).clone());
        let bytes = random.mutate(&one, &other);
        let mut reader = &bytes[..];
        while let Ok(Some(raw)) = read_raw(&mut reader) {
            let _ = ClientMessage::read(&raw);
            if let Ok(Some(HostMessage::Frame(frame))) = HostMessage::read(&raw) {
                let mut screen = synk::model::Screen::blank(frame.size);
                let _ = frame.apply(&mut screen, 0);
            }
        }
    }
    println!("{round} rounds");
}

/// How long the host may say nothing before the connection is given up: it may wait for what never happens.
const SILENCE: Duration = Duration::from_secs(2);

/// Says everything to a fresh connection, and takes in what it answers.
fn say(socket: UnixStream, bytes: &[u8]) {
    let mut reading = socket.try_clone().unwrap();
    reading.set_read_timeout(Some(SILENCE)).unwrap();
    let reader = thread::spawn(move || {
        let mut said = Vec::new();
        // A host that hangs up before it has read everything is seen as an error here.
        let _ = reading.read_to_end(&mut said);
        said
    });
    let _ = (&socket).write_all(bytes).and_then(|()| socket.shutdown(Shutdown::Write));
    let mut said = reader.join().unwrap();
    // The host has closed it already, or is to notice now that nobody is there.
    let _ = socket.shutdown(Shutdown::Both);
    // On a control connection each line is a message of the API; one may have been cut off.
    if !bytes.windows(StreamFrames::NAME.len()).any(|part| part == StreamFrames::NAME.as_bytes()) {
        said.truncate(said.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1));
        String::from_utf8(said).unwrap().lines().for_each(|line| drop::<Value>(check::message(line)));
    }
}

#[test]
fn a_host_takes_whatever_comes() {
    static PANICKED: AtomicBool = AtomicBool::new(false);
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        PANICKED.store(true, Ordering::Relaxed);
        usual(info);
    }));
    let (budget, mut random) = (Budget::new(400), Random::new());
    let host = host();
    let mut control = Control::new(host.connect().unwrap());
    let first = control.run("exec cat").no;
    // Nothing that ends the host, and no program but one that does nothing.
    let harmless = |line: &&String| !line.contains(StopHost::NAME) && line.contains("\"method\"");
    let lines: Vec<Vec<u8>> = wire("rpc-1.txt")
        .iter()
        .filter(harmless)
        .map(|line| line.replace("\"sh\",\"-c\"", "\"true\"").replace("\"dev\"", "\"1\"").into_bytes())
        .collect();
    let mut streams = messages("client-1.txt");
    streams.iter_mut().for_each(|bytes| bytes[6..10].copy_from_slice(&first.to_le_bytes()));
    // A request that is never answered is one that may come of the others.
    let never = format!(r#"{{"id":1,"method":"wait_for","params":{{"session_id":"{first}","until":"exit"}}}}"#);
    say(host.connect().unwrap(), format!("{never}\n").as_bytes());
    let mut round = 0;
    while budget.goes_on(round) && !PANICKED.load(Ordering::Relaxed) {
        round += 1;
        let mut bytes = Vec::new();
        if random.below(3) == 0 {
            bytes.extend(format!("{{\"id\":1,\"method\":\"{}\"}}\n", StreamFrames::NAME).bytes());
            for _ in 0..1 + random.below(8) {
                let (one, other) = (random.pick(&streams).clone(), random.pick(&streams).clone());
                bytes.extend(if random.below(2) == 0 { one } else { random.mutate(&one, &other) });
            }
        } else {
            for _ in 0..1 + random.below(8) {
                let (one, other) = (random.pick(&lines).clone(), random.pick(&lines).clone());
                bytes.extend(if random.below(4) == 0 { one } else { random.mutate(&one, &other) });
                bytes.push(b'\n');
            }
        }
        let stops = bytes.windows(StopHost::NAME.len()).any(|part| part == StopHost::NAME.as_bytes());
        if !stops && let Ok(socket) = host.connect() {
            say(socket, &bytes);
        }
        if round % 50 == 0 {
            for session in control.call::<ListSessions>(Empty {}).unwrap().sessions.iter().filter(|s| s.no != first) {
                // Its program may have ended, and the session with it.
                let _ = control.call::<TerminateSession>(SessionParams { session_id: session.session_id.clone() });
            }
        }
    }
    println!("{round} rounds");
    assert!(!PANICKED.load(Ordering::Relaxed), "a thread of the host panicked");
    until("the connections are gone", || (control.call::<GetStatus>(Empty {}).unwrap().num_clients == 1).then_some(()));
}
