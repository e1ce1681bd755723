//! The whole state of an engine at some byte of a stream, as a value and as bytes.
//!
//! A snapshot has what a restore needs and nothing that only a running engine has (ring offsets, row notes, caches).
//! Each part says beside its type how it becomes bytes ([`super::kept`]); here are the parts that are alacritty's or the
//! model's, what has to hold between parts, and the frame around the bytes.

mod bytes;
mod parts;
mod state;

pub use bytes::{SnapshotError, VERSION};
pub use state::Snapshot;
