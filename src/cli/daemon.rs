//! `synk daemon`: the background host, and how to start, stop and ask for it.

use std::io::{self, BufRead, IsTerminal, Write};
use std::time::{Duration, Instant};

use super::fail::{Fail, NO_HOST};
use super::verb::{control, paths};
use crate::client::{self, Control};
use crate::config;
use crate::host;
use crate::protocol::methods::{Empty, GetStatus, Status, StopHost};

/// How long a host may take for its last steps.
const STOP_LIMIT: Duration = Duration::from_secs(5);

/// Runs the host in this process until it is stopped. That another one runs already is no failure: whoever started this
/// one finds the other.
pub fn run() -> Result<(), Fail> {
    // The title that `ps -o comm` and `top` show; 15 bytes at most.
    if let Err(e) = rustix::thread::set_name(c"synk daemon") {
        log::debug!("the process keeps its name: {e}");
    }
    let loaded = config::load_from_env();
    let database = config::database(&loaded.settings, |name| std::env::var_os(name));
    log::info!("the database is {}", database.map_err(Fail::failed)?.display());
    host::serve(&paths()?, super::gui::host_options(&loaded)).map(drop).map_err(Fail::failed)
}

pub fn start() -> Result<(), Fail> {
    let paths = paths()?;
    let running = client::running_host(&paths).map_err(Fail::failed)?;
    let (word, socket) = match running {
        Some(socket) => ("runs already", socket),
        None => ("started", client::host_connector(paths)(client::Absent::Start).map_err(Fail::failed)?),
    };
    let (_, hello) = Control::open(socket, "cli").map_err(Fail::failed)?;
    println!("the host {word} (pid {})", hello.pid);
    Ok(())
}

pub fn status(json: bool) -> Result<(), Fail> {
    let status = control()?.call::<GetStatus>(&Empty {}).map_err(Fail::failed)?;
    if json {
        println!("{}", serde_json::to_string(&status).map_err(Fail::failed)?);
        return Ok(());
    }
    let Status { version, pid, uptime_seconds, num_sessions, num_clients } = status;
    println!("synk {version}, pid {pid}, up {uptime_seconds} s: {num_sessions} sessions, {num_clients} clients");
    Ok(())
}

pub fn stop(yes: bool) -> Result<(), Fail> {
    let mut control = control()?;
    let status = control.call::<GetStatus>(&Empty {}).map_err(Fail::failed)?;
    let (sessions, pid) = (status.num_sessions, status.pid);
    if sessions > 0 && !yes && !confirmed(sessions)? {
        return Err(Fail::failed("nothing was stopped"));
    }
    control.call::<StopHost>(&Empty {}).map_err(Fail::failed)?;
    // Connections are closed when every session has ended, the socket goes after them.
    while let Ok(Some(_)) = control.incoming() {}
    until_gone(pid)
}

/// Waits until the host with this process id answers no more; it has no more than its socket to remove by now.
fn until_gone(pid: u32) -> Result<(), Fail> {
    let paths = paths()?;
    let limit = Instant::now() + STOP_LIMIT;
    while let Some(socket) = client::running_host(&paths).map_err(Fail::failed)? {
        // One that closes the connection instead of greeting is still on its way out.
        if Control::open(socket, "cli").is_ok_and(|(_, hello)| hello.pid != pid) {
            return Err(Fail::new(NO_HOST, "the host was stopped, and another one has started"));
        }
        if Instant::now() > limit {
            return Err(Fail::failed(format!("the host (pid {pid}) was told to stop and still answers")));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

/// Asks on the terminal whether these sessions may end.
fn confirmed(sessions: usize) -> Result<bool, Fail> {
    if !io::stdin().is_terminal() {
        let message = format!("{sessions} sessions would end: say `synk daemon stop --yes` to end them");
        return Err(Fail::failed(message));
    }
    print!("End {sessions} sessions and the programs in them? [y/N] ");
    io::stdout().flush().map_err(Fail::failed)?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).map_err(Fail::failed)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
