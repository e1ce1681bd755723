//! How a verb fails: one clear sentence and an exit code, on the terminal or, without one, as a native message; as JSON
//! for programs.

use std::fmt;
use std::io::IsTerminal;
use std::process::ExitCode;

use serde_json::{Value, json};

use super::out;
use crate::base::harmless;
use crate::client::{CallError, ConnectError};
use crate::protocol::rpc::{self, code};

/// Why a verb failed.
#[derive(Debug, Clone, PartialEq)]
pub struct Fail {
    pub code: u8,
    /// Empty when everything has been said.
    pub message: String,
    /// What the host answered, if it was the host that refused.
    pub error: Option<rpc::Error>,
    /// What to do, for people; may be empty.
    pub hint: &'static str,
}

/// Every exit code with what it means, for the documents.
pub const EXIT_CODES: &[(u8, &str)] = &[
    (0, "done"),
    (
        FAILED,
        "it could not be done, or not for all; for `has`: there is no such session; for `search`: nothing is found",
    ),
    (USAGE, "the command line is wrong: an unknown option, or a value that cannot be"),
    (NO_HOST, "no host runs"),
    (NO_TARGET, "there is no such session"),
    (PROTOCOL, "host and command have no protocol version in common: restart the older one"),
    (TIMED_OUT, "`wait`: it did not happen in time"),
];

/// The operation failed.
pub const FAILED: u8 = 1;
/// The command line is wrong; clap's code too.
pub const USAGE: u8 = 2;
/// No host answers.
pub const NO_HOST: u8 = 3;
/// There is no such session.
pub const NO_TARGET: u8 = 4;
/// No protocol version in common.
pub const PROTOCOL: u8 = 5;
/// As `timeout` of coreutils says it.
pub const TIMED_OUT: u8 = 124;

impl Fail {
    pub fn new(code: u8, message: impl fmt::Display) -> Self {
        Self { code, message: message.to_string(), error: None, hint: "" }
    }

    /// The operation failed for the reason given.
    pub fn failed(message: impl fmt::Display) -> Self {
        Self::new(FAILED, message)
    }

    /// The command line asks for what cannot be.
    pub fn usage(message: impl fmt::Display) -> Self {
        Self::new(USAGE, message)
    }

    /// An exit code without a word.
    pub fn silent(code: u8) -> Self {
        Self::new(code, "")
    }

    /// The same with the session that it was about.
    pub fn about(mut self, session: &str) -> Self {
        self.message = format!("{session:?}: {}", self.message);
        self
    }

    /// The same with what to do about it.
    pub fn hint(self, hint: &'static str) -> Self {
        Self { hint, ..self }
    }

    /// Tells the user, and gives the exit code.
    pub fn report(&self, graphical: bool, json: bool) -> ExitCode {
        if json && !self.message.is_empty() {
            eprintln!("{}", out::json(&self.as_json()));
        } else if !self.message.is_empty() {
            eprintln!("synk: {}", self.words());
        }
        if graphical && !has_terminal() && has_display() {
            rfd::MessageDialog::new()
                .set_level(rfd::MessageLevel::Error)
                .set_title("synk")
                .set_description(&self.message)
                .show();
        }
        ExitCode::from(self.code)
    }

    /// The message, which may name what others chose, without what a terminal would obey.
    fn words(&self) -> String {
        let lines: Vec<_> = self.message.lines().map(harmless).collect();
        let hint = if self.hint.is_empty() { String::new() } else { format!("; {}", self.hint) };
        lines.join("\n") + &hint
    }

    /// The host's error as it is, or one without `code` where the host was not asked; with the exit code.
    fn as_json(&self) -> Value {
        let mut value = json!({ "message": self.message, "exit_code": self.code });
        if let (Some(error), Value::Object(fields)) = (&self.error, &mut value) {
            fields.insert("code".into(), error.code.into());
            fields.extend(error.data.clone().map(|data| ("data".to_owned(), data)));
        }
        value
    }
}

impl From<CallError> for Fail {
    fn from(error: CallError) -> Self {
        let message = error.to_string();
        let CallError::Refused(refused) = error else { return Self::failed(message) };
        let code = match refused.code {
            code::SESSION_NOT_FOUND => NO_TARGET,
            code::TIMED_OUT => TIMED_OUT,
            code::VERSION => PROTOCOL,
            code::INVALID_PARAMS => USAGE,
            _ => FAILED,
        };
        let hint = if code == NO_TARGET { "`synk ls` lists the sessions" } else { "" };
        Self { code, message, error: Some(refused), hint }
    }
}

impl From<ConnectError> for Fail {
    fn from(error: ConnectError) -> Self {
        match error {
            ConnectError::Absent => Self::new(NO_HOST, "no host runs").hint("`synk` or `synk daemon start` starts one"),
            error => Self::failed(error),
        }
    }
}

/// Whether anybody could read what is printed: a program started from a desktop has no terminal anywhere.
fn has_terminal() -> bool {
    std::io::stderr().is_terminal() || std::io::stdin().is_terminal() || std::fs::File::open("/dev/tty").is_ok()
}

fn has_display() -> bool {
    ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some_and(|v| !v.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(code: i32) -> Fail {
        CallError::Refused(rpc::Error::new(code, "no".into())).into()
    }

    #[test]
    fn each_refusal_has_its_exit_code() {
        for (code, exit) in [
            (code::SESSION_NOT_FOUND, 4),
            (code::TIMED_OUT, 124),
            (code::VERSION, 5),
            (code::INVALID_PARAMS, 2),
            (code::SESSION_EXISTS, 1),
            (code::BUSY, 1),
        ] {
            assert_eq!(refused(code).code, exit, "{code}");
        }
        assert_eq!(Fail::from(ConnectError::Absent).code, 3);
        assert_eq!(Fail::from(CallError::Closed).code, 1);
    }

    #[test]
    fn the_error_as_json_is_the_hosts() {
        let error = rpc::Error::field("cols", "2 to 1000");
        let fail: Fail = CallError::Refused(error.clone()).into();
        let value = fail.as_json();
        assert_eq!(serde_json::from_value::<rpc::Error>(value.clone()).unwrap(), error);
        assert_eq!(value["exit_code"], 2);
        assert_eq!(Fail::new(NO_HOST, "none").as_json(), json!({"message": "none", "exit_code": 3}));
    }

    #[test]
    fn a_message_keeps_its_lines_and_loses_what_a_terminal_obeys() {
        assert_eq!(Fail::failed("no \u{1b}[2J\u{202e}x\nsecond").words(), "no \u{fffd}[2J\u{fffd}x\nsecond");
    }
}
