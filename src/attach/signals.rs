//! The signals that an attached terminal heeds, as descriptors to wait for.

use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;

use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGTERM, SIGWINCH};
use signal_hook::low_level::pipe;

/// Some signals, of which it is told that one came, and not which.
#[derive(Debug)]
pub(super) struct Signals(UnixStream);

impl Signals {
    /// The terminal has another size, or has been somebody else's while this process was stopped.
    pub fn anew() -> io::Result<Self> {
        Self::of(&[SIGWINCH, SIGCONT])
    }

    /// The process is to end.
    pub fn end() -> io::Result<Self> {
        Self::of(&[SIGTERM, SIGINT, SIGHUP])
    }

    fn of(signals: &[i32]) -> io::Result<Self> {
        let (near, far) = UnixStream::pair()?;
        near.set_nonblocking(true)?;
        for signal in signals {
            pipe::register(*signal, far.try_clone()?)?;
        }
        Ok(Self(near))
    }

    /// Whether one came since it was last asked.
    pub fn take(&mut self) -> bool {
        let mut bytes = [0; 64];
        let mut came = false;
        while matches!(self.0.read(&mut bytes), Ok(n) if n > 0) {
            came = true;
        }
        came
    }
}

impl AsFd for Signals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
