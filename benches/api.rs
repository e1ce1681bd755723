//! What a caller of the host waits for: calls, attaching, new sessions, and all of it with many sessions and with ones
//! that flood. A host of its own process is measured, so that its memory is its own; tmux, where it is installed, does the
//! same work beside it.

#[path = "../tests/support/mod.rs"]
mod support;

use std::fs;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use support::{Control, Viewer, until};
use synk::base::SessionNo;
use synk::protocol::methods::{
    CreateParams, Empty, GetSession, GetStatus, ListSessions, SendInput, SendInputParams, SessionParams, StopHost,
    TerminateSession,
};
use synk::protocol::stream::ClientMessage;

/// Calls of one measurement.
const CALLS: usize = 2000;
/// Sessions that flood beside the one that is asked.
const FLOODS: usize = 12;
/// Commands timed beside tmux's.
const COMMANDS: usize = 40;
/// How many shells there are at each look at the host.
const CROWDS: [usize; 4] = [60, 100, 300, 1000];

/// A host process in a directory of its own.
struct Daemon {
    child: Child,
    dir: tempfile::TempDir,
}

impl Daemon {
    fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("home")).unwrap();
        let child = command(&dir, env!("CARGO_BIN_EXE_synk")).arg("daemon").spawn().unwrap();
        let daemon = Self { child, dir };
        until("the host", || UnixStream::connect(daemon.socket()).ok());
        daemon
    }

    fn socket(&self) -> PathBuf {
        self.dir.path().join("synk/synk.sock")
    }

    fn connect(&self) -> UnixStream {
        UnixStream::connect(self.socket()).unwrap()
    }

    fn control(&self) -> Control {
        Control::new(self.connect())
    }

    /// The host's share of memory in KiB (proc(5): `Pss`), what programs have aside.
    fn pss(&self) -> u64 {
        let text = fs::read_to_string(format!("/proc/{}/smaps_rollup", self.child.id())).unwrap();
        let line = text.lines().find_map(|l| l.strip_prefix("Pss:")).unwrap();
        line.trim().trim_end_matches(" kB").trim().parse().unwrap()
    }

    fn count(&self, what: &str) -> usize {
        fs::read_dir(format!("/proc/{}/{what}", self.child.id())).unwrap().count()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have failed, which the measurement has said.
        let _ = self.control().call::<StopHost>(Empty {});
        let _ = self.child.wait();
    }
}

/// A program with an environment of its own.
fn command(dir: &tempfile::TempDir, program: &str) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", dir.path().join("home"));
    command.env("XDG_RUNTIME_DIR", dir.path()).env("TMUX_TMPDIR", dir.path());
    command.env("SHELL", "/bin/sh").env("LANG", "C.UTF-8").env("TERM", "xterm-256color");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// How long each of many turns took, in order of length.
struct Times(Vec<Duration>);

impl Times {
    fn of(turns: usize, mut turn: impl FnMut()) -> Self {
        let mut times: Vec<Duration> = (0..turns)
            .map(|_| {
                let begun = Instant::now();
                turn();
                begun.elapsed()
            })
            .collect();
        times.sort();
        Self(times)
    }

    fn at(&self, percent: usize) -> Duration {
        self.0[(self.0.len() * percent / 100).min(self.0.len() - 1)]
    }

    fn show(&self, name: &str) {
        println!("{name:<48} p50 {:>9.1?}   p99 {:>9.1?}", self.at(50), self.at(99));
    }
}

/// A session that reads what it is sent and prints nothing.
fn sink(control: &mut Control) -> String {
    control.run("stty -echo; cat >/dev/null").session_id
}

fn round_trips(control: &mut Control, session: &str, beside: &str) {
    Times::of(CALLS, || drop(control.call::<GetStatus>(Empty {}).unwrap())).show(&format!("get_status, {beside}"));
    Times::of(CALLS, || {
        let params = SendInputParams { session_id: session.to_owned(), data: Some("x\n".into()), data_b64: None };
        control.call::<SendInput>(params).unwrap();
    })
    .show(&format!("send_input, {beside}"));
}

fn calls() {
    let daemon = Daemon::start();
    let mut control = daemon.control();
    let session = sink(&mut control);
    round_trips(&mut control, &session, "nothing beside");
    let floods: Vec<_> = (0..FLOODS).map(|_| control.run("while :; do seq 1 100000; done")).collect();
    round_trips(&mut control, &session, &format!("{FLOODS} floods beside"));
    for flood in floods {
        control.call::<TerminateSession>(SessionParams { session_id: flood.session_id }).unwrap();
    }
}

/// From the request to the first whole frame, and the end of it, of a shell's screen of 80x24.
fn attach() {
    let daemon = Daemon::start();
    let mut control = daemon.control();
    let no = SessionNo(control.run("seq 1 500; exec cat").no);
    let mut viewer = Viewer::new(daemon.connect());
    viewer.watch(no.0);
    viewer.until_text(no, "500");
    Times::of(CALLS, || {
        viewer.send(no, &ClientMessage::Unsubscribe);
        let frames = viewer.mirrors[&no].frames;
        viewer.send(no, &ClientMessage::Subscribe);
        viewer.until(no, "a frame", |m| m.frames > frames);
    })
    .show("attach: subscribe to the first whole frame");
}

/// From the end of a client's connection, as the system closes it for whoever was killed, to a session that is detached.
fn gone() {
    let daemon = Daemon::start();
    let mut control = daemon.control();
    let made = sink(&mut control);
    let session =
        |control: &mut Control| control.call::<GetSession>(SessionParams { session_id: made.clone() }).unwrap();
    let no = session(&mut control).no;
    let mut times: Vec<Duration> = (0..CALLS / 10)
        .map(|_| {
            let mut viewer = Viewer::new(daemon.connect());
            let no = viewer.watch(no);
            viewer.until(no, "the first frame", |m| m.frames > 0);
            until("attached", || (session(&mut control).state == "Running").then_some(()));
            let begun = Instant::now();
            drop(viewer);
            until("detached", || (session(&mut control).state == "Detached").then_some(()));
            begun.elapsed()
        })
        .collect();
    times.sort();
    Times(times).show("a client is gone: its session is detached");
}

fn create() {
    let daemon = Daemon::start();
    let mut control = daemon.control();
    Times::of(200, || drop(control.create(CreateParams::default()).unwrap())).show("create_session, a shell, no pool");
}

/// The same two commands of synk and of tmux, in turns.
fn beside_tmux() {
    if Command::new("tmux").arg("-V").stdout(Stdio::null()).status().is_err() {
        println!("tmux is not installed: nothing is compared");
        return;
    }
    let daemon = Daemon::start();
    let run = |program: &str, args: &[&str]| {
        let status = command(&daemon.dir, program).args(args).status().unwrap();
        assert!(status.success(), "{program} {args:?}: {status}");
    };
    let synk = env!("CARGO_BIN_EXE_synk");
    run("tmux", &["new-session", "-d"]);
    let mut times: [Vec<Duration>; 4] = Default::default();
    for _ in 0..COMMANDS {
        let commands: [(&str, &[&str]); 4] =
            [(synk, &["new", "-d"]), ("tmux", &["new-session", "-d"]), (synk, &["ls"]), ("tmux", &["list-sessions"])];
        for ((program, args), times) in commands.into_iter().zip(&mut times) {
            let begun = Instant::now();
            run(program, args);
            times.push(begun.elapsed());
        }
    }
    let names = ["synk new -d", "tmux new-session -d", "synk ls", "tmux list-sessions"];
    for (name, mut times) in names.into_iter().zip(times) {
        times.sort();
        Times(times).show(name);
    }
    run("tmux", &["kill-server"]);
}

/// Many idle shells in one host.
fn crowd() {
    let daemon = Daemon::start();
    let mut control = daemon.control();
    // The connection's threads are there by its first reply.
    control.call::<GetStatus>(Empty {}).unwrap();
    let empty = (daemon.count("fd"), daemon.count("task"));
    let (mut made, mut sizes) = (Vec::new(), Vec::new());
    for size in CROWDS {
        let (from, begun) = (made.len(), Instant::now());
        while made.len() < size {
            made.push(control.create(CreateParams::default()).unwrap().session_id);
        }
        let each = begun.elapsed() / u32::try_from(size - from).unwrap();
        // Every shell has printed its prompt and waits.
        until("quiet shells", || {
            let list = control.call::<ListSessions>(Empty {}).unwrap();
            list.sessions.iter().all(|s| !s.active).then_some(())
        });
        sizes.push((size, daemon.pss()));
        println!(
            "{size} shells: the last {} in {each:.1?} each, host's Pss {} MiB, {} threads",
            size - from,
            daemon.pss() >> 10,
            daemon.count("task")
        );
        Times::of(200, || drop(control.call::<ListSessions>(Empty {}).unwrap()))
            .show(&format!("list_sessions of {size}"));
    }
    let at = |size| sizes.iter().find(|(s, _)| *s == size).map_or(0, |(_, pss)| *pss);
    println!("Pss of one more idle session, from 100 to 1000: {} KiB", (at(1000) - at(100)) / 900);
    let begun = Instant::now();
    for session_id in made {
        control.call::<TerminateSession>(SessionParams { session_id }).unwrap();
    }
    until("all have ended", || (daemon.count("task") <= empty.1).then_some(()));
    println!("1000 ended in {:.1?}; descriptors {} and now {}", begun.elapsed(), empty.0, daemon.count("fd"));
}

/// A key's echo for one of three clients that watch floods, while all three read, and while one of them stopped.
fn stopped_client() {
    let daemon = Daemon::start();
    let mut control = daemon.control();
    let floods: Vec<u32> = (0..3).map(|_| control.run("while :; do seq 1 100000; done").no).collect();
    let mut typing = Viewer::new(daemon.connect());
    let no = typing.watch(control.run("cat").no);
    typing.until(no, "the first frame", |m| m.frames > 0);
    let mut echo = |name: &str| {
        Times::of(CALLS / 2, || {
            let frames = typing.mirrors[&no].frames;
            typing.type_text(no, "x");
            typing.until(no, "the echo", |m| m.frames > frames);
        })
        .show(name);
    };
    let watch = || {
        let mut viewer = Viewer::new(daemon.connect());
        for no in &floods {
            viewer.watch(*no);
        }
        viewer
    };
    let (mut reading, mut stopping) = (watch(), watch());
    std::thread::scope(|scope| {
        let ends = [&reading, &stopping].map(|v| v.socket().try_clone().unwrap());
        scope.spawn(move || while reading.try_step() {});
        let (stop, stopped) = std::sync::mpsc::channel::<()>();
        scope.spawn(move || {
            while stopped.try_recv().is_err() {
                stopping.try_step();
            }
            // It is there, and reads no more.
            let _ = stopped.recv();
        });
        for _ in 0..2 {
            echo("echo, three clients watch three floods");
        }
        stop.send(()).unwrap();
        for _ in 0..2 {
            echo("echo, one of the three has stopped reading");
        }
        drop(stop);
        ends.iter().for_each(|end| end.shutdown(std::net::Shutdown::Both).unwrap());
    });
}

/// The parts named as arguments, or all of them.
fn main() {
    let parts: [(&str, fn()); 7] = [
        ("calls", calls),
        ("attach", attach),
        ("gone", gone),
        ("create", create),
        ("tmux", beside_tmux),
        ("stopped", stopped_client),
        ("crowd", crowd),
    ];
    let asked: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    for (name, part) in parts {
        if asked.is_empty() || asked.iter().any(|a| a == name) {
            part();
        }
    }
}
