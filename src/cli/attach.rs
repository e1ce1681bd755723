//! `synk attach`: a session in the terminal that this runs in. `synk new` ends here too.

use std::io::{self, IsTerminal, Write};

use clap::Args;

use super::fail::{FAILED, Fail, NO_TARGET};
use super::target;
use super::verb::Context;
use crate::attach::{self, Ending, Failure, Options, Target};
use crate::base::harmless;
use crate::client::Lost;
use crate::config;
use crate::model::DetachKey;

#[derive(Debug, Clone, Default, Args)]
pub struct AttachArgs {
    /// The session's name, number or UUID [default: the one last active, rather one that nobody is attached to]
    #[arg(short = 't', long, value_name = "SESSION")]
    pub target: Option<String>,
    /// As -t
    #[arg(value_name = "SESSION", conflicts_with = "target", hide_short_help = true)]
    pub session: Option<String>,
    /// Only look: nothing is typed, and the session keeps its size
    #[arg(short = 'r', long)]
    pub read_only: bool,
    /// What detaches, such as ctrl+] or f12; pressed twice it goes to the program [default: detach_key in synk.ron]
    #[arg(long, value_name = "CHORD")]
    pub detach_key: Option<DetachKey>,
}

fn var(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Whether a session can be shown here at all: to be asked before one is made to be shown.
///
/// # Errors
/// What is missing.
pub fn ready() -> Result<(), Fail> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(Fail::failed("attaching needs a terminal as standard input and output"));
    }
    if matches!(var("TERM").as_deref(), None | Some("dumb" | "unknown")) {
        let message = "attaching needs a terminal that can place its cursor; TERM says that this one cannot";
        return Err(Fail::failed(message));
    }
    Ok(())
}

/// Attaches until the terminal is detached or the session ends, then says in one line why.
pub fn run(cx: &Context, args: &AttachArgs) -> Result<(), Fail> {
    ready()?;
    let settings = config::settings_from_env();
    let options = Options {
        read_only: args.read_only,
        detach_key: args.detach_key.map_or(settings.detach_key, |key| key.0),
        title: settings.attach_title,
        clipboard: settings.attach_clipboard,
        look: attach::look::from_env(var),
    };
    let session = args.target.as_deref().or(args.session.as_deref()).map(target::session).transpose()?;
    let target = Target { session, inside: var("SYNK_SESSION") };
    let (ending, name) = attach::run(cx.connector()?, &target, options)?;
    match ending {
        Ending::Detached => say(&format!("detached from {name}")),
        Ending::Exited(_) | Ending::Gone | Ending::DetachedByOther => say(&ending.to_string()),
        Ending::Lost(_) | Ending::NoTerminal | Ending::Told => return Err(Fail::new(FAILED, ending)),
    }
    Ok(())
}

/// One line for people. Where the terminal went away in the meantime, nobody is there to miss it.
fn say(what: &str) {
    let _ = writeln!(io::stdout(), "[{}]", harmless(what));
}

impl From<Failure> for Fail {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Lost(Lost::Connect(error)) => error.into(),
            Failure::Lost(Lost::Hello(error)) | Failure::Call(error) => error.into(),
            Failure::NoSession(_) => Self::new(NO_TARGET, failure),
            other => Self::failed(other),
        }
    }
}
