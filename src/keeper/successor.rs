//! How a keeper becomes another program and stays the same process: its programs stay its children, and how they end is
//! told to it. And how that program finds what was left to it.

use std::collections::HashSet;
use std::ffi::{CString, OsString};
use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::FileExt;
use std::path::Path;

use rustix::io::{FdFlags, fcntl_getfd, fcntl_setfd};

use super::legacy::Legacy;
use super::signals::Signals;

/// The variable with the number of the descriptor that holds what was left. No other process sees it.
const LEGACY: &str = "SYNK_KEEPER_STATE";

/// What is left, as a memory.
///
/// # Errors
/// The system's.
pub(super) fn memory(legacy: &Legacy) -> io::Result<OwnedFd> {
    let file = File::from(unnamed("synk-keeper")?);
    file.write_all_at(&legacy.encode(), 0)?;
    Ok(file.into())
}

/// A memory that is nobody's but of who holds it.
#[cfg(target_os = "linux")]
pub(super) fn unnamed(name: &str) -> io::Result<OwnedFd> {
    Ok(rustix::fs::memfd_create(name, rustix::fs::MemfdFlags::CLOEXEC)?)
}

#[cfg(not(target_os = "linux"))]
pub(super) fn unnamed(_: &str) -> io::Result<OwnedFd> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "only Linux has memory that outlives a program"))
}

/// Becomes this program. Returns only where that fails; then everything is as before.
pub(super) fn follow(program: &Path, legacy: &Legacy, signals: &Signals) -> io::Error {
    let prepared = memory(legacy).and_then(|memory| Ok((command(program, memory.as_raw_fd())?, memory)));
    let (command, memory) = match prepared {
        Ok(prepared) => prepared,
        Err(e) => return e,
    };
    let all: Vec<RawFd> = legacy.fds().chain([memory.as_raw_fd()]).collect();
    let held = Signals::hold();
    // One that came before is not to be lost with this program's handlers.
    let error = if signals.any_told() {
        io::ErrorKind::Interrupted.into()
    } else {
        match pass_on(&all, FdFlags::empty()) {
            Ok(()) => command.exec(),
            Err(e) => e,
        }
    };
    if let Err(e) = pass_on(&all, FdFlags::CLOEXEC) {
        log::error!("programs may inherit what is the keeper's: {e}");
    }
    drop(held);
    error
}

/// The program, its arguments and its environment, as the system wants them.
struct Command {
    program: CString,
    argv: [CString; 2],
    environment: Vec<CString>,
}

fn command(program: &Path, memory: RawFd) -> io::Result<Command> {
    let text = |text: OsString| CString::new(text.into_vec()).map_err(io::Error::from);
    let vars = std::env::vars_os().filter(|(name, _)| name != LEGACY);
    let vars = vars.chain([(LEGACY.into(), memory.to_string().into())]);
    let joined = |(mut name, value): (OsString, OsString)| {
        name.push("=");
        name.push(value);
        text(name)
    };
    Ok(Command {
        program: text(program.into())?,
        argv: [c"synk".into(), c"keeper".into()],
        environment: vars.map(joined).collect::<io::Result<_>>()?,
    })
}

impl Command {
    fn exec(&self) -> io::Error {
        let pointers =
            |texts: &[CString]| texts.iter().map(|text| text.as_ptr()).chain([std::ptr::null()]).collect::<Vec<_>>();
        let (argv, environment) = (pointers(&self.argv), pointers(&self.environment));
        // SAFETY: both lists end with null, and what they point to lives as long as `self`.
        unsafe { libc::execve(self.program.as_ptr(), argv.as_ptr(), environment.as_ptr()) };
        io::Error::last_os_error()
    }
}

fn pass_on(all: &[RawFd], flags: FdFlags) -> io::Result<()> {
    for number in all {
        // SAFETY: the keeper holds what its legacy names, and has one thread.
        fcntl_setfd(unsafe { BorrowedFd::borrow_raw(*number) }, flags)?;
    }
    Ok(())
}

/// What was left to this process by the program that it was, if it was one. To be called once, before there are other
/// threads: the variable that says so goes.
///
/// # Errors
/// Something was left that this build cannot read.
pub(super) fn left() -> Result<Option<(Legacy, Adopted)>, String> {
    let Some(number) = std::env::var_os(LEGACY) else { return Ok(None) };
    // SAFETY: there is no other thread yet that could read the environment.
    unsafe { std::env::remove_var(LEGACY) };
    let mut adopted = Adopted::default();
    let number = number.to_str().and_then(|number| number.parse().ok());
    let memory = number.and_then(|number| adopted.take(number).ok());
    let memory = memory.ok_or_else(|| format!("{LEGACY} names nothing that was left"))?;
    Ok(Some((Legacy::read(&memory.into())?, adopted)))
}

/// Descriptors as they are taken over, each once.
#[derive(Debug, Default)]
pub(super) struct Adopted(HashSet<RawFd>);

impl Adopted {
    /// Takes over what has this number.
    ///
    /// # Errors
    /// Nothing was left under it.
    pub(super) fn take(&mut self, number: RawFd) -> io::Result<OwnedFd> {
        let wrong = || io::Error::other(format!("descriptor {number} was not left to this process"));
        if number <= 2 || !self.0.insert(number) {
            return Err(wrong());
        }
        // SAFETY: only asked how it stands; nobody in this process closes descriptors at this time.
        let fd = unsafe { BorrowedFd::borrow_raw(number) };
        // One that is closed at exec was made by this program.
        if fcntl_getfd(fd)?.contains(FdFlags::CLOEXEC) {
            return Err(wrong());
        }
        fcntl_setfd(fd, FdFlags::CLOEXEC)?;
        // SAFETY: it came through exec for this purpose, and is taken here once.
        Ok(unsafe { OwnedFd::from_raw_fd(number) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::IntoRawFd;

    #[test]
    fn only_what_came_through_exec_is_taken_over_and_once() {
        let mut adopted = Adopted::default();
        assert!(adopted.take(0).is_err() && adopted.take(-1).is_err() && adopted.take(99_999).is_err());
        let own = File::open("/dev/null").unwrap();
        assert!(adopted.take(own.as_raw_fd()).is_err());
        let left = File::open("/dev/null").unwrap();
        fcntl_setfd(&left, FdFlags::empty()).unwrap();
        let number = OwnedFd::from(left).into_raw_fd();
        let taken = adopted.take(number).unwrap();
        assert_eq!(fcntl_getfd(&taken), Ok(FdFlags::CLOEXEC));
        assert!(adopted.take(number).is_err());
    }
}
