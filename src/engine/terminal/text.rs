//! Printing: runs of equal width are written as slices; anything odd (halves of wide characters in the way, insert mode,
//! marks) goes one character at a time.

use alacritty_terminal::index::{Column, Line};
use alacritty_terminal::term::cell::{Cell, Flags};
use alacritty_terminal::vte::ansi::StandardCharset;

use super::note::{Content, WIDE, content_of};
use super::state::Terminal;
use super::width::width as width_of;

/// Most combining marks on one cell; further ones are dropped (mosh keeps 32, ghostty 64).
pub(in crate::engine) const MAX_MARKS: usize = 16;

impl Terminal {
    /// Prints ASCII 0x20 to 0x7e.
    pub(super) fn print_ascii(&mut self, run: &[u8]) {
        let Some(&last) = run.last() else { return };
        self.last_char = Some(char::from(last));
        let set = self.charset();
        if self.switches.insert {
            run.iter().for_each(|&b| self.print_one(char::from(b), 1));
        } else if set == StandardCharset::Ascii {
            self.print_narrow(run.len(), true, |i| char::from(run[i]));
        } else {
            self.print_narrow(run.len(), false, |i| set.map(char::from(run[i])));
        }
    }

    /// Prints any text; controls in it print nothing.
    pub(super) fn print_text(&mut self, mut run: &[char]) {
        while let Some(&first) = run.first() {
            let width = width_of(first);
            let len = run.iter().position(|&c| width_of(c) != width).unwrap_or(run.len());
            let (batch, rest) = run.split_at(len);
            if let Some(width) = width {
                self.print_batch(batch, width);
            }
            run = rest;
        }
    }

    fn print_batch(&mut self, batch: &[char], width: usize) {
        let Some(&last) = batch.last() else { return };
        self.last_char = Some(last);
        let set = self.charset();
        match width {
            0 => batch.iter().for_each(|&c| self.combine(c)),
            _ if self.switches.insert => batch.iter().for_each(|&c| self.print_one(c, width)),
            1 if set == StandardCharset::Ascii => self.print_narrow(batch.len(), false, |i| batch[i]),
            1 => self.print_narrow(batch.len(), false, |i| set.map(batch[i])),
            _ => self.print_wide(batch),
        }
    }

    /// REP: prints the last character again, as often as it fits into the line.
    pub(super) fn repeat(&mut self, count: usize) {
        let Some(c) = self.last_char else { return };
        let width = width_of(c).unwrap_or(0);
        let wraps = self.screen.grid.cursor.input_needs_wrap && self.switches.autowrap;
        let room = if wraps { self.cols() } else { self.cols() - self.screen.col() };
        for _ in 0..count.min((room / width.max(1)).max(1)) {
            match width {
                0 => self.combine(c),
                _ => self.print_one(c, width),
            }
        }
    }

    /// Narrow characters, already mapped through the character set.
    #[inline]
    fn print_narrow(&mut self, len: usize, ascii: bool, get: impl Fn(usize) -> char) {
        let cols = self.cols();
        let mut at = 0;
        while at < len {
            if self.screen.grid.cursor.input_needs_wrap {
                if !self.switches.autowrap {
                    // Every character lands in the last column; the first one clears what was there, the last one stays.
                    self.put(get(at), Flags::empty());
                    self.put(get(len - 1), Flags::empty());
                    return;
                }
                self.wrap();
            }
            let room = (cols - self.screen.col()).min(len - at);
            let mut done = self.fill_narrow(room, ascii, |i| get(at + i));
            if done == 0 {
                self.put(get(at), Flags::empty());
                done = 1;
            }
            self.advance(done);
            at += done;
        }
    }

    /// Writes up to `n` narrow cells from the cursor on and stops before the first half of a wide character.
    #[inline]
    fn fill_narrow(&mut self, mut n: usize, ascii: bool, get: impl Fn(usize) -> char) -> usize {
        let (line, col) = (self.screen.line(), self.screen.col());
        let grid = &mut self.screen.grid;
        let Cell { fg, bg, flags, ref extra, .. } = grid.cursor.template;
        let content = content_of(&grid.cursor.template).min(if ascii { Content::Plain } else { Content::Unstyled });
        let extra = extra.clone();
        let note = &mut self.screen.notes[line];
        let row = &mut grid[Line(line as i32)][Column(col)..Column(col + n)];
        if note.content >= Content::Narrow && extra.is_none() {
            for (i, cell) in row.iter_mut().enumerate() {
                (cell.c, cell.fg, cell.bg, cell.flags) = (get(i), fg, bg, flags);
            }
        } else {
            n = row.iter().position(|cell| cell.flags.intersects(WIDE)).unwrap_or(n);
            for (i, cell) in row[..n].iter_mut().enumerate() {
                (cell.c, cell.fg, cell.bg, cell.flags) = (get(i), fg, bg, flags);
                if cell.extra.is_some() || extra.is_some() {
                    cell.extra.clone_from(&extra);
                }
            }
        }
        if n > 0 {
            note.touch(col + n, content);
            self.screen.changed = true;
        }
        n
    }

    /// Characters two cells wide.
    fn print_wide(&mut self, batch: &[char]) {
        let cols = self.cols();
        let mut at = 0;
        while at < batch.len() {
            if self.screen.grid.cursor.input_needs_wrap && self.switches.autowrap {
                self.wrap();
            }
            let col = self.screen.col();
            let due = self.screen.grid.cursor.input_needs_wrap;
            let pairs = if due { 0 } else { ((cols - col) / 2).min(batch.len() - at) };
            let done = self.fill_wide(&batch[at..at + pairs]);
            if done == 0 {
                self.print_one(batch[at], 2);
                at += 1;
            } else {
                self.advance(2 * done);
                at += done;
            }
        }
    }

    /// Writes wide characters from the cursor on and stops before the first half of one that stands there already.
    fn fill_wide(&mut self, chars: &[char]) -> usize {
        let (line, col) = (self.screen.line(), self.screen.col());
        let grid = &mut self.screen.grid;
        let Cell { fg, bg, flags, ref extra, .. } = grid.cursor.template;
        let extra = extra.clone();
        let row = &mut grid[Line(line as i32)][Column(col)..Column(col + 2 * chars.len())];
        let content = self.screen.notes[line].content;
        let taken = |cell: &Cell| cell.flags.intersects(WIDE);
        let free = if content >= Content::Narrow { None } else { row.iter().position(taken) };
        let pairs = free.unwrap_or(row.len()) / 2;
        for (pair, &c) in row.chunks_exact_mut(2).zip(&chars[..pairs]) {
            let [first, second] = pair else { continue };
            (first.c, first.fg, first.bg, first.flags) = (c, fg, bg, flags | Flags::WIDE_CHAR);
            (second.c, second.fg, second.bg, second.flags) = (' ', fg, bg, flags | Flags::WIDE_CHAR_SPACER);
            if content == Content::Any || extra.is_some() {
                first.extra.clone_from(&extra);
                second.extra.clone_from(&extra);
            }
        }
        if pairs > 0 {
            let content = if extra.is_some() { Content::Any } else { Content::Bare };
            self.screen.touch(line, col + 2 * pairs, content);
        }
        pairs
    }

    /// One character of width 1 or 2, with everything that can be in its way.
    fn print_one(&mut self, c: char, width: usize) {
        let cols = self.cols();
        if self.screen.grid.cursor.input_needs_wrap && self.switches.autowrap {
            self.wrap();
        }
        if self.switches.insert && self.screen.col() + width < cols {
            self.shift_right(width);
        }
        let c = self.charset().map(c);
        if width == 1 {
            self.put(c, Flags::empty());
            self.advance(1);
            return;
        }
        if self.screen.col() + 1 >= cols {
            if !self.switches.autowrap {
                self.screen.grid.cursor.input_needs_wrap = true;
                return;
            }
            // It does not fit: the last column stays empty, and says so to the reflow.
            self.put(' ', Flags::LEADING_WIDE_CHAR_SPACER);
            self.wrap();
        }
        self.put(c, Flags::WIDE_CHAR);
        self.screen.grid.cursor.point.column += 1;
        self.put(' ', Flags::WIDE_CHAR_SPACER);
        self.advance(1);
    }

    /// IRM: makes room for a character of this width at the cursor. Cells are swapped and not copied, because what ends
    /// up under the new character decides what its wide neighbours lose.
    fn shift_right(&mut self, width: usize) {
        let (line, col, cols) = (self.screen.line(), self.screen.col(), self.cols());
        let row = &mut self.screen.row_mut(line)[..];
        for at in (col..cols - width).rev() {
            row.swap(at + width, at);
        }
        // Not unstyled: the mark of a wrapped row may have moved inwards.
        self.screen.touch(line, cols, Content::Narrow);
    }

    /// Moves the cursor behind `n` cells just written in its line.
    #[inline]
    fn advance(&mut self, n: usize) {
        let last = self.cols() - 1;
        let cursor = &mut self.screen.grid.cursor;
        let col = cursor.point.column.0 + n;
        cursor.input_needs_wrap = col > last;
        cursor.point.column = Column(col.min(last));
    }

    /// Goes on in the next line, which belongs to the same line of text.
    fn wrap(&mut self) {
        let line = self.screen.line();
        self.screen.grid.cursor_cell().flags.insert(Flags::WRAPLINE);
        self.screen.touch(line, self.screen.col() + 1, Content::Plain);
        if line + 1 >= self.region.end {
            self.line_feed();
        } else {
            self.screen.grid.cursor.point.line += 1;
        }
        self.screen.grid.cursor.point.column = Column(0);
        self.screen.grid.cursor.input_needs_wrap = false;
    }

    /// Writes one cell at the cursor; of a wide character there, the other half goes too.
    fn put(&mut self, c: char, half: Flags) {
        let (line, col) = (self.screen.line(), self.screen.col());
        if self.screen.row(line)[Column(col)].flags.intersects(WIDE) {
            self.free_cell(line, col);
        }
        let mut cell = self.screen.grid.cursor.template.clone();
        cell.c = c;
        cell.flags |= half;
        let content = content_of(&cell);
        self.screen.row_mut(line)[Column(col)] = cell;
        self.screen.touch(line, col + 1, content);
    }

    /// Undoes the wide character that the cell is half of, and the gap at the end of the row above that it left there.
    fn free_cell(&mut self, line: usize, col: usize) {
        let last = self.cols() - 1;
        let wide = self.screen.row(line)[Column(col)].flags.contains(Flags::WIDE_CHAR);
        if wide && col < last {
            self.screen.row_mut(line)[Column(col + 1)].flags.remove(Flags::WIDE_CHAR_SPACER);
            self.screen.touch(line, col + 2, Content::Plain);
        } else if col > 0 {
            self.screen.row_mut(line)[Column(col - 1)].clear_wide();
            self.screen.touch(line, col, Content::Plain);
        }
        if col > 1 {
            return;
        }
        if line > 0 {
            self.screen.row_mut(line - 1)[Column(last)].flags.remove(Flags::LEADING_WIDE_CHAR_SPACER);
            self.screen.touch(line - 1, last + 1, Content::Plain);
        } else if !self.alt {
            self.history.close_gap();
        }
    }

    /// Puts a mark on the character before the cursor.
    fn combine(&mut self, mark: char) {
        let line = self.screen.line();
        let mut col = self.screen.col();
        if !self.screen.grid.cursor.input_needs_wrap {
            col = col.saturating_sub(1);
        }
        if self.screen.row(line)[Column(col)].flags.contains(Flags::WIDE_CHAR_SPACER) {
            col = col.saturating_sub(1);
        }
        let cell = &mut self.screen.row_mut(line)[Column(col)];
        if cell.zerowidth().is_some_and(|marks| marks.len() >= MAX_MARKS) {
            return;
        }
        cell.push_zerowidth(mark);
        self.screen.touch(line, col + 1, Content::Any);
    }
}
