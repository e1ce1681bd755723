//! The search of a pane: its line over the pane's header, and the marks on its cells.

use super::paint::{Ink, Paint, shrink};
use super::picture::{Hit, View};
use crate::app::arrange::PaneBox;
use crate::app::search::Search;
use crate::app::select::in_view;
use crate::base::{PxRect, Rgb};
use crate::model::{Screen, Theme};
use crate::render::Selection;

/// Height of the line where the pane has no header, in logical pixels.
const HEIGHT: f32 = 26.0;
/// Least width of what is typed beside everything else.
const LEAST: f32 = 60.0;
/// How much of the theme's warning colour the ground of a match has, of 255.
const MARK: u8 = 75;
const CURRENT: u8 = 135;

/// The grounds of the matches in view; the present one lies over the others.
pub fn marks(search: &Search, screen: &Screen, theme: &Theme) -> Vec<(Selection, Rgb)> {
    let back = theme.bg_in(&screen.palette);
    let ground = |part| move |cells| (cells, back.mix(theme.warning, part));
    let others = search.marks().filter_map(|span| in_view(span, screen)).map(ground(MARK));
    let current = search.current().and_then(|span| in_view(span, screen)).map(ground(CURRENT));
    others.chain(current).collect()
}

pub fn draw(view: &View<'_>, search: &Search, paint: &mut Paint<'_>, hits: &mut Vec<(PxRect, Hit)>) {
    let Some(pane) = view.arrangement.pane(search.no) else { return };
    let theme = view.theme;
    let line = place(pane, paint);
    paint.fill(line, theme.header_bg.mix(theme.warning, 50), 4.0);
    hits.push((line, Hit::Panel));
    let mut room = shrink(line, paint.px(9.0), paint.px(9.0));
    let (gap, least) = (paint.px(10.0), paint.px(LEAST));
    let mut label = paint.ink(theme.warning, -1.0);
    label.bold = true;
    let w = paint.text(room, if search.regex { "Search regex" } else { "Search" }, label);
    room = shrink(room, w + gap, 0);
    let (status, bad) = search.status();
    let ink = paint.ink(if bad { theme.exited } else { theme.fg }, -1.0);
    let most = room.w.saturating_sub(least);
    let status = paint.cut(&status, most, ink, false);
    let w = paint.text_right(room, &status, ink);
    room = shrink(room, 0, if w > 0 { w + gap } else { 0 });
    let hint = "↑ ↓ go, Esc ends";
    let ink = paint.ink(paint.faint(), -2.0);
    let mut text = paint.ink(theme.fg, 0.0);
    text.mono = true;
    let typed = paint.width(search.edit.text(), text);
    if paint.width(hint, ink) + typed + 3 * gap < room.w {
        let w = paint.text_right(room, hint, ink);
        room = shrink(room, 0, w + gap);
    }
    field(view, search, room, text, paint);
}

/// What is typed, as far as there is room, with the cursor in sight.
fn field(view: &View<'_>, search: &Search, room: PxRect, ink: Ink, paint: &mut Paint<'_>) {
    let (before, behind) = search.edit.text().split_at(search.edit.cursor());
    let bar = paint.px(2.0);
    let composing = Ink { color: view.theme.accent, ..ink };
    let before = paint.cut(before, room.w.saturating_sub(bar), ink, true);
    let mut x = paint.text(room, &before, ink);
    x += paint.text(shrink(room, x, 0), view.composing, composing);
    let at = room.x.saturating_add_unsigned(x.min(room.w.saturating_sub(bar)));
    let h = paint.line_height(ink).min(room.h);
    let y = room.y.saturating_add_unsigned((room.h - h) / 2);
    paint.fill(PxRect { x: at, y, w: bar.min(room.w), h }, view.theme.warning, 0.0);
    paint.text(shrink(room, x + bar, 0), behind, ink);
}

/// Over the header; where there is none, the last row of the pane.
fn place(pane: &PaneBox, paint: &Paint<'_>) -> PxRect {
    let h = paint.px(HEIGHT).min(pane.outer.h);
    let last = PxRect { y: pane.outer.bottom().saturating_sub_unsigned(h), h, ..pane.outer };
    pane.header.unwrap_or(last)
}
