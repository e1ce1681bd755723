//! The terminal engine: bytes of a program in, screens, history and effects out; keys, the mouse and pastes in, bytes for the
//! program out.
//!
//! ```text
//! bytes -> parser -> terminal (dispatch) -> two grids + history -> view -> model::Screen
//!                                      \-> effects (replies, title, bell, clipboard, ...)
//! ```
//!
//! It does no IO, reads no clock and starts no thread. Only this folder names `alacritty_terminal`, and of it only the
//! grid: no `Term`, no `Processor`, no type of it in a public signature.

mod api;
mod convert;
mod effect;
mod history;
mod kept;
pub mod key_code;
pub mod mouse_code;
mod options;
mod parser;
pub mod paste;
mod read;
mod search;
mod select;
mod snapshot;
mod terminal;
#[cfg(test)]
mod tests;
mod view;

pub use api::Engine;
pub use effect::{Effect, MAX_NOTIFICATIONS, ShellMark};
pub use history::{FindPage, PageKeeper};
pub use options::EngineOptions;
pub use read::{Extent, MOST_READ, Reading};
pub use search::{Found, Hit, MAX_SEARCH, Pattern, Piece};
pub use select::WORD_SEPARATORS;
pub use snapshot::{Snapshot, SnapshotError, VERSION as SNAPSHOT_VERSION};
pub use view::TextPlace;
