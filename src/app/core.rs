//! The window's core: everything a window decides, without a window. `step` takes what happened and the time and says
//! what to do; the shell around it (`window.rs`) only translates. Runs on the window's thread.
//!
//! What a person sees follows from this state alone: `view` draws it.

use std::time::{Duration, Instant};

use super::arrange::{Arrangement, Geometry};
use super::connection::Connection;
use super::event::{Call, CursorKind, Effect, Event};
use super::far::Far;
use super::menu::Menu;
use super::mouse::MouseState;
use super::options::Start;
use super::pointer::PointerState;
use super::redraw::Redraw;
use super::search::Search;
use super::select::Select;
use super::view::Hit;
use super::watch::Watch;
use super::workspaces::FocusIn;
use crate::base::{Deadlines, PxRect, SessionNo};
use crate::client::Mirror;
use crate::config::OnQuit;
use crate::model::agent::AgentKind;
use crate::model::board::{Board, SessionInfo, SessionState};
use crate::model::key::KeyEvent;
use crate::model::{Keymap, Theme};

use super::edit::Edit;

/// How long half a blink takes: xterm's and VTE's order of magnitude.
const BLINK: Duration = Duration::from_millis(530);
/// A cursor that nobody typed at for so long stays on: an idle window wakes for nothing.
const BLINK_LIMIT: Duration = Duration::from_secs(10);

/// What the core needs to know of the options; it knows no paths and no files.
#[derive(Debug, Clone)]
pub struct CoreOptions {
    pub start: Start,
    pub keymap: Keymap,
    pub theme: Theme,
    pub agents: Vec<AgentKind>,
    pub offered: Vec<String>,
    pub saved_name: String,
    pub can_save: bool,
    pub host_stays: bool,
    pub home: Option<String>,
    pub machine: Option<String>,
    pub font_size: f32,
    pub cursor_blink: bool,
    pub on_quit: OnQuit,
}

/// What lies over the panes and has the keys.
#[derive(Debug, Clone, PartialEq)]
pub enum Overlay {
    None,
    Menu(Menu),
    Help,
    /// The broadcast's compose line.
    Compose(Edit),
    /// A search in the focused pane.
    Search(Search),
}

/// A line that is shown for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub text: String,
    pub error: bool,
}

/// Deadlines of the core.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Timer {
    Blink,
    Notice,
    Reconnect,
    /// Another machine's host is looked for again.
    Far,
    /// The host has not answered what was typed.
    Silent,
    /// The host has been sought for long enough.
    GiveUp,
    /// The pointer is held outside the text while selecting.
    DragScroll,
    /// A motion of the pointer has not been told its program yet.
    Motion,
    /// Sessions were told to end and have not all answered.
    Leave,
}

/// The state of one window.
pub struct Core {
    pub(super) options: CoreOptions,
    pub(super) geometry: Option<Geometry>,
    pub(super) arrangement: Arrangement,
    pub(super) window_focused: bool,
    pub(super) connection: Connection,
    pub(super) far: Far,
    pub(super) board: Board,
    pub(super) mirror: Mirror,
    pub(super) watch: Watch,
    pub(super) focus: Option<SessionNo>,
    /// Where the focused pane stood last.
    focus_at: usize,
    /// A session this window made, to be focused as soon as it has its place.
    pub(super) focus_next: Option<SessionNo>,
    /// Keys for a pane that is on its way.
    pub(super) ahead: Vec<KeyEvent>,
    pub(super) zoomed: bool,
    pub(super) focus_in: FocusIn,
    pub(super) overlay: Overlay,
    pub(super) notice: Option<Notice>,
    /// What an input method is composing.
    pub(super) composing: String,
    pub(super) select: Select,
    pub(super) pointer: PointerState,
    pub(super) mouse: MouseState,
    /// Keys whose press went to a session: their release goes there too.
    pub(super) held: Vec<(KeyEvent, SessionNo)>,
    pub(super) font_size: f32,
    pub(super) leaving: Option<usize>,
    /// Sessions that rang while they were not focused.
    pub(super) rang: Vec<SessionNo>,
    pub(super) hits: Vec<(PxRect, Hit)>,
    pub(super) cursor_on: bool,
    pub(super) typed_at: Option<Instant>,
    pub(super) cursor_kind: CursorKind,
    pub(super) timers: Deadlines<Timer>,
    pub(super) redraw: Redraw,
    pub(super) dirty: bool,
    pub(super) now: Instant,
    pub(super) out: Vec<Effect>,
}

impl Core {
    pub fn new(options: CoreOptions, now: Instant) -> Self {
        Self {
            geometry: None,
            arrangement: Arrangement::default(),
            window_focused: false,
            connection: Connection::default(),
            far: Far::default(),
            board: Board::default(),
            mirror: Mirror::default(),
            watch: Watch::default(),
            focus: None,
            focus_at: 0,
            focus_next: None,
            ahead: Vec::new(),
            zoomed: false,
            focus_in: FocusIn::default(),
            overlay: Overlay::None,
            notice: None,
            composing: String::new(),
            select: Select::default(),
            pointer: PointerState::default(),
            mouse: MouseState::default(),
            held: Vec::new(),
            font_size: options.font_size,
            leaving: None,
            rang: Vec::new(),
            hits: Vec::new(),
            cursor_on: true,
            typed_at: None,
            cursor_kind: CursorKind::default(),
            timers: Deadlines::default(),
            redraw: Redraw::new(Duration::from_millis(16)),
            dirty: true,
            now,
            out: Vec::new(),
            options,
        }
    }

    /// Takes one event and says what to do about it, in order.
    pub fn step(&mut self, event: Event, now: Instant) -> Vec<Effect> {
        self.now = now;
        match event {
            Event::Key(key) => self.on_key(key),
            Event::Composing(text) => {
                self.composing = text;
                self.dirty = true;
            }
            Event::Composed(text) => self.on_text(&text),
            Event::Pointer(pointer) => self.on_pointer(pointer),
            Event::Wheel { turned, mods, at } => self.on_wheel(turned, mods, at),
            Event::Geometry(geometry) => {
                self.geometry = Some(geometry);
                self.dirty = true;
            }
            Event::Focused(on) => {
                self.window_focused = on;
                self.pointer_focus(on);
                if !on {
                    self.release_held(None);
                }
                // An input method that loses the keyboard half way does not always say that it gives up.
                self.composing.clear();
                self.typed_at = Some(now);
                self.dirty = true;
            }
            Event::CloseAsked => self.ask_to_quit(),
            Event::Connected(..)
            | Event::Lost(..)
            | Event::Reply(..)
            | Event::Board(..)
            | Event::Message(..)
            | Event::Saved(_) => self.on_host(event),
            Event::Far(machine, event) => self.on_far(&machine, *event),
            Event::Clipboard(ticket, text) => self.on_clipboard(ticket, text),
            Event::Drawing => {
                self.watch.pay(&mut self.out);
                self.redraw.drawing(now);
            }
            Event::NotDrawn { hidden } => self.redraw.not_drawn(now, hidden),
            Event::Tick => {}
        }
        while let Some(timer) = self.timers.take_due(now) {
            self.on_timer(timer);
        }
        self.settle();
        let out = std::mem::take(&mut self.out);
        self.route(out)
    }

    /// The shortest time between two frames: the display's refresh.
    pub fn set_frame_interval(&mut self, interval: Duration) {
        self.redraw.set_interval(interval);
    }

    /// When the next [`Event::Tick`] is due; `None` while nothing is pending.
    pub fn deadline(&self) -> Option<Instant> {
        [self.timers.next(), self.redraw.deadline()].into_iter().flatten().min()
    }

    fn on_timer(&mut self, timer: Timer) {
        self.dirty = true;
        match timer {
            Timer::Blink => self.cursor_on = !self.cursor_on,
            Timer::Notice => self.notice = None,
            Timer::Reconnect => self.reconnect(false),
            Timer::Far => self.look_for_far(),
            Timer::Silent => self.doubt_host(),
            Timer::GiveUp => self.stop_seeking(),
            Timer::DragScroll => self.drag_scroll(),
            Timer::Motion => self.flush_motion(),
            Timer::Leave => self.out.push(Effect::Exit),
        }
    }

    /// Brings everything that follows from the state in line with it.
    fn settle(&mut self) {
        self.settle_far();
        self.settle_focus();
        self.settle_search();
        self.settle_ahead();
        if let Some(geometry) = self.geometry {
            let zoomed = self.focus.filter(|_| self.zoomed);
            self.arrangement = Arrangement::new(&geometry, &self.board.workspace, zoomed);
            self.settle_connection(&geometry);
        }
        self.settle_blink();
        let ask =
            if std::mem::take(&mut self.dirty) { self.redraw.dirty(self.now) } else { self.redraw.tick(self.now) };
        if ask {
            self.out.push(Effect::Draw);
        }
    }

    fn settle_focus(&mut self) {
        let panes = &self.board.workspace.panes;
        if let Some(no) = self.focus_next.filter(|no| panes.contains(no)) {
            self.focus_next = None;
            self.set_focus(no);
        }
        let panes = &self.board.workspace.panes;
        match self.focus.and_then(|no| panes.iter().position(|p| *p == no)) {
            Some(at) => self.focus_at = at,
            // The pane is gone: whatever has its place now has the keyboard.
            None => {
                self.focus = panes.get(self.focus_at).or(panes.last()).copied();
                self.zoomed = false;
            }
        }
        if panes.len() < 2 {
            self.zoomed = false;
        }
    }

    /// Gives a pane the keyboard.
    pub(super) fn set_focus(&mut self, no: SessionNo) {
        if self.focus != Some(no) {
            self.release_held(self.focus);
            self.focus = Some(no);
            self.dirty = true;
            self.typed_at = Some(self.now);
        }
        self.rang.retain(|r| *r != no);
    }

    fn settle_connection(&mut self, geometry: &Geometry) {
        if self.connection.is_up() {
            self.open_workspace(geometry);
        }
        // Those of other machines are watched whatever becomes of the window's own host.
        let reached = self.arrangement.panes.iter().filter(|p| self.is_reached(p.no));
        let wanted: Vec<_> = reached.map(|p| (p.no, p.grid)).collect();
        self.watch.reconcile(&wanted, geometry.cell, &mut self.out);
        let keyboard = self.focus.filter(|no| self.is_reached(*no));
        let keyboard = keyboard.filter(|_| self.window_focused && matches!(self.overlay, Overlay::None));
        self.watch.focus(keyboard, &mut self.out);
    }

    /// A blinking cursor is the only thing that moves by itself, so it has the only clock, and only while someone may
    /// be looking at it.
    fn settle_blink(&mut self) {
        let blinks = self.options.cursor_blink
            && self.window_focused
            && matches!(self.overlay, Overlay::None)
            && self.typed_at.is_some_and(|at| self.now < at + BLINK_LIMIT)
            && self.focus.and_then(|no| self.mirror.screen(no)).is_some_and(|s| s.cursor.visible && s.cursor.blink);
        if !blinks {
            self.timers.cancel(&Timer::Blink);
            self.dirty |= !self.cursor_on;
            self.cursor_on = true;
        } else if self.timers.get(&Timer::Blink).is_none() {
            self.timers.set(Timer::Blink, self.now + BLINK);
        }
    }

    /// A key was typed: the cursor shows at once and blinks anew.
    pub(super) fn restart_blink(&mut self) {
        self.typed_at = Some(self.now);
        self.timers.cancel(&Timer::Blink);
        self.dirty |= !self.cursor_on;
        self.cursor_on = true;
    }

    pub(super) fn tell(&mut self, text: impl Into<String>, error: bool) {
        let text = text.into();
        // Long ones take long to read.
        let shown = Duration::from_millis(4000 + 40 * text.len().min(300) as u64);
        self.notice = Some(Notice { text, error });
        self.timers.set(Timer::Notice, self.now + shown);
        self.dirty = true;
    }

    /// What is shown under the name of a session: its title, else its name.
    pub fn label(info: &SessionInfo) -> &str {
        if info.title.trim().is_empty() { &info.name } else { info.title.trim() }
    }

    pub(super) fn live_panes(&self) -> Vec<SessionNo> {
        let live = |no: &SessionNo| self.board.session(*no).is_some_and(|s| s.state != SessionState::Stopped);
        self.board.workspace.panes.iter().copied().filter(live).collect()
    }

    pub(super) fn focused(&self) -> Option<&SessionInfo> {
        self.focus.and_then(|no| self.board.session(no))
    }

    pub(super) fn call(&mut self, call: Call) -> u64 {
        let id = self.connection.next_call();
        self.out.push(Effect::Call(id, call));
        id
    }
}

#[cfg(test)]
#[path = "core_tests.rs"]
mod tests;
