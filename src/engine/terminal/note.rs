//! What is known about a row without looking at its cells.

use std::sync::Arc;

use alacritty_terminal::term::cell::{Cell, Flags};
use alacritty_terminal::vte::ansi::{Color, NamedColor};

use crate::model::Row;

/// The flags of a cell that is half of a wide character.
pub(in crate::engine) const WIDE: Flags = Flags::WIDE_CHAR.union(Flags::WIDE_CHAR_SPACER);

/// Those, and the mark of the gap that one leaves when it does not fit into a row.
pub(in crate::engine) const WIDE_OR_GAP: Flags = WIDE.union(Flags::LEADING_WIDE_CHAR_SPACER);

/// What the cells of a row can be, each kind with all that is true of the ones before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::engine) enum Content {
    /// Anything.
    Any,
    /// No cell has anything in its `extra`.
    Bare,
    /// No cell is half of a wide character, or the gap before one.
    Narrow,
    /// Every cell is in the default style; the mark of a wrapped row in its last cell does not count.
    Unstyled,
    /// Every cell is ASCII.
    Plain,
}

/// What is known about a row. It travels with the row.
#[derive(Debug, Clone)]
pub(in crate::engine) struct RowNote {
    /// The cells from this column on are default blanks.
    pub extent: usize,
    pub content: Content,
    /// The row as viewers get it, once one asked.
    pub shown: Option<Arc<Row>>,
    /// The row may have changed since `shown` was made.
    pub stale: bool,
}

impl RowNote {
    /// The note of a row of default blanks.
    pub(in crate::engine) const BLANK: Self = Self { extent: 0, content: Content::Plain, shown: None, stale: true };

    /// The note of a row of which nothing is known but its cells.
    pub(in crate::engine) fn of(cells: &[Cell]) -> Self {
        let blank = Cell::default();
        let extent = cells.iter().rposition(|cell| *cell != blank).map_or(0, |i| i + 1);
        let last = cells.len() - 1;
        let content = cells[..extent].iter().enumerate().map(|(i, cell)| {
            let flags = if i == last { cell.flags - Flags::WRAPLINE } else { cell.flags };
            content_of(&Cell { flags, ..cell.clone() })
        });
        Self { extent, content: content.min().unwrap_or(Content::Plain), shown: None, stale: true }
    }

    /// Notes that the cells up to `extent` may have changed, to what is at least `content`.
    #[inline]
    pub(in crate::engine) fn touch(&mut self, extent: usize, content: Content) {
        self.extent = self.extent.max(extent);
        self.content = self.content.min(content);
        self.stale = true;
    }
}

/// The kind of one cell.
pub(super) fn content_of(cell: &Cell) -> Content {
    if cell.extra.is_some() {
        Content::Any
    } else if cell.flags.intersects(WIDE_OR_GAP) {
        Content::Bare
    } else if !cell.flags.is_empty() || !default_colors(cell.fg, cell.bg) {
        Content::Narrow
    } else if !cell.c.is_ascii() {
        Content::Unstyled
    } else {
        Content::Plain
    }
}

#[inline]
fn default_colors(fg: Color, bg: Color) -> bool {
    fg == Color::Named(NamedColor::Foreground) && bg == Color::Named(NamedColor::Background)
}
