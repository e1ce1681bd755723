//! What methods about workspaces take.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::sessions::{default_cols, default_rows};
use crate::model::Direction;
use crate::protocol::shapes::{LayoutShape, WeightsShape};

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

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UpdateLayoutParams {
    pub workspace: String,
    /// All of it: the leaves of a split are exactly the workspace's panes, in any order.
    pub layout: LayoutShape,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SwapParams {
    /// A session's UUID, its name, or its number as text.
    pub session_id: String,
    /// Another one in the same workspace.
    pub with: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ResizePaneParams {
    pub session_id: String,
    /// Where the pane's right or lower edge goes; of a pane that ends at the window's edge, the left or upper one.
    pub direction: Towards,
    /// How far, in hundredths of the workspace's width or height: 1 to 90.
    #[serde(default = "five")]
    pub percent: u8,
}

/// A way to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Towards {
    Left,
    Right,
    Up,
    Down,
}

impl From<Towards> for Direction {
    fn from(towards: Towards) -> Self {
        match towards {
            Towards::Left => Self::Left,
            Towards::Right => Self::Right,
            Towards::Up => Self::Up,
            Towards::Down => Self::Down,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SetActiveParams {
    /// None: no workspace is the active one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace: Option<String>,
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

/// A workspace: its panes are session numbers in the order of the grid, or of the split's leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WorkspaceInfo {
    pub name: String,
    pub panes: Vec<u32>,
    /// Equal ones of a split.
    pub weights: WeightsShape,
    /// As `update_layout` takes it; hosts that know no splits leave it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layout: Option<LayoutShape>,
    /// Clients that show it.
    pub clients: usize,
    /// New windows and `synk new` take it where none is named.
    #[serde(default, skip_serializing_if = "is_false")]
    pub active: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WorkspaceList {
    pub workspaces: Vec<WorkspaceInfo>,
}

fn five() -> u8 {
    5
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde calls it with a reference
fn is_false(value: &bool) -> bool {
    !value
}

fn yes() -> bool {
    true
}
