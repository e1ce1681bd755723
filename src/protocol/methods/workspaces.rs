//! What methods about workspaces take.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::sessions::{default_cols, default_rows};
use crate::protocol::shapes::WeightsShape;

/// The workspace that every host has.
pub const DEFAULT_WORKSPACE: &str = "default";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OpenParams {
    pub workspace: String,
    /// The workspace and its sessions end with this connection.
    #[serde(default)]
    pub private: bool,
    /// Whether the default workspace gets a first shell when it has no panes.
    #[serde(default = "yes")]
    pub first_shell: bool,
    /// The size the first shell starts with.
    #[serde(default = "default_cols")]
    pub cols: u16,
    #[serde(default = "default_rows")]
    pub rows: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SetWeightsParams {
    pub workspace: String,
    pub weights: WeightsShape,
}

/// A workspace by its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WorkspaceParams {
    pub workspace: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeleteWorkspaceParams {
    pub workspace: String,
    /// Also one with panes: their sessions go on without a place.
    #[serde(default)]
    pub force: bool,
}

/// A workspace: its panes are session numbers in the order of the grid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WorkspaceInfo {
    pub name: String,
    pub panes: Vec<u32>,
    pub weights: WeightsShape,
    /// Clients that show it.
    pub clients: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WorkspaceList {
    pub workspaces: Vec<WorkspaceInfo>,
}

fn yes() -> bool {
    true
}
