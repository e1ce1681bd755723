//! Tab stops.

use crate::engine::kept::{Damaged, Kept, Source, ensure};

/// Columns between the stops a terminal begins with.
const EVERY: usize = 8;

/// One mark per column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engine) struct Tabs(Vec<bool>);

impl Kept for Tabs {
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
    }

    fn read(from: &mut Source) -> Result<Self, Damaged> {
        Kept::read(from).map(Self)
    }
}

impl Tabs {
    /// Whether a snapshot's tab stops are those of a screen of this width.
    pub(in crate::engine) fn check(&self, cols: usize) -> Result<(), Damaged> {
        ensure(self.0.len() == cols, "a mark for each column")
    }

    pub(super) fn new(cols: usize) -> Self {
        Self((0..cols).map(|col| col % EVERY == 0).collect())
    }

    /// Columns that come in have the stops of the beginning.
    pub(super) fn resize(&mut self, cols: usize) {
        let old = self.0.len();
        self.0.truncate(cols);
        self.0.extend((old..cols).map(|col| col % EVERY == 0));
    }

    pub(super) fn set(&mut self, col: usize, stop: bool) {
        if let Some(mark) = self.0.get_mut(col) {
            *mark = stop;
        }
    }

    pub(super) fn clear(&mut self) {
        self.0.fill(false);
    }

    /// The column `n` stops to the right of `col`, at most the last.
    pub(super) fn right_of(&self, col: usize, n: usize) -> usize {
        let last = self.0.len() - 1;
        (col + 1..last).filter(|&c| self.0[c]).nth(n.saturating_sub(1)).unwrap_or(last)
    }

    /// The column `n` stops to the left of `col`, at least 0.
    pub(super) fn left_of(&self, col: usize, n: usize) -> usize {
        (1..col).rev().filter(|&c| self.0[c]).nth(n.saturating_sub(1)).unwrap_or(0)
    }
}
