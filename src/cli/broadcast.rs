//! `synk broadcast`: types the same into several sessions, and says for each how it went.

use clap::Args;

use super::fail::{FAILED, Fail};
use super::target;
use super::text::TextArgs;
use super::verb::Context;
use crate::base::harmless;
use crate::protocol::methods::{BroadcastInput, BroadcastParams, BroadcastResult, InputKind};

/// What `--to` takes, for the documents.
pub const SELECTORS: &[(&str, &str)] = &[
    ("`all`", "every session that runs; what it is without `--to`"),
    ("`workspace:NAME`", "the sessions in the panes of this workspace"),
    ("`dev,3,.`", "these sessions, each named as for `-t`"),
];

const EXAMPLES: &str = "\
Examples:
  synk broadcast --enter 'git pull'
  synk broadcast --to web,db --enter uptime
  synk broadcast --to workspace:default --except . --prompt 'Stop, and say what you did'";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct BroadcastArgs {
    /// `all`, `workspace:NAME`, or sessions with commas between them
    #[arg(long, value_name = "SELECTOR", default_value = "all")]
    to: String,
    /// But not these sessions
    #[arg(long, value_name = "SESSION", value_delimiter = ',')]
    except: Vec<String>,
    /// Enter behind the text: a carriage return, as the key types it
    #[arg(long, conflicts_with_all = ["prompt", "paste"])]
    enter: bool,
    /// Paste it and press Enter, as `synk prompt`
    #[arg(long, conflicts_with = "paste")]
    prompt: bool,
    /// Paste it, as `synk paste`
    #[arg(long)]
    paste: bool,
    #[command(flatten)]
    text: TextArgs,
}

pub fn run(cx: &Context, args: &BroadcastArgs) -> Result<(), Fail> {
    let (kind, text) = match (args.prompt, args.paste) {
        (true, _) => (InputKind::Prompt, args.text.prompt()?),
        (_, true) => (InputKind::Paste, args.text.text()?),
        _ => (InputKind::Input, args.text.text()? + if args.enter { "\r" } else { "" }),
    };
    let (sessions, workspace) = select(&args.to)?;
    let except = args.except.iter().map(|named| target::session(named)).collect::<Result<_, _>>()?;
    let result = cx.ask::<BroadcastInput>(&BroadcastParams { text, kind, sessions, workspace, except }, words)?;
    // What went wrong stands in the result.
    if result.sessions.iter().any(|s| s.error.is_some()) { Err(Fail::silent(FAILED)) } else { Ok(()) }
}

type Selected = (Option<Vec<String>>, Option<String>);

/// The sessions or the workspace that a selector means; neither for all.
fn select(selector: &str) -> Result<Selected, Fail> {
    if let Some(workspace) = selector.strip_prefix("workspace:") {
        return Ok((None, Some(workspace.to_owned())));
    }
    if selector == "all" {
        return Ok((None, None));
    }
    let named: Vec<_> = selector.split(',').filter(|named| !named.is_empty()).collect();
    if named.is_empty() {
        return Err(Fail::usage("--to takes `all`, `workspace:NAME`, or sessions with commas between them"));
    }
    Ok((Some(named.into_iter().map(target::session).collect::<Result<_, _>>()?), None))
}

fn words(result: &BroadcastResult) -> String {
    if result.sessions.is_empty() {
        return "no session was chosen\n".into();
    }
    let line = |name: &str, error: &Option<crate::protocol::rpc::Error>| match error {
        None => format!("{}: ok\n", harmless(name)),
        Some(error) => format!("{}: {}\n", harmless(name), harmless(&error.message)),
    };
    result.sessions.iter().map(|s| line(&s.name, &s.error)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::methods::Delivered;
    use crate::protocol::rpc::{Error, code};

    #[test]
    fn selectors_are_understood() {
        assert_eq!(select("all"), Ok((None, None)));
        assert_eq!(select("workspace:my grid"), Ok((None, Some("my grid".into()))));
        assert_eq!(select("dev,%3"), Ok((Some(vec!["dev".into(), "3".into()]), None)));
        assert_eq!(select(",").unwrap_err().code, 2);
    }

    #[test]
    fn each_session_has_its_line() {
        let told = |name: &str, error| Delivered { session_id: "x".into(), name: name.into(), error };
        let error = Error::new(code::SESSION_STOPPED, "its program \u{1b} has ended".into());
        let result = BroadcastResult { sessions: vec![told("dev\u{9b}", None), told("old", Some(error))] };
        assert_eq!(words(&result), "dev\u{fffd}: ok\nold: its program \u{fffd} has ended\n");
        assert!(words(&BroadcastResult { sessions: Vec::new() }).contains("no session"));
    }
}
