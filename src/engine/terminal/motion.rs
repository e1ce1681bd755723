//! Moving the cursor, and the scrolling that it brings. Margins stop the cursor as in xterm.

use super::note::RowNote;
use super::state::Terminal;

impl Terminal {
    /// CUU, also CPL's first half: stops at the top margin when the cursor stands at or below it.
    pub(super) fn move_up(&mut self, n: usize) {
        let line = self.screen.line();
        let top = if line >= self.region.start { self.region.start } else { 0 };
        self.screen.place_cursor(line.saturating_sub(n).max(top), self.screen.col());
    }

    /// CUD, also CNL's first half: stops at the bottom margin when the cursor stands at or above it.
    pub(super) fn move_down(&mut self, n: usize) {
        let line = self.screen.line();
        let bottom = if line < self.region.end { self.region.end } else { self.lines() } - 1;
        self.screen.place_cursor((line + n).min(bottom), self.screen.col());
    }

    /// CUF.
    pub(super) fn move_right(&mut self, n: usize) {
        let col = (self.screen.col() + n).min(self.cols() - 1);
        self.screen.place_cursor(self.screen.line(), col);
    }

    /// CUB.
    pub(super) fn move_left(&mut self, n: usize) {
        self.screen.place_cursor(self.screen.line(), self.screen.col().saturating_sub(n));
    }

    /// CUP: a line and a column from 0; with DECOM the line counts from the top margin and ends at the bottom one.
    pub(super) fn go_to(&mut self, line: usize, col: usize) {
        let (top, end) = if self.switches.origin { (self.region.start, self.region.end) } else { (0, self.lines()) };
        self.screen.place_cursor((top + line).min(end - 1), col.min(self.cols() - 1));
    }

    /// VPA: as CUP, in the same column.
    pub(super) fn go_to_line(&mut self, line: usize) {
        self.go_to(line, self.screen.col());
    }

    /// CHA, HPA.
    pub(super) fn go_to_col(&mut self, col: usize) {
        self.screen.place_cursor(self.screen.line(), col.min(self.cols() - 1));
    }

    pub(super) fn carriage_return(&mut self) {
        self.go_to_col(0);
    }

    pub(super) fn backspace(&mut self) {
        if self.screen.col() > 0 {
            self.move_left(1);
        }
    }

    /// LF, VT, FF with LNM's effect.
    pub(super) fn line_feed_key(&mut self) {
        self.line_feed();
        if self.switches.newline {
            self.carriage_return();
        }
    }

    /// IND: one line down in the same column; at the bottom margin the region scrolls. A wrap that is due stays due.
    pub(super) fn line_feed(&mut self) {
        let next = self.screen.line() + 1;
        if next == self.region.end {
            self.scroll_up(1);
        } else if next < self.lines() {
            self.screen.grid.cursor.point.line += 1;
        }
    }

    /// RI: one line up; at the top margin the region scrolls down.
    pub(super) fn reverse_line_feed(&mut self) {
        let line = self.screen.line();
        if line == self.region.start {
            self.scroll_down(1);
        } else if line > 0 {
            self.screen.grid.cursor.point.line -= 1;
        }
    }

    /// HT and CHT: `n` tab stops on, at most to the last column. It prints nothing, and a wrap that is due stays due.
    pub(super) fn tab(&mut self, n: usize) {
        let col = self.tabs.right_of(self.screen.col(), n);
        self.screen.grid.cursor.point.column.0 = col;
    }

    /// CBT.
    pub(super) fn back_tab(&mut self, n: usize) {
        let col = self.tabs.left_of(self.screen.col(), n);
        self.screen.place_cursor(self.screen.line(), col);
    }

    /// SU, and what a line feed at the bottom margin does: rows that leave at the top of the primary screen go to the
    /// history.
    pub(super) fn scroll_up(&mut self, n: usize) {
        let region = self.region.clone();
        let n = n.min(region.len());
        if region.start == 0 && !self.alt {
            self.leave(n);
        }
        self.screen.scroll_up(region, n);
    }

    /// SD.
    pub(super) fn scroll_down(&mut self, n: usize) {
        let region = self.region.clone();
        let n = n.min(region.len());
        self.screen.scroll_down(region, n);
    }

    /// Hands the first `n` rows of the primary screen to the history and leaves blank ones in their place, which the
    /// caller scrolls out.
    pub(super) fn leave(&mut self, n: usize) {
        self.screen.work += n * self.cols();
        for line in 0..n {
            let note = std::mem::replace(&mut self.screen.notes[line], RowNote::BLANK);
            self.history.push(self.screen.row_mut(line), note);
        }
    }

    /// DECSTBM: lines from 1, both included; 0 is the default. Margins of less than two lines are ignored, as in xterm.
    pub(super) fn set_margins(&mut self, top: usize, bottom: usize) {
        let top = top.max(1);
        let bottom = if bottom == 0 { self.lines() } else { bottom.min(self.lines()) };
        if top < bottom || (top, bottom) == (1, self.lines()) {
            self.region = top - 1..bottom;
            self.go_to(0, 0);
        }
    }
}
