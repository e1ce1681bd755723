//! The history in a snapshot: pages as they are, or the numbers under which they are kept elsewhere. What follows from the lines (how many there are, what they cost, which
//! rows they take) is not kept but counted again.

use std::collections::VecDeque;
use std::sync::Arc;

use alacritty_terminal::grid::Row as GridRow;
use alacritty_terminal::term::cell::{Cell, CellExtra, Hyperlink};
use alacritty_terminal::vte::ansi::Color;

use super::cells::{put_rows, take_rows};
use super::line::{Line, MAX_CELLS};
use super::pack::{Extras, put_color};
use super::page::Page;
use super::store::History;
use super::unpack::{check, take_color};
use crate::engine::kept::{Damaged, Kept, Source, ensure, put_bytes, put_varint};
use crate::engine::terminal::{MAX_MARKS, RowNote};

/// Numbers of rows and lines stay below this, so that nothing that counts on ever comes to an end.
const MOST: u64 = 1 << 62;

impl Kept for Color {
    fn put(&self, out: &mut Vec<u8>) {
        put_color(*self, out);
    }

    fn read(from: &mut Source) -> Result<Self, Damaged> {
        take_color(from)
    }
}

impl Kept for Arc<CellExtra> {
    fn put(&self, out: &mut Vec<u8>) {
        let cell = Cell { extra: Some(Self::clone(self)), ..Cell::default() };
        cell.zerowidth().unwrap_or_default().to_vec().put(out);
        cell.underline_color().put(out);
        cell.hyperlink().and_then(|link| link.id().parse::<u64>().ok()).put(out);
    }

    fn read(from: &mut Source) -> Result<Self, Damaged> {
        let mut cell = Cell { extra: Some(Self::default()), ..Cell::default() };
        let marks: Vec<char> = Kept::read(from)?;
        ensure(marks.len() <= MAX_MARKS, "no more marks than a cell can have")?;
        marks.into_iter().for_each(|mark| cell.push_zerowidth(mark));
        if let Some(color) = Kept::read(from)? {
            cell.set_underline_color(Some(color));
        }
        if let Some(link) = Option::<u64>::read(from)? {
            cell.set_hyperlink(Some(Hyperlink::new(Some(link), String::new())));
        }
        Ok(cell.extra.unwrap_or_default())
    }
}

impl Page {
    fn put(&self, out: &mut Vec<u8>) {
        let Self { bytes, extras, lines } = self;
        extras.put(out);
        put_varint(out, lines.len() as u64);
        for (index, line) in lines.iter().enumerate() {
            // Where a line begins and ends is said by the lengths of the lines before it.
            let Line { at: _, cells, cols, wide, goes_on, end_row: _ } = line;
            cells.put(out);
            cols.put(out);
            wide.put(out);
            goes_on.put(out);
            put_varint(out, self.packed(index).len() as u64);
        }
        put_bytes(out, bytes);
    }

    /// A page whose lines do not know their rows yet.
    fn read(from: &mut Source) -> Result<Self, Damaged> {
        let extras = Extras::read(from)?;
        let mut lines = Vec::new();
        let mut at = 0;
        for _ in 0..from.len()? {
            let (cells, cols) = (u32::read(from)?, u16::read(from)?);
            let (wide, goes_on) = (bool::read(from)?, bool::read(from)?);
            ensure(cells as usize <= MAX_CELLS && cols > 0, "a line of a length and a width that lines can have")?;
            ensure(!goes_on || cells > 0 && cells % u32::from(cols) == 0, "whole rows in a line that goes on")?;
            lines.push(Line { at, cells, cols, wide, goes_on, end_row: 0 });
            at = u32::try_from(from.varint()?)
                .ok()
                .and_then(|len| at.checked_add(len))
                .ok_or(Damaged("a line's length"))?;
        }
        let len = from.len()?;
        ensure(len == at as usize && !lines.is_empty(), "as many bytes as the lines of a page have")?;
        let bytes = from.bytes(len)?.to_vec();
        let page = Self { bytes, extras, lines };
        for (index, line) in page.lines.iter().enumerate() {
            let cells = line.cells as usize;
            ensure(check(page.packed(index), &page.extras, cells)? == cells, "as many cells as a line says")?;
        }
        Ok(page)
    }
}

/// Keeps pages of history outside of snapshots: most of a history never changes any more.
pub trait PageKeeper {
    /// Keeps a page and says under which number it is found again. `None` where there is no room: then the page is a part
    /// of the snapshot.
    fn keep(&mut self, page: &[u8]) -> Option<u64>;
}

/// Finds pages again that a [`PageKeeper`] keeps; of the bytes nothing is believed.
pub type FindPage<'a> = &'a mut dyn FnMut(u64) -> Option<Vec<u8>>;

impl History {
    /// Keeps all pages that change no more and are not kept yet, as far as there is room.
    pub(in crate::engine) fn keep_pages(&mut self, keeper: &mut dyn PageKeeper) {
        let whole = self.pages.len().saturating_sub(1);
        let mut bytes = Vec::new();
        for page in self.pages.range(self.kept.len()..whole) {
            bytes.clear();
            page.put(&mut bytes);
            let Some(number) = keeper.keep(&bytes) else { return };
            self.kept.push_back(number);
        }
    }

    /// No page is kept outside any more.
    pub(in crate::engine) fn forget_kept(&mut self) {
        self.kept.clear();
    }

    /// The number of the oldest page that is kept outside.
    pub(in crate::engine) fn first_kept(&self) -> Option<u64> {
        self.kept.front().copied()
    }

    /// With the numbers of pages in place of those that are kept outside, or with all pages.
    pub(in crate::engine) fn put(&self, whole: bool, out: &mut Vec<u8>) {
        let Self {
            newest,
            pages,
            kept,
            dropped,
            lines: _,
            forgotten,
            cost: _,
            first_row,
            packed_end: _,
            cols,
            max_lines: _,
            max_cost: _,
        } = self;
        cols.put(out);
        newest.is_some().put(out);
        put_rows(newest.iter().map(|(row, _)| &row[..]), out);
        forgotten.put(out);
        first_row.put(out);
        put_varint(out, pages.len() as u64);
        let kept = kept.iter().map(|number| Some(*number)).filter(|_| !whole).chain(std::iter::repeat(None));
        for (page, number) in pages.iter().zip(kept) {
            number.put(out);
            if number.is_none() {
                page.put(out);
            }
        }
        dropped.put(out);
        let gone = pages.front().map_or(&[][..], |page| &page.lines[..*dropped]);
        gone.iter().for_each(|line| line.end_row.put(out));
    }

    /// A history without limits.
    pub(in crate::engine) fn read(from: &mut Source, cols: usize, find: FindPage) -> Result<Self, Damaged> {
        ensure(usize::read(from)? == cols, "a history of the screen's width")?;
        let newest = usize::from(bool::read(from)?);
        let newest = take_rows(from, newest, cols)?.pop().map(|cells| {
            let note = RowNote::of(&cells);
            (GridRow::from_vec(cells, cols), note)
        });
        let (forgotten, first_row) = (u64::read(from)?, u64::read(from)?);
        ensure(forgotten < MOST && first_row < MOST, "row and line numbers that can be counted on from")?;
        let (mut pages, mut kept) = (VecDeque::new(), VecDeque::new());
        let count = from.len()?;
        for index in 0..count {
            let Some(number) = Option::<u64>::read(from)? else {
                pages.push_back(Page::read(from)?);
                continue;
            };
            ensure(index == kept.len() && index + 1 < count, "pages that are kept elsewhere before all others")?;
            let bytes = find(number).ok_or(Damaged("a page that is kept elsewhere"))?;
            let mut from = Source(&bytes);
            pages.push_back(Page::read(&mut from)?);
            ensure(from.is_empty(), "a page and nothing behind it")?;
            kept.push_back(number);
        }
        let dropped = usize::read(from)?;
        let in_first = pages.front().map_or(0, |page: &Page| page.lines.len());
        ensure(dropped < in_first.max(1), "fewer dropped lines than the first page has")?;
        let mut history = Self::new(cols, usize::MAX, usize::MAX);
        history.lines = pages.iter().map(|page| page.lines.len()).sum::<usize>() - dropped;
        history.cost = pages.iter().map(Page::cost).sum();
        (history.newest, history.pages, history.kept, history.dropped) = (newest, pages, kept, dropped);
        (history.forgotten, history.first_row) = (forgotten, first_row);
        for line in history.pages.iter_mut().flat_map(|page| &mut page.lines).take(dropped) {
            line.end_row = u64::read(from)?;
            ensure(line.end_row <= first_row, "dropped lines above the first row")?;
        }
        history.set_cols(cols);
        Ok(history)
    }
}
