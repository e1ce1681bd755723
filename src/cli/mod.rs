//! The command line: one file a verb. Here the towers meet: a verb calls the window, the host, or a host's API.

mod args;
mod daemon;
mod fail;
mod gui;
mod kill;
mod ls;
mod restore;
mod shot;
mod verb;

pub use verb::main;
