//! A saved session's panes, made anew in a workspace of its name.

use super::fail::Fail;
use super::gui::board;
use crate::base::SessionId;
use crate::client::{self, CallError, Connector, Control};
use crate::config::{Loaded, SavedPane, SavedSession};
use crate::model::agent::SHELL;
use crate::model::{Layout, SessionKind};
use crate::protocol::methods::{
    CreateParams, CreateSession, Created, SetWeights, SetWeightsParams, UpdateLayout, UpdateLayoutParams,
};
use crate::protocol::rpc::code;
use crate::protocol::shapes::{LayoutShape, SessionType};

/// Makes the panes of a saved session in a workspace that has none; one that has some is left as it is. Returns what the
/// user should be told: a pane that could not be made costs the others nothing.
///
/// # Errors
/// There is no host, or it makes none of the panes.
pub fn restore(
    connector: &Connector,
    workspace: &str,
    session: &SavedSession,
    loaded: &Loaded,
) -> Result<Vec<String>, Fail> {
    let socket = connector(client::Absent::Start).map_err(Fail::failed)?;
    let (mut control, _) = Control::open(socket, "cli").map_err(Fail::failed)?;
    if !board(&mut control, workspace).map_err(Fail::failed)?.workspace.panes.is_empty() {
        return Ok(vec![format!("\"{workspace}\" is open already: it is shown as it is, not as it was saved")]);
    }
    Ok(fill(&mut control, workspace, session, loaded)?.told)
}

/// What came of the panes of a workspace.
pub struct Filled {
    /// What the user should be told.
    pub told: Vec<String>,
    /// How many panes could not be made.
    pub missing: usize,
}

/// Makes these panes in a workspace that has none: one that could not be made costs the others nothing.
///
/// # Errors
/// The connection is gone, or the host makes none of the panes.
pub fn fill(control: &mut Control, workspace: &str, session: &SavedSession, loaded: &Loaded) -> Result<Filled, Fail> {
    let mut told = Vec::new();
    let mut made = Vec::new();
    for (pane, number) in session.panes.iter().zip(1..) {
        match make(control, create(workspace, pane, loaded)) {
            Ok(created) => {
                made.push(Some(created.no));
                told.extend(created.notice);
            }
            Err(e) => {
                made.push(None);
                let name = if pane.name.is_empty() { format!("pane {number}") } else { pane.name.clone() };
                told.push(format!("{name}: {e}"));
            }
        }
    }
    let missing = made.iter().filter(|no| no.is_none()).count();
    if missing == made.len() {
        return Err(Fail::failed(format!("no pane of \"{workspace}\" could be made: {}", told.join("; "))));
    }
    told.extend(divide(control, workspace, session, &made)?);
    Ok(Filled { told, missing })
}

/// Divides the workspace among the panes that could be made. Returns why it could not be, for the user: the panes are
/// there all the same.
fn divide(
    control: &mut Control,
    workspace: &str,
    session: &SavedSession,
    made: &[Option<u32>],
) -> Result<Option<String>, Fail> {
    let mut layout = session.layout.clone();
    let mut left = made.len();
    for (at, _) in made.iter().enumerate().rev().filter(|(_, no)| no.is_none()) {
        layout.close(left, at);
        left -= 1;
    }
    let workspace = workspace.to_owned();
    let outcome = match &layout {
        // A host that knows no splits knows this one.
        Layout::Grid(weights) => {
            let params = SetWeightsParams { workspace, weights: weights.into() };
            control.call::<SetWeights>(&params).map(drop)
        }
        split => {
            let layout = LayoutShape::of(split, made.iter().flatten().copied());
            control.call::<UpdateLayout>(&UpdateLayoutParams { workspace, layout }).map(drop)
        }
    };
    match outcome {
        Ok(()) => Ok(None),
        Err(CallError::Refused(e)) => Ok(Some(format!("the panes are not divided as they should be: {e}"))),
        Err(e) => Err(Fail::failed(e)),
    }
}

/// Makes one session; without its name where another session has that by now.
fn make(control: &mut Control, params: CreateParams) -> Result<Created, CallError> {
    match control.call::<CreateSession>(&params) {
        Err(CallError::Refused(e)) if e.code == code::SESSION_EXISTS => {
            control.call::<CreateSession>(&CreateParams { name: None, ..params })
        }
        outcome => outcome,
    }
}

fn create(workspace: &str, pane: &SavedPane, loaded: &Loaded) -> CreateParams {
    let any = CreateParams {
        session_id: Some(SessionId::new().to_string()),
        name: (!pane.name.is_empty()).then(|| pane.name.clone()),
        workspace: Some(workspace.to_owned()),
        ..CreateParams::default()
    };
    if let Some(remote) = &pane.remote {
        return CreateParams { kind: SessionType::from(&SessionKind::Remote(remote.clone())), ..any };
    }
    let kind = loaded.agents.iter().find(|a| a.id == pane.agent && a.id != SHELL);
    let own = kind.map(|a| [std::slice::from_ref(&a.command), &a.args].concat()).unwrap_or_default();
    CreateParams {
        agent: Some(pane.agent.clone()),
        command: pane.command.clone().unwrap_or(own),
        cwd: (!pane.cwd.is_empty()).then(|| pane.cwd.clone()),
        env: pane.env.clone(),
        ..any
    }
}
