//! Frames on a socket, with descriptors: a header of 12 bytes {u32 length of the payload, u16 operation, u16 number of
//! descriptors, u32 request}, little-endian, then the payload. The descriptors come with the header (SCM_RIGHTS, unix(7)),
//! which is read by itself: so it is certain whose they are.

use std::collections::VecDeque;
use std::io::{IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::io::Errno;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, recvmsg, sendmsg,
};

/// Longest payload, in bytes: an environment may be large.
pub const MAX_PAYLOAD: usize = 1 << 20;
/// Most descriptors of a frame.
pub const MAX_FDS: usize = 8;
const HEADER: usize = 12;
/// Bytes of a payload that are read at once: no more memory is taken than bytes have come.
const CHUNK: usize = 64 << 10;

/// One frame.
#[derive(Debug)]
pub struct Frame {
    pub op: u16,
    /// What a reply answers; 0 for an event.
    pub request: u32,
    pub payload: Vec<u8>,
    pub fds: Vec<OwnedFd>,
}

impl Frame {
    /// The bytes that travel.
    pub fn bytes(&self) -> Vec<u8> {
        let length = u32::try_from(self.payload.len()).unwrap_or(u32::MAX);
        let fds = u16::try_from(self.fds.len()).unwrap_or(u16::MAX);
        let mut bytes = Vec::with_capacity(HEADER + self.payload.len());
        bytes.extend(length.to_le_bytes());
        bytes.extend(self.op.to_le_bytes());
        bytes.extend(fds.to_le_bytes());
        bytes.extend(self.request.to_le_bytes());
        bytes.extend_from_slice(&self.payload);
        bytes
    }
}

/// What was read.
#[derive(Debug)]
pub(super) enum Read {
    Frame(Frame),
    /// A frame that cannot be used, and why. The next one can be.
    Bad {
        request: u32,
        why: String,
    },
    /// There is no more now.
    Wait,
    /// The other side is gone.
    End,
}

/// Reads frames.
#[derive(Debug, Default)]
pub(super) struct Incoming {
    header: Vec<u8>,
    payload: Vec<u8>,
    fds: Vec<OwnedFd>,
    /// Bytes of a payload that is too long and were dropped.
    dropped: usize,
    /// Descriptors were lost on their way: this process has no room for them.
    lost: bool,
}

impl Incoming {
    /// Whether no part of a frame has come.
    pub(super) fn is_empty(&self) -> bool {
        self.header.is_empty()
    }

    /// Reads on. With `wait`, until there is a frame or the end.
    ///
    /// # Errors
    /// The socket's.
    pub(super) fn read(&mut self, socket: BorrowedFd<'_>, wait: bool) -> rustix::io::Result<Read> {
        loop {
            let Some(length) = self.length() else {
                let mut header = [0; HEADER];
                let missing = HEADER - self.header.len();
                match self.receive(socket, header.get_mut(..missing).unwrap_or_default(), wait)? {
                    Got::Bytes(n) => self.header.extend_from_slice(header.get(..n).unwrap_or_default()),
                    Got::Nothing => return Ok(Read::Wait),
                    Got::End => return Ok(Read::End),
                }
                continue;
            };
            let missing = length - self.payload.len() - self.dropped;
            if missing == 0 {
                return Ok(self.take(length));
            }
            let mut chunk = vec![0; missing.min(CHUNK)];
            match self.receive(socket, &mut chunk, wait)? {
                Got::Bytes(n) if length > MAX_PAYLOAD => self.dropped += n,
                Got::Bytes(n) => self.payload.extend_from_slice(chunk.get(..n).unwrap_or_default()),
                Got::Nothing => return Ok(Read::Wait),
                Got::End => return Ok(Read::End),
            }
        }
    }

    /// The length of the payload, once the header is there.
    fn length(&self) -> Option<usize> {
        let (length, _) = self.header.split_first_chunk::<4>().filter(|_| self.header.len() == HEADER)?;
        Some(u32::from_le_bytes(*length) as usize)
    }

    fn take(&mut self, length: usize) -> Read {
        let Self { header, payload, fds, lost, .. } = std::mem::take(self);
        let number = |at: usize| u16::from_le_bytes([at, at + 1].map(|at| header.get(at).copied().unwrap_or_default()));
        let (op, expected) = (number(4), usize::from(number(6)));
        let request = u32::from(number(8)) | u32::from(number(10)) << 16;
        let bad = |why| Read::Bad { request, why };
        if length > MAX_PAYLOAD {
            return bad(format!("a payload of {length} bytes: {MAX_PAYLOAD} at most"));
        }
        if lost {
            return bad(format!("the descriptors of operation {op} found no room: too many files are open"));
        }
        if fds.len() != expected {
            return bad(format!("operation {op} came with {} descriptors and names {expected}", fds.len()));
        }
        Read::Frame(Frame { op, request, payload, fds })
    }

    fn receive(&mut self, socket: BorrowedFd<'_>, into: &mut [u8], wait: bool) -> rustix::io::Result<Got> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_FDS))];
        let mut flags = close_on_exec();
        if !wait {
            flags |= RecvFlags::DONTWAIT;
        }
        let got = loop {
            let mut control = RecvAncillaryBuffer::new(&mut space);
            match recvmsg(socket, &mut [IoSliceMut::new(into)], &mut control, flags) {
                Err(Errno::INTR) => continue,
                Err(Errno::AGAIN) => return Ok(Got::Nothing),
                Err(Errno::CONNRESET) => return Ok(Got::End),
                Err(e) => return Err(e),
                Ok(got) => {
                    for message in control.drain() {
                        if let RecvAncillaryMessage::ScmRights(fds) = message {
                            self.fds.extend(fds);
                        }
                    }
                    break got;
                }
            }
        };
        self.lost |= got.flags.contains(ReturnFlags::CTRUNC);
        Ok(if got.bytes == 0 { Got::End } else { Got::Bytes(got.bytes) })
    }
}

enum Got {
    Bytes(usize),
    Nothing,
    End,
}

#[cfg(target_os = "linux")]
fn close_on_exec() -> RecvFlags {
    RecvFlags::CMSG_CLOEXEC
}

/// Without it a program that is started at this very moment could inherit a descriptor; `exec-child` closes them all.
#[cfg(not(target_os = "linux"))]
fn close_on_exec() -> RecvFlags {
    RecvFlags::empty()
}

/// Frames on their way out.
#[derive(Debug, Default)]
pub(super) struct Outgoing(VecDeque<Pending>);

#[derive(Debug)]
struct Pending {
    bytes: Vec<u8>,
    sent: usize,
    fds: Vec<OwnedFd>,
}

impl Outgoing {
    pub(super) fn push(&mut self, frame: Frame) {
        self.0.push_back(Pending { bytes: frame.bytes(), sent: 0, fds: frame.fds });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Frames that were not sent, or not to their end.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Sends what there is. With `wait`, all of it; else as much as the socket takes.
    ///
    /// # Errors
    /// The socket's.
    pub(super) fn flush(&mut self, socket: BorrowedFd<'_>, wait: bool) -> rustix::io::Result<()> {
        let flags = SendFlags::NOSIGNAL | if wait { SendFlags::empty() } else { SendFlags::DONTWAIT };
        while let Some(first) = self.0.front_mut() {
            let rest = first.bytes.get(first.sent..).unwrap_or_default();
            let fds: Vec<BorrowedFd<'_>> = first.fds.iter().map(AsFd::as_fd).collect();
            let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_FDS))];
            let mut control = SendAncillaryBuffer::new(&mut space);
            if !fds.is_empty() && !control.push(SendAncillaryMessage::ScmRights(&fds)) {
                // More than fit: the other side would refuse the frame too.
                return Err(Errno::INVAL);
            }
            match sendmsg(socket, &[IoSlice::new(rest)], &mut control, flags) {
                Ok(n) => {
                    first.sent += n;
                    // They went with the first bytes.
                    first.fds.clear();
                    if first.sent >= first.bytes.len() {
                        self.0.pop_front();
                    }
                }
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return Ok(()),
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "frame_tests.rs"]
mod tests;
