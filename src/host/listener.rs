//! The thread that takes connections.

use std::io;
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::Arc;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::geteuid;

use super::runtime::Host;

/// How long to look at no connection while there is no descriptor for one: what cannot be taken is reported again and
/// again, and would be all that this process does.
const OUT_OF_DESCRIPTORS: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };

/// Takes connections until the other end of `stop` is closed.
pub(super) fn run(listener: &UnixListener, stop: &UnixStream, host: &Arc<Host>) {
    if let Err(e) = listener.set_nonblocking(true) {
        log::error!("the listener cannot be set up: {e}");
        return;
    }
    let mut spare = spare();
    let mut refusing = false;
    loop {
        let mut fds = [PollFd::new(listener, PollFlags::IN), PollFd::new(stop, PollFlags::IN)];
        match poll(&mut fds, None) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(e) => {
                log::error!("waiting for connections failed: {e}");
                return;
            }
        }
        if !fds[1].revents().is_empty() {
            return;
        }
        match listener.accept() {
            Ok((socket, _)) => {
                refusing = false;
                take(socket, host);
            }
            Err(e) if matches!(e.raw_os_error(), Some(code) if out_of_descriptors(code)) => {
                // With none left the connection could not even be refused, and would be reported for ever.
                if !std::mem::replace(&mut refusing, true) {
                    log::warn!("connections are refused: no descriptor is left");
                }
                drop(spare.take());
                drop(listener.accept());
                spare = self::spare();
                if stopped_within(stop, OUT_OF_DESCRIPTORS) {
                    return;
                }
            }
            Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {}
            Err(e) => log::warn!("a connection could not be taken: {e}"),
        }
    }
}

/// Waits, and says whether that is because the other end of `stop` was closed.
fn stopped_within(stop: &UnixStream, limit: Timespec) -> bool {
    poll(&mut [PollFd::new(stop, PollFlags::IN)], Some(&limit)).is_ok_and(|ready| ready > 0)
}

/// A descriptor to give up when there is no other.
fn spare() -> Option<std::fs::File> {
    std::fs::File::open("/dev/null").ok()
}

fn out_of_descriptors(code: i32) -> bool {
    use rustix::io::Errno;
    [Errno::MFILE, Errno::NFILE].iter().any(|errno| errno.raw_os_error() == code)
}

fn take(socket: UnixStream, host: &Arc<Host>) {
    if !is_ours(&socket) {
        log::warn!("a connection of another user is refused");
        return;
    }
    if let Err(e) = socket.set_nonblocking(false).and_then(|()| host.connect(socket)) {
        log::warn!("a connection is refused: {e}");
    }
}

/// Whether the peer is the same user. Where the system does not tell, the directory's mode has to do.
#[cfg(target_os = "linux")]
fn is_ours(socket: &UnixStream) -> bool {
    rustix::net::sockopt::socket_peercred(socket).is_ok_and(|peer| peer.uid == geteuid())
}

#[cfg(not(target_os = "linux"))]
fn is_ours(_: &UnixStream) -> bool {
    true
}
