//! The ways to a session. They are there before it is: what is sent to one that an earlier host has left waits until it
//! goes on in this one.

use std::sync::{Arc, Mutex};

use crossbeam_channel::{Receiver, Sender, bounded};

use super::handle::{Handle, Running};
use super::message::Message;
use super::run::Found;
use crate::keeper::Keeper;

/// Messages that wait for a core. A client that sends faster waits, and only it. Each has its
/// place from the beginning, of a pointer's size.
pub(super) const INBOX: usize = 1024;

/// Both ends of what leads to a session.
#[derive(Debug, Clone)]
pub struct Ways {
    pub(super) inbox: Sender<Box<Message>>,
    pub(super) messages: Receiver<Box<Message>>,
    pub(super) close: Sender<()>,
    pub(super) closing: Receiver<()>,
    pub(super) running: Arc<Mutex<Running>>,
}

impl Ways {
    pub(super) fn new() -> Self {
        let ((inbox, messages), (close, closing)) = (bounded(INBOX), bounded(1));
        Self { inbox, messages, close, closing, running: Arc::default() }
    }

    /// To a session that has yet to go on. Its program can be ended meanwhile.
    pub fn to(found: &Found) -> Self {
        Self { running: Arc::new(Mutex::new(Running::left(found))), ..Self::new() }
    }

    /// How it is reached until it goes on.
    pub fn handle(&self, keeper: Keeper, key: u128) -> Handle {
        let (inbox, close, running) = (self.inbox.clone(), self.close.clone(), Arc::clone(&self.running));
        Handle { inbox, close, running, keeper, key, unsaved: None }
    }

    /// Whether somebody waits for it.
    pub fn is_asked(&self) -> bool {
        !self.messages.is_empty()
    }
}
