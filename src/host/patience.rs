//! Reading from a connection that may be silent for ever between messages, but not within one.

use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

/// A connection as its reading thread reads it.
#[derive(Debug)]
pub(super) struct Patient {
    socket: UnixStream,
    limit: Duration,
    /// When the message that has begun has to be complete.
    until: Option<Instant>,
    /// The socket has a time limit set.
    limited: bool,
}

impl Patient {
    /// A connection whose messages come within this time, once they have begun to come.
    pub(super) fn new(socket: UnixStream, limit: Duration) -> BufReader<Self> {
        BufReader::new(Self { socket, limit, until: None, limited: false })
    }

    fn set_timeout(&mut self, left: Option<Duration>) -> io::Result<()> {
        if left.is_some() || self.limited {
            self.socket.set_read_timeout(left)?;
            self.limited = left.is_some();
        }
        Ok(())
    }
}

impl Read for Patient {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let late = || io::Error::new(io::ErrorKind::TimedOut, "the rest of a message did not come in time");
        let left = self.until.map(|until| until.saturating_duration_since(Instant::now()));
        if left.is_some_and(|left| left.is_zero()) {
            return Err(late());
        }
        self.set_timeout(left)?;
        match self.socket.read(bytes) {
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => Err(late()),
            other => other,
        }
    }
}

/// Waits until a message begins; it has to be complete in time from then on. False at the end of the connection.
///
/// # Errors
/// The socket's.
pub(super) fn begin(reader: &mut BufReader<Patient>) -> io::Result<bool> {
    reader.get_mut().until = None;
    loop {
        match reader.fill_buf() {
            Ok([]) => return Ok(false),
            Ok(_) => break,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    let patient = reader.get_mut();
    patient.until = Some(Instant::now() + patient.limit);
    Ok(true)
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::thread;

    use super::*;
    use crate::protocol::line::read_line;

    #[test]
    fn silence_between_messages_is_fine_and_half_a_message_is_not() {
        let (near, mut far) = UnixStream::pair().unwrap();
        let limit = Duration::from_millis(20);
        let mut reader = Patient::new(near, limit);
        let waiting = thread::spawn(move || {
            assert!(begin(&mut reader).unwrap());
            let first = read_line(&mut reader).unwrap();
            assert!(begin(&mut reader).unwrap());
            (first, read_line(&mut reader).unwrap_err().kind())
        });
        // Longer than a message may take; nothing has begun.
        thread::sleep(limit * 2);
        far.write_all(b"whole\nhalf").unwrap();
        assert_eq!(waiting.join().unwrap(), (Some("whole".into()), io::ErrorKind::TimedOut));
    }
}
