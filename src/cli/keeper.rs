//! `synk keeper`: the process that holds the terminals and starts the daemon. It is started by whoever needs a host, or by
//! the service manager; people ask for `synk daemon start`.

use super::fail::Fail;
use super::verb::Context;
use crate::keeper::{self, ClaimPaths};

/// Keeps in this process until it is told to end. That another one runs already is no failure: whoever started this one
/// finds the other.
pub fn run(cx: &Context) -> Result<(), Fail> {
    // Programs that it starts have this name until they have their own.
    if let Err(e) = rustix::thread::set_name(c"synk keeper") {
        log::debug!("the process keeps its name: {e}");
    }
    keeper::run(&ClaimPaths::from(&cx.paths()?)).map(drop).map_err(Fail::failed)
}
