//! Cells as bytes, without loss: runs of cells of one style; [`super::unpack`] goes the way back.
//!
//! A run: a varint `count << 3 | content << 1 | styled`; if styled, the style (a line begins with the default one, and
//! the first run of each row added to it is styled); then the content: nothing for blanks, a byte a cell for ASCII, UTF-8 for other
//! characters, UTF-8 a pair of cells for wide characters with their spacers.

use std::sync::Arc;

use alacritty_terminal::term::cell::{Cell, CellExtra, Flags};
use alacritty_terminal::vte::ansi::{Color, NamedColor, Rgb};

use crate::engine::kept::put_varint;
use crate::engine::terminal::Content;

pub(super) const BLANKS: usize = 0;
pub(super) const ASCII: usize = 1;
pub(super) const CHARS: usize = 2;
pub(super) const PAIRS: usize = 3;

/// A side table of what cells have beyond character, colours and flags. Neighbours share entries.
pub(in crate::engine) type Extras = Vec<Arc<CellExtra>>;

/// Appends cells to `out`; of unstyled ones only the characters are looked at. `first`: nothing of their line is packed
/// yet.
pub(in crate::engine) fn pack(cells: &[Cell], content: Content, first: bool, out: &mut Vec<u8>, extras: &mut Extras) {
    if content >= Content::Unstyled {
        return pack_unstyled(cells, content == Content::Plain, first, out, extras);
    }
    let mut style = Cell::default();
    let mut at = 0;
    while at < cells.len() {
        let (len, content, flags) = run(&cells[at..]);
        let added = at == 0 && !first;
        let first = &cells[at];
        let same = same_style(first, &style) && flags == style.flags;
        let styled = added || !same;
        let count = if content == PAIRS { len / 2 } else { len };
        put_varint(out, (count << 3 | content << 1 | usize::from(styled)) as u64);
        if styled {
            style = Cell { c: ' ', fg: first.fg, bg: first.bg, flags, extra: first.extra.clone() };
            put_style(&style, out, extras);
        }
        let run = &cells[at..at + len];
        match content {
            BLANKS => {}
            ASCII => out.extend(run.iter().map(|cell| cell.c as u8)),
            _ => {
                let step = if content == PAIRS { 2 } else { 1 };
                run.iter().step_by(step).for_each(|cell| put_char(cell.c, out));
            }
        }
        at += len;
    }
}

/// One run of narrow cells in the default style.
fn pack_unstyled(cells: &[Cell], ascii: bool, first: bool, out: &mut Vec<u8>, extras: &mut Extras) {
    let Some(last) = cells.last() else { return };
    // Blanks at the end are left out but in a row that goes on: only that one can be blank all over.
    let blank = last.c == ' ' && cells.iter().all(|cell| cell.c == ' ');
    let ascii = ascii || cells.iter().all(|cell| cell.c.is_ascii());
    let content = match (blank, ascii) {
        (true, _) => BLANKS,
        (_, true) => ASCII,
        _ => CHARS,
    };
    put_varint(out, (cells.len() << 3 | content << 1 | usize::from(!first)) as u64);
    if !first {
        put_style(&Cell::default(), out, extras);
    }
    match content {
        BLANKS => {}
        ASCII => out.extend(cells.iter().map(|cell| cell.c as u8)),
        _ => cells.iter().for_each(|cell| put_char(cell.c, out)),
    }
}

#[inline]
fn put_char(c: char, out: &mut Vec<u8>) {
    match c {
        '\0'..='\x7f' => out.push(c as u8),
        _ => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
    }
}

/// The length of the run at the beginning in cells, its content, and the flags its style has (those of a wide pair
/// without the halves' own).
fn run(cells: &[Cell]) -> (usize, usize, Flags) {
    let first = &cells[0];
    let pairs = cells.chunks_exact(2).take_while(|pair| is_pair(pair) && pair[0].flags == first.flags);
    let pairs = pairs.take_while(|pair| same_style(&pair[0], first)).count();
    if pairs > 0 {
        return (2 * pairs, PAIRS, first.flags - Flags::WIDE_CHAR);
    }
    let same = |cell: &&Cell| cell.flags == first.flags && same_style(cell, first);
    let mut len = 0;
    let mut content = BLANKS;
    for (i, cell) in cells.iter().enumerate().take_while(|(_, cell)| same(cell)) {
        // A pair further on begins a run of its own.
        if cell.flags.contains(Flags::WIDE_CHAR) && cells.get(i..i + 2).is_some_and(is_pair) {
            break;
        }
        content = content.max(match cell.c {
            ' ' => BLANKS,
            c if c.is_ascii() => ASCII,
            _ => CHARS,
        });
        len += 1;
    }
    (len, content, first.flags)
}

fn same_style(a: &Cell, b: &Cell) -> bool {
    let extra = match (&a.extra, &b.extra) {
        (None, None) => true,
        (Some(a), Some(b)) => Arc::ptr_eq(a, b) || a == b,
        _ => false,
    };
    extra && a.fg == b.fg && a.bg == b.bg
}

/// A wide character and the spacer that was written with it.
fn is_pair(cells: &[Cell]) -> bool {
    let [wide, spacer] = cells else { return false };
    wide.flags.contains(Flags::WIDE_CHAR)
        && spacer.c == ' '
        && spacer.flags == ((wide.flags - Flags::WIDE_CHAR) | Flags::WIDE_CHAR_SPACER)
        && same_style(wide, spacer)
}

/// Both colours, the flags, and the number of the extra in the side table, from 1 on.
fn put_style(style: &Cell, out: &mut Vec<u8>, extras: &mut Extras) {
    put_color(style.fg, out);
    put_color(style.bg, out);
    out.extend_from_slice(&style.flags.bits().to_le_bytes());
    let extra = style.extra.as_ref().map_or(0, |extra| {
        if extras.last().is_none_or(|last| !Arc::ptr_eq(last, extra) && last != extra) {
            extras.push(Arc::clone(extra));
        }
        extras.len()
    });
    put_varint(out, extra as u64);
}

/// Named colours by their number (below 16, or 0x10 for the foreground and 0x11 for the background), then one byte for
/// the two other kinds.
pub(super) fn put_color(color: Color, out: &mut Vec<u8>) {
    match color {
        Color::Named(NamedColor::Foreground) => out.push(0x10),
        Color::Named(NamedColor::Background) => out.push(0x11),
        Color::Named(name) => out.push(name as u8 & 15),
        Color::Indexed(n) => out.extend_from_slice(&[0x20, n]),
        Color::Spec(Rgb { r, g, b }) => out.extend_from_slice(&[0x30, r, g, b]),
    }
}
