//! Reading from a connection that may be silent for ever between messages, but not within one.

use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use crate::protocol::limits::WHOLE_MESSAGE;

/// A connection as its reading thread reads it.
#[derive(Debug)]
pub(super) struct Patient {
    socket: UnixStream,
    /// How long nothing may come of a message.
    limit: Duration,
    /// When a message began to come.
    begun: Option<Instant>,
    /// The socket has a time limit set.
    limited: bool,
}

impl Patient {
    /// A connection whose messages, once they have begun to come, do not pause for so long, and come within
    /// [`WHOLE_MESSAGE`].
    pub(super) fn new(socket: UnixStream, limit: Duration) -> BufReader<Self> {
        BufReader::new(Self { socket, limit, begun: None, limited: false })
    }

    /// How long the next of a message may take; zero when it is too late for more.
    fn left(&self, now: Instant) -> Option<Duration> {
        let whole = |begun: Instant| (begun + WHOLE_MESSAGE).saturating_duration_since(now);
        self.begun.map(|begun| whole(begun).min(self.limit))
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
        let left = self.left(Instant::now());
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

/// Waits until a message begins; the rest of it has to come in time from then on. False at the end of the connection.
///
/// # Errors
/// The socket's.
pub(super) fn begin(reader: &mut BufReader<Patient>) -> io::Result<bool> {
    reader.get_mut().begun = None;
    loop {
        match reader.fill_buf() {
            Ok([]) => return Ok(false),
            Ok(_) => break,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    reader.get_mut().begun = Some(Instant::now());
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

    #[test]
    fn a_message_that_goes_on_has_time_and_not_for_ever() {
        let limit = Duration::from_secs(10);
        let mut reader = Patient::new(UnixStream::pair().unwrap().0, limit);
        let patient = reader.get_mut();
        let begun = Instant::now();
        assert_eq!(patient.left(begun), None);
        patient.begun = Some(begun);
        let left = |seconds| patient.left(begun + Duration::from_secs(seconds)).unwrap().as_secs();
        assert_eq!([0, 15, 110, 115, 120, 500].map(left), [10, 10, 10, 5, 0, 0]);
    }
}
