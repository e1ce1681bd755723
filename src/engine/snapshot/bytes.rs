//! A snapshot as bytes: a mark, the version, a checksum of what follows, and the parts.

use std::fmt;

use super::state::Snapshot;
use crate::engine::history::{FindPage, PageKeeper};
use crate::engine::kept::{Damaged, Source};
use crate::engine::parser::Parser;
use crate::engine::terminal::Terminal;

/// What every snapshot begins with.
const MARK: [u8; 8] = *b"synksnap";
/// Grows with every change to what follows it; bytes of another version are not read.
pub const VERSION: u32 = 1;

/// Why bytes are no snapshot that can be restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SnapshotError {
    /// They do not begin as a snapshot does.
    NotASnapshot,
    /// They are a snapshot of another version of synk.
    Version { found: u32, known: u32 },
    /// They are not what was written: a part is missing, or bytes have changed.
    Damaged,
    /// They are what was written, but what should be there is not.
    Invalid { expected: &'static str },
}

impl fmt::Display for SnapshotError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::NotASnapshot => write!(f, "this is no snapshot: it does not begin with \"synksnap\""),
            Self::Version { found, known } => {
                write!(f, "the snapshot is of version {found}; this synk reads version {known}")
            }
            Self::Damaged => write!(f, "the snapshot is damaged: its bytes do not match their checksum"),
            Self::Invalid { expected } => write!(f, "the snapshot is not valid: {expected} should be there"),
        }
    }
}

impl std::error::Error for SnapshotError {}

impl Snapshot {
    /// The snapshot as bytes, of any machine alike.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = begin();
        self.put(&self.history, true, &mut out);
        finish(out)
    }

    /// The state of an engine as bytes, without the pages of its history that change no more: these are kept by `keeper`,
    /// each once as long as the engine lives.
    pub(in crate::engine) fn save(parser: &Parser, terminal: &mut Terminal, keeper: &mut dyn PageKeeper) -> Vec<u8> {
        terminal.history.keep_pages(keeper);
        let mut out = begin();
        Self::without_history(parser, terminal).put(&terminal.history, false, &mut out);
        finish(out)
    }

    /// The snapshot that became these bytes. Takes no more memory than a small multiple of their length and the largest
    /// screen.
    ///
    /// # Errors
    /// For anything but the bytes that [`Snapshot::to_bytes`] of this version made.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SnapshotError> {
        Self::from_parts(bytes, &mut |_| None)
    }

    /// As [`Snapshot::from_bytes`], with the pages that are kept elsewhere.
    ///
    /// # Errors
    /// As there; and where a page is missing or is none.
    pub fn from_parts(bytes: &[u8], find: FindPage) -> Result<Self, SnapshotError> {
        let mut from = Source(bytes);
        let mark = from.array().map_err(|_| SnapshotError::NotASnapshot)?;
        if mark != MARK {
            return Err(SnapshotError::NotASnapshot);
        }
        let mut number = || from.array().map(u32::from_le_bytes).map_err(|_| SnapshotError::Damaged);
        let (found, sum) = (number()?, number()?);
        if found != VERSION {
            return Err(SnapshotError::Version { found, known: VERSION });
        }
        if sum != crc32fast::hash(from.0) {
            return Err(SnapshotError::Damaged);
        }
        let invalid = |Damaged(expected)| SnapshotError::Invalid { expected };
        let snapshot = Self::read(&mut from, find).map_err(invalid)?;
        if !from.is_empty() {
            return Err(SnapshotError::Invalid { expected: "the end" });
        }
        Ok(snapshot)
    }
}

/// Length of mark, version and checksum.
const FRAME: usize = MARK.len() + 8;

fn begin() -> Vec<u8> {
    [&MARK[..], &VERSION.to_le_bytes(), &[0; 4]].concat()
}

/// Writes the checksum of what follows it.
fn finish(mut out: Vec<u8>) -> Vec<u8> {
    let sum = crc32fast::hash(&out[FRAME..]);
    out[FRAME - 4..FRAME].copy_from_slice(&sum.to_le_bytes());
    out
}

#[cfg(test)]
#[path = "bytes_tests.rs"]
mod tests;
