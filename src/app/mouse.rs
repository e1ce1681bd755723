//! The pointer in panes whose program asked for it: there it does not select, paste or scroll, unless Shift is held.

use std::time::{Duration, Instant};

use super::arrange::PaneBox;
use super::core::{Core, Overlay, Timer};
use super::event::Pointer;
use super::input::ROWS_A_NOTCH;
use crate::base::{PxPoint, SessionNo};
use crate::model::key::Mods;
use crate::model::mouse::{MouseButton, MouseEvent, MouseKind};
use crate::model::screen::Modes;
use crate::protocol::stream::ClientMessage;

/// How soon after the window got the keyboard a press is the one that gave it. Window managers tell of the focus some
/// milliseconds before they pass the click on; between another way to the window and a click a person takes longer.
const FOCUS_CLICK: Duration = Duration::from_millis(100);
/// Most steps of a wheel told at once, however far it turned.
const MOST_NOTCHES: f32 = 100.0;

/// What programs were told of the pointer.
#[derive(Debug, Default)]
pub struct MouseState {
    /// The session in which buttons went down, and which: it hears of their motion and release wherever the pointer is.
    grabbed: Option<(SessionNo, Vec<MouseButton>)>,
    /// The last motion told.
    told: Option<(SessionNo, MouseEvent)>,
    told_at: Option<Instant>,
    /// A motion that came too soon after the last one.
    waiting: Option<(SessionNo, MouseEvent)>,
    /// Parts of a wheel's step that were not told yet: across and down.
    notches: (f32, f32),
    /// When the window got the keyboard.
    focused_at: Option<Instant>,
}

impl Core {
    /// The window got the keyboard or lost it.
    pub(super) fn pointer_focus(&mut self, on: bool) {
        self.mouse.focused_at = on.then_some(self.now);
    }

    /// Tells a program of the pointer. False: it is none of a program's.
    pub(super) fn report_pointer(&mut self, pointer: &Pointer) -> bool {
        match pointer.kind {
            MouseKind::Press => self.report_press(pointer),
            MouseKind::Release => self.report_release(pointer),
            MouseKind::Motion => self.report_motion(pointer),
        }
    }

    fn report_press(&mut self, pointer: &Pointer) -> bool {
        if pointer.button == MouseButton::None {
            return false;
        }
        let pane = match &self.mouse.grabbed {
            Some((no, _)) => self.arrangement.pane(*no).copied(),
            None => self.asking_pane(pointer.at, pointer.mods),
        };
        let Some(pane) = pane else { return false };
        let only_focuses = !self.window_focused || self.mouse.focused_at.is_some_and(|at| self.now < at + FOCUS_CLICK);
        self.set_focus(pane.no);
        self.dirty |= self.select.clear();
        if only_focuses && self.mouse.grabbed.is_none() {
            return true;
        }
        self.restart_blink();
        match &mut self.mouse.grabbed {
            Some((_, buttons)) if buttons.contains(&pointer.button) => {}
            Some((_, buttons)) => buttons.push(pointer.button),
            none => *none = Some((pane.no, vec![pointer.button])),
        }
        self.tell_program(&pane, pointer, pointer.button);
        true
    }

    fn report_release(&mut self, pointer: &Pointer) -> bool {
        let Some((no, buttons)) = &mut self.mouse.grabbed else { return false };
        let no = *no;
        let Some(at) = buttons.iter().position(|button| *button == pointer.button) else { return false };
        buttons.remove(at);
        if buttons.is_empty() {
            self.mouse.grabbed = None;
        }
        match (self.arrangement.pane(no).copied(), self.mouse.told) {
            (Some(pane), _) => self.tell_program(&pane, pointer, pointer.button),
            // Out of sight: it was let go where it was last.
            (None, Some((to, last))) if to == no && self.is_live(no) => {
                let event = MouseEvent { kind: MouseKind::Release, button: pointer.button, ..last };
                self.send(no, ClientMessage::Mouse(event));
            }
            _ => {}
        }
        true
    }

    fn report_motion(&mut self, pointer: &Pointer) -> bool {
        let (pane, button) = match &self.mouse.grabbed {
            Some((no, buttons)) => {
                let Some(pane) = self.arrangement.pane(*no) else { return true };
                (*pane, buttons.last().copied().unwrap_or(MouseButton::None))
            }
            None if self.select.dragging().is_some() || self.pointer.drags_divider() => return false,
            None => match self.asking_pane(pointer.at, pointer.mods) {
                Some(pane) => (pane, MouseButton::None),
                None => return false,
            },
        };
        let modes = self.modes_of(pane.no);
        if modes.has(Modes::MOUSE_MOTION) || button != MouseButton::None && modes.has(Modes::MOUSE_DRAG) {
            let event = self.mouse_event(&pane, pointer, button);
            self.tell_motion(pane.no, event, modes);
        }
        true
    }

    /// The pane under the pointer, if its program asked for the mouse and may have it now.
    fn asking_pane(&self, at: PxPoint, mods: Mods) -> Option<PaneBox> {
        if mods.has(Mods::SHIFT) || !matches!(self.overlay, Overlay::None) || self.arrangement.divider_at(at).is_some()
        {
            return None;
        }
        let pane = self.arrangement.pane_at(at).filter(|pane| pane.text.contains(at))?;
        let screen = self.mirror.screen(pane.no)?;
        (screen.modes.wants_mouse() && screen.offset == 0 && self.is_live(pane.no)).then_some(*pane)
    }

    fn modes_of(&self, no: SessionNo) -> Modes {
        self.mirror.screen(no).map_or(Modes::NONE, |screen| screen.modes)
    }

    /// The event at the nearest cell and pixel of the pane's text.
    fn mouse_event(&self, pane: &PaneBox, pointer: &Pointer, button: MouseButton) -> MouseEvent {
        let cell = self.geometry.map_or_else(Default::default, |g| g.cell);
        let (line, col) = pane.cell_at(pointer.at, cell);
        let within = |at: i32, start: i32, cell: u32, count: u16| {
            let last = (i64::from(cell) * i64::from(count) - 1).clamp(0, i64::from(u16::MAX));
            (i64::from(at) - i64::from(start)).clamp(0, last) as u16
        };
        let px = within(pointer.at.x, pane.text.x, cell.w, pane.grid.cols());
        let py = within(pointer.at.y, pane.text.y, cell.h, pane.grid.lines());
        MouseEvent { kind: pointer.kind, button, mods: pointer.mods, col, line, px, py }
    }

    /// A press or a release, behind the motion that led to it.
    fn tell_program(&mut self, pane: &PaneBox, pointer: &Pointer, button: MouseButton) {
        self.flush_motion();
        let event = self.mouse_event(pane, pointer, button);
        self.mouse.told = Some((pane.no, event));
        if self.is_live(pane.no) {
            self.send(pane.no, ClientMessage::Mouse(event));
        }
    }

    /// A motion: the last of each frame's time, and only to another cell (or pixel, where those are asked for).
    fn tell_motion(&mut self, no: SessionNo, event: MouseEvent, modes: Modes) {
        let pixels = modes.has(Modes::MOUSE_PIXELS);
        let place = |e: &MouseEvent| if pixels { (e.px, e.py) } else { (e.col, e.line) };
        if self.mouse.told.is_some_and(|(to, e)| to == no && place(&e) == place(&event)) {
            self.mouse.waiting = None;
            self.timers.cancel(&Timer::Motion);
            return;
        }
        self.mouse.waiting = Some((no, event));
        match self.mouse.told_at.map(|at| at + self.redraw.interval()).filter(|next| *next > self.now) {
            Some(next) => self.timers.set(Timer::Motion, next),
            None => self.flush_motion(),
        }
    }

    /// Tells the motion that waits, if one does.
    pub(super) fn flush_motion(&mut self) {
        self.timers.cancel(&Timer::Motion);
        let Some((no, event)) = self.mouse.waiting.take() else { return };
        (self.mouse.told, self.mouse.told_at) = (Some((no, event)), Some(self.now));
        if self.is_live(no) {
            self.send(no, ClientMessage::Mouse(event));
        }
    }

    /// Tells a program that the wheel turned, in steps: what they scroll with one is up to them, and about what synk
    /// scrolls. False: it is none of a program's.
    pub(super) fn report_wheel(&mut self, (cols, rows): (f32, f32), mods: Mods, at: PxPoint) -> bool {
        let Some(pane) = self.asking_pane(at, mods) else { return false };
        if self.modes_of(pane.no).has(Modes::MOUSE_X10) {
            return false;
        }
        let step = |left: &mut f32, turned: f32| {
            // Turning back begins anew.
            *left = if *left * turned < 0.0 { turned } else { *left + turned }.clamp(-MOST_NOTCHES, MOST_NOTCHES);
            let whole = left.trunc();
            *left -= whole;
            whole as i32
        };
        let across = step(&mut self.mouse.notches.0, cols / ROWS_A_NOTCH);
        let down = step(&mut self.mouse.notches.1, rows / ROWS_A_NOTCH);
        let ways = [
            (across, MouseButton::WheelLeft, MouseButton::WheelRight),
            (down, MouseButton::WheelUp, MouseButton::WheelDown),
        ];
        for (count, back, forth) in ways {
            let button = if count < 0 { back } else { forth };
            for _ in 0..count.unsigned_abs() {
                self.tell_program(&pane, &Pointer { kind: MouseKind::Press, button, mods, at }, button);
            }
        }
        true
    }

    /// Forgets what sessions of another board were told.
    pub(super) fn forget_mouse(&mut self) {
        self.timers.cancel(&Timer::Motion);
        let MouseState { notches, focused_at, .. } = std::mem::take(&mut self.mouse);
        self.mouse = MouseState { notches, focused_at, ..MouseState::default() };
    }
}
