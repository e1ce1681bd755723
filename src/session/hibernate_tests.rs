//! Unit tests of hibernation; that nothing is different afterwards is also in [`crate::session::restore`]'s.

use std::sync::Arc;

use super::*;
use crate::base::{ClientId, GridSize};
use crate::engine::{Engine, EngineOptions};
use crate::session::memory::{Memory, ends};
use crate::session::message::{Message, Outlet, Request, Update};

const AFTER: Duration = Duration::from_secs(60);

#[derive(Debug)]
struct Nowhere;

impl Outlet for Nowhere {
    fn send(&self, _: Update) {}
}

/// A session that has written a few pages of history and rests.
fn resting(now: &mut Instant) -> (Core, Keeping) {
    let engine = Engine::new(GridSize::clamped(30, 6), EngineOptions::default());
    let mut core = Core::new(engine, Duration::from_secs(1));
    let memory = Arc::new(Memory::new().unwrap());
    let keeping = Keeping::begin(Arc::clone(&memory), None, &mut core);
    let (mut inlet, mut outlet) = ends(memory);
    for n in 0..500 {
        let line = format!("\x1b[3{}mline {n}\x1b[m\r\n", n % 8);
        inlet.space()[..line.len()].copy_from_slice(line.as_bytes());
        inlet.publish(line.len());
        let chunk = inlet.take_chunk().unwrap();
        core.output(outlet.bytes(chunk), *now, &mut Vec::new());
        outlet.release(chunk);
    }
    settle(&mut core, now);
    (core, keeping)
}

/// Lets everything happen that is pending.
fn settle(core: &mut Core, now: &mut Instant) {
    while let Some(next) = core.next() {
        *now = next.max(*now);
        core.tick(*now, &mut Vec::new());
    }
}

#[test]
fn what_rests_gives_up_its_state_and_has_it_again() {
    let mut now = Instant::now();
    let (mut core, mut keeping) = resting(&mut now);
    let before = core.engine.snapshot();
    let mut hibernation = Hibernation::new(Some(AFTER));
    hibernation.turned(&mut core, Some(&mut keeping), now);
    // Something has happened: it counts from here.
    now += AFTER / 2;
    hibernation.turned(&mut core, Some(&mut keeping), now);
    assert_eq!(hibernation.next(), Some(now + AFTER));
    assert!(core.engine.snapshot() == before);
    now += AFTER;
    hibernation.turned(&mut core, Some(&mut keeping), now);
    assert!(hibernation.is_on && core.engine.size() != before.size());
    assert_eq!((hibernation.next(), core.next()), (None, None), "nothing is waited for");
    hibernation.end(&mut core, Some(&keeping));
    assert!(core.engine.snapshot() == before && !hibernation.is_on);
    let changes = core.engine.changes();
    core.output(b"more", now, &mut Vec::new());
    assert!(core.engine.changes() > changes, "who compares numbers of changes sees that there was one");
}

#[test]
fn what_is_watched_or_waits_for_something_does_not_hibernate() {
    let mut now = Instant::now();
    let (mut core, mut keeping) = resting(&mut now);
    let mut hibernation = Hibernation::new(Some(AFTER));
    let mut due = |core: &mut Core, now| {
        hibernation.turned(core, Some(&mut keeping), now);
        hibernation.next().is_some()
    };
    assert!(due(&mut core, now));
    core.output(b"x", now, &mut Vec::new());
    assert!(!due(&mut core, now), "others have yet to be told");
    settle(&mut core, &mut now);
    assert!(due(&mut core, now));
    let client = ClientId(1);
    core.step(Message::Attach(client, Arc::new(Nowhere)), now, &mut Vec::new());
    core.step(Message::Client(client, Request::Subscribe), now, &mut Vec::new());
    settle(&mut core, &mut now);
    assert!(!due(&mut core, now), "it is watched");
    core.step(Message::Detach(client), now, &mut Vec::new());
    settle(&mut core, &mut now);
    assert!(due(&mut core, now));
    let mut never = Hibernation::new(None);
    never.turned(&mut core, Some(&mut keeping), now);
    assert_eq!(never.next(), None);
}
