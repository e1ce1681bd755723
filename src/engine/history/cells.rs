//! Rows of whole cells in a snapshot, packed as history is.

use alacritty_terminal::term::cell::Cell;

use super::pack::{Extras, pack};
use super::unpack::{check, unpack};
use crate::engine::kept::{Damaged, Kept, Source, ensure, put_bytes};
use crate::engine::terminal::Content;

/// Puts rows; how many there are and how wide they are is said elsewhere.
pub(in crate::engine) fn put_rows<'a>(rows: impl Iterator<Item = &'a [Cell]>, out: &mut Vec<u8>) {
    let (mut bytes, mut extras) = (Vec::new(), Extras::new());
    for (line, row) in rows.enumerate() {
        pack(row, Content::Any, line == 0, &mut bytes, &mut extras);
    }
    extras.put(out);
    put_bytes(out, &bytes);
}

/// Takes `count` rows of `cols` cells.
pub(in crate::engine) fn take_rows(from: &mut Source, count: usize, cols: usize) -> Result<Vec<Vec<Cell>>, Damaged> {
    let extras = Extras::read(from)?;
    let len = from.len()?;
    let bytes = from.bytes(len)?;
    let cells = count * cols;
    ensure(check(bytes, &extras, cells)? == cells, "as many cells as the rows have")?;
    let mut all = Vec::with_capacity(cells);
    unpack(bytes, &extras, &mut all);
    let mut all = all.into_iter();
    Ok((0..count).map(|_| all.by_ref().take(cols).collect()).collect())
}

impl Kept for Cell {
    fn put(&self, out: &mut Vec<u8>) {
        put_rows(std::iter::once(std::slice::from_ref(self)), out);
    }

    fn read(from: &mut Source) -> Result<Self, Damaged> {
        take_rows(from, 1, 1)?.pop().and_then(|mut row| row.pop()).ok_or(Damaged("a cell"))
    }
}
