//! What the core does about panes of other machines: dials their hosts, passes on what goes to and fro, and shows their
//! sessions as if they were its own host's.

use super::connection::{Connection, Pending};
use super::core::{Core, Timer};
use super::event::{Call, Effect, Event};
use super::far::{FarPane, Joined};
use crate::base::{GridSize, SessionId, SessionNo};
use crate::client::Loss;
use crate::model::SessionKind;
use crate::model::session_kind::{RemoteSession, SshTarget};
use crate::protocol::methods::{DEFAULT_WORKSPACE, OpenParams};
use crate::protocol::stream::ClientMessage;

impl Core {
    /// The session that this pane keeps the place of. A window of another machine dials no third one: whoever rules that
    /// machine would decide where this one's keys are shown.
    pub(super) fn remote(&self, no: SessionNo) -> Option<&RemoteSession> {
        let info = self.board.session(no).filter(|_| self.options.machine.is_none())?;
        if let SessionKind::Remote(remote) = &info.kind { Some(remote) } else { None }
    }

    /// Whether this pane's session can be written to and watched now.
    pub(super) fn is_reached(&self, no: SessionNo) -> bool {
        match self.remote(no) {
            Some(_) => self.far.in_pane(no).is_some(),
            None => self.connection.is_current(),
        }
    }

    /// The connection to the host of this pane's session, and what that host knows the session by.
    pub(super) fn host_of(&mut self, no: SessionNo) -> Option<(&mut Connection, Option<SessionId>)> {
        let Some(RemoteSession { machine, session }) = self.remote(no).cloned() else {
            let id = self.board.session(no).map(|session| session.id);
            return Some((&mut self.connection, id));
        };
        let reached = self.far.in_pane(no).is_some();
        let host = self.far.host_mut(&machine)?;
        // What is said to a pane that does not show it would be counted and not sent.
        let id = host.session(&session).filter(|_| reached || !host.connection.is_current())?.id;
        Some((&mut host.connection, Some(id)))
    }

    /// Dials whom the panes need, finds their sessions there, and shows them as they are.
    pub(super) fn settle_far(&mut self) {
        let remote = |no: &SessionNo| self.remote(*no).map(|remote| FarPane { no: *no, remote: remote.clone() });
        let panes: Vec<FarPane> = self.board.workspace.panes.iter().filter_map(remote).collect();
        if panes.is_empty() && self.far.hosts.is_empty() {
            return;
        }
        let (new, gone) = self.far.need(&panes);
        self.out.extend(gone.into_iter().map(Effect::LeaveFar));
        for (machine, attempt) in new {
            self.out.push(far(&machine, Effect::Connect { attempt, start: true }));
        }
        self.open_far();
        for Joined { no, machine, there } in self.far.join(&panes) {
            self.watch.forget(no);
            self.dirty = true;
            if let Some(host) = self.far.host_mut(&machine).filter(|host| host.connection.is_up()) {
                let left = host.board.session(there).map(|session| session.id);
                left.into_iter().for_each(|id| host.connection.sent.left(id));
                self.out.push(far(&machine, Effect::Send(there, ClientMessage::Detach)));
            }
        }
        panes.iter().for_each(|pane| self.show_far(pane));
        match self.far.next() {
            Some(at) => self.timers.set(Timer::Far, at),
            None => self.timers.cancel(&Timer::Far),
        }
    }

    /// Asks each host once per connection for its board. Its default workspace is as good as any: all sessions come with it,
    /// and nothing is made by looking.
    fn open_far(&mut self) {
        for host in self.far.hosts.iter_mut().filter(|host| host.connection.is_up()) {
            if !std::mem::replace(&mut host.connection.opened, true) {
                let (workspace, size) = (DEFAULT_WORKSPACE.to_owned(), GridSize::default());
                let (cols, rows) = (size.cols(), size.lines());
                let params = OpenParams { workspace, private: false, first_shell: false, cols, rows };
                let id = host.connection.next_call();
                host.connection.expect(id, Pending::Open);
                self.out.push(far(&host.machine, Effect::Call(id, Call::Open(params))));
            }
        }
    }

    /// A pane's session as its own host tells of it, under the number and the name that it has here.
    fn show_far(&mut self, FarPane { no, remote }: &FarPane) {
        let Some(info) = self.board.session(*no) else { return };
        let mut shown = info.clone();
        shown.disconnected = true;
        if let Some(there) = self.far.session(remote) {
            let is_joined = self.far.in_pane(*no).is_some();
            let there = there.clone();
            shown.disconnected = there.disconnected || !is_joined;
            (shown.state, shown.exit_code, shown.active) = (there.state, there.exit_code, there.active && is_joined);
            (shown.agent, shown.title, shown.cwd) = (there.agent, there.title, there.cwd);
            shown.foreground = there.foreground;
        }
        if shown != *info {
            self.dirty = true;
            self.board.apply(crate::model::BoardEvent::Session(shown));
        }
    }

    /// Something comes from another machine's host.
    pub(super) fn on_far(&mut self, machine: &SshTarget, event: Event) {
        let now = self.now;
        let Some(host) = self.far.host_mut(machine) else { return };
        let (present, up) = (host.connection.attempt, host.connection.is_up());
        match event {
            Event::Connected(attempt, proto) if attempt == present => {
                host.connection.up(proto, now);
                host.next = None;
                self.dirty = true;
            }
            Event::Lost(attempt, loss) if attempt == present => self.far_lost(machine, &loss),
            Event::Reply(attempt, id, result) if attempt == present && up => {
                if let (Some(Pending::Open), Err(e)) = (host.connection.take(id), result) {
                    self.tell(format!("{machine}: {e}"), true);
                }
            }
            Event::Board(attempt, change) if attempt == present && up => {
                if let Some(board) = host.connection.board(&mut host.board, change) {
                    host.board = board;
                    self.dirty = true;
                    self.settle_far();
                    self.send_backlog(Some(machine));
                }
            }
            Event::Message(attempt, there, message) if attempt == present && up => {
                // One that is in no pane any more may still have something to say.
                if let Some(no) = self.far.pane_of(machine, there) {
                    self.on_message(no, message);
                }
            }
            _ => {}
        }
    }

    fn far_lost(&mut self, machine: &SshTarget, loss: &Loss) {
        self.dirty = true;
        let now = self.now;
        let Some(host) = self.far.host_mut(machine) else { return };
        let first = !host.connection.is_sought() && !host.connection.is_down();
        if host.lost(loss, now) {
            self.give_up_far(machine, loss.why.clone(), first);
        }
    }

    /// A host is not waited for any longer.
    fn give_up_far(&mut self, machine: &SshTarget, why: String, first: bool) {
        let Some(host) = self.far.host_mut(machine) else { return };
        let missed = host.connection.give_up(why.clone());
        if missed {
            self.tell(format!("{machine}: what was typed while it was away was not sent"), true);
        } else if first {
            self.tell(why, true);
        }
    }

    /// Looks for the hosts that it is time for.
    pub(super) fn look_for_far(&mut self) {
        let now = self.now;
        let tired = self.far.hosts.iter().filter(|host| host.hope_ends().is_some_and(|at| at <= now));
        for machine in tired.map(|host| host.machine.clone()).collect::<Vec<_>>() {
            self.give_up_far(&machine, "it does not answer".into(), false);
        }
        for host in self.far.hosts.iter_mut().filter(|host| host.next.is_some_and(|at| at <= now)) {
            host.next = None;
            host.connection.attempt += 1;
            let attempt = host.connection.attempt;
            self.out.push(far(&host.machine, Effect::Connect { attempt, start: false }));
        }
    }

    /// Somebody wants the session of this pane back. False if there is nothing to wait for.
    pub(super) fn reconnect_far(&mut self, no: SessionNo) -> bool {
        let Some(machine) = self.remote(no).map(|remote| remote.machine.clone()) else { return false };
        let Some(host) = self.far.host_mut(&machine).filter(|host| host.connection.is_down()) else { return false };
        host.next = None;
        host.connection.begin_again();
        let attempt = host.connection.attempt;
        self.out.push(far(&machine, Effect::Connect { attempt, start: true }));
        self.dirty = true;
        true
    }

    /// What is said to a session goes to its own host, under the number that it has there.
    pub(super) fn route(&self, effects: Vec<Effect>) -> Vec<Effect> {
        let to = |effect| match effect {
            Effect::Send(no, message) if self.remote(no).is_some() => {
                let Joined { machine, there, .. } = self.far.in_pane(no)?;
                Some(far(machine, Effect::Send(*there, message)))
            }
            other => Some(other),
        };
        effects.into_iter().filter_map(to).collect()
    }
}

/// What is to be done about another machine's host.
fn far(machine: &SshTarget, effect: Effect) -> Effect {
    Effect::Far(machine.clone(), Box::new(effect))
}
