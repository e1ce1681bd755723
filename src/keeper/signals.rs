//! The signals that the keeper heeds, as something that `poll` waits for.

use std::io::{self, Read as _};
use std::mem::MaybeUninit;
use std::os::unix::net::UnixStream;

use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGTERM, SIGUSR1};
use signal_hook::low_level::pipe;

/// What ends the keeper.
const ENDING: [i32; 3] = [SIGTERM, SIGINT, SIGHUP];

/// Signals as something to wait for.
pub(super) struct Signals {
    /// A child has ended.
    pub(super) child: UnixStream,
    /// The keeper is to end.
    pub(super) end: UnixStream,
    /// A client says that the daemon does not answer.
    pub(super) doubt: UnixStream,
}

/// The end of what [`Signals::hold`] began, here or before exec.
pub(super) struct Held;

impl Drop for Held {
    fn drop(&mut self) {
        mask(libc::SIG_UNBLOCK);
    }
}

fn mask(how: libc::c_int) {
    let mut set = MaybeUninit::uninit();
    // SAFETY: the set is made by the first call and then only added to; the last one reads it.
    unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        for signal in ENDING.into_iter().chain([SIGUSR1]) {
            libc::sigaddset(set.as_mut_ptr(), signal);
        }
        libc::pthread_sigmask(how, set.as_ptr(), std::ptr::null_mut());
    }
}

impl Signals {
    pub(super) fn new() -> io::Result<Self> {
        let pipe = |signals: &[i32]| -> io::Result<UnixStream> {
            let (near, far) = UnixStream::pair()?;
            near.set_nonblocking(true)?;
            signals.iter().try_for_each(|signal| pipe::register(*signal, far.try_clone()?).map(drop))?;
            Ok(near)
        };
        Ok(Self { child: pipe(&[SIGCHLD])?, end: pipe(&ENDING)?, doubt: pipe(&[SIGUSR1])? })
    }

    /// Whether the keeper was told to end and has not seen it yet.
    pub(super) fn any_told(&self) -> bool {
        rustix::io::ioctl_fionread(&self.end).is_ok_and(|bytes| bytes > 0)
    }

    /// Holds back the signals that the keeper heeds, but for the ends of children, until the value is dropped, also through
    /// exec: a program that has no handler yet would die of them.
    pub(super) fn hold() -> Held {
        mask(libc::SIG_BLOCK);
        Held
    }

    /// Whether there was one since the last time.
    pub(super) fn took(mut pipe: &UnixStream) -> bool {
        let mut bytes = [0; 64];
        let mut any = false;
        while let Ok(n @ 1..) = pipe.read(&mut bytes) {
            any = true;
            if n < bytes.len() {
                break;
            }
        }
        any
    }
}
