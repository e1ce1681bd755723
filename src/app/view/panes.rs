//! The panes: frames, headers, and where the cells go.

use std::sync::Arc;

use super::paint::{Paint, on, shrink};
use super::picture::{Standing, View};
use super::search;
use super::words;
use crate::app::arrange::{BORDER, PaneBox};
use crate::app::core::{Core, Overlay};
use crate::base::{PxRect, Rgb};
use crate::model::agent;
use crate::model::board::{SessionInfo, SessionState};
use crate::model::{Screen, SessionKind};
use crate::render::PaneScene;

/// Radius of a pane's corners, in logical pixels.
const RADIUS: f32 = 6.0;

/// Draws frames and headers and lists the panes' cells.
pub fn draw(view: &View<'_>, paint: &mut Paint<'_>) -> Vec<PaneScene> {
    view.arrangement.panes.iter().filter_map(|pane| one(view, pane, paint)).collect()
}

fn one(view: &View<'_>, pane: &PaneBox, paint: &mut Paint<'_>) -> Option<PaneScene> {
    let info = view.board.session(pane.no)?;
    let screen = view.screen(pane.no).cloned().unwrap_or_else(|| Arc::new(Screen::blank(pane.grid)));
    let back = view.theme.bg_in(&screen.palette);
    body(view, pane, back, paint);
    if let Some(header) = pane.header {
        draw_header(view, info, &screen, header, paint);
    }
    let focused = view.focus == Some(pane.no) && view.active && matches!(view.overlay, Overlay::None);
    (pane.text.w > 0 && pane.text.h > 0).then(|| PaneScene {
        key: pane.no.0,
        area: pane.text,
        selection: view.select.visible(pane.no, &screen),
        marks: match view.overlay {
            Overlay::Search(search) if search.no == pane.no => search::marks(search, &screen, view.theme),
            _ => Vec::new(),
        },
        focused,
        cursor_on: !focused || view.cursor_on || !screen.cursor.blink,
        dim: matches!(view.host, Standing::Lost(_)) || info.disconnected || info.state == SessionState::Stopped,
        screen,
    })
}

/// The frame, and inside it the header's ground over the text's.
fn body(view: &View<'_>, pane: &PaneBox, back: Rgb, paint: &mut Paint<'_>) {
    let inner = pane.outer.inset(paint.px(BORDER));
    paint.fill(pane.outer, view.frame_color(pane.no), RADIUS);
    paint.fill(inner, back, RADIUS - BORDER);
    if let Some(header) = pane.header {
        let radius = paint.px(RADIUS - BORDER);
        paint.fill(PxRect { h: (header.h + radius).min(inner.h), ..header }, header_back(view, pane), RADIUS - BORDER);
        let below = PxRect::new(header.x, header.bottom(), header.w, radius.min(inner.h - header.h));
        paint.fill(below, back, 0.0);
    }
}

fn header_back(view: &View<'_>, pane: &PaneBox) -> Rgb {
    let focused = view.focus == Some(pane.no) && view.active;
    if focused { view.theme.header_bg.mix(view.theme.accent, 30) } else { view.theme.header_bg }
}

fn draw_header(view: &View<'_>, info: &SessionInfo, screen: &Screen, header: PxRect, paint: &mut Paint<'_>) {
    let theme = view.theme;
    let mut room = shrink(header, paint.px(9.0), paint.px(9.0));
    let gap = paint.px(8.0);
    let dot = paint.px(8.0);
    let y = room.y.saturating_add_unsigned(room.h.saturating_sub(dot) / 2);
    if dot <= room.w {
        paint.fill(PxRect::new(room.x, y, dot, dot), dot_color(view, info), 4.0);
    }
    room = shrink(room, dot + gap, 0);
    if info.agent != agent::SHELL
        && let Some(kind) = view.agents.iter().find(|a| a.id == info.agent)
    {
        let mut ink = paint.ink(on(kind.badge.color), -2.0);
        ink.bold = true;
        let w = paint.chip(room, &kind.badge.text, kind.badge.color, ink);
        room = shrink(room, if w > 0 { w + gap } else { 0 }, 0);
    }
    // What matters most stands at the very right and is drawn first: the path gets what is left.
    for (text, color) in states(view, info, screen) {
        let ink = paint.ink(color, -1.0);
        if paint.width(&text, ink) * 2 < room.w {
            let w = paint.text_right(room, &text, ink);
            room = shrink(room, 0, w + gap);
        }
    }
    let focused = view.focus == Some(info.no);
    let rang = view.rang.contains(&info.no);
    let color = if rang {
        theme.warning
    } else if focused {
        theme.fg
    } else {
        theme.header_fg
    };
    let mut title_ink = paint.ink(color, 0.0);
    title_ink.bold = focused || rang;
    let title = Core::label(info);
    let title_width = paint.width(title, title_ink);
    let cwd = words::path(&info.cwd, view.home);
    let said = title == cwd || title.ends_with(&format!(": {cwd}"));
    let cwd_room = room.w.saturating_sub(title_width.min(room.w / 2) + 2 * gap);
    if !cwd.is_empty() && !said && cwd_room > paint.px(40.0) {
        let ink = paint.ink(paint.faint(), -1.0);
        let at = shrink(room, room.w - cwd_room, 0);
        let w = paint.text_right(at, &cwd, ink);
        room = shrink(room, 0, w + gap);
    }
    paint.text(room, title, title_ink);
}

/// What a header says besides its title, most important first.
fn states(view: &View<'_>, info: &SessionInfo, screen: &Screen) -> Vec<(String, Rgb)> {
    let mut out = Vec::new();
    if let Some(ended) = words::ended(info) {
        out.push((ended, view.theme.exited));
    }
    let lost = match &info.kind {
        SessionKind::Remote(remote) => view.far.words(info.no, remote),
        _ => words::lost(info),
    };
    if let Some(lost) = lost {
        out.push((lost.to_owned(), view.theme.warning));
    }
    if view.zoomed {
        let panes = &view.board.workspace.panes;
        let at = panes.iter().position(|no| *no == info.no).map_or(0, |at| at + 1);
        out.push((format!("zoomed {at} of {}", panes.len()), view.theme.accent));
    }
    if screen.offset > 0 {
        out.push((format!("↑ {} lines", screen.offset), view.theme.warning));
    }
    if let SessionKind::Remote(remote) = &info.kind {
        out.push((remote.machine.to_string(), view.theme.header_fg));
    }
    if let Some(machine) = view.machine {
        out.push((machine.to_owned(), view.theme.header_fg));
    }
    out
}

fn dot_color(view: &View<'_>, info: &SessionInfo) -> Rgb {
    match (info.state, info.active) {
        (SessionState::Stopped, _) => view.theme.exited,
        _ if info.disconnected => view.theme.warning,
        (_, true) => view.theme.running,
        (_, false) => view.theme.quiet,
    }
}

/// The text an input method is composing, at the cursor it will go to.
pub fn draw_composing(view: &View<'_>, paint: &mut Paint<'_>) {
    if view.composing.is_empty() || !matches!(view.overlay, Overlay::None) {
        return;
    }
    let Some(pane) = view.focus.and_then(|no| view.arrangement.pane(no)) else { return };
    let Some(screen) = view.screen(pane.no) else { return };
    let at = cursor_rect(pane, screen, view.geometry.cell);
    let mut ink = paint.ink(view.theme.fg, 0.0);
    ink.mono = true;
    let w = (paint.width(view.composing, ink) + paint.px(4.0)).min(pane.text.w);
    let x = at.x.min(pane.text.right().saturating_sub_unsigned(w));
    let rect = PxRect { x, w, ..at };
    paint.fill(rect, view.theme.header_bg, 0.0);
    let line = paint.px(1.0);
    paint.fill(PxRect { y: rect.bottom().saturating_sub_unsigned(line), h: line, ..rect }, view.theme.accent, 0.0);
    paint.text(shrink(rect, paint.px(2.0), 0), view.composing, ink);
}

/// Where the cursor's cell is in the window.
pub fn cursor_rect(pane: &PaneBox, screen: &Screen, cell: crate::base::PxSize) -> PxRect {
    let x = pane.text.x.saturating_add_unsigned(u32::from(screen.cursor.col) * cell.w);
    let y = pane.text.y.saturating_add_unsigned(u32::from(screen.cursor.line) * cell.h);
    PxRect::new(x, y, cell.w, cell.h)
}
