//! What the desk is told and what it wants done.

use serde_json::Value;

use crate::base::{ClientId, GridSize, SessionId, SessionNo};
use crate::model::BoardEvent;
use crate::protocol::methods::{self, CreateParams, Method, OpenParams, SessionParams, SetWeightsParams};
use crate::protocol::rpc::{Error, code};
use crate::session::run::Report;

/// Who asked, and under which number the answer is awaited.
#[derive(Debug, Clone, PartialEq)]
pub struct Ticket {
    pub client: ClientId,
    /// The request's id; none for a notification, which gets no answer.
    pub id: Option<Value>,
}

/// A request that the desk answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    GetStatus,
    Create(Box<CreateParams>),
    List,
    Terminate(SessionParams),
    Open(OpenParams),
    SetWeights(SetWeightsParams),
    Stop,
}

impl Call {
    /// Understands a request.
    ///
    /// # Errors
    /// -32601 for a method that the desk does not have, -32602 for parameters that are not the method's.
    pub fn parse(method: &str, params: Value) -> Result<Self, Error> {
        Ok(match method {
            methods::GetStatus::NAME => Self::GetStatus,
            methods::CreateSession::NAME => Self::Create(Box::new(methods::params::<methods::CreateSession>(params)?)),
            methods::ListSessions::NAME => Self::List,
            methods::TerminateSession::NAME => Self::Terminate(methods::params::<methods::TerminateSession>(params)?),
            methods::OpenWorkspace::NAME => Self::Open(methods::params::<methods::OpenWorkspace>(params)?),
            methods::SetWeights::NAME => Self::SetWeights(methods::params::<methods::SetWeights>(params)?),
            methods::StopHost::NAME => Self::Stop,
            _ => return Err(Error::new(code::METHOD_NOT_FOUND, unknown(method))),
        })
    }
}

fn unknown(method: &str) -> String {
    let method: String = method.chars().filter(|c| !c.is_control()).take(64).collect();
    format!("there is no method \"{method}\"; known are {}", methods::NAMES.join(", "))
}

/// What the desk is told.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    Connected(ClientId),
    Disconnected(ClientId),
    Call(Ticket, Call),
    /// A session that the desk asked for was started, or could not be, for this reason.
    Started(SessionNo, Result<Started, String>),
    Report(SessionNo, Report),
    /// The host is to end.
    Stop,
}

/// What is known about a session once it was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    /// None when its program could not be run, which its screen says.
    pub pid: Option<u32>,
    pub cwd: String,
    /// What could not be had of what was asked for.
    pub notice: Option<String>,
    /// Unix time in milliseconds.
    pub at_ms: u64,
}

/// What is to be started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    pub id: SessionId,
    pub size: GridSize,
    /// Empty for the user's shell.
    pub command: Vec<String>,
    pub cwd: Option<String>,
    /// The project's directory: where it starts without a `cwd`.
    pub project: Option<String>,
    pub env: std::collections::BTreeMap<String, String>,
}

/// What the desk wants done.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    Reply(Ticket, Result<Value, Error>),
    Event(ClientId, BoardEvent),
    /// Start a session; [`Input::Started`] follows.
    Start(SessionNo, Box<Plan>),
    /// Tell a session's program that its terminal is gone.
    HangUp(SessionNo),
    /// Ask it to end.
    Terminate(SessionNo),
    /// End it without asking.
    Kill(SessionNo),
    /// Close the session itself: its viewers are told.
    Close(SessionNo),
    /// Nothing about this session will be asked any more.
    Forget(SessionNo),
    /// Take no more connections.
    StopListening,
    /// Everything has ended.
    Exit,
}
