//! The directories of sessions: what a session was, for a host that finds no process of it any more.
//!
//! ```text
//! sessions/desk                       what the host knows beside its sessions
//! sessions/UUID/000000000042-000003   a state: label, image, and which pages it needs of the file in its name
//! sessions/UUID/pages-000003          pages of history, appended, one record each time something is saved
//! ```
//!
//! States and records are compressed and have a checksum. A state counts once it has its name, which it gets when it is
//! whole on the disk; older ones stay for a while, in case the newest turns out to be damaged. What is in a label or an
//! image is up to who saves it.

mod folder;
mod frame;
mod pages;
mod shelf;

pub use folder::{Folder, State};
pub use shelf::Shelf;
