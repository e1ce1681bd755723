//! How the window divides itself among its panes: what keys and the pointer change about it, seen at once here and told
//! to the host for the other windows.

use super::arrange::Arrangement;
use super::connection::Pending;
use super::core::Core;
use super::event::Call;
use super::on_host::NEW;
use crate::base::{PxPoint, SessionNo};
use crate::model::board::Workspace;
use crate::model::grid_layout::{self, Divider, Of};
use crate::model::{Direction, Layout, Share, Side, agent};
use crate::protocol::methods::{SetWeightsParams, SplitParams, SwapParams, UpdateLayoutParams};
use crate::protocol::shapes::LayoutShape;

/// The smallest halves that a pane is split into, in columns and lines: a prompt and what is typed at it.
const LEAST: (u16, u16) = (10, 2);
/// How far a key moves an edge, in columns and lines.
const STEP: (u32, u32) = (2, 1);

/// A divider on its way.
#[derive(Debug, Clone, PartialEq)]
pub struct DividerDrag {
    of: Of,
    index: usize,
    pub side: Side,
    /// Where in the divider it was grabbed.
    grip: PxPoint,
    layout: Layout,
}

impl DividerDrag {
    fn new(divider: &Divider, at: PxPoint, layout: Layout) -> Self {
        let grip = PxPoint { x: at.x - divider.rect.x, y: at.y - divider.rect.y };
        Self { of: divider.of, index: divider.index, side: divider.side, grip, layout }
    }

    /// What dragging has made and the host does not know yet; `None` when the workspace is divided otherwise by now.
    pub fn layout_for(&self, workspace: &Workspace) -> Option<Layout> {
        let panes = workspace.panes.len();
        match (&self.layout, &workspace.layout) {
            (Layout::Grid(weights), Layout::Grid(_)) => Some(Layout::Grid(weights.fitted(panes))),
            (Layout::Split(mine), Layout::Split(theirs)) => mine.has_shape_of(theirs).then(|| self.layout.clone()),
            _ => None,
        }
    }
}

impl Core {
    pub(super) fn grab_divider(&mut self, divider: &Divider, at: PxPoint) {
        let drag = DividerDrag::new(divider, at, self.board.workspace.layout.clone());
        self.pointer.divider = Some(drag);
    }

    pub(super) fn drag_divider(&mut self, at: PxPoint) {
        let Some(drag) = &mut self.pointer.divider else { return };
        let to = PxPoint { x: at.x.saturating_sub(drag.grip.x), y: at.y.saturating_sub(drag.grip.y) };
        let Some(divider) = self.arrangement.placed.divider(drag.of, drag.index) else { return };
        drag.layout = drag.layout.drag(self.board.workspace.panes.len(), divider, to);
        self.board.workspace.layout = drag.layout.clone();
        self.dirty = true;
    }

    pub(super) fn let_divider_go(&mut self) {
        if let Some(drag) = self.pointer.divider.take() {
            self.set_layout(drag.layout);
        }
    }

    /// Whether a pane is being carried over another one.
    pub(super) fn carries_elsewhere(&self, at: PxPoint) -> bool {
        let there = self.arrangement.pane_at(at).map(|pane| pane.no);
        self.pointer.carried.is_some_and(|no| there.is_some_and(|there| there != no))
    }

    /// Opens a shell in half of the focused pane; where there is none, in the first one.
    pub(super) fn split_pane(&mut self, side: Side) {
        let focused = self.focused().map(|info| (info.no, info.id.to_string()));
        let Some((no, pane)) = focused else { return self.launch(agent::SHELL, None) };
        let mut then = self.board.workspace.clone();
        if let (true, Some(geometry)) = (then.split(no, NEW, side, Share::HALF), self.geometry) {
            let halves = Arrangement::new(&geometry, &then, None).panes;
            let mut halves = halves.iter().filter(|pane| pane.no == no || pane.no == NEW);
            if halves.any(|pane| pane.grid.cols() < LEAST.0 || pane.grid.lines() < LEAST.1) {
                return self.tell("There is no room to split this pane", true);
            }
        }
        let split = SplitParams { pane, direction: side.into(), ratio: None };
        self.launch(agent::SHELL, Some(split));
    }

    /// The pane that lies there, seen from the focused one.
    pub(super) fn beside(&self, direction: Direction) -> Option<SessionNo> {
        let workspace = &self.board.workspace;
        let here = workspace.place_of(self.focus?)?;
        let there = grid_layout::neighbour(&self.arrangement.placed, here, direction)?;
        workspace.panes.get(there).copied()
    }

    /// Moves an edge of the focused pane by a step.
    pub(super) fn nudge_edge(&mut self, towards: Direction) {
        let (Some(no), Some(geometry)) = (self.focus, self.geometry) else { return };
        let by = match towards {
            Direction::Left | Direction::Right => STEP.0 * geometry.cell.w,
            Direction::Up | Direction::Down => STEP.1 * geometry.cell.h,
        };
        let workspace = &self.board.workspace;
        let at = workspace.place_of(no);
        let nudged = at.and_then(|at| workspace.layout.nudge(&self.arrangement.placed, at, towards, by));
        if let Some(layout) = nudged {
            self.set_layout(layout);
        }
    }

    pub(super) fn swap_towards(&mut self, direction: Direction) {
        if let (Some(no), Some(there)) = (self.focus, self.beside(direction)) {
            self.swap_panes(no, there);
        }
    }

    /// Two panes take each other's places: seen at once here, and told to the host.
    pub(super) fn swap_panes(&mut self, no: SessionNo, there: SessionNo) {
        let id = |no| self.board.session(no).map(|info| info.id.to_string());
        let (Some(session_id), Some(with)) = (id(no), id(there)) else { return };
        if no == there || !self.connection.is_up() || !self.board.workspace.swap(no, there) {
            return;
        }
        self.dirty = true;
        let call = self.call(Call::SwapPanes(SwapParams { session_id, with }));
        self.connection.expect(call, Pending::Quiet("The panes were not swapped"));
    }

    pub(super) fn equalize_panes(&mut self) {
        let workspace = &self.board.workspace;
        self.set_layout(workspace.layout.equal(workspace.panes.len()));
    }

    /// Another division of the same panes: seen at once here, and told to the host for the other windows.
    pub(super) fn set_layout(&mut self, layout: Layout) {
        self.board.workspace.layout = layout;
        self.dirty = true;
        if !self.connection.is_up() {
            return;
        }
        let Workspace { name, panes, layout } = &self.board.workspace;
        let workspace = name.clone();
        let call = match layout {
            // A host that knows no splits knows this one.
            Layout::Grid(weights) => Call::SetWeights(SetWeightsParams { workspace, weights: weights.into() }),
            split => {
                let layout = LayoutShape::of(split, panes.iter().map(|no| no.0));
                Call::UpdateLayout(UpdateLayoutParams { workspace, layout })
            }
        };
        let id = self.call(call);
        self.connection.expect(id, Pending::Quiet("The panes' sizes were not taken"));
    }
}
