//! Bytes that are not what a snapshot was written as are refused, and harm nobody.

use super::{SnapshotError, begin, finish};
use crate::base::GridSize;
use crate::base::random::{Random, seeds};
use crate::engine::tests::steps::{random_size, steps};
use crate::engine::{Engine, EngineOptions, Extent, Snapshot};
use crate::model::ViewAt;

/// Mark, version and checksum.
const HEAD: usize = 16;

/// Puts mark, version and checksum before the parts.
fn framed(body: &[u8]) -> Vec<u8> {
    finish([&begin(), body].concat())
}

/// An engine that has seen something of everything.
fn lived(random: &mut Random) -> Engine {
    let size = random.pick(&[GridSize::clamped(20, 8), GridSize::clamped(2, 1), GridSize::clamped(12, 3)]);
    let mut engine = Engine::new(size, EngineOptions::default());
    for step in steps(random, size, 30, 120) {
        step.apply(&mut engine, &mut Vec::new());
    }
    engine
}

/// Changes bytes as a broken disk, a cut write or ill will does.
fn mutate(random: &mut Random, bytes: &mut Vec<u8>, other: &[u8]) {
    for _ in 0..1 + random.below(3) {
        let at = random.below(bytes.len());
        let end = at + random.below(bytes.len() - at).min(20);
        match random.below(8) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => bytes[at] = random.word() as u8,
            2 => bytes[at] = random.pick(&[0, 1, 2, 0x7f, 0x80, 0xff]),
            3 => bytes.insert(at, random.word() as u8),
            4 => drop(bytes.drain(at..end)),
            5 => bytes.truncate(at.max(1)),
            6 => bytes.splice(at..at, [0xff; 8]).for_each(drop),
            _ => {
                let from = random.below(other.len());
                let part = &other[from..(from + 20).min(other.len())];
                bytes.splice(at..end, part.iter().copied()).for_each(drop);
            }
        }
        if bytes.is_empty() {
            bytes.push(0);
        }
    }
}

#[test]
fn bytes_that_were_cut_or_changed_are_refused() {
    for seed in seeds(20) {
        let mut random = Random::new(seed);
        let bytes = lived(&mut random).snapshot().to_bytes();
        let other = lived(&mut random).snapshot().to_bytes();
        for cut in (0..bytes.len()).step_by(1 + bytes.len() / 100) {
            assert!(Snapshot::from_bytes(&bytes[..cut]).is_err(), "seed {seed}, cut {cut}");
        }
        for n in 0..200 {
            let mut changed = bytes.clone();
            mutate(&mut random, &mut changed, &other);
            assert!(changed == bytes || Snapshot::from_bytes(&changed).is_err(), "seed {seed}, change {n}");
        }
    }
}

#[test]
fn the_error_says_what_is_wrong() {
    let bytes = lived(&mut Random::new(1)).snapshot().to_bytes();
    let error = |bytes: &[u8]| Snapshot::from_bytes(bytes).unwrap_err();
    assert_eq!(error(b""), SnapshotError::NotASnapshot);
    assert_eq!(error(b"{\"some\": \"json\"}"), SnapshotError::NotASnapshot);
    assert_eq!(error(&bytes[..bytes.len() - 1]), SnapshotError::Damaged);
    assert_eq!(error(&[&bytes[..], b"x"].concat()), SnapshotError::Damaged);
    let mut newer = bytes.clone();
    newer[8] = 200;
    assert_eq!(error(&newer), SnapshotError::Version { found: 200, known: 1 });
    assert_eq!(error(&newer).to_string(), "the snapshot is of version 200; this synk reads version 1");
    let longer = framed(&[&bytes[HEAD..], b"x"].concat());
    assert_eq!(error(&longer), SnapshotError::Invalid { expected: "the end" });
}

/// Lives on with what was read: looks at all of it, changes its size, feeds it.
fn use_it(snapshot: Snapshot, random: &mut Random) {
    let size = snapshot.size();
    let mut engine = Engine::restore(snapshot, EngineOptions::default());
    engine.view(ViewAt::Live);
    engine.read_rows(Extent::Rows { first: None, last: None });
    engine.read_rows(Extent::LastCommand);
    for step in steps(random, size, 30, 10) {
        step.apply(&mut engine, &mut Vec::new());
    }
    engine.resize(random_size(random));
    engine.feed("\r\nx中\x1b[2J".as_bytes(), &mut Vec::new());
    engine.read_rows(Extent::Rows { first: None, last: None });
    engine.snapshot().to_bytes();
}

#[test]
fn what_ill_will_writes_is_refused_or_can_be_lived_with() {
    let (mut refused, mut lived_with) = (0, 0);
    for seed in seeds(40) {
        let mut random = Random::new(seed ^ 0x5eed);
        let bytes = lived(&mut random).snapshot().to_bytes();
        let other = lived(&mut random).snapshot().to_bytes();
        for _ in 0..100 {
            let mut body = bytes[HEAD..].to_vec();
            mutate(&mut random, &mut body, &other);
            match Snapshot::from_bytes(&framed(&body)) {
                Err(error) => {
                    assert!(matches!(error, SnapshotError::Invalid { .. }), "seed {seed}: {error}");
                    refused += 1;
                }
                Ok(snapshot) => {
                    use_it(snapshot, &mut random);
                    lived_with += 1;
                }
            }
        }
    }
    assert!(refused > 1000 && lived_with > 100, "{refused} refused, {lived_with} lived with");
}
