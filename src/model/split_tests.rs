//! The tree of splits: that it looks like the grid it came from, and what its operations leave alone.

use super::*;
use crate::base::PxPoint;
use crate::model::grid_layout;
use crate::model::{Direction, Layout};

const AREA: PxRect = PxRect { x: 7, y: 5, w: 1203, h: 902 };

fn part(weight: u32, tree: Tree) -> Part {
    Part { weight, tree }
}

fn split(side: Side, parts: Vec<Part>) -> Tree {
    Tree::Split(Division { side, parts })
}

/// One pane at the left, two at the right, one below the other.
fn three() -> Tree {
    let right = split(Side::Down, vec![part(1, Tree::Pane), part(3, Tree::Pane)]);
    split(Side::Right, vec![part(2, Tree::Pane), part(1, right)])
}

#[test]
fn a_grid_becomes_the_tree_that_looks_the_same() {
    for panes in 1..=MAX_PANES {
        let fresh = Weights::equal(panes);
        let uneven = |list: &Vec<u32>| list.iter().zip(1..).map(|(w, n)| w * n + 17).collect();
        let uneven =
            Weights { columns: uneven(&fresh.columns), rows: uneven(&fresh.rows), last_row: uneven(&fresh.last_row) };
        for weights in [fresh, uneven] {
            let tree = Tree::of_grid(panes, &weights);
            assert!(tree.is_sound() && tree.panes() == panes);
            let grid = grid_layout::place(panes, &weights, AREA, 5);
            let placed = tree.place(AREA, 5);
            assert_eq!(placed.panes, grid.panes, "{panes} panes");
            let rects = |placed: &Placed| {
                let mut rects: Vec<_> =
                    placed.dividers.iter().map(|d| (d.rect.x, d.rect.y, d.rect.w, d.rect.h)).collect();
                rects.sort_unstable();
                rects
            };
            assert_eq!(rects(&placed), rects(&grid), "{panes} panes");
        }
    }
}

#[test]
fn a_split_changes_one_pane_and_no_other() {
    let mut tree = three();
    let before = tree.place(AREA, 4).panes;
    assert!(tree.split(1, Side::Right, Share::clamped(250)));
    let after = tree.place(AREA, 4).panes;
    assert_eq!((after[0], after[3]), (before[0], before[2]));
    let (old, new) = (after[1], after[2]);
    assert_eq!((old.x, new.right(), new.x - old.right()), (before[1].x, before[1].right(), 4));
    assert!((i64::from(old.w) - 3 * i64::from(new.w)).abs() <= 4, "{old:?} {new:?}");
    assert!(!tree.split(4, Side::Right, Share::HALF), "there is no fifth pane");
    while tree.panes() < MAX_PANES {
        assert!(tree.split(0, Side::Down, Share::HALF));
    }
    assert!(!tree.split(0, Side::Down, Share::HALF));
    assert_eq!((Share::clamped(0), Share::clamped(1000)), (Share::LEAST, Share::MOST));
}

#[test]
fn what_is_closed_leaves_its_room_to_its_sibling() {
    let mut tree = three();
    let before = tree.place(AREA, 4).panes;
    assert!(tree.close(2));
    let after = tree.place(AREA, 4).panes;
    assert_eq!((after[0], after[1].x, after[1].bottom()), (before[0], before[1].x, AREA.bottom()));
    assert!(tree.close(0) && tree == Tree::Pane && !tree.close(0));
    let mut row = split(Side::Right, [1, 2, 3].map(|weight| part(weight, Tree::Pane)).to_vec());
    assert!(!row.close(3));
    assert!(row.close(0));
    assert_eq!(row, split(Side::Right, [3, 3].map(|weight| part(weight, Tree::Pane)).to_vec()));
}

#[test]
fn a_divider_follows_the_pointer_and_moves_nothing_else() {
    let layout = Layout::Split(three());
    let placed = layout.place(3, AREA, 4);
    let inner = placed.divider(Of::Division(1), 0).unwrap();
    assert_eq!((inner.side, inner.rect.x), (Side::Down, placed.panes[1].x));
    let to = PxPoint { x: 0, y: inner.rect.y + 100 };
    let after = layout.drag(3, inner, to).place(3, AREA, 4);
    assert_eq!(after.panes[0], placed.panes[0]);
    let moved = after.divider(Of::Division(1), 0).unwrap().rect.y;
    assert!(moved.abs_diff(to.y) <= 1, "{moved} is not {}", to.y);
    for wild in [i32::MIN, i32::MAX] {
        let dragged = layout.drag(3, inner, PxPoint { x: wild, y: wild });
        assert!(dragged.place(3, AREA, 4).panes.iter().all(|r| r.h > 20), "{dragged:?}");
    }
}

#[test]
fn edges_are_nudged_where_they_are() {
    let layout = Layout::Split(three());
    let placed = layout.place(3, AREA, 4);
    let widths = |layout: Option<Layout>| layout.map(|l| l.place(3, AREA, 4).panes[0].w);
    let w = placed.panes[0].w;
    let near = |found: Option<u32>, wanted: u32| assert!(found.is_some_and(|f| f.abs_diff(wanted) <= 1), "{found:?}");
    near(widths(layout.nudge(&placed, 0, Direction::Right, 40)), w + 40);
    near(widths(layout.nudge(&placed, 0, Direction::Left, 40)), w - 40);
    // At the window's edge it is the other side that moves.
    near(widths(layout.nudge(&placed, 2, Direction::Left, 40)), w - 40);
    assert_eq!(layout.nudge(&placed, 0, Direction::Up, 40), None);
    let grid = Layout::default();
    let placed = grid.place(5, AREA, 4);
    let wider = grid.nudge(&placed, 3, Direction::Right, 30).unwrap().place(5, AREA, 4);
    assert!(wider.panes[3].w.abs_diff(placed.panes[3].w + 30) <= 1);
    assert_eq!(wider.panes[0], placed.panes[0]);
}

#[test]
fn a_new_pane_takes_half_of_the_roomiest() {
    let mut layout = Layout::Split(three());
    assert_eq!(layout.open(3), 1, "behind the large pane at the left");
    let placed = layout.place(4, AREA, 0).panes;
    assert_eq!((placed[0].w, placed[0].y, placed[2].h), (placed[1].w, placed[1].y, AREA.h / 4));
    let even = layout.equal(4).place(4, AREA, 0).panes;
    let room = |r: &PxRect| r.w * r.h;
    assert!(even.iter().all(|r| room(r).abs_diff(room(&AREA) / 4) < 2000), "{even:?}");
}

#[test]
fn what_is_no_tree_is_told() {
    let one = split(Side::Right, vec![part(1, Tree::Pane)]);
    let none = split(Side::Down, Vec::new());
    let weightless = split(Side::Right, vec![part(0, Tree::Pane), part(1, Tree::Pane)]);
    let heavy = split(Side::Right, vec![part(MAX_WEIGHT + 1, Tree::Pane), part(1, Tree::Pane)]);
    let many = split(Side::Right, (0..13).map(|_| part(1, Tree::Pane)).collect());
    for bad in [one, none, weightless, heavy, many] {
        assert!(!bad.is_sound(), "{bad:?}");
        let panes = bad.panes();
        assert_eq!(Layout::Split(bad).fitted(panes), Layout::Grid(Weights::equal(panes)));
    }
    assert_eq!(Layout::Split(three()).fitted(2), Layout::Grid(Weights::equal(2)));
}
