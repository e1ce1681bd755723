//! The desk's workspaces: grids of panes, and who follows them.

use std::time::Instant;

use super::call::{Effect, Ticket};
use super::create::{MAX_NAME, check_name};
use super::desk::{Desk, result};
use super::standing::ABSENT;
use crate::base::{ClientId, SessionNo};
use crate::model::board::Workspace;
use crate::model::{Board, BoardEvent};
use crate::protocol::events;
use crate::protocol::methods::{DEFAULT_WORKSPACE, Empty, OpenParams};
use crate::protocol::rpc::{Error, code};

/// One workspace.
#[derive(Debug)]
pub(super) struct Space {
    /// With the sessions that are being started: they have their places already.
    pub(super) whole: Workspace,
    /// The connection it ends with, if it is private.
    pub(super) owner: Option<ClientId>,
    /// It stays though it is empty and nobody follows it.
    pub(super) kept: bool,
    /// Who waits for its first pane to be opened.
    waiting: Vec<Ticket>,
}

impl Space {
    pub(super) fn new(name: &str, owner: Option<ClientId>) -> Self {
        Self::of(Workspace::new(name), owner)
    }

    pub(super) fn of(whole: Workspace, owner: Option<ClientId>) -> Self {
        Self { whole, owner, kept: false, waiting: Vec::new() }
    }

    /// Whether somebody has asked to follow it and waits for its first pane.
    pub(super) fn is_awaited(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// One that stays until it is deleted.
    pub(super) fn kept(name: &str) -> Self {
        Self { kept: true, ..Self::new(name, None) }
    }
}

impl Desk {
    pub(super) fn space(&self, name: &str) -> Result<&Space, Error> {
        self.spaces.iter().find(|s| s.whole.name == name).ok_or_else(|| no_space(name))
    }

    pub(super) fn space_mut(&mut self, name: &str) -> Result<&mut Space, Error> {
        self.spaces.iter_mut().find(|s| s.whole.name == name).ok_or_else(|| no_space(name))
    }

    /// Opens a workspace for a client, making one that does not exist. Who opens the default one while its first shell
    /// is on the way waits for it, so that an empty grid always means that there is nothing.
    pub(super) fn open(&mut self, ticket: Ticket, params: OpenParams, now: Instant, effects: &mut Vec<Effect>) {
        match self.prepare_open(&ticket, &params) {
            Ok(()) => {}
            Err(error) => return effects.push(Effect::Reply(ticket, Err(error))),
        }
        let name = params.workspace;
        let first = params.first_shell && name == DEFAULT_WORKSPACE;
        if first && self.space(&name).is_ok_and(|s| s.whole.panes.is_empty()) {
            self.create_first_shell(&name, params.cols, params.rows, effects);
        }
        let empty = self.workspace(&name).is_none_or(|w| w.panes.is_empty());
        match self.space_mut(&name) {
            Ok(space) if empty && !space.whole.panes.is_empty() => space.waiting.push(ticket),
            _ => self.follow(ticket, &name, now, effects),
        }
    }

    fn prepare_open(&mut self, ticket: &Ticket, params: &OpenParams) -> Result<(), Error> {
        if self.stopping {
            return Err(Error::new(code::INTERNAL, "the host is ending".into()));
        }
        let owner = params.private.then_some(ticket.client);
        match self.spaces.iter_mut().find(|s| s.whole.name == params.workspace) {
            Some(space) if space.owner == owner => Ok(()),
            // Its window is back.
            Some(space) if params.private && space.owner == Some(ABSENT) => {
                space.owner = owner;
                Ok(())
            }
            Some(_) => Err(Error::about(
                code::INVALID_PARAMS,
                format!("workspace: \"{}\" is taken", params.workspace),
                "workspace",
                "a name that is free, or one that is private or not as asked",
            )),
            None => {
                check_name("workspace", &params.workspace)?;
                self.spaces.push(Space::new(&params.workspace, owner));
                self.ledger.touch();
                Ok(())
            }
        }
    }

    /// Answers the client and sends it the whole board; every change follows.
    fn follow(&mut self, ticket: Ticket, name: &str, now: Instant, effects: &mut Vec<Effect>) {
        let client = ticket.client;
        effects.push(Effect::Reply(ticket, result(Empty {})));
        // A connection that is gone follows nothing.
        let Some(following) = self.clients.get_mut(&client) else { return };
        let before = following.follows.replace(name.to_owned());
        for name in [Some(name), before.as_deref()].into_iter().flatten() {
            self.clean_space_later(name, now);
        }
        self.drop_empty_spaces(effects);
        if let Some(board) = self.board(name) {
            effects.extend(board.replicate().into_iter().map(|event| Effect::Event(client, event)));
        }
    }

    /// A session was started, or could not be, for this reason: whoever waited for its workspace hears of it.
    pub(super) fn settle_open(&mut self, name: &str, failed: Option<&Error>, now: Instant, effects: &mut Vec<Effect>) {
        self.publish_space(name, effects);
        let Ok(space) = self.space_mut(name) else { return };
        for ticket in std::mem::take(&mut space.waiting) {
            match failed {
                Some(error) => effects.push(Effect::Reply(ticket, Err(error.clone()))),
                None => self.follow(ticket, name, now, effects),
            }
        }
    }

    /// A session gives up its place.
    pub(super) fn leave_space(&mut self, name: &str, no: SessionNo, effects: &mut Vec<Effect>) {
        if let Ok(space) = self.space_mut(name) {
            space.whole.remove(no);
            self.publish_space(name, effects);
        }
    }

    /// Forgets the workspaces that hold nothing and that nobody follows.
    pub(super) fn drop_empty_spaces(&mut self, effects: &mut Vec<Effect>) {
        let needless =
            |space: &Space| !space.kept && space.whole.panes.is_empty() && !self.is_followed(&space.whole.name);
        let names: Vec<_> = self.spaces.iter().filter(|s| needless(s)).map(|s| s.whole.name.clone()).collect();
        for name in names {
            self.drop_space(&name, effects);
        }
    }

    /// Forgets a workspace, and tells those who want to know.
    pub(super) fn drop_space(&mut self, name: &str, effects: &mut Vec<Effect>) -> Option<Space> {
        let at = self.spaces.iter().position(|space| space.whole.name == name)?;
        let space = self.spaces.remove(at);
        self.active = self.active.take().filter(|active| active != name);
        self.ledger.touch();
        self.emit::<events::WorkspaceRemoved>(None, &events::NoWorkspace { name: name.to_owned() }, effects);
        Some(space)
    }

    /// The place of a session in its grid.
    pub(super) fn pane_index(&self, name: &str, no: SessionNo) -> Option<usize> {
        self.workspace(name)?.place_of(no)
    }

    /// A workspace as clients see it: without what is still being started.
    pub(super) fn workspace(&self, name: &str) -> Option<Workspace> {
        let space = self.space(name).ok()?;
        Some(space.whole.with_only(|no| self.sessions.get(&no).is_some_and(|e| !e.starting)))
    }

    pub(super) fn board(&self, name: &str) -> Option<Board> {
        Some(Board { sessions: self.shown().cloned().collect(), workspace: self.workspace(name)? })
    }

    /// Whether somebody looks at this workspace.
    pub(super) fn is_followed(&self, name: &str) -> bool {
        self.clients.values().any(|client| client.follows.as_deref() == Some(name))
    }

    /// Tells those who follow this workspace.
    pub(super) fn publish_space(&mut self, name: &str, effects: &mut Vec<Effect>) {
        if let Some(workspace) = self.workspace(name) {
            self.publish(&BoardEvent::Workspace(workspace), effects);
        }
    }
}

pub(super) fn no_space(name: &str) -> Error {
    let name: String = name.chars().filter(|c| !c.is_control()).take(MAX_NAME).collect();
    let message = format!("workspace: there is no workspace \"{name}\"");
    Error::about(code::INVALID_PARAMS, message, "workspace", "the name of one that was opened")
}
