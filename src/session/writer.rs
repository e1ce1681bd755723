//! The thread that writes a program's input, and the queue before it, which never makes the core wait. Input itself lies in
//! the session's memory, where a host that takes over finds it; replies of the terminal are forgotten with the host.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, unbounded};
use rustix::event::{PollFd, PollFlags, poll};

use super::memory::{Memory, Note};
use crate::base::Wake;
use crate::keeper::Master;

/// The most input that waits for a program that does not read: a large paste and then some.
const MAX_INPUT: usize = 10 << 20;
/// The most replies that wait for one. A program that asks without reading the answers gets no more of them.
const MAX_REPLIES: usize = 64 << 10;

#[derive(Debug)]
enum Item {
    /// The next bytes of input, so many.
    Input(usize),
    Reply(Vec<u8>),
}

#[derive(Debug)]
struct Shared {
    wake: Wake,
    stop: AtomicBool,
    /// Bytes that wait, input and replies apart: neither takes the other's room.
    input: AtomicUsize,
    replies: AtomicUsize,
    /// When the last input was written, in nanoseconds since `begun`.
    written: AtomicU64,
    begun: Instant,
}

/// The core's end: what is pushed is written in order.
#[derive(Debug)]
pub(super) struct Queue {
    items: Sender<Item>,
    shared: Arc<Shared>,
    master: Arc<Master>,
    memory: Arc<Memory>,
}

/// The thread's end.
#[derive(Debug)]
pub(super) struct Writer {
    items: Receiver<Item>,
    shared: Arc<Shared>,
    master: Arc<Master>,
    memory: Arc<Memory>,
}

/// Input that waits in the memory is written first.
///
/// # Errors
/// The system has no descriptor left.
pub(super) fn queue(master: Arc<Master>, memory: Arc<Memory>) -> io::Result<(Queue, Writer)> {
    let (sender, items) = unbounded();
    let mut waiting = memory.waiting()? as usize;
    if waiting > MAX_INPUT {
        log::error!("a session's memory says that {waiting} bytes of input wait: that cannot be");
        memory.pass_over(waiting as u64)?;
        waiting = 0;
    }
    let shared = Shared {
        wake: Wake::new()?,
        stop: AtomicBool::new(false),
        input: AtomicUsize::new(waiting),
        replies: AtomicUsize::new(0),
        written: AtomicU64::new(0),
        begun: Instant::now(),
    };
    let shared = Arc::new(shared);
    let (all, there) = ((Arc::clone(&shared), Arc::clone(&master), Arc::clone(&memory)), waiting > 0);
    let queue = Queue { items: sender, shared: all.0, master: all.1, memory: all.2 };
    if there {
        queue.send(Item::Input(waiting));
    }
    Ok((queue, Writer { items, shared, master, memory }))
}

impl Queue {
    /// One logical write of input, with what is written down about it. False when too much waits already: then none of it
    /// is written, which is the last word on it.
    pub(super) fn input(&self, bytes: &[u8], note: Note) -> bool {
        // Before anything is written: half a paste, without the end of its brackets, would be worse than none.
        let waiting = self.shared.input.load(Ordering::Relaxed);
        let fits = waiting + bytes.len() <= MAX_INPUT;
        if !fits {
            // Without the paste there is no Enter.
            let note = Note { enter_owed: note.enter_owed.map(|_| false), ..note };
            self.taken(self.memory.take(&[], note));
            return false;
        }
        if !self.taken(self.memory.take(bytes, note)) {
            return false;
        }
        let left = if self.is_idle() { bytes.len() - self.hand_over(bytes.len()) } else { bytes.len() };
        if left > 0 {
            self.shared.input.fetch_add(left, Ordering::Relaxed);
            self.send(Item::Input(left));
        }
        true
    }

    /// A reply of the terminal. False as for input.
    pub(super) fn reply(&self, mut bytes: Vec<u8>) -> bool {
        if self.shared.replies.load(Ordering::Relaxed) + bytes.len() > MAX_REPLIES {
            return false;
        }
        if self.is_idle() {
            // An error means that the program is gone: nobody misses these bytes.
            let written = self.master.write(&bytes).unwrap_or(bytes.len());
            bytes.drain(..written);
        }
        if !bytes.is_empty() {
            self.shared.replies.fetch_add(bytes.len(), Ordering::Relaxed);
            self.send(Item::Reply(bytes));
        }
        true
    }

    /// When the last of the input was written; `None` while some of it waits.
    pub(super) fn written_at(&self) -> Option<Instant> {
        let waits = self.shared.input.load(Ordering::Acquire) > 0;
        (!waits).then(|| self.shared.begun + Duration::from_nanos(self.shared.written.load(Ordering::Relaxed)))
    }

    /// With nothing before it, input goes straight to the program, which spares a key a change of threads. Only this end
    /// adds, so nothing can come between the question and the write; and the write never blocks.
    fn is_idle(&self) -> bool {
        self.shared.input.load(Ordering::Acquire) + self.shared.replies.load(Ordering::Acquire) == 0
    }

    /// Hands the program input that was taken just now, and returns how much of it is dealt with.
    fn hand_over(&self, length: usize) -> usize {
        self.memory.hand_over(&self.master, length as u64).map_or_else(
            |e| {
                pass_over(&self.memory, length, &e);
                length
            },
            |sent| sent as usize,
        )
    }

    fn taken(&self, taken: io::Result<()>) -> bool {
        taken.inspect_err(|e| log::warn!("input of a session was not taken: {e}")).is_ok()
    }

    fn send(&self, item: Item) {
        // The writer is gone only when this end is.
        let _ = self.items.send(item);
    }
}

/// Input for a program that is gone: nobody misses these bytes.
fn pass_over(memory: &Memory, length: usize, why: &io::Error) {
    log::debug!("a program takes no more input: {why}");
    if let Err(e) = memory.pass_over(length as u64) {
        log::warn!("input that nobody reads stays in a session's memory: {e}");
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
    /// Writes until the queue is gone.
    pub(super) fn run(self) {
        while let Ok(item) = self.items.recv() {
            let (waiting, length) = match item {
                Item::Input(length) => {
                    let mut left = length;
                    let sent = self.write_all(&mut left, |left| self.memory.hand_over(&self.master, left as u64));
                    if let Err(e) = sent {
                        pass_over(&self.memory, left, &e);
                    }
                    (&self.shared.input, length)
                }
                Item::Reply(bytes) => {
                    let mut left = bytes.len();
                    let write = |left| self.master.write(&bytes[bytes.len() - left..]).map(|n| n as u64);
                    if let Err(e) = self.write_all(&mut left, write) {
                        log::debug!("a program takes no more replies: {e}");
                    }
                    (&self.shared.replies, bytes.len())
                }
            };
            let nanos = u64::try_from(self.shared.begun.elapsed().as_nanos()).unwrap_or(u64::MAX);
            self.shared.written.store(nanos, Ordering::Relaxed);
            waiting.fetch_sub(length, Ordering::Release);
        }
    }

    /// Writes what is left, until nothing is or the session is over.
    fn write_all(&self, left: &mut usize, write: impl Fn(usize) -> io::Result<u64>) -> io::Result<()> {
        while *left > 0 && !self.shared.stop.load(Ordering::SeqCst) {
            let written = write(*left)? as usize;
            *left -= written.min(*left);
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

#[cfg(test)]
#[path = "writer_tests.rs"]
pub(in crate::session) mod tests;
