//! Every method: its name with the types of its parameters and of its result. Names are verb_noun.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    AttachParams, BroadcastParams, BroadcastResult, ClientList, CreateParams, Created, DeleteParams,
    DeleteWorkspaceParams, DetachParams, Detached, HelloParams, HelloResult, KeysParams, Metrics, OpenParams,
    PasteParams, PromptParams, ReadScreenParams, ReadScreenResult, RenameParams, ResizePaneParams, ResizeParams,
    SearchParams, SearchResult, SendInputParams, SessionList, SessionParams, SetActiveParams, SetWeightsParams, Status,
    SubscribeParams, Subscribed, SwapParams, UnsubscribeParams, UpdateLayoutParams, UpgradeParams, Upgrading,
    WaitForParams, WaitResult, WorkspaceInfo, WorkspaceList, WorkspaceParams,
};
use crate::protocol::rpc::{Error, code};
use crate::protocol::shapes::Session;

/// A method: its name with the types of its parameters and of its result.
pub trait Method {
    const NAME: &'static str;
    type Params: Serialize + DeserializeOwned + JsonSchema;
    type Result: Serialize + DeserializeOwned + JsonSchema;
}

/// What the table says about one method.
#[derive(Debug)]
pub struct MethodInfo {
    pub name: &'static str,
    pub doc: &'static str,
    pub params: fn(&mut SchemaGenerator) -> Schema,
    pub result: fn(&mut SchemaGenerator) -> Schema,
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
        /// Every method.
        pub const METHODS: &[MethodInfo] = &[$(MethodInfo {
            name: $name,
            doc: concat!($($doc),+),
            params: SchemaGenerator::subschema_for::<$params>,
            result: SchemaGenerator::subschema_for::<$result>,
        }),+];
    };
}

methods! {
    /// Agrees on a protocol version and says who the client is; a client that leaves it out gets the newest.
    Hello "hello" (HelloParams) -> HelloResult;
    /// What the host is and does.
    GetStatus "get_status" (Empty) -> Status;
    /// Counts and sums over the host and all sessions.
    GetMetrics "get_metrics" (Empty) -> Metrics;
    /// The connections to this host.
    ListClients "list_clients" (Empty) -> ClientList;

    /// Makes a session. Asked twice with the same `session_id` it makes one.
    CreateSession "create_session" (CreateParams) -> Created;
    /// All sessions, with the first 256 characters of their titles: `get_session` has the whole of one.
    ListSessions "list_sessions" (Empty) -> SessionList;
    /// One session.
    GetSession "get_session" (SessionParams) -> Session;
    /// Gives a session another name.
    RenameSession "rename_session" (RenameParams) -> Session;
    /// Brings back the link of an SSH or a serial session that has lost it; one that has not stays as it is.
    ReconnectSession "reconnect_session" (SessionParams) -> Empty;
    /// Ends a session's program and takes the session off the list.
    TerminateSession "terminate_session" (SessionParams) -> Empty;
    /// As `terminate_session`, but refused while clients are attached, unless it is forced.
    DeleteSession "delete_session" (DeleteParams) -> Empty;
    /// Counts this connection among the session's clients until it detaches or ends.
    AttachSession "attach_session" (AttachParams) -> Session;
    /// Ends this connection's attachment, or those of others.
    DetachSession "detach_session" (DetachParams) -> Detached;
    /// Gives the terminal a size and keeps it, whatever viewers there are; without a size it follows them again.
    ResizeTerminal "resize_terminal" (ResizeParams) -> Session;

    /// Writes to the program as it is, without encoding or brackets.
    SendInput "send_input" (SendInputParams) -> Empty;
    /// Presses keys by their names; none is pressed when one of them is unknown.
    SendKeys "send_keys" (KeysParams) -> Empty;
    /// Pastes text: in brackets if the program asked for them, without control characters.
    Paste "paste" (PasteParams) -> Empty;
    /// Pastes a prompt, then presses Enter as a write of its own.
    SendPrompt "send_prompt" (PromptParams) -> Empty;
    /// The same input to several sessions; says for each how it went.
    BroadcastInput "broadcast_input" (BroadcastParams) -> BroadcastResult;

    /// The text of the screen, of the history or of the last command's output.
    ReadScreen "read_screen" (ReadScreenParams) -> ReadScreenResult;
    /// Searches the text of a session, on the alternate screen what it shows, else the history and the screen. Rows that
    /// wrap are one line of text.
    SearchSession "search_session" (SearchParams) -> SearchResult;
    /// Answers when the condition holds, or with error 1004 when the time is over.
    WaitFor "wait_for" (WaitForParams) -> WaitResult;

    /// Events follow on this connection.
    Subscribe "subscribe" (SubscribeParams) -> Subscribed;
    /// Fewer events, or none.
    Unsubscribe "unsubscribe" (UnsubscribeParams) -> Subscribed;

    /// The workspaces, without those that end with their window.
    ListWorkspaces "list_workspaces" (Empty) -> WorkspaceList;
    /// One workspace.
    GetWorkspace "get_workspace" (WorkspaceParams) -> WorkspaceInfo;
    /// Makes a workspace, which stays until it is deleted.
    CreateWorkspace "create_workspace" (WorkspaceParams) -> WorkspaceInfo;
    /// Deletes a workspace that no client shows; one with panes only when it is forced.
    DeleteWorkspace "delete_workspace" (DeleteWorkspaceParams) -> Empty;
    /// Opens a workspace: the default one gets a first shell if it has no panes. Events of its board follow on this
    /// connection, beginning with the whole board.
    OpenWorkspace "open_workspace" (OpenParams) -> Empty;
    /// Changes the proportions of a workspace's grid.
    SetWeights "set_weights" (SetWeightsParams) -> Empty;
    /// Divides a workspace anew among its panes: as a grid, or as a tree of splits.
    UpdateLayout "update_layout" (UpdateLayoutParams) -> WorkspaceInfo;
    /// Two sessions of a workspace take each other's places.
    SwapPanes "swap_panes" (SwapParams) -> WorkspaceInfo;
    /// Moves an edge of a session's pane.
    ResizePane "resize_pane" (ResizePaneParams) -> WorkspaceInfo;
    /// Says which workspace new windows show and `synk new` fills where none is named: until then new windows show the
    /// default one, and new sessions have no place.
    SetActive "set_active" (SetActiveParams) -> Empty;
    /// Turns the connection into the binary stream of frames once the reply is written.
    StreamFrames "stream_frames" (Empty) -> Empty;
    /// Has another program of synk run the host and its keeper; every session goes on. It is looked at first, and refused
    /// with nothing changed if it cannot take over. After the reply this host ends and another one follows, whose
    /// `get_status` says in `upgrade` what came of it.
    UpgradeHost "upgrade_host" (UpgradeParams) -> Upgrading;
    /// Ends every session gracefully and then the host.
    StopHost "stop_host" (Empty) -> Empty;
}

/// No parameters, or no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Empty {}

/// Reads the parameters of a method; missing ones are an empty object.
///
/// # Errors
/// -32602 that names the field and says what would be right.
pub fn params<M: Method>(value: Value) -> Result<M::Params, Error> {
    let value = match value {
        Value::Null => Value::Object(serde_json::Map::new()),
        Value::Object(_) => value,
        _ => return Err(Error::field("params", "an object")),
    };
    serde_path_to_error::deserialize(value).map_err(|e| wrong(M::NAME, &e.path().to_string(), &e.inner().to_string()))
}

/// An error in serde's words, which end in what was expected or name the field that is missing.
fn wrong(method: &str, path: &str, what: &str) -> Error {
    let missing = what.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
    let field = match (path, missing) {
        (".", Some(missing)) => missing.to_owned(),
        (path, Some(missing)) => format!("{path}.{missing}"),
        (path, None) => path.to_owned(),
    };
    let expected = what.rsplit_once("expected ").map_or("a value", |(_, expected)| expected);
    Error::about(code::INVALID_PARAMS, format!("{method}: {field}: {what}"), &field, expected)
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
        let data = |value| params::<CreateSession>(value).unwrap_err().data.unwrap();
        assert_eq!(data(json!({"cols": -1})), json!({"field": "cols", "expected": "u16"}));
        assert_eq!(data(json!({"type": {"Ssh": {}}}))["field"], "type.Ssh.host");
        assert_eq!(data(json!(["positional"]))["field"], "params");
    }
}
