//! How others reach a running session.

use std::io;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use crossbeam_channel::{Sender, TrySendError};
use rustix::process::Pid;

use super::ask::{Ask, Refusal, Reply};
use super::memory::Memory;
use super::message::Message;
use super::program::Program;
use super::run::Found;
use super::unsaved::Unsaved;
use crate::keeper::{Child, Keeper, Master};

/// Why a message was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsent {
    /// More than the core can take is queued.
    Full,
    /// There is nobody to take it.
    Over,
}

/// A running session, for whoever talks to it.
#[derive(Debug, Clone)]
pub struct Handle {
    pub(super) inbox: Sender<Box<Message>>,
    pub(super) close: Sender<()>,
    pub(super) running: Arc<Mutex<Running>>,
    pub(super) keeper: Keeper,
    pub(super) key: u128,
    pub(super) unsaved: Option<Arc<Unsaved>>,
}

/// The program that a session has now.
#[derive(Debug, Clone, Default)]
pub(super) struct Running {
    child: Option<Arc<Child>>,
    /// The threads of the session own the terminal: a handle that somebody forgot does not keep it open.
    master: Weak<Master>,
    memory: Weak<Memory>,
}

impl Running {
    pub(super) fn of(program: &Program) -> Self {
        let (master, memory) = (Arc::downgrade(&program.master), Arc::downgrade(&program.memory));
        Self { child: program.child.clone(), master, memory }
    }

    /// What an earlier host has left running.
    pub(super) fn left(found: &Found) -> Self {
        let master = found.master.as_ref().map_or_else(Weak::new, Arc::downgrade);
        Self { child: found.child.clone(), master, memory: Arc::downgrade(&found.memory) }
    }

    /// Its state is kept there from here on.
    pub(super) fn keep(&mut self, memory: &Arc<Memory>) {
        self.memory = Arc::downgrade(memory);
    }

    /// Its process id; a port has none.
    pub(super) fn pid(&self) -> Option<u32> {
        self.child.as_ref().map(|child| child.pid().as_raw_pid().cast_unsigned())
    }
}

impl Handle {
    /// Sends the core a message; waits while more than it can take is queued. False when the session is over.
    pub fn send(&self, message: Message) -> bool {
        self.inbox.send(Box::new(message)).is_ok()
    }

    /// As [`Handle::send`] without waiting.
    ///
    /// # Errors
    /// The inbox is full, or the session is over.
    pub fn try_send(&self, message: Message) -> Result<(), Unsent> {
        self.inbox.try_send(Box::new(message)).map_err(|e| if e.is_full() { Unsent::Full } else { Unsent::Over })
    }

    /// Asks the core something. Never waits: a core with too much to do already refuses, and one that is no more says so.
    pub fn ask(&self, ask: Ask, reply: Reply) {
        if let Err(TrySendError::Full(message)) = self.inbox.try_send(Box::new(Message::Ask(ask, reply)))
            && let Message::Ask(_, reply) = *message
        {
            reply.answer(Err(Refusal::Busy("the session has more to do than it can take")));
        }
    }

    /// The process id of the program, if one was started.
    pub fn pid(&self) -> Option<u32> {
        self.running().pid()
    }

    fn running(&self) -> Running {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Tells the program that its terminal is gone. [`super::run::Report::Reaped`] follows when it has ended.
    pub fn hang_up(&self) {
        self.signal(Child::hang_up);
    }

    /// Asks a program to end that took no notice of that.
    pub fn terminate(&self) {
        self.signal(Child::terminate);
    }

    /// Ends the program without asking.
    pub fn kill(&self) {
        self.signal(Child::kill);
    }

    /// Closes the session and tells its program that its terminal is gone. In this order: whoever waits for the program to
    /// end hears that the session was ended, however quickly the program goes.
    pub fn end(&self) {
        let Running { child, master, .. } = self.running();
        // The terminal goes with the session.
        let foreground = master.upgrade().and_then(|master| master.foreground());
        self.close();
        if let Some(child) = child {
            child.hang_up(foreground);
        }
    }

    fn signal(&self, how: fn(&Child, Option<Pid>)) {
        let Running { child, master, .. } = self.running();
        if let Some(child) = child {
            how(&child, master.upgrade().and_then(|master| master.foreground()));
        }
    }

    /// Changes what a later host will know of the session, as far as that is kept.
    ///
    /// # Errors
    /// The system has no memory left: the label stays as it was.
    pub fn relabel(&self, change: impl FnOnce(&[u8]) -> Option<Vec<u8>>) -> io::Result<()> {
        let Some(memory) = self.running().memory.upgrade() else { return Ok(()) };
        match change(&memory.label()?) {
            Some(label) => memory.set_label(&label)?,
            None => return Ok(()),
        }
        if let Some(unsaved) = &self.unsaved {
            unsaved.changed();
        }
        Ok(())
    }

    /// The session has gone: what its keeper holds of it may go too.
    pub fn forget(&self) {
        self.keeper.forget(self.key);
    }

    /// Closes the session: viewers are told, its threads end, its terminal is closed. Does not wait for any of it.
    pub fn close(&self) {
        // A second order to close changes nothing.
        let _ = self.close.try_send(());
    }
}
