//! From arguments to the verb that was asked for, and the one way in which verbs ask the host.

use std::ffi::OsString;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;

use super::again::{is_lost, reads};
use super::args::{ApiVerb, Cli, DaemonVerb, HostArgs, Verb};
use super::fail::Fail;
use super::far;
use super::out;
use super::{
    api, attach, broadcast, capture, check, clients, completions, create, daemon, detach, doctor, events, exec_child,
    gui, has, keeper, kill, ls, metrics, paste, prompt, reconnect, relay, rename, resize, search, send, send_keys,
    shot, up, upgrade, wait, workspace,
};
use crate::client::{self, Absent, Answer, Connector, Control, Retry, read_result};
use crate::config;
use crate::protocol::methods::{HelloResult, Method};
use crate::protocol::path::HostPaths;

/// Never logged unless `SYNK_LOG` says otherwise. Graphics drivers that cannot be used are not worth a line each: what
/// counts is whether one can, and that is an error of ours.
const QUIET: &str = "wgpu_hal=off";

/// The program: reads the arguments, runs the verb, tells how it went.
pub fn main() -> ExitCode {
    if let Some(failed) = exec_child::run() {
        return failed;
    }
    let cli = match Cli::try_parse().and_then(Cli::checked) {
        Ok(cli) => cli,
        Err(error) => return refused(&error),
    };
    let level = format!("{},{QUIET}", config::settings_from_env().log_level.name());
    let log = env_logger::Env::new().filter_or("SYNK_LOG", level);
    env_logger::Builder::from_env(log).format_target(false).init();
    let cx = Context { host: cli.host, json: cli.json };
    let graphical = matches!(cli.verb, None | Some(Verb::Open { .. }));
    let outcome = match cli.verb {
        None => gui::run(&cx, cli.window),
        Some(verb) => run(&cx, verb),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(fail) => fail.report(graphical, cx.json),
    }
}

/// What clap has to say: help, which is no failure, or what is wrong with the command line.
fn refused(error: &clap::Error) -> ExitCode {
    let mine = std::env::args_os().skip(1).take_while(|arg| arg != "--");
    if !error.use_stderr() || !mine.into_iter().any(|arg| arg == "--json") {
        error.exit();
    }
    let text = error.render().to_string();
    // What follows are hints for people.
    let said = text.strip_prefix("error: ").unwrap_or(&text).split("\n\n").next().unwrap_or_default();
    Fail::usage(said.split_whitespace().collect::<Vec<_>>().join(" ")).report(false, true)
}

fn run(cx: &Context, verb: Verb) -> Result<(), Fail> {
    match verb {
        Verb::New(args) => create::run(cx, args),
        Verb::Attach(args) => attach::run(cx, &args),
        Verb::Ls => ls::run(cx),
        Verb::Has(args) => has::run(cx, &args),
        Verb::Rename(args) => rename::run(cx, args),
        Verb::Resize(args) => resize::run(cx, &args),
        Verb::Detach(args) => detach::run(cx, &args),
        Verb::Reconnect(args) => reconnect::run(cx, &args),
        Verb::Kill(args) => kill::run(cx, &args),
        Verb::Send(args) => send::run(cx, &args),
        Verb::SendKeys(args) => send_keys::run(cx, args),
        Verb::Paste(args) => paste::run(cx, &args),
        Verb::Prompt(args) => prompt::run(cx, &args),
        Verb::Broadcast(args) => broadcast::run(cx, &args),
        Verb::Capture(args) => capture::run(cx, &args),
        Verb::Search(args) => search::run(cx, &args),
        Verb::Wait(args) => wait::run(cx, &args),
        Verb::Events(args) => events::run(cx, args),
        Verb::Clients => clients::run(cx),
        Verb::Status => daemon::status(cx),
        Verb::Metrics => metrics::run(cx),
        Verb::Doctor => doctor::run(cx),
        Verb::Api { action: ApiVerb::Schema } => api::schema(),
        Verb::Completions { shell } => completions::run(shell),
        Verb::Workspace { action } => workspace::run(cx, action),
        Verb::Open { name } => gui::open(cx, &name),
        Verb::Up(args) => up::run(cx, &args),
        Verb::Shot(args) => shot::run(cx, &args),
        Verb::Relay(args) => relay::run(cx, &args),
        Verb::Keeper => keeper::run(cx),
        Verb::Upgrade(args) => upgrade::run(cx, &args),
        Verb::Daemon { action, check } => match action {
            None if check => check::run(),
            None => daemon::run(cx),
            Some(DaemonVerb::Start) => daemon::start(cx),
            Some(DaemonVerb::Stop { yes }) => daemon::stop(cx, yes),
            Some(DaemonVerb::Status) => daemon::status(cx),
        },
    }
}

/// What holds for every verb: which host it asks, and for whom it prints.
#[derive(Debug)]
pub(super) struct Context {
    pub host: HostArgs,
    pub json: bool,
}

impl Context {
    /// The present directory, where it means something to the host.
    pub fn here(&self) -> Option<PathBuf> {
        std::env::current_dir().ok().filter(|_| self.host.machine().is_none())
    }

    /// Where the host of this machine listens: where the command line says, `SYNK_SOCKET` or the settings, else at the usual place.
    pub fn paths(&self) -> Result<HostPaths, Fail> {
        // Meant from here on: the host that may be started has another present directory.
        let chosen = self.host.socket().map(std::path::absolute).transpose().map_err(Fail::usage)?;
        let set = config::settings_from_env().socket_path;
        let var = |name: &str| -> Option<OsString> {
            let mine =
                |path: &Option<PathBuf>| path.clone().filter(|_| name == "SYNK_SOCKET").map(PathBuf::into_os_string);
            let said = || std::env::var_os(name).filter(|value| !value.is_empty());
            mine(&chosen).or_else(said).or_else(|| mine(&set))
        };
        HostPaths::from_vars(var).map_err(Fail::failed)
    }

    /// How the host is reached, from any thread and as often as needed.
    pub fn connector(&self) -> Result<Connector, Fail> {
        match self.host.machine() {
            Some(machine) => Ok(client::remote_connector(far::remote(machine))),
            None => Ok(client::host_connector(self.paths()?)),
        }
    }

    /// A fresh connection.
    pub fn connect(&self, absent: Absent) -> Result<UnixStream, Fail> {
        Ok(self.connector()?(absent)?)
    }

    /// A connection that calls methods. Verbs that only ask have no host started for them.
    pub fn control(&self, absent: Absent) -> Result<Control, Fail> {
        Ok(self.greeted(absent)?.0)
    }

    /// As [`Context::control`], with what the host said of itself.
    pub fn greeted(&self, absent: Absent) -> Result<(Control, HelloResult), Fail> {
        match Control::open(self.connect(absent)?, "cli") {
            // It went away before it was asked for anything.
            Err(error) if is_lost(&error) => self.control_again(&mut Retry::standing(Instant::now()), absent),
            opened => Ok(opened?),
        }
    }

    /// Calls one method of the host that runs and prints its result: as it is for programs, in `words` for people.
    pub fn ask<M: Method>(
        &self,
        params: &M::Params,
        words: impl FnOnce(&M::Result) -> String,
    ) -> Result<M::Result, Fail> {
        self.call::<M>(&mut self.control(Absent::Fail)?, params, words)
    }

    /// As [`Context::ask`], on a connection that is there. If it is lost, what only reads is asked again on another.
    pub fn call<M: Method>(
        &self,
        control: &mut Control,
        params: &M::Params,
        words: impl FnOnce(&M::Result) -> String,
    ) -> Result<M::Result, Fail> {
        if reads::<M>() {
            return self.call_twice::<M>(control, params, words);
        }
        self.show::<M>(control.ask::<M>(params)?, words)
    }

    /// As [`Context::call`], for what is done once although it is asked for twice.
    pub fn call_twice<M: Method>(
        &self,
        control: &mut Control,
        params: &M::Params,
        words: impl FnOnce(&M::Result) -> String,
    ) -> Result<M::Result, Fail> {
        let answer = self.ask_twice::<M>(control, params)?;
        self.show::<M>(answer, words)
    }

    /// Prints an answer: as it is for programs, in `words` for people.
    pub fn show<M: Method>(&self, answer: Answer, words: impl FnOnce(&M::Result) -> String) -> Result<M::Result, Fail> {
        if let (true, Ok(value)) = (self.json, &answer) {
            out::print_json(value)?;
        }
        let result = read_result::<M>(answer)?;
        if !self.json {
            out::print(&words(&result))?;
        }
        Ok(result)
    }
}

/// Nothing for people to read: that it went well is all there is to say.
pub(super) fn nothing<T>(_: &T) -> String {
    String::new()
}
