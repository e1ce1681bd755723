//! Who is at the other end of a socket of this machine: what the system tells of whoever connected, or of whoever listened
//! when this end connected (unix(7), SO_PEERCRED). Systems that do not tell leave it to the mode of the socket's directory.

use std::os::unix::net::UnixStream;

use rustix::process::Pid;

/// Whether it is the same user.
pub fn is_ours(socket: &UnixStream) -> bool {
    #[cfg(target_os = "linux")]
    return linux::credentials(socket).is_some_and(|peer| peer.uid == rustix::process::geteuid().as_raw());
    #[cfg(not(target_os = "linux"))]
    {
        let _ = socket;
        true
    }
}

/// The process. None also for one that cannot be seen from this PID namespace.
pub fn process(socket: &UnixStream) -> Option<Pid> {
    #[cfg(target_os = "linux")]
    return linux::credentials(socket).and_then(|peer| Pid::from_raw(peer.pid));
    #[cfg(not(target_os = "linux"))]
    {
        let _ = socket;
        None
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::mem::{MaybeUninit, size_of};
    use std::os::fd::AsRawFd;
    use std::os::unix::net::UnixStream;

    /// rustix's own call takes it that there is no process 0, which stands for one of another PID namespace.
    pub(super) fn credentials(socket: &UnixStream) -> Option<libc::ucred> {
        let mut peer = MaybeUninit::<libc::ucred>::uninit();
        let mut length = size_of::<libc::ucred>() as libc::socklen_t;
        // SAFETY: the system writes at most so many bytes there, and all of them where it says that it succeeded and
        // wrote so many.
        let told = unsafe {
            let to = peer.as_mut_ptr().cast();
            libc::getsockopt(socket.as_raw_fd(), libc::SOL_SOCKET, libc::SO_PEERCRED, to, &raw mut length)
        };
        // SAFETY: as above.
        (told == 0 && length as usize == size_of::<libc::ucred>()).then(|| unsafe { peer.assume_init() })
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_other_end_of_a_pair_is_this_process() {
        let (one, _other) = UnixStream::pair().unwrap();
        assert!(is_ours(&one));
        assert_eq!(process(&one), Some(rustix::process::getpid()));
    }
}
