//! What can be wrong with a database, by what is to be done about it.

use std::fmt;
use std::io;
use std::path::Path;

use rusqlite::ErrorCode;

/// Why the database cannot be used, in words for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// Not now: it is locked or cannot be written. Later it may be.
    Later(String),
    /// What is there is left alone for as long as this host lives: a newer synk's, not synk's, or not safe.
    Refused(String),
    /// What is in the file cannot be trusted.
    Broken(String),
}

impl Trouble {
    /// Something about a file.
    pub(super) fn file(what: &str, path: &Path, error: &io::Error) -> Self {
        Self::Later(format!("cannot {what} {}: {error}", path.display()))
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Later(why) | Self::Refused(why) | Self::Broken(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for Trouble {}

impl From<rusqlite::Error> for Trouble {
    /// What the system or another program does passes; everything else is the file's doing: all that is asked of it is
    /// right for a file whose tables are as synk makes them.
    fn from(error: rusqlite::Error) -> Self {
        let why = error.to_string();
        match error.sqlite_error_code() {
            Some(
                ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::ReadOnly
                | ErrorCode::CannotOpen
                | ErrorCode::DiskFull
                | ErrorCode::SystemIoFailure
                | ErrorCode::PermissionDenied
                | ErrorCode::OutOfMemory
                | ErrorCode::FileLockingProtocolFailed
                | ErrorCode::NoLargeFileSupport
                | ErrorCode::TooBig,
            ) => Self::Later(why),
            _ => Self::Broken(why),
        }
    }
}
