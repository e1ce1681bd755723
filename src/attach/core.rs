//! An attached terminal as a value: what came in goes to the session or to the outer terminal, the time is passed in.
//! [`super::run`] is the loop around it.
//!
//! At most one picture is on its way to the outer terminal, and the host gets credit for its next frame only when that
//! one is written: a slow terminal sees fewer frames and holds up nobody.

use std::fmt;
use std::time::{Duration, Instant};

use super::machine::Machine;
use super::outer::{self, Outer};
use super::paint::Painter;
use super::picture::{Beside, Pan, compose};
use super::seek::Seek;
use crate::base::{Deadlines, GridSize, SessionId, SessionNo};
use crate::client::{Loss, Mirror};
use crate::model::sgr::Sgr;
use crate::model::{BoardEvent, Chord, SessionInfo, SessionState};
use crate::protocol::stream::{ClientMessage, HostMessage};

/// How long a session may have another size before the rest is filled with dots: a resize takes it 100 ms.
const SETTLE: Duration = Duration::from_millis(400);

/// What a user may choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Nothing is sent to the session.
    pub read_only: bool,
    pub detach_key: Chord,
    /// The outer terminal's title follows the session's.
    pub title: bool,
    /// What programs put into the clipboard goes to the outer terminal's.
    pub clipboard: bool,
    pub look: Sgr,
}

/// The outer terminal's size, and that of a cell in pixels; 0 where that is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OuterSize {
    pub size: GridSize,
    pub cell_w: u16,
    pub cell_h: u16,
}

/// What the core is told.
#[derive(Debug)]
pub(super) enum Event {
    /// Bytes of the outer terminal.
    Bytes(Vec<u8>),
    /// The outer terminal has this size now, and nobody knows what it shows.
    Anew(OuterSize),
    Board(BoardEvent),
    Message(SessionNo, HostMessage),
    /// What was to be written is written.
    Written,
    /// The connection to the host, or the attempt at one that was asked for, has ended.
    Lost(Loss),
}

/// What is to be done.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Effect {
    Send(ClientMessage),
    /// Connect to the host again, and ask it for the session.
    Connect,
    /// Write this to the outer terminal; [`Event::Written`] follows, and nothing more is to be written before it.
    Write(Vec<u8>),
    End(Ending),
}

/// Why an attached terminal ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// The user detached.
    Detached,
    /// Another client detached this one.
    DetachedByOther,
    /// The program ended.
    Exited(i32),
    /// The session is no more.
    Gone,
    /// There is no host any more, for this reason.
    Lost(String),
    /// The outer terminal is no more.
    NoTerminal,
    /// The process was told to end.
    Told,
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Detached => f.write_str("detached"),
            Self::DetachedByOther => f.write_str("detached by another client"),
            Self::Exited(code) => write!(f, "exited with code {code}"),
            Self::Gone => f.write_str("the session was ended"),
            Self::Lost(why) => f.write_str(why),
            Self::NoTerminal => f.write_str("the terminal is gone"),
            Self::Told => f.write_str("told to end"),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Timer {
    /// An ESC is a key by itself.
    Escape,
    /// The detach key was pressed once.
    Detach,
    /// The session's size stays another.
    Dots,
    /// The host is to be looked for once more.
    Retry,
    /// It has been looked for long enough.
    GiveUp,
}

/// One attached terminal.
#[derive(Debug)]
pub(super) struct Core {
    pub(super) options: Options,
    /// Which session: numbers are a host's own.
    pub(super) id: SessionId,
    pub(super) no: SessionNo,
    pub(super) seek: Seek,
    name: String,
    pub(super) outer: OuterSize,
    pub(super) modes: Outer,
    pub(super) machine: Machine,
    pub(super) mirror: Mirror,
    pub(super) painter: Painter,
    pub(super) pan: Pan,
    pub(super) timers: Deadlines<Timer>,
    dots: bool,
    /// Something is on its way to the outer terminal.
    writing: bool,
    /// A frame was taken in that is not painted yet.
    pub(super) owes_credit: bool,
    /// It is painted with what is on its way.
    pub(super) credit_on_written: bool,
    bell: bool,
    clipboard: Option<String>,
    title: Option<String>,
    /// The outer terminal answered DA1: it will again.
    pub answers: bool,
}

impl Core {
    /// An attached terminal of a session on a host that was found, before anything is known of its screen.
    pub fn new(options: Options, session: &SessionInfo, outer: OuterSize, now: Instant) -> Self {
        let painter = Painter::new(options.look);
        let mut core = Self {
            options,
            id: session.id,
            no: session.no,
            seek: Seek::new(now),
            name: session.name.clone(),
            outer,
            modes: Outer::default(),
            machine: Machine::default(),
            mirror: Mirror::default(),
            painter,
            pan: Pan::default(),
            timers: Deadlines::default(),
            dots: false,
            writing: false,
            owes_credit: false,
            credit_on_written: false,
            bell: false,
            clipboard: None,
            title: None,
            answers: false,
        };
        core.retitle(&session.title);
        core
    }

    /// What to send and write before anything else.
    pub fn begin(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        effects.push(Effect::Write(outer::ENTER.to_vec()));
        self.writing = true;
        self.show(now, effects);
    }

    /// Has the host show the session here.
    pub(super) fn show(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        self.resized(now, effects);
        self.send(ClientMessage::Focus(true), effects);
        self.tell(ClientMessage::Subscribe, effects);
    }

    /// What puts the outer terminal back.
    pub fn farewell(&self) -> Vec<u8> {
        self.modes.farewell()
    }

    /// When [`Core::tick`] has to be called at the latest.
    pub fn next(&self) -> Option<Instant> {
        self.timers.next()
    }

    pub fn step(&mut self, event: Event, now: Instant, effects: &mut Vec<Effect>) {
        match event {
            Event::Bytes(bytes) => {
                let mut tokens = Vec::new();
                self.machine.feed(&bytes, &mut tokens);
                self.take(tokens, now, effects);
            }
            Event::Anew(outer) => {
                self.outer = outer;
                self.painter.forget();
                self.resized(now, effects);
            }
            Event::Board(change) => self.board(change, now, effects),
            Event::Message(no, message) if no == self.no => self.message(message, now, effects),
            Event::Message(..) => {}
            Event::Written => {
                self.writing = false;
                if std::mem::take(&mut self.credit_on_written) {
                    self.tell(ClientMessage::Credit, effects);
                }
            }
            Event::Lost(loss) => self.lost(loss, now, effects),
        }
        self.write(effects);
    }

    /// Does what is due.
    pub fn tick(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        while let Some(timer) = self.timers.take_due(now) {
            match timer {
                Timer::Escape => {
                    let mut tokens = Vec::new();
                    self.machine.settle(&mut tokens);
                    self.take(tokens, now, effects);
                }
                Timer::Detach => effects.push(Effect::End(Ending::Detached)),
                Timer::Dots => self.dots = true,
                Timer::Retry => effects.push(Effect::Connect),
                Timer::GiveUp => self.give_up(effects),
            }
        }
        self.write(effects);
    }

    fn resized(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        self.dots = false;
        self.timers.set(Timer::Dots, now + SETTLE);
        let OuterSize { size, cell_w, cell_h } = self.outer;
        self.send(ClientMessage::Resize { size, cell_w, cell_h }, effects);
    }

    fn board(&mut self, change: BoardEvent, now: Instant, effects: &mut Vec<Effect>) {
        match change {
            BoardEvent::Session(info) if info.id == self.id => {
                self.found(info.no, !info.disconnected, now, effects);
                if info.state == SessionState::Stopped {
                    effects.push(Effect::End(Ending::Exited(info.exit_code.unwrap_or(0))));
                }
                self.name = info.name;
                self.retitle(&info.title);
            }
            BoardEvent::Removed(no) if no == self.no => effects.push(Effect::End(Ending::Gone)),
            _ => {}
        }
    }

    fn retitle(&mut self, title: &str) {
        if self.options.title {
            self.title = Some(if title.is_empty() { self.name.clone() } else { title.to_owned() });
        }
    }

    fn message(&mut self, message: HostMessage, now: Instant, effects: &mut Vec<Effect>) {
        match message {
            HostMessage::Frame(frame) => {
                if self.mirror.apply(self.no, &frame).is_err() {
                    return self.tell(ClientMessage::Subscribe, effects);
                }
                self.owes_credit = true;
                if frame.size == self.outer.size {
                    self.timers.cancel(&Timer::Dots);
                    self.dots = false;
                } else if !self.dots {
                    self.timers.set_earlier(Timer::Dots, now + SETTLE);
                }
            }
            HostMessage::Bell => self.bell = true,
            HostMessage::Clipboard(text) if self.options.clipboard => self.clipboard = Some(text),
            HostMessage::Gone => effects.push(Effect::End(Ending::Gone)),
            HostMessage::Detached => effects.push(Effect::End(Ending::DetachedByOther)),
            HostMessage::Taken(upto) => self.seek.taken(self.id, upto),
            // Notifications have no sequence that all terminals know; the rest was not asked for.
            HostMessage::Clipboard(_)
            | HostMessage::Notify { .. }
            | HostMessage::Text { .. }
            | HostMessage::Span { .. }
            | HostMessage::Found { .. } => {}
        }
    }

    /// Hands what is new to the outer terminal, unless something is on its way already.
    fn write(&mut self, effects: &mut Vec<Effect>) {
        if self.writing {
            return;
        }
        let mut out = Vec::new();
        if let Some(screen) = self.mirror.screen(self.no) {
            out.append(&mut self.modes.follow(screen.modes));
            let differs = screen.size != self.outer.size;
            let size = format!(" {}x{} ", screen.size.cols(), screen.size.lines());
            let back = || (screen.offset > 0).then(|| format!(" {}/{} ", screen.offset, screen.history));
            let note = self.seek.note().map(str::to_owned).or_else(back);
            let beside =
                Beside { dots: self.dots, size: (self.dots && differs).then_some(&size), note: note.as_deref() };
            let picture = compose(screen, self.outer.size, &mut self.pan, beside);
            out.append(&mut self.painter.paint(picture));
        }
        if let Some(title) = self.title.take() {
            out.append(&mut outer::title(&title));
        }
        if let Some(text) = self.clipboard.take() {
            out.append(&mut outer::clipboard(&text));
        }
        if std::mem::take(&mut self.bell) {
            out.push(0x07);
        }
        let credit = std::mem::take(&mut self.owes_credit);
        if !out.is_empty() {
            (self.writing, self.credit_on_written) = (true, credit);
            effects.push(Effect::Write(out));
        } else if credit {
            self.tell(ClientMessage::Credit, effects);
        }
    }
}

#[cfg(test)]
#[path = "core_tests.rs"]
mod tests;
