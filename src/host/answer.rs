//! Answers of sessions on their way to whoever asked: they go from the session's thread straight into the outbox of the
//! connection. One that is gone is not kept alive by what it still waits for.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use serde_json::{Value, json};

use super::ask::AnswerAs;
use super::call::{Input, Ticket};
use super::desk;
use super::outbox::Outbox;
use super::runtime::Host;
use super::screen_text;
use super::search_text;
use crate::base::{SessionId, SessionNo};
use crate::protocol::methods::{BroadcastResult, Delivered, Empty, WaitResult};
use crate::protocol::rpc::{Error, code};
use crate::session::ask::{Answer, Asker, Met, Refusal};

/// The way of one reply.
#[derive(Debug)]
pub(super) struct Way {
    pub(super) host: Weak<Host>,
    pub(super) outbox: Weak<Outbox>,
    pub(super) ticket: Ticket,
}

impl Way {
    pub(super) fn reply(self, result: Result<Value, Error>) {
        if let Some(host) = self.host.upgrade() {
            host.traffic.errors.add(usize::from(result.is_err()));
        }
        if let Some(outbox) = self.outbox.upgrade() {
            outbox.answer(self.ticket, result);
        }
    }

    fn is_open(&self) -> bool {
        self.outbox.strong_count() > 0
    }
}

/// One question to one session.
#[derive(Debug)]
pub(super) struct One {
    pub(super) way: Way,
    pub(super) session: SessionId,
    pub(super) answer_as: AnswerAs,
}

impl Asker for One {
    fn answer(self: Box<Self>, answer: Result<Answer, Refusal>) {
        let Self { way, session, answer_as } = *self;
        let result = answer.map_err(error).and_then(|answer| match answer {
            Answer::Screen(read) => match answer_as {
                AnswerAs::Screen { format, join } => desk::result(screen_text::result(session, *read, format, join)),
                _ => Ok(json!(Empty {})),
            },
            Answer::Found(found, screen_row) => desk::result(search_text::result(session, found, screen_row)),
            Answer::Met(Met { matched, exit_code }) => desk::result(WaitResult { matched, exit_code }),
            Answer::Done | Answer::Resized(_) => Ok(json!(Empty {})),
        });
        way.reply(result);
    }

    fn is_there(&self) -> bool {
        self.way.is_open()
    }
}

/// A question whose answer changes what the desk knows, which then replies.
#[derive(Debug)]
pub(super) struct ByDesk {
    pub(super) host: Weak<Host>,
    pub(super) ticket: Ticket,
    pub(super) no: SessionNo,
}

impl Asker for ByDesk {
    fn answer(self: Box<Self>, answer: Result<Answer, Refusal>) {
        let size = match answer {
            Ok(Answer::Resized(size)) => Ok(size),
            Ok(_) => Err(error(Refusal::Ended)),
            Err(refusal) => Err(error(refusal)),
        };
        if let Some(host) = self.host.upgrade() {
            host.tell(Input::Resized(self.ticket, self.no, size));
        }
    }

    fn is_there(&self) -> bool {
        self.host.strong_count() > 0
    }
}

/// The answers to a broadcast, of which the last one sends the reply.
#[derive(Debug)]
pub(super) struct Gathered(Mutex<Open>);

#[derive(Debug)]
struct Open {
    sessions: Vec<Delivered>,
    /// Answers that are still to come, and one for whoever asks the questions.
    missing: usize,
    way: Option<Way>,
}

impl Gathered {
    pub(super) fn new(way: Way, sessions: Vec<Delivered>, questions: usize) -> Arc<Self> {
        Arc::new(Self(Mutex::new(Open { sessions, missing: questions + 1, way: Some(way) })))
    }

    /// One answer less is missing; it may be one that says how it went with the session of this line.
    pub(super) fn done(&self, answer: Option<(usize, Result<Answer, Refusal>)>) {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let line = answer.and_then(|(line, answer)| Some((open.sessions.get_mut(line)?, answer)));
        if let Some((delivered, answer)) = line {
            delivered.error = answer.err().map(error);
        }
        open.missing = open.missing.saturating_sub(1);
        if open.missing > 0 {
            return;
        }
        let (sessions, way) = (std::mem::take(&mut open.sessions), open.way.take());
        drop(open);
        if let Some(way) = way {
            way.reply(desk::result(BroadcastResult { sessions }));
        }
    }
}

/// One of a broadcast's questions.
#[derive(Debug)]
pub(super) struct Share {
    pub(super) all: Arc<Gathered>,
    pub(super) line: usize,
}

impl Asker for Share {
    fn answer(self: Box<Self>, answer: Result<Answer, Refusal>) {
        self.all.done(Some((self.line, answer)));
    }

    fn is_there(&self) -> bool {
        let open = self.all.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.way.as_ref().is_some_and(Way::is_open)
    }
}

fn error(refusal: Refusal) -> Error {
    let new = |code, message: &str| Error::new(code, message.to_owned());
    match refusal {
        Refusal::Ended => new(code::SESSION_NOT_FOUND, "the session was ended"),
        Refusal::Stopped => new(code::SESSION_STOPPED, "the session's program has ended"),
        Refusal::Disconnected => new(code::SESSION_STOPPED, "its link is down: reconnect_session brings it back"),
        Refusal::Busy(why) => new(code::BUSY, why),
        Refusal::TimedOut => new(code::TIMED_OUT, "what was waited for did not happen in time"),
        Refusal::Rewrapped => Error::field(
            "from",
            "no place, since the text was wrapped anew or another screen shows: search again without `from`",
        ),
        Refusal::NoMarks => Error::field(
            "source",
            "another source, since the shell of this session does not mark its commands (OSC 133)",
        ),
    }
}
