//! What requests change about how a workspace is divided, and which one is meant where none is named.

use serde_json::Value;

use super::call::Effect;
use super::desk::{Desk, result};
use super::find::not_found;
use super::workspace::no_space;
use crate::base::SessionNo;
use crate::model::Layout;
use crate::model::grid_layout::Weights;
use crate::protocol::methods::{
    Empty, ResizePaneParams, SetActiveParams, SetWeightsParams, SwapParams, UpdateLayoutParams, WorkspaceParams,
};
use crate::protocol::rpc::{Error, code};

impl Desk {
    pub(super) fn set_weights(&mut self, params: SetWeightsParams, effects: &mut Vec<Effect>) -> Result<Value, Error> {
        let space = self.space_mut(&params.workspace)?;
        if let Layout::Split(_) = space.whole.layout {
            let message = format!("workspace: \"{}\" is split: update_layout divides it", params.workspace);
            return Err(Error::about(code::INVALID_PARAMS, message, "workspace", "one that is a grid"));
        }
        space.whole.layout = Layout::Grid(Weights::from(params.weights).fitted(space.whole.panes.len()));
        self.publish_space(&params.workspace, effects);
        result(Empty {})
    }

    pub(super) fn update_layout(
        &mut self,
        params: UpdateLayoutParams,
        effects: &mut Vec<Effect>,
    ) -> Result<Value, Error> {
        let UpdateLayoutParams { workspace: name, layout } = params;
        let shown = self.workspace(&name).ok_or_else(|| no_space(&name))?.panes;
        let (layout, order) = layout.for_panes(&shown.iter().map(|no| no.0).collect::<Vec<_>>())?;
        let whole = &mut self.space_mut(&name)?.whole;
        // Nobody but the host knows of those that are being started.
        let starting: Vec<_> = whole.panes.iter().filter(|no| !shown.contains(no)).copied().collect();
        (whole.layout, whole.panes) = (layout, order.into_iter().map(SessionNo).collect());
        for no in starting {
            whole.add(no);
        }
        self.divided(name, effects)
    }

    pub(super) fn swap_panes(&mut self, params: &SwapParams, effects: &mut Vec<Effect>) -> Result<Value, Error> {
        let (one, name) = self.pane(&params.session_id, "session_id")?;
        let (other, _) = self.pane(&params.with, "with")?;
        if !self.space_mut(&name)?.whole.swap(one, other) {
            return Err(Error::field("with", "a session in the same workspace"));
        }
        self.divided(name, effects)
    }

    pub(super) fn resize_pane(&mut self, params: &ResizePaneParams, effects: &mut Vec<Effect>) -> Result<Value, Error> {
        let (no, name) = self.pane(&params.session_id, "session_id")?;
        if !(1..=90).contains(&params.percent) {
            return Err(Error::field("percent", "1 to 90"));
        }
        if !self.space_mut(&name)?.whole.nudge(no, params.direction.into(), params.percent) {
            return Err(Error::field("direction", "one in which the pane has another beside it"));
        }
        self.divided(name, effects)
    }

    pub(super) fn set_active(&mut self, params: SetActiveParams) -> Result<Value, Error> {
        if let Some(name) = &params.workspace
            && self.space(name)?.owner.is_some()
        {
            return Err(Error::field("workspace", "one that does not end with its window"));
        }
        self.active = params.workspace;
        result(Empty {})
    }

    /// A session that has a pane, by what a request calls it in this field, and its workspace.
    pub(super) fn pane(&self, text: &str, field: &str) -> Result<(SessionNo, String), Error> {
        let no = self.find(text).map_err(|error| {
            let mut error = error;
            if let Some(Value::String(name)) = error.data.as_mut().and_then(|data| data.get_mut("field")) {
                field.clone_into(name);
            }
            error
        })?;
        let workspace = self.sessions.get(&no).ok_or_else(not_found)?.workspace.clone();
        let workspace = workspace.ok_or_else(|| Error::field(field, "a session that has a place in a workspace"))?;
        Ok((no, workspace))
    }

    /// A workspace is divided anew: tells those who follow it, and says how it is now.
    fn divided(&mut self, workspace: String, effects: &mut Vec<Effect>) -> Result<Value, Error> {
        self.publish_space(&workspace, effects);
        self.get_workspace(&WorkspaceParams { workspace })
    }
}
