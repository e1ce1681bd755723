//! What has to be true of an engine at any moment: notes never claim more than the cells show, and a cached view is what
//! a new one would be.

use alacritty_terminal::index::{Column, Line};
use alacritty_terminal::term::cell::{Cell, Flags};

use crate::engine::Engine;
use crate::engine::convert;
use crate::engine::terminal::{RowNote, Surface};
use crate::model::ViewAt;

fn assert_notes(surface: &Surface, what: &str) {
    let cols = surface.row(0).len();
    assert_eq!(surface.notes.len(), surface.grid.screen_lines_of(), "{what}");
    for (line, note) in surface.notes.iter().enumerate() {
        let cells = &surface.row(line)[..];
        let truth = RowNote::of(cells);
        assert!(note.extent >= truth.extent && note.extent <= cols, "{what}: extent of row {line}");
        assert!(note.content <= truth.content, "{what}: row {line} is not {:?}", note.content);
        assert!(note.shown.is_some() || note.stale, "{what}: row {line} was never shown and is not stale");
    }
    let cursor = &surface.grid.cursor;
    assert!((0..surface.notes.len() as i32).contains(&cursor.point.line.0), "{what}: cursor line");
    assert!(cursor.point.column.0 < cols, "{what}: cursor column");
    assert!(!cursor.input_needs_wrap || cursor.point.column.0 == cols - 1, "{what}: a wrap is due in mid-row");
}

trait Lines {
    fn screen_lines_of(&self) -> usize;
}

impl Lines for alacritty_terminal::grid::Grid<Cell> {
    fn screen_lines_of(&self) -> usize {
        use alacritty_terminal::grid::Dimensions;
        assert_eq!(self.history_size(), 0);
        self.screen_lines()
    }
}

/// Panics if the engine contradicts itself.
pub(super) fn assert_sound(engine: &mut Engine, what: &str) {
    assert_notes(&engine.terminal.screen, what);
    assert_notes(&engine.terminal.hidden, what);
    engine.terminal.history.assert_counts(what);
    let cached = engine.view(ViewAt::Live);
    let t = &engine.terminal;
    for (line, row) in cached.rows.iter().enumerate() {
        let cells = &t.screen.grid[Line(line as i32)];
        let wrapped = cells[Column(t.cols() - 1)].flags.contains(Flags::WRAPLINE);
        assert_eq!(**row, convert::row(&cells[..], wrapped, &t.links), "{what}: row {line} was shown stale");
    }
}
