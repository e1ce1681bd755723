//! Programs that draw picture after picture without a pause.

use std::sync::{Arc, Mutex};

use super::*;
use crate::base::ClientId;
use crate::engine::EngineOptions;
use crate::model::Screen;
use crate::session::message::{Outlet, Request};

const CLIENT: ClientId = ClientId(1);

/// A viewer that always takes the next frame, and keeps what each showed.
#[derive(Debug, Default)]
struct Pictures(Mutex<(Option<Screen>, u64, Vec<String>)>);

impl Outlet for Pictures {
    fn send(&self, update: Update) {
        let Update::Frame(frame) = update else { return };
        let (screen, seq, shown) = &mut *self.0.lock().unwrap();
        let screen = screen.get_or_insert_with(|| Screen::blank(frame.size));
        frame.apply(screen, *seq).unwrap();
        *seq = frame.seq;
        shown.push(screen.text().trim_end().to_owned());
    }
}

#[test]
fn pictures_that_follow_each_other_at_once_are_shown_whole_and_often() {
    let mut core = Core::new(Engine::new(GridSize::clamped(20, 4), EngineOptions::default()), Duration::from_secs(1));
    let (viewer, mut effects) = (Arc::new(Pictures::default()), Vec::new());
    let begun = Instant::now();
    core.step(Message::Attach(CLIENT, viewer.clone()), begun, &mut effects);
    core.step(Message::Client(CLIENT, Request::Subscribe), begun, &mut effects);
    // Each millisecond a slice that ends in the middle of a picture.
    let mut output = String::new();
    for n in 0..100 {
        output = format!("{output} end {n}\x1b[?2026l\x1b[?2026h\x1b[2J\x1b[Hbegin {n}");
        let (mut left, now) = (output.as_bytes(), begun + Duration::from_millis(n));
        while !left.is_empty() {
            left = &left[core.output(left, now, &mut effects)..];
        }
        output.clear();
        core.tick(now, &mut effects);
        core.step(Message::Client(CLIENT, Request::Credit), now, &mut effects);
        for effect in effects.drain(..) {
            if let Effect::Send(outlet, update) = effect {
                outlet.send(update);
            }
        }
    }
    let shown = &viewer.0.lock().unwrap().2;
    assert!((10..=14).contains(&shown.len()), "{shown:?}");
    for picture in &shown[1..] {
        assert!(picture.contains("begin") && picture.contains("end"), "half a picture: {picture:?}");
    }
}
