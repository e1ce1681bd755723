//! The text of packed lines, without making cells of it: what a search goes through.

use std::ops::Range;

use super::line::{Line, MAX_CELLS};
use super::store::History;
use super::unpack::unpack_text;

/// Where a packed line is: its page and its number there.
type At = (usize, usize);

/// Whether the next packed line is more of the same line of text, as happens where the width changed in its middle. One
/// that was cut at its utmost length ends there.
fn joins(line: &Line) -> bool {
    line.goes_on && line.cells as usize + usize::from(line.cols) <= MAX_CELLS
}

impl History {
    /// The rows of the line of text that a packed row is part of, as far as they are packed; its text is appended to
    /// `out`. `None` for a row that is not packed.
    pub(in crate::engine) fn line_text(&self, row: u64, out: &mut String) -> Option<Range<u64>> {
        let first = self.line_start(self.at(row)?);
        let mut at = first;
        loop {
            let page = self.pages.get(at.0)?;
            unpack_text(page.packed(at.1), &page.extras, out);
            let line = page.lines.get(at.1)?;
            match self.after(at).filter(|_| joins(line)) {
                Some(next) => at = next,
                None => return Some(self.start_of(first.0, first.1)..line.end_row),
            }
        }
    }

    /// Where the text begins that is not packed, or is packed in part only: everything above are whole lines.
    pub(in crate::engine) fn whole_end(&self) -> u64 {
        let last =
            self.pages.len().checked_sub(1).zip(self.pages.back().and_then(|page| page.lines.len().checked_sub(1)));
        let open = |at: &At| self.lines > 0 && joins(&self.pages[at.0].lines[at.1]);
        last.filter(open).map_or(self.packed_end, |at| {
            let (page, line) = self.line_start(at);
            self.start_of(page, line)
        })
    }

    fn at(&self, row: u64) -> Option<At> {
        let row = row.max(self.first_row);
        let page = self.pages.partition_point(|p| p.lines.last().is_none_or(|l| l.end_row <= row));
        let lines = &self.pages.get(page)?.lines;
        Some((page, lines.partition_point(|l| l.end_row <= row)))
    }

    fn after(&self, (page, line): At) -> Option<At> {
        if line + 1 < self.pages.get(page)?.lines.len() {
            return Some((page, line + 1));
        }
        self.pages.get(page + 1).filter(|next| !next.lines.is_empty()).map(|_| (page + 1, 0))
    }

    /// The first packed line of the line of text that this one is part of.
    fn line_start(&self, mut at: At) -> At {
        loop {
            let floor = if at.0 == 0 { self.dropped } else { 0 };
            let before = match at {
                (page, line) if line > floor => (page, line - 1),
                (page, _) if page > 0 => match self.pages[page - 1].lines.len().checked_sub(1) {
                    Some(line) if page > 1 || line >= self.dropped => (page - 1, line),
                    _ => return at,
                },
                _ => return at,
            };
            if !joins(&self.pages[before.0].lines[before.1]) {
                return at;
            }
            at = before;
        }
    }
}
