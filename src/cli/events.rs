//! `synk events`: prints what happens, a JSON object a line, until it is interrupted or nobody reads on.

use std::io::{self, ErrorKind, Write};
use std::time::Instant;

use clap::Args;
use serde_json::{Value, json};

use super::again::is_lost;
use super::fail::Fail;
use super::target;
use super::{out, passing, verb::Context};
use crate::client::{Absent, Control, Retry, read_result};
use crate::protocol::line::read_line;
use crate::protocol::methods::{GetSession, SessionParams, Subscribe, SubscribeParams};

const EXAMPLES: &str = "\
Examples:
  synk events
  synk events session:exit session:bell
  synk events -t dev session:output
  synk events                        # events:gap: a host that went away is back, what happened meanwhile is not told";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct EventsArgs {
    /// Only of this session
    #[arg(short = 't', long, value_name = "SESSION")]
    target: Option<String>,
    /// Only these, such as `session:title`; all but `session:output` if none is named
    #[arg(value_name = "EVENT")]
    events: Vec<String>,
}

/// What is told in the place of events that nobody heard, as those are told. No host sends it.
const GAP: &str = "events:gap";

/// How following a connection ended.
enum End {
    /// Nobody reads on.
    Unread,
    /// The host went away.
    Lost,
}

pub fn run(cx: &Context, args: EventsArgs) -> Result<(), Fail> {
    let events = (!args.events.is_empty()).then_some(args.events);
    let mut control = cx.control(Absent::Fail)?;
    let mut session_id = args.target.as_deref().map(target::session).transpose()?;
    if let Some(named) = &mut session_id {
        // By its id: another host may give its number, or its name, to another session.
        let params = SessionParams { session_id: std::mem::take(named) };
        *named = read_result::<GetSession>(cx.ask_twice::<GetSession>(&mut control, &params)?)?.session_id;
    }
    let params = SubscribeParams { events, session_id };
    let mut retry = Retry::standing(Instant::now());
    loop {
        match follow(control, &params)? {
            End::Unread => return Ok(()),
            End::Lost => {}
        }
        let since = Instant::now();
        control = cx.control_again(&mut retry, Absent::Fail)?.0;
        let away = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
        if !tell(&json!({ "jsonrpc": "2.0", "method": GAP, "params": { "away_ms": away } }))? {
            return Ok(());
        }
    }
}

/// Subscribes, and prints events for as long as they come and somebody reads them.
fn follow(mut control: Control, params: &SubscribeParams) -> Result<End, Fail> {
    match control.ask::<Subscribe>(params) {
        Err(error) if is_lost(&error) => return Ok(End::Lost),
        answer => drop(read_result::<Subscribe>(answer?)?),
    }
    let (socket, mut lines) = control.into_parts();
    loop {
        if lines.buffer().is_empty() && !passing::wait(&socket, &io::stdout()).map_err(Fail::failed)? {
            return Ok(End::Unread);
        }
        let line = match read_line(&mut lines) {
            Ok(Some(line)) => line,
            Err(e) if e.kind() == ErrorKind::InvalidData => return Err(Fail::failed(e)),
            // What was not sent to its end is no event.
            Ok(None) | Err(_) => return Ok(End::Lost),
        };
        let event: Value =
            serde_json::from_str(&line).map_err(|e| Fail::failed(format!("a strange line came: {e}")))?;
        if !tell(&event)? {
            return Ok(End::Unread);
        }
    }
}

/// Prints one line; false when nobody reads on.
fn tell(event: &Value) -> Result<bool, Fail> {
    let mut stdout = io::stdout();
    match writeln!(stdout, "{}", out::json(event)).and_then(|()| stdout.flush()) {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(e) => Err(Fail::failed(format!("cannot write the events: {e}"))),
    }
}
