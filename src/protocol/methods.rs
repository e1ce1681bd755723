//! The methods of the control connection: their names, parameters and results. Unknown fields are ignored, so that a
//! newer client can talk to an older host.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::rpc::Error;
use super::shapes::{Session, WeightsShape};

/// The workspace that every host has.
pub const DEFAULT_WORKSPACE: &str = "default";

/// A method: its name with the types of its parameters and of its result.
pub trait Method {
    const NAME: &'static str;
    type Params: Serialize + DeserializeOwned;
    type Result: Serialize + DeserializeOwned;
}

macro_rules! methods {
    ($($(#[doc = $doc:literal])+ $method:ident $name:literal ($params:ty) -> $result:ty;)+) => {
        $($(#[doc = $doc])+ #[derive(Debug)] pub enum $method {}
        impl Method for $method {
            const NAME: &'static str = $name;
            type Params = $params;
            type Result = $result;
        })+
        /// Every method's name.
        pub const NAMES: &[&str] = &[$($name),+];
    };
}

methods! {
    /// Agrees on a protocol version; a client that leaves it out gets the newest.
    Hello "hello" (HelloParams) -> HelloResult;
    /// What the host is and does.
    GetStatus "get_status" (Empty) -> Status;
    /// Makes a session.
    CreateSession "create_session" (CreateParams) -> Created;
    /// All sessions.
    ListSessions "list_sessions" (Empty) -> SessionList;
    /// Ends a session's program and takes the session off the list.
    TerminateSession "terminate_session" (SessionParams) -> Empty;
    /// Opens a workspace: the default one gets a first shell if it has no panes. Events of its board follow on this
    /// connection, beginning with the whole board.
    OpenWorkspace "open_workspace" (OpenParams) -> Empty;
    /// Changes the proportions of a workspace's grid.
    SetWeights "set_weights" (SetWeightsParams) -> Empty;
    /// Turns the connection into the binary stream of [`super::stream`] once the reply is written.
    StreamFrames "stream_frames" (Empty) -> Empty;
    /// Ends every session gracefully and then the host.
    StopHost "stop_host" (Empty) -> Empty;
}

/// No parameters, or no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Empty {}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HelloParams {
    pub proto_min: u32,
    pub proto_max: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HelloResult {
    /// The version both speak.
    pub proto: u32,
    /// The host's build.
    pub version: String,
    pub pid: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    pub version: String,
    pub pid: u32,
    pub uptime_seconds: u64,
    pub num_sessions: usize,
    pub num_clients: usize,
}

/// What to start. Without a command it is the agent's, and without an agent the user's shell.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CreateParams {
    /// A UUID of the client's making: asking twice makes one session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The workspace whose next pane it takes; none for a session without a place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cwd: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    #[serde(default = "default_cols")]
    pub cols: u16,
    #[serde(default = "default_rows")]
    pub rows: u16,
}

fn yes() -> bool {
    true
}

fn default_cols() -> u16 {
    80
}

fn default_rows() -> u16 {
    24
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionList {
    pub sessions: Vec<Session>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionParams {
    /// A session's UUID, its name where that is unique, or its number as text.
    pub session_id: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetWeightsParams {
    pub workspace: String,
    pub weights: WeightsShape,
}

/// Reads the parameters of a method; missing ones are an empty object.
///
/// # Errors
/// -32602 with serde's word on what is missing or of the wrong type.
pub fn params<M: Method>(value: Value) -> Result<M::Params, Error> {
    let value = if value.is_null() { Value::Object(serde_json::Map::new()) } else { value };
    serde_json::from_value(value).map_err(|e| Error::params(format!("{}: {e}", M::NAME)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn missing_parameters_have_defaults_and_wrong_ones_are_named() {
        let p = params::<CreateSession>(json!({"name": "dev", "type": "Local"})).unwrap();
        assert_eq!((p.name.as_deref(), p.cols, p.rows), (Some("dev"), 80, 24));
        assert!(params::<GetStatus>(Value::Null).is_ok());
        let error = params::<TerminateSession>(json!({})).unwrap_err();
        assert!(error.message.contains("terminate_session") && error.message.contains("session_id"), "{error}");
        assert!(params::<CreateSession>(json!({"cols": -1})).is_err());
    }
}
