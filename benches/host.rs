//! What a host adds: the time from a key to the frame with its echo, quiet and while other sessions flood, and the time
//! that output takes compared to a reader that only throws it away. Numbers of one machine mean little; the ratios do.

#[path = "../tests/support/mod.rs"]
mod support;

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use support::{Control, Viewer, host};
use synk::base::SessionNo;
use synk::host::Embedded;

/// Keys of one measurement.
const KEYS: usize = 1000;
/// Sessions that flood beside the one that is typed into.
const FLOODS: usize = 4;
/// Bytes of the throughput measurement.
const BYTES: u64 = 50_000_000;

struct Times {
    p50: Duration,
    p99: Duration,
}

impl Times {
    fn show(&self, name: &str, quiet: &Times) {
        let ratio = |a: Duration, b: Duration| a.as_secs_f64() / b.as_secs_f64();
        println!(
            "echo {name:<28} p50 {:>8.1?} ({:.2} of quiet)   p99 {:>8.1?} ({:.2} of quiet)",
            self.p50,
            ratio(self.p50, quiet.p50),
            self.p99,
            ratio(self.p99, quiet.p99)
        );
    }
}

/// Types into a session that echoes, key by key, each after the echo of the last one was shown.
fn echo(viewer: &mut Viewer, no: SessionNo) -> Times {
    let mut times: Vec<Duration> = (0..KEYS)
        .map(|n| {
            let frames = viewer.mirrors[&no].frames;
            let begun = Instant::now();
            viewer.type_text(no, if n % 60 == 59 { "\n" } else { "x" });
            viewer.until(no, "the echo", |m| m.frames > frames);
            let took = begun.elapsed();
            // A line that was sent comes back once more.
            if n % 60 == 59 {
                let cursor = viewer.mirrors[&no].screen.cursor.col;
                viewer.until(no, "the line", |m| cursor == 0 || m.screen.cursor.col == 0);
            }
            took
        })
        .collect();
    times.sort();
    Times { p50: times[KEYS / 2], p99: times[KEYS * 99 / 100] }
}

fn echo_session(host: &Embedded, control: &mut Control) -> (Viewer, SessionNo) {
    let mut viewer = Viewer::new(host.connect().unwrap());
    let no = viewer.watch(control.run("cat").no);
    viewer.until(no, "the first frame", |m| m.frames > 0);
    (viewer, no)
}

fn latency() {
    let host = host();
    let mut control = Control::new(host.connect().unwrap());
    let (mut viewer, no) = echo_session(&host, &mut control);
    echo(&mut viewer, no);
    let quiet = echo(&mut viewer, no);
    quiet.show("quiet", &quiet);
    let mut flood = || control.run("while :; do seq 1 100000; done").no;
    let mut floods = vec![flood()];
    echo(&mut viewer, no).show("beside one flood", &quiet);
    floods.extend((1..FLOODS).map(|_| flood()));
    echo(&mut viewer, no).show(&format!("beside {FLOODS} floods"), &quiet);
    // The window of another user watches all of them.
    let mut other = Viewer::new(host.connect().unwrap());
    floods.iter().for_each(|no| {
        other.watch(*no);
    });
    std::thread::scope(|scope| {
        let socket = other.socket().try_clone().unwrap();
        scope.spawn(move || while other.try_step() {});
        echo(&mut viewer, no).show(&format!("beside {FLOODS} watched floods"), &quiet);
        socket.shutdown(std::net::Shutdown::Both).unwrap();
    });
}

/// The same on bare PTYs, with one thread each that throws the flood away: what the machine allows anybody.
fn bare_latency() {
    let open = |script: &str| {
        let pair = native_pty_system().openpty(PtySize { rows: 24, cols: 80, ..PtySize::default() }).unwrap();
        let mut command = CommandBuilder::new("/bin/sh");
        command.args(["-c", script]);
        let child = pair.slave.spawn_command(command).unwrap();
        (pair.master.try_clone_reader().unwrap(), pair.master.take_writer().unwrap(), child, pair.master)
    };
    let (mut reader, mut writer, mut cat, _master) = open("cat");
    let mut echo = || {
        let mut times: Vec<Duration> = (0..KEYS)
            .map(|n| {
                let key = if n % 60 == 59 { b"\n" } else { b"x" };
                let begun = Instant::now();
                writer.write_all(key).unwrap();
                let mut buffer = [0; 4096];
                let mut seen = reader.read(&mut buffer).unwrap();
                let took = begun.elapsed();
                // A line that was sent comes back once more: what is left of it goes before the next key.
                if n % 60 == 59 {
                    // "\r\n", then 59 characters and "\r\n" again.
                    while seen < 63 {
                        seen += reader.read(&mut buffer).unwrap();
                    }
                }
                took
            })
            .collect();
        times.sort();
        Times { p50: times[KEYS / 2], p99: times[KEYS * 99 / 100] }
    };
    let quiet = echo();
    quiet.show("bare, quiet", &quiet);
    let (mut flood, _, mut child, _flood_master) = open("while :; do seq 1 100000; done");
    std::thread::spawn(move || {
        let mut buffer = vec![0; 1 << 16];
        while flood.read(&mut buffer).is_ok_and(|n| n > 0) {}
    });
    echo().show("bare, beside one flood", &quiet);
    child.kill().unwrap();
    cat.kill().unwrap();
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
    latency();
    bare_latency();
    throughput();
}
