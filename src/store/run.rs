//! The store's thread, and how it is reached.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};

use super::core::{Store, StoreOptions};
use super::message::{Message, Report};
use super::trouble::Trouble;
use crate::base::unix_ms;

/// Messages that wait for the store. Who saves sends one at a time; the rest is for snapshots.
const INBOX: usize = 8;

/// Why a message was not taken.
#[derive(Debug)]
pub enum Unsent {
    /// There is no room now.
    Full,
    /// The store is no more.
    Gone,
}

/// How the store is reached.
#[derive(Debug)]
pub struct Handle {
    inbox: Sender<Message>,
    /// Says when the file was looked at; its other end goes with the thread.
    alive: Receiver<()>,
}

/// Starts the store's thread, which opens the database at once. `report` takes what becomes of that and of every
/// [`Message::Save`]; it must not block.
///
/// # Errors
/// The system has no thread left.
pub fn start(options: StoreOptions, report: impl Fn(Report) + Send + 'static) -> io::Result<Handle> {
    let (inbox, messages) = bounded(INBOX);
    let (opened, alive) = bounded(1);
    let store = Store::new(options);
    thread::Builder::new().name("store".into()).spawn(move || run(store, &messages, &opened, report))?;
    Ok(Handle { inbox, alive })
}

impl Handle {
    /// Gives the store a message, if it has room for it.
    ///
    /// # Errors
    /// [`Unsent`]; the message is lost.
    pub fn try_send(&self, message: Message) -> Result<(), Unsent> {
        self.inbox.try_send(message).map_err(|e| match e {
            TrySendError::Full(_) => Unsent::Full,
            TrySendError::Disconnected(_) => Unsent::Gone,
        })
    }

    /// Waits until the file was looked at, and no longer than this. Once.
    pub fn wait_opened(&self, limit: Duration) {
        // What came of it is reported.
        let _ = self.alive.recv_timeout(limit);
    }

    /// Gives the store its last message and waits until it has done everything and closed the file. False when that
    /// did not happen in time.
    pub fn close(self, last: Option<Message>, until: Instant) -> bool {
        let sent = last.is_none_or(|last| self.inbox.send_deadline(last, until).is_ok());
        drop(self.inbox);
        while self.alive.recv_deadline(until).is_ok() {}
        // Only a thread that has ended lets go of its end.
        let ended = matches!(self.alive.try_recv(), Err(crossbeam_channel::TryRecvError::Disconnected));
        sent && ended
    }
}

fn run(mut store: Store, messages: &Receiver<Message>, opened: &Sender<()>, report: impl Fn(Report)) {
    let mut first = Some(Message::Open);
    while let Some(message) = first.take().or_else(|| messages.recv().ok()) {
        let opening = matches!(message, Message::Open);
        let done = catch_unwind(AssertUnwindSafe(|| store.step(message, unix_ms())));
        let failed = done.is_err();
        let told = done.unwrap_or_else(|_| {
            let kept = Err(Trouble::Refused("the thread of the database failed; see the host's log".into()));
            Some(Report { kept, replaced: None })
        });
        told.into_iter().for_each(&report);
        if opening {
            // Nobody may be waiting.
            let _ = opened.try_send(());
        }
        if failed {
            return;
        }
    }
}

#[cfg(test)]
#[path = "run_tests.rs"]
mod tests;
