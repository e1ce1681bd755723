//! Wakes a thread that waits in `poll`.

use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;

/// A socket pair to itself; portable, and its descriptors are not inherited.
#[derive(Debug)]
pub struct Wake {
    near: UnixStream,
    far: UnixStream,
}

impl Wake {
    pub fn new() -> io::Result<Self> {
        let (near, far) = UnixStream::pair()?;
        near.set_nonblocking(true)?;
        far.set_nonblocking(true)?;
        Ok(Self { near, far })
    }

    /// Wakes the waiting thread, now or as soon as it waits.
    pub fn wake(&self) {
        // A full socket is awake already.
        let _ = (&self.near).write(&[1]);
    }

    /// Forgets the wakes so far.
    pub fn clear(&self) {
        let mut bytes = [0; 64];
        while matches!((&self.far).read(&mut bytes), Ok(n) if n == bytes.len()) {}
    }
}

impl AsFd for Wake {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.far.as_fd()
    }
}
