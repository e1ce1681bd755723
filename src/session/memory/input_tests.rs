//! Input arrives once and in order, whenever the host is killed.

use std::io::{Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustix::io::{FdFlags, fcntl_setfd};

use super::*;
use crate::base::random::{Random, seeds};
use crate::keeper::pty::ReadOutcome;
use crate::session::writer::tests::terminal;

/// As the next host opens it.
fn again(memory: &Memory) -> Memory {
    Memory::open(memory.fd().try_clone_to_owned().unwrap()).unwrap()
}

fn read_some(far: &Master, into: &mut Vec<u8>) {
    let mut bytes = [0; 4096];
    while let ReadOutcome::Bytes(n) = far.read(&mut bytes).unwrap() {
        into.extend_from_slice(&bytes[..n]);
    }
}

/// The byte at this place of a stream in which no stretch is like another one.
fn byte(at: u64) -> u8 {
    (at.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as u8
}

fn bytes(from: u64, length: u64) -> Vec<u8> {
    (from..from + length).map(byte).collect()
}

#[test]
fn a_memory_of_an_older_build_has_no_input() {
    let memory = Memory::new().unwrap();
    assert_eq!(memory.waiting().unwrap(), 0);
    assert_eq!(memory.taken(), (Receipts::default(), false));
}

#[test]
fn input_and_what_is_known_of_it_survive_around_the_ring() {
    let (near, far) = terminal();
    for seed in seeds(3) {
        let mut random = Random::new(seed);
        let (mut memory, mut taken, mut got) = (Memory::new().unwrap(), 0, Vec::new());
        let (mut receipts, mut owed) = (Receipts::default(), false);
        for sequence in 1.. {
            let most = random.pick(&[1, 10, 5000, 2 << 20]);
            let length = random.below(most) as u64;
            let client = u128::from(random.word() % 40) << 60;
            let note = Note {
                receipt: random.pick(&[None, Some(Receipt { client, sequence })]),
                enter_owed: random.pick(&[None, None, Some(true), Some(false)]),
            };
            memory.take(&bytes(taken, length), note).unwrap();
            taken += length;
            note.receipt.into_iter().for_each(|receipt| receipts.note(receipt));
            owed = note.enter_owed.unwrap_or(owed);
            if random.below(3) == 0 {
                memory = again(&memory);
            }
            assert_eq!(memory.taken(), (receipts.clone(), owed), "seed {seed}");
            // Some of it waits from turn to turn.
            let rest = random.below(5000) as u64;
            while memory.waiting().unwrap() > rest {
                memory.hand_over(&near, random.pick(&[1, 100, 1 << 20])).unwrap();
                read_some(&far, &mut got);
            }
            assert_eq!(got.len() as u64, taken - memory.waiting().unwrap(), "seed {seed}, {sequence}");
            if taken > 2 * INPUT + 5000 {
                break;
            }
        }
        while memory.waiting().unwrap() > 0 {
            memory.hand_over(&near, INPUT).unwrap();
            read_some(&far, &mut got);
        }
        assert!(got == bytes(0, taken), "seed {seed}: {} of {taken} bytes", got.len());
        let used = rustix::fs::fstat(memory.fd()).unwrap().st_blocks * 512;
        assert!(used < 200 << 10, "{used} bytes are used");
    }
}

#[test]
fn what_is_copied_is_written_down_first() {
    let (near, far) = terminal();
    let (memory, mut got) = (Memory::new().unwrap(), Vec::new());
    let all = bytes(0, 100_000);
    memory.take(&all, Note::default()).unwrap();
    while memory.waiting().unwrap() > 0 {
        let place = Memory::place(memory.position().unwrap());
        // What has no room is not taken for handed over.
        let before = memory.waiting().unwrap();
        let sent = memory.copy(&near, place, before).unwrap();
        assert_eq!(memory.waiting().unwrap(), before - sent);
        if sent == 0 {
            read_some(&far, &mut got);
        }
    }
    read_some(&far, &mut got);
    assert!(got == all);
}

/// Told to the process that is to be killed: the descriptors of the memory and of the terminal, and where it begins.
const VICTIM: &str = "SYNK_TEST_VICTIM";

/// Not a test by itself: what is killed in the next one. Takes and hands over without end.
#[test]
fn victim() {
    let Ok(descriptors) = std::env::var(VICTIM) else { return };
    let numbers: Vec<i32> = descriptors.split(' ').map(|n| n.parse().unwrap()).collect();
    // SAFETY: the test that starts this process leaves it these two for itself.
    let [memory, near] = [numbers[0], numbers[1]].map(|fd| unsafe { OwnedFd::from_raw_fd(fd) });
    let (memory, near) = (Memory::open(memory).unwrap(), Master::new(near).unwrap());
    std::io::stdout().write_all(b"\n#").unwrap();
    std::io::stdout().flush().unwrap();
    let client = 7;
    for round in 0u64.. {
        let sequence = memory.taken().0.upto(client) + 1;
        // The sequence says which bytes it is: from the sum of all lengths before it.
        let receipt = Some(Receipt { client, sequence });
        if memory.waiting().unwrap() < 1 << 16 {
            memory.take(&bytes(start_of(sequence), length_of(sequence)), Note { receipt, enter_owed: None }).unwrap();
        }
        memory.hand_over(&near, 1 + round * 37 % 3000).unwrap();
    }
}

const LENGTHS: [u64; 4] = [1, 900, 3, 4096];

fn length_of(sequence: u64) -> u64 {
    LENGTHS[(sequence % 4) as usize]
}

fn start_of(sequence: u64) -> u64 {
    let whole: u64 = LENGTHS.iter().sum();
    (sequence / 4) * whole + LENGTHS[..(sequence % 4) as usize].iter().sum::<u64>() - LENGTHS[0]
}

/// Kills a process while it writes, again and again: what comes out at the other end is the stream, without a byte too
/// many or too few. On Linux; elsewhere what was on its way may be missing.
#[test]
#[cfg(target_os = "linux")]
fn a_writer_that_is_killed_loses_nothing_and_doubles_nothing() {
    let (near, far) = terminal();
    let (memory, mut random) = (Memory::new().unwrap(), Random::new(1));
    for fd in [memory.fd(), near.as_fd()] {
        fcntl_setfd(fd, FdFlags::empty()).unwrap();
    }
    let (far, ended) = (Arc::new(far), Arc::new(AtomicBool::new(false)));
    let reader = {
        let (far, ended) = (Arc::clone(&far), Arc::clone(&ended));
        std::thread::spawn(move || {
            let (mut at, mut got) = (0, Vec::new());
            loop {
                let last = ended.load(Ordering::SeqCst);
                got.clear();
                read_some(&far, &mut got);
                assert!(got == bytes(at, got.len() as u64), "behind byte {at}");
                at += got.len() as u64;
                if last && got.is_empty() {
                    return at;
                }
                std::thread::yield_now();
            }
        })
    };
    let name = module_path!().split_once("::").unwrap().1;
    let kills = seeds(300);
    for _ in kills.clone() {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", &format!("{name}::victim"), "--nocapture", "--test-threads=1"])
            .env(VICTIM, format!("{} {}", memory.fd().as_raw_fd(), near.as_fd().as_raw_fd()))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut out = child.stdout.take().unwrap();
        let begun = std::iter::from_fn(|| {
            let mut byte = [0];
            out.read_exact(&mut byte).ok().map(|()| byte[0])
        });
        assert!(begun.into_iter().any(|byte| byte == b'#'), "it has begun");
        // A random time is what is tried here, not what is waited for.
        std::thread::sleep(Duration::from_micros(random.below(1500) as u64));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!reader.is_finished(), "something else arrived than was taken");
    }
    let last = memory.taken().0.upto(7);
    while memory.waiting().unwrap() > 0 {
        memory.hand_over(&near, INPUT).unwrap();
        assert!(!reader.is_finished(), "something else arrived than was taken");
    }
    ended.store(true, Ordering::SeqCst);
    let arrived = reader.join().unwrap();
    assert_eq!(arrived, start_of(last + 1), "up to receipt {last}");
    assert!(last > kills.end, "{last} pieces were taken");
}
