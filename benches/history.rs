//! What history costs: memory for 10,000 lines of a coloured listing beside tmux's, and what a snapshot of it costs.
//!
//! `cargo bench --bench history` lists `/usr` (`ls -laR --color=always`) at 200 columns. Memory is the growth of the
//! resident set, of this process or of tmux's server; each figure of ours is from a process of its own.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use synk::base::GridSize;
use synk::engine::{Engine, EngineOptions, Snapshot};

const COLS: u16 = 200;
const ROWS: u16 = 40;
/// Lines above the screen.
const LINES: usize = 10_000;

/// The listing's first lines, as a PTY delivers them.
fn listing() -> Vec<u8> {
    let out = Command::new("ls").args(["-laR", "--color=always", "/usr"]).output().expect("ls runs");
    let lines = out.stdout.split(|b| *b == b'\n').take(LINES + usize::from(ROWS));
    lines.flat_map(|line| [line, b"\r\n"].concat()).collect()
}

/// The resident memory of a process, in KiB.
fn resident(process: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}

fn filled(bytes: &[u8]) -> Engine {
    let mut engine = Engine::new(GridSize::clamped(COLS, ROWS), EngineOptions::default());
    let mut effects = Vec::new();
    for chunk in bytes.chunks(64 * 1024) {
        engine.feed(chunk, &mut effects);
        effects.clear();
    }
    engine
}

/// In a process of its own: prints how much each of some engines takes, in KiB.
fn measure_memory(path: &str, engines: u64) {
    let bytes = fs::read(path).expect("the listing can be read");
    let before = resident("self");
    let all: Vec<Engine> = (0..engines).map(|_| filled(&bytes)).collect();
    println!("{}", resident("self").saturating_sub(before) / engines);
    assert!(all.iter().all(|engine| engine.history_len() >= LINES as u64));
}

fn ours(path: &Path, engines: u64) -> u64 {
    let this = std::env::current_exe().expect("this program has a path");
    let out = Command::new(this).arg(engines.to_string()).arg(path).output().expect("this program runs");
    String::from_utf8_lossy(&out.stdout).trim().parse().expect("a number")
}

/// What tmux's server grows by; none without tmux.
fn tmux(path: &Path) -> Option<u64> {
    let socket = format!("synk-bench-{}", std::process::id());
    let tmux = |args: &[&str]| {
        let out = Command::new("tmux").args(["-L", &socket, "-f", "/dev/null"]).args(args).output().ok()?;
        out.status.success().then(|| String::from_utf8_lossy(&out.stdout).trim().to_owned())
    };
    let wait_for = |args: &[&str], want: &dyn Fn(&str) -> bool| {
        let until = Instant::now() + Duration::from_secs(30);
        while !tmux(args).is_some_and(|found| want(&found)) && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    tmux(&["new-session", "-d", "-x", &COLS.to_string(), "-y", &ROWS.to_string(), "sleep 60"])?;
    tmux(&["set-option", "-g", "history-limit", "20000"])?;
    let server = tmux(&["display-message", "-p", "#{pid}"])?;
    let before = resident(&server);
    let command = format!("cat '{}'; sleep 60", path.display());
    tmux(&["new-window", "-d", "-t", ":9", &command])?;
    wait_for(&["display-message", "-p", "-t", ":9", "#{history_size}"], &|n| {
        n.parse().is_ok_and(|n: usize| n >= LINES)
    });
    let grown = resident(&server).saturating_sub(before);
    tmux(&["kill-server"]);
    Some(grown)
}

fn best<T>(mut action: impl FnMut() -> T) -> Duration {
    (0..20)
        .map(|_| {
            let start = Instant::now();
            std::hint::black_box(action());
            start.elapsed()
        })
        .min()
        .unwrap_or_default()
}

fn snapshots(engine: &Engine, what: &str) {
    let snapshot = engine.snapshot();
    let bytes = snapshot.to_bytes();
    let restored = || Engine::restore(Snapshot::from_bytes(&bytes).expect("its own bytes"), EngineOptions::default());
    println!(
        "snapshot, {what}: {} KiB; taken in {:?}, written in {:?}, read and restored in {:?}",
        bytes.len() / 1024,
        best(|| engine.snapshot()),
        best(|| snapshot.to_bytes()),
        best(restored),
    );
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    if let [engines, path] = &args[..] {
        return measure_memory(path, engines.parse().expect("a number"));
    }
    let bytes = listing();
    let path = std::env::temp_dir().join(format!("synk-bench-listing-{}", std::process::id()));
    fs::write(&path, &bytes).expect("the temporary directory can be written to");
    println!("{LINES} lines at {COLS} columns, {} KiB of output", bytes.len() / 1024);
    for engines in [1, 20] {
        println!("synk, each of {engines}: {} KiB", ours(&path, engines));
    }
    match tmux(&path) {
        Some(kib) => println!("tmux: {kib} KiB"),
        None => println!("tmux: not here"),
    }
    let _ = fs::remove_file(&path);
    snapshots(&filled(&bytes), "all of it");
    snapshots(&filled(&bytes[..4000]), "hardly more than the screen");
    let start = Instant::now();
    filled(&bytes);
    println!("the listing is read in {:?}", start.elapsed());
}
