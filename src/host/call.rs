//! What the desk is told and what it wants done.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use serde_json::Value;

use super::ask::{self, Choice, Question};
use super::batch::BatchId;
use super::owed::Topic;
use crate::base::{ClientId, GridSize, SessionId, SessionNo};
use crate::model::{BoardEvent, SessionKind};
use crate::protocol::alias::Alias;
use crate::protocol::methods::{
    self, AttachParams, CreateParams, DeleteParams, DeleteWorkspaceParams, Delivered, DetachParams, Method, Metrics,
    OpenParams, RenameParams, ResizePaneParams, Saving, SessionParams, SetActiveParams, SetWeightsParams,
    SubscribeParams, SwapParams, UnsubscribeParams, UpdateLayoutParams, UpgradeParams, UpgradeStatus, Upgrading,
    WorkspaceParams,
};
use crate::protocol::rpc::{Error, code};
use crate::session::Ask;
use crate::session::run::Report;
use crate::store::{self, Changes};

/// Who asked, and under which number the answer is awaited.
#[derive(Debug, Clone, PartialEq)]
pub struct Ticket {
    pub client: ClientId,
    /// The request's id; none for a notification, which gets no answer.
    pub id: Option<Value>,
    pub form: Form,
}

/// In which form the answer is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Form {
    /// With those to the other requests of this batch.
    pub batch: Option<BatchId>,
    /// As that of another name's method.
    pub alias: Option<Alias>,
}

/// A request that the desk answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    GetStatus,
    GetMetrics,
    ListClients,
    Create(Box<CreateParams>),
    List,
    Get(SessionParams),
    Rename(RenameParams),
    Terminate(SessionParams),
    Reconnect(SessionParams),
    Delete(DeleteParams),
    Attach(AttachParams),
    Detach(DetachParams),
    Subscribe(SubscribeParams),
    Unsubscribe(UnsubscribeParams),
    ListWorkspaces,
    GetWorkspace(WorkspaceParams),
    CreateWorkspace(WorkspaceParams),
    DeleteWorkspace(DeleteWorkspaceParams),
    Open(OpenParams),
    SetWeights(SetWeightsParams),
    UpdateLayout(UpdateLayoutParams),
    SwapPanes(SwapParams),
    ResizePane(ResizePaneParams),
    SetActive(SetActiveParams),
    /// A question for the session of this UUID, name or number.
    Ask(String, Box<Question>),
    Broadcast(Box<Choice>, Box<Ask>),
    Upgrade(UpgradeParams),
    Stop,
}

impl Call {
    /// Understands a request.
    ///
    /// # Errors
    /// -32601 for a method that the desk does not have, -32602 for parameters that are not the method's.
    pub fn parse(method: &str, params: Value) -> Result<Self, Error> {
        Ok(match method {
            methods::GetStatus::NAME => take::<methods::GetStatus, _>(params, |_| Self::GetStatus)?,
            methods::GetMetrics::NAME => take::<methods::GetMetrics, _>(params, |_| Self::GetMetrics)?,
            methods::ListClients::NAME => take::<methods::ListClients, _>(params, |_| Self::ListClients)?,
            methods::CreateSession::NAME => {
                take::<methods::CreateSession, _>(params, |params| Self::Create(Box::new(params)))?
            }
            methods::ListSessions::NAME => take::<methods::ListSessions, _>(params, |_| Self::List)?,
            methods::GetSession::NAME => take::<methods::GetSession, _>(params, Self::Get)?,
            methods::RenameSession::NAME => take::<methods::RenameSession, _>(params, Self::Rename)?,
            methods::TerminateSession::NAME => take::<methods::TerminateSession, _>(params, Self::Terminate)?,
            methods::ReconnectSession::NAME => take::<methods::ReconnectSession, _>(params, Self::Reconnect)?,
            methods::DeleteSession::NAME => take::<methods::DeleteSession, _>(params, Self::Delete)?,
            methods::AttachSession::NAME => take::<methods::AttachSession, _>(params, Self::Attach)?,
            methods::DetachSession::NAME => take::<methods::DetachSession, _>(params, Self::Detach)?,
            methods::Subscribe::NAME => take::<methods::Subscribe, _>(params, Self::Subscribe)?,
            methods::Unsubscribe::NAME => take::<methods::Unsubscribe, _>(params, Self::Unsubscribe)?,
            methods::ListWorkspaces::NAME => take::<methods::ListWorkspaces, _>(params, |_| Self::ListWorkspaces)?,
            methods::GetWorkspace::NAME => take::<methods::GetWorkspace, _>(params, Self::GetWorkspace)?,
            methods::CreateWorkspace::NAME => take::<methods::CreateWorkspace, _>(params, Self::CreateWorkspace)?,
            methods::DeleteWorkspace::NAME => take::<methods::DeleteWorkspace, _>(params, Self::DeleteWorkspace)?,
            methods::OpenWorkspace::NAME => take::<methods::OpenWorkspace, _>(params, Self::Open)?,
            methods::SetWeights::NAME => take::<methods::SetWeights, _>(params, Self::SetWeights)?,
            methods::UpdateLayout::NAME => take::<methods::UpdateLayout, _>(params, Self::UpdateLayout)?,
            methods::SwapPanes::NAME => take::<methods::SwapPanes, _>(params, Self::SwapPanes)?,
            methods::ResizePane::NAME => take::<methods::ResizePane, _>(params, Self::ResizePane)?,
            methods::SetActive::NAME => take::<methods::SetActive, _>(params, Self::SetActive)?,
            methods::UpgradeHost::NAME => take::<methods::UpgradeHost, _>(params, Self::Upgrade)?,
            methods::StopHost::NAME => take::<methods::StopHost, _>(params, |_| Self::Stop)?,
            _ => return ask::parse(method, params).unwrap_or_else(|| Err(unknown(method))),
        })
    }
}

/// The parameters of a method, made into a call.
fn take<M: Method, T>(params: Value, into: impl FnOnce(M::Params) -> T) -> Result<T, Error> {
    methods::params::<M>(params).map(into)
}

fn unknown(method: &str) -> Error {
    let method: String = method.chars().filter(|c| !c.is_control()).take(64).collect();
    let message = format!("there is no method \"{method}\"");
    Error::about(code::METHOD_NOT_FOUND, message, "method", methods::NAMES.join(", "))
}

/// What the desk is told.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// A connection, with the process at its other end, where the system tells.
    Connected(ClientId, Option<u32>),
    /// What a client calls itself, and what it is answered.
    Named(Ticket, String, Value),
    Disconnected(ClientId),
    Call(Ticket, Call),
    /// A session that the desk asked for was started, or could not be, for this reason.
    Started(SessionNo, Result<Started, Error>),
    Report(SessionNo, Report),
    /// A session of an earlier host cannot go on in this one; a later one may try again.
    Lost(SessionNo),
    /// A session that was asked for a size has it, or does not.
    Resized(Ticket, SessionNo, Result<GridSize, Error>),
    /// What came of [`Effect::Save`], or of opening the database.
    Stored(store::Report),
    /// Whether there is a keeper.
    Keeper(bool),
    /// Everything that was on the disk has been brought back.
    Settled,
    /// How it stands with saving sessions.
    Saving(Saving),
    /// How the last upgrade stands.
    Upgrade(UpgradeStatus),
    /// What came of [`Effect::Upgrade`]: what takes over once this process has ended, or why none does.
    Upgraded(Ticket, Result<Upgrading, String>),
    /// The host is to end.
    Stop,
    /// This process is to end, and nothing with it.
    Leave,
}

/// The time of a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    pub at: Instant,
    /// Unix time in milliseconds, for people and other machines.
    pub unix_ms: u64,
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
    pub name: String,
    pub kind: SessionKind,
    pub agent: String,
    pub workspace: Option<String>,
    pub size: GridSize,
    /// Empty for the user's shell, here or there.
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
    /// An event that the client has subscribed to, as a line.
    Notice(ClientId, Topic, Arc<str>),
    /// Answer with these numbers and those that are counted elsewhere.
    Metrics(Ticket, Box<Metrics>),
    /// Give sessions these orders, then reply; none of them waits, and one that cannot be given now is an error.
    Order(Ticket, Vec<(SessionNo, Order)>, Value),
    /// Ask a session, which has this id; it answers the ticket itself.
    Ask(SessionNo, SessionId, Ticket, Box<Question>),
    /// Ask several sessions the same; with each goes the line of the reply that says how it went. The last to answer
    /// replies.
    Broadcast(Ticket, Vec<(Option<SessionNo>, Delivered)>, Box<Ask>),
    /// Start a session; [`Input::Started`] follows.
    Start(SessionNo, Box<Plan>),
    /// Tell a session's program that its terminal is gone.
    HangUp(SessionNo),
    /// Close the session and tell its program that its terminal is gone.
    End(SessionNo),
    /// Ask a program to end.
    Terminate(SessionNo),
    /// End it without asking.
    Kill(SessionNo),
    /// Close the session itself: its viewers are told.
    Close(SessionNo),
    /// Nothing about this session will be asked any more.
    Forget(SessionNo),
    /// A session has another name.
    Rename(SessionNo, String),
    /// A session's program has gone to another directory.
    Moved(SessionNo, String),
    /// A session was ended: nobody wants it back.
    Discard(SessionId),
    /// Leave this to a later host.
    KeepStanding(Vec<u8>),
    /// Write this down; [`Input::Stored`] follows.
    Save(Box<Changes>),
    /// Have this program take over; [`Input::Upgraded`] follows.
    Upgrade(Ticket, PathBuf),
    /// Take no more connections.
    StopListening,
    /// Everything has ended.
    Exit,
}

/// What a session is told to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// This client is to watch no longer.
    Expel(ClientId),
    /// This client wants what the program writes.
    Tap(ClientId, SessionId),
    /// It wants that no longer.
    Untap(ClientId),
    /// Bring back the link that was lost.
    Relink,
}
