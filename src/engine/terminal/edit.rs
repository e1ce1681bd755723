//! Erasing, inserting and deleting. What becomes blank takes the background colour in force. Halves of wide characters
//! may be left alone; the painter copes.

use alacritty_terminal::index::Column;
use alacritty_terminal::term::cell::Cell;

use super::note::Content;
use super::state::Terminal;

impl Terminal {
    /// EL: 0 from the cursor on, 1 up to the cursor, 2 all of the line.
    pub(super) fn erase_line(&mut self, what: u16) {
        let (line, col, cols) = (self.screen.line(), self.screen.col(), self.cols());
        match what {
            0 => {
                // Also with a wrap due: xterm erases the last column then, and the wrap is off.
                self.screen.clear_cells(line, col..cols);
                self.screen.grid.cursor.input_needs_wrap = false;
            }
            1 => self.screen.clear_cells(line, 0..col + 1),
            2 => self.screen.clear_cells(line, 0..cols),
            _ => {}
        }
    }

    /// ED: 0 from the cursor on, 1 up to the cursor, 2 the screen, 3 the history.
    pub(super) fn erase_screen(&mut self, what: u16) {
        let (line, col, cols, lines) = (self.screen.line(), self.screen.col(), self.cols(), self.lines());
        match what {
            0 => {
                self.screen.clear_cells(line, col..cols);
                self.screen.clear_rows(line + 1..lines);
            }
            1 => {
                self.screen.clear_rows(0..line);
                self.screen.clear_cells(line, 0..col + 1);
            }
            2 if self.alt => self.screen.clear_rows(0..lines),
            2 => {
                // The text goes to the history, as in alacritty: a `clear` loses nothing.
                let used = (0..lines).rfind(|&l| !self.screen.is_blank(l)).map_or(0, |l| l + 1);
                self.leave(used);
                if used > 0 {
                    self.screen.scroll_up(0..lines, used);
                }
                self.screen.clear_rows(0..lines - used);
            }
            3 => self.history.clear(),
            _ => {}
        }
    }

    /// ECH.
    pub(super) fn erase_chars(&mut self, n: usize) {
        let (line, col) = (self.screen.line(), self.screen.col());
        self.screen.clear_cells(line, col..(col + n).min(self.cols()));
    }

    /// ICH.
    pub(super) fn insert_chars(&mut self, n: usize) {
        let (line, col, cols) = (self.screen.line(), self.screen.col(), self.cols());
        let n = n.min(cols - col);
        let blank = Cell::from(self.screen.grid.cursor.template.bg);
        let cells = &mut self.screen.row_mut(line)[Column(col)..];
        cells.rotate_right(n);
        cells[..n].fill(blank);
        // Not unstyled: the mark of a wrapped row may have moved inwards.
        self.screen.touch(line, cols, Content::Narrow);
    }

    /// DCH.
    pub(super) fn delete_chars(&mut self, n: usize) {
        let (line, col, cols) = (self.screen.line(), self.screen.col(), self.cols());
        let n = n.min(cols - col);
        let blank = Cell::from(self.screen.grid.cursor.template.bg);
        let cells = &mut self.screen.row_mut(line)[Column(col)..];
        cells.rotate_left(n);
        cells[cols - col - n..].fill(blank);
        // Not unstyled: the mark of a wrapped row may have moved inwards.
        self.screen.touch(line, cols, Content::Narrow);
    }

    /// IL: only between the margins.
    pub(super) fn insert_lines(&mut self, n: usize) {
        let line = self.screen.line();
        if self.region.contains(&line) {
            let n = n.min(self.region.end - line);
            self.screen.scroll_down(line..self.region.end, n);
        }
    }

    /// DL: only between the margins. Deleted lines never go to the history, as in xterm.
    pub(super) fn delete_lines(&mut self, n: usize) {
        let line = self.screen.line();
        if self.region.contains(&line) {
            let n = n.min(self.region.end - line);
            self.screen.scroll_up(line..self.region.end, n);
        }
    }

    /// DECALN: no margins, the cursor home, the screen full of E.
    pub(super) fn alignment_test(&mut self) {
        self.region = 0..self.lines();
        self.switches.origin = false;
        self.screen.place_cursor(0, 0);
        let cols = self.cols();
        self.screen.work += cols * self.lines();
        for line in 0..self.lines() {
            self.screen.row_mut(line)[..].fill(Cell { c: 'E', ..Cell::default() });
            let note = &mut self.screen.notes[line];
            (note.extent, note.content, note.stale) = (cols, Content::Plain, true);
        }
        self.screen.changed = true;
    }
}
