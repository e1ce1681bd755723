//! What the store is told and what it tells.

use std::fmt;

use super::row::Changes;
use super::snapshot::Snapshot;
use super::trouble::Trouble;
use crate::base::SessionId;

/// Takes the newest snapshot of a session; none where there is none.
pub type TakeSnapshot = Box<dyn FnOnce(Result<Option<Snapshot>, Trouble>) + Send>;

/// What the store is told.
pub enum Message {
    /// Look at the file, and make it where there is none.
    Open,
    /// Keep this, all of it or nothing.
    Save(Changes),
    /// Keep this snapshot of a session, and of its older ones no more than [`super::KEPT`] in all.
    SaveSnapshot(SessionId, Snapshot),
    /// Find the newest snapshot of a session.
    LoadSnapshot(SessionId, TakeSnapshot),
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "Open",
            Self::Save(_) => "Save",
            Self::SaveSnapshot(..) => "SaveSnapshot",
            Self::LoadSnapshot(..) => "LoadSnapshot",
        })
    }
}

/// What is in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Kept {
    /// Sessions, those that have ended among them.
    pub sessions: u64,
}

/// What became of [`Message::Open`] or [`Message::Save`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What is kept now; or why nothing could be.
    pub kept: Result<Kept, Trouble>,
    /// The database was broken and was put aside, or was removed, in these words. The new one holds nothing but what
    /// came with this message.
    pub replaced: Option<String>,
}
