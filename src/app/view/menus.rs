//! Questions, lists, the banner and the mark of a lost connection, and notices.

use super::paint::{Paint, on, shrink};
use super::picture::Hit;
use crate::app::core::Notice;
use crate::app::menu::{Item, Menu};
use crate::base::{PxRect, Rgb};

const PANEL_W: f32 = 560.0;
const PAD: f32 = 22.0;
const ROW: f32 = 36.0;

/// Darkens everything below and draws a panel in the middle; returns its inside.
pub fn panel(paint: &mut Paint<'_>, w: u32, h: u32, hits: &mut Vec<(PxRect, Hit)>) -> PxRect {
    let window = PxRect::new(0, 0, paint.geometry.size.w, paint.geometry.size.h);
    paint.veil(window, Rgb::new(0, 0, 0), 0.0, 150);
    let (w, h) = (w.min(window.w), h.min(window.h));
    let outer = PxRect::new(((window.w - w) / 2) as i32, ((window.h - h) / 2) as i32, w, h);
    paint.fill(outer, paint.theme.header_bg.mix(paint.theme.header_fg, 60), 11.0);
    paint.fill(outer.inset(paint.px(1.0)), paint.theme.header_bg, 10.0);
    hits.push((outer, Hit::Panel));
    outer
}

pub fn draw(menu: &Menu, paint: &mut Paint<'_>, hits: &mut Vec<(PxRect, Hit)>) {
    let mut title = paint.ink(paint.theme.fg, 4.0);
    title.bold = true;
    let body = paint.ink(paint.theme.header_fg, 0.0);
    let (title_h, body_h, row_h) = (paint.line_height(title), paint.line_height(body) + paint.px(3.0), paint.px(ROW));
    let (pad, gap) = (paint.px(PAD), paint.px(10.0));
    let text_h = title_h + gap + menu.body.len() as u32 * body_h + if menu.body.is_empty() { 0 } else { gap };
    let h = 2 * pad + text_h + menu.items.len() as u32 * row_h;
    let outer = panel(paint, paint.px(PANEL_W), h, hits);
    let inside = shrink(outer, pad, pad);
    let mut y = outer.y.saturating_add_unsigned(pad);
    let mut next = |h: u32, skip: u32| {
        let rect = PxRect { y, h, ..inside };
        y = y.saturating_add_unsigned(h + skip);
        rect
    };
    paint.text(next(title_h, gap), &menu.title, title);
    for (i, line) in menu.body.iter().enumerate() {
        let last = i + 1 == menu.body.len();
        paint.text(next(body_h, if last { gap } else { 0 }), line, body);
    }
    for (i, item) in menu.items.iter().enumerate() {
        let rect = next(row_h, 0);
        // The rows reach a little beyond the text, so that the texts line up with the title.
        let by = pad.saturating_sub(paint.px(8.0));
        let wide = PxRect { x: outer.x.saturating_add_unsigned(by), w: outer.w.saturating_sub(2 * by), ..rect };
        row(item, wide, i == menu.selected, paint);
        hits.push((wide, Hit::Item(i)));
    }
}

fn row(item: &Item, rect: PxRect, selected: bool, paint: &mut Paint<'_>) {
    let theme = paint.theme;
    let mark = if item.danger { theme.exited } else { theme.accent };
    if selected {
        paint.fill(rect, theme.header_bg.mix(mark, 70), 6.0);
        let bar = PxRect { w: paint.px(3.0), ..rect };
        paint.fill(bar, mark, 1.5);
    }
    let mut room = shrink(rect, paint.px(14.0), paint.px(14.0));
    if let Some((text, color)) = &item.badge {
        let mut ink = paint.ink(on(*color), -2.0);
        ink.bold = true;
        // Badges have up to three characters: a column as wide as three keeps the labels in line.
        paint.chip(room, text, *color, ink);
        room = shrink(room, paint.px(44.0), 0);
    }
    let color = if item.danger { theme.exited } else { theme.fg };
    let mut label = paint.ink(color, 1.0);
    label.bold = selected;
    let w = paint.text(room, &item.label, label);
    let rest = shrink(room, w + paint.px(16.0), 0);
    let faint = if selected { theme.header_fg } else { paint.faint() };
    let ink = paint.ink(faint, -1.0);
    let detail = paint.cut(&item.detail, rest.w, ink, false);
    paint.text_right(rest, &detail, ink);
}

/// The connection is lost: a bar over the top of the window.
pub fn banner(why: &str, paint: &mut Paint<'_>) {
    let mut ink = paint.ink(on(paint.theme.warning), 0.0);
    ink.bold = true;
    let h = paint.line_height(ink) + paint.px(12.0);
    let bar = PxRect::new(0, 0, paint.geometry.size.w, h.min(paint.geometry.size.h));
    paint.fill(bar, paint.theme.warning, 0.0);
    let text = format!("Connection lost: {why}. Trying again; Enter starts a new host.");
    let room = shrink(bar, paint.px(14.0), paint.px(14.0));
    paint.text_center(room, &text, ink);
}

/// A word at the top right, over the first header: what is under it stays readable.
pub fn mark(word: &str, paint: &mut Paint<'_>) {
    let mut ink = paint.ink(on(paint.theme.warning), -1.0);
    ink.bold = true;
    let (w, h) = (paint.width(word, ink) + paint.px(24.0), paint.line_height(ink) + paint.px(6.0));
    let window = PxRect::new(0, 0, paint.geometry.size.w, paint.geometry.size.h);
    let (w, h) = (w.min(window.w), h.min(window.h));
    let rect = PxRect::new((window.w - w) as i32, 0, w, h);
    paint.fill(rect, paint.theme.warning, 4.0);
    paint.text_center(rect, word, ink);
}

/// A line that is shown for a while, near the bottom.
pub fn notice(notice: &Notice, paint: &mut Paint<'_>) {
    let theme = paint.theme;
    let ink = paint.ink(theme.fg, 0.0);
    let pad = paint.px(16.0);
    let window = PxRect::new(0, 0, paint.geometry.size.w, paint.geometry.size.h);
    let room = window.w.saturating_sub(4 * pad);
    let (dot, gap) = (paint.px(6.0), paint.px(8.0));
    let w = (paint.width(&notice.text, ink) + 2 * pad + dot + gap).min(room);
    let h = paint.line_height(ink) + paint.px(16.0);
    let Some(y) = window.h.checked_sub(h + paint.px(28.0)) else { return };
    let rect = PxRect::new(((window.w - w) / 2) as i32, y as i32, w, h);
    let mark = if notice.error { theme.exited } else { theme.accent };
    paint.fill(rect, mark.mix(theme.header_bg, 120), 8.0);
    paint.fill(rect.inset(paint.px(1.0)), theme.header_bg, 7.0);
    let inside = shrink(rect, pad, pad);
    let dot_y = rect.y.saturating_add_unsigned((h - dot) / 2);
    paint.fill(PxRect::new(inside.x, dot_y, dot, dot), mark, 3.0);
    paint.text(shrink(inside, dot + gap, 0), &notice.text, ink);
}
