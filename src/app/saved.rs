//! The value that a saved window is: what the board says, without what cannot be brought back.

use crate::config::{SavedPane, SavedSession};
use crate::model::SessionKind;
use crate::model::board::Board;

/// The workspace as it is to be opened again, in the order of the grid.
pub fn from_board(board: &Board) -> SavedSession {
    let panes = board.workspace.panes.iter().filter_map(|no| board.session(*no));
    let pane = |s: &crate::model::SessionInfo| SavedPane {
        name: s.name.clone(),
        agent: s.agent.clone(),
        cwd: s.cwd.clone(),
        title: s.title.clone(),
        command: None,
        remote: if let SessionKind::Remote(remote) = &s.kind { Some(remote.clone()) } else { None },
        ..SavedPane::default()
    };
    let panes: Vec<SavedPane> = panes.map(pane).collect();
    SavedSession { layout: board.workspace.layout.fitted(panes.len()), panes }
}
