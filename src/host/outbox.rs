//! The way out of one connection: a queue, and the thread that writes it; a frame with nothing before it is written by
//! whoever sends it, as far as that does not block. A client that reads slowly makes nobody wait:
//! what is state (frames, the board) is replaced by newer state, what is not is bounded, and a client that exceeds it
//! is cut off.

use std::collections::VecDeque;
use std::io::Write;
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use rustix::net::{self, SendFlags};

use crate::base::SessionNo;
use crate::protocol::stream::{self, HostMessage};

/// Most replies, events and messages that wait for a client.
const MAX_WAITING: usize = 1024;
/// Most bytes of them, frames aside: copied text is large.
const MAX_BYTES: usize = 64 << 20;
/// Most requests of one connection that wait for their reply.
const MAX_IN_FLIGHT: usize = 64;
/// Most notifications of one session that wait for a client; older ones make room.
const MAX_NOTICES: usize = 16;

/// What an event is about: a newer one about the same replaces one that still waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Topic {
    Session(SessionNo),
    Workspace(String),
}

#[derive(Debug)]
enum Item {
    Reply(String),
    Event(Topic, String),
    Message(SessionNo, HostMessage),
}

impl Item {
    fn weight(&self) -> usize {
        match self {
            Self::Reply(line) | Self::Event(_, line) => line.len(),
            Self::Message(_, HostMessage::Text { text, .. } | HostMessage::Clipboard(text)) => text.len(),
            Self::Message(..) => 0,
        }
    }
}

#[derive(Debug, Default)]
struct State {
    items: VecDeque<Item>,
    bytes: usize,
    in_flight: usize,
    /// Write what waits, then close.
    finishing: bool,
    /// Nothing is written any more.
    closed: bool,
    /// Somebody writes, and nobody else does meanwhile.
    writing: bool,
    /// What of a frame the socket did not take at once: it goes before everything else.
    rest: Vec<u8>,
}

impl State {
    /// Nothing waits and nobody writes.
    fn is_idle(&self) -> bool {
        let empty = self.items.is_empty() && self.rest.is_empty();
        empty && !(self.writing || self.finishing || self.closed)
    }
}

/// The way out of one connection.
#[derive(Debug)]
pub struct Outbox {
    state: Mutex<State>,
    /// Something changed for the writing thread.
    more: Condvar,
    /// Something changed for the reading thread.
    answered: Condvar,
    socket: UnixStream,
}

impl Outbox {
    pub fn new(socket: UnixStream) -> Self {
        Self { state: Mutex::default(), more: Condvar::new(), answered: Condvar::new(), socket }
    }

    /// A request is about to be handed on: waits while too many are without a reply. False when the connection is
    /// closed.
    pub fn begin(&self) -> bool {
        let mut state = self.lock();
        while state.in_flight >= MAX_IN_FLIGHT && !state.closed {
            state = self.answered.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.in_flight += 1;
        !state.closed
    }

    /// The reply to a request that began; empty where the request wanted none.
    pub fn reply(&self, line: String) {
        let mut state = self.lock();
        state.in_flight = state.in_flight.saturating_sub(1);
        self.answered.notify_all();
        if !line.is_empty() {
            self.push(state, Item::Reply(line));
        }
    }

    /// Waits until all requests but so many have their reply. False when the connection is closed.
    pub fn wait_answered(&self, but: usize) -> bool {
        let mut state = self.lock();
        while state.in_flight > but && !state.closed {
            state = self.answered.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        !state.closed
    }

    /// An event, in place of an older one about the same that was not written yet. That of a workspace comes last all the
    /// same, behind those of the sessions that it names.
    pub fn event(&self, topic: Topic, line: String) {
        let mut state = self.lock();
        let about = |item: &Item| matches!(item, Item::Event(t, _) if *t == topic);
        if let Some(at) = state.items.iter().position(about) {
            match (&mut state.items[at], &topic) {
                (Item::Event(_, old), Topic::Session(_)) => {
                    let (had, has) = (old.len(), line.len());
                    *old = line;
                    state.bytes = state.bytes - had + has;
                    return;
                }
                _ => remove(&mut state, at),
            }
        }
        self.push(state, Item::Event(topic, line));
    }

    /// A message of the binary stream. Bells and clipboard texts replace those that wait; a frame that stands on one
    /// that was not written yet comes from a credit nobody was entitled to, and ends the connection.
    pub fn message(&self, session: SessionNo, message: HostMessage) {
        let mut state = self.lock();
        let mine = |item: &Item| match item {
            Item::Message(no, old) if *no == session => std::mem::discriminant(old) == std::mem::discriminant(&message),
            _ => false,
        };
        match &message {
            HostMessage::Frame(frame) if frame.base != 0 && state.items.iter().any(mine) => {
                self.cut_off(state, "it asks for frames that it has not been sent");
                return;
            }
            HostMessage::Frame(_) | HostMessage::Bell | HostMessage::Clipboard(_) => {
                if let Some(at) = state.items.iter().position(mine) {
                    remove(&mut state, at);
                }
            }
            HostMessage::Notify { .. } if state.items.iter().filter(|item| mine(item)).count() >= MAX_NOTICES => {
                if let Some(at) = state.items.iter().position(mine) {
                    remove(&mut state, at);
                }
            }
            _ => {}
        }
        if matches!(message, HostMessage::Frame(_)) && state.is_idle() {
            self.write_now(state, &stream::encode(session, &message));
        } else {
            self.push(state, Item::Message(session, message));
        }
    }

    /// With nothing before it, a frame goes straight into the socket, which spares it a change of threads: it may be the
    /// echo of a key. This never blocks; what the socket does not take is left to the writing thread.
    fn write_now(&self, mut state: MutexGuard<'_, State>, bytes: &[u8]) {
        state.writing = true;
        drop(state);
        // An error is seen by the writing thread too, which then closes the connection.
        let taken = net::send(&self.socket, bytes, SendFlags::DONTWAIT).unwrap_or(0);
        let mut state = self.lock();
        state.writing = false;
        if !state.closed {
            state.rest.extend_from_slice(&bytes[taken..]);
        }
        let idle = state.is_idle();
        drop(state);
        if !idle {
            self.more.notify_one();
        }
    }

    fn push(&self, mut state: MutexGuard<'_, State>, item: Item) {
        if state.closed || state.finishing && !matches!(item, Item::Reply(_)) {
            return;
        }
        state.bytes += item.weight();
        state.items.push_back(item);
        if state.items.len() > MAX_WAITING || state.bytes > MAX_BYTES {
            self.cut_off(state, "it does not read");
        } else {
            // Not under the lock, or the writing thread wakes only to wait for it.
            drop(state);
            self.more.notify_one();
        }
    }

    fn cut_off(&self, state: MutexGuard<'_, State>, why: &str) {
        log::info!("a client is cut off: {why}");
        self.close_with(state);
    }

    /// Closes once everything was written.
    pub fn finish(&self) {
        self.lock().finishing = true;
        self.more.notify_one();
    }

    /// Waits until it is closed, at most until then.
    pub fn wait_closed(&self, until: Instant) {
        let mut state = self.lock();
        while !state.closed {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            state = self.answered.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Closes at once, whatever waits.
    pub fn close(&self) {
        self.close_with(self.lock());
    }

    fn close_with(&self, mut state: MutexGuard<'_, State>) {
        state.closed = true;
        state.items.clear();
        state.rest.clear();
        state.bytes = 0;
        drop(state);
        // An error means that it is closed already.
        let _ = self.socket.shutdown(Shutdown::Both);
        self.more.notify_all();
        self.answered.notify_all();
    }

    /// Writes until the connection is closed: the body of the connection's writing thread.
    pub fn run(&self) {
        let mut socket = &self.socket;
        while let Some((mut bytes, items)) = self.wait() {
            for item in items {
                match item {
                    Item::Reply(line) | Item::Event(_, line) => {
                        bytes.extend_from_slice(line.as_bytes());
                        bytes.push(b'\n');
                    }
                    Item::Message(session, message) => bytes.extend(stream::encode(session, &message)),
                }
            }
            if let Err(e) = socket.write_all(&bytes) {
                log::debug!("a client went away: {e}");
                break;
            }
            self.lock().writing = false;
        }
        self.close();
    }

    /// What is to be written next, bytes first, by the caller alone; `None` when the connection is to be closed.
    fn wait(&self) -> Option<(Vec<u8>, VecDeque<Item>)> {
        let mut state = self.lock();
        while state.is_idle() || state.writing && !state.closed {
            state = self.more.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.bytes = 0;
        let (rest, items) = (std::mem::take(&mut state.rest), std::mem::take(&mut state.items));
        state.writing = !(rest.is_empty() && items.is_empty());
        state.writing.then_some((rest, items))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn remove(state: &mut State, at: usize) {
    if let Some(item) = state.items.remove(at) {
        state.bytes -= item.weight();
    }
}

#[cfg(test)]
#[path = "outbox_tests.rs"]
mod tests;
