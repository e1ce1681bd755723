//! A snapshot as bytes: a mark, the version, a checksum of what follows, and the parts.

use std::fmt;

use super::state::Snapshot;
use crate::engine::kept::{Damaged, Source};

/// What every snapshot begins with.
const MARK: [u8; 8] = *b"synksnap";
/// Grows with every change to what follows it; bytes of another version are not read.
const VERSION: u32 = 1;

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
        let mut body = Vec::new();
        self.put(&mut body);
        frame(&body)
    }

    /// The snapshot that became these bytes. Takes no more memory than a small multiple of their length and the largest
    /// screen.
    ///
    /// # Errors
    /// For anything but the bytes that [`Snapshot::to_bytes`] of this version made.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SnapshotError> {
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
        let snapshot = Self::read(&mut from).map_err(invalid)?;
        if !from.is_empty() {
            return Err(SnapshotError::Invalid { expected: "the end" });
        }
        Ok(snapshot)
    }
}

/// Puts mark, version and checksum before the parts.
fn frame(body: &[u8]) -> Vec<u8> {
    let [version, sum] = [VERSION, crc32fast::hash(body)].map(u32::to_le_bytes);
    [&MARK[..], &version, &sum, body].concat()
}

#[cfg(test)]
#[path = "bytes_tests.rs"]
mod tests;
