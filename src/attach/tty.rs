//! The outer terminal as a device: raw mode, its size, reading and writing without waiting, and putting it back on every
//! way out, a panic included.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::panic;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags, open};
use rustix::io::Errno;
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr, ttyname};

use super::core::OuterSize;
use crate::base::GridSize;

/// How long a terminal that does not read may hold up the end.
const LAST_WRITE: Duration = Duration::from_millis(500);

/// The outer terminal, in raw mode while this value lives.
#[derive(Debug)]
pub(super) struct Tty {
    fd: Arc<OwnedFd>,
    back: Arc<Back>,
}

/// How to put it back; empty once it was.
#[derive(Debug, Default)]
struct Back(Mutex<Option<Saved>>);

#[derive(Debug)]
struct Saved {
    fd: Arc<OwnedFd>,
    termios: Termios,
    farewell: Vec<u8>,
}

impl Back {
    fn lock(&self) -> MutexGuard<'_, Option<Saved>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn restore(&self) {
        let Some(saved) = self.lock().take() else { return };
        write_within(&saved.fd, &saved.farewell, LAST_WRITE);
        // The last of all: nothing can be done where it fails, and nobody told.
        let _ = tcsetattr(&saved.fd, OptionalActions::Now, &saved.termios);
    }
}

impl Tty {
    /// Opens the terminal that is the standard output and makes it raw. `farewell` puts it back.
    ///
    /// # Errors
    /// It is no terminal, or cannot be opened.
    pub fn open(farewell: Vec<u8>) -> io::Result<Self> {
        Self::on(own()?, farewell)
    }

    fn on(fd: OwnedFd, farewell: Vec<u8>) -> io::Result<Self> {
        let fd = Arc::new(fd);
        let termios = tcgetattr(&fd)?;
        let back = Arc::new(Back::default());
        *back.lock() = Some(Saved { fd: Arc::clone(&fd), termios, farewell });
        let tty = Self { fd, back };
        tty.restore_on_panic();
        tty.make_raw()?;
        Ok(tty)
    }

    /// A panic's message is to be read on a terminal that is as it was.
    fn restore_on_panic(&self) {
        let (back, ours, before) = (Arc::clone(&self.back), thread::current().id(), panic::take_hook());
        panic::set_hook(Box::new(move |info| {
            if thread::current().id() == ours {
                back.restore();
            }
            before(info);
        }));
    }

    /// Makes it raw, again where a shell has taken that back while this process was stopped.
    ///
    /// # Errors
    /// The system's; the terminal is gone.
    pub fn make_raw(&self) -> io::Result<()> {
        let Some(mut termios) = self.back.lock().as_ref().map(|saved| saved.termios.clone()) else { return Ok(()) };
        termios.make_raw();
        Ok(tcsetattr(&self.fd, OptionalActions::Now, &termios)?)
    }

    /// What puts it back from now on.
    pub fn set_farewell(&self, farewell: Vec<u8>) {
        if let Some(saved) = self.back.lock().as_mut() {
            saved.farewell = farewell;
        }
    }

    /// Its size; 80x24 where it does not know.
    pub fn size(&self) -> OuterSize {
        let Ok(size) = tcgetwinsize(&self.fd) else {
            return OuterSize { size: GridSize::default(), cell_w: 0, cell_h: 0 };
        };
        if size.ws_col == 0 || size.ws_row == 0 {
            return OuterSize { size: GridSize::default(), cell_w: 0, cell_h: 0 };
        }
        let (cell_w, cell_h) = (size.ws_xpixel / size.ws_col, size.ws_ypixel / size.ws_row);
        OuterSize { size: GridSize::clamped(size.ws_col, size.ws_row), cell_w, cell_h }
    }

    /// What can be read now; `None` where there is nothing.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn read(&self) -> io::Result<Option<Vec<u8>>> {
        let mut bytes = vec![0; 16 << 10];
        match rustix::io::read(&self.fd, &mut bytes) {
            Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(n) => {
                bytes.truncate(n);
                Ok(Some(bytes))
            }
            Err(Errno::AGAIN | Errno::INTR) => Ok(None),
            Err(e) => Err(e.into()),
        }
    }

    /// Writes what the terminal takes now; returns how much that was.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        match rustix::io::write(&self.fd, bytes) {
            Ok(n) => Ok(n),
            Err(Errno::AGAIN | Errno::INTR) => Ok(0),
            Err(e) => Err(e.into()),
        }
    }

    /// Writes these bytes and puts the terminal back; with a `fence`, that is written too, and what the terminal still
    /// had to say is read until `answered` or until `limit` is over, so that the shell does not get it.
    pub fn leave(&self, rest: &[u8], fence: &[u8], limit: Duration, mut answered: impl FnMut(&[u8]) -> bool) {
        if let Some(saved) = self.back.lock().as_mut() {
            let farewell = [rest, &std::mem::take(&mut saved.farewell), fence].concat();
            write_within(&saved.fd, &farewell, LAST_WRITE);
        }
        let end = Instant::now() + limit;
        while let Some(left) = end.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
            wait(&self.fd, PollFlags::IN, left);
            match self.read() {
                Ok(Some(bytes)) if answered(&bytes) => break,
                Ok(_) => {}
                Err(_) => break,
            }
        }
        self.back.restore();
    }
}

impl Drop for Tty {
    fn drop(&mut self) {
        self.back.restore();
    }
}

impl AsFd for Tty {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

/// A description of the terminal of our own: not to wait on it is a property of the description, and the one that was
/// inherited is shared with the shell.
fn own() -> io::Result<OwnedFd> {
    let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let name = ttyname(io::stdout(), Vec::new());
    let name = name.ok().and_then(|name| name.into_string().ok()).map(PathBuf::from);
    // After `su` the terminal's own name may be somebody else's.
    name.and_then(|name| open(name, flags, Mode::empty()).ok())
        .map_or_else(|| Ok(open("/dev/tty", flags, Mode::empty())?), Ok)
}

fn wait(fd: &OwnedFd, flags: PollFlags, limit: Duration) {
    let limit = Timespec { tv_sec: limit.as_secs() as i64, tv_nsec: i64::from(limit.subsec_nanos()) };
    let _ = poll(&mut [PollFd::new(fd, flags)], Some(&limit));
}

/// Writes as much as the terminal takes within a limit.
fn write_within(fd: &OwnedFd, mut bytes: &[u8], limit: Duration) {
    let end = Instant::now() + limit;
    while !bytes.is_empty() {
        match rustix::io::write(fd, bytes) {
            Ok(n) => bytes = &bytes[n..],
            Err(Errno::AGAIN | Errno::INTR) => {
                let Some(left) = end.checked_duration_since(Instant::now()) else { return };
                wait(fd, PollFlags::OUT, left);
            }
            Err(_) => return,
        }
    }
}

#[cfg(test)]
#[path = "tty_tests.rs"]
mod tests;
