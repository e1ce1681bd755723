//! What waits in a connection's way out, and how it becomes bytes.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::Arc;

use super::peer;
use super::tap::Piece;
use crate::base::SessionNo;
use crate::protocol::alias::Alias;
use crate::protocol::rpc::{Error, Response};
use crate::protocol::stream::{self, HostMessage};

/// What an event is about: a newer one about the same replaces one that still waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Topic {
    /// What a session is.
    Session(SessionNo),
    Workspace(String),
    /// An event of this name about this session.
    Latest(&'static str, SessionNo),
    /// Something that happened: it is not replaced.
    Each,
}

/// A reply as a line, or, where it is not shorter than the room that is left, this error in its place.
pub(super) fn fitting(reply: Response, room: usize, too_long: Error) -> String {
    let line = peer::line(&reply);
    if line.len() < room {
        return line;
    }
    peer::line(&Response::error(reply.id, too_long))
}

/// Something that waits to be written.
#[derive(Debug)]
pub(super) enum Item {
    Reply(String),
    Event(Topic, Arc<str>),
    Message(SessionNo, HostMessage),
}

impl Item {
    /// Bytes that count for the limit: those of frames, which replace each other, do not.
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Reply(line) => line.len(),
            Self::Event(_, line) => line.len(),
            Self::Message(_, HostMessage::Text { text, .. } | HostMessage::Clipboard(text)) => text.len(),
            Self::Message(..) => 0,
        }
    }
}

/// What is written at once.
pub(super) struct Due {
    pub(super) rest: Vec<u8>,
    pub(super) items: VecDeque<Item>,
    pub(super) piece: Option<Piece>,
    /// Events are for somebody who subscribed by the other name.
    pub(super) aliased: bool,
}

impl Due {
    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty() && self.items.is_empty() && self.piece.is_none()
    }

    pub(super) fn bytes(self) -> Vec<u8> {
        let mut bytes = self.rest;
        let aliased = self.aliased;
        for item in self.items {
            match item {
                Item::Reply(line) => add_line(&mut bytes, &line),
                Item::Event(_, line) => add_line(&mut bytes, &spelled(&line, aliased)),
                Item::Message(session, message) => bytes.extend(stream::encode(session, &message)),
            }
        }
        if let Some(piece) = self.piece {
            add_line(&mut bytes, &spelled(&piece.line(), aliased));
        }
        bytes
    }
}

/// An event's line as its client spells it.
fn spelled(line: &str, aliased: bool) -> Cow<'_, str> {
    if aliased { Alias::event(line).into() } else { line.into() }
}

fn add_line(bytes: &mut Vec<u8>, line: &str) {
    bytes.extend_from_slice(line.as_bytes());
    bytes.push(b'\n');
}
