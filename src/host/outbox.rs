//! The way out of one connection: a queue, and the thread that writes it; a frame with nothing before it is written by
//! whoever sends it, as far as that does not block. A client that reads slowly makes nobody wait:
//! what is state (frames, the board) is replaced by newer state, what is not is bounded, and a client that exceeds it
//! is cut off.

use std::collections::VecDeque;
use std::io::Write;
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::net::{self, SendFlags};
use serde_json::Value;

use super::batch::{BatchId, Batches};
use super::call::{Form, Ticket};
use super::hung_up;
use super::owed::{Due, Item, Topic, fitting};
use super::tap::{Pieces, TapDrain};
use crate::base::SessionNo;
use crate::protocol::alias::Alias;
use crate::protocol::limits::MAX_IN_FLIGHT;
use crate::protocol::line::MAX_LINE;
use crate::protocol::rpc::{Error, Response, code};
use crate::protocol::stream::{self, HostMessage};

/// Most replies, events and messages that wait for a client.
const MAX_WAITING: usize = 1024;
/// Most bytes of them, frames aside: copied text is large.
const MAX_BYTES: usize = 64 << 20;
/// How often it is looked whether a client whose requests have to be answered first is still there.
const LOOK: Duration = Duration::from_secs(1);
/// Most notifications of one session that wait for a client; older ones make room.
const MAX_NOTICES: usize = 16;

#[derive(Debug, Default)]
struct State {
    items: VecDeque<Item>,
    bytes: usize,
    in_flight: usize,
    /// Replies among what waits.
    replies: usize,
    batches: Batches,
    /// Events are written as the other name of the subscription has them.
    aliased: bool,
    /// Output of sessions, behind everything else.
    pieces: Pieces,
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
        let empty = self.items.is_empty() && self.rest.is_empty() && self.pieces.is_empty();
        let finished = self.finishing && self.in_flight == 0;
        empty && !(self.writing || finished || self.closed)
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

    /// A request is about to be handed on: waits while too many are without a reply, or with one that was not written.
    /// False when the connection is closed, also by the client.
    pub fn begin(&self) -> bool {
        let begun = self.wait_while(|state| state.in_flight + state.replies >= MAX_IN_FLIGHT);
        begun.is_some_and(|mut state| {
            state.in_flight += 1;
            !state.closed
        })
    }

    /// Waits on the reading thread as long as this is so. `None` when the client is gone: what it asked may take for
    /// ever, and as nothing is read meanwhile nothing else would tell.
    fn wait_while(&self, holds: impl Fn(&State) -> bool) -> Option<MutexGuard<'_, State>> {
        let mut state = self.lock();
        while holds(&state) && !state.closed {
            let waited = self.answered.wait_timeout(state, LOOK).unwrap_or_else(PoisonError::into_inner);
            if waited.1.timed_out() && hung_up::now(&self.socket) {
                return None;
            }
            state = waited.0;
        }
        Some(state)
    }

    /// The reply to a request that began; empty where the request wanted none.
    pub fn reply(&self, line: String) {
        let mut state = self.lock();
        state.in_flight = state.in_flight.saturating_sub(1);
        self.answered.notify_all();
        if state.finishing {
            self.more.notify_one();
        }
        if !line.is_empty() {
            self.push(state, Item::Reply(line));
        }
    }

    /// Events are spelled as the last subscription of the connection was.
    pub fn subscribes(&self, alias: Option<Alias>) {
        self.lock().aliased = alias.is_some();
    }

    /// So many requests came as one: their replies are written as one. They begin one by one all the same.
    pub fn begin_batch(&self, requests: usize) -> BatchId {
        self.lock().batches.begin(requests)
    }

    /// The reply to a request that began and has this ticket.
    pub fn answer(&self, ticket: Ticket, result: Result<Value, Error>) {
        let Form { batch, alias } = ticket.form;
        let result = match alias {
            Some(alias) => alias.result(result),
            None => result,
        };
        let response = ticket.id.map(|id| match result {
            Ok(value) => Response::ok(id, value),
            Err(error) => Response::error(id, error),
        });
        match batch {
            None => {
                let too_long = || Error::new(code::INTERNAL, "the reply does not fit one line of 1 MiB".into());
                self.reply(response.map(|response| fitting(response, MAX_LINE, too_long())).unwrap_or_default());
            }
            Some(batch) => {
                let line = self.lock().batches.answered(batch, response);
                self.reply(line.unwrap_or_default());
            }
        }
    }

    /// Hands over what waits of the output of sessions; `None` when nothing is written any more.
    pub(super) fn output<T>(&self, with: impl FnOnce(&mut Pieces) -> T) -> Option<T> {
        let mut state = self.lock();
        if state.closed || state.finishing {
            return None;
        }
        let result = with(&mut state.pieces);
        self.more.notify_one();
        Some(result)
    }

    /// Waits until all requests but so many have their reply. False when the connection is closed, also by the client.
    pub fn wait_answered(&self, but: usize) -> bool {
        self.wait_while(|state| state.in_flight > but).is_some_and(|state| !state.closed)
    }

    /// An event, in place of an older one about the same that was not written yet. That of a workspace comes last all the
    /// same, behind those of the sessions that it names.
    pub fn event(&self, topic: Topic, line: Arc<str>) {
        let mut state = self.lock();
        let about = |item: &Item| matches!(item, Item::Event(t, _) if *t == topic);
        if let Some(at) = state.items.iter().position(about).filter(|_| topic != Topic::Each) {
            match (&mut state.items[at], &topic) {
                (Item::Event(_, old), Topic::Session(_) | Topic::Latest(..)) => {
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
            HostMessage::Frame(_) | HostMessage::Bell | HostMessage::Clipboard(_) | HostMessage::Taken(_) => {
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
        state.replies += usize::from(matches!(item, Item::Reply(_)));
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

    /// Closes once every request has its reply and everything was written.
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

    /// The connection, to wait for its end.
    pub fn socket(&self) -> &UnixStream {
        &self.socket
    }

    /// Closes at once, whatever waits.
    pub fn close(&self) {
        self.close_with(self.lock());
    }

    fn close_with(&self, mut state: MutexGuard<'_, State>) {
        state.closed = true;
        state.items.clear();
        state.rest.clear();
        state.pieces.clear();
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
        while let Some(due) = self.wait() {
            if let Err(e) = socket.write_all(&due.bytes()) {
                log::debug!("a client went away: {e}");
                break;
            }
            // Told without the lock: it may take a while.
            let relieved = self.written();
            relieved.iter().for_each(|drain| drain.relieved());
        }
        self.close();
    }

    /// What is to be written next, by the caller alone; `None` when the connection is to be closed.
    fn wait(&self) -> Option<Due> {
        let mut state = self.lock();
        while state.is_idle() || state.writing && !state.closed {
            state = self.more.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.bytes = 0;
        if std::mem::take(&mut state.replies) > 0 {
            self.answered.notify_all();
        }
        // A piece at a time: replies go before output that waits.
        let (rest, items) = (std::mem::take(&mut state.rest), std::mem::take(&mut state.items));
        let due = Due { rest, items, piece: state.pieces.pop(), aliased: state.aliased };
        state.writing = !due.is_empty();
        state.writing.then_some(due)
    }

    /// What was to be written is; who is to be told that there is room for output again.
    fn written(&self) -> Vec<Arc<TapDrain>> {
        let mut state = self.lock();
        state.writing = false;
        state.pieces.relieved()
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
