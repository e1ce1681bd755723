//! How the window divides itself among its panes: what keys and the pointer change about it, seen at once here and told
//! to the host for the other windows.

use super::connection::Pending;
use super::core::Core;
use super::event::Call;
use crate::base::PxPoint;
use crate::model::Layout;
use crate::model::board::Workspace;
use crate::model::grid_layout::{Divider, Of};
use crate::model::split::Side;
use crate::protocol::methods::{SetWeightsParams, UpdateLayoutParams};
use crate::protocol::shapes::LayoutShape;

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
