//! The JSON-RPC 2.0 envelope (jsonrpc.org/specification), one message a line. `jsonrpc` may be missing in requests, so
//! that they can be typed by hand.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use super::code;
use super::json;
use super::limits::MAX_ID;

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
        Self::from_value(parse_json(line)?)
    }

    /// Reads one request.
    ///
    /// # Errors
    /// The error reply that it deserves.
    pub fn from_value(value: Value) -> Result<Self, Box<Response>> {
        let bad = |id: &Value, what: &str, field: &str, expected: &str| {
            let error = Error::about(code::INVALID_REQUEST, what, field, expected);
            Err(Box::new(Response::error(id.clone(), error)))
        };
        let Value::Object(mut fields) = value else {
            return bad(&Value::Null, "a request is an object", "method", "an object with \"method\" and \"id\"");
        };
        let id = fields.remove("id").unwrap_or(Value::Null);
        if !is_id(&id) {
            let expected = format!("a string of at most {MAX_ID} characters or an integer");
            return bad(&Value::Null, &format!("\"id\" is {expected}"), "id", &expected);
        }
        let method = match fields.remove("method") {
            Some(Value::String(method)) => method,
            _ => return bad(&id, "\"method\" is missing or no string", "method", "a method's name"),
        };
        let params = fields.remove("params").unwrap_or_default();
        Ok(Self { jsonrpc: version(), id: Some(id).filter(|id| !id.is_null()), method, params })
    }
}

fn is_id(id: &Value) -> bool {
    match id {
        Value::Null => true,
        Value::String(text) => text.chars().count() <= MAX_ID,
        Value::Number(number) => number.is_i64() || number.is_u64(),
        _ => false,
    }
}

fn parse_json(line: &str) -> Result<Value, Box<Response>> {
    json::parse(line).map_err(|e| {
        let error = Error::about(code::PARSE, format!("not JSON: {e}"), "line", "one JSON value (RFC 8259) a line");
        Box::new(Response::error(Value::Null, error))
    })
}

/// What a client writes on a control connection.
#[derive(Debug, Clone, PartialEq)]
pub enum Asked {
    One(Request),
    /// Each with the error reply that it deserves, if it is no request.
    Batch(Vec<Result<Request, Box<Response>>>),
}

impl Asked {
    /// Reads one line with at most `most` requests.
    ///
    /// # Errors
    /// The error reply that the line deserves.
    pub fn parse(line: &str, most: usize) -> Result<Self, Box<Response>> {
        match parse_json(line)? {
            Value::Array(all) if all.is_empty() || all.len() > most => {
                let expected = format!("1 to {most} requests in a batch");
                let message = format!("{} requests in a batch; expected {expected}", all.len());
                let error = Error::about(code::INVALID_REQUEST, message, "batch", expected);
                Err(Box::new(Response::error(Value::Null, error)))
            }
            Value::Array(all) => Ok(Self::Batch(all.into_iter().map(Request::from_value).collect())),
            one => Request::from_value(one).map(Self::One),
        }
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

    /// An error with `data` naming the field it is about and what would be right.
    pub fn about(code: i32, message: impl Into<String>, field: &str, expected: impl fmt::Display) -> Self {
        let data = serde_json::json!({ "field": field, "expected": expected.to_string() });
        Self { data: Some(data), ..Self::new(code, message.into()) }
    }

    /// Invalid parameters, with `data` naming the field and what would be right.
    pub fn field(field: &str, expected: impl fmt::Display) -> Self {
        Self::about(code::INVALID_PARAMS, format!("{field}: expected {expected}"), field, expected)
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
