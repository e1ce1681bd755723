//! Rows by what somebody wants to read: the screen, some of the history, what the last command wrote.

use std::ops::Range;
use std::sync::Arc;

use alacritty_terminal::index::Column;
use alacritty_terminal::term::cell::Flags;

use super::api::Engine;
use super::convert;
use crate::model::{Cursor, Row};

/// Most rows of one reading: some milliseconds of work.
pub const MOST_READ: u64 = 10_000;

/// Which rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    Screen,
    /// From the first to the last, both included: 0 is the screen's first row, -1 the one above it. Without a first, from
    /// the beginning of the history; without a last, to the end of the screen.
    Rows {
        first: Option<i64>,
        last: Option<i64>,
    },
    /// What the last command wrote, or has written so far.
    LastCommand,
}

/// Rows that were read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reading {
    pub rows: Vec<Arc<Row>>,
    /// There were more than [`MOST_READ`]: these are the last.
    pub cut: bool,
}

impl Engine {
    /// Reads rows. None for the last command's output where the shell does not mark its commands.
    pub fn read_rows(&mut self, extent: Extent) -> Option<Reading> {
        let history = self.history_rows();
        let end = history.end + u64::from(self.terminal.size.lines());
        let range = match extent {
            Extent::Screen => history.end..end,
            Extent::Rows { first, last } => {
                let row = |n: i64| history.end.saturating_add_signed(n).clamp(history.start, end);
                first.map_or(history.start, row)..last.map_or(end, |last| row(last.saturating_add(1)))
            }
            Extent::LastCommand => return self.read_command(),
        };
        let (range, cut) = bounded(range);
        Some(Reading { rows: self.rows(range, false), cut })
    }

    fn read_command(&mut self) -> Option<Reading> {
        let (from, to) = self.terminal.last_output()?;
        let first = from.row.max(self.terminal.history.rows().start);
        // A row of which nothing belongs to it is not part of it.
        let (range, cut) = bounded(first..to.row + u64::from(to.col > 0));
        let start = range.start;
        let mut rows = self.primary_rows(range);
        if let Some(row) = rows.last_mut().filter(|_| to.col > 0) {
            *row = Arc::new(row.part(0, u16::try_from(to.col).unwrap_or(u16::MAX)));
        }
        if let Some(row) = rows.first_mut().filter(|_| start == from.row && from.col > 0) {
            *row = Arc::new(row.part(u16::try_from(from.col).unwrap_or(u16::MAX), u16::MAX));
        }
        Some(Reading { rows, cut: cut || first > from.row })
    }

    /// Rows of the primary screen and its history, whichever screen shows.
    fn primary_rows(&mut self, range: Range<u64>) -> Vec<Arc<Row>> {
        if !self.terminal.alt {
            return self.rows(range, false);
        }
        let t = &self.terminal;
        let end = t.history.rows().end;
        let mut rows = Vec::new();
        t.history.visit(range.start..range.end.min(end), |_, cells, wrapped| {
            rows.push(Arc::new(convert::row(cells, wrapped, &t.links)));
        });
        let line = |row: u64| (row.max(end) - end).min(t.lines() as u64) as usize;
        for line in line(range.start)..line(range.end) {
            let cells = t.hidden.row(line);
            let wrapped = cells[Column(t.cols() - 1)].flags.contains(Flags::WRAPLINE);
            rows.push(Arc::new(convert::row(&cells[..Column(t.hidden.notes[line].extent)], wrapped, &t.links)));
        }
        rows
    }

    /// Where the cursor stands on the live screen, and how it looks.
    pub fn cursor(&self) -> Cursor {
        let t = &self.terminal;
        Cursor {
            line: t.screen.line() as u16,
            col: t.screen.col() as u16,
            shape: t.shape.shape,
            blink: t.shape.blink,
            visible: t.switches.cursor_visible,
        }
    }

    /// The text in the cursor's row, up to the cursor.
    pub fn text_before_cursor(&mut self) -> String {
        let Cursor { line, col, .. } = self.cursor();
        let row = self.history_rows().end + u64::from(line);
        self.rows(row..row + 1, false).first().map(|row| row.text(0, col)).unwrap_or_default()
    }

    /// Whether the alternate screen shows.
    pub fn is_alternate(&self) -> bool {
        self.terminal.alt
    }

    /// The number of the screen's first row.
    pub fn screen_row(&self) -> u64 {
        self.history_rows().end
    }

    /// How many rows of history lie above the screen that shows.
    pub fn history_len(&self) -> u64 {
        let history = self.history_rows();
        history.end - history.start
    }
}

/// The last rows of a range, as many as may be read.
fn bounded(range: Range<u64>) -> (Range<u64>, bool) {
    let start = range.start.max(range.end.saturating_sub(MOST_READ));
    (start..range.end, start > range.start)
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
