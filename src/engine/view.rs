//! What viewers see: rows of the screen and of the history as shared, immutable values.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use alacritty_terminal::index::Column;
use alacritty_terminal::term::cell::Flags;

use super::api::Engine;
use super::convert;
use super::history::Anchor;
use super::terminal::Terminal;
use crate::model::{Cursor, Row, Screen, ViewAt};

/// Most rows of history kept ready; with more it begins anew.
const MOST_CACHED: usize = 4096;

/// Rows of history that viewers look at, by number: a viewer that stands still gets the same rows again.
#[derive(Debug, Clone, Default)]
pub(super) struct RowCache {
    epoch: u32,
    rows: HashMap<u64, Arc<Row>>,
}

/// A place in the text of the history that holds when the text is wrapped anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextPlace(Anchor);

impl Engine {
    /// The screen of a viewer that looks at `at`. Rows that did not change since an earlier view are the same `Arc`,
    /// also when they moved with a scroll; all viewers share them.
    pub fn view(&mut self, at: ViewAt) -> Screen {
        let t = &self.terminal;
        let history = self.history_rows();
        let top = self.top_of(at);
        let offset = history.end - top;
        let rows = self.rows(top..top + u64::from(t.size.lines()), true);
        let t = &self.terminal;
        let line = t.screen.line() as u64 + offset;
        let below = line >= u64::from(t.size.lines());
        Screen {
            size: t.size,
            rows,
            epoch: t.epoch,
            top,
            history: u32::try_from(history.end - history.start).unwrap_or(u32::MAX),
            offset: u32::try_from(offset).unwrap_or(u32::MAX),
            cursor: Cursor {
                line: u16::try_from(line).unwrap_or(u16::MAX),
                visible: t.switches.cursor_visible && !below,
                ..self.cursor()
            },
            modes: self.modes(),
            palette: Arc::clone(&t.palette),
        }
    }

    /// The scroll position `by_rows` further down (up with a negative number) than `at`, within what there is;
    /// [`ViewAt::Live`] when that is the live screen.
    pub fn scroll(&self, at: ViewAt, by_rows: i64) -> ViewAt {
        let history = self.history_rows();
        let top = self.top_of(at).saturating_add_signed(by_rows).max(history.start);
        if top >= history.end { ViewAt::Live } else { ViewAt::Row { epoch: self.terminal.epoch, top } }
    }

    /// The numbers of the rows above the screen; the alternate screen has none.
    pub(super) fn history_rows(&self) -> Range<u64> {
        if self.terminal.alt { 0..0 } else { self.terminal.history.rows() }
    }

    fn top_of(&self, at: ViewAt) -> u64 {
        let Range { start, end } = self.history_rows();
        match at {
            ViewAt::Live => end,
            ViewAt::Row { top, .. } => top.clamp(start, end),
        }
    }

    /// What a viewer that looks at history has at its top, for [`Engine::look_at`] after a resize; `None` for one that
    /// looks at the live screen.
    pub fn place_of(&self, at: ViewAt) -> Option<TextPlace> {
        match at {
            ViewAt::Row { epoch, top } if epoch == self.terminal.epoch && !self.terminal.alt => {
                Some(TextPlace(self.terminal.history.anchor(top)))
            }
            _ => None,
        }
    }

    /// Where the same text is now.
    pub fn look_at(&self, place: TextPlace) -> ViewAt {
        let (top, end) = (self.terminal.history.row_of(place.0), self.history_rows().end);
        if top >= end { ViewAt::Live } else { ViewAt::Row { epoch: self.terminal.epoch, top } }
    }

    /// Gives back the rows of history kept ready: nobody looks at any.
    pub fn forget_rows(&mut self) {
        if !self.cache.rows.is_empty() {
            self.cache = RowCache::default();
        }
    }

    /// Rows by number, of history and screen, as far as they exist. With `keep` those of history are kept ready.
    pub(super) fn rows(&mut self, range: Range<u64>, keep: bool) -> Vec<Arc<Row>> {
        let history = self.history_rows();
        let above = range.start.clamp(history.start, history.end)..range.end.clamp(history.start, history.end);
        let mut rows = self.history_part(above, keep);
        let screen = |row: u64| (row.max(history.end) - history.end).min(self.terminal.lines() as u64) as usize;
        for line in screen(range.start)..screen(range.end) {
            rows.push(shown(&mut self.terminal, line));
        }
        rows
    }

    fn history_part(&mut self, range: Range<u64>, keep: bool) -> Vec<Arc<Row>> {
        let t = &self.terminal;
        if self.cache.epoch != t.epoch || self.cache.rows.len() > MOST_CACHED {
            self.cache = RowCache { epoch: t.epoch, rows: HashMap::new() };
        }
        // The newest row can still change.
        let fixed = t.history.rows().end.saturating_sub(1);
        let cached: Option<Vec<_>> = range.clone().map(|row| self.cache.rows.get(&row).cloned()).collect();
        if let Some(rows) = cached {
            return rows;
        }
        let mut rows = Vec::new();
        t.history.visit(range, |number, cells, wrapped| {
            let known = self.cache.rows.get(&number).cloned();
            let row = known.unwrap_or_else(|| Arc::new(convert::row(cells, wrapped, &t.links)));
            if keep && number < fixed && self.cache.rows.len() <= MOST_CACHED {
                self.cache.rows.insert(number, Arc::clone(&row));
            }
            rows.push(row);
        });
        rows
    }
}

/// A row of the screen, made anew only if it changed.
fn shown(t: &mut Terminal, line: usize) -> Arc<Row> {
    let note = &t.screen.notes[line];
    if note.extent == 0 {
        return Arc::clone(&t.screen.blank);
    }
    if let Some(row) = note.shown.as_ref().filter(|_| !note.stale) {
        return Arc::clone(row);
    }
    let cells = t.screen.row(line);
    let wrapped = cells[Column(t.cols() - 1)].flags.contains(Flags::WRAPLINE);
    let new = convert::row(&cells[..Column(note.extent)], wrapped, &t.links);
    let note = &mut t.screen.notes[line];
    note.stale = false;
    match &note.shown {
        // Drawn again as it was.
        Some(old) if **old == new => Arc::clone(old),
        _ => Arc::clone(note.shown.insert(Arc::new(new))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::GridSize;
    use crate::engine::EngineOptions;
    use crate::model::{Place, Span};

    fn engine(lines: usize) -> Engine {
        let options = EngineOptions { history_lines: 200, ..EngineOptions::default() };
        let mut engine = Engine::new(GridSize::clamped(20, 4), options);
        for n in 0..lines {
            engine.feed(format!("line {n} {}\r\n", "中x".repeat(n % 40)).as_bytes(), &mut Vec::new());
        }
        engine
    }

    #[test]
    fn the_text_at_the_top_stays_there_when_the_width_changes() {
        for lines in [150, 1000] {
            let engine = engine(lines);
            let rows = engine.history_rows();
            for top in rows.clone().step_by(7) {
                let mut engine = engine.clone();
                let at = ViewAt::Row { epoch: engine.terminal.epoch, top };
                let begins = |text: &str| text.starts_with("line ");
                let text = engine.view(at).rows[0].text(0, 20);
                let place = engine.place_of(at).unwrap();
                for cols in [50, 9, 33, 20] {
                    engine.resize(GridSize::clamped(cols, 4));
                    let now = engine.look_at(place);
                    let shown = engine.view(now).rows[0].text(0, cols);
                    let common = text.trim_end().len().min(shown.trim_end().len()).min(7);
                    // A line that was cut in its middle may begin a few cells earlier.
                    if begins(&text) && now != ViewAt::Live {
                        assert_eq!(shown.get(..common), text.get(..common), "row {top} at {cols} columns");
                    }
                }
            }
        }
        assert_eq!(engine(9).place_of(ViewAt::Live), None);
    }

    #[test]
    fn copying_keeps_no_rows_and_kept_ones_are_given_back() {
        let mut engine = engine(100);
        let epoch = engine.terminal.epoch;
        let place = |row| Place { epoch, row, col: 0 };
        assert!(engine.text(Span { from: place(0), to: place(90) }).len() > 500);
        engine.line_at(place(50));
        assert!(engine.cache.rows.is_empty());
        engine.view(ViewAt::Row { epoch, top: 10 });
        assert!(!engine.cache.rows.is_empty());
        engine.forget_rows();
        assert!(engine.cache.rows.is_empty());
    }

    #[test]
    fn there_is_an_epoch_after_the_last() {
        let mut engine = engine(1);
        engine.terminal.epoch = u32::MAX;
        engine.resize(GridSize::clamped(30, 4));
        engine.feed(b"\x1b[?1049h", &mut Vec::new());
        assert_eq!(engine.terminal.epoch, 1);
    }
}
