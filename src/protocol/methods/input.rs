//! What methods that type into sessions take and give.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::protocol::rpc::Error;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SendInputParams {
    pub session_id: String,
    /// Text; exactly one of this and `data_b64`. At most 64 KiB, as bytes are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// Bytes in base64 (RFC 4648, section 4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_b64: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KeysParams {
    pub session_id: String,
    /// Names such as `ctrl+c`, `C-c`, `enter`, `F5`, `alt+shift+left`, `x`; tmux's names too. If one of them is no key's
    /// name, none is pressed.
    pub keys: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PasteParams {
    pub session_id: String,
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PromptParams {
    pub session_id: String,
    pub text: String,
}

/// How text is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InputKind {
    /// As it is.
    #[default]
    Input,
    /// As `paste`.
    Paste,
    /// As `send_prompt`.
    Prompt,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BroadcastParams {
    /// At most 64 KiB.
    pub text: String,
    #[serde(default)]
    pub kind: InputKind,
    /// The sessions, as `session_id` elsewhere; every session that runs if neither this nor `workspace` is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sessions: Option<Vec<String>>,
    /// Those in this workspace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace: Option<String>,
    /// But not these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BroadcastResult {
    pub sessions: Vec<Delivered>,
}

/// How it went with one session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Delivered {
    /// As it was asked for, if there is no such session; so is the name.
    pub session_id: String,
    pub name: String,
    /// Why it was not taken; missing when it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
}
