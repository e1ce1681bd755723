//! synk: one window, a grid of live terminal panes, every session owned by a background host.
//!
//! Modules in layer order; a module imports only what `tests/layers.rs` allows it.
//!
//! ```text
//! base <- model <- { config, protocol }
//! server tower   engine <- session ; keeper ; store ; host on top
//! client tower   client ; attach ; render ; app on top
//! cli joins the towers; main calls cli
//!
//! out: PTY -> reader -> ring -> channel -> session core (engine) -> frame -> socket -> mirror -> GPU -> present
//! in:  key -> chord -> keymap -> action | key event -> host -> session core (encodes) -> PTY
//! ```
//!
//! Invariants:
//! 1. `model` is pure values: no IO, no clock, no threads.
//! 2. Only `engine` names `alacritty_terminal`; no public signature of it shows one of its types.
//! 3. Only `protocol` and `config` know a wire or file shape.
//! 4. A grid has one owner: its session's core. Others get messages and `Arc<Row>`.
//! 5. Nothing that drains output waits on input: the graph of blocking sends is a forest.
//! 6. At most one unsent frame per viewer and session, cut against what that viewer was last sent.
//! 7. Unknown fields, events and stream kinds are ignored or answered, never fatal.
//! 8. No timer without something pending: an idle process does not wake up.

// A host that panics takes everybody's sessions along: what can fail outside of tests is handled or named.
#![cfg_attr(
    not(test),
    warn(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::todo, clippy::unimplemented)
)]

pub mod app;
pub mod attach;
pub mod base;
pub mod cli;
pub mod client;
pub mod config;
pub mod engine;
pub mod host;
pub mod keeper;
pub mod model;
pub mod protocol;
pub mod render;
pub mod session;
pub mod store;
