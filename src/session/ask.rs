//! What is asked of a session through the API, and what it answers. Whoever asks hands over a [`Reply`], which is
//! answered exactly once, whatever happens: one that is dropped says that the session was ended.

use std::fmt;
use std::time::Duration;

use super::wait::Until;
use crate::base::GridSize;
use crate::engine::{Extent, Found, Pattern, Piece, Reading};
use crate::model::{Cursor, KeyEvent};

/// A question to one session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// Bytes for the program, as they are, in one write.
    Input(Vec<u8>),
    /// Keys, pressed one after another, in one write.
    Keys(Vec<KeyEvent>),
    Paste(String),
    /// Pasted, then Enter as a write of its own; answered when both were written.
    Prompt(String),
    /// This size, whatever viewers there are; `None` to follow the viewers again.
    Resize(Option<GridSize>),
    Read(Extent),
    /// A piece of a search; refused with [`Refusal::Rewrapped`] where the place it goes on from is no more.
    Search {
        pattern: Pattern,
        piece: Piece,
    },
    /// Answered when the condition holds; refused with [`Refusal::TimedOut`] when that takes longer.
    Wait {
        until: Until,
        timeout: Option<Duration>,
    },
}

/// What a session says to a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It was done.
    Done,
    /// The terminal has this size now.
    Resized(GridSize),
    Screen(Box<ScreenRead>),
    /// What was found, and the number of the screen's first row.
    Found(Found, u64),
    /// What was waited for has happened.
    Met(Met),
}

/// Rows, and what is true of the screen at that moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScreenRead {
    pub reading: Reading,
    pub size: GridSize,
    pub cursor: Cursor,
    /// The alternate screen shows.
    pub alternate: bool,
    pub title: String,
    /// Rows of history above the screen.
    pub history: u64,
}

/// How a wait ended well.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Met {
    /// What matched, for a text or a pattern.
    pub matched: Option<String>,
    /// How the program ended, if it has.
    pub exit_code: Option<i32>,
}

/// Why a session does not do what it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The session is no more.
    Ended,
    /// Its program has ended: it takes no input, and nothing will happen any more.
    Stopped,
    /// Its link is down: nobody is there to take input.
    Disconnected,
    /// Something is full; the same question may be asked again later.
    Busy(&'static str),
    /// What was waited for did not happen in time.
    TimedOut,
    /// The shell does not mark its commands, so nobody knows what the last one wrote.
    NoMarks,
    /// The text was wrapped anew since a search named the place, or another screen shows.
    Rewrapped,
}

/// Where an answer goes. Neither function blocks.
pub trait Asker: Send + fmt::Debug {
    fn answer(self: Box<Self>, answer: Result<Answer, Refusal>);
    /// Whether anybody still waits for the answer.
    fn is_there(&self) -> bool;
}

/// The duty to answer.
pub struct Reply(Option<Box<dyn Asker>>);

impl Reply {
    pub fn new(asker: Box<dyn Asker>) -> Self {
        Self(Some(asker))
    }

    pub fn answer(mut self, answer: Result<Answer, Refusal>) {
        if let Some(asker) = self.0.take() {
            asker.answer(answer);
        }
    }

    /// Whether anybody still waits for the answer.
    pub fn is_wanted(&self) -> bool {
        self.0.as_ref().is_some_and(|asker| asker.is_there())
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        if let Some(asker) = self.0.take() {
            asker.answer(Err(Refusal::Ended));
        }
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Reply").field(&self.0).finish()
    }
}
