//! The thread that writes a program's input, and the queue before it, which never makes the core wait.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, unbounded};
use rustix::event::{PollFd, PollFlags, poll};

use crate::base::Wake;
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
    let shared = Shared {
        wake: Wake::new()?,
        stop: AtomicBool::new(false),
        input: zero(),
        replies: zero(),
        written: AtomicU64::new(0),
        begun: Instant::now(),
    };
    let shared = Arc::new(shared);
    let queue = Queue { items: sender, shared: Arc::clone(&shared), master: Arc::clone(&master) };
    Ok((queue, Writer { items, shared, master }))
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

    /// When the last of the input was written; `None` while some of it waits.
    pub(super) fn written_at(&self) -> Option<Instant> {
        let waits = self.shared.input.load(Ordering::Acquire) > 0;
        (!waits).then(|| self.shared.begun + Duration::from_nanos(self.shared.written.load(Ordering::Relaxed)))
    }

    fn push(&self, mut bytes: Vec<u8>, waiting: &AtomicUsize, most: usize, item: fn(Vec<u8>) -> Item) -> bool {
        // Before anything is written: half a paste, without the end of its brackets, would be worse than none.
        if waiting.load(Ordering::Relaxed) + bytes.len() > most {
            return false;
        }
        // With nothing before it, input goes straight to the program, which spares a key a change of threads. Only this
        // end adds, so nothing can come between the question and the write; and the write never blocks.
        if self.shared.input.load(Ordering::Acquire) + self.shared.replies.load(Ordering::Acquire) == 0 {
            // An error means that the program is gone: nobody misses these bytes.
            let written = self.master.write(&bytes).unwrap_or(bytes.len());
            if written == bytes.len() {
                return true;
            }
            bytes.drain(..written);
        }
        let length = bytes.len();
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
            let nanos = u64::try_from(self.shared.begun.elapsed().as_nanos()).unwrap_or(u64::MAX);
            self.shared.written.store(nanos, Ordering::Relaxed);
            waiting.fetch_sub(bytes.len(), Ordering::Release);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keeper::pty::ReadOutcome;
    use rustix::io::fcntl_dupfd_cloexec;
    use std::os::unix::net::UnixStream;

    /// A queue into a socket, which takes about as little at a time as a terminal does, and the other end.
    fn pair() -> (Queue, Writer, Master) {
        let (near, far) = UnixStream::pair().unwrap();
        let master = |socket: &UnixStream| Master::new(fcntl_dupfd_cloexec(socket, 3).unwrap()).unwrap();
        let (queue, writer) = queue(Arc::new(master(&near))).unwrap();
        (queue, writer, master(&far))
    }

    #[test]
    fn everything_arrives_in_order_whatever_way_it_takes() {
        let (queue, writer, far) = pair();
        let pieces: Vec<Vec<u8>> = (0..3000u32).map(|n| n.to_le_bytes().repeat(n as usize % 500 + 1)).collect();
        let all = pieces.concat();
        let mut got = Vec::new();
        std::thread::scope(|scope| {
            scope.spawn(move || writer.run());
            scope.spawn(|| {
                let mut bytes = [0; 4096];
                while got.len() < all.len() {
                    match far.read(&mut bytes).unwrap() {
                        ReadOutcome::Bytes(n) => got.extend_from_slice(&bytes[..n]),
                        _ => std::thread::yield_now(),
                    }
                }
            });
            for piece in pieces {
                assert!(queue.input(piece));
            }
            while queue.shared.input.load(Ordering::Acquire) > 0 {
                std::thread::yield_now();
            }
            drop(queue);
        });
        assert!(got == all);
    }

    #[test]
    fn what_is_too_long_is_not_written_in_part() {
        let (queue, _writer, far) = pair();
        assert!(!queue.input(vec![b'x'; MAX_INPUT + 1]));
        assert!(!queue.reply(vec![b'x'; MAX_REPLIES + 1]));
        assert_eq!(far.read(&mut [0; 8]).unwrap(), ReadOutcome::Empty);
    }

    #[test]
    fn a_program_that_does_not_read_has_a_limit_and_blocks_nobody() {
        let (queue, writer, far) = pair();
        let thread = std::thread::spawn(move || writer.run());
        let taken = (0..100).take_while(|_| queue.input(vec![b'x'; 1 << 20])).count();
        assert!((10..14).contains(&taken), "{taken} MiB were taken");
        assert!(!queue.input(vec![b'x'; 1 << 20]));
        assert!(queue.reply(vec![b'r'; MAX_REPLIES]) && !queue.reply(vec![b'r']), "replies have room of their own");
        drop(queue);
        thread.join().unwrap();
        drop(far);
    }
}
