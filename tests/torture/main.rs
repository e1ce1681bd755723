//! Kills what may be killed, again and again, while sessions write, and looks whether anything is missing afterwards: a
//! byte, a process, an exit code, a piece of what a terminal shows, a key that was typed. One line of JSON on standard output
//! for each run; a line that says `"ok":false` and a failure where something is.
//!
//! `cargo test --test torture` does a short one of each run. `-- --run NAME` does one alone, as long as wanted:
//! `--rounds N --seed N --sessions N --seconds N --megabytes N`. Some are only measured, and only when they are named.

mod combos;
mod crowd;
mod daemon;
#[path = "../support/desktop.rs"]
mod desktop;
mod emit;
mod idle;
mod player;
#[path = "../support/process.rs"]
mod process;
mod puppet;
mod same;
mod starts;
#[path = "../support/mod.rs"]
mod support;
#[path = "../support/terminal.rs"]
mod terminal;
mod typing;
#[path = "../support/user.rs"]
mod user;
mod world;

use std::path::Path;

use serde_json::Value;

/// What is done how often, and with what.
struct Wish {
    seed: u64,
    rounds: Option<u64>,
    sessions: Option<u64>,
    seconds: Option<u64>,
    megabytes: Option<u64>,
}

/// A run.
struct Run {
    name: &'static str,
    /// How many rounds it has if nobody says.
    rounds: u64,
    /// It is done when nobody says which: it takes some seconds.
    short: bool,
    run: fn(&Wish, u64) -> Value,
}

const RUNS: &[Run] = &[
    Run { name: "daemon", rounds: 30, short: true, run: daemons },
    Run { name: "keeper", rounds: 6, short: true, run: |wish, rounds| combos::keepers(wish.seed, rounds) },
    Run { name: "combos", rounds: 40, short: true, run: |wish, rounds| combos::combos(wish.seed, rounds) },
    Run { name: "starts", rounds: 30, short: true, run: |_, clients| starts::run(clients) },
    Run { name: "restarts", rounds: 20, short: false, run: restarts },
    Run { name: "memory", rounds: 1, short: false, run: |wish, _| crowd::memory(wish.sessions.unwrap_or(1000)) },
    Run { name: "idle", rounds: 1, short: false, run: |wish, _| idle::run(wish.seconds.unwrap_or(60)) },
];

fn daemons(wish: &Wish, kills: u64) -> Value {
    let (sessions, seconds) = (wish.sessions.unwrap_or(8), wish.seconds.unwrap_or(8));
    daemon::run(&daemon::Plan { seed: wish.seed, sessions, kills, seconds, megabytes: wish.megabytes.unwrap_or(20) })
}

fn restarts(wish: &Wish, kills: u64) -> Value {
    crowd::restarts(wish.seed, kills, wish.sessions.unwrap_or(100), wish.megabytes.unwrap_or(0))
}

/// The programs that sessions run.
fn program(args: &[String]) {
    let number = |text: &str| text.parse::<u64>().unwrap_or_else(|_| panic!("{text} is no number"));
    match args {
        [verb, seed, length, rate, code] if verb == "emit" => {
            emit::run(number(seed), number(length) as usize, number(rate), number(code) as i32)
        }
        [verb, socket, progress, code] if verb == "puppet" => {
            puppet::run(Path::new(socket), Path::new(progress), number(code) as i32)
        }
        [verb, file] if verb == "record" => typing::record(file),
        _ => {}
    }
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    program(&args);
    let mut wish = Wish { seed: 1, rounds: None, sessions: None, seconds: None, megabytes: None };
    let mut only: Option<String> = None;
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let mut value = || args.next().unwrap_or_else(|| panic!("{arg} wants a value")).as_str();
        let mut number = || value().parse::<u64>().unwrap_or_else(|e| panic!("{arg}: {e}"));
        match arg.as_str() {
            "--run" => only = Some(value().into()),
            "--seed" => wish.seed = number(),
            "--rounds" => wish.rounds = Some(number()),
            "--sessions" => wish.sessions = Some(number()),
            "--seconds" => wish.seconds = Some(number()),
            "--megabytes" => wish.megabytes = Some(number()),
            // What the test runner of the language says to all of its programs.
            other if other.starts_with("--") => {}
            // A filter for tests by name: this is one test, and none of that name.
            other if !"torture".contains(other) => return,
            _ => {}
        }
    }
    let wanted = |run: &&Run| only.as_ref().map_or(run.short, |only| only == run.name);
    let runs: Vec<&Run> = RUNS.iter().filter(wanted).collect();
    assert!(!runs.is_empty(), "no run is called {only:?}");
    let mut failed = false;
    for run in runs {
        let report = (run.run)(&wish, wish.rounds.unwrap_or(run.rounds));
        println!("{report}");
        failed |= report["ok"] != true;
    }
    if failed {
        std::process::exit(1);
    }
}
