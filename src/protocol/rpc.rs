//! The JSON-RPC 2.0 envelope (jsonrpc.org/specification), one message a line. `jsonrpc` may be missing in requests, so
//! that they can be typed by hand.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A request or, without `id`, a notification.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    #[serde(default = "version", skip_deserializing)]
    pub jsonrpc: &'static str,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Value>,
    pub method: String,
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub params: Value,
}

fn version() -> &'static str {
    "2.0"
}

impl Request {
    pub fn new(id: u64, method: &str, params: Value) -> Self {
        Self { jsonrpc: version(), id: Some(id.into()), method: method.to_owned(), params }
    }

    pub fn notification(method: &str, params: Value) -> Self {
        Self { jsonrpc: version(), id: None, method: method.to_owned(), params }
    }

    /// Reads one line.
    ///
    /// # Errors
    /// The error reply that the line deserves: -32700 for what is not JSON, -32600 for JSON that is not a request.
    pub fn parse(line: &str) -> Result<Self, Box<Response>> {
        let value: Value = serde_json::from_str(line)
            .map_err(|e| Box::new(Response::error(Value::Null, Error::new(code::PARSE, format!("not JSON: {e}")))))?;
        let id = value.get("id").cloned().unwrap_or(Value::Null);
        let bad =
            |what: &str| Box::new(Response::error(id.clone(), Error::new(code::INVALID_REQUEST, what.to_owned())));
        if !value.is_object() {
            return Err(bad("a request is an object with \"method\" and, for a reply, \"id\""));
        }
        if !(id.is_null() || id.is_string() || id.is_number()) {
            let error = Error::new(code::INVALID_REQUEST, "\"id\" is a string or a number".to_owned());
            return Err(Box::new(Response::error(Value::Null, error)));
        }
        serde_json::from_value(value).map_err(|e| bad(&e.to_string()))
    }
}

/// A reply: exactly one of `result` and `error`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Response {
    #[serde(default = "version", skip_deserializing)]
    pub jsonrpc: &'static str,
    pub id: Value,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
}

impl Response {
    pub fn ok(id: Value, result: Value) -> Self {
        Self { jsonrpc: version(), id, result: Some(result), error: None }
    }

    pub fn error(id: Value, error: Error) -> Self {
        Self { jsonrpc: version(), id, result: None, error: Some(error) }
    }

    /// The result, or the error the host answered.
    ///
    /// # Errors
    /// The error of the reply.
    pub fn into_result(self) -> Result<Value, Error> {
        match self.error {
            Some(error) => Err(error),
            None => Ok(self.result.unwrap_or(Value::Null)),
        }
    }
}

/// What a client reads on a control connection.
#[derive(Debug, Clone, PartialEq)]
pub enum Incoming {
    Reply(Response),
    Event(Request),
}

impl Incoming {
    /// Reads one line from the host.
    ///
    /// # Errors
    /// The line is neither a reply nor an event.
    pub fn parse(line: &str) -> Result<Self, serde_json::Error> {
        let value: Value = serde_json::from_str(line)?;
        if value.get("method").is_some() {
            serde_json::from_value(value).map(Self::Event)
        } else {
            serde_json::from_value(value).map(Self::Reply)
        }
    }
}

/// Error codes: JSON-RPC's own, and synk's from 1001 on.
pub mod code {
    pub const PARSE: i32 = -32700;
    pub const INVALID_REQUEST: i32 = -32600;
    pub const METHOD_NOT_FOUND: i32 = -32601;
    pub const INVALID_PARAMS: i32 = -32602;
    pub const INTERNAL: i32 = -32603;
    pub const SESSION_NOT_FOUND: i32 = 1001;
    pub const SESSION_EXISTS: i32 = 1002;
    pub const MAX_SESSIONS: i32 = 1003;
    /// What was waited for did not happen in time.
    pub const TIMED_OUT: i32 = 1004;
    /// Clients are attached, and nothing was forced.
    pub const CLIENTS_ATTACHED: i32 = 1005;
    /// The session's program has ended, and takes no input.
    pub const SESSION_STOPPED: i32 = 1006;
    /// Too much is asked at once; asking again later is right.
    pub const BUSY: i32 = -32000;
    /// Host and client have no protocol version in common.
    pub const VERSION: i32 = -32001;
}

/// The error of a reply.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Error {
    pub code: i32,
    pub message: String,
    /// Names the field and what would be right, where that helps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
}

impl Error {
    pub fn new(code: i32, message: String) -> Self {
        Self { code, message, data: None }
    }

    /// Invalid parameters, with `data` naming the field and what would be right.
    pub fn field(field: &str, expected: impl fmt::Display) -> Self {
        let data = serde_json::json!({ "field": field, "expected": expected.to_string() });
        Self { data: Some(data), ..Self::params(format!("{field}: expected {expected}")) }
    }

    /// Invalid parameters: what is wrong and what would be right.
    pub fn params(message: impl fmt::Display) -> Self {
        Self::new(code::INVALID_PARAMS, message.to_string())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_typed_by_hand_is_understood() {
        let r =
            Request::parse(r#"{"id":"1","method":"create_session","params":{"name":"dev","type":"Local"}}"#).unwrap();
        assert_eq!((r.id, r.method.as_str()), (Some(Value::from("1")), "create_session"));
    }

    #[test]
    fn bad_lines_get_the_code_they_deserve() {
        let code = |line: &str| Request::parse(line).unwrap_err().error.unwrap().code;
        for line in ["", "{", "{\"method\":\"x\"", "\u{0}"] {
            assert_eq!(code(line), code::PARSE, "{line:?}");
        }
        for line in ["[]", "1", "{}", "{\"method\":1}", "{\"id\":{},\"method\":\"x\"}"] {
            assert_eq!(code(line), code::INVALID_REQUEST, "{line}");
        }
    }

    #[test]
    fn replies_and_events_are_told_apart() {
        let reply = serde_json::to_string(&Response::ok(1.into(), Value::Null)).unwrap();
        assert!(matches!(Incoming::parse(&reply), Ok(Incoming::Reply(_))));
        let event = serde_json::to_string(&Request::notification("session:removed", Value::Null)).unwrap();
        assert!(matches!(Incoming::parse(&event), Ok(Incoming::Event(_))));
    }
}
