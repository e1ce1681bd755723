//! Passing on what comes for as long as somebody takes it.

use std::io;
use std::os::fd::AsFd;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;

/// Waits until `from` has something, or its end; false when whoever reads `to` has gone.
pub fn wait(from: &impl AsFd, to: &impl AsFd) -> io::Result<bool> {
    loop {
        let mut fds = [PollFd::new(from, PollFlags::IN), PollFd::new(to, PollFlags::empty())];
        match poll(&mut fds, None) {
            Ok(_) => {}
            Err(Errno::INTR) => continue,
            Err(e) => return Err(e.into()),
        }
        // A pipe says the first of them, a socket whose other end is closed, and not only to one side, the second.
        if fds[1].revents().intersects(PollFlags::ERR | PollFlags::HUP | PollFlags::NVAL) {
            return Ok(false);
        }
        if !fds[0].revents().is_empty() {
            return Ok(true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::net::Shutdown;
    use std::os::unix::net::UnixStream;

    #[test]
    fn a_reader_that_has_gone_is_noticed_though_nothing_happens() {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        let (pipe_reader, pipe) = io::pipe().unwrap();
        let (socket_reader, socket) = UnixStream::pair().unwrap();
        // One that only has no more to say still reads.
        socket_reader.shutdown(Shutdown::Write).unwrap();
        theirs.write_all(b"x").unwrap();
        assert!(wait(&ours, &pipe).unwrap() && wait(&ours, &socket).unwrap());
        drop((pipe_reader, socket_reader));
        assert!(!wait(&ours, &pipe).unwrap());
        assert!(!wait(&ours, &socket).unwrap());
    }
}
