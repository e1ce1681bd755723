//! A key event as the bytes a program expects, with the modes that are true in the session now.
//!
//! Three ways of writing keys, of which the first that a program asked for is taken: the kitty protocol, xterm's
//! modifyOtherKeys, and what xterm does by itself. The window never encodes: between a press and its encoding the modes
//! may change.

mod encode;
mod functional;
mod kitty;
mod legacy;
mod other;

pub use encode::encode;
