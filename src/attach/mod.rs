//! `synk attach`: one session in an ordinary terminal. A client like the window: it gets frames and paints them on the
//! outer terminal, and sends keys, which the host encodes. A program's own bytes never reach the outer terminal, or its
//! queries would be answered twice.
//!
//! ```text
//! frame -> mirror -> picture (as large as the outer terminal) -> painter (what differs) -> outer terminal
//! outer terminal -> machine (tokens) -> decode (keys, mouse, pastes) -> core -> host
//! ```
//!
//! One thread waits in `poll` for the outer terminal, the host and signals; those of [`crate::client::Link`] bring what
//! the host says. Without any of it nothing wakes up.

mod core;
mod decode;
pub mod look;
mod machine;
mod outer;
mod paint;
mod picture;
mod run;
mod seek;
mod signals;
mod tty;
mod user;

pub use core::{Ending, Options};
pub use run::{Failure, Target, run};
