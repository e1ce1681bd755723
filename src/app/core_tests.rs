//! Tests of the window's core: what happens, and what it does about it, without a window and without a host.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::*;
use crate::app::event::{Clip, Pointer};
use crate::app::view::Measure;
use crate::base::{GridSize, PxPoint, PxSize, SessionId};
use crate::client::{Loss, Outlook};
use crate::config::builtin_agents;
use crate::model::Chord;
use crate::model::board::{BoardEvent, Workspace};
use crate::model::frame::Frame;
use crate::model::key::{Key, KeyEvent};
use crate::model::mouse::{MouseButton, MouseKind};
use crate::model::{Modes, Row, Screen};
use crate::protocol::PROTO_MAX;
use crate::protocol::rpc::Error;
use crate::protocol::stream::{ClientMessage, HostMessage};

/// Every character is 8 pixels wide.
struct Ruler;

impl Measure for Ruler {
    fn width(&mut self, text: &str, _: f32, _: bool, _: bool) -> u32 {
        8 * text.chars().count() as u32
    }
}

struct Desk {
    core: Core,
    now: Instant,
    out: Vec<Effect>,
}

fn options() -> CoreOptions {
    CoreOptions {
        start: Start { workspace: "default".into(), private: false, command: None },
        keymap: Keymap::default(),
        theme: Theme::default(),
        agents: builtin_agents(),
        offered: vec!["claude".into(), "shell".into()],
        saved_name: "default".into(),
        can_save: true,
        host_stays: true,
        home: Some("/home/u".into()),
        machine: None,
        font_size: 15.0,
        cursor_blink: true,
        on_quit: OnQuit::Ask,
    }
}

fn info(no: u32) -> SessionInfo {
    SessionInfo {
        state: SessionState::Running,
        cwd: "/tmp".into(),
        pid: Some(no),
        ..SessionInfo::new(SessionId::from_u128(u128::from(no)), SessionNo(no), format!("shell-{no}"))
    }
}

impl Desk {
    /// A window of 1200x800 with as many panes, connected, focused, nothing pending.
    fn with(panes: u32, options: CoreOptions) -> Self {
        let now = Instant::now();
        let mut desk = Self { core: Core::new(options, now), now, out: Vec::new() };
        desk.step(Event::Connected(1, PROTO_MAX));
        let cell = PxSize { w: 8, h: 16 };
        desk.step(Event::Geometry(Geometry { size: PxSize { w: 1200, h: 800 }, cell, scale: 1.0 }));
        desk.step(Event::Focused(true));
        desk.panes(&(1..=panes).collect::<Vec<_>>());
        for no in 1..=panes {
            desk.show(no, &Screen::blank(GridSize::clamped(40, 10)));
        }
        desk.draw();
        desk.out.clear();
        desk
    }

    fn new(panes: u32) -> Self {
        Self::with(panes, options())
    }

    fn step(&mut self, event: Event) {
        self.out.extend(self.core.step(event, self.now));
    }

    fn draw(&mut self) {
        self.core.picture(&mut Ruler);
        self.step(Event::Drawing);
    }

    fn panes(&mut self, panes: &[u32]) {
        let attempt = self.core.connection.attempt;
        for no in panes {
            if self.core.board.session(SessionNo(*no)).is_none() {
                self.step(Event::Board(attempt, BoardEvent::Session(info(*no))));
            }
        }
        let panes = panes.iter().copied().map(SessionNo).collect();
        let workspace = Workspace { name: "default".into(), panes, ..Workspace::default() };
        self.step(Event::Board(attempt, BoardEvent::Workspace(workspace)));
    }

    fn change(&mut self, no: u32, change: impl Fn(&mut SessionInfo)) {
        let mut session = self.core.board.session(SessionNo(no)).unwrap().clone();
        change(&mut session);
        self.step(Event::Board(self.core.connection.attempt, BoardEvent::Session(session)));
    }

    fn show(&mut self, no: u32, screen: &Screen) {
        let frame = Frame::diff(screen, 0, screen, 1);
        self.message(no, HostMessage::Frame(frame));
    }

    fn message(&mut self, no: u32, message: HostMessage) {
        self.step(Event::Message(self.core.connection.attempt, SessionNo(no), message));
    }

    /// Presses keys: chords apart by blanks.
    fn keys(&mut self, keys: &str) {
        for name in keys.split_whitespace() {
            let chord: Chord = name.parse().unwrap();
            let event = KeyEvent::press(chord.key, chord.mods);
            self.step(Event::Key(event.clone()));
            let release = KeyEvent { press: crate::model::Press::Release, text: String::new(), ..event };
            self.step(Event::Key(release));
        }
    }

    fn pointer(&mut self, kind: MouseKind, button: MouseButton, at: PxPoint) {
        self.step(Event::Pointer(Pointer { kind, button, mods: crate::model::Mods::NONE, at }));
    }

    fn click(&mut self, at: PxPoint) {
        self.pointer(MouseKind::Press, MouseButton::Left, at);
        self.pointer(MouseKind::Release, MouseButton::Left, at);
    }

    fn center(&self, no: u32) -> PxPoint {
        self.core.arrangement.pane(SessionNo(no)).unwrap().text.center()
    }

    /// What was done since the last look, in words; drawing left out.
    fn did(&mut self) -> String {
        self.out.drain(..).filter_map(words::of).collect::<Vec<_>>().join(", ")
    }

    fn reply(&mut self, id: u64, result: Result<serde_json::Value, Error>) {
        self.step(Event::Reply(self.core.connection.attempt, id, result));
    }

    fn notice(&self) -> &str {
        self.core.notice.as_ref().map_or("", |n| &n.text)
    }

    fn menu(&self) -> String {
        match &self.core.overlay {
            Overlay::Menu(menu) => menu.items.iter().map(|i| i.label.as_str()).collect::<Vec<_>>().join("|"),
            _ => String::new(),
        }
    }
}

/// The end of a connection to a host that may be back at once.
fn broken(why: &str) -> Loss {
    Loss { why: why.into(), outlook: Outlook::Broken }
}

#[test]
fn keys_go_where_they_belong() {
    let table: &[(u32, &str, &str)] = &[
        (1, "a", "1:a"),
        (1, "ctrl+c ctrl+d escape /", "1:ctrl+c, 1:ctrl+d, 1:escape, 1:/"),
        (4, "ctrl+shift+right a", "2:a"),
        (4, "ctrl+shift+right ctrl+shift+down a", "4:a"),
        (4, "ctrl+shift+down ctrl+shift+up ctrl+shift+left a", "1:a"),
        (2, "ctrl+shift+t", "create shell"),
        (2, "ctrl+shift+w", "end 1"),
        (2, "ctrl+shift+enter", "2:-"),
        (2, "ctrl+shift+enter ctrl+shift+enter", "2:-, 2:+"),
        (2, "ctrl+shift+enter ctrl+shift+right x", "2:-, 1:-, 2:+, 2:x"),
        (1, "ctrl+shift+enter x", "1:x"),
        (1, "ctrl+= ctrl+- ctrl+- ctrl+0", "font 16, font 15, font 14, font 15"),
        (1, "shift+pageup shift+pagedown shift+end", "1:scroll -9, 1:scroll 9, 1:live"),
        (1, "ctrl+shift+c ctrl+insert", "1:ctrl+shift+c, 1:ctrl+insert"),
        (1, "ctrl+shift+v shift+insert", "read Clipboard, read Primary"),
        (1, "ctrl+shift+/ a escape b", "1:b"),
        (1, "ctrl+shift+/ ctrl+shift+/ b", "1:b"),
        (2, "ctrl+shift+l escape b", "1:b"),
        (2, "ctrl+shift+l enter", "create claude claude"),
        (2, "ctrl+shift+l s", "create shell"),
        (2, "ctrl+shift+l 2", "create shell"),
        (0, "a ctrl+b ctrl+shift+w ctrl+shift+enter shift+pageup", ""),
    ];
    for (panes, keys, want) in table {
        let mut desk = Desk::new(*panes);
        desk.keys(keys);
        assert_eq!(desk.did(), *want, "{panes} panes: {keys}");
    }
}

#[test]
fn broadcasting_is_armed_written_sent_and_called_off() {
    let table: &[(&str, &str)] = &[
        ("ctrl+b", ""),
        ("ctrl+b h i enter", "1:prompt hi, 2:prompt hi, 3:prompt hi"),
        ("ctrl+b h i enter x", "1:prompt hi, 2:prompt hi, 3:prompt hi, 1:x"),
        ("ctrl+b ctrl+b", "1:ctrl+b"),
        ("ctrl+b ctrl+b x", "1:ctrl+b, 1:x"),
        ("ctrl+b h escape x", "1:x"),
        ("ctrl+b h ctrl+b escape", ""),
        ("ctrl+b enter / c enter", "1:prompt /c, 2:prompt /c, 3:prompt /c"),
        ("ctrl+b a shift+enter b enter", "1:prompt a\nb, 2:prompt a\nb, 3:prompt a\nb"),
        ("ctrl+b a b left backspace enter", "1:prompt b, 2:prompt b, 3:prompt b"),
        ("ctrl+b ctrl+shift+v", "read Clipboard"),
        ("ctrl+shift+b ctrl+b", "1:ctrl+b"),
    ];
    for (keys, want) in table {
        let mut desk = Desk::new(3);
        desk.keys(keys);
        assert_eq!(desk.did(), *want, "{keys}");
    }
    let mut desk = Desk::new(2);
    let mut held = KeyEvent::press(Key::Char('b'), crate::model::Mods::CTRL);
    desk.step(Event::Key(held.clone()));
    held.press = crate::model::Press::Repeat;
    desk.step(Event::Key(held));
    desk.keys("x enter");
    assert_eq!(desk.did(), "1:prompt x, 2:prompt x", "a key held long is one key");
    let mut desk = Desk::new(2);
    desk.change(2, |s| s.state = SessionState::Stopped);
    desk.keys("ctrl+b x enter");
    assert_eq!(desk.did(), "1:prompt x", "an ended session gets nothing");
    assert_eq!(desk.notice(), "Sent to 1 pane");
}

#[test]
fn ctrl_b_belongs_to_programs_that_know_it() {
    for (program, want) in [
        ("tmux", "1:ctrl+b"),
        ("tmux: client", "1:ctrl+b"),
        ("vim", "1:ctrl+b"),
        ("vim.basic", "1:ctrl+b"),
        ("nvim", "1:ctrl+b"),
        ("emacs-gtk", "1:ctrl+b"),
        ("screen", "1:ctrl+b"),
        ("zellij", "1:ctrl+b"),
        ("less", ""),
        ("screenfetch", ""),
        ("", ""),
    ] {
        let mut desk = Desk::new(1);
        desk.change(1, |s| s.foreground = program.into());
        desk.keys("ctrl+b");
        assert_eq!(desk.did(), want, "{program}");
        desk.keys("escape");
        desk.did();
        desk.keys("ctrl+shift+b x enter");
        assert_eq!(desk.did(), "1:prompt x", "{program}: the other chord always arms");
    }
}

#[test]
fn an_ended_session_takes_no_keys_and_says_so() {
    let mut desk = Desk::new(1);
    desk.change(1, |s| s.state = SessionState::Stopped);
    desk.keys("a");
    assert_eq!(desk.did(), "");
    assert_eq!(desk.notice(), "This session has ended; Ctrl+Shift+W closes its pane");
}

#[test]
fn a_click_elsewhere_calls_the_broadcast_off_and_focuses() {
    let mut desk = Desk::new(2);
    desk.keys("ctrl+b h");
    desk.draw();
    desk.click(desk.center(2));
    desk.keys("x");
    assert_eq!(desk.did(), "2:x");
}

#[test]
fn pasted_text_goes_to_the_pane_that_asked() {
    let mut desk = Desk::new(2);
    desk.keys("ctrl+shift+v ctrl+shift+right");
    let Some(Effect::ReadClipboard(ticket, Clip::Clipboard)) = desk.out.first().cloned() else { panic!() };
    desk.step(Event::Clipboard(ticket, Ok("text".into())));
    desk.step(Event::Clipboard(ticket, Ok("twice".into())));
    assert_eq!(desk.did(), "read Clipboard, 1:paste text");
    desk.keys("ctrl+b ctrl+shift+v");
    let Some(Effect::ReadClipboard(ticket, _)) = desk.out.last().cloned() else { panic!() };
    desk.step(Event::Clipboard(ticket, Ok("a\r\nb".into())));
    desk.did();
    desk.keys("enter");
    assert_eq!(desk.did(), "1:prompt a\nb, 2:prompt a\nb");
    desk.keys("ctrl+shift+v");
    let Some(Effect::ReadClipboard(ticket, _)) = desk.out.last().cloned() else { panic!() };
    desk.step(Event::Clipboard(ticket, Err("there is no text in it".into())));
    assert_eq!(desk.notice(), "Nothing pasted: there is no text in it");
}

#[test]
fn the_thirteenth_session_is_refused_in_the_hosts_words() {
    let mut desk = Desk::new(12);
    let before = desk.core.board.clone();
    desk.keys("ctrl+shift+t");
    let Some(Effect::Call(id, Call::Create(params))) = desk.out.first().cloned() else { panic!() };
    assert!(params.session_id.is_some() && params.workspace.as_deref() == Some("default"));
    desk.reply(id, Err(Error::new(1003, "Max sessions reached (12)".into())));
    assert_eq!(desk.notice(), "Max sessions reached (12)");
    assert_eq!((desk.core.board, desk.core.focus), (before, Some(SessionNo(1))));
}

#[test]
fn a_new_pane_gets_the_focus_and_a_closed_one_gives_it_to_its_place() {
    let mut desk = Desk::new(2);
    desk.keys("ctrl+shift+t");
    let Some(Effect::Call(id, _)) = desk.out.first().cloned() else { panic!() };
    desk.reply(id, Ok(serde_json::json!({"session_id": "x", "no": 3, "name": "shell-3", "pane_index": 2})));
    desk.panes(&[1, 2, 3]);
    assert_eq!(desk.core.focus, Some(SessionNo(3)));
    desk.click(desk.center(2));
    desk.panes(&[1, 3]);
    assert_eq!(desk.core.focus, Some(SessionNo(3)), "what moved up into the place");
    desk.panes(&[1]);
    assert_eq!(desk.core.focus, Some(SessionNo(1)));
    desk.panes(&[]);
    assert_eq!(desk.core.focus, None);
}

#[path = "core_display_tests.rs"]
mod display;
#[path = "core_far_tests.rs"]
mod far;
#[path = "core_far_random_tests.rs"]
mod far_random;
#[path = "core_far_trouble_tests.rs"]
mod far_trouble;
#[path = "core_layout_tests.rs"]
mod layout;
#[path = "core_mouse_tests.rs"]
mod mouse;
#[path = "core_quit_tests.rs"]
mod quit;
#[path = "core_random_tests.rs"]
mod random;
#[path = "core_search_tests.rs"]
mod search;
#[path = "core_seek_tests.rs"]
mod seek;
#[path = "core_words_tests.rs"]
mod words;
#[path = "core_workspaces_tests.rs"]
mod workspaces;
