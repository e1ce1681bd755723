//! `synk events`: prints what happens, a JSON object a line, until it is interrupted or nobody reads on.

use std::io::{self, BufRead, ErrorKind, Write};

use clap::Args;
use serde_json::Value;

use super::fail::{Fail, NO_HOST};
use super::target;
use super::{out, passing, verb::Context};
use crate::client::{Absent, read_result};
use crate::protocol::line::read_line;
use crate::protocol::methods::{Subscribe, SubscribeParams};

const EXAMPLES: &str = "\
Examples:
  synk events
  synk events session:exit session:bell
  synk events -t dev session:output";

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

pub fn run(cx: &Context, args: EventsArgs) -> Result<(), Fail> {
    let session_id = args.target.as_deref().map(target::session).transpose()?;
    let events = (!args.events.is_empty()).then_some(args.events);
    let mut control = cx.control(Absent::Fail)?;
    read_result::<Subscribe>(control.ask::<Subscribe>(&SubscribeParams { events, session_id })?)?;
    let (socket, mut lines) = control.into_parts();
    let broken = |e: io::Error| Fail::failed(format!("the connection to the host broke: {e}"));
    let mut stdout = io::stdout();
    loop {
        if lines.buffer().is_empty() && !passing::wait(&socket, &stdout).map_err(broken)? {
            return Ok(());
        }
        if lines.fill_buf().map_err(broken)?.is_empty() {
            return Err(Fail::new(NO_HOST, "the host has ended"));
        }
        let Some(line) = read_line(&mut lines).map_err(broken)? else { continue };
        let event: Value =
            serde_json::from_str(&line).map_err(|e| Fail::failed(format!("a strange line came: {e}")))?;
        match writeln!(stdout, "{}", out::json(&event)).and_then(|()| stdout.flush()) {
            Ok(()) => {}
            Err(e) if e.kind() == ErrorKind::BrokenPipe => return Ok(()),
            Err(e) => return Err(Fail::failed(format!("cannot write the events: {e}"))),
        }
    }
}
