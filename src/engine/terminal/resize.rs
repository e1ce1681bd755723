//! A change of size. The reflow is alacritty's own: it gets back as much history as it can need, and what lies above
//! the screen afterwards goes to the history again.

use alacritty_terminal::grid::{Dimensions, Grid, Row as GridRow};
use alacritty_terminal::index::Line;
use alacritty_terminal::term::cell::Cell;

use super::note::RowNote;
use super::state::Terminal;
use super::surface::Surface;
use crate::base::GridSize;
use crate::engine::history::History;

/// Most rows of history that take part in a reflow.
const MOST_ROWS: usize = 2000;
/// No limit to what a reflow may push out of the screen; small enough for the grid to calculate with.
const NO_LIMIT: usize = 1 << 30;

impl Terminal {
    /// Changes the size. The same size again changes nothing; another one resets the margins and begins a new epoch.
    pub(in crate::engine) fn resize(&mut self, size: GridSize) {
        if size == self.size {
            return;
        }
        let (primary, alternate) =
            if self.alt { (&mut self.hidden, &mut self.screen) } else { (&mut self.screen, &mut self.hidden) };
        reflow(primary, &mut self.history, size);
        alternate.grid.resize(false, usize::from(size.lines()), usize::from(size.cols()));
        rebuild(alternate, size);
        self.size = size;
        self.tabs.resize(usize::from(size.cols()));
        self.region = 0..usize::from(size.lines());
        self.epoch = self.epoch.wrapping_add(1);
    }
}

fn reflow(surface: &mut Surface, history: &mut History, size: GridSize) {
    let (old_lines, old_cols) = (surface.grid.screen_lines(), surface.grid.columns());
    let (lines, cols) = (usize::from(size.lines()), usize::from(size.cols()));
    let want = (lines * (cols / old_cols + 2) + 8).min(MOST_ROWS);
    let above = history.take_back(want, MOST_ROWS);
    let count = above.len();
    // Made too high and lowered again, the grid has the rows it needs for its history without allocating a thousand.
    let mut grid: Grid<Cell> = Grid::new(old_lines + count, old_cols, 0);
    grid.resize(false, old_lines, old_cols);
    grid.update_history(NO_LIMIT);
    grid.scroll_up(&(Line(0)..Line(old_lines as i32)), count);
    for (i, cells) in above.into_iter().enumerate() {
        grid[Line(i as i32 - count as i32)] = GridRow::from_vec(cells, old_cols);
    }
    for line in 0..old_lines as i32 {
        std::mem::swap(&mut grid[Line(line)], &mut surface.grid[Line(line)]);
    }
    grid.cursor = surface.grid.cursor.clone();
    grid.saved_cursor = surface.grid.saved_cursor.clone();
    grid.resize(true, lines, cols);
    history.set_cols(cols);
    for line in (1..=grid.history_size() as i32).rev() {
        let row = &mut grid[Line(-line)];
        let note = RowNote::of(&row[..]);
        history.push(row, note);
    }
    surface.grid = grid;
    rebuild(surface, size);
}

/// Moves the rows and cursors of a grid that was resized to a new one without history or spare rows.
fn rebuild(surface: &mut Surface, size: GridSize) {
    let (lines, cols) = (usize::from(size.lines()), usize::from(size.cols()));
    let old = &mut surface.grid;
    let rows: Vec<Vec<Cell>> = (0..lines).map(|l| old[Line(l as i32)].front_split_off(cols)).collect();
    let mut new = Surface::from_rows(size, rows);
    new.saved = surface.saved;
    for (to, from) in [(&mut new.grid.cursor, &old.cursor), (&mut new.grid.saved_cursor, &old.saved_cursor)] {
        to.clone_from(from);
        to.point.line = to.point.line.clamp(Line(0), Line(lines as i32 - 1));
        to.point.column.0 = to.point.column.0.min(cols - 1);
    }
    // A wrap is due only in the last column; where that is another one now, the cursor stands behind its character.
    let cursor = &mut new.grid.cursor;
    if cursor.input_needs_wrap && cursor.point.column.0 < cols - 1 {
        cursor.input_needs_wrap = false;
        cursor.point.column += 1;
    }
    *surface = new;
}
