//! The list of keys, made from the keymap, and what an empty window says.

use super::menus::panel;
use super::paint::{Paint, shrink};
use super::picture::{Hit, View};
use super::words::chord_name;
use crate::base::PxRect;
use crate::model::{Action, Keymap};

const COLUMN_W: f32 = 600.0;
const ROW: f32 = 27.0;
const PAD: f32 = 24.0;

/// The chords of an action as they are shown: at most two, and none that only says the same key in another way.
fn chords(keymap: &Keymap, action: Action) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for name in keymap.chords(action).map(chord_name) {
        if out.len() < 2 && !out.contains(&name) {
            out.push(name);
        }
    }
    out
}

pub fn draw(view: &View<'_>, paint: &mut Paint<'_>, hits: &mut Vec<(PxRect, Hit)>) {
    let rows: Vec<_> = Action::ALL.iter().map(|a| (chords(view.keymap, *a), a.doc())).collect();
    let rows: Vec<_> = rows.into_iter().filter(|(chords, _)| !chords.is_empty()).collect();
    let mut title = paint.ink(view.theme.fg, 4.0);
    title.bold = true;
    let (pad, row_h) = (paint.px(PAD), paint.px(ROW));
    let head = paint.line_height(title) + paint.px(12.0);
    let window = paint.geometry.size;
    let fits = (window.h.saturating_sub(2 * pad + head) / row_h.max(1)).max(1) as usize;
    // Two columns where one would be higher than the window, if there is the width.
    let two = rows.len() > fits && window.w >= 2 * paint.px(COLUMN_W * 0.8);
    let per = if two { rows.len().div_ceil(2) } else { rows.len() };
    let w = if two { 2 * paint.px(COLUMN_W) } else { paint.px(COLUMN_W) };
    let outer = panel(paint, w, 2 * pad + head + per as u32 * row_h, hits);
    let inside = shrink(outer, pad, pad);
    let top = outer.y.saturating_add_unsigned(pad);
    paint.text(PxRect { y: top, h: head - paint.px(12.0), ..inside }, "Keys", title);
    let hint = paint.ink(paint.faint(), -1.0);
    paint.text_right(PxRect { y: top, h: head - paint.px(12.0), ..inside }, "Esc closes", hint);
    let column_gap = paint.px(28.0);
    let column_w = if two { (inside.w - column_gap) / 2 } else { inside.w };
    for (i, (chords, doc)) in rows.iter().enumerate() {
        let (column, line) = ((i / per) as u32, (i % per) as u32);
        let x = inside.x.saturating_add_unsigned(column * (column_w + column_gap));
        let y = top.saturating_add_unsigned(head + line * row_h);
        entry(PxRect::new(x, y, column_w, row_h), chords, doc, paint);
    }
}

fn entry(row: PxRect, chords: &[String], doc: &str, paint: &mut Paint<'_>) {
    let keys = paint.ink(paint.theme.fg, -1.0);
    let mut room = row;
    for name in chords.iter().rev() {
        let w = paint.width(name, keys) + 2 * paint.px(5.0);
        let at = shrink(room, room.w.saturating_sub(w), 0);
        let back = paint.theme.header_bg.mix(paint.theme.header_fg, 40);
        paint.chip(at, name, back, keys);
        room = shrink(room, 0, w + paint.px(6.0));
    }
    let ink = paint.ink(paint.theme.header_fg, 0.0);
    paint.text(shrink(room, 0, paint.px(8.0)), doc, ink);
}

/// A workspace without panes says how to get one.
pub fn empty(view: &View<'_>, paint: &mut Paint<'_>) {
    let area = view.arrangement.area;
    let mut title = paint.ink(view.theme.header_fg, 5.0);
    title.bold = true;
    let ink = paint.ink(paint.faint(), 0.0);
    let (title_h, line_h) = (paint.line_height(title), paint.line_height(ink) + paint.px(6.0));
    let lines = [Action::NewShell, Action::LaunchAgent, Action::KeyHelp];
    let lines: Vec<String> = lines
        .into_iter()
        .filter_map(|a| chords(view.keymap, a).into_iter().next().map(|chord| format!("{chord}   {}", a.doc())))
        .collect();
    let h = title_h + paint.px(10.0) + lines.len() as u32 * line_h;
    let mut y = area.center().y.saturating_sub_unsigned(h / 2);
    paint.text_center(PxRect { y, h: title_h, ..area }, "No panes", title);
    y = y.saturating_add_unsigned(title_h + paint.px(10.0));
    for line in lines {
        paint.text_center(PxRect { y, h: line_h, ..area }, &line, ink);
        y = y.saturating_add_unsigned(line_h);
    }
}
