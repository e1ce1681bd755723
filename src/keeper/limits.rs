//! How many files may be open: for the host as many as the system lets it have, since a session takes five descriptors;
//! for programs what was usual before, since some look at every number below their limit, or fail above 1,024
//! (select(2)).

use std::sync::OnceLock;

use rustix::process::{Pid, Resource, Rlimit, getrlimit, setrlimit};

/// The limit that this process was started with.
static USUAL: OnceLock<Rlimit> = OnceLock::new();

/// Raises this process's limit. Programs that are started from here on get the usual one back.
pub fn raise() {
    let usual = *USUAL.get_or_init(|| getrlimit(Resource::Nofile));
    if let Err(e) = setrlimit(Resource::Nofile, Rlimit { current: usual.maximum, ..usual }) {
        log::info!("the host stays with {:?} open files: {e}", usual.current);
    }
}

/// Gives a program that was just started the usual limit. It has it before it has run far: there is no way to set it
/// between its fork and its start here.
#[cfg(target_os = "linux")]
pub(super) fn restore(program: Pid) {
    if let Some(usual) = USUAL.get()
        && let Err(e) = rustix::process::prlimit(Some(program), Resource::Nofile, *usual)
    {
        // It may have ended already, or be another user's by now (sudo).
        log::debug!("{program:?} keeps the host's limit of open files: {e}");
    }
}

#[cfg(not(target_os = "linux"))]
pub(super) fn restore(_: Pid) {}
