//! A frame: what changed between two screens of one viewer, as a value.
//!
//! The law, asserted on every frame a debug build sends: `apply(a, diff(a, b)) == b`. A frame is always cut against the
//! screen that the viewer was last sent, so a slow viewer misses frames in between and never falls behind in memory.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use super::palette::Palette;
use super::row::Row;
use super::screen::{Cursor, Modes, Screen};
use crate::base::GridSize;

/// Rows that moved together: the rows `first..=last` show, before `rows` are put in, what stood `by` rows further down
/// (`by` > 0, text moved up) or up (`by` < 0).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scroll {
    pub first: u16,
    pub last: u16,
    pub by: i16,
}

/// What changed. A full frame (`base` 0) is cut against a blank screen of its size and needs nothing to stand on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The number of this frame, from 1 on, rising for one viewer of one session.
    pub seq: u64,
    /// The number of the frame it stands on; 0 for a full frame.
    pub base: u64,
    pub size: GridSize,
    pub epoch: u32,
    pub top: u64,
    pub history: u32,
    pub offset: u32,
    pub cursor: Cursor,
    pub modes: Modes,
    /// `None`: as before.
    pub palette: Option<Arc<Palette>>,
    pub scroll: Option<Scroll>,
    /// The rows that changed, ascending.
    pub rows: Vec<(u16, Arc<Row>)>,
}

/// Why a frame could not be applied; the cure is to ask for a full frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mismatch {
    /// It stands on a frame this screen has not seen.
    Base { wanted: u64, have: u64 },
    /// Its size is another and it is not a full frame.
    Size,
    /// A row, a scroll or a cell lies outside the screen.
    Range,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Base { wanted, have } => {
                write!(f, "the frame stands on frame {wanted}, the screen shows frame {have}")
            }
            Self::Size => f.write_str("the frame changes the size of the screen without being a full frame"),
            Self::Range => f.write_str("the frame names rows that the screen does not have"),
        }
    }
}

impl std::error::Error for Mismatch {}

impl Frame {
    /// What turns `old`, which the viewer was sent as frame `base`, into `new`. With `base` 0, or when the size differs,
    /// it is a full frame.
    pub fn diff(old: &Screen, base: u64, new: &Screen, seq: u64) -> Self {
        let full = base == 0 || old.size != new.size;
        let blank = full.then(|| Screen::blank(new.size));
        let old = blank.as_ref().unwrap_or(old);
        let scroll = if full { None } else { find_scroll(&old.rows, &new.rows) };
        let moved = |line: usize| moved_from(scroll, line).and_then(|from| old.rows.get(from));
        let rows = new
            .rows
            .iter()
            .enumerate()
            .filter(|(line, row)| !moved(*line).is_some_and(|was| Arc::ptr_eq(was, row) || was == *row))
            .map(|(line, row)| (line as u16, Arc::clone(row)))
            .collect();
        Self {
            seq,
            base: if full { 0 } else { base },
            size: new.size,
            epoch: new.epoch,
            top: new.top,
            history: new.history,
            offset: new.offset,
            cursor: new.cursor,
            modes: new.modes,
            palette: (old.palette != new.palette).then(|| Arc::clone(&new.palette)),
            scroll,
            rows,
        }
    }

    /// Whether it changes nothing that a viewer could see.
    pub fn is_nothing(&self, old: &Screen) -> bool {
        self.base != 0
            && self.rows.is_empty()
            && self.scroll.is_none()
            && self.palette.is_none()
            && (self.epoch, self.top, self.history, self.offset) == (old.epoch, old.top, old.history, old.offset)
            && (self.cursor, self.modes) == (old.cursor, old.modes)
    }

    /// Brings `screen`, which shows frame `have`, up to this frame. On an error the screen is as it was.
    ///
    /// # Errors
    /// [`Mismatch`] when the frame does not fit the screen.
    pub fn apply(&self, screen: &mut Screen, have: u64) -> Result<(), Mismatch> {
        let lines = usize::from(self.size.lines());
        let cols = usize::from(self.size.cols());
        if self.base != 0 && self.base != have {
            return Err(Mismatch::Base { wanted: self.base, have });
        }
        if self.base != 0 && self.size != screen.size {
            return Err(Mismatch::Size);
        }
        let outside = |(line, row): &(u16, Arc<Row>)| usize::from(*line) >= lines || row.cells.len() > cols;
        let bad_scroll = |s: Scroll| s.first > s.last || usize::from(s.last) >= lines || self.base == 0;
        if self.rows.iter().any(outside) || self.scroll.is_some_and(bad_scroll) {
            return Err(Mismatch::Range);
        }
        if self.base == 0 {
            *screen = Screen::blank(self.size);
        } else if self.scroll.is_some() {
            let blank = Arc::new(Row::default());
            screen.rows = (0..lines)
                .map(|line| {
                    moved_from(self.scroll, line).and_then(|from| screen.rows.get(from)).unwrap_or(&blank).clone()
                })
                .collect();
        }
        for (line, row) in &self.rows {
            screen.rows[usize::from(*line)] = Arc::clone(row);
        }
        if let Some(palette) = &self.palette {
            screen.palette = Arc::clone(palette);
        }
        (screen.epoch, screen.top, screen.history, screen.offset) = (self.epoch, self.top, self.history, self.offset);
        (screen.cursor, screen.modes) = (self.cursor, self.modes);
        Ok(())
    }
}

/// The row that `line` showed before the scroll: itself outside the scrolled rows, none for a row that came in.
fn moved_from(scroll: Option<Scroll>, line: usize) -> Option<usize> {
    let Some(s) = scroll else { return Some(line) };
    let (first, last) = (usize::from(s.first), usize::from(s.last));
    if !(first..=last).contains(&line) {
        return Some(line);
    }
    line.checked_add_signed(isize::from(s.by)).filter(|from| (first..=last).contains(from))
}

/// The scroll that explains most rows, if it explains at least two. The engine's row cache scrolls with the text, so a
/// row that only moved is the same `Arc`: pointers are enough, and a wrong guess costs bytes and never truth.
fn find_scroll(old: &[Arc<Row>], new: &[Arc<Row>]) -> Option<Scroll> {
    let changed = |i: &usize| !Arc::ptr_eq(&old[*i], &new[*i]);
    let first = (0..new.len()).find(changed)?;
    let last = (0..new.len()).rfind(changed)?;
    let mut at = HashMap::new();
    for (line, row) in old.iter().enumerate().take(last + 1).skip(first) {
        // A shared blank row stands in many places and says nothing about movement.
        at.entry(Arc::as_ptr(row)).and_modify(|at| *at = None).or_insert(Some(line));
    }
    let mut votes: HashMap<i16, usize> = HashMap::new();
    for (line, row) in new.iter().enumerate().take(last + 1).skip(first) {
        if let Some(Some(was)) = at.get(&Arc::as_ptr(row)) {
            *votes.entry(*was as i16 - line as i16).or_default() += 1;
        }
    }
    let (by, count) =
        votes.into_iter().filter(|(by, _)| *by != 0).max_by_key(|(by, count)| (*count, -by.abs(), *by))?;
    (count >= 2).then_some(Scroll { first: first as u16, last: last as u16, by })
}
