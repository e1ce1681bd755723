//! From arguments to the verb that was asked for.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use super::args::{Cli, DaemonVerb, Verb};
use super::fail::{Fail, NO_HOST};
use super::{daemon, gui, kill, ls, shot};
use crate::client::{self, Control};
use crate::config;
use crate::protocol::path::HostPaths;

/// Never logged unless `SYNK_LOG` says otherwise. Graphics drivers that cannot be used are not worth a line each: what
/// counts is whether one can, and that is an error of ours.
const QUIET: &str = "wgpu_hal=off";

/// The program: reads the arguments, runs the verb, tells how it went.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let level = format!("{},{QUIET}", config::settings_from_env().log_level.name());
    let log = env_logger::Env::new().filter_or("SYNK_LOG", level);
    env_logger::Builder::from_env(log).format_target(false).init();
    let (outcome, graphical) = match cli.verb {
        None => (gui::run(cli.window), true),
        Some(Verb::Open { name }) => (gui::open(&name), true),
        Some(Verb::Ls { json }) => (ls::run(json), false),
        Some(Verb::Kill { sessions }) => (kill::run(&sessions), false),
        Some(Verb::Shot(args)) => (shot::run(&args), false),
        Some(Verb::Daemon { action }) => {
            let outcome = match action {
                None => daemon::run(),
                Some(DaemonVerb::Start) => daemon::start(),
                Some(DaemonVerb::Stop { yes }) => daemon::stop(yes),
                Some(DaemonVerb::Status { json }) => daemon::status(json),
            };
            (outcome, false)
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(fail) => fail.report(graphical),
    }
}

/// Where this user's host listens: where `SYNK_SOCKET` says, else the settings, else at the usual place.
pub(super) fn paths() -> Result<HostPaths, Fail> {
    let set = config::settings_from_env().socket_path.map(PathBuf::into_os_string);
    let var = |name: &str| {
        let said = std::env::var_os(name).filter(|value| !value.is_empty());
        said.or_else(|| set.clone().filter(|_| name == "SYNK_SOCKET"))
    };
    HostPaths::from_vars(var).map_err(Fail::failed)
}

/// A connection to the host that runs; one is never started for a verb that only asks.
pub(super) fn control() -> Result<Control, Fail> {
    let socket = client::running_host(&paths()?).map_err(Fail::failed)?;
    let socket = socket.ok_or_else(|| Fail::new(NO_HOST, "no host runs; `synk` or `synk daemon start` starts one"))?;
    Ok(Control::open(socket, "cli").map_err(Fail::failed)?.0)
}
