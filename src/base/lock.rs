//! A file that one process at a time holds, for as long as it has it open.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::{FlockOperation, OFlags, flock};

/// Opens the file, and makes it where there is none.
///
/// # Errors
/// The system's; also where a symbolic link lies there.
pub fn open(path: &Path) -> io::Result<File> {
    let mut how = OpenOptions::new();
    how.create(true).truncate(false).write(true).mode(0o600).custom_flags(OFlags::NOFOLLOW.bits().cast_signed());
    how.open(path)
}

/// Takes the lock without waiting. False while another process has it.
///
/// # Errors
/// The system's.
pub fn hold(file: &File) -> io::Result<bool> {
    match flock(file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(true),
        Err(rustix::io::Errno::WOULDBLOCK) => Ok(false),
        Err(e) => Err(e.into()),
    }
}

/// Both; None while another process has it.
///
/// # Errors
/// As those of [`open`] and [`hold`].
pub fn take(path: &Path) -> io::Result<Option<File>> {
    let file = open(path)?;
    Ok(hold(&file)?.then_some(file))
}
