//! What is kept of sessions and workspaces, as plain values.

use crate::base::SessionId;
use crate::model::SessionState;

/// How a session lives, as the database has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Its program runs and clients are attached.
    Active,
    /// Its program runs, nobody is attached.
    Detached,
    /// Its program has ended, or nobody knows what became of it.
    Terminated,
}

impl Status {
    /// Its name in the file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Detached => "detached",
            Self::Terminated => "terminated",
        }
    }
}

impl From<SessionState> for Status {
    fn from(state: SessionState) -> Self {
        match state {
            SessionState::Running => Self::Active,
            SessionState::Detached => Self::Detached,
            SessionState::Stopped => Self::Terminated,
        }
    }
}

/// One session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    pub id: SessionId,
    pub name: String,
    /// `Local`, `Ssh` or `Serial`, as the API has it.
    pub kind: String,
    /// Where an SSH or a serial session leads, as the JSON that the API has for it.
    pub target: Option<String>,
    pub agent: String,
    /// A JSON array of words; empty for the user's shell.
    pub command: String,
    pub cwd: String,
    pub project: Option<String>,
    pub status: Status,
    /// How its program ended; none while it runs, and where nobody knows.
    pub exit_code: Option<i32>,
    /// The workspace it is a pane of; none where that is not in the database.
    pub workspace: Option<String>,
    /// Its place in the grid, from 0 on.
    pub pane_index: Option<usize>,
    /// Unix time in milliseconds, as all times here.
    pub created_at_ms: u64,
    pub last_active_ms: u64,
    /// What else there is to know: title, size.
    pub state: Vec<(&'static str, String)>,
}

/// One workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkspaceRow {
    pub name: String,
    /// How its panes are laid out, as JSON.
    pub layout: String,
    /// It stays though it is empty and nobody looks at it.
    pub kept: bool,
}

/// What is new since the last time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes {
    pub workspaces: Vec<WorkspaceRow>,
    pub sessions: Vec<SessionRow>,
    /// Names of workspaces that are no more.
    pub closed: Vec<String>,
}

impl Changes {
    pub fn is_empty(&self) -> bool {
        self.workspaces.is_empty() && self.sessions.is_empty() && self.closed.is_empty()
    }
}
