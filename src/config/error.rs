//! What can be wrong with a file, and where.

use std::fmt;
use std::path::PathBuf;

/// A place in a text file; both from 1, columns counted in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// Why a file was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// The system would not read or write it; its own words.
    Io(String),
    /// It is not UTF-8.
    NotText,
    /// It has more bytes than a file of its kind ever needs.
    TooLong { limit: u64 },
    /// Syntax, type or value; says what would be right.
    Content(String),
    /// A newer synk wrote it: it is not saved over, and where it cannot be read either, the place says from where on.
    Newer { found: u32, known: u32 },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(why) | Self::Content(why) => f.write_str(why),
            Self::NotText => f.write_str("this is not UTF-8 text"),
            Self::TooLong { limit } => write!(f, "the file is longer than {limit} bytes"),
            Self::Newer { found, known } => write!(
                f,
                "a newer synk wrote this file (format {found}, this one knows {known}): it is never saved over"
            ),
        }
    }
}

/// A file that was refused as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileError {
    pub path: PathBuf,
    /// Where in the file, if it is about a place in it.
    pub at: Option<Position>,
    pub problem: Problem,
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        if let Some(at) = self.at {
            write!(f, ":{at}")?;
        }
        write!(f, ": {}", self.problem)
    }
}

impl std::error::Error for FileError {}

/// Something in a file that has no effect; the rest of the file applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    pub path: PathBuf,
    pub at: Position,
    pub text: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path.display(), self.at, self.text)
    }
}

/// What reading or writing under `~/.config/synk` can end in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigError {
    /// Neither `XDG_CONFIG_HOME` nor `HOME` names a directory.
    NoHome,
    /// A saved session cannot have this name; says why.
    BadName {
        name: String,
        why: &'static str,
    },
    /// There is no saved session of this name; those there are.
    NoSuchSession {
        name: String,
        known: Vec<String>,
    },
    File(FileError),
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoHome => f.write_str(
                "neither XDG_CONFIG_HOME nor HOME is set to an absolute path, so there are no settings to read and no \
                 place to save: set HOME to your home directory",
            ),
            Self::BadName { name, why } => write!(f, "a saved session cannot be named {name:?}: {why}"),
            Self::NoSuchSession { name, known } if known.is_empty() => {
                write!(f, "there is no saved session {name:?}, and no other either")
            }
            Self::NoSuchSession { name, known } => {
                write!(f, "there is no saved session {name:?}; there are: {}", known.join(", "))
            }
            Self::File(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ConfigError {}

impl From<FileError> for ConfigError {
    fn from(error: FileError) -> Self {
        Self::File(error)
    }
}
