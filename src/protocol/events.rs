//! The events that a connection may subscribe to: one table of their names, what they mean and what they carry. Names are
//! `subject:what`. Events and fields that a client does not know are to be ignored by it.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::rpc::{Error, Request};
use super::shapes::{Session, WorkspaceShape};

/// An event: its name with the type of its parameters.
pub trait Event {
    const NAME: &'static str;
    type Params: Serialize + DeserializeOwned + JsonSchema;
}

/// What the table says about one event.
#[derive(Debug)]
pub struct EventInfo {
    pub name: &'static str,
    pub doc: &'static str,
    pub params: fn(&mut SchemaGenerator) -> Schema,
}

macro_rules! events {
    ($($(#[doc = $doc:literal])+ $event:ident $name:literal ($params:ty);)+) => {
        $($(#[doc = $doc])+ #[derive(Debug)] pub enum $event {}
        impl Event for $event {
            const NAME: &'static str = $name;
            type Params = $params;
        })+
        /// Every event.
        pub const EVENTS: &[EventInfo] = &[$(EventInfo {
            name: $name,
            doc: concat!($($doc),+),
            params: SchemaGenerator::subschema_for::<$params>,
        }),+];
    };
}

events! {
    /// A session was made.
    SessionCreated "session:created" (Session);
    /// Anything that `list_sessions` says about a session has changed, or it is new. Windows get this one unasked.
    SessionChanged "session:changed" (Session);
    /// A session has another name.
    SessionRenamed "session:renamed" (Renamed);
    /// A session is Running, Detached or Stopped and was not before.
    StateChanged "session:state_changed" (StateIs);
    /// The program gave itself another title (OSC 0, 2).
    TitleChanged "session:title" (TitleIs);
    /// The working directory is another one.
    CwdChanged "session:cwd" (CwdIs);
    /// The program rang the bell; at most 20 times a second.
    Bell "session:bell" (OfSession);
    /// The program wants attention (OSC 9, 777).
    Notification "session:notification" (Attention);
    /// The program has ended, and everything it wrote is on the screen.
    SessionExit "session:exit" (Ended);
    /// The session is off the list.
    SessionRemoved "session:removed" (Gone);
    /// What the program wrote, byte for byte. Only for subscriptions that name the session.
    SessionOutput "session:output" (Written);
    /// A workspace has other panes, another order or another layout. Windows get this one unasked.
    WorkspaceChanged "workspace:changed" (WorkspaceShape);
    /// A workspace is no more.
    WorkspaceRemoved "workspace:removed" (NoWorkspace);
}

/// Which session an event is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OfSession {
    pub session_id: String,
    pub no: u32,
}

/// A session that is no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Gone {
    /// Missing on connections that follow a workspace without having subscribed to this event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    pub no: u32,
}

/// A workspace that is no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NoWorkspace {
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Renamed {
    pub session_id: String,
    pub no: u32,
    pub name: String,
    /// The name until now.
    pub old_name: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StateIs {
    pub session_id: String,
    pub no: u32,
    pub state: String,
    /// Clients attached.
    pub clients: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TitleIs {
    pub session_id: String,
    pub no: u32,
    pub title: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CwdIs {
    pub session_id: String,
    pub no: u32,
    pub cwd: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Attention {
    pub session_id: String,
    pub no: u32,
    pub title: String,
    pub body: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ended {
    pub session_id: String,
    pub no: u32,
    /// 128 + the signal's number where a signal ended it.
    pub exit_code: i32,
}

/// A piece of a session's output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Written {
    pub session_id: String,
    pub no: u32,
    /// Where it begins, in bytes since the session's first one.
    pub offset: u64,
    /// The bytes in base64 (RFC 4648, section 4); after a gap the screen as it is then, drawn from the top.
    pub data_b64: String,
    /// The client was too slow: these bytes were left out, and `data_b64` is the screen behind them, or a part of it: one
    /// that is too long for an event comes in several, one after the other, all with this gap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<Gap>,
}

/// Bytes that were left out: from this one up to, and without, that one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Gap {
    pub from: u64,
    pub to: u64,
}

/// The table's own copy of an event's name.
///
/// # Errors
/// -32602 with the names there are.
pub fn known(name: &str) -> Result<&'static str, Error> {
    let found = EVENTS.iter().find(|e| e.name == name).map(|e| e.name);
    found.ok_or_else(|| {
        let names: Vec<_> = EVENTS.iter().map(|e| e.name).collect();
        Error::field("events", format!("names out of {}", names.join(", ")))
    })
}

/// An event as a line, without its end.
pub fn line<E: Event>(params: &E::Params) -> String {
    // Shapes of this protocol can always be written; an empty line would be a bug here, and readers skip it.
    let written = serde_json::to_value(params).and_then(|p| serde_json::to_string(&Request::notification(E::NAME, p)));
    written.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_looked_up_and_unknown_ones_told() {
        assert_eq!(known("session:exit").unwrap(), SessionExit::NAME);
        let error = known("session:exits").unwrap_err();
        assert!(error.message.contains("session:exit,") && error.data.is_some(), "{error}");
        let mut names: Vec<_> = EVENTS.iter().map(|e| e.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), EVENTS.len());
    }
}
