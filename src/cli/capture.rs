//! `synk capture`: prints what a session shows, has shown, or what its last command wrote.

use std::io::IsTerminal;

use clap::Args;

use super::fail::Fail;
use super::target::TargetArgs;
use super::verb::Context;
use crate::base::{harmless, is_harmful};
use crate::protocol::methods::{ReadScreen, ReadScreenParams, ReadScreenResult, ScreenFormat, ScreenSource};

const EXAMPLES: &str = "\
Examples:
  synk capture -t dev                         # what the screen shows
  synk capture -t dev --history -J > dev.txt  # with the history, wrapped lines whole again
  synk capture -t dev -S -100                 # the last 100 rows of history, and the screen
  synk capture -t dev --last-output
  synk capture -t dev --json --cells";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct CaptureArgs {
    #[command(flatten)]
    target: TargetArgs,
    /// The history and the screen below it
    #[arg(long, conflicts_with = "last_output")]
    history: bool,
    /// First row: 0 is the screen's first, -1 the one above it, `-` the oldest
    #[arg(short = 'S', long = "start", value_name = "ROW", allow_hyphen_values = true, value_parser = parse_row)]
    start: Option<Row>,
    /// Last row, counted alike; `-` is the screen's last
    #[arg(short = 'E', long = "end", value_name = "ROW", allow_hyphen_values = true, value_parser = parse_row)]
    end: Option<Row>,
    /// What the last command wrote, where the shell marks its commands
    #[arg(long, conflicts_with_all = ["start", "end"])]
    last_output: bool,
    /// With colours and attributes
    #[arg(short = 'e', long)]
    ansi: bool,
    /// With --json: runs of cells with their style instead of text
    #[arg(long, conflicts_with = "ansi")]
    cells: bool,
    /// Rows that the terminal wrapped become one line again
    #[arg(short = 'J', long)]
    join: bool,
    /// For hands used to tmux: it prints anyway
    #[arg(short = 'p', hide = true)]
    print: bool,
}

/// A row as it is given: a number, or the end of what there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Row {
    Number(i64),
    Utmost,
}

fn parse_row(text: &str) -> Result<Row, String> {
    if text == "-" {
        return Ok(Row::Utmost);
    }
    text.parse().map(Row::Number).map_err(|_| "expected a row such as 0 or -100, or `-`".into())
}

pub fn run(cx: &Context, args: &CaptureArgs) -> Result<(), Fail> {
    // clap cannot say so: it looks at what stands in front of the verb only later.
    if args.cells && !cx.json {
        return Err(Fail::usage("--cells goes with --json: cells are not for people"));
    }
    let terminal = std::io::stdout().is_terminal();
    let shown = cx.ask::<ReadScreen>(&params(args.target.session()?, args), |result| words(result, terminal))?;
    if shown.truncated {
        eprintln!("synk: this is the end of it: a reply has at most 10,000 rows and 1 MiB; take it in parts (-S, -E)");
    }
    Ok(())
}

fn params(session_id: String, args: &CaptureArgs) -> ReadScreenParams {
    let ranged = args.history || args.start.is_some() || args.end.is_some();
    let number = |row: Option<Row>| match row {
        Some(Row::Number(n)) => Some(n),
        Some(Row::Utmost) | None => None,
    };
    ReadScreenParams {
        session_id,
        source: match () {
            () if args.last_output => ScreenSource::LastCommand,
            () if ranged => ScreenSource::History,
            () => ScreenSource::Screen,
        },
        format: match () {
            () if args.cells => ScreenFormat::Cells,
            () if args.ansi => ScreenFormat::Ansi,
            () => ScreenFormat::Text,
        },
        // With only an end, as in tmux, the screen's first row is the beginning.
        start: number(args.start).or((args.start.is_none() && !args.history && ranged).then_some(0)),
        end: number(args.end),
        join: args.join,
    }
}

/// The text, ended by a line end. Files and pipes get it as it is; a terminal gets nothing from it that it would obey but
/// colours, whatever the host sent.
fn words(result: &ReadScreenResult, terminal: bool) -> String {
    let mut text = result.text.clone().unwrap_or_default();
    if terminal {
        text = text.split('\n').map(for_terminal).collect::<Vec<_>>().join("\n");
    }
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

/// A line with its SGR sequences (ECMA-48 8.3.117: CSI, digits, `;` and `:`, then `m`) and nothing else to obey.
fn for_terminal(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find(is_harmful) {
        let (plain, from) = rest.split_at(at);
        out.push_str(plain);
        let sgr = from.strip_prefix("\u{1b}[").and_then(|inside| {
            let end = inside.find(|c: char| !(c.is_ascii_digit() || matches!(c, ';' | ':')))?;
            inside[end..].starts_with('m').then_some(2 + end + 1)
        });
        let first = from.chars().next().map_or(0, char::len_utf8);
        let (taken, behind) = from.split_at(sgr.unwrap_or(first));
        out.push_str(&if sgr.is_some() { taken.into() } else { harmless(taken) });
        rest = behind;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Only {
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        args: CaptureArgs,
    }

    fn of(args: &[&str]) -> ReadScreenParams {
        let only = Only::try_parse_from([&["capture"], args].concat()).unwrap();
        assert!(only.json || !only.args.cells);
        params("x".into(), &only.args)
    }

    #[test]
    fn what_is_asked_for_is_what_is_read() {
        assert_eq!((of(&[]).source, of(&[]).format), (ScreenSource::Screen, ScreenFormat::Text));
        assert_eq!(of(&["--history"]).source, ScreenSource::History);
        assert_eq!(of(&["--last-output", "--ansi"]).source, ScreenSource::LastCommand);
        assert_eq!(of(&["-p", "-e", "-J"]).format, ScreenFormat::Ansi);
        assert_eq!(of(&["--json", "--cells"]).format, ScreenFormat::Cells);
        let ends = |args: &[&str]| (of(args).source, of(args).start, of(args).end);
        assert_eq!(ends(&["-S", "-10", "-E", "-1"]), (ScreenSource::History, Some(-10), Some(-1)));
        assert_eq!(ends(&["-S", "-"]), (ScreenSource::History, None, None));
        assert_eq!(ends(&["-E", "5"]), (ScreenSource::History, Some(0), Some(5)));
        assert_eq!(ends(&["--history", "-E", "-"]), (ScreenSource::History, None, None));
    }

    #[test]
    fn wrong_rows_and_mixtures_are_refused() {
        for args in
            [&["-S", "x"][..], &["--last-output", "--history"], &["--last-output", "-S", "0"], &["--cells", "-e"]]
        {
            assert!(Only::try_parse_from([&["capture"], args].concat()).is_err(), "{args:?}");
        }
    }

    #[test]
    fn a_terminal_gets_colours_and_nothing_else_to_obey() {
        let sgr = "\u{1b}[1;38:2::1:2:3mred\u{1b}[m";
        assert_eq!(for_terminal(sgr), sgr);
        for evil in ["\u{1b}[2J", "\u{1b}]0;x\u{7}", "\u{9b}2J", "\u{1b}", "\u{1b}[", "\u{1b}[1", "a\rb", "\u{202e}"] {
            let shown = for_terminal(&format!("{evil}{sgr}{evil}"));
            assert!(shown.contains(sgr), "{shown:?}");
            assert!(!shown.replace(sgr, "").contains(is_harmful), "{shown:?}");
        }
    }
}
