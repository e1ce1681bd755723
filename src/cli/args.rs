//! The arguments as a value, and the help that is made from it. What a verb takes stands in the verb's own file.

use std::path::{Path, PathBuf};

use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand};

use super::attach::AttachArgs;
use super::broadcast::BroadcastArgs;
use super::capture::CaptureArgs;
use super::create::NewArgs;
use super::detach::DetachArgs;
use super::events::EventsArgs;
use super::far::parse_machine;
use super::has::HasArgs;
use super::kill::KillArgs;
use super::paste::PasteArgs;
use super::prompt::PromptArgs;
use super::reconnect::ReconnectArgs;
use super::relay::RelayArgs;
use super::rename::RenameArgs;
use super::resize::ResizeArgs;
use super::search::SearchArgs;
use super::send::SendArgs;
use super::send_keys::KeysArgs;
use super::shot::ShotArgs;
use super::up::UpArgs;
use super::upgrade::UpgradeArgs;
use super::wait::WaitArgs;
use super::workspace::WorkspaceVerb;
use crate::model::session_kind::SshTarget;

/// The heading in help of what goes with every command.
const GLOBAL: &str = "Options of all commands";
/// Behind the options of the command itself.
const LAST: usize = 900;

/// A native GPU terminal multiplexer: a grid of live panes, every session kept by a background host.
///
/// Without a command it opens the window; the host is started if none runs, and the sessions of the last window are
/// there as they are now.
#[derive(Debug, Parser)]
#[command(name = "synk", version)]
pub struct Cli {
    #[command(flatten)]
    pub window: WindowArgs,
    #[command(flatten)]
    pub host: HostArgs,
    /// Print the API's result as it is, and failures as JSON on standard error
    #[arg(long, global = true, help_heading = GLOBAL, display_order = LAST)]
    pub json: bool,
    #[command(subcommand)]
    pub verb: Option<Verb>,
}

impl Cli {
    /// The arguments, if they go together as clap cannot say it: options of the window go with no command.
    ///
    /// # Errors
    /// clap's error for it, which ends the program with code 2.
    pub fn checked(self) -> Result<Self, clap::Error> {
        let machine = self.host.machine().is_some();
        let said = match &self.verb {
            Some(_) if self.window.embedded => "--embedded is for the window: it goes with no command",
            None if self.window.embedded && machine => "--embedded has a host of its own, --host another machine's",
            _ if machine && self.host.socket().is_some() => {
                "--host asks another machine, where the socket is found by the synk there; --socket is a path of here"
            }
            Some(Verb::Daemon { action: None, .. } | Verb::Keeper) if machine => {
                "a host is run where it is: say `daemon start`"
            }
            Some(Verb::Upgrade(_)) if machine => "a host is upgraded where it is, by the synk there",
            Some(Verb::Doctor) if machine => "doctor looks at the machine that it runs on",
            _ => return Ok(self),
        };
        Err(Self::command().error(ErrorKind::ArgumentConflict, said))
    }
}

#[derive(Debug, Args)]
pub struct WindowArgs {
    /// Run a command in a window of its own; its sessions end with the window
    #[arg(short = 'e', value_name = "CMD", num_args = 1.., allow_hyphen_values = true)]
    pub command: Vec<String>,
    /// Run the host inside the window's process: the sessions end with the window
    #[arg(long)]
    pub embedded: bool,
}

/// Which host.
#[derive(Debug, Default, Args)]
pub struct HostArgs {
    /// Use the host of another machine, by OpenSSH and the synk that is installed there
    // Its id is not that of the whole group of arguments.
    #[arg(long = "host", id = "machine", global = true, value_name = "[USER@]HOST[:PORT]", value_parser = parse_machine)]
    #[arg(help_heading = GLOBAL, display_order = LAST)]
    machine: Option<SshTarget>,
    /// The host's socket [default: SYNK_SOCKET, else socket_path in synk.ron, else synk/synk.sock in XDG_RUNTIME_DIR]
    #[arg(long, global = true, value_name = "PATH", help_heading = GLOBAL, display_order = LAST)]
    socket: Option<PathBuf>,
    /// As --socket, in front of the command
    // Not global: `capture` has an -S of its own, which is tmux's.
    #[arg(short = 'S', value_name = "PATH", conflicts_with = "socket", help_heading = GLOBAL, display_order = LAST)]
    before: Option<PathBuf>,
}

impl HostArgs {
    /// The machine asked for, if it is another one.
    pub fn machine(&self) -> Option<&SshTarget> {
        self.machine.as_ref()
    }

    /// The socket asked for.
    pub fn socket(&self) -> Option<&Path> {
        self.socket.as_deref().or(self.before.as_deref())
    }
}

const UPGRADE: &str = "\
Examples:
  synk upgrade                     # after another version was installed
  synk upgrade --to ./target/release/synk";

const COMPLETIONS: &str = "\
Examples:
  synk completions bash > ~/.local/share/bash-completion/completions/synk
  synk completions zsh > ~/.zfunc/_synk    # a directory in fpath
  synk completions fish > ~/.config/fish/completions/synk.fish";

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Make a session and attach to it
    #[command(alias = "new-session")]
    New(NewArgs),
    /// Show a session in this terminal, until it ends or is detached
    #[command(aliases = ["a", "attach-session"])]
    Attach(AttachArgs),
    /// List the sessions
    #[command(aliases = ["list-sessions", "list", "lsp", "list-panes"])]
    Ls,
    /// Exit with 0 if there is such a session, with 1 if there is none
    #[command(alias = "has-session")]
    Has(HasArgs),
    /// Give a session another name
    #[command(alias = "rename-session")]
    Rename(RenameArgs),
    /// Give a session a size that stays, whatever viewers there are
    #[command(aliases = ["resize-window", "resizew"])]
    Resize(ResizeArgs),
    /// Detach the terminals that are attached to a session; windows keep their panes
    #[command(alias = "detach-client")]
    Detach(DetachArgs),
    /// End sessions and the programs in them
    #[command(aliases = ["kill-session", "kill-pane", "killp"])]
    Kill(KillArgs),
    /// Bring back the link of an SSH or a serial session that has lost it
    Reconnect(ReconnectArgs),
    /// Type text into a session as it is: no encoding, no brackets, no Enter
    #[command(alias = "send-text")]
    Send(SendArgs),
    /// Press keys in a session by their names; none is pressed if one is unknown
    SendKeys(KeysArgs),
    /// Paste text into a session, in brackets if its program asked for them
    Paste(PasteArgs),
    /// Paste a prompt into a session, then press Enter
    Prompt(PromptArgs),
    /// Type the same into several sessions
    Broadcast(BroadcastArgs),
    /// Print what a session shows
    #[command(aliases = ["capture-pane", "capturep", "get-text"])]
    Capture(CaptureArgs),
    /// Search a session's text; prints ROW:COLUMN:LINE, with rows as `capture` counts them
    Search(SearchArgs),
    /// Wait for something to happen in a session
    Wait(WaitArgs),
    /// Print what happens, a JSON object a line, until interrupted
    Events(EventsArgs),
    /// List the clients of the host
    #[command(aliases = ["list-clients", "lsc"])]
    Clients,
    /// Tell whether a host runs and what it holds
    Status,
    /// Print counts and sums over the host and its sessions
    Metrics,
    /// Check what synk needs of this machine, and say what to do about the rest
    Doctor,
    /// What programs that speak to the host themselves have to know
    Api {
        #[command(subcommand)]
        action: ApiVerb,
    },
    /// Print what a shell needs to complete synk's command line
    #[command(after_help = COMPLETIONS)]
    Completions {
        /// Whose completions
        shell: clap_complete::Shell,
    },
    /// List, make, divide and delete workspaces: what windows show
    Workspace {
        #[command(subcommand)]
        action: WorkspaceVerb,
    },
    /// Open the window on a workspace, or on a saved session: its panes come back in their places, with fresh programs
    Open {
        /// The workspace, or the name that the session was saved under
        name: String,
    },
    /// Make the workspace of a template, with its panes and what runs in them, unless it is there
    Up(UpArgs),
    /// Draw the present grid into a PNG file, without a display
    Shot(ShotArgs),
    /// Pass a connection to this machine's host on over standard input and output; `--host` runs it by OpenSSH
    Relay(RelayArgs),
    /// Hold the terminals and run the background host, until told to end
    #[command(hide = true)]
    Keeper,
    /// Start, stop or ask the background host; without a command, be it until stopped
    Daemon {
        #[command(subcommand)]
        action: Option<DaemonVerb>,
        /// Say what this program can take over from the one that asks
        #[arg(long, hide = true)]
        check: bool,
    },
    /// Have this program, or another, run the host in place of the one that does; every session goes on
    ///
    /// The program is looked at first: one that cannot take over is refused. One whose host does not stay up is gone back
    /// on. The exit code is 1 then, and what ran before runs.
    #[command(after_help = UPGRADE)]
    Upgrade(UpgradeArgs),
}

#[derive(Debug, Subcommand)]
pub enum ApiVerb {
    /// Print the JSON Schema of methods, events and errors
    Schema,
}

#[derive(Debug, Subcommand)]
pub enum DaemonVerb {
    /// Start the host in the background, unless one runs
    Start,
    /// End every session, then the host
    Stop {
        /// Do not ask before sessions end
        #[arg(long, short)]
        yes: bool,
    },
    /// Tell whether a host runs and what it holds
    Status,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn parse(args: &[&str]) -> Result<Cli, clap::Error> {
        Cli::try_parse_from([&["synk"], args].concat())
    }

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_command_takes_everything_behind_it() {
        let cli = parse(&["-e", "ls", "--json", "-l"]).unwrap();
        assert_eq!(cli.window.command, ["ls", "--json", "-l"]);
        assert!(cli.verb.is_none());
    }

    /// The words of a line as a shell reads them: quotes keep blanks together.
    fn words(line: &str) -> Vec<String> {
        let parts = line.split('\'').enumerate();
        let marked = parts.map(|(i, part)| if i % 2 == 1 { part.replace(' ', "\0") } else { part.to_owned() });
        let marked: String = marked.collect();
        marked.split_whitespace().map(|word| word.replace('\0', " ")).collect()
    }

    #[test]
    fn every_example_is_understood() {
        let mut count = 0;
        for verb in Cli::command().get_subcommands() {
            let examples = verb.get_after_help().map(ToString::to_string).unwrap_or_default();
            for line in examples.lines().skip(1) {
                let line = line.split(" # ").next().unwrap_or_default().split(" > ").next().unwrap_or_default();
                let line = line.rsplit("| ").next().unwrap_or_default();
                let cli = Cli::try_parse_from(words(line)).unwrap_or_else(|e| panic!("{line}: {e}"));
                assert!(cli.verb.is_some(), "{line}");
                count += 1;
            }
        }
        assert!(count > 20, "{count}");
    }

    #[test]
    fn what_is_of_this_machine_does_not_go_with_another() {
        for args in
            [&["--embedded"][..], &["--socket", "/x", "ls"], &["-S/x", "ls"], &["daemon"], &["doctor"], &["upgrade"]]
        {
            let cli = parse(&[&["--host", "box"], args].concat()).unwrap();
            assert!(cli.checked().is_err(), "{args:?}");
        }
        let cli = parse(&["ls", "--host", "me@box:2222"]).unwrap().checked().unwrap();
        assert_eq!(cli.host.machine().unwrap().to_string(), "me@box:2222");
        assert!(parse(&["--host", "-oProxyCommand=x", "ls"]).is_err() && parse(&["--host=-x", "ls"]).is_err());
    }

    #[test]
    fn every_verb_has_help() {
        for verb in Cli::command().get_subcommands() {
            assert!(verb.get_about().is_some(), "{}", verb.get_name());
        }
        assert_eq!(parse(&["daemon", "stop", "--help"]).unwrap_err().kind(), clap::error::ErrorKind::DisplayHelp);
    }
}
