//! One line of text as it is kept, and how it wraps at some width.

use std::ops::Range;

use alacritty_terminal::term::cell::{Cell, Flags};

/// Most cells of one line; a longer one goes on in the next.
pub(super) const MAX_CELLS: usize = 65_536;

/// A packed line: where its bytes are, and what one has to know to count its rows without unpacking it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// Where its bytes begin in its page; they end where the next line's begin.
    pub at: u32,
    /// Blanks at its end are not counted.
    pub cells: u32,
    /// The width it was wrapped at when it was packed: each of its rows but the last has as many cells.
    pub cols: u16,
    /// Has halves of wide characters, or gaps before one that did not fit into its row.
    pub wide: bool,
    /// The text goes on behind its end without a line break.
    pub goes_on: bool,
    /// The number of the row behind its last one, at the present width.
    pub end_row: u64,
}

impl Line {
    /// How many rows it takes at a width, where that is known without its cells.
    pub(super) fn rows(&self, cols: usize) -> Option<usize> {
        (!self.wide || usize::from(self.cols) == cols).then(|| (self.cells as usize).div_ceil(cols).max(1))
    }

    /// Cuts the line's cells into rows of a width. Gaps of another width are taken out, and none are put in: a row that
    /// a wide character does not fit into ends early.
    pub(super) fn wrap(&self, cells: &mut Vec<Cell>, cols: usize) -> Vec<Range<usize>> {
        if let Some(rows) = self.rows(cols) {
            return (0..rows).map(|row| row * cols..((row + 1) * cols).min(cells.len())).collect();
        }
        cells.retain(|cell| !cell.flags.contains(Flags::LEADING_WIDE_CHAR_SPACER));
        let mut rows = Vec::new();
        let mut from = 0;
        while cells.len() - from > cols {
            let wide = cols > 1 && cells[from + cols - 1].flags.contains(Flags::WIDE_CHAR);
            let to = from + cols - usize::from(wide);
            rows.push(from..to);
            from = to;
        }
        rows.push(from..cells.len());
        rows
    }
}
