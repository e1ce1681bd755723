//! The spawner: opens PTYs, starts programs on them, reads, writes and resizes the master, waits for programs and ends
//! them. It parses no terminal byte, holds no thread of its own but the one that waits for a child, and knows nothing
//! of sessions beyond the id it puts into their environment.

pub mod child;
pub mod command;
pub mod environ;
pub mod limits;
pub mod probe;
pub mod pty;
pub mod spawn;

pub use child::{Child, Exit};
pub use command::{CannotRun, Launch};
pub use environ::{Base, Place, environment};
pub use pty::{Master, WindowSize};
pub use spawn::{Spawned, spawn};
