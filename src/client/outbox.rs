//! The way out of a client: a queue and a thread that writes it to a connection, so that a host which does not read
//! never holds up the window.

use std::io::Write;
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::thread;

use crossbeam_channel::{Sender, unbounded};

/// What waits is small (keys, credits, at worst a paste), so the queue needs no bound; it ends with its connection.
#[derive(Debug)]
pub(super) struct Outbox {
    queue: Sender<Vec<u8>>,
}

impl Outbox {
    /// Starts the writer of a connection. It ends when the outbox is dropped, what was queued being written first, or
    /// when the connection breaks, which the connection's reader tells the owner.
    pub(super) fn start(name: &str, mut socket: UnixStream) -> std::io::Result<Self> {
        let (queue, waiting) = unbounded::<Vec<u8>>();
        thread::Builder::new().name(name.to_owned()).spawn(move || {
            while let Ok(mut bytes) = waiting.recv() {
                while let Ok(more) = waiting.try_recv() {
                    bytes.extend_from_slice(&more);
                }
                if let Err(e) = socket.write_all(&bytes) {
                    log::debug!("a connection to the host broke while writing: {e}");
                    break;
                }
            }
            // The reader holds the connection too: without this it would outlive its owner.
            let _ = socket.shutdown(Shutdown::Both);
        })?;
        Ok(Self { queue })
    }

    /// Queues bytes to be written; bytes for a broken connection are dropped.
    pub(super) fn send(&self, bytes: Vec<u8>) {
        // The writer is gone only after the connection broke: the reader has told, or is about to.
        let _ = self.queue.send(bytes);
    }
}
