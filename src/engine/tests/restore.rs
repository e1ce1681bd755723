//! The law of snapshots: at any byte of any stream, the snapshot's bytes make an engine that goes on as if nothing had
//! happened.

use super::same::difference;
use super::sound::assert_sound;
use super::steps::{Step, random_size, steps};
use crate::base::GridSize;
use crate::base::random::{Random, seeds};
use crate::engine::{Effect, Engine, EngineOptions, PageKeeper, Snapshot};

/// Snapshots taken of each life.
const CUTS: usize = 25;
/// How often a restored engine is compared on its way, beside right away and at the end.
const EVERY: usize = 16;

/// Limits that bite now and then.
fn options(random: &mut Random) -> EngineOptions {
    let (history_lines, history_bytes) = random.pick(&[(60, 1 << 20), (1000, 1 << 20), (1000, 2_000), (1, 1 << 20)]);
    EngineOptions { history_lines, history_bytes, ..EngineOptions::default() }
}

/// A life in steps that end anywhere, also within a sequence or a character.
fn life(random: &mut Random, size: GridSize) -> Vec<Step> {
    let noise = random.pick(&[2, 10, 40, 1000]);
    let mut cut = Vec::new();
    for step in steps(random, size, noise, 80) {
        match step {
            Step::Bytes(bytes) => cut.extend(random.cut(&bytes).into_iter().map(|part| Step::Bytes(part.to_vec()))),
            step => cut.push(step),
        }
    }
    cut
}

/// Pages that are kept outside of snapshots, while there is room.
#[derive(Debug, Default)]
struct Pages {
    all: Vec<Vec<u8>>,
    full: bool,
}

impl PageKeeper for Pages {
    fn keep(&mut self, page: &[u8]) -> Option<u64> {
        (!self.full).then(|| self.all.push(page.to_vec())).map(|()| self.all.len() as u64 - 1)
    }
}

/// What a step did: its effects, how its bytes were read, and the engine afterwards where it is looked at.
struct Done {
    effects: Vec<Effect>,
    read: Vec<usize>,
    engine: Option<Engine>,
    snapshot: Option<Vec<u8>>,
}

fn live(engine: &mut Engine, life: &[Step], cuts: &[usize], pages: &mut Pages, random: &mut Random) -> Vec<Done> {
    let mut done = Vec::new();
    for (at, step) in life.iter().enumerate() {
        let mut effects = Vec::new();
        let read = step.apply(engine, &mut effects);
        let cut = cuts.contains(&at);
        let looked_at = cut || at % EVERY == 0 || at + 1 == life.len();
        pages.full = random.below(4) == 0;
        let snapshot = cut.then(|| engine.save(pages));
        done.push(Done { effects, read, engine: looked_at.then(|| engine.clone()), snapshot });
    }
    done
}

#[test]
fn a_restored_engine_goes_on_as_if_nothing_had_happened() {
    let (mut cuts_made, mut pages_kept) = (0, 0);
    for seed in seeds(400) {
        let mut random = Random::new(seed);
        let some = random_size(&mut random);
        let size = random.pick(&[GridSize::clamped(20, 8), GridSize::clamped(2, 1), GridSize::clamped(80, 24), some]);
        let options = options(&mut random);
        let life = life(&mut random, size);
        let cuts: Vec<usize> = (0..CUTS).map(|_| random.below(life.len())).collect();
        let mut pages = Pages::default();
        let done = live(&mut Engine::new(size, options.clone()), &life, &cuts, &mut pages, &mut random);
        pages_kept += pages.all.len();
        for cut in cuts {
            let bytes = done[cut].snapshot.as_deref().expect("a snapshot was taken at each cut");
            go_on(bytes, &mut pages, &options, &life[cut + 1..], &done[cut..], &format!("seed {seed}, cut {cut}"));
            cuts_made += 1;
        }
    }
    assert!(cuts_made >= 10_000 && pages_kept >= 500, "{cuts_made} cuts, {pages_kept} pages");
}

/// Restores a snapshot and holds what it does in the rest of its life against what was done.
fn go_on(bytes: &[u8], pages: &mut Pages, options: &EngineOptions, rest: &[Step], done: &[Done], what: &str) {
    let mut find = |number: u64| pages.all.get(number as usize).cloned();
    let snapshot = Snapshot::from_parts(bytes, &mut find).unwrap_or_else(|error| panic!("{what}: {error}"));
    let whole = Snapshot::from_bytes(&snapshot.to_bytes());
    assert!(whole.as_ref() == Ok(&snapshot), "{what}: the snapshot with all its pages");
    let mut engine = Engine::restore(snapshot, options.clone());
    let same = |engine: &Engine, done: &Done, when: &str| {
        if let Some(running) = &done.engine {
            assert_eq!(difference(running, engine), None, "{what}, {when}");
        }
    };
    assert!(done[0].engine.is_some());
    same(&engine, &done[0], "at the cut");
    pages.full = true;
    assert_eq!(engine.save(pages), bytes, "{what}: the next snapshot");
    let mut effects = Vec::new();
    engine.feed(b"", &mut effects);
    assert_eq!(effects, [], "{what}: a restore is mute");
    for (n, (step, done)) in rest.iter().zip(&done[1..]).enumerate() {
        effects.clear();
        let read = step.apply(&mut engine, &mut effects);
        assert_eq!((&effects, &read), (&done.effects, &done.read), "{what}, step {n} after it, {step:?}");
        same(&engine, done, &format!("step {n} after it"));
    }
    assert_sound(&mut engine, what);
}
