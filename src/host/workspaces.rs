//! What requests ask of the desk's workspaces as a whole: which there are, new ones, and their end.

use serde_json::Value;

use super::call::Effect;
use super::create::check_name;
use super::desk::{Desk, result};
use super::workspace::{Space, no_space};
use crate::model::board::Workspace;
use crate::protocol::methods::{
    DEFAULT_WORKSPACE, DeleteWorkspaceParams, Empty, WorkspaceInfo, WorkspaceList, WorkspaceParams,
};
use crate::protocol::rpc::{Error, code};
use crate::protocol::shapes::{LayoutShape, WorkspaceShape};

/// Most workspaces of a host: far more than a person tells apart, and an end to what a script gone wrong can make.
const MAX_SPACES: usize = 256;

impl Desk {
    pub(super) fn list_workspaces(&self) -> Result<Value, Error> {
        let shared = self.spaces.iter().filter(|space| space.owner.is_none());
        let all = shared.filter_map(|space| self.workspace(&space.whole.name));
        result(WorkspaceList { workspaces: all.map(|workspace| self.info(&workspace)).collect() })
    }

    pub(super) fn get_workspace(&self, params: &WorkspaceParams) -> Result<Value, Error> {
        let workspace = self.workspace(&params.workspace).ok_or_else(|| no_space(&params.workspace))?;
        result(self.info(&workspace))
    }

    pub(super) fn create_workspace(
        &mut self,
        params: &WorkspaceParams,
        effects: &mut Vec<Effect>,
    ) -> Result<Value, Error> {
        let name = &params.workspace;
        check_name("workspace", name)?;
        let full = self.spaces.len() >= MAX_SPACES;
        match self.space_mut(name) {
            // One that was only opened stays from now on.
            Ok(space) if space.owner.is_none() && !space.kept => space.kept = true,
            Ok(_) => return Err(Error::field("workspace", "a name that no workspace has")),
            Err(_) if full => {
                return Err(Error::new(code::BUSY, format!("there are {MAX_SPACES} workspaces already")));
            }
            Err(_) => self.spaces.push(Space::kept(name)),
        }
        self.publish_space(name, effects);
        self.get_workspace(params)
    }

    /// The sessions of a workspace that is deleted go on, without a place.
    pub(super) fn delete_workspace(
        &mut self,
        params: &DeleteWorkspaceParams,
        effects: &mut Vec<Effect>,
    ) -> Result<Value, Error> {
        let name = &params.workspace;
        let space = self.space(name)?;
        if name == DEFAULT_WORKSPACE {
            return Err(Error::field("workspace", "another one: this one is every host's"));
        }
        if self.is_followed(name) || space.is_awaited() {
            let message = format!("workspace: \"{name}\" is shown by a client");
            return Err(Error::about(code::CLIENTS_ATTACHED, message, "workspace", "one that no client shows"));
        }
        if !params.force && !space.whole.panes.is_empty() {
            let message = format!("workspace: \"{name}\" has panes");
            return Err(Error::about(
                code::INVALID_PARAMS,
                message,
                "force",
                "true, to leave its sessions without a place",
            ));
        }
        for no in space.whole.panes.clone() {
            self.leave_space(name, no, effects);
            if let Some(entry) = self.sessions.get_mut(&no) {
                entry.workspace = None;
            }
        }
        self.drop_space(name, effects);
        result(Empty {})
    }

    fn info(&self, workspace: &Workspace) -> WorkspaceInfo {
        let WorkspaceShape { name, panes, weights, layout } = workspace.into();
        let layout = layout.unwrap_or_else(|| LayoutShape::of(&workspace.layout, []));
        let clients = self.clients.values().filter(|c| c.follows.as_deref() == Some(workspace.name.as_str())).count();
        let active = self.active.as_ref() == Some(&name);
        WorkspaceInfo { name, panes, weights, layout: Some(layout), clients, active }
    }
}
