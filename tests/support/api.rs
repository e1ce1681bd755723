//! A control connection on which everything is JSON, as programs in other languages have it.

use std::collections::VecDeque;
use std::os::unix::net::UnixStream;

use serde_json::{Value, json};

use super::{Control, check, until};

/// A connection on which everything is JSON.
pub struct Api {
    pub control: Control,
    last: u64,
    /// Events that came while a reply was awaited.
    pub events: VecDeque<Value>,
}

impl Api {
    pub fn new(socket: UnixStream) -> Self {
        Self { control: Control::new(socket), last: 0, events: VecDeque::new() }
    }

    /// The whole reply.
    pub fn ask(&mut self, method: &str, params: Value) -> Value {
        self.last += 1;
        self.control.send_line(&json!({"id": self.last, "method": method, "params": params}).to_string());
        loop {
            let line = self.control.line_for(method).expect("the host closed the connection");
            let value: Value = serde_json::from_str(&line).unwrap();
            if value.get("method").is_some() {
                self.events.push_back(value);
                continue;
            }
            check::reply(method, &line);
            assert_eq!(value["id"], json!(self.last));
            return value;
        }
    }

    pub fn call(&mut self, method: &str, params: Value) -> Value {
        let reply = self.ask(method, params);
        assert!(reply.get("error").is_none(), "{method}: {reply}");
        reply["result"].clone()
    }

    /// The code of the error, and the field it is about.
    pub fn refused(&mut self, method: &str, params: Value) -> (i64, Value) {
        let reply = self.ask(method, params);
        let code = reply["error"]["code"].as_i64().unwrap_or_else(|| panic!("{method} was not refused: {reply}"));
        (code, reply["error"]["data"]["field"].clone())
    }

    pub fn next(&mut self) -> Value {
        let read = || serde_json::from_str(&self.control.line().expect("the host closed the connection")).unwrap();
        self.events.pop_front().unwrap_or_else(read)
    }

    /// Waits for an event of this name, and returns what it carries; others are dropped.
    pub fn event(&mut self, name: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        until(name, || {
            let event = self.next();
            let params = event["params"].clone();
            (event["method"] == name && wanted(&params)).then_some(params)
        })
    }

    pub fn run(&mut self, name: &str, script: &str) {
        self.call("create_session", json!({"name": name, "command": ["/bin/sh", "-c", script]}));
    }

    pub fn session(&mut self, name: &str) -> Value {
        self.call("get_session", json!({"session_id": name}))
    }
}
