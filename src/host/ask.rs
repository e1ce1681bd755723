//! Questions to sessions through the API: from a method's parameters to what a session's core is asked, on the thread of
//! the connection, so that nothing slow is done anywhere else.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::call::Call;
use super::create::grid_size;
use crate::engine::{Extent, MAX_SEARCH, Pattern, Piece};
use crate::model::{Place, Way, key_names};
use crate::protocol::methods::{
    self, BroadcastParams, InputKind, KeysParams, Method, PasteParams, PromptParams, ReadScreenParams, ResizeParams,
    ScreenFormat, ScreenSource, SearchParams, SendInputParams, WaitForParams, WaitUntil,
};
use crate::protocol::rpc::Error;
use crate::session::ask::Ask;
use crate::session::wait::Until;

/// Most bytes of one `send_input`, and of one broadcast, which is kept once for each session.
const MAX_INPUT: usize = 64 << 10;

/// Most matches of one reply.
const MAX_MATCHES: u16 = 1000;

/// A question, and the form its answer takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    pub ask: Ask,
    pub answer_as: AnswerAs,
}

/// How a session's answer becomes a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerAs {
    /// It says what there is to say.
    Plain,
    /// The rows that were read, in this format.
    Screen { format: ScreenFormat, join: bool },
    /// The desk makes it: the session as it is now.
    Session,
}

/// Whose input a broadcast is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Choice {
    /// As in [`BroadcastParams`].
    pub sessions: Option<Vec<String>>,
    pub workspace: Option<String>,
    pub except: Vec<String>,
}

/// Understands the methods that ask sessions; `None` for any other.
pub(super) fn parse(method: &str, params: Value) -> Option<Result<Call, Error>> {
    Some(match method {
        methods::SendInput::NAME => read::<methods::SendInput>(params, send_input),
        methods::SendKeys::NAME => read::<methods::SendKeys>(params, send_keys),
        methods::Paste::NAME => read::<methods::Paste>(params, paste),
        methods::SendPrompt::NAME => read::<methods::SendPrompt>(params, send_prompt),
        methods::ResizeTerminal::NAME => read::<methods::ResizeTerminal>(params, resize),
        methods::BroadcastInput::NAME => read::<methods::BroadcastInput>(params, broadcast),
        methods::ReadScreen::NAME => read::<methods::ReadScreen>(params, read_screen),
        methods::SearchSession::NAME => read::<methods::SearchSession>(params, search_session),
        methods::WaitFor::NAME => read::<methods::WaitFor>(params, wait_for),
        _ => return None,
    })
}

fn read<M: Method>(params: Value, make: fn(M::Params) -> Result<Call, Error>) -> Result<Call, Error> {
    methods::params::<M>(params).and_then(make)
}

fn ask(session: String, ask: Ask) -> Call {
    Call::Ask(session, Box::new(Question { ask, answer_as: AnswerAs::Plain }))
}

fn send_input(params: SendInputParams) -> Result<Call, Error> {
    let (field, bytes) = match (params.data, params.data_b64) {
        (Some(text), None) => ("data", text.into_bytes()),
        (None, Some(text)) => {
            let bytes = STANDARD.decode(&text);
            ("data_b64", bytes.map_err(|e| Error::field("data_b64", format!("base64 (RFC 4648, section 4): {e}")))?)
        }
        _ => return Err(Error::field("data", "exactly one of data and data_b64")),
    };
    check_length(field, bytes.len())?;
    Ok(ask(params.session_id, Ask::Input(bytes)))
}

fn check_length(field: &str, bytes: usize) -> Result<(), Error> {
    if bytes > MAX_INPUT {
        return Err(Error::field(field, format!("at most {MAX_INPUT} bytes a call, not {bytes}")));
    }
    Ok(())
}

fn send_keys(params: KeysParams) -> Result<Call, Error> {
    let keys = params
        .keys
        .iter()
        .enumerate()
        .map(|(i, name)| key_names::parse(name).map_err(|expected| Error::field(&format!("keys[{i}]"), expected)));
    Ok(ask(params.session_id, Ask::Keys(keys.collect::<Result<_, _>>()?)))
}

fn paste(params: PasteParams) -> Result<Call, Error> {
    Ok(ask(params.session_id, Ask::Paste(params.text)))
}

fn send_prompt(params: PromptParams) -> Result<Call, Error> {
    Ok(ask(params.session_id, Ask::Prompt(params.text)))
}

fn resize(params: ResizeParams) -> Result<Call, Error> {
    let size = match (params.cols, params.rows) {
        (Some(cols), Some(rows)) => Some(grid_size(cols, rows)?),
        (None, None) => None,
        (Some(_), None) => return Err(Error::field("rows", "rows beside cols, or neither")),
        (None, Some(_)) => return Err(Error::field("cols", "cols beside rows, or neither")),
    };
    Ok(Call::Ask(params.session_id, Box::new(Question { ask: Ask::Resize(size), answer_as: AnswerAs::Session })))
}

fn broadcast(params: BroadcastParams) -> Result<Call, Error> {
    let BroadcastParams { text, kind, sessions, workspace, except } = params;
    check_length("text", text.len())?;
    let ask = match kind {
        InputKind::Input => Ask::Input(text.into_bytes()),
        InputKind::Paste => Ask::Paste(text),
        InputKind::Prompt => Ask::Prompt(text),
    };
    Ok(Call::Broadcast(Box::new(Choice { sessions, workspace, except }), Box::new(ask)))
}

fn read_screen(params: ReadScreenParams) -> Result<Call, Error> {
    let ReadScreenParams { session_id, source, format, start, end, join } = params;
    let extent = match source {
        ScreenSource::History => Extent::Rows { first: start, last: end },
        _ if start.is_some() => return Err(Error::field("start", "no start but for the source \"history\"")),
        _ if end.is_some() => return Err(Error::field("end", "no end but for the source \"history\"")),
        ScreenSource::Screen => Extent::Screen,
        ScreenSource::LastCommand => Extent::LastCommand,
    };
    let answer_as = AnswerAs::Screen { format, join };
    Ok(Call::Ask(session_id, Box::new(Question { ask: Ask::Read(extent), answer_as })))
}

fn search_session(params: SearchParams) -> Result<Call, Error> {
    let SearchParams { session_id, text, regex, from, down, limit } = params;
    if text.is_empty() || text.len() > MAX_SEARCH {
        return Err(Error::field("text", format!("a text of 1 to {MAX_SEARCH} bytes, not {}", text.len())));
    }
    if !(1..=MAX_MATCHES).contains(&limit) {
        return Err(Error::field("limit", format!("1 to {MAX_MATCHES}, not {limit}")));
    }
    let pattern = Pattern::search(&text, regex).map_err(|e| Error::field("text", no_pattern(&e)))?;
    let from = from.map(|from| Place { epoch: from.epoch, row: from.row, col: from.column });
    let way = if down { Way::Down } else { Way::Up };
    let piece = Piece { from, way, most: usize::from(limit), rows: u64::MAX };
    Ok(ask(session_id, Ask::Search { pattern, piece }))
}

fn no_pattern(why: &str) -> String {
    format!("a regular expression (syntax of the Rust crate regex): {why}")
}

fn wait_for(params: WaitForParams) -> Result<Call, Error> {
    let until = match params.until {
        WaitUntil::Exit => Until::Exit,
        WaitUntil::Prompt => Until::Prompt,
        WaitUntil::Text(text) if text.is_empty() => return Err(Error::field("until.text", "a text")),
        WaitUntil::Text(text) => Until::Text(text),
        WaitUntil::Regex(text) => {
            Until::Match(Pattern::new(&text).map_err(|e| Error::field("until.regex", no_pattern(&e)))?)
        }
        WaitUntil::QuietMs(ms) => Until::Quiet(Duration::from_millis(ms)),
    };
    let timeout = params.timeout_ms.map(Duration::from_millis);
    Ok(ask(params.session_id, Ask::Wait { until, timeout }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn field(method: &str, params: Value) -> String {
        let error = parse(method, params).unwrap().unwrap_err();
        assert_eq!(error.code, crate::protocol::rpc::code::INVALID_PARAMS);
        error.data.unwrap()["field"].as_str().unwrap().to_owned()
    }

    #[test]
    fn wrong_parameters_are_named() {
        for (method, params, wrong) in [
            ("send_input", json!({"session_id": "a"}), "data"),
            ("send_input", json!({"session_id": "a", "data": "", "data_b64": ""}), "data"),
            ("send_input", json!({"session_id": "a", "data_b64": "?"}), "data_b64"),
            ("send_input", json!({"session_id": "a", "data": "x".repeat(MAX_INPUT + 1)}), "data"),
            ("send_keys", json!({"session_id": "a", "keys": ["a", "nokey"]}), "keys[1]"),
            ("resize_terminal", json!({"session_id": "a", "cols": 80}), "rows"),
            ("resize_terminal", json!({"session_id": "a", "rows": 80}), "cols"),
            ("resize_terminal", json!({"session_id": "a", "cols": 1, "rows": 1}), "cols"),
            ("resize_terminal", json!({"session_id": "a", "cols": 2, "rows": 501}), "rows"),
            ("broadcast_input", json!({"text": "x".repeat(MAX_INPUT + 1)}), "text"),
            ("read_screen", json!({"session_id": "a", "start": 1}), "start"),
            ("read_screen", json!({"session_id": "a", "source": "last_command", "end": 1}), "end"),
            ("search_session", json!({"session_id": "a", "text": ""}), "text"),
            ("search_session", json!({"session_id": "a", "text": "x".repeat(MAX_SEARCH + 1)}), "text"),
            ("search_session", json!({"session_id": "a", "text": "(", "regex": true}), "text"),
            ("search_session", json!({"session_id": "a", "text": "x", "limit": 0}), "limit"),
            ("search_session", json!({"session_id": "a", "text": "x", "from": {"row": 1}}), "from.epoch"),
            ("wait_for", json!({"session_id": "a", "until": {"text": ""}}), "until.text"),
            ("wait_for", json!({"session_id": "a", "until": {"regex": "("}}), "until.regex"),
            ("wait_for", json!({"session_id": "a", "until": {"regex": "(((x{100}){100}){100})"}}), "until.regex"),
        ] {
            assert_eq!(field(method, params.clone()), wrong, "{method} {params}");
        }
        assert!(parse("list_sessions", Value::Null).is_none());
    }
}
