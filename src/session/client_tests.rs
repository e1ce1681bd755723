//! Requests as no client of ours makes them.

use std::time::Duration;

use super::*;
use crate::base::GridSize;
use crate::engine::{Engine, EngineOptions};
use crate::model::{Place, Span};
use crate::session::Outlet;
use crate::session::message::Message;

/// A viewer that keeps what it is sent.
#[derive(Debug, Default)]
struct Kept(std::sync::Mutex<Vec<Update>>);

impl Outlet for Kept {
    fn send(&self, update: Update) {
        self.0.lock().unwrap().push(update);
    }
}

/// A viewer that takes everything.
#[derive(Debug)]
struct Any;

impl Outlet for Any {
    fn send(&self, _: Update) {}
}

const CLIENT: ClientId = ClientId(1);
const OUTPUT: [&str; 5] =
    ["text\r\n", "\x1b[?1049h", "\x1b[?1049l", "中文字符中文字符中文字符中文字符", "\x1b[2J\x1b[3J"];

/// A generator of numbers without order (xorshift).
struct Random(u64);

impl Random {
    fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        of[(self.0 >> 33) as usize % of.len()].clone()
    }

    fn place(&mut self) -> Place {
        let row = self.pick(&[0, 1, 2, 3, 7, 40, u64::MAX / 2, u64::MAX - 1, u64::MAX]);
        Place { epoch: self.pick(&[0, 0, 1, 2, 3, u32::MAX]), row, col: self.pick(&[0, 1, 9, 10, 11, u16::MAX]) }
    }

    fn request(&mut self) -> Request {
        let place = self.place();
        match self.pick(&[0, 1, 2, 3, 4, 5]) {
            0 => Request::GetText { request: 0, span: Span { from: place, to: self.place() } },
            1 => Request::GetSpan { request: 0, place, kind: self.pick(&[SpanKind::Word, SpanKind::Line]) },
            2 => Request::View(ViewAt::Row { epoch: place.epoch, top: place.row }),
            3 => Request::Scroll(self.pick(&[i32::MIN, -3, 0, 3, i32::MAX])),
            4 => Request::Subscribe,
            _ => Request::Credit,
        }
    }
}

#[test]
fn no_place_however_far_off_is_too_much() {
    for seed in 1..=200 {
        let mut random = Random(seed << 20);
        let mut core =
            Core::new(Engine::new(GridSize::clamped(10, 4), EngineOptions::default()), Duration::from_secs(1));
        let (now, mut effects) = (Instant::now(), Vec::new());
        core.step(Message::Attach(CLIENT, Arc::new(Any)), now, &mut effects);
        for _ in 0..100 {
            core.output(random.pick(&OUTPUT).as_bytes(), now, &mut effects);
            core.step(Message::Client(CLIENT, random.request()), now, &mut effects);
            effects.clear();
        }
    }
}

#[test]
fn who_looks_at_history_sees_the_same_text_after_a_resize() {
    let mut core = Core::new(Engine::new(GridSize::clamped(20, 4), EngineOptions::default()), Duration::from_secs(1));
    let (now, mut effects) = (Instant::now(), Vec::new());
    core.step(Message::Attach(CLIENT, Arc::new(Any)), now, &mut effects);
    core.step(Message::Client(CLIENT, Request::Subscribe), now, &mut effects);
    for n in 0..20 {
        core.output(format!("line {n} that is wide\r\n").as_bytes(), now, &mut effects);
    }
    let top = |core: &mut Core| {
        let at = core.viewers.get(CLIENT).unwrap().at;
        core.engine.view(at).rows[0].text(0, 6)
    };
    core.step(Message::Client(CLIENT, Request::Scroll(-10)), now, &mut effects);
    let before = top(&mut core);
    for cols in [8, 60, 11] {
        let resize = Request::Resize { size: GridSize::clamped(cols, 4), cell_w: 8, cell_h: 16 };
        core.step(Message::Client(CLIENT, resize), now, &mut effects);
        core.tick(now + Duration::from_secs(1), &mut effects);
        assert_eq!((core.size().cols(), top(&mut core)), (cols, before.clone()));
    }
}

#[test]
fn who_is_detached_is_told_and_types_into_nothing() {
    let mut core = Core::new(Engine::new(GridSize::clamped(20, 4), EngineOptions::default()), Duration::from_secs(1));
    let (now, kept) = (Instant::now(), Arc::new(Kept::default()));
    let mut step = |message| {
        let mut effects = Vec::new();
        core.step(message, now + Duration::from_secs(1), &mut effects);
        let mut written = Vec::new();
        let mut watched_by = None;
        for effect in effects {
            match effect {
                Effect::Send(outlet, update) => outlet.send(update),
                Effect::Write(bytes) => written.extend(bytes),
                Effect::Report(facts) => watched_by = Some(facts.viewers),
                _ => {}
            }
        }
        (written, watched_by)
    };
    let typed = |text: &str| Message::Client(CLIENT, Request::Paste(text.into()));
    assert_eq!(step(Message::Attach(CLIENT, kept.clone())), (Vec::new(), Some(vec![CLIENT])));
    assert_eq!(step(typed("a")).0, b"a");
    step(Message::Expel(CLIENT));
    assert_eq!(kept.0.lock().unwrap().last(), Some(&Update::Detached));
    assert_eq!(step(typed("b")).0, b"");
    step(Message::Attach(CLIENT, kept.clone()));
    assert_eq!(step(typed("c")).0, b"c");
    step(Message::Expel(ClientId(9)));
    assert_eq!(kept.0.lock().unwrap().iter().filter(|u| **u == Update::Detached).count(), 1);
}
