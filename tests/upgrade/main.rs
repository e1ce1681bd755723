//! `synk upgrade` as people run it: a host under output becomes another program and nothing is missing, and programs that
//! cannot take over change nothing or are gone back on. One line of JSON on standard output for the run under output, with
//! what was measured.
//!
//! `cargo test --test upgrade` is a short run. `cargo test --test upgrade -- --seconds 60 --upgrades 20` is a long one.

#[path = "../torture/emit.rs"]
mod emit;
mod failing;
mod gap;
#[path = "../support/process.rs"]
mod process;
#[path = "../torture/same.rs"]
mod same;
mod stage;
#[path = "../support/mod.rs"]
mod support;
mod under_output;
#[path = "../support/user.rs"]
mod user;

use std::thread;

/// What is shown to go wrong without harm, each for itself.
const FAILING: &[(&str, fn())] = &[
    ("what_cannot_take_over_is_refused_and_nothing_changes", failing::refused),
    ("one_that_says_nothing_is_not_waited_for_long", failing::silent),
    ("a_daemon_that_ends_at_once_is_gone_back_on", failing::ends),
    ("a_daemon_that_never_comes_up_is_gone_back_on", failing::never_up),
    ("a_program_that_goes_away_is_the_hosts_and_not_the_keepers", failing::goes_away),
    ("a_daemon_that_is_killed_on_trial_is_tried_again", failing::killed),
];

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let number = |text: &str| text.parse::<u64>().unwrap_or_else(|_| panic!("{text} is no number"));
    if let [verb, seed, length, rate, code] = &args[..]
        && verb == "emit"
    {
        emit::run(number(seed), number(length) as usize, number(rate), number(code) as i32);
    }
    let mut plan = under_output::Plan { seed: 1, seconds: 6, upgrades: 2 };
    let (mut args, mut filter) = (args.iter(), None);
    while let Some(arg) = args.next() {
        let mut value = || number(args.next().unwrap_or_else(|| panic!("{arg} wants a number")));
        match arg.as_str() {
            "--seed" => plan.seed = value(),
            "--seconds" => plan.seconds = value(),
            "--upgrades" => plan.upgrades = value(),
            // What the test runner of the language says to all of its programs.
            other if other.starts_with("--") => {}
            other => filter = Some(other.to_owned()),
        }
    }
    let wanted = |name: &str| filter.as_ref().is_none_or(|filter| name.contains(filter.as_str()));
    let tests: Vec<_> = FAILING.iter().filter(|(name, _)| wanted(name)).collect();
    let running: Vec<_> = tests.iter().map(|(name, test)| (name, thread::spawn(test))).collect();
    let failed: Vec<_> = running.into_iter().filter_map(|(name, test)| test.join().is_err().then_some(name)).collect();
    // By itself: it measures.
    let report = wanted("upgrade under output").then(|| under_output::run(&plan));
    report.iter().for_each(|report| println!("{report}"));
    if !failed.is_empty() || report.is_some_and(|report| report["ok"] != true) {
        eprintln!("failed: {failed:?}");
        std::process::exit(1);
    }
}
