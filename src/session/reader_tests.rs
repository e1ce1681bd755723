//! The reader's thread on a socket, which takes about as little at a time as a terminal does.

use std::io::Write;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use crossbeam_channel::bounded;

use super::*;
use crate::session::brake::Brake;
use crate::session::memory::{Memory, ends};

/// Reads so much that comes without a pause, and returns the lengths of the pieces that the core was sent.
fn lengths(bytes: usize, brake: &Arc<Brake>) -> Vec<usize> {
    let (near, mut far) = UnixStream::pair().unwrap();
    let (inlet, mut outlet) = ends(Arc::new(Memory::new().unwrap()));
    let (output, slices) = bounded(1);
    let signals = Arc::new(Signals::new().unwrap());
    let master = Arc::new(Master::new(near.into()).unwrap());
    let reader = Reader::new(master, inlet, output, Arc::clone(&signals), brake.join());
    let mut lengths = Vec::new();
    thread::scope(|scope| {
        scope.spawn(move || reader.run());
        scope.spawn(move || far.write_all(&vec![b'x'; bytes]).unwrap());
        for output in slices {
            if let Output::Chunk(chunk) = output {
                lengths.push(chunk.length);
                outlet.release(chunk);
                signals.released();
            }
        }
    });
    assert_eq!(lengths.iter().sum::<usize>(), bytes);
    lengths
}

#[test]
fn a_flood_is_read_in_sips_while_another_session_is_typed_into() {
    // A time to come: typing goes on for as long as the test takes.
    let later = Instant::now() + Duration::from_secs(3600);
    let brake = Arc::new(Brake::new(2));
    brake.join().typed(later);
    let pieces = lengths(300 << 10, &brake);
    let mut before = 0;
    let sips = pieces.iter().filter(|length| {
        before += **length;
        before > 2 * SLICE + **length
    });
    let sips: Vec<_> = sips.copied().collect();
    assert!(sips.len() > 50 && sips.iter().all(|length| *length <= SIP), "{pieces:?}");
    assert!(lengths(300 << 10, &Arc::new(Brake::new(2))).iter().any(|length| *length > SIP));
}
