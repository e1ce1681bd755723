//! The grid of panes: its shape from the number of panes, where each pane lies, its dividers and its neighbours.

use super::action::Direction;
use super::split::{Side, Tree};
use crate::base::{PxPoint, PxRect, geom};

/// Most panes in one workspace's grid.
pub const MAX_PANES: usize = 12;

/// Columns and rows of the grid for a number of panes: 1x1, 2x1, 2x2, 3x2, 3x3, 4x3.
pub fn shape(panes: usize) -> (usize, usize) {
    match panes {
        0 | 1 => (1, 1),
        2 => (2, 1),
        3..=4 => (2, 2),
        5..=6 => (3, 2),
        7..=9 => (3, 3),
        _ => (4, 3),
    }
}

/// The weight of a row or column nobody has resized.
pub const WEIGHT: u32 = 1000;
/// The least weight dragging can leave to a part, where all of them together have [`WEIGHT`] each.
const MIN_WEIGHT: u32 = 100;

/// How wide the columns and how high the rows are, in proportion to each other. Columns of full rows share their
/// widths, so that dividers line up; a short last row, which stretches to fill, has widths of its own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Weights {
    pub columns: Vec<u32>,
    pub rows: Vec<u32>,
    pub last_row: Vec<u32>,
}

impl Weights {
    /// Equal weights for a number of panes.
    pub fn equal(panes: usize) -> Self {
        let (cols, rows) = shape(panes);
        Self { columns: vec![WEIGHT; cols], rows: vec![WEIGHT; rows], last_row: vec![WEIGHT; last_row_len(panes)] }
    }

    /// These weights where they fit that number of panes, else equal ones. What still fits is kept: a pane more in the
    /// same shape leaves columns and rows as they are.
    pub fn fitted(&self, panes: usize) -> Self {
        let keep = |mine: &Vec<u32>, fresh: Vec<u32>| {
            let fits = mine.len() == fresh.len() && mine.iter().all(|w| (1..=1_000_000).contains(w));
            if fits { mine.clone() } else { fresh }
        };
        let fresh = Self::equal(panes);
        Self {
            columns: keep(&self.columns, fresh.columns),
            rows: keep(&self.rows, fresh.rows),
            last_row: keep(&self.last_row, fresh.last_row),
        }
    }
}

fn last_row_len(panes: usize) -> usize {
    let (cols, rows) = shape(panes);
    panes.saturating_sub(cols * (rows - 1)).clamp(1, cols)
}

/// Where a divider is and which weights it changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Divider {
    /// What a pointer can grab.
    pub rect: PxRect,
    /// On which side of it the next part lies.
    pub side: Side,
    pub of: Of,
    /// The divider lies behind the part with this index.
    pub index: usize,
    /// What the parts share.
    pub area: PxRect,
}

/// Which list of weights a divider belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    Columns,
    Rows,
    LastRow,
    /// That of a tree's division: a division counts before those in it, and they in their order.
    Division(usize),
}

/// The panes' rectangles and the dividers between them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Placed {
    /// In the order of the panes: left to right, then down.
    pub panes: Vec<PxRect>,
    pub dividers: Vec<Divider>,
}

/// Lays `panes` panes out in `area` with `gap` pixels between them. The weights are fitted first.
pub fn place(panes: usize, weights: &Weights, area: PxRect, gap: u32) -> Placed {
    let mut out = Placed::default();
    if panes == 0 {
        return out;
    }
    let weights = weights.fitted(panes);
    let (cols, rows) = shape(panes);
    let row_spans = spans(area.y, area.h, &weights.rows, gap);
    for (r, &(y, h)) in row_spans.iter().enumerate() {
        let short = r + 1 == rows && last_row_len(panes) < cols;
        let (widths, of) = if short { (&weights.last_row, Of::LastRow) } else { (&weights.columns, Of::Columns) };
        for (c, (x, w)) in spans(area.x, area.w, widths, gap).into_iter().enumerate() {
            out.panes.push(PxRect::new(x, y, w, h));
            if c + 1 < widths.len() {
                let rect = PxRect::new(x.saturating_add_unsigned(w), y, fitting(gap, area.w, widths.len()), h);
                out.dividers.push(Divider { rect, side: Side::Right, of, index: c, area });
            }
        }
        if r + 1 < rows {
            let y = y.saturating_add_unsigned(h);
            let rect = PxRect::new(area.x, y, area.w, fitting(gap, area.h, rows));
            out.dividers.push(Divider { rect, side: Side::Down, of: Of::Rows, index: r, area });
        }
    }
    out.panes.truncate(panes);
    out
}

/// Start and length of each part of `length` pixels with gaps between the parts.
pub(super) fn spans(start: i32, length: u32, weights: &[u32], gap: u32) -> Vec<(i32, u32)> {
    let gap = fitting(gap, length, weights.len());
    let gaps = gap * weights.len().saturating_sub(1) as u32;
    let mut at = start;
    geom::split(length - gaps, weights)
        .into_iter()
        .map(|part| {
            let span = (at, part);
            at = at.saturating_add_unsigned(part).saturating_add_unsigned(gap);
            span
        })
        .collect()
}

/// The gap between parts where there is room for it.
fn fitting(gap: u32, length: u32, parts: usize) -> u32 {
    gap.min(length / parts.max(1) as u32)
}

/// Moves a divider of the grid to a point: the weights before and behind it change, and neither vanishes. They are
/// those that it was placed with.
pub(super) fn drag(weights: &mut Weights, divider: &Divider, to: PxPoint) {
    match divider.of {
        Of::Columns => shift(&mut weights.columns, divider, to),
        Of::LastRow => shift(&mut weights.last_row, divider, to),
        Of::Rows => shift(&mut weights.rows, divider, to),
        Of::Division(_) => {}
    }
}

/// As [`drag`], for a divider of a tree.
pub(super) fn drag_in(tree: &mut Tree, divider: &Divider, to: PxPoint) {
    let Of::Division(number) = divider.of else { return };
    let Some(division) = tree.division_mut(number).filter(|division| division.side == divider.side) else { return };
    let mut weights: Vec<u32> = division.parts.iter().map(|part| part.weight).collect();
    shift(&mut weights, divider, to);
    division.parts.iter_mut().zip(weights).for_each(|(part, weight)| part.weight = weight);
}

fn shift(list: &mut [u32], divider: &Divider, to: PxPoint) {
    let (area, index, parts) = (divider.area, divider.index, list.len() as u64);
    let (start, length, gap, at) = match divider.side {
        Side::Right => (area.x, area.w, divider.rect.w, to.x),
        Side::Down => (area.y, area.h, divider.rect.h, to.y),
    };
    let gap = u64::from(gap);
    let length = u64::from(length).saturating_sub(gap * parts.saturating_sub(1));
    if index + 1 >= list.len() || length == 0 {
        return;
    }
    // Small numbers make for large steps.
    let small = list.iter().map(|&w| u64::from(w)).sum::<u64>().max(1);
    if small < u64::from(WEIGHT) * parts {
        let times = u64::from(WEIGHT) * parts / small + 1;
        list.iter_mut().for_each(|w| *w = (u64::from(*w) * times).min(u64::from(u32::MAX)) as u32);
    }
    let sum: u64 = list.iter().map(|&w| u64::from(w)).sum();
    let before: u64 = list[..index].iter().map(|&w| u64::from(w)).sum();
    let pair = u64::from(list[index]) + u64::from(list[index + 1]);
    let px = i64::from(at) - i64::from(start) - (gap * index as u64) as i64;
    let px = px.clamp(0, length as i64) as u64;
    let least = (sum * u64::from(MIN_WEIGHT) / (u64::from(WEIGHT) * parts)).clamp(1, (pair / 2).max(1));
    let first = (px * sum).div_ceil(length).saturating_sub(before).clamp(least, (pair - least).max(least));
    list[index] = first as u32;
    list[index + 1] = (pair - first) as u32;
}

impl Placed {
    /// The divider of these weights, if it is still there.
    pub fn divider(&self, of: Of, index: usize) -> Option<&Divider> {
        self.dividers.iter().find(|d| d.of == of && d.index == index)
    }

    /// The divider along a pane's right edge, or the lower one for up and down; where that is the area's own, the one
    /// at its other side.
    pub(super) fn edge(&self, pane: usize, towards: Direction) -> Option<&Divider> {
        let pane = self.panes.get(pane)?;
        let side = if matches!(towards, Direction::Left | Direction::Right) { Side::Right } else { Side::Down };
        let along = |d: &&Divider| {
            let r = d.rect;
            d.side == side
                && match side {
                    Side::Right => r.y <= pane.y && r.bottom() >= pane.bottom(),
                    Side::Down => r.x <= pane.x && r.right() >= pane.right(),
                }
        };
        let behind = |d: &&Divider| match side {
            Side::Right => d.rect.x == pane.right(),
            Side::Down => d.rect.y == pane.bottom(),
        };
        let before = |d: &&Divider| match side {
            Side::Right => d.rect.right() == pane.x,
            Side::Down => d.rect.bottom() == pane.y,
        };
        let all = || self.dividers.iter().filter(along);
        all().find(behind).or_else(|| all().find(before))
    }
}

/// The pane to focus when going from pane `from` in a direction: the nearest one that lies there, by how far its middle
/// is off the way. `None` at the edge.
pub fn neighbour(placed: &Placed, from: usize, direction: Direction) -> Option<usize> {
    let here = placed.panes.get(from)?;
    let candidates = placed.panes.iter().enumerate().filter(|(i, r)| {
        *i != from
            && match direction {
                Direction::Left => r.right() <= here.x,
                Direction::Right => r.x >= here.right(),
                Direction::Up => r.bottom() <= here.y,
                Direction::Down => r.y >= here.bottom(),
            }
    });
    let (c, vertical) = (here.center(), matches!(direction, Direction::Up | Direction::Down));
    candidates
        .min_by_key(|(i, r)| {
            let o = r.center();
            let (along, across) = (c.y.abs_diff(o.y), c.x.abs_diff(o.x));
            if vertical { (along, across, *i) } else { (across, along, *i) }
        })
        .map(|(i, _)| i)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AREA: PxRect = PxRect { x: 0, y: 0, w: 1203, h: 902 };

    #[test]
    fn the_shape_follows_the_count() {
        let shapes: Vec<_> = (1..=12).map(shape).collect();
        let (a, b, c, d) = ((2, 2), (3, 2), (3, 3), (4, 3));
        assert_eq!(shapes, [(1, 1), (2, 1), a, a, b, b, c, c, c, d, d, d]);
    }

    #[test]
    fn panes_fill_the_area_without_overlap() {
        for n in 1..=MAX_PANES {
            let placed = place(n, &Weights::default(), AREA, 4);
            assert_eq!(placed.panes.len(), n);
            let (_, rows) = shape(n);
            let area: u64 = placed.panes.iter().map(|r| u64::from(r.w) * u64::from(r.h)).sum();
            let gaps: u64 = placed.dividers.iter().map(|d| u64::from(d.rect.w) * u64::from(d.rect.h)).sum();
            assert_eq!(area + gaps, u64::from(AREA.w) * u64::from(AREA.h), "{n} panes in {rows} rows");
            assert_eq!(placed.panes[n - 1].right(), AREA.right(), "the last row stretches, {n} panes");
        }
    }

    #[test]
    fn dragging_moves_the_divider_under_the_pointer_and_nothing_else() {
        let placed = place(12, &Weights::default(), AREA, 4);
        let divider = placed.divider(Of::Columns, 1).unwrap();
        let to = PxPoint { x: divider.rect.x + 60, y: 10 };
        let mut weights = Weights::equal(12);
        drag(&mut weights, divider, to);
        let after = place(12, &weights, AREA, 4);
        let moved = after.divider(Of::Columns, 1).unwrap();
        assert!(moved.rect.x.abs_diff(to.x) <= 1, "{} is not near {}", moved.rect.x, to.x);
        assert_eq!((after.panes[0], after.panes[3]), (placed.panes[0], placed.panes[3]));
        for wild in [i32::MIN, i32::MAX] {
            let mut w = weights.clone();
            drag(&mut w, after.divider(Of::Rows, 0).unwrap(), PxPoint { x: 0, y: wild });
            assert!(place(12, &w, AREA, 4).panes.iter().all(|r| r.h > 20), "{w:?}");
        }
    }

    #[test]
    fn weights_that_do_not_fit_are_equal_again() {
        let odd = Weights { columns: vec![1, 0], rows: vec![5], last_row: vec![] };
        assert_eq!(odd.fitted(4), Weights::equal(4));
    }

    #[test]
    fn focus_moves_to_what_lies_there() {
        let placed = place(5, &Weights::default(), AREA, 4);
        assert_eq!(neighbour(&placed, 0, Direction::Right), Some(1));
        assert_eq!(neighbour(&placed, 0, Direction::Down), Some(3));
        assert_eq!(neighbour(&placed, 4, Direction::Left), Some(3));
        assert!(matches!(neighbour(&placed, 4, Direction::Up), Some(1 | 2)));
        assert_eq!(neighbour(&placed, 2, Direction::Right), None);
    }
}
