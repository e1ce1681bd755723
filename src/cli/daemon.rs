//! `synk daemon`: the background host, and how to start, stop and ask for it.

use std::io::{self, BufRead, IsTerminal, Write};
use std::time::{Duration, Instant};

use super::again::is_lost;
use super::fail::{Fail, NO_HOST};
use super::out;
use super::table::{count, span};
use super::upgrade;
use super::verb::Context;
use crate::base::{harmless, program};
use crate::client::{Absent, Control};
use crate::config::{self, DatabasePath, Loaded, Settings};
use crate::host::{self, ArchiveOptions, StoreOptions};
use crate::keeper::{self, Keeper};
use crate::protocol::methods::{Database, Empty, GetStatus, Statistics, Status, StopHost};

/// How long a host may take for its last steps.
const STOP_LIMIT: Duration = Duration::from_secs(5);

/// Runs the host in this process until it is stopped. That another one runs already is no failure: whoever started this
/// one finds the other.
pub fn run(cx: &Context) -> Result<(), Fail> {
    // Before there is any other thread.
    let link = keeper::daemon::inherited();
    // The title that `ps -o comm` and `top` show; 15 bytes at most.
    if let Err(e) = rustix::thread::set_name(c"synk daemon") {
        log::debug!("the process keeps its name: {e}");
    }
    let loaded = config::load_from_env();
    let mut options = super::gui::host_options(&loaded);
    match store(&loaded) {
        Ok(store) => {
            options.archive = archive(&loaded.settings, &store);
            options.database = Some(store);
        }
        Err(e) => log::warn!("the host goes on without a database: {e}"),
    }
    if let Some(link) = link {
        options.keeper = Keeper::linked(link, program::running().ok()).map_err(Fail::failed)?;
    }
    // Held to the very end: a keeper takes the end of the link for that of the process.
    let keeper = options.keeper.clone();
    let served = host::serve(&cx.paths()?, options).map(drop).map_err(Fail::failed);
    std::mem::forget(keeper);
    served
}

/// Where the host keeps its database, and for how long.
pub(super) fn store(loaded: &Loaded) -> Result<StoreOptions, impl std::fmt::Display + use<>> {
    config::database(&loaded.settings, |name| std::env::var_os(name)).map(|DatabasePath { path, own_dir }| {
        let days = u64::from(loaded.settings.keep_ended_days);
        let keep = (days > 0).then(|| Duration::from_secs(days * 24 * 60 * 60));
        StoreOptions { path, own_dir, keep }
    })
}

/// Where sessions are saved: beside the database, in a directory of its name without its ending.
fn archive(settings: &Settings, store: &StoreOptions) -> Option<ArchiveOptions> {
    let Settings { save_every_s, saved_states, restore_on_start, .. } = settings;
    let dir = store.path.with_extension("");
    let beside = dir != store.path && *save_every_s > 0;
    beside.then(|| ArchiveOptions {
        dir,
        every: Duration::from_secs(u64::from(*save_every_s)),
        states: *saved_states as usize,
        restore: *restore_on_start,
        keep: store.keep,
    })
}

pub fn start(cx: &Context) -> Result<(), Fail> {
    let opened = match cx.connect(Absent::Fail) {
        Ok(socket) => Some(Control::open(socket, "cli")),
        Err(fail) if fail.code == NO_HOST => None,
        Err(fail) => return Err(fail),
    };
    let (word, hello) = match opened {
        Some(Ok((_, hello))) => ("runs already", hello),
        Some(Err(error)) if !is_lost(&error) => return Err(error.into()),
        // None runs, or one that is on its way out.
        _ => ("started", cx.greeted(Absent::Start)?.1),
    };
    out::print(&format!("the host {word} (pid {})\n", hello.pid))
}

pub fn status(cx: &Context) -> Result<(), Fail> {
    cx.ask::<GetStatus>(&Empty {}, words).map(drop)
}

fn words(status: &Status) -> String {
    let Status {
        version,
        pid,
        uptime_seconds,
        num_sessions,
        num_clients,
        statistics,
        database,
        keeper,
        saving,
        upgrade,
    } = status;
    let (version, up) = (harmless(version), span(*uptime_seconds));
    let (sessions, clients) = (count(*num_sessions, "session"), count(*num_clients, "client"));
    let counted = |Statistics { active, detached, workspaces, .. }: &Statistics| {
        format!("{active} active, {detached} detached, in {}\n", count(*workspaces, "workspace"))
    };
    let counted = statistics.as_ref().map(counted).unwrap_or_default();
    let database = database.as_ref().map(|database| harmless(&kept(database)).into_owned() + "\n").unwrap_or_default();
    let alone = if *keeper == Some(false) { "no keeper: sessions would end with the host\n" } else { "" };
    let trouble = saving.as_ref().and_then(|saving| Some((&saving.path, saving.notice.as_ref()?)));
    let unsaved = |(path, why)| harmless(&format!("sessions are not saved to {path}: {why}")).into_owned() + "\n";
    let unsaved = trouble.map(unsaved).unwrap_or_default();
    let failed = upgrade.as_ref().filter(|upgrade| matches!(upgrade.stage.as_str(), "back" | "half"));
    let failed = failed.map(|upgrade| harmless(&upgrade::words(upgrade)).into_owned() + "\n").unwrap_or_default();
    format!("synk {version}, pid {pid}, up {up}: {sessions}, {clients}\n{counted}{database}{unsaved}{alone}{failed}")
}

/// How it stands with the database.
fn kept(database: &Database) -> String {
    let Database { path, state, sessions, notice } = database;
    let sessions = sessions.map(|n| format!(", {} in it", count(usize::try_from(n).unwrap_or(usize::MAX), "session")));
    let state = match state.as_str() {
        "ok" => String::new(),
        "later" => ", not written now".into(),
        "off" => ", left alone".into(),
        other => format!(", {other}"),
    };
    let notice = notice.as_ref().map(|notice| format!(": {notice}"));
    format!("database {path}{}{state}{}", sessions.unwrap_or_default(), notice.unwrap_or_default())
}

pub fn stop(cx: &Context, yes: bool) -> Result<(), Fail> {
    let mut control = cx.control(Absent::Fail)?;
    let status = control.call::<GetStatus>(&Empty {})?;
    let (sessions, pid) = (status.num_sessions, status.pid);
    if sessions > 0 && !yes && !confirmed(sessions)? {
        return Err(Fail::failed("nothing was stopped"));
    }
    control.call::<StopHost>(&Empty {})?;
    // Connections are closed when every session has ended, the socket goes after them.
    while let Ok(Some(_)) = control.incoming() {}
    until_gone(cx, pid)
}

/// Waits until the host with this process id answers no more; it has no more than its socket to remove by now.
fn until_gone(cx: &Context, pid: u32) -> Result<(), Fail> {
    let limit = Instant::now() + STOP_LIMIT;
    loop {
        let socket = match cx.connect(Absent::Fail) {
            Err(fail) if fail.code == NO_HOST => return Ok(()),
            socket => socket?,
        };
        // One that closes the connection instead of greeting is still on its way out.
        if Control::open(socket, "cli").is_ok_and(|(_, hello)| hello.pid != pid) {
            return Err(Fail::new(NO_HOST, "the host was stopped, and another one has started"));
        }
        if Instant::now() > limit {
            return Err(Fail::failed(format!("the host (pid {pid}) was told to stop and still answers")));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Asks on the terminal whether these sessions may end.
fn confirmed(sessions: usize) -> Result<bool, Fail> {
    if !io::stdin().is_terminal() {
        let message = format!("{} would end: `synk daemon stop --yes` stops all the same", count(sessions, "session"));
        return Err(Fail::failed(message));
    }
    print!("End {} and what runs there? [y/N] ", count(sessions, "session"));
    io::stdout().flush().map_err(Fail::failed)?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).map_err(Fail::failed)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_of_the_database_is_told() {
        let database = |state: &str, sessions, notice: Option<&str>| {
            kept(&Database { path: "/x.db".into(), state: state.into(), sessions, notice: notice.map(str::to_owned) })
        };
        assert_eq!(database("ok", Some(1), None), "database /x.db, 1 session in it");
        assert_eq!(
            database("ok", Some(0), Some("the old one is y")),
            "database /x.db, 0 sessions in it: the old one is y"
        );
        assert_eq!(database("later", None, Some("locked")), "database /x.db, not written now: locked");
        assert_eq!(database("off", None, Some("a newer one")), "database /x.db, left alone: a newer one");
    }

    #[test]
    fn an_older_host_tells_less() {
        let old = r#"{"version": "0", "pid": 7, "uptime_seconds": 1, "num_sessions": 2, "num_clients": 1}"#;
        let mut status: Status = serde_json::from_str(old).unwrap();
        assert_eq!(words(&status), "synk 0, pid 7, up 1 s: 2 sessions, 1 client\n");
        status.statistics = Some(Statistics { total: 2, active: 1, detached: 1, workspaces: 1 });
        assert!(words(&status).ends_with("1 client\n1 active, 1 detached, in 1 workspace\n"));
        status.keeper = Some(true);
        assert!(!words(&status).contains("keeper"));
        status.keeper = Some(false);
        assert!(words(&status).ends_with("\nno keeper: sessions would end with the host\n"));
    }
}
