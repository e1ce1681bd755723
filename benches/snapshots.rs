//! What snapshots add to a flood: processor time for each MB that is parsed, with and without them, in turn.
//!
//! `cargo bench --bench snapshots` puts streams of 64 MB through a session's memory and its engine in slices of 64 KiB, as a
//! session does. With snapshots the state is written to the memory whenever a session would do so; without, the output that
//! was parsed is given up in its place.

use std::sync::Arc;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use synk::base::GridSize;
use synk::engine::{Engine, EngineOptions};
use synk::session::Memory;
use synk::session::memory::ends;

const ROUNDS: usize = 7;
const LENGTH: usize = 64 << 20;
/// When a session makes a snapshot, as in `src/session/keep.rs`.
const MOST: u64 = 8 << 20;

fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.try_into().unwrap_or_default(), time.tv_nsec.try_into().unwrap_or_default())
}

/// One flood. Returns the time it took and how many snapshots were made.
fn flood(bytes: &[u8], snapshots: bool) -> (Duration, u32) {
    let memory = Arc::new(Memory::new().expect("memory"));
    let (mut inlet, mut outlet) = ends(Arc::clone(&memory));
    let mut engine = Engine::new(GridSize::clamped(120, 40), EngineOptions::default());
    let (mut effects, mut made) = (Vec::new(), 0);
    let mut rest = bytes;
    let start = processor_time();
    while !rest.is_empty() {
        while inlet.pending() < 64 << 10 && !rest.is_empty() && !(inlet.at_end() && inlet.pending() > 0) {
            let space = inlet.space();
            let n = space.len().min(rest.len());
            space[..n].copy_from_slice(&rest[..n]);
            inlet.publish(n);
            rest = &rest[n..];
        }
        let Some(chunk) = inlet.take_chunk() else { continue };
        engine.feed(outlet.bytes(chunk), &mut effects);
        effects.clear();
        outlet.release(chunk);
        if memory.uncovered() >= MOST {
            if snapshots {
                let mut saving = memory.begin();
                let snapshot = engine.save(&mut saving);
                saving.commit(&snapshot, engine.first_kept_page()).expect("memory");
                made += 1;
            } else {
                memory.skip();
            }
        }
    }
    (processor_time() - start, made)
}

/// A stream of this length, of such lines.
fn stream(line: impl Fn(usize) -> String) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(LENGTH + 4096);
    for n in 0.. {
        bytes.extend(line(n).bytes());
        if bytes.len() >= LENGTH {
            break;
        }
    }
    bytes
}

fn main() {
    let streams: [(&str, Vec<u8>); 3] = [
        (
            "lines of words",
            stream(|n| format!("line {n} of a log that goes on and on, as logs do, with {} words\r\n", n % 17)),
        ),
        (
            "a coloured listing",
            stream(|n| format!("\x1b[0m\x1b[01;34mdir{n}\x1b[0m  \x1b[01;32mrun{n}.sh\x1b[0m  file{n}.txt\r\n")),
        ),
        (
            "a full screen that is painted again and again",
            stream(|n| format!("\x1b[{};1H\x1b[3{}m{:>100}\x1b[m", n % 40 + 1, n % 8, n)),
        ),
    ];
    println!("processor time for a MB, of {ROUNDS} pairs in turn: without, with snapshots, ratio at the median\n");
    for (name, bytes) in &streams {
        let mut pairs: Vec<_> = (0..ROUNDS).map(|_| (flood(bytes, false).0, flood(bytes, true))).collect();
        let ratio = |pair: &(Duration, (Duration, u32))| pair.1.0.as_secs_f64() / pair.0.as_secs_f64();
        pairs.sort_by(|a, b| ratio(a).total_cmp(&ratio(b)));
        let (without, (with, made)) = pairs[ROUNDS / 2];
        let each = |time: Duration| time.as_secs_f64() * 1e3 / (bytes.len() >> 20) as f64;
        let (least, most) = (ratio(&pairs[0]), ratio(&pairs[ROUNDS - 1]));
        println!(
            "{name}: {:.2} ms, {:.2} ms, {:.3} ({least:.3} to {most:.3}), {made} snapshots",
            each(without),
            each(with),
            ratio(&pairs[ROUNDS / 2])
        );
    }
}
