//! The broadcast's compose line: whom it reaches, what is written, and which keys end it.

use unicode_segmentation::UnicodeSegmentation;

use super::paint::{Ink, Paint, shrink};
use super::picture::{Hit, View};
use super::words::chord_name;
use crate::app::core::Core;
use crate::app::edit::Edit;
use crate::base::PxRect;
use crate::model::Action;

const WIDTH: f32 = 860.0;
/// Rows of text in sight; more scroll with the cursor.
const MAX_ROWS: usize = 8;

/// One row of the wrapped text.
#[derive(Debug, PartialEq, Eq)]
struct Wrapped {
    from: usize,
    to: usize,
}

pub fn draw(view: &View<'_>, edit: &Edit, paint: &mut Paint<'_>, hits: &mut Vec<(PxRect, Hit)>) {
    let theme = view.theme;
    let window = paint.geometry.size;
    let (pad, gap) = (paint.px(14.0), paint.px(6.0));
    let mut ink = paint.ink(theme.fg, 1.0);
    ink.mono = true;
    let (head, hint) = (paint.ink(theme.warning, 0.0), paint.ink(paint.faint(), -2.0));
    let (row_h, head_h, hint_h) = (paint.line_height(ink), paint.line_height(head), paint.line_height(hint));
    let w = paint.px(WIDTH).min(window.w.saturating_sub(4 * gap));
    let text_w = w.saturating_sub(2 * pad);
    let rows = wrap(edit.text(), text_w, ink, paint);
    let at = rows.iter().rposition(|r| r.from <= edit.cursor()).unwrap_or(0);
    let first = (at + 1).saturating_sub(MAX_ROWS);
    let shown = rows.len().min(MAX_ROWS) as u32;
    let h = 2 * pad + head_h + 2 * gap + shown * row_h + hint_h;
    let bottom = paint.px(24.0);
    let y = window.h.saturating_sub(h + bottom);
    let outer = PxRect::new(((window.w - w) / 2) as i32, y as i32, w, h.min(window.h));
    let shade = PxRect { x: outer.x - 1, y: outer.y + 3, w: outer.w + 2, h: outer.h + 1 };
    paint.veil(shade, theme.gap, 12.0, 160);
    paint.fill(outer, theme.warning, 10.0);
    paint.fill(outer.inset(paint.px(1.5)), theme.header_bg, 9.0);
    hits.push((outer, Hit::Panel));
    let inside = shrink(outer, pad, pad);
    let mut y = outer.y.saturating_add_unsigned(pad);
    paint.text(PxRect { y, h: head_h, ..inside }, &targets(view), Ink { bold: true, ..head });
    y = y.saturating_add_unsigned(head_h + gap);
    for (i, row) in rows.iter().enumerate().skip(first).take(MAX_ROWS) {
        let room = PxRect { y, h: row_h, ..inside };
        let text = edit.text()[row.from..row.to].replace('\t', " ");
        if edit.is_empty() {
            let faint = Ink { color: paint.faint(), mono: false, ..ink };
            paint.text(shrink(room, paint.px(4.0), 0), "Write one prompt for all of them", faint);
        } else {
            paint.text(room, &text, ink);
        }
        if i == at {
            cursor(edit, row, room, ink, view, paint);
        }
        y = y.saturating_add_unsigned(row_h);
    }
    paint.text(PxRect { y: y.saturating_add_unsigned(gap), h: hint_h, ..inside }, &hints(view), hint);
}

fn cursor(edit: &Edit, row: &Wrapped, room: PxRect, ink: Ink, view: &View<'_>, paint: &mut Paint<'_>) {
    let before = edit.text()[row.from..edit.cursor()].replace('\t', " ");
    let mut x = paint.width(&before, ink);
    if !view.composing.is_empty() {
        let under = Ink { color: view.theme.accent, ..ink };
        x += paint.text(shrink(room, x, 0), view.composing, under);
    }
    let bar = PxRect { x: room.x.saturating_add_unsigned(x.min(room.w)), w: paint.px(2.0), ..room };
    paint.fill(bar, view.theme.warning, 0.0);
}

fn targets(view: &View<'_>) -> String {
    let live: Vec<_> = view.board.workspace.panes.iter().filter(|no| view.is_target(**no)).collect();
    let name = |(i, no): (usize, &&crate::base::SessionNo)| {
        view.board.session(**no).map(|s| format!("{} {}", i + 1, Core::label(s)))
    };
    let names: Vec<String> = live.iter().enumerate().filter_map(name).collect();
    let noun = if live.len() == 1 { "pane" } else { "panes" };
    format!("Broadcast to {} {noun}: {}", live.len(), names.join(", "))
}

fn hints(view: &View<'_>) -> String {
    let again = view.keymap.chords(Action::Broadcast).next().map(chord_name);
    let again = again.map(|chord| format!("  ·  {chord} again sends {chord} itself")).unwrap_or_default();
    format!("Enter sends  ·  Shift+Enter new line  ·  Esc cancels{again}")
}

/// Breaks the text into rows that fit: at line ends, and between characters where a line is too long.
fn wrap(text: &str, room: u32, ink: Ink, paint: &mut Paint<'_>) -> Vec<Wrapped> {
    let mut rows = Vec::new();
    let mut start = 0;
    for line in text.split('\n') {
        let (mut from, mut width) = (start, 0);
        for (at, cluster) in line.grapheme_indices(true) {
            let w = paint.width(cluster, ink);
            if width + w > room && start + at > from {
                rows.push(Wrapped { from, to: start + at });
                (from, width) = (start + at, 0);
            }
            width += w;
        }
        rows.push(Wrapped { from, to: start + line.len() });
        start += line.len() + 1;
    }
    rows
}
