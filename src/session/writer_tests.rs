//! What goes through the queue arrives, in order, whole, and within limits.

use std::os::fd::OwnedFd;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};

use super::*;
use crate::keeper::pty::ReadOutcome;

/// A terminal that changes nothing, and the other side of it.
pub(in crate::session) fn terminal() -> (Master, Master) {
    let near = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&near).unwrap();
    unlockpt(&near).unwrap();
    let name = ptsname(&near, Vec::new()).unwrap().into_string().unwrap();
    let far: OwnedFd = std::fs::File::options().read(true).write(true).open(name).unwrap().into();
    let mut modes = tcgetattr(&far).unwrap();
    modes.make_raw();
    tcsetattr(&far, OptionalActions::Now, &modes).unwrap();
    (Master::new(near).unwrap(), Master::new(far).unwrap())
}

/// A queue into a terminal, and the other side of that.
fn pair() -> (Queue, Writer, Master) {
    let (near, far) = terminal();
    let (queue, writer) = queue(Arc::new(near), Arc::new(Memory::new().unwrap())).unwrap();
    (queue, writer, far)
}

/// Reads so many bytes.
fn read(far: &Master, length: usize) -> Vec<u8> {
    let (mut got, mut bytes) = (Vec::new(), [0; 4096]);
    while got.len() < length {
        match far.read(&mut bytes).unwrap() {
            ReadOutcome::Bytes(n) => got.extend_from_slice(&bytes[..n]),
            _ => std::thread::yield_now(),
        }
    }
    got
}

#[test]
fn everything_arrives_in_order_whatever_way_it_takes() {
    let (queue, writer, far) = pair();
    let pieces: Vec<Vec<u8>> = (0..3000u32).map(|n| n.to_le_bytes().repeat(n as usize % 150 + 1)).collect();
    let all = pieces.concat();
    let got = std::thread::scope(|scope| {
        scope.spawn(move || writer.run());
        let got = scope.spawn(|| read(&far, all.len()));
        for (n, piece) in pieces.into_iter().enumerate() {
            assert!(if n % 50 == 0 { queue.reply(piece) } else { queue.input(&piece, Note::default()) });
        }
        let got = got.join().unwrap();
        drop(queue);
        got
    });
    assert!(got == all);
}

#[test]
fn what_is_too_long_is_not_written_in_part() {
    let (queue, _writer, far) = pair();
    assert!(!queue.input(&vec![b'x'; MAX_INPUT + 1], Note::default()));
    assert!(!queue.reply(vec![b'x'; MAX_REPLIES + 1]));
    assert_eq!(far.read(&mut [0; 8]).unwrap(), ReadOutcome::Empty);
}

#[test]
fn a_program_that_does_not_read_has_a_limit_and_blocks_nobody() {
    let (queue, writer, far) = pair();
    let thread = std::thread::spawn(move || writer.run());
    let taken = (0..100).take_while(|_| queue.input(&vec![b'x'; 1 << 20], Note::default())).count();
    assert!((10..12).contains(&taken), "{taken} MiB were taken");
    assert!(!queue.input(&vec![b'x'; 1 << 20], Note::default()));
    assert!(queue.reply(vec![b'r'; MAX_REPLIES]) && !queue.reply(vec![b'r']), "replies have room of their own");
    drop(queue);
    thread.join().unwrap();
    drop(far);
}

#[test]
fn what_waits_is_written_by_the_next_host() {
    let (near, far) = terminal();
    let (near, memory) = (Arc::new(near), Arc::new(Memory::new().unwrap()));
    let all: Vec<u8> = (0..300_000u32).flat_map(u32::to_le_bytes).collect();
    let (first, second) = all.split_at(700_000);
    let (before, _writer) = queue(Arc::clone(&near), Arc::clone(&memory)).unwrap();
    assert!(before.input(first, Note::default()));
    // It is killed: nothing of it is dropped, and its writer has not begun.
    let again = Memory::open(memory.fd().try_clone_to_owned().unwrap()).unwrap();
    let (queue, writer) = queue(near, Arc::new(again)).unwrap();
    assert!(queue.written_at().is_none() && queue.input(second, Note::default()));
    let got = std::thread::scope(|scope| {
        scope.spawn(move || writer.run());
        let got = read(&far, all.len());
        while queue.written_at().is_none() {
            std::thread::yield_now();
        }
        drop(queue);
        got
    });
    assert!(got == all);
    assert_eq!(memory.waiting().unwrap(), 0);
}
