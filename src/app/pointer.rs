//! The pointer: what it stands on, clicks, selecting, dragging dividers, the wheel.

use std::time::{Duration, Instant};

use super::arrange::PaneBox;
use super::core::{Core, Overlay, Timer};
use super::event::{Clip, CursorKind, Effect, Pointer};
use super::layout::DividerDrag;
use super::menu::Picked;
use super::select::Spot;
use super::view::Hit;
use crate::base::{PxPoint, SessionNo};
use crate::model::key::{Key, KeyEvent, Mods, NamedKey};
use crate::model::mouse::{MouseButton, MouseKind};
use crate::model::screen::Modes;
use crate::model::split::Side;
use crate::protocol::stream::ClientMessage;

/// Longest time between the clicks of a double click: what GTK and Qt have.
const DOUBLE_CLICK: Duration = Duration::from_millis(400);
/// How far the pointer may move between them, in physical pixels.
const DOUBLE_CLICK_RANGE: u32 = 5;
/// Between two scrolls while the pointer is held outside the text.
const DRAG_SCROLL: Duration = Duration::from_millis(50);

/// What the pointer has been doing.
#[derive(Debug, Default)]
pub struct PointerState {
    at: PxPoint,
    pressed: Option<(Instant, PxPoint, u32)>,
    pub(super) divider: Option<DividerDrag>,
    /// The pane whose header was pressed: let go over another one, it takes that one's place.
    pub(super) carried: Option<SessionNo>,
    /// Parts of a row that the wheel has not scrolled yet.
    wheel: f32,
}

impl PointerState {
    /// What is being moved is out of sight.
    pub fn drop_all(&mut self) {
        (self.divider, self.carried) = (None, None);
    }

    /// Whether a divider is being moved.
    pub fn drags_divider(&self) -> bool {
        self.divider.is_some()
    }

    /// Counts a press: 1, 2 or 3 clicks in the same place.
    fn count(&mut self, at: PxPoint, now: Instant) -> u32 {
        let near = |p: PxPoint| p.x.abs_diff(at.x) <= DOUBLE_CLICK_RANGE && p.y.abs_diff(at.y) <= DOUBLE_CLICK_RANGE;
        let clicks = match self.pressed {
            Some((then, p, clicks)) if now <= then + DOUBLE_CLICK && near(p) => clicks % 3 + 1,
            _ => 1,
        };
        self.pressed = Some((now, at, clicks));
        clicks
    }
}

impl Core {
    pub(super) fn on_pointer(&mut self, pointer: Pointer) {
        self.pointer.at = pointer.at;
        if self.report_pointer(&pointer) {
            return self.update_cursor();
        }
        match (pointer.kind, pointer.button) {
            (MouseKind::Motion, _) => self.on_motion(pointer.at),
            (MouseKind::Press, MouseButton::Left) => self.on_press(pointer),
            (MouseKind::Release, MouseButton::Left) => self.on_left_release(),
            (MouseKind::Press, MouseButton::Middle) => self.on_middle(pointer.at),
            _ => {}
        }
        self.update_cursor();
    }

    fn hit(&self, at: PxPoint) -> Option<Hit> {
        self.hits.iter().rev().find(|(rect, _)| rect.contains(at)).map(|(_, hit)| *hit)
    }

    fn on_press(&mut self, pointer: Pointer) {
        let at = pointer.at;
        let clicks = self.pointer.count(at, self.now);
        self.restart_blink();
        match (&self.overlay, self.hit(at)) {
            (Overlay::None, _) => {}
            (Overlay::Menu(_), Some(Hit::Item(item))) => return self.on_picked(Picked::Chosen(item)),
            (_, Some(_)) => return,
            (Overlay::Menu(_), None) => return self.on_picked(Picked::Cancelled),
            // A click elsewhere calls the broadcast off, or ends the search, and goes on to focus a pane.
            (Overlay::Help | Overlay::Compose(_) | Overlay::Search(_), None) => {
                self.overlay = Overlay::None;
                self.dirty = true;
            }
        }
        if let Some(divider) = self.arrangement.divider_at(at).copied() {
            if clicks == 2 {
                return self.equalize_panes();
            }
            return self.grab_divider(&divider, at);
        }
        let Some(pane) = self.arrangement.pane_at(at).copied() else { return };
        let focused_already = self.focus == Some(pane.no);
        self.set_focus(pane.no);
        if pane.header.is_some_and(|h| h.contains(at)) {
            if clicks == 2 && focused_already {
                self.toggle_zoom();
            } else {
                self.pointer.carried = Some(pane.no);
            }
            return;
        }
        self.begin_selection(&pane, at, clicks);
    }

    fn begin_selection(&mut self, pane: &PaneBox, at: PxPoint, clicks: u32) {
        let Some((cell, spot)) = self.under(pane, at) else { return };
        let Some(screen) = self.mirror.screen(pane.no) else { return };
        self.dirty = true;
        if let Some(ask) = self.select.press(pane.no, screen, cell, spot, clicks) {
            self.send(pane.no, ask);
        }
    }

    /// The cell under a point, and the nearest place between two cells.
    fn under(&self, pane: &PaneBox, at: PxPoint) -> Option<((u16, u16), Spot)> {
        let (cell, screen) = (self.geometry?.cell, self.mirror.screen(pane.no)?);
        let (line, col) = pane.cell_at(at, cell);
        let (line, col) = (line.min(screen.size.lines() - 1), col.min(screen.size.cols() - 1));
        let px = i64::from(at.x) - i64::from(pane.text.x);
        let edge = ((px.max(0) + i64::from(cell.w) / 2) / i64::from(cell.w.max(1))).min(i64::from(screen.size.cols()));
        Some(((line, col), Spot { row: screen.top + u64::from(line), edge: edge as u16 }))
    }

    fn on_motion(&mut self, at: PxPoint) {
        if self.pointer.divider.is_some() {
            self.drag_divider(at);
        } else if self.select.dragging().is_some() {
            self.drag_selection();
        } else if let Some(Hit::Item(item)) = self.hit(at)
            && let Overlay::Menu(menu) = &mut self.overlay
        {
            self.dirty |= menu.selected != item;
            menu.selected = item;
        }
    }

    /// Selects up to where the pointer stands, and arms scrolling while it stands outside the text.
    pub(super) fn drag_selection(&mut self) {
        let Some(pane) = self.select.dragging().and_then(|no| self.arrangement.pane(no)).copied() else { return };
        let at = self.pointer.at;
        let Some((cell, spot)) = self.under(&pane, at) else { return };
        let Some(screen) = self.mirror.screen(pane.no) else { return };
        let before = self.select.selected();
        let ask = self.select.drag(screen, cell, spot);
        self.dirty |= self.select.selected() != before;
        if let Some(ask) = ask {
            self.send(pane.no, ask);
        }
        if self.rows_outside(&pane) == 0 {
            self.timers.cancel(&Timer::DragScroll);
        } else if self.timers.get(&Timer::DragScroll).is_none() {
            self.timers.set(Timer::DragScroll, self.now + DRAG_SCROLL);
        }
    }

    /// How many rows above (negative) or below the text the pointer is held.
    fn rows_outside(&self, pane: &PaneBox) -> i32 {
        let (cell, at) = (self.geometry.map_or(1, |g| g.cell.h.max(1)) as i32, self.pointer.at.y);
        let (above, below) = (pane.text.y.saturating_sub(at), at.saturating_sub(pane.text.bottom() - 1));
        let rows = |px: i32| (px / cell).saturating_add(1);
        if above > 0 {
            -rows(above)
        } else if below > 0 {
            rows(below)
        } else {
            0
        }
    }

    pub(super) fn drag_scroll(&mut self) {
        let Some(pane) = self.select.dragging().and_then(|no| self.arrangement.pane(no)).copied() else { return };
        let rows = self.rows_outside(&pane);
        if rows != 0 {
            self.send(pane.no, ClientMessage::Scroll(rows));
            self.timers.set(Timer::DragScroll, self.now + DRAG_SCROLL);
        }
    }

    fn on_left_release(&mut self) {
        self.timers.cancel(&Timer::DragScroll);
        self.let_divider_go();
        if let (Some(no), Some(there)) = (self.pointer.carried.take(), self.arrangement.pane_at(self.pointer.at)) {
            self.swap_panes(no, there.no);
        }
        if self.select.release() {
            self.copy_selection(Clip::Primary);
        }
    }

    fn on_middle(&mut self, at: PxPoint) {
        if matches!(self.overlay, Overlay::None)
            && let Some(no) = self.arrangement.pane_at(at).map(|p| p.no)
        {
            self.set_focus(no);
            self.paste_from(Clip::Primary);
        }
    }

    pub(super) fn on_wheel(&mut self, turned: (f32, f32), mods: Mods, at: PxPoint) {
        self.pointer.at = at;
        // Who searches looks around, too.
        if !matches!(self.overlay, Overlay::None | Overlay::Search(_)) || self.report_wheel(turned, mods, at) {
            return;
        }
        let (_, rows) = turned;
        let Some(no) = self.arrangement.pane_at(at).map(|p| p.no) else { return };
        // A touchpad turns by parts of a row; turning back begins anew.
        if self.pointer.wheel * rows < 0.0 {
            self.pointer.wheel = 0.0;
        }
        self.pointer.wheel += rows;
        let whole = self.pointer.wheel.trunc();
        self.pointer.wheel -= whole;
        let rows = whole as i32;
        if rows != 0 {
            self.scroll(no, rows, mods);
        }
    }

    /// Scrolls back in history; where a program has the whole screen there is none, and it gets arrow keys if it wants
    /// them (1007).
    fn scroll(&mut self, no: SessionNo, rows: i32, mods: Mods) {
        let modes = self.mirror.screen(no).map_or(Modes::NONE, |s| s.modes);
        if !modes.has(Modes::ALT_SCREEN) {
            self.send(no, ClientMessage::Scroll(rows));
            return;
        }
        let keys = matches!(self.overlay, Overlay::None);
        if keys && modes.has(Modes::ALTERNATE_SCROLL) && !mods.has(Mods::SHIFT) {
            let key = if rows < 0 { NamedKey::Up } else { NamedKey::Down };
            for _ in 0..rows.unsigned_abs().min(100) {
                self.send(no, ClientMessage::Key(KeyEvent::press(Key::Named(key), Mods::NONE)));
            }
        }
    }

    /// The pointer's look says what a press would do.
    fn update_cursor(&mut self) {
        let at = self.pointer.at;
        let side = self.pointer.divider.as_ref().map(|d| d.side);
        let side = side.or_else(|| self.arrangement.divider_at(at).map(|d| d.side));
        let over_text = self.arrangement.pane_at(at).is_some_and(|p| p.text.contains(at));
        let kind = match (&self.overlay, side) {
            (Overlay::Menu(_), _) if matches!(self.hit(at), Some(Hit::Item(_))) => CursorKind::Hand,
            (Overlay::Menu(_) | Overlay::Help, _) => CursorKind::Arrow,
            (_, Some(Side::Down)) => CursorKind::ResizeRows,
            (_, Some(Side::Right)) => CursorKind::ResizeColumns,
            (_, None) if self.carries_elsewhere(at) => CursorKind::Hand,
            (_, None) if over_text || self.select.dragging().is_some() => CursorKind::Text,
            (_, None) => CursorKind::Arrow,
        };
        if kind != self.cursor_kind {
            self.cursor_kind = kind;
            self.out.push(Effect::Cursor(kind));
        }
    }
}
