//! What a user sees of all sessions at a glance: the host keeps this value and every client holds a copy.
//!
//! The law: applying the events of [`Board::replicate`] to an empty board gives the board, and every later event keeps
//! the copies equal.

use super::session_kind::SessionKind;
pub use super::workspace::Workspace;
use crate::base::{GridSize, SessionId, SessionNo};

/// The life of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionState {
    /// Its program runs and at least one client is attached.
    Running,
    /// Its program runs, nobody watches.
    Detached,
    /// Its program has ended.
    Stopped,
}

impl SessionState {
    pub fn name(self) -> &'static str {
        match self {
            Self::Running => "Running",
            Self::Detached => "Detached",
            Self::Stopped => "Stopped",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Running, Self::Detached, Self::Stopped].into_iter().find(|s| s.name() == name)
    }
}

/// One session as a user sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionInfo {
    pub id: SessionId,
    pub no: SessionNo,
    /// Unique among the host's sessions.
    pub name: String,
    pub kind: SessionKind,
    pub state: SessionState,
    /// Clients attached.
    pub clients: usize,
    /// The link that an SSH or a serial session stands on is gone; reconnecting brings it back.
    pub disconnected: bool,
    /// Output came within the last moments: the status dot's "running" as against "quiet".
    pub active: bool,
    /// The agent kind it was started as; [`crate::model::agent::SHELL`] for a plain shell.
    pub agent: String,
    /// What the program calls itself (OSC 0, 2); empty until it does.
    pub title: String,
    /// The working directory: the program's word (OSC 7), else what the system knows.
    pub cwd: String,
    /// Name of the foreground program, empty while it is the shell itself.
    pub foreground: String,
    /// Process id of the program the session was started with.
    pub pid: Option<u32>,
    /// How it ended; 128 + the signal's number where a signal ended it, as shells have it.
    pub exit_code: Option<i32>,
    pub size: GridSize,
    /// Unix time in milliseconds.
    pub created_at_ms: u64,
    /// When output or input last began or ceased, Unix time in milliseconds.
    pub last_active_ms: u64,
}

impl SessionInfo {
    /// A local shell of which nothing more is known yet.
    pub fn new(id: SessionId, no: SessionNo, name: impl Into<String>) -> Self {
        Self {
            id,
            no,
            name: name.into(),
            kind: SessionKind::Local,
            state: SessionState::Detached,
            clients: 0,
            disconnected: false,
            active: false,
            agent: super::agent::SHELL.to_owned(),
            title: String::new(),
            cwd: String::new(),
            foreground: String::new(),
            pid: None,
            exit_code: None,
            size: GridSize::default(),
            created_at_ms: 0,
            last_active_ms: 0,
        }
    }
}

/// The board of one workspace: all sessions of the host, and the grid.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Board {
    pub sessions: Vec<SessionInfo>,
    pub workspace: Workspace,
}

/// One change of a board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BoardEvent {
    /// A session is new or something about it changed.
    Session(SessionInfo),
    /// A session is gone from the list.
    Removed(SessionNo),
    /// The workspace has other panes, another order or another layout.
    Workspace(Workspace),
}

impl Board {
    /// The events that build this board from an empty one.
    pub fn replicate(&self) -> Vec<BoardEvent> {
        let sessions = self.sessions.iter().cloned().map(BoardEvent::Session);
        sessions.chain([BoardEvent::Workspace(self.workspace.clone())]).collect()
    }

    /// Applies one event; sessions stay in the order of their numbers.
    pub fn apply(&mut self, event: BoardEvent) {
        match event {
            BoardEvent::Session(info) => match self.sessions.binary_search_by_key(&info.no, |s| s.no) {
                Ok(at) => self.sessions[at] = info,
                Err(at) => self.sessions.insert(at, info),
            },
            BoardEvent::Removed(no) => self.sessions.retain(|s| s.no != no),
            BoardEvent::Workspace(workspace) => self.workspace = workspace,
        }
    }

    /// The session that has this id, whatever its number is.
    pub fn by_id(&self, id: SessionId) -> Option<&SessionInfo> {
        self.sessions.iter().find(|s| s.id == id)
    }

    pub fn session(&self, no: SessionNo) -> Option<&SessionInfo> {
        self.sessions.binary_search_by_key(&no, |s| s.no).ok().map(|at| &self.sessions[at])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(no: u32) -> SessionInfo {
        SessionInfo::new(SessionId::from_u128(u128::from(no)), SessionNo(no), format!("s{no}"))
    }

    #[test]
    fn replicating_gives_the_same_board() {
        let mut board = Board::default();
        for no in [3, 1, 2] {
            board.apply(BoardEvent::Session(info(no)));
        }
        board.apply(BoardEvent::Workspace(Workspace {
            name: "default".into(),
            panes: vec![SessionNo(2)],
            ..Workspace::default()
        }));
        board.apply(BoardEvent::Removed(SessionNo(1)));
        board.apply(BoardEvent::Session(SessionInfo { active: true, ..info(3) }));
        let mut copy = Board::default();
        board.replicate().into_iter().for_each(|e| copy.apply(e));
        assert_eq!(copy, board);
        assert!(copy.session(SessionNo(3)).is_some_and(|s| s.active));
        assert_eq!(copy.session(SessionNo(1)), None);
    }
}
