//! Packed lines that came after each other.

use alacritty_terminal::term::cell::Cell;

use super::line::Line;
use super::pack::Extras;
use super::unpack::unpack;

/// A page takes no further line when it costs this many bytes. Few in tests, which see many pages then.
pub(super) const PAGE_BYTES: usize = if cfg!(test) { 200 } else { 64 * 1024 };
/// What a line costs beside its bytes, and what an entry of the side table costs (with the most marks it can have).
const LINE_COST: usize = size_of::<Line>();
const EXTRA_COST: usize = 192;

/// The unit in which memory is given back.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Page {
    pub bytes: Vec<u8>,
    pub extras: Extras,
    pub lines: Vec<Line>,
}

impl Page {
    pub(super) fn cost(&self) -> usize {
        self.bytes.len() + self.extras.len() * EXTRA_COST + self.lines.len() * LINE_COST
    }

    /// The bytes of a line.
    pub(super) fn packed(&self, index: usize) -> &[u8] {
        let end = self.lines.get(index + 1).map_or(self.bytes.len(), |next| next.at as usize);
        &self.bytes[self.lines[index].at as usize..end]
    }

    pub(super) fn unpack(&self, index: usize) -> Vec<Cell> {
        let mut cells = Vec::with_capacity(self.lines[index].cells as usize);
        unpack(self.packed(index), &self.extras, &mut cells);
        cells
    }
}
