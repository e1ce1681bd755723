//! A change of size. The reflow is alacritty's own: it gets back as much history as it can need, and what lies above
//! the screen afterwards goes to the history again.

use alacritty_terminal::grid::{Dimensions, Grid, Row as GridRow};
use alacritty_terminal::index::{Column, Line};
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
/// A noncharacter: the engine keeps no such mark of a program's.
const MARK: char = '\u{10ffff}';

impl Terminal {
    /// Changes the size. The same size again changes nothing; another one resets the margins and begins a new epoch.
    pub(in crate::engine) fn resize(&mut self, size: GridSize) {
        if size == self.size {
            return;
        }
        let (primary, alternate) =
            if self.alt { (&mut self.hidden, &mut self.screen) } else { (&mut self.screen, &mut self.hidden) };
        let command = self.command.map(|command| command.hold(primary, &self.history));
        reflow(primary, &mut self.history, size);
        self.command = command.map(|held| held.release(primary, &self.history));
        alternate.grid.resize(false, usize::from(size.lines()), usize::from(size.cols()));
        rebuild(alternate, size);
        self.size = size;
        self.tabs.resize(usize::from(size.cols()));
        self.region = 0..usize::from(size.lines());
        self.epoch = self.epoch.wrapping_add(1);
    }

    /// Whether a reflow to fewer columns has spare rows to fill.
    #[cfg(test)]
    pub(in crate::engine) fn has_spare_rows(&self) -> bool {
        spare_rows(if self.alt { &self.hidden.grid } else { &self.screen.grid }) > 0
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
    let spare = if cols < old_cols { spare_rows(&grid) } else { 0 };
    if spare > 0 {
        narrow(&mut grid, spare, lines, cols);
    } else {
        grid.resize(true, lines, cols);
    }
    history.set_cols(cols);
    for line in (1..=grid.history_size() as i32).rev() {
        let row = &mut grid[Line(-line)];
        let note = RowNote::of(&row[..]);
        history.push(row, note);
    }
    surface.grid = grid;
    rebuild(surface, size);
}

/// Rows at the bottom of the screen that hold nothing, below all text and both cursors.
fn spare_rows(grid: &Grid<Cell>) -> usize {
    let lines = grid.screen_lines();
    let cursors = grid.cursor.point.line.max(grid.saved_cursor.point.line).0.max(0) as usize;
    let blank = Cell::default();
    (cursors + 1..lines).rev().take_while(|l| grid[Line(*l as i32)][..].iter().all(|c| *c == blank)).count()
}

/// Reflows a screen with spare rows to fewer columns. Alacritty's reflow pushes a row out at the top for every row that
/// text wraps into, however empty the screen is below; every new pane would take the first lines out of sight. So the
/// spare rows are cut off first, and what was pushed out comes back as far as there is room again.
fn narrow(grid: &mut Grid<Cell>, spare: usize, lines: usize, cols: usize) {
    let (old_lines, first) = (grid.screen_lines(), Line(0));
    // The first cell of the screen is found again by a mark that no program can write.
    let extra = grid[first][Column(0)].extra.clone();
    grid[first][Column(0)].push_zerowidth(MARK);
    grid.resize(true, lines.min(old_lines - spare), cols);
    let rows = -(grid.history_size() as i32)..grid.screen_lines() as i32;
    let marked = |cell: &Cell| cell.zerowidth().is_some_and(|marks| marks.contains(&MARK));
    let at = rows.clone().find_map(|l| Some((Line(l), grid[Line(l)][..].iter().position(marked)?)));
    let Some((line, col)) = at else { return };
    grid[line][Column(col)].extra = extra;
    let pushed = usize::try_from(-line.0).unwrap_or(0);
    let room = lines - grid.screen_lines();
    let back = (pushed + lines.saturating_sub(old_lines)).min(room).min(grid.history_size());
    grid.resize(true, grid.screen_lines() + back, cols);
}

/// Moves the rows and cursors of a grid that was resized to a new one without history or spare rows.
fn rebuild(surface: &mut Surface, size: GridSize) {
    let (lines, cols) = (usize::from(size.lines()), usize::from(size.cols()));
    let old = &mut surface.grid;
    let have = lines.min(old.screen_lines());
    let mut rows: Vec<Vec<Cell>> = (0..have).map(|l| old[Line(l as i32)].front_split_off(cols)).collect();
    rows.resize_with(lines, || vec![Cell::default(); cols]);
    let mut new = Surface::from_rows(size, rows);
    new.saved = surface.saved;
    new.keys = std::mem::take(&mut surface.keys);
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
