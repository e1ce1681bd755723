//! One of the two screens: a grid without history, and beside it a note on each row.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use alacritty_terminal::grid::{Grid, Row as GridRow};
use alacritty_terminal::index::{Column, Line};
use alacritty_terminal::term::cell::{Cell, Flags};
use alacritty_terminal::vte::ansi::{Color, NamedColor};

use super::asked::KeyStack;
use super::note::{Content, RowNote};
use crate::base::GridSize;
use crate::engine::kept::kept_struct;
use crate::model::Row;

/// A screen: rows, cursor and saved cursor (in the grid), and what DECSC keeps beside them.
#[derive(Debug, Clone)]
pub(in crate::engine) struct Surface {
    pub grid: Grid<Cell>,
    pub notes: VecDeque<RowNote>,
    pub saved: SavedState,
    pub keys: KeyStack,
    /// Set whenever a row changes; whoever reports changes clears it.
    pub changed: bool,
    /// Cells moved or cleared in bulk since the feed began: what output costs beyond its length.
    pub work: usize,
    /// What every row without content shows.
    pub blank: Arc<Row>,
}

/// What DECSC keeps that the grid's saved cursor does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::engine) struct SavedState {
    /// Which of G0 and G1 is in use.
    pub gl: usize,
    /// DECOM.
    pub origin: bool,
}

kept_struct!(SavedState { gl, origin });

impl Surface {
    /// A surface with these rows and notes to match; each row as wide as the screen.
    pub(in crate::engine) fn from_rows(size: GridSize, rows: impl IntoIterator<Item = Vec<Cell>>) -> Self {
        let mut surface = Self::new(size);
        for (line, cells) in rows.into_iter().enumerate().take(usize::from(size.lines())) {
            surface.notes[line] = RowNote::of(&cells);
            let len = cells.len();
            // Counted as used to its end: the grid would otherwise forget to clear what it did not write itself.
            *surface.row_mut(line) = GridRow::from_vec(cells, len);
        }
        surface
    }

    pub(in crate::engine) fn new(size: GridSize) -> Self {
        let (lines, cols) = (usize::from(size.lines()), usize::from(size.cols()));
        Self {
            grid: Grid::new(lines, cols, 0),
            notes: vec![RowNote::BLANK; lines].into(),
            saved: SavedState::default(),
            keys: KeyStack::default(),
            changed: true,
            work: 0,
            blank: Arc::default(),
        }
    }

    #[inline]
    pub(in crate::engine) fn row(&self, line: usize) -> &GridRow<Cell> {
        &self.grid[Line(line as i32)]
    }

    #[inline]
    pub(in crate::engine) fn row_mut(&mut self, line: usize) -> &mut GridRow<Cell> {
        &mut self.grid[Line(line as i32)]
    }

    /// The cursor's line, from 0.
    #[inline]
    pub(in crate::engine) fn line(&self) -> usize {
        self.grid.cursor.point.line.0 as usize
    }

    /// The cursor's column, from 0.
    #[inline]
    pub(in crate::engine) fn col(&self) -> usize {
        self.grid.cursor.point.column.0
    }

    /// Puts the cursor somewhere on the screen; a wrap that was due is not any more.
    #[inline]
    pub(in crate::engine) fn place_cursor(&mut self, line: usize, col: usize) {
        debug_assert!(line < self.notes.len());
        let cursor = &mut self.grid.cursor;
        cursor.point.line = Line(line as i32);
        cursor.point.column = Column(col);
        cursor.input_needs_wrap = false;
    }

    #[inline]
    pub(in crate::engine) fn touch(&mut self, line: usize, extent: usize, content: Content) {
        self.notes[line].touch(extent, content);
        self.changed = true;
    }

    /// Whether cells blanked now are default ones: with a background colour set they take it.
    fn blanks_are_default(&self) -> bool {
        self.grid.cursor.template.bg == Color::Named(NamedColor::Background)
    }

    /// The note of a row that was just reset.
    fn blank_note(&self, cols: usize) -> RowNote {
        if self.blanks_are_default() {
            RowNote::BLANK
        } else {
            RowNote { extent: cols, content: Content::Narrow, ..RowNote::BLANK }
        }
    }

    /// Moves the rows of `region` up by `n`, at most its height; blank rows come in below. What leaves is lost.
    pub(in crate::engine) fn scroll_up(&mut self, region: Range<usize>, n: usize) {
        let Range { start, end } = region;
        let cols = self.row(0).len();
        self.work += n * cols + end - start;
        let note = self.blank_note(cols);
        self.grid.scroll_up(&(Line(start as i32)..Line(end as i32)), n);
        if start == 0 && end == self.notes.len() {
            self.notes.rotate_left(n);
        } else {
            for line in start..end - n {
                self.notes.swap(line, line + n);
            }
        }
        for line in end - n..end {
            self.notes[line] = note.clone();
        }
        self.changed = true;
    }

    /// Moves the rows of `region` down by `n`, at most its height; blank rows come in above.
    pub(in crate::engine) fn scroll_down(&mut self, region: Range<usize>, n: usize) {
        let Range { start, end } = region;
        let cols = self.row(0).len();
        self.work += n * cols + end - start;
        let note = self.blank_note(cols);
        self.grid.scroll_down(&(Line(start as i32)..Line(end as i32)), n);
        for line in (start + n..end).rev() {
            self.notes.swap(line, line - n);
        }
        for line in start..start + n {
            self.notes[line] = note.clone();
        }
        self.changed = true;
    }

    /// Blanks whole rows.
    pub(in crate::engine) fn clear_rows(&mut self, rows: Range<usize>) {
        if rows.is_empty() {
            return;
        }
        let cols = self.row(0).len();
        self.work += rows.len() * cols;
        let note = self.blank_note(cols);
        self.grid.reset_region(Line(rows.start as i32)..Line(rows.end as i32));
        for line in rows {
            self.notes[line] = note.clone();
        }
        self.changed = true;
    }

    /// Blanks cells of one row.
    pub(in crate::engine) fn clear_cells(&mut self, line: usize, cols: Range<usize>) {
        let bg = self.grid.cursor.template.bg;
        let default = self.blanks_are_default();
        let extent = self.notes[line].extent;
        // Beyond the extent there are default blanks already.
        let end = if default { cols.end.min(extent) } else { cols.end };
        if cols.start >= end {
            return;
        }
        for cell in &mut self.row_mut(line)[Column(cols.start)..Column(end)] {
            *cell = bg.into();
        }
        if default {
            self.touch(line, 0, Content::Plain);
        } else {
            self.touch(line, end, Content::Narrow);
        }
        if default && cols.end >= extent {
            self.notes[line].extent = extent.min(cols.start);
        }
    }

    /// Whether the row shows nothing, as a clear of the screen counts it.
    pub(in crate::engine) fn is_blank(&self, line: usize) -> bool {
        use alacritty_terminal::grid::GridCell;
        self.row(line)[..Column(self.notes[line].extent)].iter().all(GridCell::is_empty)
    }
}

/// Makes a default blank row of one that is not needed any more.
pub(in crate::engine) fn recycle(row: &mut GridRow<Cell>, note: &RowNote) {
    let len = row.len();
    // Taken apart and put together again because only so the grid believes that nothing is left to clear.
    let mut cells = row.front_split_off(len);
    let used = &mut cells[..note.extent.min(len)];
    if note.content >= Content::Bare {
        for cell in used {
            cell.c = ' ';
            cell.fg = Color::Named(NamedColor::Foreground);
            cell.bg = Color::Named(NamedColor::Background);
            cell.flags = Flags::empty();
        }
    } else {
        used.fill(Cell::default());
    }
    *row = GridRow::from_vec(cells, 0);
}
