//! What methods about the life of sessions take and give. `session_id` takes a session's UUID, its name, or its number
//! as text, everywhere.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::protocol::shapes::{Ratio, Session, SessionType, SideShape};

/// What to start. Without a command it is the agent's, and without an agent the user's shell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CreateParams {
    /// A UUID of the client's making: asking twice makes one session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// 1 to 64 characters, unique on this host; made up if it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where the program runs; on this machine if it is missing.
    #[serde(default, rename = "type", skip_serializing_if = "SessionType::is_local")]
    pub kind: SessionType,
    /// The workspace whose next pane it takes; none for a session without a place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace: Option<String>,
    /// The pane that it takes a part of, in place of the next one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split: Option<SplitParams>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// The project's directory, told to the program as `SYNK_PROJECT`; it starts there unless `cwd` says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// The working directory, an absolute path; the user's home if it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cwd: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// The size until a client that shows it has one: 2 to 1,000 columns, 1 to 500 rows.
    #[serde(default = "default_cols")]
    pub cols: u16,
    #[serde(default = "default_rows")]
    pub rows: u16,
}

/// A pane that is split.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SplitParams {
    /// The session whose pane it is: a UUID, a name, or a number as text.
    pub pane: String,
    /// Where the new pane lies.
    pub direction: SideShape,
    /// How much of the pane the new one gets, 0.05 to 0.95; half of it if it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ratio: Option<Ratio>,
}

impl Default for CreateParams {
    /// A shell of the size that a request without one gets.
    fn default() -> Self {
        Self {
            session_id: None,
            name: None,
            kind: SessionType::default(),
            workspace: None,
            split: None,
            agent: None,
            command: Vec::new(),
            project: None,
            cwd: None,
            env: BTreeMap::new(),
            cols: default_cols(),
            rows: default_rows(),
        }
    }
}

pub(super) fn default_cols() -> u16 {
    80
}

pub(super) fn default_rows() -> u16 {
    24
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Created {
    pub session_id: String,
    pub no: u32,
    pub name: String,
    /// Its place in the workspace's grid, from 0; none without a workspace.
    #[serde(default)]
    pub pane_index: Option<usize>,
    /// Why something asked for could not be had although the session was made: the working directory is gone, say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SessionList {
    pub sessions: Vec<Session>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SessionParams {
    /// A session's UUID, its name, or its number as text.
    pub session_id: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RenameParams {
    pub session_id: String,
    /// 1 to 64 characters without control characters, unique on this host.
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeleteParams {
    pub session_id: String,
    /// Delete it although clients are attached.
    #[serde(default)]
    pub force: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AttachParams {
    pub session_id: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DetachParams {
    pub session_id: String,
    /// Only this client, by its number in `list_clients`; missing for this connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<u64>,
    /// Every client but windows, whose panes stay what they are.
    #[serde(default)]
    pub all: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Detached {
    /// How many clients were detached.
    pub detached: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ResizeParams {
    pub session_id: String,
    /// 2 to 1,000 columns. Both this and `rows`, or neither: then the size follows the viewers again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cols: Option<u16>,
    /// 1 to 500 rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u16>,
}
