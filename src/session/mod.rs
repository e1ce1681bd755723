//! One session: a program on its PTY, the core that owns its terminal state, and the threads around it.
//!
//! ```text
//! PTY -> reader -> ring in memory, channel of 4 -> core -> outlets of the viewers (never block)
//! viewers -> inbox -> core -> ring in memory, writer's queue (never blocks the core) -> PTY
//! ```
//!
//! While somebody types into one session, the readers of others that flood rest between small reads ([`brake`]).
//!
//! The reader may block on the core, the core on its gate, the writer on the PTY; nothing that drains output waits for
//! input.

mod again;
pub mod ask;
mod asked;
pub mod brake;
mod burst;
mod change;
mod client;
pub mod core;
mod counters;
pub mod gate;
mod handle;
mod held;
mod hibernate;
mod keep;
pub mod link;
pub mod memory;
pub mod message;
pub mod pace;
mod port;
mod program;
mod reader;
mod receipts;
mod restore;
pub mod run;
mod shell;
mod shell_prompt;
pub mod size;
pub mod submit;
mod taps;
mod unsaved;
pub mod viewers;
pub mod wait;
mod ways;
mod writer;

pub use ask::{Ask, Reply};
pub use counters::{Counter, Counters};
pub use gate::Gate;
pub use handle::{Handle, Unsent};
pub use memory::{LAYOUT as MEMORY_LAYOUT, Memory};
pub use message::{Drain, Facts, Outlet, Request, Taken, Update};
pub use program::Source;
pub use run::{Found, Setup, resume, start};
pub use unsaved::Unsaved;
pub use ways::Ways;
