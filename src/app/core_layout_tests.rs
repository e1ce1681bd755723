//! A window that splits its panes, moves their edges and swaps them.

use super::words::short;
use super::*;
use crate::model::split::{Share, Side};
use crate::model::{Action, Direction, Layout};
use crate::protocol::methods::CreateParams;

/// Pane 1 at the left, 2 above 3 at the right.
fn split() -> Workspace {
    let mut workspace = Workspace { panes: vec![SessionNo(1)], ..Workspace::new("default") };
    workspace.split(SessionNo(1), SessionNo(2), Side::Right, Share::HALF);
    workspace.split(SessionNo(2), SessionNo(3), Side::Down, Share::HALF);
    workspace
}

fn desk() -> Desk {
    let mut desk = Desk::new(3);
    desk.tell(split());
    desk.draw();
    desk.out.clear();
    desk
}

impl Desk {
    fn tell(&mut self, workspace: Workspace) {
        self.step(Event::Board(self.core.connection.attempt, BoardEvent::Workspace(workspace)));
    }

    fn outer(&self, no: u32) -> PxRect {
        self.core.arrangement.pane(SessionNo(no)).unwrap().outer
    }

    fn created(&self) -> Option<CreateParams> {
        self.out.iter().find_map(|effect| match effect {
            Effect::Call(_, Call::Create(params)) => Some(params.clone()),
            _ => None,
        })
    }
}

#[test]
fn a_split_is_drawn_as_it_is_and_focus_goes_through_it() {
    let mut desk = desk();
    let (one, two, three) = (desk.outer(1), desk.outer(2), desk.outer(3));
    assert_eq!((one.h, two.x, two.w), (desk.core.arrangement.area.h, three.x, three.w));
    assert!(one.right() < two.x && two.bottom() < three.y && three.bottom() == one.bottom());
    desk.keys("ctrl+shift+right ctrl+shift+down");
    assert_eq!(desk.core.focus, Some(SessionNo(3)));
    desk.keys("ctrl+shift+left");
    assert_eq!(desk.core.focus, Some(SessionNo(1)));
}

#[test]
fn a_pane_is_split_with_the_size_that_the_half_will_have() {
    let mut desk = desk();
    desk.keys("ctrl+shift+e");
    let params = desk.created().unwrap();
    let half = params.split.clone().unwrap();
    assert_eq!((short(&half.pane), Side::from(half.direction)), ("1", Side::Down));
    let mut then = split();
    then.split(SessionNo(1), SessionNo(4), Side::Down, Share::HALF);
    desk.step(Event::Board(desk.core.connection.attempt, BoardEvent::Session(info(4))));
    desk.tell(then);
    let grid = desk.core.arrangement.pane(SessionNo(4)).unwrap().grid;
    assert_eq!((params.cols, params.rows), (grid.cols(), grid.lines()));
    desk.out.clear();
    let cell = PxSize { w: 8, h: 16 };
    desk.step(Event::Geometry(Geometry { size: PxSize { w: 200, h: 200 }, cell, scale: 1.0 }));
    desk.keys("ctrl+shift+d");
    assert_eq!((desk.created(), desk.notice()), (None, "There is no room to split this pane"));
}

#[test]
fn keys_move_edges_of_splits_and_of_grids() {
    let mut desk = desk();
    let before = desk.outer(1).w;
    desk.keys("ctrl+shift+alt+right ctrl+shift+alt+right ctrl+shift+alt+left");
    assert!(desk.outer(1).w.abs_diff(before + 16) <= 2, "{} {before}", desk.outer(1).w);
    assert_eq!(desk.did().matches("layout").count(), 3);
    desk.keys("ctrl+shift+alt+up");
    assert_eq!(desk.did(), "", "there is no edge above or below");
    desk.panes(&[1, 2]);
    desk.did();
    desk.keys("ctrl+shift+alt+right");
    assert!(desk.did().contains("weights"), "a grid stays one");
}

#[test]
fn a_divider_of_a_split_is_dragged_until_somebody_divides_otherwise() {
    let mut desk = desk();
    let divider = desk.core.arrangement.dividers.iter().find(|d| d.side == Side::Down).unwrap().rect.center();
    let to = PxPoint { y: divider.y + 60, ..divider };
    let before = (desk.outer(1), desk.outer(2).h);
    desk.pointer(MouseKind::Press, MouseButton::Left, divider);
    desk.pointer(MouseKind::Motion, MouseButton::Left, to);
    assert_eq!(desk.outer(1), before.0);
    assert!(desk.outer(2).h.abs_diff(before.1 + 60) <= 2);
    desk.tell(split());
    assert!(desk.outer(2).h.abs_diff(before.1 + 60) <= 2, "the pointer is ahead of the host");
    let mut other = split();
    other.remove(SessionNo(3));
    desk.tell(other.clone());
    assert_eq!(desk.core.board.workspace, other);
    desk.did();
    desk.pointer(MouseKind::Release, MouseButton::Left, to);
    assert_eq!(desk.did(), "", "that division is no more");
}

#[test]
fn panes_are_swapped_by_keys_and_by_their_headers() {
    let mut desk = Desk::with(3, CoreOptions { keymap: swapping(), ..options() });
    desk.tell(split());
    desk.draw();
    desk.out.clear();
    desk.keys("ctrl+shift+right ctrl+shift+up");
    let (left, right) = (desk.outer(1), desk.outer(2));
    assert_eq!((desk.core.focus, desk.did().contains("swap")), (Some(SessionNo(2)), false));
    desk.keys("f9");
    assert!(desk.did().contains("swap 2 1"));
    assert_eq!((desk.outer(1), desk.outer(2), desk.core.focus), (right, left, Some(SessionNo(2))));
    let header = |desk: &Desk, no: u32| desk.core.arrangement.pane(SessionNo(no)).unwrap().header.unwrap().center();
    let (from, to) = (header(&desk, 3), desk.center(2));
    desk.pointer(MouseKind::Press, MouseButton::Left, from);
    desk.pointer(MouseKind::Motion, MouseButton::Left, to);
    assert_eq!(desk.core.cursor_kind, CursorKind::Hand);
    desk.pointer(MouseKind::Release, MouseButton::Left, to);
    assert!(desk.did().contains("swap 3 2"));
    assert_eq!(desk.core.board.workspace.panes, [3, 1, 2].map(SessionNo));
    desk.click(header(&desk, 1));
    assert!(!desk.did().contains("swap"), "a click is none");
    assert!(matches!(desk.core.board.workspace.layout, Layout::Split(_)));
    desk.core.set_focus(SessionNo(3));
    assert_eq!(desk.core.beside(Direction::Left), None);
}

/// The usual keys, and one that swaps.
fn swapping() -> Keymap {
    let mut keymap = Keymap::default();
    keymap.bind("f9".parse().unwrap(), Action::SwapLeft);
    keymap
}
