//! Where this window stands with its host, and what it has asked it.

use std::time::Duration;

use super::workspaces::Step;
use crate::base::SessionNo;
use crate::model::board::{Board, BoardEvent};

/// The first wait before connecting again; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(50);
/// The longest wait: what a person watching the banner still takes for "at once".
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// The state of the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Under way, for the first time.
    Starting,
    Up,
    /// Lost, or never had, with the reason; tried again by itself.
    Down {
        why: String,
        tries: u32,
    },
}

/// What a reply will mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pending {
    Open,
    /// The one after the present one, or before it, is to be shown.
    Workspaces(Step),
    /// The new pane gets the focus.
    Create,
    /// One session of those that end with the window.
    Leave,
    /// Only a refusal is of interest: shown with these words before it.
    Quiet(&'static str),
}

/// The connection as the core knows it.
#[derive(Debug)]
pub struct Connection {
    pub state: State,
    /// The number of the present attempt; whatever belongs to an older one is ignored.
    pub attempt: u32,
    /// The workspace of this connection was asked for.
    pub opened: bool,
    /// This attempt starts what is missing: the host, and a first shell.
    pub starts: bool,
    known: bool,
    /// A board that is being replicated and not yet whole.
    arriving: Option<Board>,
    calls: u64,
    pending: Vec<(u64, Pending)>,
    requests: u32,
    /// What texts that were asked for are wanted for.
    pub texts: Vec<(u32, super::event::Clip)>,
    /// Where clipboards that are being read go.
    pub pastes: Vec<(u32, PasteTo)>,
}

/// Who gets the text of a clipboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasteTo {
    Session(SessionNo),
    Compose,
}

impl Default for Connection {
    fn default() -> Self {
        Self {
            state: State::Starting,
            attempt: 1,
            opened: false,
            starts: true,
            known: false,
            arriving: None,
            calls: 0,
            pending: Vec::new(),
            requests: 0,
            texts: Vec::new(),
            pastes: Vec::new(),
        }
    }
}

impl Connection {
    pub fn is_up(&self) -> bool {
        self.state == State::Up
    }

    /// Whether the board has been told once: an empty grid is really empty.
    pub fn is_known(&self) -> bool {
        self.known
    }

    /// Whether the present board is this connection's: what an older one said about sessions may be another host's.
    pub fn is_current(&self) -> bool {
        self.is_up() && self.arriving.is_none()
    }

    /// The connection stands: the board will be told anew.
    pub fn up(&mut self) {
        self.state = State::Up;
        self.opened = false;
        self.arriving = Some(Board::default());
    }

    /// The connection is gone; returns how long to wait before the next attempt.
    pub fn down(&mut self, why: String) -> Duration {
        let tries = if let State::Down { tries, .. } = self.state { tries + 1 } else { 0 };
        self.state = State::Down { why, tries };
        self.pending.clear();
        self.texts.clear();
        self.pastes.clear();
        FIRST_WAIT.saturating_mul(1 << tries.min(10)).min(LONGEST_WAIT)
    }

    pub fn next_call(&mut self) -> u64 {
        self.calls += 1;
        self.calls
    }

    pub fn next_request(&mut self) -> u32 {
        self.requests = self.requests.wrapping_add(1);
        self.requests
    }

    pub fn expect(&mut self, id: u64, what: Pending) {
        self.pending.push((id, what));
    }

    /// Whether a pane was asked for and the answer is not there yet.
    pub fn expects_pane(&self) -> bool {
        self.pending.iter().any(|(_, pending)| *pending == Pending::Create)
    }

    /// What the reply with this number means, once.
    pub fn take(&mut self, id: u64) -> Option<Pending> {
        let at = self.pending.iter().position(|(i, _)| *i == id)?;
        Some(self.pending.swap_remove(at).1)
    }

    /// Applies a change of the board. `Some`: this is the first whole board of the connection, to be shown instead of
    /// the old one, which stays in sight until then.
    pub fn board(&mut self, board: &mut Board, event: BoardEvent) -> Option<Board> {
        let Some(arriving) = &mut self.arriving else {
            board.apply(event);
            return None;
        };
        // The grid is the last part of a replicated board.
        let whole = matches!(event, BoardEvent::Workspace(_));
        arriving.apply(event);
        self.known |= whole;
        if whole { self.arriving.take() } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::board::Workspace;

    #[test]
    fn waits_grow_to_a_limit_and_begin_anew() {
        let mut c = Connection::default();
        let waits: Vec<u64> = (0..12).map(|_| c.down(String::new()).as_millis() as u64).collect();
        assert_eq!(waits[..7], [50, 100, 200, 400, 800, 1600, 2000]);
        assert_eq!(waits[11], 2000);
        c.up();
        assert_eq!(c.down(String::new()), FIRST_WAIT);
    }

    #[test]
    fn a_board_is_shown_when_it_is_whole() {
        let workspace = |n: u32| Workspace { panes: vec![SessionNo(n)], ..Workspace::default() };
        let mut old = Board { workspace: workspace(1), ..Board::default() };
        let mut c = Connection::default();
        c.up();
        assert_eq!(c.board(&mut old, BoardEvent::Removed(SessionNo(9))), None);
        let whole = c.board(&mut old, BoardEvent::Workspace(workspace(2)));
        assert_eq!(whole.map(|b| b.workspace), Some(workspace(2)));
        assert_eq!(old.workspace, workspace(1), "swapping is the core's to do");
        assert_eq!(c.board(&mut old, BoardEvent::Workspace(workspace(3))), None);
        assert_eq!(old.workspace, workspace(3), "from then on changes apply at once");
    }
}
