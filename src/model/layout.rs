//! How a workspace is divided among its panes: as a grid, whose shape follows from their number, or as a tree of splits.

use super::action::Direction;
use super::grid_layout::{self, Divider, Placed, Weights};
use super::split::{Share, Side, Tree};
use crate::base::{PxPoint, PxRect};

/// A division of a workspace. Which session is in which place is the order of the workspace's panes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Layout {
    Grid(Weights),
    /// It has as many leaves as the workspace has panes.
    Split(Tree),
}

impl Default for Layout {
    fn default() -> Self {
        Self::Grid(Weights::default())
    }
}

impl Layout {
    /// This layout where it fits that number of panes, else the grid.
    pub fn fitted(&self, panes: usize) -> Self {
        match self {
            Self::Grid(weights) => Self::Grid(weights.fitted(panes)),
            Self::Split(tree) if tree.panes() == panes && tree.is_sound() => self.clone(),
            Self::Split(_) => Self::Grid(Weights::equal(panes)),
        }
    }

    /// Lays so many panes out in an area, with a gap between them.
    pub fn place(&self, panes: usize, area: PxRect, gap: u32) -> Placed {
        match self.fitted(panes) {
            Self::Split(tree) => tree.place(area, gap),
            Self::Grid(weights) => grid_layout::place(panes, &weights, area, gap),
        }
    }

    /// Splits the pane at this place; the new one has the next. A grid becomes the tree that looks like it. False when
    /// there is no such pane or no room for another.
    pub fn split(&mut self, panes: usize, at: usize, side: Side, share: Share) -> bool {
        let mut tree = match self.fitted(panes) {
            Self::Grid(weights) => Tree::of_grid(panes, &weights),
            Self::Split(tree) => tree,
        };
        let splits = at < panes && tree.split(at, side, share);
        if splits {
            *self = Self::Split(tree);
        }
        splits
    }

    /// Makes room for a pane beside so many; returns its place. In a tree it halves the pane that has the most.
    pub fn open(&mut self, panes: usize) -> usize {
        let Self::Split(tree) = self else { return panes };
        let (at, side) = tree.roomiest();
        tree.split(at, side, Share::HALF);
        at + 1
    }

    /// The pane at this place, one of so many, is gone.
    pub fn close(&mut self, panes: usize, at: usize) {
        if let Self::Split(tree) = self {
            tree.close(at);
            // One pane looks the same however it is divided.
            if panes <= 2 {
                *self = Self::default();
            }
        }
    }

    /// The same division with the same room for all.
    pub fn equal(&self, panes: usize) -> Self {
        let mut equal = self.fitted(panes);
        match &mut equal {
            Self::Grid(weights) => *weights = Weights::equal(panes),
            Self::Split(tree) => tree.equalize(),
        }
        equal
    }

    /// The layout after a divider was dragged to a point: what lies before and behind it changes, nothing else does, and
    /// neither part vanishes.
    pub fn drag(&self, panes: usize, divider: &Divider, to: PxPoint) -> Self {
        let mut out = self.fitted(panes);
        match &mut out {
            Self::Grid(weights) => grid_layout::drag(weights, divider, to),
            Self::Split(tree) => grid_layout::drag_in(tree, divider, to),
        }
        out
    }

    /// The layout after the edge of a pane was moved by so much: its right or lower one, or the other where it has none.
    /// `None` when there is no edge to be moved that way. `placed` is this layout's.
    pub fn nudge(&self, placed: &Placed, pane: usize, towards: Direction, by: u32) -> Option<Self> {
        let divider = placed.edge(pane, towards)?;
        let at = PxPoint { x: divider.rect.x, y: divider.rect.y };
        let to = match towards {
            Direction::Left => PxPoint { x: at.x.saturating_sub_unsigned(by), ..at },
            Direction::Right => PxPoint { x: at.x.saturating_add_unsigned(by), ..at },
            Direction::Up => PxPoint { y: at.y.saturating_sub_unsigned(by), ..at },
            Direction::Down => PxPoint { y: at.y.saturating_add_unsigned(by), ..at },
        };
        Some(self.drag(placed.panes.len(), divider, to))
    }
}
