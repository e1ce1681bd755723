//! A run: random sets of the window, the daemon, the keeper and a session's program are killed at random moments, all of a
//! set at once and in a random order, while sessions write. Never the daemon and the keeper together: then the last one
//! who holds the terminals is gone. And a run in which it is always the keeper.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::{Value, json};

use crate::emit::Random;
use crate::world::{Tally, Victim, World};

/// Rounds after which a world with all of its processes is replaced by a fresh one.
const LONG: u64 = 25;

/// A random set in a random order: of the four, without daemon and keeper together.
fn set(random: &mut Random) -> Vec<Victim> {
    loop {
        let mut all = vec![Victim::Window, Victim::Daemon, Victim::Keeper];
        all.push(if random.below(2) == 0 { Victim::Shell } else { Victim::ShellEnds });
        all.retain(|_| random.below(2) == 0);
        for n in (1..all.len()).rev() {
            all.swap(n, random.below(n as u64 + 1) as usize);
        }
        let both = all.contains(&Victim::Daemon) && all.contains(&Victim::Keeper);
        if !all.is_empty() && !both {
            return all;
        }
    }
}

/// Random sets.
pub fn combos(seed: u64, rounds: u64) -> Value {
    run("combos", seed, rounds, set)
}

/// The keeper alone, each time another one.
pub fn keepers(seed: u64, rounds: u64) -> Value {
    run("keeper", seed, rounds, |_| vec![Victim::Keeper])
}

fn run(name: &str, seed: u64, rounds: u64, mut next: impl FnMut(&mut Random) -> Vec<Victim>) -> Value {
    let mut random = Random(seed);
    let (mut tally, mut faults) = (Tally::default(), Vec::new());
    let (mut world, mut age) = (None, 0);
    for round in 0..rounds {
        // As much of the generator for each round, whatever happened in those before.
        let mut own = Random(random.below(u64::MAX));
        let victims = next(&mut own);
        let kept = world.take();
        let outcome = caught(|| {
            let mut now = kept.unwrap_or_else(World::new);
            now.round(&victims, &mut own, &mut tally)?;
            age += 1;
            if now.has_keeper() && age < LONG && round + 1 < rounds {
                return Ok(Some(now));
            }
            now.end(own.below(2) == 0, &mut tally).map(|()| None)
        });
        match outcome {
            Ok(left) => world = left,
            Err(why) => faults.push(format!("round {round}, {victims:?}: {why}")),
        }
        if world.is_none() {
            age = 0;
        }
    }
    json!({
        "run": name, "ok": faults.is_empty(), "seed": seed, "rounds": rounds, "sets": tally.sets, "bytes": tally.bytes,
        "screens": tally.screens, "exit_codes": tally.exits, "unknown": tally.unknown, "faults": faults,
    })
}

/// What fails an assertion on the way fails its round alone.
pub fn caught<T>(round: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(round)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        Err(text.or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned())).unwrap_or_default())
    })
}
