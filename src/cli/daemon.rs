//! `synk daemon`: the background host, and how to start, stop and ask for it.

use std::io::{self, BufRead, IsTerminal, Write};
use std::time::{Duration, Instant};

use super::fail::{Fail, NO_HOST};
use super::out;
use super::table::{count, span};
use super::verb::Context;
use crate::base::harmless;
use crate::client::{Absent, Control};
use crate::config;
use crate::host;
use crate::protocol::methods::{Empty, GetStatus, Status, StopHost};

/// How long a host may take for its last steps.
const STOP_LIMIT: Duration = Duration::from_secs(5);

/// Runs the host in this process until it is stopped. That another one runs already is no failure: whoever started this
/// one finds the other.
pub fn run(cx: &Context) -> Result<(), Fail> {
    // The title that `ps -o comm` and `top` show; 15 bytes at most.
    if let Err(e) = rustix::thread::set_name(c"synk daemon") {
        log::debug!("the process keeps its name: {e}");
    }
    let loaded = config::load_from_env();
    let database = config::database(&loaded.settings, |name| std::env::var_os(name));
    log::info!("the database is {}", database.map_err(Fail::failed)?.display());
    host::serve(&cx.paths()?, super::gui::host_options(&loaded)).map(drop).map_err(Fail::failed)
}

pub fn start(cx: &Context) -> Result<(), Fail> {
    let (word, socket) = match cx.connect(Absent::Fail) {
        Ok(socket) => ("runs already", socket),
        Err(fail) if fail.code == NO_HOST => ("started", cx.connect(Absent::Start)?),
        Err(fail) => return Err(fail),
    };
    let (_, hello) = Control::open(socket, "cli")?;
    out::print(&format!("the host {word} (pid {})\n", hello.pid))
}

pub fn status(cx: &Context) -> Result<(), Fail> {
    cx.ask::<GetStatus>(&Empty {}, words).map(drop)
}

fn words(status: &Status) -> String {
    let Status { version, pid, uptime_seconds, num_sessions, num_clients } = status;
    let (version, up) = (harmless(version), span(*uptime_seconds));
    let (sessions, clients) = (count(*num_sessions, "session"), count(*num_clients, "client"));
    format!("synk {version}, pid {pid}, up {up}: {sessions}, {clients}\n")
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
