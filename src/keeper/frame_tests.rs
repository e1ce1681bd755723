//! Unit tests of frames on a socket: halves, floods, descriptors that go astray.

use std::io::{Read as _, Write};
use std::os::unix::net::UnixStream;

use super::*;

fn pair() -> (UnixStream, UnixStream) {
    UnixStream::pair().unwrap()
}

fn frame(op: u16, payload: &[u8], fds: Vec<OwnedFd>) -> Frame {
    Frame { op, request: 0x1_0007, payload: payload.to_vec(), fds }
}

fn send(socket: &UnixStream, frame: Frame) {
    let mut out = Outgoing::default();
    out.push(frame);
    out.flush(socket.as_fd(), true).unwrap();
}

fn bad(read: Read) -> String {
    match read {
        Read::Bad { why, .. } => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_frame_arrives_with_its_descriptors() {
    let (near, far) = pair();
    let (mut kept, given) = pair();
    send(&near, frame(3, b"", Vec::new()));
    send(&near, frame(4, b"payload", vec![given.into()]));
    let mut incoming = Incoming::default();
    let Read::Frame(first) = incoming.read(far.as_fd(), false).unwrap() else { panic!("no frame") };
    assert_eq!((first.op, first.request, first.fds.len()), (3, 0x1_0007, 0));
    let Read::Frame(mut second) = incoming.read(far.as_fd(), false).unwrap() else { panic!("no frame") };
    assert_eq!((second.op, &*second.payload), (4, &b"payload"[..]));
    UnixStream::from(second.fds.pop().unwrap()).write_all(b"x").unwrap();
    kept.read_exact(&mut [0]).unwrap();
    assert!(matches!(incoming.read(far.as_fd(), false), Ok(Read::Wait)));
    drop(near);
    assert!(matches!(incoming.read(far.as_fd(), false), Ok(Read::End)));
}

#[test]
fn a_frame_that_comes_byte_by_byte_is_whole_at_its_last() {
    let (mut near, far) = pair();
    let bytes = frame(5, b"ab", Vec::new()).bytes();
    let mut incoming = Incoming::default();
    for byte in &bytes[..bytes.len() - 1] {
        near.write_all(&[*byte]).unwrap();
        assert!(matches!(incoming.read(far.as_fd(), false), Ok(Read::Wait)));
    }
    near.write_all(&bytes[bytes.len() - 1..]).unwrap();
    assert!(matches!(incoming.read(far.as_fd(), false), Ok(Read::Frame(Frame { op: 5, .. }))));
    // Half of one and nothing more.
    near.write_all(&bytes[..bytes.len() - 1]).unwrap();
    drop(near);
    assert!(matches!(incoming.read(far.as_fd(), false), Ok(Read::End)));
}

#[test]
fn what_is_too_long_is_refused_and_the_next_is_read() {
    let (near, far) = pair();
    let sender = std::thread::spawn(move || {
        send(&near, frame(1, &vec![0; MAX_PAYLOAD + 1], Vec::new()));
        send(&near, frame(2, &vec![7; MAX_PAYLOAD], Vec::new()));
    });
    let mut incoming = Incoming::default();
    assert!(bad(incoming.read(far.as_fd(), true).unwrap()).contains("at most"));
    let Read::Frame(next) = incoming.read(far.as_fd(), true).unwrap() else { panic!("no frame") };
    assert_eq!((next.op, next.payload.len()), (2, MAX_PAYLOAD));
    sender.join().unwrap();
}

#[test]
fn descriptors_that_are_not_those_named_are_refused() {
    let (mut near, far) = pair();
    let mut bytes = frame(1, b"", Vec::new()).bytes();
    bytes[6] = 2;
    near.write_all(&bytes).unwrap();
    let mut incoming = Incoming::default();
    assert!(bad(incoming.read(far.as_fd(), false).unwrap()).contains("names 2"));
    // More than a frame may have: the surplus is closed on its way.
    let (one, _other) = pair();
    let fds: Vec<BorrowedFd<'_>> = (0..=MAX_FDS).map(|_| one.as_fd()).collect();
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_FDS + 1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    assert!(control.push(SendAncillaryMessage::ScmRights(&fds)));
    sendmsg(&near, &[IoSlice::new(&bytes)], &mut control, SendFlags::empty()).unwrap();
    bad(incoming.read(far.as_fd(), false).unwrap());
    send(&near, frame(9, b"", Vec::new()));
    assert!(matches!(incoming.read(far.as_fd(), false), Ok(Read::Frame(Frame { op: 9, .. }))));
}
