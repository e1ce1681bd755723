//! Text by place: what a selection copies, and the word or line around a click.

use std::sync::Arc;

use super::api::Engine;
use crate::model::{Place, Row, Span, SpanKind, Width};

/// What ends a word beside blanks, unless the user says otherwise: quotes, brackets, and what draws frames.
pub const WORD_SEPARATORS: &str = "\"'`()[]{}<>|│,;";

/// Most rows looked at to either side for the rest of a line of text.
const MOST_ROWS: u64 = 1000;

/// Longest text of a span, in bytes: it has to fit a message with room to spare.
pub const MAX_TEXT: usize = 8 << 20;

/// Rows of a span that are made at a time.
const BLOCK: u64 = 256;

/// One character of a line of text, and the cells it takes.
struct Glyph {
    ch: char,
    row: u64,
    first: u16,
    last: u16,
}

impl Engine {
    /// The text of a span, both ends included: rows that wrap are joined, blanks at the ends of rows are left out. Empty
    /// when the span is of another epoch. Ends after [`MAX_TEXT`] bytes.
    pub fn text(&mut self, span: Span) -> String {
        let Span { from, to } = Span::between(span.from, span.to);
        if from.epoch != self.terminal.epoch || to.epoch != from.epoch {
            return String::new();
        }
        let mut out = String::new();
        let mut first = from.row.max(self.history_rows().start);
        while out.len() <= MAX_TEXT {
            let end = to.row.min(first.saturating_add(BLOCK - 1));
            // One more, which says how the last one goes on.
            let rows = self.rows(first..to.row.min(end.saturating_add(1)).saturating_add(1), false);
            for (i, row) in rows.iter().enumerate().take(BLOCK as usize) {
                self.add_text(Span { from, to }, first + i as u64, row, rows.get(i + 1), &mut out);
            }
            if rows.len() <= BLOCK as usize {
                break;
            }
            first += BLOCK;
        }
        out.truncate(out.floor_char_boundary(MAX_TEXT));
        out
    }

    /// Adds the text of the row `number` as far as it is part of a span. `next` is the one below if that is part of it.
    fn add_text(&self, span: Span, number: u64, row: &Row, next: Option<&Arc<Row>>, out: &mut String) {
        let Span { from, to } = span;
        let cols = self.terminal.size.cols();
        let mut start = if number == from.row { from.col } else { 0 };
        if start > 0 && row.cell(start).width == Width::Spacer {
            start -= 1;
        }
        let end = if number == to.row { to.col.saturating_add(1).min(cols) } else { cols };
        let mut text = row.text(start, end);
        if row.wrapped && next.is_some() {
            text.extend(std::iter::repeat_n(' ', row.missing(next.map(|next| &**next), start, cols)));
        } else if usize::from(end) >= row.cells.len() {
            text.truncate(text.trim_end_matches(' ').len());
        }
        out.push_str(&text);
        if !row.wrapped && next.is_some() {
            out.push('\n');
        }
    }

    /// The span of `kind` around a place.
    pub fn span_at(&mut self, place: Place, kind: SpanKind) -> Span {
        match kind {
            SpanKind::Word => self.word_at(place, WORD_SEPARATORS),
            SpanKind::Line => self.line_at(place),
        }
    }

    /// The word around a place, also where it wraps: up to blanks and `separators`. On a blank or a separator it is the
    /// run of the same character.
    pub fn word_at(&mut self, place: Place, separators: &str) -> Span {
        let glyphs = self.line_of(place);
        let holds = |g: &Glyph| g.row == place.row && (g.first..=g.last).contains(&place.col);
        let Some(at) = glyphs.iter().position(holds) else { return Span { from: place, to: place } };
        let ends = |c: char| c.is_whitespace() || separators.contains(c);
        let clicked = glyphs[at].ch;
        let alike = |g: &Glyph| if ends(clicked) { g.ch == clicked } else { !ends(g.ch) };
        let first = glyphs[..at].iter().rposition(|g| !alike(g)).map_or(0, |i| i + 1);
        let last = glyphs[at..].iter().position(|g| !alike(g)).map_or(glyphs.len(), |i| at + i) - 1;
        let (first, last) = (&glyphs[first], &glyphs[last]);
        Span {
            from: Place { row: first.row, col: first.first, ..place },
            to: Place { row: last.row, col: last.last, ..place },
        }
    }

    /// The line of text that a place is part of: all rows it wraps over, to their full width.
    pub fn line_at(&mut self, place: Place) -> Span {
        let (first, rows) = self.line_rows(place);
        let last = first + (rows.len() as u64).saturating_sub(1);
        let end = self.terminal.size.cols() - 1;
        Span { from: Place { row: first, col: 0, ..place }, to: Place { row: last, col: end, ..place } }
    }

    /// The rows of the line of text that a place is part of, and the number of the first.
    fn line_rows(&mut self, place: Place) -> (u64, Vec<Arc<Row>>) {
        let exists =
            place.epoch == self.terminal.epoch && !self.rows(place.row..place.row.saturating_add(1), false).is_empty();
        if !exists {
            return (place.row, Vec::new());
        }
        let low = place.row.saturating_sub(MOST_ROWS).max(self.history_rows().start);
        let above = self.rows(low..place.row, false);
        let before = above.iter().rev().take_while(|row| row.wrapped).count();
        let first = place.row - before as u64;
        let mut rows = self.rows(first..place.row.saturating_add(MOST_ROWS), false);
        let len = rows.iter().position(|row| !row.wrapped).map_or(rows.len(), |i| i + 1);
        rows.truncate(len);
        (first, rows)
    }

    fn line_of(&mut self, place: Place) -> Vec<Glyph> {
        let cols = self.terminal.size.cols();
        let (first, rows) = self.line_rows(place);
        let mut glyphs = Vec::new();
        for (i, row) in rows.iter().enumerate() {
            let gap = row.wrapped && row.is_gap(rows.get(i + 1).map(|next| &**next), cols);
            for col in 0..cols - u16::from(gap) {
                let cell = row.cell(col);
                let number = first + i as u64;
                match (cell.width, glyphs.last_mut()) {
                    (Width::Spacer, Some(Glyph { row, last, .. })) if *row == number => *last = col,
                    _ => glyphs.push(Glyph { ch: cell.ch, row: number, first: col, last: col }),
                }
            }
        }
        glyphs
    }
}
