//! One of the two screens: a grid without history, and beside it a note on each row.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use alacritty_terminal::grid::{Grid, Row as GridRow};
use alacritty_terminal::index::{Column, Line};
use alacritty_terminal::term::cell::{Cell, Flags};
use alacritty_terminal::vte::ansi::{Color, NamedColor};

use crate::base::GridSize;
use crate::model::Row;

/// The flags of a cell that is half of a wide character.
pub(in crate::engine) const WIDE: Flags = Flags::WIDE_CHAR.union(Flags::WIDE_CHAR_SPACER);

/// Those, and the mark of the gap that one leaves when it does not fit into a row.
pub(in crate::engine) const WIDE_OR_GAP: Flags = WIDE.union(Flags::LEADING_WIDE_CHAR_SPACER);

/// What is known about a row without looking at its cells. It travels with the row.
#[derive(Debug, Clone)]
pub(in crate::engine) struct RowNote {
    /// The cells from this column on are default blanks.
    pub extent: usize,
    /// No cell is half of a wide character, or the gap before one, or has anything in its `extra`.
    pub simple: bool,
    /// Simple, and every cell is ASCII in the default style; the mark of a wrapped row in its last cell does not count.
    pub plain: bool,
    /// The row as viewers get it, once one asked.
    pub shown: Option<Arc<Row>>,
    /// The row may have changed since `shown` was made.
    pub stale: bool,
}

impl RowNote {
    /// The note of a row of which nothing is known but its cells.
    pub(in crate::engine) fn of(cells: &[Cell]) -> Self {
        let blank = Cell::default();
        let extent = cells.iter().rposition(|cell| *cell != blank).map_or(0, |i| i + 1);
        let last = cells.len() - 1;
        let simple = cells.iter().all(|c| c.extra.is_none() && !c.flags.intersects(WIDE_OR_GAP));
        let plain = |(i, c): (usize, &Cell)| {
            let flags = if i == last { c.flags - Flags::WRAPLINE } else { c.flags };
            c.c.is_ascii() && flags.is_empty() && c.fg == blank.fg && c.bg == blank.bg
        };
        let plain = simple && cells[..extent].iter().enumerate().all(plain);
        Self { extent, simple, plain, shown: None, stale: true }
    }

    fn blank(shown: &Arc<Row>) -> Self {
        Self { extent: 0, simple: true, plain: true, shown: Some(Arc::clone(shown)), stale: false }
    }

    /// Notes that the cells up to `extent` may have changed.
    #[inline]
    pub(in crate::engine) fn touch(&mut self, extent: usize, simple: bool, plain: bool) {
        self.extent = self.extent.max(extent);
        self.simple &= simple;
        self.plain &= plain;
        self.stale = true;
    }
}

/// A screen: rows, cursor and saved cursor (in the grid), and what DECSC keeps beside them.
#[derive(Debug, Clone)]
pub(in crate::engine) struct Surface {
    pub grid: Grid<Cell>,
    pub notes: VecDeque<RowNote>,
    pub saved: SavedState,
    /// Set whenever a row changes; whoever reports changes clears it.
    pub changed: bool,
    /// What every blank row shows.
    blank: Arc<Row>,
}

/// What DECSC keeps that the grid's saved cursor does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::engine) struct SavedState {
    /// Which of G0 and G1 is in use.
    pub gl: usize,
    /// DECOM.
    pub origin: bool,
}

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
        let blank = Arc::new(Row::default());
        let note = RowNote::blank(&blank);
        Self {
            grid: Grid::new(lines, cols, 0),
            notes: vec![note; lines].into(),
            saved: SavedState::default(),
            changed: true,
            blank,
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
    pub(in crate::engine) fn touch(&mut self, line: usize, extent: usize, simple: bool, plain: bool) {
        self.notes[line].touch(extent, simple, plain);
        self.changed = true;
    }

    /// Whether cells blanked now are default ones: with a background colour set they take it.
    fn blanks_are_default(&self) -> bool {
        self.grid.cursor.template.bg == Color::Named(NamedColor::Background)
    }

    /// The note of a row that was just reset.
    fn blank_note(&self, cols: usize) -> RowNote {
        if self.blanks_are_default() {
            RowNote::blank(&self.blank)
        } else {
            RowNote { extent: cols, simple: true, plain: false, shown: None, stale: true }
        }
    }

    /// Moves the rows of `region` up by `n`, at most its height; blank rows come in below. What leaves is lost.
    pub(in crate::engine) fn scroll_up(&mut self, region: Range<usize>, n: usize) {
        let Range { start, end } = region;
        let note = self.blank_note(self.row(0).len());
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
        let note = self.blank_note(self.row(0).len());
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
        let note = self.blank_note(self.row(0).len());
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
        self.touch(line, if default { 0 } else { end }, true, default);
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
pub(in crate::engine) fn recycle(mut row: GridRow<Cell>, note: &RowNote) -> GridRow<Cell> {
    let len = row.len();
    // Taken apart and put together again because only so the grid believes that nothing is left to clear.
    let mut cells = row.front_split_off(len);
    let used = &mut cells[..note.extent.min(len)];
    if note.simple {
        for cell in used {
            cell.c = ' ';
            cell.fg = Color::Named(NamedColor::Foreground);
            cell.bg = Color::Named(NamedColor::Background);
            cell.flags = Flags::empty();
        }
    } else {
        used.fill(Cell::default());
    }
    GridRow::from_vec(cells, 0)
}
