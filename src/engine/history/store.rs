//! The history of a session: the newest row as it is, and pages of packed lines.

use std::collections::VecDeque;
use std::ops::Range;

use alacritty_terminal::grid::Row as GridRow;
use alacritty_terminal::index::Column;
use alacritty_terminal::term::cell::{Cell, Flags};

use super::line::{Line, MAX_CELLS};
use super::pack::pack;
use super::page::{PAGE_BYTES, Page};
use crate::engine::terminal::{Content, RowNote, WIDE_OR_GAP, recycle};

/// Everything above the primary screen. Rows are numbered from the first row the session ever had; numbers hold until
/// the width changes.
#[derive(Debug, Clone)]
pub(in crate::engine) struct History {
    /// The newest row.
    pub(super) newest: Option<(GridRow<Cell>, RowNote)>,
    pub(super) pages: VecDeque<Page>,
    /// Where the first pages are kept outside, by the numbers that whoever keeps them gave them. Never the last page:
    /// it still changes.
    pub(super) kept: VecDeque<u64>,
    /// Lines at the beginning of the first page that are dropped already.
    pub(super) dropped: usize,
    pub(super) lines: usize,
    /// Lines that were dropped, ever: a line keeps its number when rows change theirs.
    pub(super) forgotten: u64,
    pub(super) cost: usize,
    /// The number of the first row kept.
    pub(super) first_row: u64,
    /// The number of the row behind the last packed one.
    pub(super) packed_end: u64,
    pub(super) cols: usize,
    pub(super) max_lines: usize,
    pub(super) max_cost: usize,
}

/// A place in the text: a line by its number and a cell of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::engine) struct Anchor {
    pub line: u64,
    pub cell: u64,
}

impl PartialEq for History {
    fn eq(&self, other: &Self) -> bool {
        // The newest row's note is made again, and limits are whoever's has the history.
        let cells = |h: &Self| h.newest.as_ref().map(|(row, _)| row.clone());
        let Self {
            newest: _,
            pages,
            kept: _,
            dropped,
            lines,
            forgotten,
            cost,
            first_row,
            packed_end,
            cols,
            max_lines: _,
            max_cost: _,
        } = self;
        cells(self) == cells(other)
            && (dropped, lines, forgotten, cost) == (&other.dropped, &other.lines, &other.forgotten, &other.cost)
            && (first_row, packed_end, cols) == (&other.first_row, &other.packed_end, &other.cols)
            && *pages == other.pages
    }
}

impl History {
    pub(in crate::engine) fn new(cols: usize, max_lines: usize, max_bytes: usize) -> Self {
        Self {
            newest: None,
            pages: VecDeque::new(),
            kept: VecDeque::new(),
            dropped: 0,
            lines: 0,
            forgotten: 0,
            cost: 0,
            first_row: 0,
            packed_end: 0,
            cols,
            max_lines,
            max_cost: max_bytes,
        }
    }

    /// Other limits from now on.
    pub(in crate::engine) fn set_limits(&mut self, max_lines: usize, max_bytes: usize) {
        (self.max_lines, self.max_cost) = (max_lines, max_bytes);
        self.keep_to_limits();
    }

    /// The numbers of the rows it has; the screen's first row is the one behind.
    pub(in crate::engine) fn rows(&self) -> Range<u64> {
        self.first_row..self.packed_end + u64::from(self.newest.is_some())
    }

    /// Takes a row that leaves the screen at its top, and leaves a default blank one in its place.
    pub(in crate::engine) fn push(&mut self, row: &mut GridRow<Cell>, note: RowNote) {
        match self.newest.take() {
            Some((mut older, old_note)) => {
                self.pack_row(&mut older, &old_note);
                recycle(&mut older, &old_note);
                std::mem::swap(row, &mut older);
                self.newest = Some((older, note));
                self.keep_to_limits();
            }
            None => self.newest = Some((std::mem::replace(row, GridRow::new(self.cols)), note)),
        }
    }

    /// The wide character at the beginning of the screen is gone: the gap it left at the end of the row above closes.
    pub(in crate::engine) fn close_gap(&mut self) {
        if let Some((row, note)) = &mut self.newest
            && let Some(cell) = row.last_mut()
        {
            cell.flags.remove(Flags::LEADING_WIDE_CHAR_SPACER);
            note.touch(self.cols, Content::Plain);
        }
    }

    /// Forgets everything. Numbers go on.
    pub(in crate::engine) fn clear(&mut self) {
        let end = self.rows().end;
        *self = Self::new(self.cols, self.max_lines, self.max_cost);
        (self.first_row, self.packed_end) = (end, end);
    }

    fn pack_row(&mut self, row: &mut GridRow<Cell>, note: &RowNote) {
        let goes_on = row[Column(self.cols - 1)].flags.contains(Flags::WRAPLINE);
        let used = &row[..Column(note.extent)];
        let len = if goes_on {
            self.cols
        } else if note.content >= Content::Unstyled {
            used.iter().rposition(|cell| cell.c != ' ').map_or(0, |i| i + 1)
        } else {
            let blank = Cell::default();
            used.iter().rposition(|cell| *cell != blank).map_or(0, |i| i + 1)
        };
        if goes_on && let Some(last) = row.last_mut() {
            last.flags.remove(Flags::WRAPLINE);
        }
        let cells = &row[..Column(len)];
        let wide = note.content < Content::Narrow && cells.iter().any(|cell| cell.flags.intersects(WIDE_OR_GAP));
        self.append(cells, note.content, wide, goes_on);
    }

    fn append(&mut self, cells: &[Cell], content: Content, wide: bool, goes_on: bool) {
        let cols = self.cols;
        let open = |line: &Line| {
            line.goes_on && usize::from(line.cols) == cols && line.cells as usize + cells.len() <= MAX_CELLS
        };
        let more = self.pages.back().and_then(|page| page.lines.last()).is_some_and(open);
        if !more && self.pages.back().is_none_or(|page| page.cost() >= PAGE_BYTES) {
            self.pages.push_back(Page::default());
        }
        let Some(page) = self.pages.back_mut() else { return };
        // A row that another one wrapped into counts even if nothing is left in it.
        let blank = [Cell::default()];
        let cells = if more && cells.is_empty() { &blank } else { cells };
        let before = page.cost();
        self.packed_end += 1;
        if !more {
            let (at, cols, end_row) = (page.bytes.len() as u32, cols as u16, self.packed_end);
            page.lines.push(Line { at, cells: 0, cols, wide: false, goes_on, end_row });
            self.lines += 1;
        }
        pack(cells, content, !more, &mut page.bytes, &mut page.extras);
        if let Some(line) = page.lines.last_mut() {
            line.cells += cells.len() as u32;
            line.wide |= wide;
            line.goes_on = goes_on;
            line.end_row = self.packed_end;
        }
        self.cost += page.cost() - before;
    }

    fn keep_to_limits(&mut self) {
        while self.lines > self.max_lines || self.cost > self.max_cost {
            let Some(page) = self.pages.front() else { break };
            let Some(line) = page.lines.get(self.dropped) else { break };
            self.first_row = line.end_row;
            self.dropped += 1;
            self.forgotten += 1;
            self.lines -= 1;
            if self.dropped == page.lines.len() {
                self.cost -= page.cost();
                self.pages.pop_front();
                self.kept.pop_front();
                self.dropped = 0;
            }
        }
    }

    /// Takes the newest rows out again, wrapped at the present width: at least `want` of them if there are as many,
    /// whole lines, about `most` at the utmost. Top to bottom, each as wide as the screen.
    pub(in crate::engine) fn take_back(&mut self, want: usize, most: usize) -> Vec<Vec<Cell>> {
        let mut rows: VecDeque<Vec<Cell>> = VecDeque::new();
        if let Some((mut row, _)) = self.newest.take() {
            rows.push_front(row.front_split_off(self.cols));
        }
        loop {
            let floor = if self.pages.len() == 1 { self.dropped } else { 0 };
            let Some(page) = self.pages.back_mut() else { break };
            let Some(line) = page.lines.last().filter(|_| page.lines.len() > floor) else { break };
            let inside = rows.front().is_some() && line.goes_on;
            if (rows.len() >= want && !inside) || rows.len() + line.cells as usize / self.cols > most {
                break;
            }
            let before = page.cost();
            let mut cells = page.unpack(page.lines.len() - 1);
            let Some(line) = page.lines.pop() else { break };
            page.bytes.truncate(line.at as usize);
            self.cost -= before - page.cost();
            self.lines -= 1;
            let ranges = line.wrap(&mut cells, self.cols);
            self.packed_end -= ranges.len() as u64;
            let last = ranges.len() - 1;
            for (i, range) in ranges.into_iter().enumerate().rev() {
                rows.push_front(full_row(&cells[range], self.cols, i < last || line.goes_on));
            }
            if page.lines.len() == floor {
                // Nothing is left but the side table and lines that are dropped, which must not go on with new rows.
                self.cost -= page.cost();
                self.pages.pop_back();
            }
        }
        if self.pages.is_empty() {
            self.dropped = 0;
        }
        // What is the last page now has changed, or will.
        self.kept.truncate(self.pages.len().saturating_sub(1));
        rows.into()
    }

    /// From now on rows have this many cells. Row numbers change.
    pub(in crate::engine) fn set_cols(&mut self, cols: usize) {
        self.cols = cols;
        let mut end = self.first_row;
        for (p, page) in self.pages.iter_mut().enumerate() {
            let dropped = if p == 0 { self.dropped } else { 0 };
            for i in dropped..page.lines.len() {
                let rows = page.lines[i].rows(cols);
                let rows = rows.unwrap_or_else(|| page.lines[i].wrap(&mut page.unpack(i), cols).len());
                end += rows as u64;
                page.lines[i].end_row = end;
            }
        }
        self.packed_end = end;
    }

    /// The text at the beginning of a row, by numbers that hold when the width changes.
    pub(in crate::engine) fn anchor(&self, row: u64) -> Anchor {
        let row = row.max(self.first_row);
        let page_index = self.pages.partition_point(|p| p.lines.last().is_none_or(|l| l.end_row <= row));
        let line_index = self.pages.get(page_index).map_or(0, |p| p.lines.partition_point(|l| l.end_row <= row));
        let before: usize = self.pages.range(..page_index).map(|p| p.lines.len()).sum();
        let line = self.forgotten + (before + line_index).saturating_sub(self.dropped) as u64;
        Anchor { line, cell: (row - self.start_of(page_index, line_index)) * self.cols as u64 }
    }

    /// The number of the row behind the last packed one.
    pub(in crate::engine) fn packed_end(&self) -> u64 {
        self.packed_end
    }

    /// The place that the row behind the last packed one begins with, whoever has it.
    pub(in crate::engine) fn end(&self) -> Anchor {
        let next = Anchor { line: self.forgotten + self.lines as u64, cell: 0 };
        let open = |line: &&Line| line.goes_on && usize::from(line.cols) == self.cols;
        match self.pages.back().and_then(|page| page.lines.last()).filter(open) {
            Some(_) if self.lines > 0 => {
                let page = self.pages.len() - 1;
                let start = self.start_of(page, self.pages[page].lines.len() - 1);
                Anchor { line: next.line - 1, cell: (self.packed_end - start) * self.cols as u64 }
            }
            _ => next,
        }
    }

    /// Whether the text of each row that is not packed goes on in the next.
    pub(in crate::engine) fn unpacked_wraps(&self) -> Option<bool> {
        self.newest.as_ref().map(|(row, _)| row[Column(self.cols - 1)].flags.contains(Flags::WRAPLINE))
    }

    /// The row that the text at an anchor stands in now, or the nearest there is.
    pub(in crate::engine) fn row_of(&self, anchor: Anchor) -> u64 {
        let Some(index) = anchor.line.checked_sub(self.forgotten) else { return self.first_row };
        let mut index = index as usize + self.dropped;
        for (page_index, page) in self.pages.iter().enumerate() {
            if let Some(line) = page.lines.get(index) {
                let start = self.start_of(page_index, index);
                return (start + anchor.cell / self.cols as u64).min(line.end_row.saturating_sub(1));
            }
            index -= page.lines.len();
        }
        self.packed_end
    }

    /// The number of a line's first row.
    pub(super) fn start_of(&self, page: usize, line: usize) -> u64 {
        let first = if page == 0 { self.dropped } else { 0 };
        match line.checked_sub(1).filter(|before| *before >= first) {
            Some(before) => self.pages[page].lines[before].end_row,
            None if page == 0 => self.first_row,
            None => self.pages[page - 1].lines.last().map_or(self.first_row, |line| line.end_row),
        }
    }

    /// Shows the rows of a range to `visit`, in order: number, cells (maybe fewer than a row has), and whether the text
    /// goes on in the next row.
    pub(in crate::engine) fn visit(&self, range: Range<u64>, mut visit: impl FnMut(u64, &[Cell], bool)) {
        let mut at = range.start.max(self.first_row);
        let page_of = |row| self.pages.partition_point(|p| p.lines.last().is_none_or(|l| l.end_row <= row));
        let mut page_index = page_of(at);
        let mut line_index = self.pages.get(page_index).map_or(0, |p| p.lines.partition_point(|l| l.end_row <= at));
        while at < range.end.min(self.packed_end) {
            let Some(page) = self.pages.get(page_index) else { break };
            let Some(line) = page.lines.get(line_index) else {
                (page_index, line_index) = (page_index + 1, 0);
                continue;
            };
            let mut cells = page.unpack(line_index);
            let rows = line.wrap(&mut cells, self.cols);
            let first = line.end_row - rows.len() as u64;
            let last = rows.len() - 1;
            for (i, cut) in rows.into_iter().enumerate().skip((at - first) as usize) {
                if at < range.end {
                    visit(at, &cells[cut], i < last || line.goes_on);
                    at += 1;
                }
            }
            line_index += 1;
        }
        if let Some((row, note)) = &self.newest
            && at < range.end
            && at == self.packed_end
        {
            let wrapped = row[Column(self.cols - 1)].flags.contains(Flags::WRAPLINE);
            visit(at, &row[..Column(note.extent)], wrapped);
        }
    }
}

/// A row of the grid from cells of a packed line.
fn full_row(cells: &[Cell], cols: usize, wrapped: bool) -> Vec<Cell> {
    let mut row = cells.to_vec();
    // A line that was cut at its utmost length may end anywhere in its last row: there the text is broken.
    let wrapped = wrapped && row.len() + 1 >= cols;
    let gap = wrapped && row.len() < cols;
    row.resize(cols, Cell::default());
    if gap {
        row[cols - 1].flags.insert(Flags::LEADING_WIDE_CHAR_SPACER);
    }
    if wrapped {
        row[cols - 1].flags.insert(Flags::WRAPLINE);
    }
    row
}

impl History {
    /// What its lines count against the budget, in bytes.
    pub(in crate::engine) fn cost(&self) -> usize {
        self.cost
    }
}

#[cfg(test)]
impl History {
    /// What it says of its pages, counted.
    pub(in crate::engine) fn assert_counts(&self, what: &str) {
        let first = self.pages.front().map_or(1, |page| page.lines.len());
        assert!(self.dropped < first, "{what}: a page of dropped lines");
        let lines = self.pages.iter().map(|page| page.lines.len()).sum::<usize>() - self.dropped;
        let cost = self.pages.iter().map(Page::cost).sum::<usize>();
        assert!(self.kept.len() <= self.pages.len().saturating_sub(1), "{what}: a page that still changes is kept");
        assert_eq!((self.lines, self.cost), (lines, cost), "{what}: lines and cost of the history");
    }
}
