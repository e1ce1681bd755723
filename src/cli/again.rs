//! Asking once more where the connection to the host was lost before the answer: only what may be asked twice.

use std::thread;
use std::time::Instant;

use super::fail::Fail;
use super::verb::Context;
use crate::client::{Absent, Answer, CallError, Control, Outlook, Retry};
use crate::protocol::methods::{
    GetMetrics, GetSession, GetStatus, GetWorkspace, HelloResult, ListClients, ListSessions, ListWorkspaces, Method,
    ReadScreen, SearchSession,
};

/// Methods that change nothing.
const READS: [&str; 9] = [
    GetMetrics::NAME,
    GetSession::NAME,
    GetStatus::NAME,
    GetWorkspace::NAME,
    ListClients::NAME,
    ListSessions::NAME,
    ListWorkspaces::NAME,
    ReadScreen::NAME,
    SearchSession::NAME,
];

/// Whether a method may be asked again although nobody knows whether it was done.
pub(super) fn reads<M: Method>() -> bool {
    READS.contains(&M::NAME)
}

/// Whether the host went away before it answered. One that only says nothing is still there.
pub(super) fn is_lost(error: &CallError) -> bool {
    matches!(error, CallError::Io(_) | CallError::Closed)
}

impl Context {
    /// Asks, and once more on another connection if this one is lost before the answer: for what only reads, and for what
    /// is done once although it is asked for twice.
    pub fn ask_twice<M: Method>(&self, control: &mut Control, params: &M::Params) -> Result<Answer, Fail> {
        match control.ask::<M>(params) {
            Err(error) if is_lost(&error) => {
                *control = self.control_again(&mut Retry::standing(Instant::now()), Absent::Fail)?.0;
                Ok(control.ask::<M>(params)?)
            }
            answer => Ok(answer?),
        }
    }

    /// Finds a host again whose connection has just been lost; whichever takes its place is waited for, or started.
    ///
    /// # Errors
    /// Why the last attempt failed.
    pub fn control_again(&self, retry: &mut Retry, absent: Absent) -> Result<(Control, HelloResult), Fail> {
        let connector = self.connector()?;
        let (mut outlook, mut fail) = (Outlook::Broken, Fail::from(CallError::Closed));
        while let Some(at) = retry.ended(outlook, Instant::now()) {
            thread::sleep(at.saturating_duration_since(Instant::now()));
            let socket = match connector(absent) {
                Ok(socket) => socket,
                Err(error) => {
                    (outlook, fail) = ((&error).into(), error.into());
                    continue;
                }
            };
            match Control::open(socket, "cli") {
                Ok(opened) => {
                    retry.stands(Instant::now());
                    return Ok(opened);
                }
                Err(error) => (outlook, fail) = ((&error).into(), error.into()),
            }
        }
        Err(fail)
    }
}
