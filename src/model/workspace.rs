//! A workspace: a name, the sessions that have a place in it, and how it is divided among them.

use super::action::Direction;
use super::grid_layout::MAX_PANES;
use super::layout::Layout;
use super::split::{Share, Side, USUAL};
use crate::base::SessionNo;

/// A named set of panes, at most [`MAX_PANES`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Workspace {
    pub name: String,
    /// The sessions in the order of their places.
    pub panes: Vec<SessionNo>,
    pub layout: Layout,
}

impl Workspace {
    /// One without panes.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// The place of a session.
    pub fn place_of(&self, no: SessionNo) -> Option<usize> {
        self.panes.iter().position(|pane| *pane == no)
    }

    /// Gives a session the next pane. False when there is no room.
    pub fn add(&mut self, no: SessionNo) -> bool {
        if self.panes.len() >= MAX_PANES {
            return false;
        }
        let at = self.layout.open(self.panes.len());
        self.panes.insert(at.min(self.panes.len()), no);
        true
    }

    /// Gives a session a part of another's pane. False when that has none here, or there is no room.
    pub fn split(&mut self, pane: SessionNo, no: SessionNo, side: Side, share: Share) -> bool {
        let Some(at) = self.place_of(pane) else { return false };
        let splits = self.layout.split(self.panes.len(), at, side, share);
        if splits {
            self.panes.insert(at + 1, no);
        }
        splits
    }

    /// A session gives up its pane; the rest moves together.
    pub fn remove(&mut self, no: SessionNo) {
        if let Some(at) = self.place_of(no) {
            self.layout.close(self.panes.len(), at);
            self.panes.remove(at);
        }
    }

    /// Two sessions take each other's places. False when one of them has none here.
    pub fn swap(&mut self, one: SessionNo, other: SessionNo) -> bool {
        let places = self.place_of(one).zip(self.place_of(other));
        if let Some((one, other)) = places {
            self.panes.swap(one, other);
        }
        places.is_some()
    }

    /// Moves an edge of a session's pane by so many hundredths of the window: its right or lower one, or the other where
    /// it has none. False when there is no such edge.
    pub fn nudge(&mut self, no: SessionNo, towards: Direction, percent: u8) -> bool {
        let Some(at) = self.place_of(no) else { return false };
        let whole = if matches!(towards, Direction::Left | Direction::Right) { USUAL.w } else { USUAL.h };
        let placed = self.layout.place(self.panes.len(), USUAL, 0);
        let nudged = self.layout.nudge(&placed, at, towards, whole * u32::from(percent) / 100);
        nudged.map(|layout| self.layout = layout).is_some()
    }

    /// This workspace as it is without the sessions that are not to be seen.
    pub fn with_only(&self, seen: impl Fn(SessionNo) -> bool) -> Self {
        let mut shown = self.clone();
        self.panes.iter().filter(|no| !seen(**no)).for_each(|no| shown.remove(*no));
        shown.layout = shown.layout.fitted(shown.panes.len());
        shown
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::base::PxRect;

    #[derive(Debug, Clone)]
    enum Op {
        Add,
        Split(usize, bool, u16),
        Remove(usize),
        Swap(usize, usize),
    }

    fn op() -> impl Strategy<Value = Op> {
        prop_oneof![
            3 => Just(Op::Add),
            4 => (0..12usize, any::<bool>(), 0..1000u16).prop_map(|(at, down, share)| Op::Split(at, down, share)),
            3 => (0..12usize).prop_map(Op::Remove),
            1 => (0..12usize, 0..12usize).prop_map(|(one, other)| Op::Swap(one, other)),
        ]
    }

    proptest! {
        #[test]
        fn every_pane_has_one_place_and_they_fill_the_window(ops in proptest::collection::vec(op(), 1..60)) {
            let area = PxRect::new(3, 4, 1203, 902);
            let mut workspace = Workspace::new("w");
            for (next, op) in (1..).zip(ops) {
                let before = workspace.clone();
                let nth = |at: usize| before.panes.get(at % before.panes.len().max(1)).copied();
                let new = SessionNo(next);
                match op {
                    Op::Add => prop_assert_eq!(workspace.add(new), before.panes.len() < MAX_PANES),
                    Op::Split(at, down, share) => {
                        let side = if down { Side::Down } else { Side::Right };
                        let splits = nth(at).is_some_and(|no| workspace.split(no, new, side, Share::clamped(share)));
                        prop_assert_eq!(splits, (1..MAX_PANES).contains(&before.panes.len()));
                        if splits {
                            let placed = |w: &Workspace| w.layout.place(w.panes.len(), area, 4).panes;
                            let mut undone = workspace.clone();
                            undone.remove(new);
                            prop_assert_eq!(&undone.panes, &before.panes);
                            prop_assert_eq!(placed(&undone), placed(&before));
                        }
                    }
                    Op::Remove(at) => nth(at).into_iter().for_each(|no| workspace.remove(no)),
                    Op::Swap(one, other) => {
                        let swapped = nth(one).zip(nth(other)).is_some_and(|(one, other)| workspace.swap(one, other));
                        prop_assert_eq!(swapped, !before.panes.is_empty());
                    }
                }
                let panes = workspace.panes.len();
                prop_assert!(panes <= MAX_PANES);
                if let Layout::Split(tree) = &workspace.layout {
                    prop_assert!(tree.is_sound() && tree.panes() == panes, "{workspace:?}");
                }
                let placed = workspace.layout.place(panes, area, 4);
                prop_assert_eq!(placed.panes.len(), panes);
                let room = |r: &PxRect| u64::from(r.w) * u64::from(r.h);
                let filled: u64 = placed.panes.iter().chain(placed.dividers.iter().map(|d| &d.rect)).map(room).sum();
                prop_assert_eq!(filled, if panes == 0 { 0 } else { room(&area) });
                for (i, one) in placed.panes.iter().enumerate() {
                    let apart = |other: &PxRect| {
                        one.right() <= other.x || other.right() <= one.x
                            || one.bottom() <= other.y || other.bottom() <= one.y
                    };
                    prop_assert!(placed.panes[i + 1..].iter().all(apart), "{placed:?}");
                }
            }
        }
    }

    #[test]
    fn what_is_not_to_be_seen_leaves_no_hole() {
        let no = SessionNo;
        let mut workspace = Workspace::new("w");
        workspace.add(no(1));
        workspace.split(no(1), no(2), Side::Right, Share::HALF);
        workspace.split(no(2), no(3), Side::Down, Share::HALF);
        let shown = workspace.with_only(|pane| pane != no(2));
        assert_eq!(shown.panes, [no(1), no(3)]);
        let area = PxRect::new(0, 0, 100, 50);
        let placed = shown.layout.place(2, area, 0).panes;
        assert_eq!(placed, [PxRect::new(0, 0, 50, 50), PxRect::new(50, 0, 50, 50)]);
        assert!(!workspace.split(no(9), no(4), Side::Right, Share::HALF) && !workspace.swap(no(1), no(9)));
    }
}
