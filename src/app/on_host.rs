//! What comes from the host: the connection itself, the board, frames, replies.

use super::connection::Pending;
use super::core::{Core, Overlay, Timer};
use super::event::{Call, Clip, Effect, Event};
use super::menu::{Menu, Purpose};
use crate::base::{GridSize, SessionId, SessionNo};
use crate::client::{Answer, CallError, read_result};
use crate::model::Share;
use crate::model::board::{BoardEvent, Workspace};
use crate::model::frame::Frame;
use crate::protocol::methods::{CreateParams, CreateSession, OpenParams};
use crate::protocol::stream::HostMessage;

use super::arrange::{Arrangement, Geometry};

impl Core {
    /// The first effect of a window's life.
    pub fn begin(&mut self) -> Effect {
        Effect::Connect { attempt: self.connection.attempt, start: true }
    }

    pub(super) fn on_host(&mut self, event: Event) {
        let present = self.connection.attempt;
        let up = self.connection.is_up();
        if let Event::Reply(attempt, ..) | Event::Board(attempt, _) | Event::Message(attempt, ..) = &event
            && *attempt == present
        {
            self.timers.cancel(&Timer::Silent);
        }
        match event {
            Event::Connected(attempt, proto) if attempt == present => self.connected(proto),
            Event::Lost(attempt, loss) if attempt == present => self.lost(loss),
            Event::Reply(attempt, id, result) if attempt == present && up => {
                if let Some(pending) = self.connection.take(id) {
                    self.on_reply(pending, result);
                }
                return;
            }
            Event::Board(attempt, change) if attempt == present && up => return self.on_board(change),
            Event::Message(attempt, no, message) if attempt == present && up => return self.on_message(no, message),
            Event::Saved(outcome) => match outcome {
                Ok(_) => self.stop_and_leave(),
                Err(why) => self.tell(format!("Not saved, and nothing was stopped: {why}"), true),
            },
            _ => return,
        }
        self.dirty = true;
    }

    /// Asks for the workspace once per connection, as soon as the size of its first pane is known.
    pub(super) fn open_workspace(&mut self, geometry: &Geometry) {
        if std::mem::replace(&mut self.connection.opened, true) {
            return;
        }
        let first = Workspace { panes: vec![NEW], ..Workspace::default() };
        let size = Self::size_in(geometry, &first, NEW);
        let start = &self.options.start;
        let (workspace, private) = (start.workspace.clone(), start.private);
        // A grid that somebody emptied stays empty when the connection comes back.
        let first_shell = self.connection.starts;
        let params = OpenParams { workspace, private, first_shell, cols: size.cols(), rows: size.lines() };
        let id = self.call(Call::Open(params));
        self.connection.expect(id, Pending::Open);
        if let Some(command) = self.options.start.command.take() {
            let cwd = command.cwd.map(|dir| dir.to_string_lossy().into_owned());
            self.create(CreateParams { command: command.argv, cwd, env: command.env, ..CreateParams::default() });
        }
    }

    /// The size that a session will have that is new in this workspace.
    fn size_in(geometry: &Geometry, workspace: &Workspace, no: SessionNo) -> GridSize {
        let arrangement = Arrangement::new(geometry, workspace, None);
        arrangement.pane(no).or(arrangement.panes.last()).map(|p| p.grid).unwrap_or_default()
    }

    /// Makes a session in the next pane, or in half of the focused one, and focuses it.
    pub(super) fn create(&mut self, params: CreateParams) {
        let Some(geometry) = self.geometry else { return };
        let mut then = self.board.workspace.clone();
        // The host says whether there is room.
        match (&params.split, self.focus) {
            (Some(split), Some(pane)) => drop(then.split(pane, NEW, split.direction.into(), Share::HALF)),
            _ => drop(then.add(NEW)),
        }
        let size = Self::size_in(&geometry, &then, NEW);
        let params = CreateParams {
            session_id: Some(SessionId::new().to_string()),
            workspace: Some(self.options.start.workspace.clone()),
            cols: size.cols(),
            rows: size.lines(),
            ..params
        };
        self.ask_for_pane(params);
    }

    pub(super) fn ask_for_pane(&mut self, params: CreateParams) {
        let id = self.call(Call::Create(params.clone()));
        self.connection.expect(id, Pending::Create(Box::new(params)));
    }

    fn on_reply(&mut self, pending: Pending, result: Answer) {
        match pending {
            Pending::Create(_) => match read_result::<CreateSession>(result) {
                Ok(created) => {
                    self.focus_next = Some(SessionNo(created.no));
                    if let Some(notice) = created.notice {
                        self.tell(notice, true);
                    }
                }
                Err(e) => self.tell(e.to_string(), true),
            },
            Pending::Open => {
                if let Err(e) = result {
                    self.on_not_opened(&e.to_string());
                }
            }
            Pending::Workspaces(step) => self.on_workspaces(step, result),
            Pending::Quiet(what) => {
                if let Err(e) = result {
                    self.tell(format!("{what}: {}", CallError::Refused(e)), true);
                }
            }
            Pending::Leave => {
                // A session that is gone already is as good as ended.
                self.leaving = self.leaving.map(|left| left.saturating_sub(1));
                if self.leaving == Some(0) {
                    self.out.push(Effect::Exit);
                }
            }
        }
    }

    /// Whether a change of the board can be seen in this window.
    fn shows(&self, change: &BoardEvent) -> bool {
        let panes = &self.board.workspace.panes;
        match change {
            _ if !self.connection.is_current() => true,
            BoardEvent::Session(info) => panes.contains(&info.no) && self.board.session(info.no) != Some(info),
            BoardEvent::Removed(no) => panes.contains(no),
            BoardEvent::Workspace(workspace) => *workspace != self.board.workspace,
        }
    }

    fn on_board(&mut self, change: BoardEvent) {
        self.dirty |= self.shows(&change);
        if let BoardEvent::Removed(no) = &change {
            self.mirror.forget(*no);
            self.watch.forget(*no);
            self.focus_next = self.focus_next.filter(|next| next != no);
        }
        self.enter_workspace(&change);
        if let Some(board) = self.connection.board(&mut self.board, change) {
            self.swap_board(board);
        }
        if let Some(drag) = &self.pointer.divider {
            match drag.layout_for(&self.board.workspace) {
                // The divider under the pointer is ahead of what the host knows.
                Some(layout) => self.board.workspace.layout = layout,
                None => self.pointer.divider = None,
            }
        }
    }

    /// A question about a pane that is gone is no question any more.
    pub(super) fn close_stale_menu(&mut self) {
        if let Overlay::Menu(Menu { purpose: Purpose::ClosePane(_), .. }) = self.overlay {
            self.overlay = Overlay::None;
        }
    }

    pub(super) fn on_message(&mut self, no: SessionNo, message: HostMessage) {
        match message {
            HostMessage::Frame(frame) => self.on_frame(no, &frame),
            HostMessage::Bell => self.ring(no),
            HostMessage::Clipboard(text) => {
                if self.focus == Some(no) && self.window_focused {
                    self.out.push(Effect::WriteClipboard(Clip::Clipboard, text));
                }
            }
            HostMessage::Notify { title, body } => {
                let from = self.board.session(no).map_or("", |s| Self::label(s)).to_owned();
                let parts = [from.as_str(), title.as_str(), body.as_str()];
                let text: Vec<&str> = parts.into_iter().filter(|p| !p.trim().is_empty()).collect();
                self.tell(text.join(" · "), false);
                self.ring(no);
            }
            HostMessage::Text { request, text } => self.on_selected_text(no, request, text),
            HostMessage::Span { request, span } => {
                if self.select.span(no, request, span) {
                    self.copy_selection(Clip::Primary);
                }
                self.dirty = true;
            }
            HostMessage::Found { request, searched } => self.on_searched(no, request, searched),
            HostMessage::Gone => {
                self.left(no);
                self.watch.gone(no);
                self.mirror.forget(no);
                self.dirty = true;
            }
            HostMessage::Taken(upto) => {
                if let Some((connection, Some(id))) = self.host_of(no) {
                    connection.sent.taken(id, upto);
                }
            }
            // The panes of a window stay what they are.
            HostMessage::Detached => {
                self.left(no);
                self.watch.resync(no, &mut self.out);
            }
        }
    }

    fn on_frame(&mut self, no: SessionNo, frame: &Frame) {
        if !self.watch.take_frame(no, frame.base == 0) {
            return;
        }
        self.dirty = true;
        if let Err(e) = self.mirror.apply(no, frame) {
            log::warn!("session {no}: {e}; asking for the whole screen");
            self.watch.resync(no, &mut self.out);
            return;
        }
        if let Some(screen) = self.mirror.screen(no) {
            self.select.screen_changed(no, screen);
        }
        self.search_frame(no);
        if self.select.dragging() == Some(no) {
            // The text moved under a pointer that stands still.
            self.drag_selection();
        }
    }

    fn ring(&mut self, no: SessionNo) {
        if self.focus != Some(no) && !self.rang.contains(&no) {
            self.rang.push(no);
            self.dirty = true;
        }
        if !self.window_focused {
            self.out.push(Effect::Attention);
        }
    }

    /// Ends the sessions of this workspace and then the window.
    pub(super) fn stop_and_leave(&mut self) {
        let panes = self.board.workspace.panes.clone();
        if panes.is_empty() || !self.connection.is_up() {
            self.out.push(Effect::Exit);
            return;
        }
        self.overlay = Overlay::None;
        let known = panes.into_iter().filter(|no| self.board.session(*no).is_some()).collect::<Vec<_>>();
        self.leaving = Some(known.len());
        for no in known {
            self.terminate(no, Pending::Leave);
        }
        self.timers.set(Timer::Leave, self.now + LEAVE_LIMIT);
        self.tell(format!("Stopping {}", count(self.board.workspace.panes.len(), "session")), false);
    }

    pub(super) fn terminate(&mut self, no: SessionNo, pending: Pending) {
        if !self.connection.is_up() {
            return self.tell(NO_HOST, true);
        }
        let Some(info) = self.board.session(no) else { return };
        let params = crate::protocol::methods::SessionParams { session_id: info.id.to_string() };
        let id = self.call(Call::Terminate(params));
        self.connection.expect(id, pending);
    }
}

/// Stands for the session that is about to be made: the host counts from 1.
pub(super) const NEW: SessionNo = SessionNo(0);

/// Why nothing comes of what only the host can do.
pub(super) const NO_HOST: &str = "There is no connection to the host";

/// A session has 3 s to end before it is killed; the window waits a little longer than that.
const LEAVE_LIMIT: std::time::Duration = std::time::Duration::from_secs(5);

/// A number with its noun.
pub(super) fn count(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}
