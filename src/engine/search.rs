//! Search in the text of the screen and the history: rows that wrap are one line, and what is packed is read as text, not
//! as cells. One call does a bounded piece of work and says from where to go on.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use alacritty_terminal::index::Column;
use alacritty_terminal::term::cell::{Cell, Flags};
use regex::{Regex, RegexBuilder};

use super::api::Engine;
use super::history::{NO_TEXT, put_marked};
use crate::model::{Place, Span, Way};

/// Most memory of a compiled pattern, and of the states it makes while it is used.
const MAX_PATTERN: usize = 1 << 20;

/// Longest text that somebody searches for, in bytes.
pub const MAX_SEARCH: usize = 1000;

/// Most rows and bytes of text that one search goes through before it says from where to go on, but for the rest of a
/// line: few milliseconds of work. Few in tests, which see many stops then.
const MOST_ROWS: u64 = if cfg!(test) { 9 } else { 20_000 };
const MOST_TEXT: usize = if cfg!(test) { 300 } else { 1 << 20 };

/// A regular expression, as the `regex` crate knows them: in time linear to the text, whatever the pattern.
#[derive(Debug, Clone)]
pub struct Pattern(Regex);

impl Pattern {
    /// # Errors
    /// What is wrong with the pattern, in words for whoever wrote it.
    pub fn new(text: &str) -> Result<Self, String> {
        Self::build(text, false)
    }

    /// What a person types to search: as it is, or a regular expression. In any case of letters, unless there is a capital
    /// in it.
    ///
    /// # Errors
    /// What is wrong with the expression; also a text that is too long.
    pub fn search(text: &str, regex: bool) -> Result<Self, String> {
        let any_case = !if regex { has_capital(text) } else { text.chars().any(char::is_uppercase) };
        if regex { Self::build(text, any_case) } else { Self::build(&regex::escape(text), any_case) }
    }

    fn build(text: &str, any_case: bool) -> Result<Self, String> {
        let mut builder = RegexBuilder::new(text);
        let builder = builder.case_insensitive(any_case).size_limit(MAX_PATTERN).dfa_size_limit(MAX_PATTERN);
        builder.build().map(Self).map_err(|e| e.to_string())
    }

    /// The first match in a text.
    pub fn find<'t>(&self, text: &'t str) -> Option<&'t str> {
        self.0.find(text).map(|found| found.as_str())
    }
}

/// Whether an expression has a capital that stands for itself: what follows a backslash is a class more often than not.
fn has_capital(text: &str) -> bool {
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c == '\\' {
            chars.next();
        } else if c.is_uppercase() {
            return true;
        }
    }
    false
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl Eq for Pattern {}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str())
    }
}

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The cells it takes.
    pub span: Span,
    /// The line of text that it is part of, without blanks at its end.
    pub line: Arc<str>,
    /// Which bytes of it.
    pub bytes: Range<usize>,
}

/// What one piece of a search found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    /// In the order of the search.
    pub hits: Vec<Hit>,
    /// From where to go on; `None` when everything was searched.
    pub next: Option<Place>,
}

/// A line of text and where it stands.
#[derive(Debug, Default)]
struct TextLine {
    rows: Range<u64>,
    text: String,
    /// Where each character begins: its byte, its row, and its first and last column.
    cells: Vec<(u32, u64, u16, u16)>,
}

/// What is asked of a piece of a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// From here on; `None` for the end that `way` leaves behind.
    pub from: Option<Place>,
    pub way: Way,
    /// Most hits.
    pub most: usize,
    /// Most rows, but for the rest of a line.
    pub rows: u64,
}

impl Engine {
    /// Searches from a place on, or from the end that `way` leaves behind, in what the screen that shows is a part of: the
    /// primary screen with its history, or the alternate one. Stops after `most` hits, and where a piece of work is done.
    /// A line longer than 65,536 cells is searched in parts. `None` where the text was wrapped anew since the place was
    /// named, or another screen shows.
    pub fn search(&self, pattern: &Pattern, piece: Piece) -> Option<Found> {
        let Piece { from, way, most, rows } = piece;
        let epoch = self.terminal.epoch;
        if from.is_some_and(|place| place.epoch != epoch) {
            return None;
        }
        let history = self.history_rows();
        let all = history.start..history.end + u64::from(self.terminal.size.lines());
        let mut found = Found::default();
        let Some(mut row) = first_row(&all, from, way) else { return Some(found) };
        let (mut rows_left, mut text_left) = (MOST_ROWS.min(rows), MOST_TEXT);
        let mut lines = Lines::new(self);
        loop {
            let (rows, len, hits) = lines.search(row, pattern);
            let wanted = |hit: &Hit| from.is_none_or(|from| (hit.span.from < from) == (way == Way::Up));
            let mut hits: Vec<Hit> = hits.into_iter().filter(wanted).collect();
            if way == Way::Up {
                hits.reverse();
            }
            for hit in hits {
                let at = hit.span.from;
                found.hits.push(hit);
                if found.hits.len() >= most {
                    found.next = Some(if way == Way::Up { at } else { Place { col: at.col + 1, ..at } });
                    return Some(found);
                }
            }
            let (next, over) = match way {
                Way::Up => (rows.start, rows.start <= all.start),
                Way::Down => (rows.end, rows.end >= all.end),
            };
            if over {
                return Some(found);
            }
            rows_left = rows_left.saturating_sub(rows.end - rows.start);
            text_left = text_left.saturating_sub(len);
            if rows_left == 0 || text_left == 0 {
                found.next = Some(Place { epoch, row: next, col: 0 });
                return Some(found);
            }
            row = if way == Way::Up { next - 1 } else { next };
        }
    }
}

/// The row whose line is searched first.
fn first_row(all: &Range<u64>, from: Option<Place>, way: Way) -> Option<u64> {
    match (from, way) {
        (None, Way::Up) => Some(all.end - 1),
        (None, Way::Down) => Some(all.start),
        // What begins before the first column of a row begins in an earlier one.
        (Some(Place { row, col, .. }), Way::Up) => {
            let last = if col == 0 { row.checked_sub(1)? } else { row };
            (last >= all.start).then(|| last.min(all.end - 1))
        }
        (Some(Place { row, .. }), Way::Down) => (row < all.end).then(|| row.max(all.start)),
    }
}

/// The lines of text of an engine, while nothing changes.
struct Lines<'a> {
    engine: &'a Engine,
    /// Where whole packed lines end; nothing of the alternate screen is packed.
    whole_end: u64,
    /// What comes behind, once somebody has asked for it.
    tail: Option<Vec<TextLine>>,
    /// Kept for its memory.
    text: String,
}

impl<'a> Lines<'a> {
    fn new(engine: &'a Engine) -> Self {
        let whole_end = if engine.terminal.alt { 0 } else { engine.terminal.history.whole_end() };
        Self { engine, whole_end, tail: None, text: String::new() }
    }

    /// Searches the line that a row is part of: its rows, the length of its text, and what was found, from its beginning.
    fn search(&mut self, row: u64, pattern: &Pattern) -> (Range<u64>, usize, Vec<Hit>) {
        let epoch = self.engine.terminal.epoch;
        if row < self.whole_end {
            self.text.clear();
            if let Some(rows) = self.engine.terminal.history.line_text(row, &mut self.text) {
                let text = self.text.trim_end_matches(' ');
                // Cells are made of those few lines only in which something is found.
                let any = pattern.0.is_match(text);
                let line = any.then(|| self.engine.text_lines(rows.clone()).into_iter().next()).flatten();
                debug_assert!(line.as_ref().is_none_or(|line| line.text == text && line.rows == rows));
                return (rows, text.len(), line.map(|line| line.hits(pattern, epoch)).unwrap_or_default());
            }
        }
        let from = if self.engine.terminal.alt { 0 } else { self.whole_end };
        let tail = self.tail.get_or_insert_with(|| self.engine.text_lines(from..u64::MAX));
        let index = tail.partition_point(|line| line.rows.end <= row);
        tail.get(index).map(|line| (line.rows.clone(), line.text.len(), line.hits(pattern, epoch))).unwrap_or((
            row..row + 1,
            0,
            Vec::new(),
        ))
    }
}

impl Engine {
    /// The lines of text of some rows, of history and screen; those at both ends as far as they are part of them.
    fn text_lines(&self, rows: Range<u64>) -> Vec<TextLine> {
        let t = &self.terminal;
        let history = self.history_rows();
        let mut lines: Vec<TextLine> = Vec::new();
        let mut goes_on = false;
        let mut add = |row: u64, cells: &[Cell], wrapped: bool| {
            if !goes_on {
                lines.push(TextLine { rows: row..row, ..TextLine::default() });
            }
            if let Some(line) = lines.last_mut() {
                line.add(row, cells);
            }
            goes_on = wrapped;
        };
        if !t.alt {
            t.history.visit(rows.start..rows.end.min(history.end), &mut add);
        }
        let end = rows.end.min(history.end + t.lines() as u64);
        for row in rows.start.max(history.end)..end {
            let line = (row - history.end) as usize;
            let cells = t.screen.row(line);
            let wrapped = cells[Column(t.cols() - 1)].flags.contains(Flags::WRAPLINE);
            add(row, &cells[..Column(t.screen.notes[line].extent)], wrapped);
        }
        for line in &mut lines {
            line.text.truncate(line.text.trim_end_matches(' ').len());
        }
        lines
    }
}

impl TextLine {
    fn add(&mut self, row: u64, cells: &[Cell]) {
        self.rows.end = row + 1;
        for (col, cell) in cells.iter().enumerate() {
            let col = col as u16;
            if cell.flags.intersects(NO_TEXT) {
                if let Some((_, at, _, last)) =
                    self.cells.last_mut().filter(|_| cell.flags.contains(Flags::WIDE_CHAR_SPACER))
                    && *at == row
                {
                    *last = col;
                }
                continue;
            }
            self.cells.push((self.text.len() as u32, row, col, col));
            put_marked(cell.c, cell.zerowidth().unwrap_or_default(), &mut self.text);
        }
    }

    fn hits(&self, pattern: &Pattern, epoch: u32) -> Vec<Hit> {
        let mut line: Option<Arc<str>> = None;
        let at = |byte: usize| {
            let index = self.cells.partition_point(|(begin, ..)| *begin as usize <= byte);
            index.checked_sub(1).and_then(|index| self.cells.get(index))
        };
        let found = pattern.0.find_iter(&self.text).filter(|found| !found.is_empty());
        let hit = |found: regex::Match| {
            let (&(_, from_row, from, _), &(_, to_row, _, to)) = (at(found.start())?, at(found.end() - 1)?);
            let span =
                Span { from: Place { epoch, row: from_row, col: from }, to: Place { epoch, row: to_row, col: to } };
            let line = Arc::clone(line.get_or_insert_with(|| self.text.as_str().into()));
            Some(Hit { span, line, bytes: found.range() })
        };
        found.filter_map(hit).collect()
    }
}

#[cfg(test)]
#[path = "search_tests.rs"]
mod tests;
