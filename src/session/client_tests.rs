//! Requests as no client of ours makes them.

use std::time::Duration;

use super::*;
use crate::base::GridSize;
use crate::engine::{Engine, EngineOptions};
use crate::keeper::probe::Probed;
use crate::model::{KeyEvent, Mods, MouseButton, NamedKey, Place, Span};
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
                Effect::Write(bytes, _) => written.extend(bytes),
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

/// A core of 80x24 with one viewer, and what it writes to its program.
struct Typist {
    core: Core,
    now: Instant,
    effects: Vec<Effect>,
}

impl Typist {
    fn new() -> Self {
        let core = Core::new(Engine::new(GridSize::clamped(80, 24), EngineOptions::default()), Duration::from_secs(1));
        let mut typist = Self { core, now: Instant::now(), effects: Vec::new() };
        typist.step(Message::Attach(CLIENT, Arc::new(Any)));
        typist
    }

    fn step(&mut self, message: Message) {
        self.core.step(message, self.now, &mut self.effects);
    }

    fn output(&mut self, text: &str) {
        self.core.output(text.as_bytes(), self.now, &mut self.effects);
    }

    /// What is written when the viewer asks for this.
    fn writes(&mut self, request: Request) -> String {
        self.effects.clear();
        self.step(Message::Client(CLIENT, request));
        self.written()
    }

    fn written(&self) -> String {
        let written = self.effects.iter().filter_map(|e| if let Effect::Write(b, _) = e { Some(&b[..]) } else { None });
        String::from_utf8(written.collect::<Vec<_>>().concat()).unwrap().replace('\x1b', "^[")
    }

    fn mouse(&mut self, kind: MouseKind, button: MouseButton, col: u16, px: u16) -> String {
        self.writes(Request::Mouse(MouseEvent { kind, button, mods: Mods::NONE, col, line: 0, px, py: 0 }))
    }

    /// The groups that were asked about since the last request, if any were.
    fn probe(&self) -> Option<&[u32]> {
        self.effects.iter().find_map(|e| if let Effect::Probe(groups) = e { Some(&groups[..]) } else { None })
    }
}

#[test]
fn the_mouse_reaches_a_program_that_asked_and_only_when_it_moved() {
    use MouseButton::{Left, None};
    use MouseKind::{Motion, Press, Release};
    let mut t = Typist::new();
    assert_eq!(t.mouse(Press, Left, 3, 30), "");
    t.output("\x1b[?1003;1006h");
    assert_eq!(t.mouse(Motion, None, 4, 40), "^[[<35;5;1M");
    assert_eq!(t.mouse(Motion, None, 4, 44), "", "the same cell");
    assert_eq!(t.mouse(Press, Left, 4, 44), "^[[<0;5;1M");
    assert_eq!(t.mouse(Motion, Left, 4, 46), "");
    assert_eq!(t.mouse(Motion, Left, 500, 46), "^[[<32;80;1M", "the viewer did not know the size yet");
    assert_eq!(t.mouse(Release, Left, 6, 60), "^[[<0;7;1m");
    t.output("\x1b[?1016h");
    assert_eq!(t.mouse(Motion, None, 6, 61), "^[[<35;62;1M");
    assert_eq!(t.mouse(Motion, None, 6, 62), "^[[<35;63;1M", "pixels are told within a cell");
    assert_eq!(t.mouse(Motion, None, 6, 62), "");
}

#[test]
fn who_looks_at_history_points_at_nothing() {
    let mut t = Typist::new();
    t.output(&"line\r\n".repeat(100));
    t.output("\x1b[?1000;1006h");
    t.writes(Request::Scroll(-10));
    assert_eq!(t.mouse(MouseKind::Press, MouseButton::Left, 1, 10), "");
    t.writes(Request::View(ViewAt::Live));
    assert_eq!(t.mouse(MouseKind::Press, MouseButton::Left, 1, 10), "^[[<0;2;1M");
}

#[test]
fn what_a_killed_program_asked_of_the_keys_ends_with_it() {
    let ctrl_c = || Request::Key(KeyEvent::press(Key::Char('c'), Mods::CTRL));
    let mut t = Typist::new();
    t.output("\x1b[>1u");
    assert_eq!(t.probe(), Some(&[][..]), "who asks is looked at at once");
    t.step(Message::Probed(Probed { group: 100, ..Probed::default() }));
    t.effects.clear();
    t.output("\x1b[>9u\x1b[?1003h");
    assert_eq!(t.probe(), Some(&[100][..]));
    t.step(Message::Probed(Probed { group: 200, ..Probed::default() }));
    assert_eq!(t.writes(ctrl_c()), "^[[99;5u");
    // The shell is there again and says so.
    t.effects.clear();
    t.output("Killed\r\n$ ");
    assert_eq!(t.probe(), None);
    while t.probe().is_none() {
        t.now = t.core.next().unwrap();
        t.core.tick(t.now, &mut t.effects);
    }
    assert_eq!(t.probe(), Some(&[100, 200][..]));
    t.step(Message::Probed(Probed { group: 100, gone: vec![200], ..Probed::default() }));
    assert_eq!(t.core.engine.modes().key_flags(), 1, "the shell's own flags stay");
    assert!(!t.core.engine.modes().wants_mouse());
    t.step(Message::Probed(Probed { group: 300, gone: vec![100], ..Probed::default() }));
    assert_eq!(t.writes(ctrl_c()), "\u{3}");
}

#[test]
fn a_viewer_that_goes_lets_go_of_what_it_holds() {
    use MouseButton::{Left, WheelUp};
    let mut t = Typist::new();
    t.output("\x1b[>10u\x1b[?1002;1006h");
    let key = |c, press| Request::Key(KeyEvent { press, ..KeyEvent::press(Key::Char(c), Mods::NONE) });
    for c in ['w', 'a', 'd'] {
        t.writes(key(c, Press::Press));
    }
    t.writes(key('a', Press::Release));
    t.writes(key('w', Press::Repeat));
    t.mouse(MouseKind::Press, WheelUp, 1, 10);
    t.mouse(MouseKind::Press, Left, 1, 10);
    t.mouse(MouseKind::Motion, Left, 7, 70);
    t.writes(Request::Key(KeyEvent { text: "é".into(), ..KeyEvent::press(Key::Unknown, Mods::NONE) }));
    let mut leaves = || {
        t.effects.clear();
        t.step(Message::Detach(CLIENT));
        let written = t.written();
        t.step(Message::Attach(CLIENT, Arc::new(Any)));
        written
    };
    assert_eq!(leaves(), "^[[119;1:3u^[[100;1:3u^[[<0;8;1m");
    assert_eq!(leaves(), "");
}

#[test]
fn modifiers_and_releases_do_not_bring_a_viewer_back_from_history() {
    let mut t = Typist::new();
    t.output(&"line\r\n".repeat(100));
    t.output("\x1b[>10u");
    t.writes(Request::Scroll(-10));
    let back = |t: &mut Typist| t.core.viewers.get(CLIENT).unwrap().at != ViewAt::Live;
    let shift = KeyEvent::press(Key::Named(NamedKey::Shift), Mods::SHIFT);
    assert_eq!(t.writes(Request::Key(shift.clone())), "^[[57441;2u");
    assert_eq!(t.writes(Request::Key(KeyEvent { press: Press::Release, ..shift })), "^[[57441;2:3u");
    assert!(back(&mut t));
    assert_eq!(t.writes(Request::Key(KeyEvent::press(Key::Char('a'), Mods::NONE))), "^[[97u");
    assert!(!back(&mut t));
}
