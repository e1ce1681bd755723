//! A real window under load: memory of window and host while 500 MB are printed into a pane, what Ctrl+C leaves to be
//! shown, and how long the first window takes. Runs on a virtual X server, as the window's tests do.

#[path = "../tests/support/desktop.rs"]
mod desktop;
#[path = "../tests/support/process.rs"]
mod process;
#[path = "../tests/support/mod.rs"]
mod support;

use std::io::{BufWriter, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use desktop::{Desktop, Window, until};
use support::{Mirror, Viewer};
use synk::base::SessionNo;

/// Characters of a line, its line feed not counted: a number that says how far the output has come.
const WIDTH: usize = 49;
const LINES: u64 = 500_000_000 / (WIDTH as u64 + 1);
/// How often Ctrl+C is tried.
const ROUNDS: usize = 10;

/// Resident memory of a process, in MiB.
fn resident(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1024.0
}

fn write_lines(path: &Path) {
    let mut file = BufWriter::new(std::fs::File::create(path).unwrap());
    for n in 1..=LINES {
        writeln!(file, "{n:0WIDTH$}").unwrap();
    }
    file.flush().unwrap();
}

/// The highest number that a screen shows.
fn shown(mirror: &Mirror) -> u64 {
    let text = mirror.screen.text();
    text.lines().filter(|l| l.len() == WIDTH).filter_map(|l| l.parse().ok()).max().unwrap_or(0)
}

/// Prints the whole file and looks at the memory meanwhile.
fn memory(desktop: &Desktop, window: &Window<'_>, no: u32) {
    let pids = [("window", window.pid()), ("host", desktop.host_pid())];
    let before = pids.map(|(_, pid)| resident(pid));
    let mut most = before;
    let begun = Instant::now();
    window.line("cat lines; echo 'the end' | tr a-z A-Z");
    until("the end", || {
        for (most, (_, pid)) in most.iter_mut().zip(pids) {
            *most = most.max(resident(pid));
        }
        std::thread::sleep(Duration::from_millis(80));
        desktop.text(no).lines().any(|l| l == "THE END").then_some(())
    });
    let rate = (LINES * (WIDTH as u64 + 1)) as f64 / begun.elapsed().as_secs_f64() / 1e6;
    println!("cat of 500 MB into one of two panes: {rate:.1} MB/s");
    for (((name, pid), before), most) in pids.into_iter().zip(before).zip(most) {
        println!("  {name:<6} resident {before:.1} MiB before, {most:.1} at most, {:.1} after", resident(pid));
    }
}

/// Interrupts the output and counts what is shown after the key was sent.
fn interrupt(desktop: &Desktop, no: u32) {
    let socket = UnixStream::connect(desktop.path("run/synk/synk.sock")).unwrap();
    let mut viewer = Viewer::new(socket);
    let no: SessionNo = viewer.watch(no);
    let mut more: Vec<u64> = (0..ROUNDS)
        .map(|_| {
            viewer.type_text(no, "clear; cat lines\n");
            viewer.until(no, "output", |m| (1000..LINES / 2).contains(&shown(m)));
            let at = shown(&viewer.mirrors[&no]);
            viewer.ctrl(no, 'c');
            viewer.until(no, "the prompt", |m| m.screen.text().trim_end().ends_with("\n$"));
            (shown(&viewer.mirrors[&no]) - at) * (WIDTH as u64 + 1)
        })
        .collect();
    more.sort_unstable();
    let kib = |n: u64| n / 1024;
    println!(
        "Ctrl+C under that output: {} KiB more shown at the median, {} KiB at most, of {ROUNDS}",
        kib(more[ROUNDS / 2]),
        kib(more[ROUNDS - 1])
    );
}

fn main() {
    let desktop = Desktop::new("(cursor_blink: false)");
    write_lines(&desktop.path("home/lines"));
    let begun = Instant::now();
    let window = desktop.open(&[]);
    println!("window and host started, first pane drawn: {:.0?}", begun.elapsed());
    desktop.until_sessions(1);
    window.keys(&["ctrl+shift+t"]);
    let sessions = desktop.until_sessions(2);
    let no = sessions[1].no;
    desktop.until_line(no, "$");
    memory(&desktop, &window, no);
    interrupt(&desktop, no);
}
