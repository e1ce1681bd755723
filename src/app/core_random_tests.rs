//! Random events for the core, with everything that has to hold checked after each of them. The site stands in for the
//! shell, the host and the person; it keeps its own account of what the core has told the host.

use std::collections::{HashMap, HashSet};

use proptest::prelude::*;

use super::*;
use crate::model::cell::Cell;
use crate::model::key::{Mods, Press};
use crate::model::span::{Place, Span};
use crate::model::{Action, Cursor, Searched, Share, Side};
use ops::{Op, by_hand, by_host};

/// What the host has been told and has told.
struct Site {
    desk: Desk,
    board: Board,
    /// Hosts started so far: a new one gives old numbers to other sessions.
    hosts: u32,
    /// Subscribed sessions, and the frames of each that were sent and not credited.
    watched: HashMap<SessionNo, u32>,
    gone: HashSet<SessionNo>,
    keyboard: Option<SessionNo>,
    pressed: HashSet<(Key, SessionNo)>,
    buttons: HashSet<(MouseButton, SessionNo)>,
    calls: Vec<(u64, Call)>,
    tickets: Vec<u32>,
    requests: Vec<u32>,
    seq: HashMap<SessionNo, u64>,
    /// The window has closed: nothing happens to it any more.
    closed: bool,
}

impl Site {
    fn new(blank: bool) -> Self {
        let now = Instant::now();
        let desk = Desk { core: Core::new(options(), now), now, out: Vec::new() };
        let mut site = Self {
            desk,
            board: Board::default(),
            hosts: 0,
            watched: HashMap::new(),
            gone: HashSet::new(),
            keyboard: None,
            pressed: HashSet::new(),
            buttons: HashSet::new(),
            calls: Vec::new(),
            tickets: Vec::new(),
            requests: Vec::new(),
            seq: HashMap::new(),
            closed: false,
        };
        if !blank {
            site.perform(Op::Connect { stale: false });
            site.perform(Op::Geometry((1200, 800), (8, 16), 1.0));
            site.perform(Op::Focused(true));
            for no in 1..=4 {
                site.perform(Op::Session { no, stopped: false, foreground: "", title: "" });
            }
            site.perform(Op::Workspace(vec![1, 2, 3, 4], false));
            (1..=4).for_each(|no| site.perform(Op::Frame { no, kind: 0, size: (40, 10) }));
        }
        site
    }

    fn info(&self, no: u32) -> SessionInfo {
        SessionInfo { id: SessionId::from_u128(u128::from(self.hosts * 100 + no)), ..super::info(no) }
    }

    fn perform(&mut self, op: Op) {
        let attempt = self.desk.core.connection.attempt;
        let up = self.desk.core.connection.is_up();
        match op {
            Op::Key(chord, press) => {
                let chord: Chord = chord.parse().unwrap();
                self.step(Event::Key(KeyEvent { press, ..KeyEvent::press(chord.key, chord.mods) }));
            }
            Op::Composing(text) => self.step(Event::Composing(text.into())),
            Op::Composed(text) => self.step(Event::Composed(text.into())),
            Op::Pointer(kind, button, at) => {
                let button = [MouseButton::Left, MouseButton::Middle][usize::from(button)];
                self.step(Event::Pointer(Pointer { kind, button, mods: Mods::NONE, at }));
            }
            Op::Wheel(rows, shift, at) => {
                let mods = if shift { Mods::SHIFT } else { Mods::NONE };
                self.step(Event::Wheel { turned: (-rows, rows), mods, at });
            }
            Op::Geometry((w, h), (cw, ch), scale) => {
                let cell = PxSize { w: cw, h: ch };
                self.step(Event::Geometry(Geometry { size: PxSize { w, h }, cell, scale }));
            }
            Op::Focused(on) => self.step(Event::Focused(on)),
            Op::CloseAsked => self.step(Event::CloseAsked),
            // Only what the core waits for can come to stand.
            Op::Connect { stale } if stale || !up => self.step(Event::Connected(attempt - u32::from(stale), PROTO_MAX)),
            Op::Connect { .. } => {}
            Op::Lose { stale } => self.step(Event::Lost(attempt - u32::from(stale), broken("gone"))),
            Op::Restart => {
                self.hosts += 1;
                self.pressed.clear();
                self.board.sessions = (1..9).map(|no| self.info(no)).collect();
                self.step(Event::Lost(attempt, broken("restart")));
                self.step(Event::Connected(self.desk.core.connection.attempt, PROTO_MAX));
            }
            Op::Replicate => {
                self.board.replicate().into_iter().for_each(|e| self.step(Event::Board(attempt, e)));
            }
            Op::Answer { which, known, fine } => self.answer(which, known, fine),
            Op::Session { no, stopped, foreground, title } => {
                let state = if stopped { SessionState::Stopped } else { SessionState::Running };
                let (title, foreground) = (title.into(), foreground.into());
                self.board(BoardEvent::Session(SessionInfo { state, title, foreground, ..self.info(no) }));
            }
            Op::Removed(no) => self.board(BoardEvent::Removed(SessionNo(no))),
            Op::Workspace(panes, split) => {
                let mut workspace = Workspace::new("default");
                for pair in panes.windows(2).rev().filter(|_| split) {
                    let side = if pair[0] % 2 == 0 { Side::Down } else { Side::Right };
                    workspace.panes.is_empty().then(|| workspace.add(SessionNo(pair[1])));
                    workspace.split(SessionNo(pair[1]), SessionNo(pair[0]), side, Share::clamped(300));
                }
                for no in panes.into_iter().map(SessionNo) {
                    let _ = workspace.place_of(no).is_some() || workspace.add(no);
                }
                self.board(BoardEvent::Workspace(workspace));
            }
            Op::Frame { no, kind, size } => self.frame(SessionNo(no), kind, size),
            Op::Message(no, kind) => self.message(SessionNo(no), kind),
            Op::Clipboard { stale, fine } => {
                let ticket = if stale { Some(9999) } else { self.tickets.pop() };
                let text = if fine { Ok("pasted\r\n\u{1b}text".into()) } else { Err("nothing".into()) };
                ticket.into_iter().for_each(|t| self.step(Event::Clipboard(t, text.clone())));
            }
            Op::Draw(drawn) => {
                self.look();
                self.step(if drawn { Event::Drawing } else { Event::NotDrawn { hidden: false } });
            }
            Op::Wait(ms) => {
                self.desk.now += Duration::from_millis(u64::from(ms));
                self.step(Event::Tick);
            }
        }
    }

    fn board(&mut self, event: BoardEvent) {
        self.board.apply(event.clone());
        self.step(Event::Board(self.desk.core.connection.attempt, event));
    }

    fn answer(&mut self, which: u8, known: bool, fine: bool) {
        let attempt = self.desk.core.connection.attempt;
        if !known || self.calls.is_empty() {
            return self.step(Event::Reply(attempt, 1 << 40, Ok(serde_json::Value::Null)));
        }
        let (id, call) = self.calls.remove(usize::from(which) % self.calls.len());
        let made = serde_json::json!({"session_id": "x", "no": u32::from(which) % 16, "name": "n", "pane_index": 0});
        let result = if fine { Ok(made) } else { Err(Error::new(1003, "Max sessions reached (12)".into())) };
        self.step(Event::Reply(attempt, id, result));
        if !fine && !self.closed && matches!(call, Call::Create(_)) {
            assert_eq!(self.desk.notice(), "Max sessions reached (12)");
        }
    }

    fn frame(&mut self, no: SessionNo, kind: u8, (cols, lines): (u16, u16)) {
        let seen = self.desk.core.mirror.screen(no).map(|s| Screen::clone(s));
        let (old, base) = (seen.clone().unwrap_or(Screen::blank(GridSize::clamped(cols, lines))), self.seq.get(&no));
        let base = base.copied().filter(|_| kind != 0 && seen.is_some()).unwrap_or(0);
        let mut new = if kind == 0 { Screen::blank(GridSize::clamped(cols, lines)) } else { old.clone() };
        let last = new.rows.len() - 1;
        new.rows[usize::from(lines).min(last)] =
            Arc::new(Row::from(["é wörd", "漢字漢字", "x"][usize::from(cols) % 3]));
        new.cursor = Cursor { line: lines, col: cols, visible: cols % 2 == 0, blink: lines % 2 == 0, ..new.cursor };
        match kind {
            2 => {
                let scroll = Modes::ALT_SCREEN | Modes::ALTERNATE_SCROLL;
                let asked = [Modes::NONE, scroll, Modes::MOUSE_CLICK, Modes::MOUSE_DRAG, Modes::MOUSE_MOTION];
                new.modes = asked[usize::from(cols) % asked.len()];
            }
            3 => (new.top, new.history, new.offset) = (u64::from(cols) * 7, 500, u32::from(lines)),
            4 => new.epoch += 1,
            _ => {}
        }
        let seq = base + 1 + u64::from(cols);
        let mut frame = Frame::diff(&old, base, &new, seq);
        match kind {
            5 => frame.base += 7,
            6 => frame.rows.push((lines, Arc::new(Row { cells: vec![Cell::BLANK; 70], ..Row::default() }))),
            _ => {}
        }
        self.seq.insert(no, seq);
        // The host sends one frame for each credit.
        let Some(sent) = self.watched.get_mut(&no).filter(|sent| **sent == 0) else { return };
        *sent += 1;
        self.step(Event::Message(self.desk.core.connection.attempt, no, HostMessage::Frame(frame)));
    }

    fn message(&mut self, no: SessionNo, kind: u8) {
        if !self.desk.core.connection.is_up() {
            return;
        }
        let request = self.requests.pop().unwrap_or(77);
        let place = |row| Place { epoch: 0, row, col: 3 };
        let message = match kind {
            0 => HostMessage::Bell,
            1 => HostMessage::Clipboard("text".into()),
            2 => HostMessage::Notify { title: "t".repeat(500), body: "\u{1b}]0;\n漢".into() },
            3 => HostMessage::Text { request, text: "text".into() },
            4 => HostMessage::Span { request, span: Span { from: place(1), to: place(5) } },
            5 | 6 => {
                let spans = vec![Span { from: place(2), to: place(3) }];
                let next = (kind == 5).then_some(place(1));
                HostMessage::Found { request, searched: Searched::Found { spans, next } }
            }
            7 => HostMessage::Found { request, searched: Searched::Rewrapped },
            _ => {
                self.watched.remove(&no);
                self.gone.insert(no);
                self.keyboard = self.keyboard.filter(|k| *k != no);
                HostMessage::Gone
            }
        };
        self.step(Event::Message(self.desk.core.connection.attempt, no, message));
    }

    fn step(&mut self, event: Event) {
        if self.closed {
            return;
        }
        let core = &self.desk.core;
        let (attempt, free) = (core.connection.attempt, core.overlay == Overlay::None && core.composing.is_empty());
        let (ahead, composed) =
            (!core.ahead.is_empty() || core.connection.is_sought(), matches!(event, Event::Composed(_)));
        match &event {
            Event::Board(_, BoardEvent::Removed(no)) => {
                self.watched.remove(no);
                self.gone.remove(no);
                self.keyboard = self.keyboard.filter(|k| k != no);
            }
            Event::Lost(lost, _) if *lost == attempt => self.forget(),
            _ => {}
        }
        self.desk.step(event);
        if !self.desk.core.connection.is_up() {
            // It may have given up a connection whose workspace was refused: what was said there counts no more.
            self.calls.clear();
            self.gone.clear();
            self.buttons.clear();
        }
        let keys_free = free || ahead || (composed && self.desk.core.overlay == Overlay::None);
        for effect in std::mem::take(&mut self.desk.out) {
            match effect {
                Effect::Send(no, message) => self.sent(no, message, keys_free),
                Effect::Call(id, call) => {
                    assert!(self.desk.core.connection.is_up(), "a call without a host: {call:?}");
                    self.calls.push((id, call));
                }
                Effect::ReadClipboard(ticket, _) => self.tickets.push(ticket),
                Effect::Exit => self.closed = true,
                _ => {}
            }
        }
        if !self.closed {
            self.verify();
        }
    }

    /// The connection has ended, and what was told over it.
    fn forget(&mut self) {
        self.watched.clear();
        self.gone.clear();
        self.buttons.clear();
        self.calls.clear();
        self.keyboard = None;
    }

    /// Checks one message to the host, and keeps the account.
    fn sent(&mut self, no: SessionNo, message: ClientMessage, keys_free: bool) {
        let core = &self.desk.core;
        assert!(core.connection.is_current(), "{message:?} goes to a session that may be another host's");
        match message {
            ClientMessage::Subscribe => assert_eq!(self.watched.insert(no, 0), None, "{no} twice"),
            ClientMessage::Unsubscribe => assert!(self.watched.remove(&no).is_some(), "{no} was not subscribed"),
            ClientMessage::Detach => panic!("{no} is in the only workspace"),
            ClientMessage::Credit => {
                let owed = self.watched.get_mut(&no).expect("credit goes to what is subscribed");
                *owed = owed.checked_sub(1).expect("credit is for a frame");
            }
            ClientMessage::Focus(true) => {
                assert!(!self.gone.contains(&no), "{no} is gone, and would say so again for ever");
                assert_eq!(self.keyboard.replace(no), None, "one pane has the keyboard");
            }
            ClientMessage::Focus(false) => assert_eq!(self.keyboard.take(), Some(no)),
            ClientMessage::Key(e) if e.press == Press::Release => {
                assert!(self.pressed.remove(&(e.physical, no)), "{no} has not seen the press of {:?}", e.physical);
            }
            ClientMessage::Key(e) => {
                let passes = core.overlay == Overlay::None && core.options.keymap.action(&e) == Some(Action::Broadcast);
                assert!(keys_free || passes, "{:?} was an overlay's or an input method's", e.key);
                self.pressed.insert((e.physical, no));
            }
            ClientMessage::Mouse(e) => {
                // What goes down in a pane goes up there, and is not moved elsewhere.
                let down = self.buttons.contains(&(e.button, no));
                match e.kind {
                    MouseKind::Press if e.button.is_wheel() => {}
                    MouseKind::Press => drop(self.buttons.insert((e.button, no))),
                    MouseKind::Release => assert!(self.buttons.remove(&(e.button, no)), "{no} saw no press of {e:?}"),
                    MouseKind::Motion => assert!(e.button == MouseButton::None || down, "{e:?} in {no}"),
                }
            }
            ClientMessage::Prompt(_) => assert!(core.live_panes().contains(&no)),
            ClientMessage::GetText { request, .. }
            | ClientMessage::GetSpan { request, .. }
            | ClientMessage::Search { request, .. } => self.requests.push(request),
            _ => {}
        }
    }

    fn verify(&self) {
        let (core, panes) = (&self.desk.core, &self.desk.core.board.workspace.panes);
        assert_eq!(core.focus.is_none(), panes.is_empty(), "something has the focus if it can");
        assert!(core.focus.is_none_or(|no| panes.contains(&no)), "a pane that is there has it");
        assert!(!core.zoomed || panes.len() > 1);
        assert!(core.deadline().is_none_or(|at| at > self.desk.now), "what is due has been done");
        if core.geometry.is_some() && core.connection.is_current() {
            let seen = core.arrangement.panes.iter().map(|p| p.no).filter(|no| !self.gone.contains(no));
            assert_eq!(seen.collect::<HashSet<_>>(), self.watched.keys().copied().collect(), "seen is watched");
        } else {
            assert!(self.watched.is_empty());
        }
        let _ = core.ime_place();
    }

    /// Draws, and looks for anything out of all proportion.
    fn look(&mut self) {
        let Some(picture) = self.desk.core.picture(&mut Ruler) else { return };
        let (size, geometry) = (picture.scene.size, self.desk.core.geometry.unwrap());
        let room = i64::from(geometry.px(1000.0)) + 100 * i64::from(geometry.cell.h);
        let sane = |r: PxRect| {
            let inside = |at: i32, len: u32, of: u32| {
                i64::from(at) >= -room && i64::from(at) + i64::from(len) <= i64::from(of) + room
            };
            assert!(inside(r.x, r.w, size.w) && inside(r.y, r.h, size.h), "{r:?} in {size:?}");
        };
        for layer in [&picture.scene.below, &picture.scene.above] {
            layer.rects.iter().for_each(|q| sane(q.rect));
            layer.texts.iter().for_each(|t| assert!(t.px > 0.0 && t.px.is_finite() && t.text.len() < 10_000, "{t:?}"));
            layer.texts.iter().for_each(|t| sane(t.clip));
        }
        picture.scene.panes.iter().for_each(|p| sane(p.area));
    }

    /// Lets go of everything and waits: a window that nobody touches comes to rest.
    fn rest(&mut self) {
        self.perform(Op::Pointer(MouseKind::Release, 0, PxPoint::default()));
        for _ in 0..200 {
            self.perform(Op::Draw(true));
            let Some(next) = self.desk.core.deadline().filter(|_| !self.closed) else { return };
            self.desk.now = next;
            self.step(Event::Tick);
        }
        panic!("it still waits for {:?}", self.desk.core.timers);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_window_is_in_order(
        blank in prop::bool::weighted(0.2),
        ops in prop::collection::vec(prop_oneof![by_hand(), by_host()], 1..100),
    ) {
        let mut site = Site::new(blank);
        ops.into_iter().for_each(|op| site.perform(op));
        site.rest();
    }
}

#[path = "core_random_ops_tests.rs"]
mod ops;
