//! Losing the host and finding it again. For some seconds the window stays as it was: it looks for the host by itself,
//! what is typed waits, and when the host is back everything goes on with the sessions that are still there. Which session
//! is which is told by their ids: another host gives the old numbers to others.

use std::time::Duration;

use super::connection::{Connection, State};
use super::core::{Core, Timer};
use super::event::{Clip, Effect};
use super::view::Standing;
use crate::base::{SessionId, SessionNo};
use crate::client::{Loss, Outlook, is_typed};
use crate::model::board::Board;
use crate::model::session_kind::SshTarget;
use crate::model::{SessionState, ViewAt};
use crate::protocol::methods::CreateParams;
use crate::protocol::stream::ClientMessage;

/// Between two looks for a host that was given up: somebody else may have started one. What a person watching the banner
/// still takes for "at once".
const LOOK: Duration = Duration::from_secs(2);

/// How long a host may be silent after something was typed. It answers within a quarter of a second; the rest is for machines
/// that swap.
const SILENCE: Duration = Duration::from_secs(10);

impl Core {
    /// The connection, or the present attempt at one, has ended.
    pub(super) fn lost(&mut self, loss: Loss) {
        // The next attempts only look for a host; why none could be started would not be read.
        if self.connection.starts && !self.connection.is_up() {
            self.tell(loss.why.clone(), true);
        }
        let copies = self.connection.texts.drain(..).any(|(.., clip)| clip == Clip::Clipboard);
        if copies {
            self.tell(NOT_COPIED, true);
        }
        if self.leaving.is_some() && loss.outlook != Outlook::Broken {
            self.out.push(Effect::Exit);
            return;
        }
        // What is under way belongs to this attempt; a second word about its end is not heard.
        self.connection.attempt += 1;
        self.timers.cancel(&Timer::Silent);
        self.watch.keep(|no| self.far.in_pane(no).is_some());
        let again = self.connection.ended(&loss, self.now);
        if again.is_none() {
            self.give_up(loss.why);
        }
        self.timers.set(Timer::Reconnect, again.unwrap_or(self.now + LOOK));
        if let (Some(end), true) = (self.connection.hope_ends(), again.is_some()) {
            self.timers.set(Timer::GiveUp, end);
        }
    }

    /// The host is not waited for any longer.
    pub(super) fn give_up(&mut self, why: String) {
        self.timers.cancel(&Timer::GiveUp);
        if self.leaving.is_some() {
            // What was to end has ended with its host, or goes on without this window.
            self.out.push(Effect::Exit);
        }
        if self.connection.give_up(why) {
            self.tell("What was typed while the host was away was not sent", true);
        }
        self.ahead.clear();
        // Their presses waited too.
        self.held.clear();
    }

    /// The host has been sought for long enough. An attempt that is under way may still end well.
    pub(super) fn stop_seeking(&mut self) {
        if let State::Sought(why) = &self.connection.state {
            self.give_up(why.clone());
        }
    }

    /// Tries to connect again, now.
    pub(super) fn reconnect(&mut self, start: bool) {
        self.timers.cancel(&Timer::Reconnect);
        self.connection.attempt += 1;
        self.connection.starts = start;
        self.out.push(Effect::Connect { attempt: self.connection.attempt, start });
    }

    /// A connection stands; its board is on the way.
    pub(super) fn connected(&mut self, proto: u32) {
        self.connection.up(proto, self.now);
        self.timers.cancel(&Timer::Reconnect);
        self.timers.cancel(&Timer::GiveUp);
    }

    /// The host shows this window no workspace, or not this one.
    pub(super) fn on_not_opened(&mut self, why: &str) {
        let why = format!("the workspace cannot be opened: {why}");
        if self.connection.is_sought() {
            // A private one that the host has not taken back from the lost connection yet, say.
            return self.lost(Loss { why, outlook: Outlook::Broken });
        }
        self.tell(why, true);
        self.stay_in_workspace();
    }

    /// Sends to a session, or keeps input until its host is back. False if nothing will come of it: there is no
    /// connection, and while there is none a number may be another host's.
    pub(super) fn send(&mut self, no: SessionNo, message: ClientMessage) -> bool {
        self.expect_answer(no, &message);
        let Some((connection, id)) = self.host_of(no) else { return false };
        if connection.is_current() {
            let messages = match id {
                Some(id) => connection.sent.send(id, message),
                None => vec![message],
            };
            self.out.extend(messages.into_iter().map(|message| Effect::Send(no, message)));
            return true;
        }
        let Some(id) = id.filter(|_| connection.is_sought()) else { return false };
        let typed = is_typed(&message);
        let kept = connection.backlog.push(id, message);
        if typed && !kept {
            self.tell("More was typed than can wait for the host: the rest is not sent", true);
        }
        kept
    }

    /// The window's own host says what it took of what is typed; so it is heard of soon, or it hangs.
    fn expect_answer(&mut self, no: SessionNo, message: &ClientMessage) {
        let own = self.remote(no).is_none() && self.connection.is_current() && self.connection.sent.is_answered();
        if own && is_typed(message) && self.is_live(no) && self.timers.get(&Timer::Silent).is_none() {
            self.timers.set(Timer::Silent, self.now + SILENCE);
        }
    }

    /// Nothing was heard of the host for too long after something was typed.
    pub(super) fn doubt_host(&mut self) {
        self.out.push(Effect::Doubt);
        self.tell("The host does not answer", true);
    }

    /// Shows the board of a new connection and goes on where the old one was lost.
    pub(super) fn swap_board(&mut self, board: Board) {
        let old = std::mem::replace(&mut self.board, board);
        let now = |no: SessionNo| {
            let id = old.session(no)?.id;
            self.board.by_id(id).map(|s| s.no)
        };
        let focus = self.focus.and_then(now);
        self.select.carry(now);
        self.rang = self.rang.iter().copied().filter_map(now).collect();
        self.held = std::mem::take(&mut self.held).into_iter().filter_map(|(k, no)| Some((k, now(no)?))).collect();
        let places: Vec<(SessionNo, ViewAt)> = old.sessions.iter().filter_map(|s| self.scrolled(s.no, now)).collect();
        let gone: Vec<SessionNo> = old.sessions.iter().map(|s| s.no).filter(|no| now(*no) != Some(*no)).collect();
        gone.into_iter().for_each(|no| self.mirror.forget(no));
        if self.focus.is_some() && focus.is_none() && !self.connection.expects_pane() {
            // What was typed was meant for a session that is gone, and for no other.
            self.ahead.clear();
        }
        self.focus = focus;
        self.focus_next = None;
        self.forget_mouse();
        self.close_stale_menu();
        for (no, at) in places {
            self.send(no, ClientMessage::View(at));
        }
        self.send_backlog(None);
        self.connection.take_unanswered().into_iter().for_each(|params| self.create_again(params));
        if self.leaving.is_some() {
            self.stop_and_leave();
        }
    }

    /// Where a session of the old board was scrolled to, under its new number.
    fn scrolled(&self, no: SessionNo, now: impl Fn(SessionNo) -> Option<SessionNo>) -> Option<(SessionNo, ViewAt)> {
        let screen = self.mirror.screen(no).filter(|screen| screen.offset > 0)?;
        Some((now(no)?, ViewAt::Row { epoch: screen.epoch, top: screen.top }))
    }

    /// This window is no client of the session any more.
    pub(super) fn left(&mut self, no: SessionNo) {
        if let Some((connection, Some(id))) = self.host_of(no) {
            connection.sent.left(id);
        }
    }

    /// Whether what was typed before is for what the session stands on now: one that was restored from a disk would take it for
    /// an order to start.
    fn listens(&self, no: SessionNo) -> bool {
        self.is_live(no) && self.board.session(no).is_some_and(|session| !session.disconnected)
    }

    /// Sends what the host that is gone may not have taken, and what was typed while there was none, to those sessions that
    /// are still there: the window's own host, or that of another machine.
    pub(super) fn send_backlog(&mut self, machine: Option<&SshTarget>) {
        let mut missed = false;
        let Some(connection) = self.connection_to(machine) else { return };
        let (owed, backlog) = (connection.sent.owed(), connection.backlog.take());
        for id in owed {
            let no = self.number_from(machine, id).filter(|no| self.listens(*no));
            let Some(connection) = self.connection_to(machine) else { return };
            match no {
                Some(no) => {
                    let again = connection.sent.again(id);
                    self.out.extend(again.into_iter().map(|message| Effect::Send(no, message)));
                }
                None => connection.sent.left(id),
            }
        }
        for (id, message) in backlog {
            let no = self.number_from(machine, id);
            match no.filter(|no| self.listens(*no)) {
                Some(no) => drop(self.send(no, message)),
                None => {
                    missed |= is_typed(&message);
                    if let ClientMessage::Key(key) = &message {
                        // Nobody saw it go down: nobody is told that it comes up.
                        self.held.retain(|(press, to)| Some(*to) != no || press.physical != key.physical);
                    }
                }
            }
        }
        if missed {
            self.tell("What was typed while the host was away was not sent: its session is gone", true);
        }
    }

    /// Asks once more for a pane whose making was not answered; a host that made it says so.
    fn create_again(&mut self, params: CreateParams) {
        let made = params.session_id.as_ref().and_then(|id| id.parse().ok()).and_then(|id| self.number(id));
        match made {
            Some(no) => self.focus_next = Some(no),
            None => self.ask_for_pane(params),
        }
    }

    fn connection_to(&mut self, machine: Option<&SshTarget>) -> Option<&mut Connection> {
        match machine {
            Some(machine) => self.far.host_mut(machine).map(|host| &mut host.connection),
            None => Some(&mut self.connection),
        }
    }

    /// The number here of a session that one of the hosts knows by this id.
    fn number_from(&self, machine: Option<&SshTarget>, id: SessionId) -> Option<SessionNo> {
        let Some(machine) = machine else { return self.number(id) };
        let there = self.far.host(machine)?.board.by_id(id)?.no;
        self.far.pane_of(machine, there)
    }

    /// The number that a session has on this board.
    pub(super) fn number(&self, id: SessionId) -> Option<SessionNo> {
        self.board.by_id(id).map(|s| s.no)
    }

    pub(super) fn is_live(&self, no: SessionNo) -> bool {
        self.board.session(no).is_some_and(|s| s.state != SessionState::Stopped)
    }

    pub(super) fn is_down(&self) -> bool {
        self.connection.is_down()
    }

    /// What is seen of all this.
    pub(super) fn standing(&self) -> Standing<'_> {
        match &self.connection.state {
            State::Down(why) => Standing::Lost(why),
            State::Sought(_) => Standing::Sought,
            State::Starting | State::Up => Standing::Fine,
        }
    }
}

/// What was to be copied is the host's to say.
pub(super) const NOT_COPIED: &str = "Not copied: the connection to the host was lost";
