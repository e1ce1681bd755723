//! What of sessions lies on the disk: the database, an index of them, and the [`archive`], which they come back from.
//!
//! The database: which sessions and workspaces there are and were, in one SQLite file, so that they can be looked up
//! when the host that had them is gone.
//!
//! ```text
//! host -> Message (bounded) -> thread [Store: step(message, now) -> report] -> sessions.db
//!                                                       \-> Report -> host
//! ```
//!
//! It is an index and never the truth: the host goes on without it whatever becomes of the file, and whoever saves
//! holds what it could not save. A file that is broken is put aside; one that is not synk's, that a newer synk made or
//! that others could have planted is left alone. It knows nothing of clients and asks no session.

pub mod archive;
mod core;
mod database;
mod message;
mod place;
mod row;
mod run;
mod schema;
mod snapshot;
mod trouble;

pub use core::{Store, StoreOptions};
pub use database::readable;
pub use message::{Kept, Message, Report};
pub use row::{Changes, SessionRow, Status, WorkspaceRow};
pub use run::{Handle, Unsent, start};
pub use snapshot::{KEPT, Snapshot};
pub use trouble::Trouble;
