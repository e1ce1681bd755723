//! Notices that something was removed from the directory of the socket: tidy-up jobs and people do that, and a host
//! without its socket could be reached by nobody. It costs nothing while nothing happens there.

#[cfg(target_os = "linux")]
pub(super) use linux::Watch;
#[cfg(not(target_os = "linux"))]
pub(super) use none::Watch;

#[cfg(target_os = "linux")]
mod linux {
    use std::io;
    use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
    use std::path::Path;

    use rustix::fs::inotify::{CreateFlags, WatchFlags, add_watch, init};

    /// Readable when something has left the directory, or the directory itself has.
    #[derive(Debug)]
    pub(in crate::host) struct Watch(OwnedFd);

    impl Watch {
        pub(in crate::host) fn new(dir: &Path) -> io::Result<Self> {
            let inotify = init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
            let left = WatchFlags::DELETE | WatchFlags::MOVED_FROM | WatchFlags::DELETE_SELF | WatchFlags::MOVE_SELF;
            add_watch(&inotify, dir, left | WatchFlags::ONLYDIR)?;
            Ok(Self(inotify))
        }
    }

    impl AsFd for Watch {
        fn as_fd(&self) -> BorrowedFd<'_> {
            self.0.as_fd()
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod none {
    use std::convert::Infallible;
    use std::io;
    use std::os::fd::{AsFd, BorrowedFd};
    use std::path::Path;

    /// There is none here.
    #[derive(Debug)]
    pub(in crate::host) struct Watch(Infallible);

    impl Watch {
        pub(in crate::host) fn new(_: &Path) -> io::Result<Self> {
            Err(io::ErrorKind::Unsupported.into())
        }
    }

    impl AsFd for Watch {
        fn as_fd(&self) -> BorrowedFd<'_> {
            match self.0 {}
        }
    }
}
