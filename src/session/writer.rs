//! The thread that writes a program's input, and the queue before it, which never makes the core wait.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crossbeam_channel::{Receiver, Sender, unbounded};
use rustix::event::{PollFd, PollFlags, poll};

use super::wake::Wake;
use crate::keeper::Master;

/// The most input that waits for a program that does not read: a large paste and then some.
const MAX_INPUT: usize = 10 << 20;
/// The most replies that wait for one. A program that asks without reading the answers gets no more of them.
const MAX_REPLIES: usize = 64 << 10;

#[derive(Debug)]
enum Item {
    Input(Vec<u8>),
    Reply(Vec<u8>),
}

#[derive(Debug)]
struct Shared {
    wake: Wake,
    stop: AtomicBool,
    /// Bytes that wait, input and replies apart: neither takes the other's room.
    input: AtomicUsize,
    replies: AtomicUsize,
}

/// The core's end: what is pushed is written in order.
#[derive(Debug)]
pub(super) struct Queue {
    items: Sender<Item>,
    shared: Arc<Shared>,
}

/// The thread's end.
#[derive(Debug)]
pub(super) struct Writer {
    items: Receiver<Item>,
    shared: Arc<Shared>,
    master: Arc<Master>,
}

pub(super) fn queue(master: Arc<Master>) -> io::Result<(Queue, Writer)> {
    let (sender, items) = unbounded();
    let zero = || AtomicUsize::new(0);
    let shared = Shared { wake: Wake::new()?, stop: AtomicBool::new(false), input: zero(), replies: zero() };
    let shared = Arc::new(shared);
    Ok((Queue { items: sender, shared: Arc::clone(&shared) }, Writer { items, shared, master }))
}

impl Queue {
    /// One logical write of input. False when too much waits already: then none of it is written.
    pub(super) fn input(&self, bytes: Vec<u8>) -> bool {
        self.push(bytes, &self.shared.input, MAX_INPUT, Item::Input)
    }

    /// A reply of the terminal. False as for input.
    pub(super) fn reply(&self, bytes: Vec<u8>) -> bool {
        self.push(bytes, &self.shared.replies, MAX_REPLIES, Item::Reply)
    }

    fn push(&self, bytes: Vec<u8>, waiting: &AtomicUsize, most: usize, item: fn(Vec<u8>) -> Item) -> bool {
        let length = bytes.len();
        // Only this end adds, so nothing can come between the question and the sum.
        if waiting.load(Ordering::Relaxed) + length > most {
            return false;
        }
        waiting.fetch_add(length, Ordering::Relaxed);
        // When the writer is gone, so is the program: nobody misses these bytes.
        let _ = self.items.send(item(bytes));
        true
    }
}

impl Drop for Queue {
    /// The session is over: what still waits is not written.
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        self.shared.wake.wake();
    }
}

impl Writer {
    /// Writes until the queue or the program is gone.
    pub(super) fn run(self) {
        while let Ok(item) = self.items.recv() {
            let (bytes, waiting) = match &item {
                Item::Input(bytes) => (bytes, &self.shared.input),
                Item::Reply(bytes) => (bytes, &self.shared.replies),
            };
            if let Err(e) = self.write_all(bytes) {
                log::debug!("a program takes no more input: {e}");
                return;
            }
            waiting.fetch_sub(bytes.len(), Ordering::Relaxed);
        }
    }

    fn write_all(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() && !self.shared.stop.load(Ordering::SeqCst) {
            let written = self.master.write(bytes)?;
            bytes = &bytes[written..];
            if written == 0 {
                let mut fds =
                    [PollFd::new(&self.shared.wake, PollFlags::IN), PollFd::new(&*self.master, PollFlags::OUT)];
                match poll(&mut fds, None) {
                    Ok(_) | Err(rustix::io::Errno::INTR) => {}
                    Err(e) => return Err(e.into()),
                }
            }
        }
        Ok(())
    }
}
