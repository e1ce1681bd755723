//! One row of a screen as it travels from the host to whoever shows it.

use std::sync::Arc;

use super::cell::{Cell, Width};

/// One row of a screen. Blank cells at its end are left out, so `cells` may be shorter than the screen is wide; a row
/// is immutable once it is shared.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Row {
    /// From column 0 on; never ends in [`Cell::BLANK`] and is never longer than the screen is wide.
    pub cells: Vec<Cell>,
    /// What combines with the character of a column (accents, variation selectors, joined emoji), ascending.
    pub marks: Vec<(u16, Box<str>)>,
    /// Hyperlinks (OSC 8): first column, column behind the last, target. Ascending, without overlap.
    pub links: Vec<(u16, u16, Arc<str>)>,
    /// The text goes on in the next row without a line break between.
    pub wrapped: bool,
}

impl Row {
    /// The cell of a column; blank beyond the row's end.
    pub fn cell(&self, col: u16) -> Cell {
        self.cells.get(usize::from(col)).copied().unwrap_or_default()
    }

    /// What combines with the character of a column, if anything does.
    pub fn marks_at(&self, col: u16) -> Option<&str> {
        let i = self.marks.binary_search_by_key(&col, |(c, _)| *c).ok()?;
        Some(&self.marks[i].1)
    }

    /// The target of the hyperlink that a column is part of.
    pub fn link_at(&self, col: u16) -> Option<&Arc<str>> {
        self.links.iter().find(|(from, to, _)| (*from..*to).contains(&col)).map(|(_, _, uri)| uri)
    }

    /// Drops the blank cells at the end.
    pub fn trim(&mut self) {
        let keep = self.cells.iter().rposition(|c| *c != Cell::BLANK).map_or(0, |i| i + 1);
        self.cells.truncate(keep);
    }

    /// The columns `from` up to and without `to`, as a row of their own.
    pub fn part(&self, from: u16, to: u16) -> Self {
        let end = usize::from(to).min(self.cells.len());
        let mut row = Self {
            cells: self.cells.get(usize::from(from)..end).unwrap_or_default().to_vec(),
            wrapped: self.wrapped && end == self.cells.len(),
            ..Self::default()
        };
        let inside = |col: &u16| (from..to).contains(col);
        let marks = self.marks.iter().filter(|(col, _)| inside(col));
        row.marks = marks.map(|(col, mark)| (col - from, mark.clone())).collect();
        let links = self.links.iter().map(|(a, b, uri)| ((*a).max(from), (*b).min(to), uri));
        row.links = links.filter(|(a, b, _)| a < b).map(|(a, b, uri)| (a - from, b - from, Arc::clone(uri))).collect();
        row.trim();
        row
    }

    /// Whether the last column of this wrapped row, on a screen `cols` wide, is empty only because a wide character did
    /// not fit into it.
    pub fn is_gap(&self, next: Option<&Self>, cols: u16) -> bool {
        self.cells.len() < usize::from(cols) && next.is_some_and(|next| next.cell(0).width == Width::Wide)
    }

    /// How many blanks at the end of this wrapped row, from the column `start` on, are part of the text and left out of
    /// the row.
    pub fn missing(&self, next: Option<&Self>, start: u16, cols: u16) -> usize {
        let end = usize::from(cols) - usize::from(self.is_gap(next, cols));
        end.saturating_sub(self.cells.len().max(usize::from(start)))
    }

    /// The text of rows that follow each other on a screen `cols` wide: a line a row, without the blanks at its end. With
    /// `join`, rows that wrap are one line.
    pub fn lines(rows: &[&Self], cols: u16, join: bool) -> String {
        let mut out = String::new();
        for (i, row) in rows.iter().enumerate() {
            let next = rows.get(i + 1).copied();
            let text = row.text(0, cols);
            if join && row.wrapped && next.is_some() {
                out.push_str(&text);
                out.extend(std::iter::repeat_n(' ', row.missing(next, 0, cols)));
            } else {
                out.push_str(text.trim_end_matches(' '));
                out.push('\n');
            }
        }
        out
    }

    /// The text of the columns `from` up to and without `to`, without blanks beyond the row's end.
    pub fn text(&self, from: u16, to: u16) -> String {
        let mut out = String::new();
        for (col, cell) in self.cells.iter().enumerate().take(usize::from(to)).skip(usize::from(from)) {
            if cell.width == Width::Spacer {
                continue;
            }
            out.push(cell.ch);
            if let Some(marks) = self.marks_at(col as u16) {
                out.push_str(marks);
            }
        }
        out
    }
}

impl From<&str> for Row {
    /// A row of narrow, plain characters, for tests and for lines that synk itself writes.
    fn from(text: &str) -> Self {
        let mut row = Self { cells: text.chars().map(|ch| Cell { ch, ..Cell::BLANK }).collect(), ..Self::default() };
        row.trim();
        row
    }
}
