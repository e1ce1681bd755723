//! A run: sessions that write, somebody who types, and a daemon that is killed at random times.

use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::crowd::spread;
use crate::emit::Random;
use crate::flood::{Flood, Plan};
use crate::player::answering;
use crate::user::User;

/// Kills the daemon. How long it took from there to an answer on a new connection.
pub fn kill(user: &User) -> Duration {
    let pid = answering(user, None);
    kill_process(Pid::from_raw(pid.cast_signed()).expect("a process id"), Signal::KILL).expect("it is there");
    let at = Instant::now();
    answering(user, Some(pid));
    at.elapsed()
}

pub fn run(plan: Plan, kills: u64) -> Value {
    let user = User::new();
    user.start_host();
    let begun = Instant::now();
    let flood = Flood::start(&user, plan);
    let mut random = Random(plan.seed);
    let mut took = Vec::new();
    for _ in 0..kills {
        // A random time is what is tried here, not what is waited for.
        std::thread::sleep(Duration::from_micros(random.below(200_000)));
        took.push(kill(&user));
    }
    let killed_for = begun.elapsed();
    let bytes = flood.bytes();
    let (typed, faults) = flood.finish(&user);
    json!({
        "run": "daemon", "ok": faults.is_empty(), "seed": plan.seed, "sessions": plan.sessions, "daemon_kills": kills,
        "bytes": bytes, "killing_ms": killed_for.as_millis() as u64,
        "answer_ms": spread(took), "typed": typed, "faults": faults,
    })
}
