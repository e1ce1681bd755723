//! The master side of a PTY: plain reads, writes and sizes through rustix. It never blocks: whoever uses it waits with
//! `poll`.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::process::Pid;
use rustix::termios::{Winsize, tcgetpgrp, tcsetwinsize};

/// What TIOCSWINSZ tells a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WindowSize {
    pub cols: u16,
    pub lines: u16,
    /// Size of a cell in pixels; 0 where nobody knows.
    pub cell_w: u16,
    pub cell_h: u16,
}

impl WindowSize {
    pub(super) fn pixels(self) -> (u16, u16) {
        (self.cols.saturating_mul(self.cell_w), self.lines.saturating_mul(self.cell_h))
    }
}

/// The master side, in non-blocking mode. Its descriptor is closed with it, which hangs up on the program.
#[derive(Debug)]
pub struct Master {
    fd: OwnedFd,
}

/// What a read of the master found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadOutcome {
    /// So many bytes.
    Bytes(usize),
    /// Nothing yet.
    Empty,
    /// No program holds the other side any more and everything was read.
    End,
}

impl Master {
    /// Takes the master over and makes it non-blocking.
    ///
    /// # Errors
    /// The system's.
    pub fn new(fd: OwnedFd) -> io::Result<Self> {
        rustix::io::ioctl_fionbio(&fd, true)?;
        Ok(Self { fd })
    }

    /// Reads what is there, at most as much as fits.
    ///
    /// # Errors
    /// None that a terminal is known to give: EIO is the end of a PTY on Linux, 0 bytes are on others, and a line that
    /// was unplugged has no device any more.
    pub fn read(&self, into: &mut [u8]) -> io::Result<ReadOutcome> {
        use rustix::io::Errno;
        loop {
            return match rustix::io::read(&self.fd, &mut *into) {
                Ok(0) | Err(Errno::IO | Errno::NODEV | Errno::NXIO) => Ok(ReadOutcome::End),
                Ok(n) => Ok(ReadOutcome::Bytes(n)),
                Err(Errno::AGAIN) => Ok(ReadOutcome::Empty),
                Err(Errno::INTR) => continue,
                Err(e) => Err(e.into()),
            };
        }
    }

    /// Writes as much as the line takes; 0 means to wait until it is writable.
    ///
    /// # Errors
    /// EIO when the program is gone.
    pub fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        use rustix::io::Errno;
        loop {
            return match rustix::io::write(&self.fd, bytes) {
                Err(Errno::AGAIN) => Ok(0),
                Err(Errno::INTR) => continue,
                other => Ok(other?),
            };
        }
    }

    /// Sets the size; the foreground process group gets SIGWINCH if it is another than before.
    ///
    /// # Errors
    /// The system's.
    pub fn resize(&self, size: WindowSize) -> io::Result<()> {
        let (ws_xpixel, ws_ypixel) = size.pixels();
        Ok(tcsetwinsize(&self.fd, Winsize { ws_row: size.lines, ws_col: size.cols, ws_xpixel, ws_ypixel })?)
    }

    /// The process group in the foreground, while there is one.
    pub fn foreground(&self) -> Option<Pid> {
        tcgetpgrp(&self.fd).ok()
    }
}

impl AsFd for Master {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}
