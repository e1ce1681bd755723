//! Kills what may be killed, again and again, while sessions write, and looks whether anything is missing afterwards: a
//! byte, a process, an exit code, a piece of what a terminal shows, a key that was typed. One line of JSON on standard output
//! for each run; a line that says `"ok":false` and a failure where something is.
//!
//! `cargo test --test torture` does a short one of each run. `-- --run NAME` does one alone, as long as wanted:
//! `--rounds N --seed N --sessions N --seconds N --megabytes N`. Some are only measured, and only when they are named. One
//! that this system does not allow says so, and is skipped: it has not passed.

mod combos;
mod crowd;
mod daemon;
#[path = "../support/desktop.rs"]
mod desktop;
mod disk;
mod emit;
mod flood;
mod idle;
mod player;
mod points;
#[path = "../support/process.rs"]
mod process;
mod puppet;
mod rundir;
mod same;
mod small_disk;
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
    /// And beside the others then: most of the time it waits.
    beside: bool,
    run: fn(&Wish, u64) -> Value,
}

const RUNS: &[Run] = &[
    Run { name: "daemon", rounds: 30, short: true, beside: false, run: daemons },
    Run {
        name: "keeper",
        rounds: 6,
        short: true,
        beside: false,
        run: |wish, rounds| combos::keepers(wish.seed, rounds),
    },
    Run {
        name: "combos",
        rounds: 40,
        short: true,
        beside: false,
        run: |wish, rounds| combos::combos(wish.seed, rounds),
    },
    Run { name: "starts", rounds: 30, short: true, beside: false, run: |_, clients| starts::run(clients) },
    Run { name: "disk", rounds: 1, short: true, beside: true, run: disks },
    Run { name: "rundir", rounds: 4, short: true, beside: false, run: rundirs },
    Run { name: "points", rounds: 1, short: true, beside: true, run: |wish, rounds| points::run(wish.seed, rounds) },
    Run { name: "restarts", rounds: 20, short: false, beside: false, run: restarts },
    Run {
        name: "memory",
        rounds: 1,
        short: false,
        beside: false,
        run: |wish, _| crowd::memory(wish.sessions.unwrap_or(1000)),
    },
    Run { name: "idle", rounds: 1, short: false, beside: false, run: |wish, _| idle::run(wish.seconds.unwrap_or(60)) },
];

/// 20 MB a second in all, unless it is said otherwise.
fn flood(wish: &Wish) -> flood::Plan {
    let (sessions, seconds) = (wish.sessions.unwrap_or(8), wish.seconds.unwrap_or(8));
    flood::Plan { seed: wish.seed, sessions, seconds, megabytes: wish.megabytes.unwrap_or(20) }
}

fn disks(wish: &Wish, rounds: u64) -> Value {
    // About what a round takes.
    let seconds = wish.seconds.unwrap_or(4 * rounds);
    disk::run(flood::Plan { seconds, ..flood(wish) }, rounds)
}

fn rundirs(wish: &Wish, rounds: u64) -> Value {
    let seconds = wish.seconds.unwrap_or(1 + rounds / 2);
    rundir::run(flood::Plan { seconds, ..flood(wish) }, rounds)
}

fn daemons(wish: &Wish, kills: u64) -> Value {
    daemon::run(flood(wish), kills)
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
        [verb, numbers @ ..] if verb == disk::INSIDE => {
            disk::inside(&numbers.iter().map(|n| number(n)).collect::<Vec<_>>())
        }
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
    if !all_well(&runs, &wish) {
        std::process::exit(1);
    }
}

/// Does these runs and prints what came of each. False where one of them failed.
fn all_well(runs: &[&Run], wish: &Wish) -> bool {
    let report = |run: &Run| (run.run)(wish, wish.rounds.unwrap_or(run.rounds));
    let (mut well, mut skipped) = (true, Vec::new());
    let mut tell = |name: &'static str, report: Value| {
        println!("{report}");
        match report["skipped"].is_string() {
            true => skipped.push(name),
            false => well &= report["ok"] == true,
        }
    };
    std::thread::scope(|scope| {
        let (beside, others): (Vec<&Run>, Vec<&Run>) = runs.iter().partition(|run| run.beside);
        let beside = beside.into_iter().map(|run| (run.name, scope.spawn(move || report(run))));
        let beside: Vec<_> = beside.collect();
        others.into_iter().for_each(|run| tell(run.name, report(run)));
        beside.into_iter().for_each(|(name, run)| tell(name, run.join().expect("it said what is wrong")));
    });
    if !skipped.is_empty() {
        println!("skipped, and so not passed: {}", skipped.join(", "));
    }
    well
}
