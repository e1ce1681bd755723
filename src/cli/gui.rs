//! The window: `synk`, `synk -e`, `synk --embedded` and `synk open`.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::args::WindowArgs;
use super::fail::Fail;
use super::far::{remote, ssh_client};
use super::restore::restore;
use super::verb::Context;
use super::workspace::active;
use crate::app::{self, AppOptions};
use crate::base::{SessionId, program};
use crate::client::{Absent, CallError, ConnectError, Connector, Control, remote_connector};
use crate::config::{self, ConfigDirs, ConfigError, Loaded, Settings, saved};
use crate::host::{self, CleanUp, HostOptions};
use crate::keeper::Keeper;
use crate::model::board::{Board, BoardEvent};
use crate::protocol::methods::{DEFAULT_WORKSPACE, GetWorkspace, OpenParams, OpenWorkspace, WorkspaceParams};
use crate::protocol::rpc::Incoming;
use crate::protocol::shapes;

/// Opens the window on the default workspace or, for a command, on one of its own.
pub fn run(cx: &Context, args: WindowArgs) -> Result<(), Fail> {
    let loaded = config::load_from_env();
    let workspace = if args.embedded { None } else { chosen(cx) };
    let name = workspace.unwrap_or_else(|| DEFAULT_WORKSPACE.to_owned());
    let mut start = app::Start { workspace: name.clone(), private: false, command: None };
    if !args.command.is_empty() {
        start.workspace = format!("window {}", SessionId::new());
        start.private = true;
        start.command = Some(app::Command { argv: args.command, cwd: cx.here(), ..Default::default() });
    }
    if !args.embedded {
        return show(options(cx, cx.connector()?, start, &name, loaded));
    }
    let host = Arc::new(host::embed(host_options(&loaded)).map_err(Fail::failed)?);
    let connect = Arc::clone(&host);
    let connector: Connector = Arc::new(move |_| connect.connect().map_err(|_| ConnectError::Gone));
    show(AppOptions { host_stays: false, ..options(cx, connector, start, DEFAULT_WORKSPACE, loaded) })
}

/// Opens the window on a workspace, or on that of a saved session. Its panes are made unless the workspace has panes
/// already: a session that was opened before is shown as it is.
pub fn open(cx: &Context, name: &str) -> Result<(), Fail> {
    let mut loaded = config::load_from_env();
    let dirs = ConfigDirs::from_env().map_err(Fail::failed)?;
    let connector = cx.connector()?;
    let told = match saved::load(&dirs.sessions(), name) {
        Ok(opened) => {
            loaded.warnings.extend(opened.warnings);
            restore(&connector, name, &opened.session, &loaded)?
        }
        Err(ConfigError::NoSuchSession { .. }) if has_workspace(cx, name) => Vec::new(),
        Err(e) => return Err(Fail::failed(e)),
    };
    let start = app::Start { workspace: name.to_owned(), private: false, command: None };
    let mut options = options(cx, connector, start, name, loaded);
    options.notices.extend(told);
    show(options)
}

/// The workspace that new windows of this machine's host show, if it runs and somebody has said so.
fn chosen(cx: &Context) -> Option<String> {
    // Not another machine's: a slow one would keep the window from appearing.
    let asks = cx.host.machine().is_none();
    asks.then(|| cx.control(Absent::Fail).ok())
        .flatten()
        .and_then(|mut control| active(cx, &mut control).ok().flatten())
}

/// Whether a host runs that has this workspace.
fn has_workspace(cx: &Context, workspace: &str) -> bool {
    let params = WorkspaceParams { workspace: workspace.to_owned() };
    cx.control(Absent::Fail).is_ok_and(|mut control| control.call::<GetWorkspace>(&params).is_ok())
}

/// What the host takes from the settings.
pub(super) fn host_options(loaded: &Loaded) -> HostOptions {
    let mut options = HostOptions::default();
    options.engine.history_lines = loaded.settings.history_lines as usize;
    options.engine.history_bytes = loaded.settings.history_bytes as usize;
    options.engine.theme = loaded.theme.clone();
    let seconds = |s: u32| (s > 0).then(|| Duration::from_secs(s.into()));
    let Settings { clean_up_stopped_s, clean_up_detached_s, hibernate_after_s, .. } = &loaded.settings;
    options.hibernate = seconds(*hibernate_after_s);
    options.clean_up = CleanUp { stopped: seconds(*clean_up_stopped_s), detached: seconds(*clean_up_detached_s) };
    options.ssh = ssh_client();
    match program::running() {
        Ok(synk) => options.keeper = Keeper::in_process(Some(synk)),
        Err(e) => log::warn!("programs inherit what the host ignores and its limits: {e}"),
    }
    options
}

fn show(options: AppOptions) -> Result<(), Fail> {
    app::run(options).map_err(Fail::failed)
}

/// What a window is told that shows a workspace of a host that outlives it.
fn options(cx: &Context, connector: Connector, start: app::Start, saved_name: &str, loaded: Loaded) -> AppOptions {
    let machine = cx.host.machine().map(ToString::to_string);
    let offered = if machine.is_some() {
        // What is installed there is not known here.
        loaded.agents.iter().map(|a| a.id.clone()).collect()
    } else {
        let path = std::env::var_os("PATH");
        config::offered(&loaded.agents, path.as_deref()).into_iter().map(|a| a.id.clone()).collect()
    };
    let told = loaded.errors.iter().map(ToString::to_string);
    let notices = told.chain(loaded.warnings.iter().map(ToString::to_string)).collect();
    AppOptions {
        connector,
        dial: Box::new(|machine| remote_connector(remote(machine))),
        start,
        settings: loaded.settings,
        keymap: loaded.keymap,
        theme: loaded.theme,
        agents: loaded.agents,
        offered,
        // Sessions of other machines are not saved among those of this one.
        sessions_dir: ConfigDirs::from_env().ok().filter(|_| machine.is_none()).map(|dirs| dirs.sessions()),
        saved_name: saved_name.to_owned(),
        host_stays: true,
        notices,
        home: std::env::var_os("HOME").filter(|_| machine.is_none()).map(PathBuf::from),
        machine,
    }
}

/// The board of a workspace as it is when it is opened.
pub(super) fn board(control: &mut Control, workspace: &str) -> Result<Board, CallError> {
    let (cols, rows) = (80, 24);
    let open = OpenParams { workspace: workspace.to_owned(), private: false, first_shell: false, cols, rows };
    control.call::<OpenWorkspace>(&open)?;
    let mut board = Board::default();
    // The workspace is the last event of the whole board.
    loop {
        match control.incoming()?.ok_or(CallError::Closed)? {
            Incoming::Reply(_) => {}
            Incoming::Event(event) => {
                let Some(change) = shapes::change(event) else { continue };
                let last = matches!(change, BoardEvent::Workspace(_));
                board.apply(change);
                if last {
                    return Ok(board);
                }
            }
        }
    }
}
