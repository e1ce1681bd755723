//! What the outer terminal is to show: a session's screen fitted into it. A screen that is smaller stands at the top
//! left, with dots around it; of one that is larger a part shows that holds the cursor.

use std::sync::Arc;

use crate::base::GridSize;
use crate::model::{Attrs, Cell, CursorShape, Modes, Palette, Row, Screen, Style};

/// A picture as large as the outer terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Picture {
    pub cols: u16,
    /// As many as the outer terminal has lines; those of a larger screen may be longer than `cols`.
    pub rows: Vec<Arc<Row>>,
    /// Line and column; none while it is hidden.
    pub cursor: Option<(u16, u16)>,
    pub shape: CursorShape,
    pub blink: bool,
    pub palette: Arc<Palette>,
    pub reverse: bool,
}

/// The part of a larger screen that shows: its top left cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Pan {
    pub col: u16,
    pub line: u16,
}

/// What is written beside the screen's own text.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Beside<'a> {
    /// Dots where the screen ends.
    pub dots: bool,
    /// At the bottom right, if there is room beside the screen.
    pub size: Option<&'a str>,
    /// At the top right, over the screen.
    pub note: Option<&'a str>,
}

const DOT: Cell = Cell { ch: '·', style: Style { attrs: Attrs::DIM, ..Cell::BLANK.style }, ..Cell::BLANK };

impl Pan {
    /// Moves no further than it takes to have the cursor in sight.
    fn follow(&mut self, screen: &Screen, outer: GridSize) {
        let one = |at: u16, cursor: u16, whole: u16, shown: u16| {
            let at = at.min(whole.saturating_sub(shown));
            if !screen.cursor.visible {
                return at;
            }
            at.clamp(cursor.saturating_sub(shown - 1), cursor).min(whole.saturating_sub(shown))
        };
        self.col = one(self.col, screen.cursor.col, screen.size.cols(), outer.cols());
        self.line = one(self.line, screen.cursor.line, screen.size.lines(), outer.lines());
    }
}

/// Fits a screen into the outer terminal.
pub(super) fn compose(screen: &Screen, outer: GridSize, pan: &mut Pan, beside: Beside<'_>) -> Picture {
    pan.follow(screen, outer);
    let cols = outer.cols();
    let blank = Arc::new(Row::default());
    let mut rows: Vec<Arc<Row>> = (0..outer.lines())
        .map(|line| screen.rows.get(usize::from(pan.line + line)).map(|row| shifted(row, pan.col)))
        .map(|row| row.unwrap_or_else(|| Arc::clone(&blank)))
        .collect();
    if beside.dots {
        let (filled, seen) = (screen.size.lines() - pan.line, screen.size.cols() - pan.col);
        for (line, row) in rows.iter_mut().enumerate() {
            let from = if line < usize::from(filled) { seen } else { 0 };
            if from < cols {
                fill(Arc::make_mut(row), from, cols);
            }
        }
    }
    let last = rows.len().saturating_sub(1);
    if let (Some(size), true) = (beside.size, outer.lines() > screen.size.lines()) {
        write_right(&mut rows[last], cols, size, Attrs::NONE);
    }
    if let Some(note) = beside.note {
        write_right(&mut rows[0], cols, note, Attrs::REVERSE);
    }
    let at = (screen.cursor.line.checked_sub(pan.line), screen.cursor.col.checked_sub(pan.col));
    let cursor = match at {
        (Some(line), Some(col)) if screen.cursor.visible && line < outer.lines() && col < cols => Some((line, col)),
        _ => None,
    };
    Picture {
        cols,
        rows,
        cursor,
        shape: screen.cursor.shape,
        blink: screen.cursor.blink,
        palette: Arc::clone(&screen.palette),
        reverse: screen.modes.has(Modes::REVERSE_SCREEN),
    }
}

/// A row without its first columns.
fn shifted(row: &Arc<Row>, by: u16) -> Arc<Row> {
    if by == 0 {
        return Arc::clone(row);
    }
    let marks = row.marks.iter().filter_map(|(col, marks)| Some((col.checked_sub(by)?, marks.clone()))).collect();
    let cells = row.cells.get(usize::from(by)..).unwrap_or_default().to_vec();
    Arc::new(Row { cells, marks, ..Row::default() })
}

fn fill(row: &mut Row, from: u16, to: u16) {
    row.cells.resize(usize::from(from), Cell::BLANK);
    row.cells.resize(usize::from(to), DOT);
    row.marks.retain(|(col, _)| *col < from);
}

fn write_right(row: &mut Arc<Row>, cols: u16, text: &str, attrs: Attrs) {
    let row = Arc::make_mut(row);
    let length = text.chars().count();
    let Some(from) = usize::from(cols).checked_sub(length) else { return };
    row.cells.resize(from.max(row.cells.len()), Cell::BLANK);
    row.cells.truncate(from);
    row.marks.retain(|(col, _)| usize::from(*col) < from);
    row.cells.extend(text.chars().map(|ch| Cell { ch, style: Style { attrs, ..Style::default() }, ..Cell::BLANK }));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Cursor;

    fn screen(cols: u16, lines: &[&str], cursor: (u16, u16)) -> Screen {
        let mut screen = Screen::blank(GridSize::clamped(cols, lines.len() as u16));
        screen.rows = lines.iter().map(|text| Arc::new(Row::from(*text))).collect();
        screen.cursor = Cursor { line: cursor.0, col: cursor.1, visible: true, ..Cursor::default() };
        screen
    }

    fn lines(picture: &Picture) -> Vec<String> {
        picture.rows.iter().map(|row| row.text(0, picture.cols)).collect()
    }

    #[test]
    fn a_smaller_screen_stands_at_the_top_left() {
        let beside = Beside { dots: true, size: Some("3x2"), note: None };
        let small = screen(3, &["ab", "漢"], (1, 2));
        let picture = compose(&small, GridSize::clamped(6, 4), &mut Pan::default(), beside);
        assert_eq!(lines(&picture), ["ab ···", "漢  ···", "······", "···3x2"]);
        assert_eq!(picture.cursor, Some((1, 2)));
        let bare = compose(&small, GridSize::clamped(6, 4), &mut Pan::default(), Beside::default());
        assert_eq!(lines(&bare), ["ab", "漢", "", ""]);
    }

    #[test]
    fn of_a_larger_screen_the_part_with_the_cursor_shows() {
        let text = ["abcdef", "ghijkl", "mnopqr"];
        let (outer, mut pan) = (GridSize::clamped(3, 2), Pan::default());
        let shown = |cursor, pan: &mut Pan| {
            let picture = compose(&screen(6, &text, cursor), outer, pan, Beside::default());
            (lines(&picture), picture.cursor)
        };
        assert_eq!(shown((0, 0), &mut pan), (vec!["abc".into(), "ghi".into()], Some((0, 0))));
        assert_eq!(shown((2, 5), &mut pan), (vec!["jkl".into(), "pqr".into()], Some((1, 2))));
        assert_eq!(shown((2, 4), &mut pan).1, Some((1, 1)), "it stays while the cursor is in sight");
        assert_eq!(shown((1, 1), &mut pan), (vec!["hij".into(), "nop".into()], Some((0, 0))));
    }

    #[test]
    fn a_note_lies_over_the_first_line() {
        let beside = Beside { note: Some("-5"), ..Beside::default() };
        let picture = compose(&screen(6, &["abcdef"], (0, 0)), GridSize::clamped(6, 1), &mut Pan::default(), beside);
        assert_eq!(lines(&picture), ["abcd-5"]);
    }
}
