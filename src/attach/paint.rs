//! Brings the outer terminal from the picture it shows to the next one, with nothing but: cursor position (CUP), SGR,
//! erase to the end of the line (EL) and of the screen (ED), cursor visibility (DECTCEM) and shape (DECSCUSR), all within
//! a synchronized update (mode 2026). A character that is a control character is never written.

use std::fmt::Write;
use std::sync::Arc;

use super::picture::Picture;
use crate::model::sgr::Sgr;
use crate::model::{Cell, CursorShape, Palette, Row, Style, Width};

/// Emoji and what came after them: terminals differ in how wide they are.
const DOUBTFUL_FROM: char = '\u{1f000}';

/// What the outer terminal shows, as far as it has been told.
#[derive(Debug, Default)]
pub(super) struct Painter {
    look: Sgr,
    /// None while nobody knows: after a resize, and at the beginning.
    shown: Option<Picture>,
    out: String,
    /// Where the next character would appear; none while that is not certain.
    at: Option<(u16, u16)>,
    style: Option<Style>,
    palette: Arc<Palette>,
    reverse: bool,
}

impl Painter {
    pub fn new(look: Sgr) -> Self {
        Self { look, ..Self::default() }
    }

    /// The outer terminal's content is not known any more.
    pub fn forget(&mut self) {
        self.shown = None;
    }

    /// The bytes that make the outer terminal show the picture; empty if it does.
    pub fn paint(&mut self, picture: Picture) -> Vec<u8> {
        if self.shown.as_ref() == Some(&picture) {
            return Vec::new();
        }
        self.out.clear();
        (self.at, self.style) = (None, None);
        (self.palette, self.reverse) = (Arc::clone(&picture.palette), picture.reverse);
        let like = |old: &Picture| {
            let size = (old.cols, old.rows.len()) == (picture.cols, picture.rows.len());
            size && old.palette == picture.palette && old.reverse == picture.reverse
        };
        let old = self.shown.take();
        let base = old.as_ref().filter(|old| like(old));
        if base.is_none() {
            self.out.push_str("\x1b[0m\x1b[H\x1b[2J");
        }
        // Erasing leaves the terminal's own colours behind.
        let erasable = picture.palette.bg.is_none() && !picture.reverse;
        let blank = Arc::new(Row::default());
        for (line, row) in picture.rows.iter().enumerate() {
            let was = base.map_or(&blank, |old| &old.rows[line]);
            if !Arc::ptr_eq(was, row) || (base.is_none() && !erasable) {
                let was = if base.is_none() && !erasable { None } else { Some(&**was) };
                self.row(line as u16, was, row, picture.cols, erasable);
            }
        }
        let painted = std::mem::take(&mut self.out);
        let hidden = old.as_ref().is_some_and(|old| old.cursor.is_none());
        let bytes = self.frame(&painted, hidden, old.as_ref(), &picture);
        self.out = painted;
        self.shown = Some(picture);
        bytes
    }

    /// What was painted with the cursor around it.
    fn frame(&mut self, painted: &str, hidden: bool, old: Option<&Picture>, picture: &Picture) -> Vec<u8> {
        let mut out = String::with_capacity(painted.len() + 64);
        let draws = !painted.is_empty();
        if draws {
            out.push_str("\x1b[?2026h");
        }
        // The cursor does not run over the screen while it is drawn.
        let hide = !hidden && (draws || picture.cursor.is_none());
        if hide {
            out.push_str("\x1b[?25l");
        }
        out.push_str(painted);
        if draws {
            out.push_str("\x1b[0m");
        }
        if old.is_none_or(|old| (old.shape, old.blink) != (picture.shape, picture.blink)) {
            let _ = write!(out, "\x1b[{} q", shape(picture.shape, picture.blink));
        }
        if let Some((line, col)) = picture.cursor {
            let _ = write!(out, "\x1b[{};{}H", line + 1, col + 1);
            if hide || hidden {
                out.push_str("\x1b[?25h");
            }
        }
        if draws {
            out.push_str("\x1b[?2026l");
        }
        out.into_bytes()
    }

    /// Draws what differs in one row. Without `old` nothing is known of what stands there.
    fn row(&mut self, line: u16, old: Option<&Row>, new: &Row, cols: u16, erasable: bool) {
        let end = if erasable { new.cells.len().min(usize::from(cols)) as u16 } else { cols };
        let mut col = 0;
        while col < end {
            let now = drawn(new, col, cols);
            let step = if now.0.width == Width::Wide { 2 } else { 1 };
            let same = |at: u16| old.is_some_and(|old| drawn(old, at, cols) == drawn(new, at, cols));
            if !(col..col + step).all(same) {
                self.cell((line, col), now, cols);
            }
            col += step;
        }
        if old.is_some_and(|old| (end..cols).any(|col| old.cell(col) != Cell::BLANK)) {
            self.go((line, end));
            self.look_like(&Style::default());
            self.out.push_str("\x1b[K");
        }
    }

    fn cell(&mut self, at: (u16, u16), (cell, marks): (Cell, Option<&str>), cols: u16) {
        let width = if cell.width == Width::Wide { 2 } else { 1 };
        let doubtful = marks.is_some() || cell.ch >= DOUBTFUL_FROM;
        self.go(at);
        self.look_like(&cell.style);
        if doubtful {
            // A terminal that takes it for narrower shows no rest of what was there.
            self.out.push_str(if width == 2 { "  " } else { " " });
            self.at = None;
            self.go(at);
        }
        self.out.extend([cell.ch].into_iter().chain(marks.unwrap_or_default().chars()).map(harmless));
        let next = at.1 + width;
        // Behind the last column terminals differ.
        self.at = (!doubtful && next < cols).then_some((at.0, next));
    }

    fn go(&mut self, to: (u16, u16)) {
        if self.at != Some(to) {
            let _ = write!(self.out, "\x1b[{};{}H", to.0 + 1, to.1 + 1);
            self.at = Some(to);
        }
    }

    fn look_like(&mut self, style: &Style) {
        if self.style.as_ref() != Some(style) {
            self.look.write(&mut self.out, style, &self.palette, self.reverse);
            self.style = Some(*style);
        }
    }
}

/// What is drawn in a cell. Half of a wide character cannot be drawn: a blank in its colours stands for it.
fn drawn(row: &Row, col: u16, cols: u16) -> (Cell, Option<&str>) {
    let cell = row.cell(col);
    let is = |col: Option<u16>, width| col.is_some_and(|c| c < cols && row.cell(c).width == width);
    let whole = match cell.width {
        Width::Narrow => true,
        Width::Wide => is(col.checked_add(1), Width::Spacer),
        Width::Spacer => is(col.checked_sub(1), Width::Wide),
    };
    if whole { (cell, row.marks_at(col)) } else { (Cell { ch: ' ', width: Width::Narrow, ..cell }, None) }
}

fn harmless(ch: char) -> char {
    if ch.is_control() { char::REPLACEMENT_CHARACTER } else { ch }
}

/// DECSCUSR. A steady block is what programs get that ask for nothing, so it is whatever the outer terminal's user
/// likes.
fn shape(shape: CursorShape, blink: bool) -> u8 {
    match (shape, blink) {
        (CursorShape::Block, false) => 0,
        (CursorShape::Block, true) => 1,
        (CursorShape::Underline, true) => 3,
        (CursorShape::Underline, false) => 4,
        (CursorShape::Bar, true) => 5,
        (CursorShape::Bar, false) => 6,
    }
}

#[cfg(test)]
#[path = "paint_tests.rs"]
mod tests;
