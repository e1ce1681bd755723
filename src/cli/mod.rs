//! The command line: one file a verb, each of them one call of the host's API. Here the towers meet: a verb calls the
//! window, the host, or a host's API.

mod again;
mod api;
mod args;
mod attach;
mod broadcast;
mod capture;
mod clients;
mod completions;
mod create;
mod daemon;
mod detach;
mod doctor;
mod events;
mod exec_child;
mod fail;
mod far;
mod gui;
mod has;
mod keeper;
mod kill;
mod ls;
mod metrics;
mod out;
mod passing;
mod paste;
mod prompt;
mod reconnect;
mod reference;
mod relay;
mod rename;
mod resize;
mod restore;
mod send;
mod send_keys;
mod shot;
mod table;
mod target;
mod text;
mod up;
mod verb;
mod wait;
mod workspace;

pub use reference::reference;
pub use verb::main;
