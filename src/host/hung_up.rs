//! Whether anybody is left at the other end of a connection. A client that will write no more may still read; one that
//! closed both directions, or is gone, does neither.

use std::os::unix::net::UnixStream;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

/// Whether both directions are closed, whoever closed them.
pub(super) fn now(socket: &UnixStream) -> bool {
    look(socket, Some(&Timespec { tv_sec: 0, tv_nsec: 0 }))
}

/// Waits until both directions are closed, whoever closes them.
pub(super) fn wait(socket: &UnixStream) {
    while !look(socket, None) {}
}

fn look(socket: &UnixStream, time: Option<&Timespec>) -> bool {
    // Nothing is asked for: the end is told all the same.
    match poll(&mut [PollFd::new(socket, PollFlags::empty())], time) {
        Ok(ready) => ready > 0,
        Err(Errno::INTR) => false,
        // There is nothing left to wait for.
        Err(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use std::net::Shutdown;

    use super::*;

    #[test]
    fn a_client_that_writes_no_more_is_still_there() {
        let (ours, theirs) = UnixStream::pair().unwrap();
        assert!(!now(&ours));
        theirs.shutdown(Shutdown::Write).unwrap();
        assert!(!now(&ours));
        drop(theirs);
        assert!(now(&ours));
        wait(&ours);
    }
}
