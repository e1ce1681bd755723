//! The spawner: opens PTYs, starts programs on them, reads, writes and resizes the master, waits for programs and ends
//! them. And the keeper, a process of its own that does this for the daemon and is the daemon's parent, so that programs
//! outlive it. Nothing here parses a terminal byte or knows of sessions more than a key.
//!
//! ```text
//! keeper: run (loop) -> watchman (when to start a daemon, when to end)     daemon: holder (the door)
//!             \-> table (what is held)       <- frame, wire: socket pair ->      \-> link (two threads)
//!             \-> upgrade, trial, successor (another program in its place)       \-> check (of a program)
//! ```

mod answer;
mod bytes;
mod check;
pub mod child;
mod claim;
pub mod command;
pub mod daemon;
mod doubt;
pub mod environ;
pub mod exec_child;
mod fate;
pub mod frame;
mod holder;
mod legacy;
pub mod limits;
mod link;
mod pidfd;
pub mod probe;
pub mod pty;
mod run;
mod signals;
mod spawn;
mod successor;
mod table;
mod trial;
mod upgrade;
mod watchman;
pub mod wire;

pub use check::{Checked, check, readable};
pub use child::{Child, Exit};
pub use claim::{Claim, ClaimError, ClaimPaths, FileId};
pub use command::{CannotRun, Launch};
pub use environ::{Base, Place, environment};
pub use holder::{Keeper, Post, Taken};
pub use link::News;
pub use pty::{Master, WindowSize};
pub use run::{KeeperError, Kept, run};
pub use spawn::Spawned;
pub use wire::{Line, Stage, Upgrade};
