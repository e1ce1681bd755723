//! `synk daemon`: the background host, and how to start, stop and ask for it.

use std::io::{self, BufRead, IsTerminal, Write};

use super::fail::{Fail, NO_HOST};
use super::verb::{control, paths};
use crate::client::{self, Control};
use crate::config;
use crate::host;
use crate::protocol::methods::{Empty, GetStatus, Status, StopHost};

/// Runs the host in this process until it is stopped. That another one runs already is no failure: whoever started this
/// one finds the other.
pub fn run() -> Result<(), Fail> {
    // The title that `ps -o comm` and `top` show; 15 bytes at most.
    if let Err(e) = rustix::thread::set_name(c"synk daemon") {
        log::debug!("the process keeps its name: {e}");
    }
    host::serve(&paths()?, super::gui::host_options(&config::load_from_env())).map(drop).map_err(Fail::failed)
}

pub fn start() -> Result<(), Fail> {
    let paths = paths()?;
    let running = client::running_host(&paths).map_err(Fail::failed)?;
    let (word, socket) = match running {
        Some(socket) => ("runs already", socket),
        None => ("started", client::host_connector(paths)(client::Absent::Start).map_err(Fail::failed)?),
    };
    let (_, hello) = Control::open(socket).map_err(Fail::failed)?;
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
    let sessions = control.call::<GetStatus>(&Empty {}).map_err(Fail::failed)?.num_sessions;
    if sessions > 0 && !yes && !confirmed(sessions)? {
        return Err(Fail::failed("nothing was stopped"));
    }
    control.call::<StopHost>(&Empty {}).map_err(Fail::failed)?;
    // The host closes the connection as the last thing it does.
    while let Ok(Some(_)) = control.incoming() {}
    let gone = client::running_host(&paths()?).map_err(Fail::failed)?.is_none();
    if gone { Ok(()) } else { Err(Fail::new(NO_HOST, "the host was stopped, and another one has started")) }
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
