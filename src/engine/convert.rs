//! From the grid's cells to the rows that viewers get.

use std::sync::Arc;

use alacritty_terminal::term::cell::{Cell, Flags};
use alacritty_terminal::vte::ansi::{Color as GridColor, NamedColor};

use super::terminal::Links;
use crate::base::Rgb;
use crate::model::{Attrs, Cell as ModelCell, Color, Row, Style, Underline, Width};

/// Most bytes of links and marks that a row is shown with, so that the fullest screen fits a message: each cell of it
/// may carry a link of its own, and the longest are two kilobytes.
const MAX_EXTRAS: usize = 8 << 10;
/// What a link or a cell's marks cost beside their bytes, at most.
const OVERHEAD: usize = 8;

/// A row of a viewer; `cells` may end before the row does.
pub(super) fn row(cells: &[Cell], wrapped: bool, links: &Links) -> Row {
    let mut row = Row { cells: Vec::with_capacity(cells.len()), wrapped, ..Row::default() };
    let mut last = (Cell::default(), Style::default());
    let mut room = MAX_EXTRAS;
    for (col, cell) in cells.iter().enumerate() {
        if !looks_like(cell, &last.0) {
            last = (Cell { c: ' ', ..cell.clone() }, style(cell));
        }
        row.cells.push(ModelCell { ch: cell.c, style: last.1, width: width(cell.flags) });
        if cell.extra.is_some() {
            extras(&mut row, col as u16, cell, links, &mut room);
        }
    }
    row.trim();
    // Most rows are short, and many are kept.
    row.cells.shrink_to_fit();
    row
}

/// Most neighbours look alike, and comparing is cheaper than translating.
fn looks_like(a: &Cell, b: &Cell) -> bool {
    a.fg == b.fg && a.bg == b.bg && a.flags == b.flags && a.extra.is_none() && b.extra.is_none()
}

/// Adds a cell's marks and its link, as far as there is room; what does not fit is left out.
fn extras(row: &mut Row, col: u16, cell: &Cell, links: &Links, room: &mut usize) {
    let mut fits = |bytes: usize| match room.checked_sub(bytes + OVERHEAD) {
        Some(left) => {
            *room = left;
            true
        }
        None => false,
    };
    if let Some(marks) = cell.zerowidth().filter(|marks| !marks.is_empty()) {
        let marks: String = marks.iter().collect();
        if fits(marks.len()) {
            row.marks.push((col, marks.into()));
        }
    }
    let Some(target) = links.target(cell) else { return };
    match row.links.last_mut() {
        Some((_, to, uri)) if *to == col && uri == target => *to += 1,
        _ if fits(target.len()) => row.links.push((col, col + 1, Arc::clone(target))),
        _ => {}
    }
}

fn width(flags: Flags) -> Width {
    if flags.contains(Flags::WIDE_CHAR) {
        Width::Wide
    } else if flags.contains(Flags::WIDE_CHAR_SPACER) {
        Width::Spacer
    } else {
        Width::Narrow
    }
}

fn style(cell: &Cell) -> Style {
    let flags = cell.flags;
    let mut attrs = Attrs::NONE;
    for (flag, attr) in [
        (Flags::BOLD, Attrs::BOLD),
        (Flags::DIM, Attrs::DIM),
        (Flags::ITALIC, Attrs::ITALIC),
        (Flags::INVERSE, Attrs::REVERSE),
        (Flags::HIDDEN, Attrs::HIDDEN),
        (Flags::STRIKEOUT, Attrs::STRIKE),
    ] {
        if flags.contains(flag) {
            attrs |= attr;
        }
    }
    Style {
        fg: color(cell.fg),
        bg: color(cell.bg),
        underline_color: cell.underline_color().map_or(Color::Default, color),
        underline: underline(flags),
        attrs,
    }
}

fn underline(flags: Flags) -> Underline {
    if !flags.intersects(Flags::ALL_UNDERLINES) {
        return Underline::None;
    }
    let kinds = [
        (Flags::DOUBLE_UNDERLINE, Underline::Double),
        (Flags::UNDERCURL, Underline::Curly),
        (Flags::DOTTED_UNDERLINE, Underline::Dotted),
        (Flags::DASHED_UNDERLINE, Underline::Dashed),
    ];
    kinds.into_iter().find(|(flag, _)| flags.contains(*flag)).map_or(Underline::Single, |(_, kind)| kind)
}

fn color(color: GridColor) -> Color {
    match color {
        GridColor::Named(NamedColor::Foreground | NamedColor::Background) => Color::Default,
        GridColor::Named(name) => Color::Indexed(name as u8 & 15),
        GridColor::Indexed(index) => Color::Indexed(index),
        GridColor::Spec(rgb) => Color::Rgb(Rgb::new(rgb.r, rgb.g, rgb.b)),
    }
}
