//! The signals that the keeper heeds, as something that `poll` waits for.

use std::io::{self, Read as _};
use std::os::unix::net::UnixStream;

use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGTERM};
use signal_hook::low_level::pipe;

/// Signals as something to wait for.
pub(super) struct Signals {
    /// A child has ended.
    pub(super) child: UnixStream,
    /// The keeper is to end.
    pub(super) end: UnixStream,
}

impl Signals {
    pub(super) fn new() -> io::Result<Self> {
        let pipe = |signals: &[i32]| -> io::Result<UnixStream> {
            let (near, far) = UnixStream::pair()?;
            near.set_nonblocking(true)?;
            signals.iter().try_for_each(|signal| pipe::register(*signal, far.try_clone()?).map(drop))?;
            Ok(near)
        };
        Ok(Self { child: pipe(&[SIGCHLD])?, end: pipe(&[SIGTERM, SIGINT, SIGHUP])? })
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
