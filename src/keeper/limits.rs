//! How many files may be open: for the host as many as the system lets it have, since a session takes five descriptors;
//! for programs what was usual before, since some look at every number below their limit, or fail above 1,024
//! (select(2)).

use std::sync::OnceLock;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// The limit that this process was started with.
static USUAL: OnceLock<Rlimit> = OnceLock::new();

/// Raises this process's limit. Programs that are started from here on get the usual one back.
pub fn raise() {
    let usual = *USUAL.get_or_init(|| getrlimit(Resource::Nofile));
    if let Err(e) = setrlimit(Resource::Nofile, Rlimit { current: usual.maximum, ..usual }) {
        log::info!("the host stays with {:?} open files: {e}", usual.current);
    }
}

/// As [`raise`] in a process that has done so already, under another program: the limit was this one before.
pub(super) fn go_on(usual: Rlimit) {
    USUAL.get_or_init(|| usual);
    raise();
}

/// What the limit was before it was raised, if it was.
pub(super) fn usual() -> Option<Rlimit> {
    USUAL.get().copied()
}
