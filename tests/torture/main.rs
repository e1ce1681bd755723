//! Kills the daemon again and again while sessions write, and looks whether anything is missing afterwards: a byte, a
//! process, an exit code, a piece of what a terminal shows. One line of JSON on standard output for each run; a line that
//! says `"ok":false` and a failure where something is.
//!
//! `cargo test --test torture` is a short run. `cargo test --test torture -- --kills 1000 --seconds 240` is a long one.

mod emit;
mod run;
#[path = "../support/mod.rs"]
mod support;
#[path = "../support/user.rs"]
mod user;

use run::Plan;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let number = |text: &str| text.parse::<u64>().unwrap_or_else(|_| panic!("{text} is no number"));
    if let [verb, seed, length, rate, code] = &args[..]
        && verb == "emit"
    {
        emit::run(number(seed), number(length) as usize, number(rate), number(code) as i32);
    }
    let mut plan = Plan { seed: 1, sessions: 8, kills: 30, seconds: 8, megabytes: 20 };
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let mut value = || number(args.next().unwrap_or_else(|| panic!("{arg} wants a number")));
        match arg.as_str() {
            "--seed" => plan.seed = value(),
            "--sessions" => plan.sessions = value(),
            "--kills" => plan.kills = value(),
            "--seconds" => plan.seconds = value(),
            "--megabytes" => plan.megabytes = value(),
            // What the test runner of the language says to all of its programs.
            other if other.starts_with("--") => {}
            // A filter for tests by name: this is one test, and none of that name.
            other if !"torture".contains(other) => return,
            _ => {}
        }
    }
    let report = run::run(&plan);
    println!("{report}");
    if report["ok"] != true {
        std::process::exit(1);
    }
}
