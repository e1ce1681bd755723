//! A saved session's panes, made anew in a workspace of its name.

use super::fail::Fail;
use super::gui::board;
use crate::base::SessionId;
use crate::client::{self, CallError, Connector, Control};
use crate::config::{Loaded, SavedPane, SavedSession};
use crate::model::agent::SHELL;
use crate::protocol::methods::{CreateParams, CreateSession, SetWeights, SetWeightsParams};
use crate::protocol::rpc::code;

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
    let mut told = Vec::new();
    let mut made = 0;
    for pane in &session.panes {
        match make(&mut control, create(workspace, pane, loaded)) {
            Ok(notice) => {
                made += 1;
                told.extend(notice);
            }
            Err(e) => told.push(format!("{}: {e}", pane.name)),
        }
    }
    if made == 0 {
        return Err(Fail::failed(format!("no pane of \"{workspace}\" could be made: {}", told.join("; "))));
    }
    let weights = SetWeightsParams { workspace: workspace.to_owned(), weights: (&session.weights).into() };
    control.call::<SetWeights>(&weights).map_err(Fail::failed)?;
    Ok(told)
}

/// Makes one session; without its name where another session has that by now.
fn make(control: &mut Control, params: CreateParams) -> Result<Option<String>, CallError> {
    match control.call::<CreateSession>(&params) {
        Err(CallError::Refused(e)) if e.code == code::SESSION_EXISTS => {
            let unnamed = CreateParams { name: None, ..params };
            control.call::<CreateSession>(&unnamed).map(|created| created.notice)
        }
        outcome => outcome.map(|created| created.notice),
    }
}

fn create(workspace: &str, pane: &SavedPane, loaded: &Loaded) -> CreateParams {
    let kind = loaded.agents.iter().find(|a| a.id == pane.agent && a.id != SHELL);
    let own = kind.map(|a| [std::slice::from_ref(&a.command), &a.args].concat()).unwrap_or_default();
    CreateParams {
        session_id: Some(SessionId::new().to_string()),
        name: (!pane.name.is_empty()).then(|| pane.name.clone()),
        workspace: Some(workspace.to_owned()),
        agent: Some(pane.agent.clone()),
        command: pane.command.clone().unwrap_or(own),
        cwd: (!pane.cwd.is_empty()).then(|| pane.cwd.clone()),
        cols: 80,
        rows: 24,
        ..CreateParams::default()
    }
}
