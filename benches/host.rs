//! What a host adds: the time from a key to the frame with its echo, quiet and while other sessions flood, and the time
//! that output takes compared to a reader that only throws it away. Numbers of one machine mean little; the ratios do.
//! `cargo bench --bench host echo` measures only the first, `output` only the second.

#[path = "../tests/support/mod.rs"]
mod support;

use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use support::{Control, Viewer, host};
use synk::base::SessionNo;
use synk::host::Embedded;
use synk::protocol::methods::{SessionParams, TerminateSession};

/// Rounds of the echo measurement. Every case has its turn in each, because the machine's mood changes.
const ROUNDS: usize = 10;
/// Before the keys of a case are counted: the floods of the case before it have ended, and its own have begun.
const SETTLE: Duration = Duration::from_millis(100);
/// Lines typed in one case of one round.
const LINES: usize = 8;
/// Keys of a line, its end included: a terminal takes no endless ones.
const LINE: usize = 60;
/// Sessions that flood beside the one that is typed into.
const FLOODS: usize = 4;
/// What they run.
const FLOOD: &str = "while :; do seq 1 100000; done";
/// Bytes of the throughput measurement.
const BYTES: u64 = 50_000_000;

/// Key by key, each after the echo of the last one was shown: `echo` types one and returns the time.
fn echoes(into: &mut Vec<Duration>, mut echo: impl FnMut(&str) -> Duration) {
    let mut line = || (1..=LINE).map(|n| echo(if n < LINE { "x" } else { "\n" })).collect::<Vec<_>>();
    let begun = Instant::now();
    while begun.elapsed() < SETTLE {
        line();
    }
    (0..LINES).for_each(|_| into.extend(line()));
}

/// A session that echoes, and the client that types into it.
struct Typist {
    viewer: Viewer,
    no: SessionNo,
}

impl Typist {
    fn new(host: &Embedded, control: &mut Control) -> Self {
        let mut viewer = Viewer::new(host.connect().unwrap());
        let no = viewer.watch(control.run("cat").no);
        viewer.until(no, "the first frame", |m| m.frames > 0);
        Self { viewer, no }
    }

    /// From a key written to the socket until the frame with its echo is read.
    fn echo(&mut self, key: &str) -> Duration {
        let frames = self.viewer.mirrors[&self.no].frames;
        let begun = Instant::now();
        self.viewer.type_text(self.no, key);
        self.viewer.until(self.no, "the echo", |m| m.frames > frames);
        let took = begun.elapsed();
        if key == "\n" {
            // A line that was sent comes back once more.
            let cursor = self.viewer.mirrors[&self.no].screen.cursor.col;
            self.viewer.until(self.no, "the line", |m| cursor == 0 || m.screen.cursor.col == 0);
        }
        took
    }
}

/// A script on a PTY of its own, without synk.
struct Bare {
    reader: Box<dyn Read + Send>,
    writer: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    /// Its end would be the program's.
    _master: Box<dyn MasterPty + Send>,
}

impl Bare {
    fn new(script: &str) -> Self {
        let pair = native_pty_system().openpty(PtySize { rows: 24, cols: 80, ..PtySize::default() }).unwrap();
        let mut command = CommandBuilder::new("/bin/sh");
        command.args(["-c", script]);
        let child = pair.slave.spawn_command(command).unwrap();
        let (reader, writer) = (pair.master.try_clone_reader().unwrap(), pair.master.take_writer().unwrap());
        Self { reader, writer, child, _master: pair.master }
    }

    /// From a key written to the PTY until its echo is read.
    fn echo(&mut self, key: &str) -> Duration {
        let begun = Instant::now();
        self.writer.write_all(key.as_bytes()).unwrap();
        let mut buffer = [0; 4096];
        let mut seen = self.reader.read(&mut buffer).unwrap();
        let took = begun.elapsed();
        // A line that was sent comes back once more: "\r\n", then all of it and "\r\n" again.
        while key == "\n" && seen < LINE - 1 + 4 {
            seen += self.reader.read(&mut buffer).unwrap();
        }
        took
    }

    /// A flood that is thrown away, by a thread as plain as can be.
    fn flood() -> Self {
        let flood = Self::new(FLOOD);
        let mut reader = flood._master.try_clone_reader().unwrap();
        thread::spawn(move || {
            let mut buffer = vec![0; 1 << 16];
            while reader.read(&mut buffer).is_ok_and(|n| n > 0) {}
        });
        flood
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// The times of one case.
#[derive(Default)]
struct Case {
    name: &'static str,
    times: Vec<Duration>,
}

impl Case {
    fn at(&self, percent: usize) -> f64 {
        let mut sorted = self.times.clone();
        sorted.sort();
        sorted[sorted.len() * percent / 100].as_secs_f64() * 1e6
    }
}

/// Floods in the host, for as long as they live.
struct Floods<'a> {
    control: &'a mut Control,
    ids: Vec<String>,
    watching: Option<(UnixStream, thread::JoinHandle<()>)>,
}

impl<'a> Floods<'a> {
    fn new(host: &Embedded, control: &'a mut Control, count: usize, watched: bool) -> Self {
        let created: Vec<_> = (0..count).map(|_| control.run(FLOOD)).collect();
        // The window of another user watches all of them.
        let watching = watched.then(|| {
            let mut other = Viewer::new(host.connect().unwrap());
            for c in &created {
                other.watch(c.no);
            }
            let socket = other.socket().try_clone().unwrap();
            (socket, thread::spawn(move || while other.try_step() {}))
        });
        Self { control, ids: created.into_iter().map(|c| c.session_id).collect(), watching }
    }
}

impl Drop for Floods<'_> {
    fn drop(&mut self) {
        if let Some((socket, thread)) = self.watching.take() {
            socket.shutdown(Shutdown::Read).unwrap();
            thread.join().unwrap();
        }
        for session_id in self.ids.drain(..) {
            self.control.call::<TerminateSession>(SessionParams { session_id }).unwrap();
        }
    }
}

fn latency() {
    let case = |name| Case { name, times: Vec::new() };
    let mut cases = [
        case("nothing"),
        case("one flood"),
        case("4 floods"),
        case("4 watched floods"),
        case("bare: nothing"),
        case("bare: one flood"),
    ];
    let host = host();
    let mut control = Control::new(host.connect().unwrap());
    let mut typist = Typist::new(&host, &mut control);
    let mut bare = Bare::new("cat");
    for _ in 0..ROUNDS {
        echoes(&mut cases[0].times, |key| typist.echo(key));
        for (at, count, watched) in [(1, 1, false), (2, FLOODS, false), (3, FLOODS, true)] {
            let _floods = Floods::new(&host, &mut control, count, watched);
            echoes(&mut cases[at].times, |key| typist.echo(key));
        }
        echoes(&mut cases[4].times, |key| bare.echo(key));
        let _flood = Bare::flood();
        echoes(&mut cases[5].times, |key| bare.echo(key));
    }
    println!("echo of {} keys beside       p50      p99  p99 of quiet", cases[0].times.len());
    for (i, case) in cases.iter().enumerate() {
        let quiet = &cases[i / 4 * 4];
        println!(
            "{:<24} {:>5.0} us {:>5.0} us {:>13.1}",
            case.name,
            case.at(50),
            case.at(99),
            case.at(99) / quiet.at(99)
        );
    }
    println!("beside one flood, p99 of bare PTYs beside one: {:.1}", cases[1].at(99) / cases[5].at(99));
}

/// How long a reader takes that does nothing with what it reads.
fn drain(script: &str) -> Duration {
    let pair = native_pty_system().openpty(PtySize { rows: 24, cols: 80, ..PtySize::default() }).unwrap();
    let mut command = CommandBuilder::new("/bin/sh");
    command.args(["-c", script]);
    let begun = Instant::now();
    let mut child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    let mut reader = pair.master.try_clone_reader().unwrap();
    let mut bytes = vec![0; 64 << 10];
    while reader.read(&mut bytes).is_ok_and(|n| n > 0) {}
    child.wait().unwrap();
    begun.elapsed()
}

fn throughput() {
    let dir = tempfile::tempdir().unwrap();
    for (name, line) in [("80-column lines", "x".repeat(79)), ("\"y\" lines", "y".into())] {
        let bytes = if line.len() > 9 { BYTES } else { BYTES / 10 };
        let file = dir.path().join("output");
        std::fs::write(&file, format!("{line}\n").repeat(bytes as usize / (line.len() + 1))).unwrap();
        let script = format!("cat {}", file.display());
        let host = host();
        let mut control = Control::new(host.connect().unwrap());
        let mut viewer = Viewer::new(host.connect().unwrap());
        // In turns, because the machine's mood changes.
        let mut best = [Duration::MAX; 2];
        for _ in 0..3 {
            best[0] = best[0].min(drain(&script));
            let begun = Instant::now();
            let no = viewer.watch(control.run(&format!("{script}; echo; echo the-end")).no);
            viewer.until_text(no, "the-end");
            best[1] = best[1].min(begun.elapsed());
        }
        let rate = |d: Duration| bytes as f64 / d.as_secs_f64() / 1e6;
        println!(
            "output {name:<26} {:>6.1} MB/s, {:.2} of what is only drained ({:.1} MB/s)",
            rate(best[1]),
            best[0].as_secs_f64() / best[1].as_secs_f64(),
            rate(best[0])
        );
    }
}

fn main() {
    let only = std::env::args().skip(1).find(|arg| !arg.starts_with('-'));
    let wanted = |name| only.as_deref().is_none_or(|only| only == name);
    if wanted("echo") {
        latency();
    }
    if wanted("output") {
        throughput();
    }
}
