//! `synk new`: makes a session, on this machine, over SSH or on a serial line, and attaches to it.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use clap::{Args, value_parser};

use super::attach::{self, AttachArgs};
use super::fail::Fail;
use super::far::{parse_serial, parse_ssh};
use super::verb::Context;
use super::workspace::active;
use crate::base::geom::{MAX_COLS, MAX_LINES, MIN_COLS, MIN_LINES};
use crate::base::{SessionId, harmless};
use crate::client::Absent;
use crate::config;
use crate::model::agent::{AgentKind, SHELL};
use crate::protocol::methods::{CreateParams, CreateSession, GetSession, SessionParams};
use crate::protocol::rpc::code;
use crate::protocol::shapes::{RemoteShape, SerialShape, SessionType, SshShape};

const COLS: RangeInclusive<i64> = MIN_COLS as i64..=MAX_COLS as i64;
const ROWS: RangeInclusive<i64> = MIN_LINES as i64..=MAX_LINES as i64;
const EXAMPLES: &str = "\
Examples:
  synk new -s dev                                      # a shell in this directory, and attach to it
  synk new -A -s dev                                   # attach to dev, which is made if it is not there
  synk new -d -s build -c /src -e JOBS=4 -- make test  # a program in the background
  synk new -d -s box --ssh me@box:2222
  synk new -d -s board --serial /dev/ttyUSB0,115200
  synk new --workspace default --remote me@box dev";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct NewArgs {
    /// The session's name; made up if left out
    #[arg(short = 's', long, value_name = "NAME")]
    name: Option<String>,
    /// Attach to the session of this name if there is one
    #[arg(short = 'A', requires = "name")]
    attach: bool,
    /// Do not attach: print the session's name
    #[arg(short = 'd', long)]
    detached: bool,
    /// The directory it starts in [default: the present one]
    #[arg(short = 'c', long = "cwd", value_name = "DIR")]
    cwd: Option<PathBuf>,
    /// A variable for its program; may be given more than once
    #[arg(short = 'e', long = "env", value_name = "NAME=VALUE", value_parser = parse_variable)]
    env: Vec<(String, String)>,
    /// Columns that it starts with, 2 to 1000
    #[arg(short = 'x', long, default_value_t = 80, value_parser = value_parser!(u16).range(COLS))]
    cols: u16,
    /// Rows that it starts with, 1 to 500
    #[arg(short = 'y', long, default_value_t = 24, value_parser = value_parser!(u16).range(ROWS))]
    rows: u16,
    /// The agent to start, as in agents.ron
    #[arg(long, value_name = "NAME", conflicts_with_all = ["ssh", "serial"])]
    agent: Option<String>,
    /// The workspace whose next pane it takes [default: that of `synk workspace use`; without one no window shows it
    /// by itself]
    #[arg(long, value_name = "NAME")]
    workspace: Option<String>,
    /// The project's directory, which its program finds in SYNK_PROJECT
    #[arg(long, value_name = "DIR")]
    project: Option<PathBuf>,
    /// Run it on another machine, by this one's OpenSSH client
    #[arg(long, value_name = "[USER@]HOST[:PORT]", value_parser = parse_ssh, conflicts_with = "serial")]
    ssh: Option<SshShape>,
    /// Open a serial line: 115200 baud, 8N1 and no flow control (`xonxoff`, `rtscts`) unless said
    #[arg(long, value_name = "DEVICE[,BAUD[,8N1[,FLOW]]]", value_parser = parse_serial)]
    serial: Option<SerialShape>,
    /// Keep a place for a session of another machine's host: windows show that one in it
    #[arg(long, num_args = 2, value_names = ["[USER@]HOST[:PORT]", "SESSION"], conflicts_with_all = ["ssh", "serial", "command", "attach"])]
    remote: Option<Vec<String>>,
    /// What to run instead of the shell
    #[arg(value_name = "CMD", trailing_var_arg = true)]
    command: Vec<String>,
}

pub fn run(cx: &Context, args: NewArgs) -> Result<(), Fail> {
    let (detached, or_existing) = (args.detached, args.attach);
    // What a program reads as JSON is not for a terminal.
    let shows = !detached && !cx.json && args.remote.is_none();
    if shows {
        attach::ready()?;
    }
    let here = cx.here();
    let mut params = params(args, here.as_deref())?;
    if let (Some(id), true) = (&params.agent, params.command.is_empty()) {
        params.command = agent_command(&config::load_from_env().agents, id)?;
    }
    // The host makes one session of two requests with the same id.
    params.session_id = Some(SessionId::new().to_string());
    let mut control = cx.control(Absent::Start)?;
    if params.workspace.is_none() {
        params.workspace = active(cx, &mut control)?;
    }
    let words = |name: &str| if shows { String::new() } else { format!("{}\n", harmless(name)) };
    let session = match cx.call_twice::<CreateSession>(&mut control, &params, |made| words(&made.name)) {
        Ok(made) => {
            if let Some(notice) = &made.notice {
                eprintln!("synk: {}", harmless(notice));
            }
            made.session_id
        }
        Err(fail) if fail.error.as_ref().is_some_and(|e| e.code == code::SESSION_EXISTS) => match params.name {
            Some(session_id) if or_existing => {
                let there = SessionParams { session_id };
                cx.call::<GetSession>(&mut control, &there, |there| words(&there.name))?.session_id
            }
            _ => return Err(fail.hint("-A attaches to the one there is")),
        },
        Err(fail) => return Err(fail),
    };
    if shows { attach::run(cx, &AttachArgs { target: Some(session), ..AttachArgs::default() }) } else { Ok(()) }
}

/// What the API takes. Paths are meant from the present directory, and a session without a directory starts there, as in
/// tmux; what is elsewhere has no use for a directory of here.
fn params(args: NewArgs, here: Option<&Path>) -> Result<CreateParams, Fail> {
    let kind = match (args.ssh, args.serial, args.remote.as_deref()) {
        (Some(ssh), ..) => SessionType::Ssh(ssh),
        (_, Some(serial), _) => SessionType::Serial(serial),
        (.., Some([machine, session])) => {
            let machine = parse_ssh(machine).map_err(|why| Fail::usage(format!("--remote {machine}: {why}")))?;
            SessionType::Remote(RemoteShape { machine, session: session.clone() })
        }
        _ => SessionType::Local,
    };
    let cwd = match args.cwd {
        Some(dir) => Some(absolute(&dir, here)?),
        // With a project the session starts in it.
        None if kind.is_local() && args.project.is_none() => here.map(|here| here.display().to_string()),
        None => None,
    };
    Ok(CreateParams {
        name: args.name,
        kind,
        workspace: args.workspace,
        agent: args.agent,
        command: args.command,
        project: args.project.map(|dir| absolute(&dir, here)).transpose()?,
        cwd,
        env: args.env.into_iter().collect::<BTreeMap<_, _>>(),
        cols: args.cols,
        rows: args.rows,
        ..CreateParams::default()
    })
}

pub(super) fn absolute(dir: &Path, here: Option<&Path>) -> Result<String, Fail> {
    let path = match here {
        Some(here) => here.join(dir),
        None if dir.is_absolute() => dir.to_owned(),
        None => return Err(Fail::usage(format!("{}: say the whole path", dir.display()))),
    };
    // Without the `.` in it; a `..` means what the file system makes of it.
    let path: PathBuf = path.components().collect();
    let text = path.to_str().map(str::to_owned);
    text.ok_or_else(|| Fail::usage(format!("{}: a directory's name that is not UTF-8 cannot be sent", path.display())))
}

/// What an agent is started with. The host knows agents by name only, and what a shell is, it knows better than a file.
pub(super) fn agent_command(agents: &[AgentKind], id: &str) -> Result<Vec<String>, Fail> {
    if id == SHELL {
        return Ok(Vec::new());
    }
    let Some(kind) = agents.iter().find(|kind| kind.id == id) else {
        let known: Vec<_> = agents.iter().map(|kind| kind.id.as_str()).collect();
        return Err(Fail::usage(format!("no agent is called {id:?}; agents.ron and synk know {}", known.join(", "))));
    };
    Ok([std::slice::from_ref(&kind.command), &kind.args].concat())
}

fn parse_variable(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    if name.is_empty() {
        return Err("expected a name in front of the =".into());
    }
    Ok((name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Only {
        #[command(flatten)]
        args: NewArgs,
    }

    fn parsed(args: &[&str]) -> Result<CreateParams, String> {
        let only = Only::try_parse_from([&["new"], args].concat()).map_err(|e| e.to_string())?;
        params(only.args, Some(Path::new("/work"))).map_err(|e| e.message)
    }

    #[test]
    fn a_session_starts_where_the_command_was_typed() {
        assert_eq!(parsed(&[]).unwrap().cwd.as_deref(), Some("/work"));
        assert_eq!(parsed(&["-c", "sub"]).unwrap().cwd.as_deref(), Some("/work/sub"));
        assert_eq!(parsed(&["-c", "./sub/."]).unwrap().cwd.as_deref(), Some("/work/sub"));
        assert_eq!(parsed(&["-c", "/else"]).unwrap().cwd.as_deref(), Some("/else"));
        let p = parsed(&["--project", "p"]).unwrap();
        assert_eq!((p.project.as_deref(), p.cwd), (Some("/work/p"), None));
        assert_eq!(parsed(&["--ssh", "box"]).unwrap().cwd, None);
    }

    #[test]
    fn everything_is_passed_on() {
        let p = parsed(&["-s", "dev", "-e", "A=1=2", "-e", "B=", "-x", "100", "--rows", "30", "--agent", "claude"])
            .unwrap();
        assert_eq!((p.name.as_deref(), p.cols, p.rows, p.agent.as_deref()), (Some("dev"), 100, 30, Some("claude")));
        assert_eq!(p.env, BTreeMap::from([("A".to_owned(), "1=2".to_owned()), ("B".to_owned(), String::new())]));
    }

    #[test]
    fn an_agent_is_started_with_its_command() {
        let mut agents = config::builtin_agents();
        agents[0].args = vec!["--continue".into()];
        let (id, command) = (agents[0].id.clone(), agents[0].command.clone());
        assert_eq!(agent_command(&agents, &id), Ok(vec![command, "--continue".to_owned()]));
        assert_eq!(agent_command(&agents, "shell"), Ok(Vec::new()));
        let fail = agent_command(&agents, "nobody").unwrap_err();
        assert!(fail.code == 2 && fail.message.contains(&id), "{fail:?}");
    }

    #[test]
    fn behind_the_first_word_everything_is_the_commands() {
        assert_eq!(parsed(&["-d", "ls", "-d", "--json"]).unwrap().command, ["ls", "-d", "--json"]);
        assert_eq!(parsed(&["--", "-odd", "-s", "x"]).unwrap().command, ["-odd", "-s", "x"]);
    }

    #[test]
    fn what_cannot_be_is_named() {
        for args in [&["-e", "A"][..], &["-e", "=1"], &["--cols", "x"], &["-A"], &["--ssh", "a", "--serial", "/dev/x"]]
        {
            assert!(parsed(args).is_err(), "{args:?}");
        }
    }
}
