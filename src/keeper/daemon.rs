//! The daemon as the keeper's child, and the keeper as the daemon's parent: how the one is started and how it finds the
//! other.

use std::ffi::OsString;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::io::{FdFlags, fcntl_getfd, fcntl_setfd};
use rustix::net::SocketType;
use rustix::process::{Pid, Resource, setrlimit};

use super::limits;

/// The variable with the number of the descriptor that leads to the keeper. No program sees it.
pub const LINK: &str = "SYNK_KEEPER";

/// Starts a daemon from the program that lies there; its process, and the keeper's end of the socket pair to it.
///
/// # Errors
/// The system's.
pub(super) fn start(program: &Path) -> io::Result<(Pid, OwnedFd)> {
    let (near, far) = UnixStream::pair()?;
    let number = far.as_raw_fd();
    let mut command = Command::new(program);
    // The title that `ps` shows is `synk daemon`, wherever the program lies.
    command.arg0("synk").arg("daemon").stdin(Stdio::null()).env(LINK, number.to_string());
    let usual = limits::usual();
    let inherit = move || {
        // SAFETY: `far` is open until the daemon was started, and this runs in a copy of the process as it is then.
        fcntl_setfd(unsafe { BorrowedFd::borrow_raw(number) }, FdFlags::empty())?;
        if let Some(usual) = usual {
            // The daemon raises its own, and has to know what it was.
            setrlimit(Resource::Nofile, usual)?;
        }
        Ok(())
    };
    // SAFETY: both are plain system calls, which is all that may be done between fork and exec.
    unsafe { command.pre_exec(inherit) };
    let child = command.spawn()?;
    Ok((Pid::from_child(&child), near.into()))
}

/// The descriptor that leads to the keeper which started this process, if one did. To be called once, before there are
/// other threads: the variable that says so goes.
pub fn inherited() -> Option<OwnedFd> {
    let number = std::env::var_os(LINK)?;
    // SAFETY: there is no other thread yet that could read the environment.
    unsafe { std::env::remove_var(LINK) };
    let link = adopt(&number);
    if link.is_none() {
        log::warn!("{LINK} is {}, which is no way to a keeper", number.to_string_lossy());
    }
    link
}

fn adopt(number: &OsString) -> Option<OwnedFd> {
    let number: RawFd = number.to_str()?.parse().ok().filter(|number| *number > 2)?;
    // SAFETY: only asked whether it is open and a socket; nobody in this process closes descriptors at this time.
    let fd = unsafe { BorrowedFd::borrow_raw(number) };
    let flags = fcntl_getfd(fd).ok()?;
    let is_socket = rustix::net::sockopt::socket_type(fd) == Ok(SocketType::STREAM);
    // One that is closed at exec was made by this process.
    if flags.contains(FdFlags::CLOEXEC) || !is_socket {
        return None;
    }
    // SAFETY: it was inherited for this purpose, and nothing else in this process knows its number.
    let fd = unsafe { OwnedFd::from_raw_fd(number) };
    fcntl_setfd(fd.as_fd(), FdFlags::CLOEXEC).ok()?;
    Some(fd)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_inherited_socket_leads_to_a_keeper() {
        for bad in ["", "x", "-1", "0", "2", "99999"] {
            assert!(adopt(&bad.into()).is_none(), "{bad}");
        }
        let (near, _far) = UnixStream::pair().unwrap();
        let number = near.as_raw_fd().to_string().into();
        assert!(adopt(&number).is_none(), "this process made it");
        fcntl_setfd(&near, FdFlags::empty()).unwrap();
        let number = OwnedFd::from(near).into_raw_fd().to_string().into();
        let adopted = adopt(&number).unwrap();
        assert_eq!(fcntl_getfd(&adopted), Ok(FdFlags::CLOEXEC));
        let file = std::fs::File::open("/dev/null").unwrap();
        fcntl_setfd(&file, FdFlags::empty()).unwrap();
        assert!(adopt(&file.as_raw_fd().to_string().into()).is_none(), "no socket");
    }

    use std::os::fd::IntoRawFd;
}
