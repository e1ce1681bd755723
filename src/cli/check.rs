//! `synk daemon --check`: whether this program can take over from the one that asks it, which passes the state of its keeper
//! as standard input. It changes nothing.

use std::io;
use std::os::fd::AsFd;

use super::fail::Fail;
use super::{daemon, out};
use crate::config::{self, Loaded};
use crate::host::{self, Fit};
use crate::keeper;

/// Prints what it can take over, as a line of JSON.
pub fn run() -> Result<(), Fail> {
    let state = io::stdin().as_fd().try_clone_to_owned().map_err(Fail::failed)?;
    keeper::readable(state).map_err(Fail::failed)?;
    let loaded = config::load_from_env();
    database(&loaded)?;
    let notices = loaded.errors.iter().map(ToString::to_string).collect();
    let line = serde_json::to_value(Fit { notices, ..Fit::own() }).map_err(Fail::failed)?;
    out::print_json(&line)
}

/// One that cannot be used now is no reason: the host goes on without, and tries again.
fn database(loaded: &Loaded) -> Result<(), Fail> {
    let Ok(store) = daemon::store(loaded) else { return Ok(()) };
    host::readable(&store.path).map_err(|e| Fail::failed(format!("the database {}: {e}", store.path.display())))
}
