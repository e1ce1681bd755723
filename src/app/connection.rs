//! Where this window stands with its host, and what it has asked it.

use std::time::Instant;

use super::workspaces::Step;
use crate::base::{SessionId, SessionNo};
use crate::client::{Backlog, Loss, Retry, Sent, is_typed};
use crate::model::board::{Board, BoardEvent};
use crate::protocol::SEARCH_SINCE;
use crate::protocol::methods::CreateParams;

/// The state of the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Under way, for the first time.
    Starting,
    Up,
    /// Lost a moment ago, for this reason: the window stays as it was, and what is typed waits.
    Sought(String),
    /// Given up, or never had, for this reason; looked for now and then.
    Down(String),
}

/// What a reply will mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pending {
    Open,
    /// The one after the present one, or before it, is to be shown.
    Workspaces(Step),
    /// The new pane gets the focus. Asked again with the same id, it is made once.
    Create(Box<CreateParams>),
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
    retry: Retry,
    calls: u64,
    pending: Vec<(u64, Pending)>,
    /// Panes that were asked for on a connection that is lost, and not answered.
    unanswered: Vec<CreateParams>,
    /// What was typed since the connection was lost.
    pub backlog: Backlog,
    /// What was typed and sent.
    pub sent: Sent,
    requests: u32,
    /// The host can search.
    searches: bool,
    /// What texts that were asked for are wanted for.
    pub texts: Vec<(u32, SessionNo, super::event::Clip)>,
    /// Where clipboards that are being read go.
    pub pastes: Vec<(u32, PasteTo)>,
}

/// Who gets the text of a clipboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasteTo {
    Session(SessionId),
    /// The line that is being written: a broadcast, a search.
    Written,
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
            retry: Retry::default(),
            calls: 0,
            pending: Vec::new(),
            unanswered: Vec::new(),
            backlog: Backlog::default(),
            sent: Sent::default(),
            requests: 0,
            searches: false,
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

    /// Whether the host is away for a moment only: what is meant for its sessions waits until its board is there again.
    pub fn is_sought(&self) -> bool {
        matches!(self.state, State::Sought(_)) || self.known && self.is_up() && self.arriving.is_some()
    }

    /// The connection stands, with this protocol: the board will be told anew.
    pub fn up(&mut self, proto: u32, now: Instant) {
        self.sent.connected(proto);
        self.searches = proto >= SEARCH_SINCE;
        self.retry.stands(now);
        self.state = State::Up;
        self.opened = false;
        self.arriving = Some(Board::default());
    }

    pub fn can_search(&self) -> bool {
        self.searches
    }

    /// The connection, or an attempt at one, has ended; returns when to try again, unless it is to be given up.
    pub fn ended(&mut self, loss: &Loss, now: Instant) -> Option<Instant> {
        for (_, pending) in self.pending.drain(..) {
            if let Pending::Create(params) = pending {
                self.unanswered.push(*params);
            }
        }
        let again = self.retry.ended(loss.outlook, now);
        if again.is_some() {
            self.state = State::Sought(loss.why.clone());
        }
        again
    }

    /// When to give up, whatever the present attempt does.
    pub fn hope_ends(&self) -> Option<Instant> {
        self.retry.end()
    }

    pub fn is_down(&self) -> bool {
        matches!(self.state, State::Down(_))
    }

    /// After it was given up, somebody asks once more.
    pub fn begin_again(&mut self) {
        self.attempt += 1;
        self.state = State::Starting;
    }

    /// Hopes no longer; true if something that was typed is lost by that.
    pub fn give_up(&mut self, why: String) -> bool {
        self.retry.give_up();
        self.state = State::Down(why);
        self.unanswered.clear();
        self.sent.give_up();
        let full = self.backlog.is_full();
        full || self.backlog.take().iter().any(|(_, message)| is_typed(message))
    }

    /// Panes to be asked for again.
    pub fn take_unanswered(&mut self) -> Vec<CreateParams> {
        std::mem::take(&mut self.unanswered)
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
        !self.unanswered.is_empty() || self.pending.iter().any(|(_, pending)| matches!(pending, Pending::Create(_)))
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
    use crate::base::SessionNo;
    use crate::model::board::Workspace;

    #[test]
    fn a_board_is_shown_when_it_is_whole() {
        let workspace = |n: u32| Workspace { panes: vec![SessionNo(n)], ..Workspace::default() };
        let mut old = Board { workspace: workspace(1), ..Board::default() };
        let mut c = Connection::default();
        c.up(1, Instant::now());
        assert_eq!(c.board(&mut old, BoardEvent::Removed(SessionNo(9))), None);
        let whole = c.board(&mut old, BoardEvent::Workspace(workspace(2)));
        assert_eq!(whole.map(|b| b.workspace), Some(workspace(2)));
        assert_eq!(old.workspace, workspace(1), "swapping is the core's to do");
        assert_eq!(c.board(&mut old, BoardEvent::Workspace(workspace(3))), None);
        assert_eq!(old.workspace, workspace(3), "from then on changes apply at once");
    }
}
