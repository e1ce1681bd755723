//! What methods about the host and its clients take and give.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HelloParams {
    pub proto_min: u32,
    pub proto_max: u32,
    /// What the client is: `window`, `terminal`, `cli`, or a name of its own; shown in `list_clients`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub client: String,
    /// Variables of the client's that the host's programs follow: `SSH_AUTH_SOCK`, its SSH agent. Others are ignored.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HelloResult {
    /// The version both speak.
    pub proto: u32,
    /// The host's build.
    pub version: String,
    pub pid: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Status {
    pub version: String,
    pub pid: u32,
    pub uptime_seconds: u64,
    pub num_sessions: usize,
    pub num_clients: usize,
    /// Missing from older hosts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statistics: Option<Statistics>,
    /// Missing where the host keeps none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<Database>,
    /// Whether a keeper holds the sessions, so that they outlive the host's process. Missing from hosts inside a window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keeper: Option<bool>,
    /// Where sessions are saved, to come back when nothing of them runs any more; missing where they are not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saving: Option<Saving>,
    /// How the last upgrade stands; missing where there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upgrade: Option<UpgradeStatus>,
}

/// How an upgrade stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UpgradeStatus {
    /// The program that was to take over.
    pub program: String,
    /// `trial` while it is tried; `done`; `back` when the program before it runs again; `half` when it runs the host and not
    /// the keeper.
    pub stage: String,
    /// What went wrong, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UpgradeParams {
    /// The absolute path of the synk that is to take over.
    pub program: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Upgrading {
    /// Its version.
    pub version: String,
    /// What it does not take of the user's files, for people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<String>,
}

/// How many there are of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Statistics {
    /// Sessions; those that are neither active nor detached have stopped.
    pub total: usize,
    /// Sessions that run and that clients are attached to.
    pub active: usize,
    /// Sessions that run and that no client is attached to.
    pub detached: usize,
    pub workspaces: usize,
}

/// The host's database, and how it stands with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Database {
    pub path: String,
    /// `ok`; `opening`; `later` while it cannot be written, which is tried again; `off` when it is left alone.
    pub state: String,
    /// Sessions in it, those that have ended among them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sessions: Option<u64>,
    /// What is wrong with it, or what became of one that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
}

/// How sessions are saved to the disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Saving {
    pub path: String,
    /// Why they cannot be, for now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
}

/// One connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Client {
    pub client_id: u64,
    /// What it called itself in `hello`; empty if it did not.
    pub client: String,
    /// Its process, where the system tells.
    #[serde(default)]
    pub pid: Option<u32>,
    /// Unix time in milliseconds.
    pub connected_at: u64,
    /// The sessions it is attached to, by their UUIDs.
    pub sessions: Vec<String>,
    /// The workspace whose board it follows.
    #[serde(default)]
    pub workspace: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ClientList {
    pub clients: Vec<Client>,
}

/// Counts since the host began, and what is now.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Metrics {
    pub uptime_seconds: u64,
    pub num_clients: usize,
    /// Sessions by state.
    pub running: usize,
    pub detached: usize,
    pub stopped: usize,
    pub sessions_created: u64,
    pub sessions_ended: u64,
    pub connections: u64,
    /// Requests on control connections, and how many got an error.
    pub requests: u64,
    pub errors: u64,
    /// Bytes that programs wrote.
    pub output_bytes: u64,
    /// Bytes written to programs.
    pub input_bytes: u64,
    /// Frames sent to viewers.
    pub frames: u64,
    /// The host's resident memory, where the system tells.
    #[serde(default)]
    pub resident_bytes: Option<u64>,
    /// The host's open descriptors, where the system tells.
    #[serde(default)]
    pub descriptors: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct SubscribeParams {
    /// Names of events; all but `session:output` if it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<String>>,
    /// Only those of this session. `session:output` needs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct UnsubscribeParams {
    /// Names of events; all if it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<String>>,
    /// Only those of this session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
}

/// What this connection is subscribed to now.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Subscribed {
    pub events: Vec<String>,
}
