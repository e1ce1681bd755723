//! The arguments as a value, and the help that is made from it.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::base::PxSize;

/// A native GPU terminal multiplexer: a grid of live panes, every session kept by a background host.
///
/// Without a command it opens the window; the host is started if none runs, and the sessions of the last window are
/// there as they are now.
#[derive(Debug, Parser)]
#[command(name = "synk", version, args_conflicts_with_subcommands = true)]
pub struct Cli {
    #[command(flatten)]
    pub window: WindowArgs,
    #[command(subcommand)]
    pub verb: Option<Verb>,
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

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Open a saved session: its panes come back in their places, with fresh programs
    Open {
        /// The name it was saved under
        name: String,
    },
    /// List the sessions
    Ls {
        /// Print the API's result as it is
        #[arg(long)]
        json: bool,
    },
    /// End sessions and the programs in them
    Kill {
        /// Id, name or number of a session
        #[arg(required = true, value_name = "SESSION")]
        sessions: Vec<String>,
    },
    /// The background host: without a command, run it in this process until it is stopped
    Daemon {
        #[command(subcommand)]
        action: Option<DaemonVerb>,
    },
    /// Draw the present grid into a PNG file, without a display
    Shot(ShotArgs),
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
    /// Say whether a host runs and what it holds
    Status {
        /// Print the API's result as it is
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
pub struct ShotArgs {
    /// Size of the picture in pixels
    #[arg(long, value_name = "WxH", default_value = "1200x800", value_parser = parse_size)]
    pub size: PxSize,
    /// The file to write
    #[arg(long, value_name = "FILE.png", default_value = "synk.png")]
    pub out: PathBuf,
    /// Draw four shells of its own that run coloured commands, and touch no host
    #[arg(long)]
    pub demo: bool,
}

/// Largest picture's edge in pixels: what graphics adapters are sure to have.
const MAX_EDGE: u32 = 8192;

fn parse_size(text: &str) -> Result<PxSize, String> {
    let parsed = text.split_once('x').and_then(|(w, h)| Some(PxSize { w: w.parse().ok()?, h: h.parse().ok()? }));
    parsed
        .filter(|s| (1..=MAX_EDGE).contains(&s.w) && (1..=MAX_EDGE).contains(&s.h))
        .ok_or_else(|| format!("expected WIDTHxHEIGHT in pixels, each from 1 to {MAX_EDGE}, such as 1200x800"))
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

    #[test]
    fn sizes_are_checked() {
        assert_eq!(parse_size("1200x800"), Ok(PxSize { w: 1200, h: 800 }));
        for bad in ["", "x", "0x5", "5", "9000x10", "-1x5", "1x2x3"] {
            assert!(parse_size(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn every_verb_has_help() {
        for verb in Cli::command().get_subcommands() {
            assert!(verb.get_about().is_some(), "{}", verb.get_name());
        }
        assert_eq!(parse(&["daemon", "stop", "--help"]).unwrap_err().kind(), clap::error::ErrorKind::DisplayHelp);
    }
}
