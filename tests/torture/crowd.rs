//! Runs with many sessions that do nothing: how long it takes from the end of a daemon until another one answers and shows
//! a window's panes, and what so many sessions take of memory.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::emit::Random;
use crate::player::{answering, connect};
use crate::process::{children, parent};
use crate::support::api::Api;
use crate::support::{Viewer, until};
use crate::user::User;

/// Lines that each session has written.
const LINES: usize = 2000;
/// Panes of a window.
const PANES: u32 = 12;

/// Makes sessions that have written their lines and wait.
fn idle_sessions(user: &User, count: u64) {
    let mut api = connect(user);
    let lines =
        format!("seq -f '%.0f  of the lines that a program has written, which takes its time' {LINES}; exec cat");
    for n in 0..count {
        api.run(&format!("idle{n}"), &lines);
    }
    for n in 0..count {
        let last =
            json!({"session_id": format!("idle{n}"), "until": {"text": format!("{LINES}  of")}, "timeout_ms": 60_000});
        api.call("wait_for", last);
    }
}

/// Starts programs that write so many megabytes a second in all, for as long as the host lives.
fn floods(user: &User, count: u64, megabytes: u64) {
    let mut api: Api = connect(user);
    let program = std::env::current_exe().expect("this program").display().to_string();
    for n in 0..count {
        let rate = (megabytes << 20) / count;
        // Longer than anybody waits.
        let numbers = [n, 200 << 20, rate, 0].map(|n| n.to_string());
        let command = [vec![program.clone(), "emit".to_owned()], numbers.to_vec()].concat();
        api.call("create_session", json!({"name": format!("flood{n}"), "command": command}));
    }
}

/// Half, nearly all, and the longest, in ms.
pub fn spread(mut took: Vec<Duration>) -> Value {
    took.sort();
    let at = |share: usize| took.get((took.len() * share / 100).min(took.len().saturating_sub(1)));
    let ms = |share| at(share).map(|t| t.as_millis() as u64);
    json!({"p50": ms(50), "p99": ms(99), "most": ms(100)})
}

/// Kills daemons that have so many idle sessions, and eight that write where there are megabytes to write: the time from
/// there to the answer on a new connection, and to the first frame of the last of twelve panes.
pub fn restarts(seed: u64, kills: u64, sessions: u64, megabytes: u64) -> Value {
    let user = User::new();
    user.start_host();
    idle_sessions(&user, sessions);
    if megabytes > 0 {
        floods(&user, 8, megabytes);
    }
    let mut random = Random(seed);
    let (mut answers, mut frames) = (Vec::new(), Vec::new());
    for _ in 0..kills {
        std::thread::sleep(Duration::from_millis(500) + Duration::from_micros(random.below(100_000)));
        let daemon = answering(&user, None);
        kill_process(Pid::from_raw(daemon.cast_signed()).expect("a process id"), Signal::KILL).expect("it is there");
        let at = Instant::now();
        answering(&user, Some(daemon));
        answers.push(at.elapsed());
        let mut viewer = Viewer::new(UnixStream::connect(user.socket()).expect("nobody is refused"));
        let panes: Vec<_> = (1..=PANES.min(sessions as u32)).map(|no| viewer.watch(no)).collect();
        while panes.iter().any(|no| viewer.mirrors[no].frames == 0) {
            viewer.step();
        }
        frames.push(at.elapsed());
    }
    let left = user.sessions().iter().filter(|session| session["exit_code"].is_null()).count() as u64;
    let expected = sessions + if megabytes > 0 { 8 } else { 0 };
    json!({
        "run": "restarts", "ok": left == expected, "seed": seed, "daemon_kills": kills, "sessions": sessions,
        "megabytes": megabytes, "running": left, "answer_ms": spread(answers), "frames_ms": spread(frames),
    })
}

/// What a process takes of memory, shared pages by their share, in KiB (proc(5)).
fn pss(pid: u32) -> u64 {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).expect("a process of this user");
    let line = rollup.lines().find(|line| line.starts_with("Pss:")).expect("its share");
    line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).expect("a number")
}

/// What the memories of sessions take that a process holds, mapped or not, in KiB.
fn memories(pid: u32) -> u64 {
    let fds = fs::read_dir(format!("/proc/{pid}/fd")).expect("a process of this user").flatten();
    let of_sessions =
        fds.filter(|fd| fs::read_link(fd.path()).is_ok_and(|to| to.to_string_lossy().contains("synk-session")));
    of_sessions.filter_map(|fd| Some(fs::metadata(fd.path()).ok()?.blocks() / 2)).sum()
}

/// So many sessions: what daemon and keeper take, while they are awake and once they hibernate, and how long it takes then
/// from a window's asking for a session to its screen.
pub fn memory(sessions: u64) -> Value {
    let awake = filled(sessions, 0);
    let asleep = filled(sessions, 3);
    let ok = awake.all_there && asleep.all_there;
    json!({
        "run": "memory", "ok": ok, "sessions": sessions, "lines": LINES, "awake": awake.json, "hibernating": asleep.json,
    })
}

struct Filled {
    all_there: bool,
    json: Value,
}

fn filled(sessions: u64, hibernate_after_s: u64) -> Filled {
    let user = User::new();
    let settings = format!("(hibernate_after_s: {hibernate_after_s})");
    fs::write(user.path("home/.config/synk/synk.ron"), settings).expect("settings");
    user.start_host();
    let daemon = answering(&user, None);
    let keeper = parent(daemon).expect("it has a parent");
    let empty = pss(daemon) + pss(keeper);
    idle_sessions(&user, sessions);
    // What is done once output rests is done when nothing changes any more.
    let all = || (pss(daemon), pss(keeper), memories(keeper));
    let mut last = all();
    until("the memory stays as it is", || {
        std::thread::sleep(Duration::from_secs(2 + 2 * hibernate_after_s));
        let now = all();
        (std::mem::replace(&mut last, now) == now).then_some(())
    });
    let (of_daemon, of_keeper, shared) = last;
    let mut viewer = Viewer::new(UnixStream::connect(user.socket()).expect("nobody is refused"));
    let mut shown = Vec::new();
    for no in 1..=sessions.min(100) as u32 {
        let at = Instant::now();
        let no = viewer.watch(no);
        while viewer.mirrors[&no].frames == 0 {
            viewer.step();
        }
        shown.push(at.elapsed());
    }
    shown.sort();
    let us = |share: usize| shown.get(shown.len() * share / 100).or(shown.last()).map(|took| took.as_micros() as u64);
    let json = json!({
        "empty_kib": empty, "daemon_kib": of_daemon, "keeper_kib": of_keeper, "memories_kib": shared,
        "shown_us": {"p50": us(50), "p99": us(99)},
    });
    Filled { all_there: children(keeper).len() as u64 == sessions + 1, json }
}
