//! A workspace as a tree: every pane is a leaf, every division lays its parts out side by side or one below the other.
//! The tree is only the shape; which session is in which leaf is the order of the workspace's panes.

use super::grid_layout::{Divider, MAX_PANES, Of, Placed, WEIGHT, Weights, shape, spans};
use crate::base::PxRect;

/// On which side of a part the next one lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    Right,
    Down,
}

/// How much of a pane's room goes to the one that is split off it, in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share(u16);

impl Share {
    pub const HALF: Self = Self(500);
    /// Less than this leaves no pane to work in.
    pub const LEAST: Self = Self(50);
    pub const MOST: Self = Self(950);

    /// The nearest share that leaves both panes some room.
    pub fn clamped(thousandths: u16) -> Self {
        Self(thousandths.clamp(Self::LEAST.0, Self::MOST.0))
    }

    /// From 50 to 950.
    pub fn thousandths(self) -> u16 {
        self.0
    }
}

/// One pane, or a division.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tree {
    Pane,
    Split(Division),
}

/// Parts that share an area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Division {
    pub side: Side,
    /// At least two.
    pub parts: Vec<Part>,
}

/// A part of a division with its proportion of the room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// From 1 to [`MAX_WEIGHT`].
    pub weight: u32,
    pub tree: Tree,
}

/// The largest weight: sums of twelve of them and their products with a window's pixels stay far below what 64 bits
/// hold.
pub const MAX_WEIGHT: u32 = 1_000_000;

/// The area that stands for a window where none is known: the proportions of a usual display.
pub(super) const USUAL: PxRect = PxRect { x: 0, y: 0, w: 1600, h: 1000 };

impl Tree {
    /// The tree that looks like a grid of so many panes.
    pub fn of_grid(panes: usize, weights: &Weights) -> Self {
        let weights = weights.fitted(panes);
        let (cols, rows) = shape(panes);
        let row = |r: usize| {
            let short = r + 1 == rows && weights.last_row.len() < cols;
            let widths = if short { &weights.last_row } else { &weights.columns };
            let part = |&weight: &u32| Part { weight, tree: Self::Pane };
            Self::division(Side::Right, widths.iter().map(part).collect())
        };
        let part = |(r, &weight): (usize, &u32)| Part { weight, tree: row(r) };
        Self::division(Side::Down, weights.rows.iter().enumerate().map(part).collect())
    }

    /// A division, or its only part.
    fn division(side: Side, mut parts: Vec<Part>) -> Self {
        match parts.pop() {
            None => Self::Pane,
            Some(part) if parts.is_empty() => part.tree,
            Some(part) => {
                parts.push(part);
                Self::Split(Division { side, parts })
            }
        }
    }

    /// How many panes it has.
    pub fn panes(&self) -> usize {
        match self {
            Self::Pane => 1,
            Self::Split(division) => division.parts.iter().map(|part| part.tree.panes()).sum(),
        }
    }

    /// Whether it is one that a workspace can have: no division without two parts, no weight out of range, not too many
    /// panes.
    pub fn is_sound(&self) -> bool {
        fn sound(tree: &Tree) -> bool {
            let Tree::Split(division) = tree else { return true };
            let fits = |part: &Part| (1..=MAX_WEIGHT).contains(&part.weight) && sound(&part.tree);
            division.parts.len() >= 2 && division.parts.iter().all(fits)
        }
        sound(self) && self.panes() <= MAX_PANES
    }

    /// Whether it is divided alike, whatever the weights.
    pub fn has_shape_of(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Pane, Self::Pane) => true,
            (Self::Split(one), Self::Split(other)) => {
                let alike = |(one, other): (&Part, &Part)| one.tree.has_shape_of(&other.tree);
                one.side == other.side
                    && one.parts.len() == other.parts.len()
                    && one.parts.iter().zip(&other.parts).all(alike)
            }
            _ => false,
        }
    }

    /// Where its panes and dividers lie in an area. The panes come in their order: a division's parts one after the
    /// other.
    pub fn place(&self, area: PxRect, gap: u32) -> Placed {
        let mut placed = Placed::default();
        self.place_into(area, gap, &mut 0, &mut placed);
        placed
    }

    fn place_into(&self, area: PxRect, gap: u32, seen: &mut usize, out: &mut Placed) {
        let Self::Split(division) = self else { return out.panes.push(area) };
        let number = *seen;
        *seen += 1;
        let weights: Vec<u32> = division.parts.iter().map(|part| part.weight).collect();
        let right = division.side == Side::Right;
        let parts = spans(if right { area.x } else { area.y }, if right { area.w } else { area.h }, &weights, gap);
        for (i, (part, &(start, length))) in division.parts.iter().zip(&parts).enumerate() {
            let place = |start, length| {
                if right { PxRect { x: start, w: length, ..area } } else { PxRect { y: start, h: length, ..area } }
            };
            part.tree.place_into(place(start, length), gap, seen, out);
            if let Some(&(next, _)) = parts.get(i + 1) {
                let end = start.saturating_add_unsigned(length);
                let rect = place(end, end.abs_diff(next));
                out.dividers.push(Divider { rect, side: division.side, of: Of::Division(number), index: i, area });
            }
        }
    }

    /// The division of this number, as [`Of::Division`] counts them.
    pub fn division_mut(&mut self, number: usize) -> Option<&mut Division> {
        fn find<'a>(tree: &'a mut Tree, left: &mut usize) -> Option<&'a mut Division> {
            let Tree::Split(division) = tree else { return None };
            if *left == 0 {
                return Some(division);
            }
            *left -= 1;
            division.parts.iter_mut().find_map(|part| find(&mut part.tree, left))
        }
        find(self, &mut { number })
    }

    /// Splits a pane: the new one is the next in the order. Nothing else changes; false when there is no such pane or
    /// no room for another.
    pub fn split(&mut self, at: usize, side: Side, share: Share) -> bool {
        if self.panes() >= MAX_PANES {
            return false;
        }
        let Some(leaf) = self.leaf_mut(at) else { return false };
        let new = u32::from(share.thousandths());
        let part = |weight| Part { weight, tree: Self::Pane };
        *leaf = Self::Split(Division { side, parts: vec![part(WEIGHT - new), part(new)] });
        true
    }

    fn leaf_mut(&mut self, at: usize) -> Option<&mut Self> {
        match self {
            Self::Pane => (at == 0).then_some(self),
            Self::Split(division) => {
                let (part, at) = division.part_of(at)?;
                division.parts.get_mut(part)?.tree.leaf_mut(at)
            }
        }
    }

    /// Takes a pane out; its room goes to the part before it, or to the next where it is the first. False when there is
    /// no such pane, or no other.
    pub fn close(&mut self, at: usize) -> bool {
        let Self::Split(division) = self else { return false };
        let Some((index, inner)) = division.part_of(at) else { return false };
        let Some(part) = division.parts.get_mut(index) else { return false };
        if let Self::Split(_) = part.tree {
            return part.tree.close(inner);
        }
        let gone = division.parts.remove(index);
        if let Some(heir) = division.parts.get_mut(index.saturating_sub(1)) {
            heir.weight = heir.weight.saturating_add(gone.weight).min(MAX_WEIGHT);
        }
        if division.parts.len() == 1 {
            *self = division.parts.remove(0).tree;
        }
        true
    }

    /// The pane with the most room in a window of the usual proportions, and the side on which half of it is free.
    pub fn roomiest(&self) -> (usize, Side) {
        let panes = self.place(USUAL, 0).panes;
        let size = |r: &PxRect| u64::from(r.w) * u64::from(r.h);
        // The last of equal ones: a new pane comes behind the others where it can.
        let found = panes.iter().enumerate().max_by_key(|(_, r)| size(r));
        found.map_or((0, Side::Right), |(at, r)| (at, if r.w >= r.h { Side::Right } else { Side::Down }))
    }

    /// Gives every pane the same room.
    pub fn equalize(&mut self) {
        let Self::Split(division) = self else { return };
        for part in &mut division.parts {
            part.weight = WEIGHT * part.tree.panes() as u32;
            part.tree.equalize();
        }
    }
}

impl Division {
    /// The part that has a pane, and which of the part's panes that is.
    fn part_of(&self, mut at: usize) -> Option<(usize, usize)> {
        for (i, part) in self.parts.iter().enumerate() {
            let panes = part.tree.panes();
            if at < panes {
                return Some((i, at));
            }
            at -= panes;
        }
        None
    }
}

#[cfg(test)]
#[path = "split_tests.rs"]
mod tests;
