//! `synk wait`: waits until something holds in a session.

use std::time::{Duration, Instant};

use clap::{ArgGroup, Args};

use super::again::is_lost;
use super::fail::Fail;
use super::target::TargetArgs;
use super::verb::Context;
use crate::base::harmless;
use crate::client::{Absent, Answer, Control, Retry, read_result};
use crate::protocol::methods::{GetSession, SessionParams, WaitFor, WaitForParams, WaitResult, WaitUntil};

/// How long the host has to have stood for its loss not to be the wait's own doing.
const APART: Duration = Duration::from_secs(10);

const EXAMPLES: &str = "\
Examples:
  synk wait -t dev --prompt --timeout 60
  synk wait -t build --exit --code
  synk wait -t server --match 'listening on port [0-9]+'
  synk wait -t dev --quiet 500";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
#[command(group = ArgGroup::new("until").required(true))]
pub struct WaitArgs {
    #[command(flatten)]
    target: TargetArgs,
    /// Until its program has ended
    #[arg(long, group = "until")]
    exit: bool,
    /// Until its shell shows a prompt
    #[arg(long, group = "until")]
    prompt: bool,
    /// Until this regular expression matches a row of its screen; prints what matched
    #[arg(long = "match", group = "until", value_name = "REGEX", allow_hyphen_values = true)]
    regex: Option<String>,
    /// Until this text is on its screen
    #[arg(long, group = "until", value_name = "TEXT", allow_hyphen_values = true)]
    text: Option<String>,
    /// Until no output came for so many milliseconds
    #[arg(long, group = "until", value_name = "MS")]
    quiet: Option<u64>,
    /// Give up after so many seconds, with exit code 124
    #[arg(long, value_name = "SECONDS", value_parser = parse_seconds)]
    timeout: Option<Duration>,
    /// With --exit: end with the exit code that its program ended with
    #[arg(long, conflicts_with_all = ["prompt", "regex", "text", "quiet"])]
    code: bool,
}

fn parse_seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().and_then(|s: f64| Duration::try_from_secs_f64(s).ok());
    seconds.ok_or_else(|| "expected seconds such as 5 or 0.5".into())
}

pub fn run(cx: &Context, args: &WaitArgs) -> Result<(), Fail> {
    let end = args.timeout.and_then(|timeout| Instant::now().checked_add(timeout));
    let mut control = cx.control(Absent::Fail)?;
    // By its id: another host may give its number, or its name, to another session.
    let named = SessionParams { session_id: args.target.session()? };
    let session = cx.ask_twice::<GetSession>(&mut control, &named)?;
    let session_id = read_result::<GetSession>(session)?.session_id;
    let answer = wait(cx, control, session_id, until(args), end)?;
    let result =
        cx.show::<WaitFor>(answer, |result| if args.regex.is_some() { words(result) } else { String::new() })?;
    match result.exit_code {
        Some(code) if args.code && code != 0 => Err(Fail::silent(exit_code(code))),
        _ => Ok(()),
    }
}

/// Waits, on the host that comes after a lost one for the rest of the time. Two that are lost one right after the other
/// may be lost because of what is waited for.
fn wait(
    cx: &Context,
    mut control: Control,
    session_id: String,
    until: WaitUntil,
    end: Option<Instant>,
) -> Result<Answer, Fail> {
    let mut params = WaitForParams { session_id, until, timeout_ms: None };
    let (mut retry, mut last) = (Retry::standing(Instant::now()), None::<Instant>);
    loop {
        let left = end.map(|end| end.saturating_duration_since(Instant::now()));
        params.timeout_ms = left.map(|left| u64::try_from(left.as_millis()).unwrap_or(u64::MAX));
        match control.ask::<WaitFor>(&params) {
            Err(error) if is_lost(&error) && last.is_none_or(|last| last.elapsed() > APART) => {
                control = cx.control_again(&mut retry, Absent::Fail)?.0;
                last = Some(Instant::now());
            }
            answer => return Ok(answer?),
        }
    }
}

fn until(args: &WaitArgs) -> WaitUntil {
    match (&args.regex, &args.text, args.quiet) {
        (Some(regex), ..) => WaitUntil::Regex(regex.clone()),
        (_, Some(text), _) => WaitUntil::Text(text.clone()),
        (.., Some(ms)) => WaitUntil::QuietMs(ms),
        _ if args.prompt => WaitUntil::Prompt,
        // One of them is there: clap asks for it.
        _ => WaitUntil::Exit,
    }
}

fn words(result: &WaitResult) -> String {
    result.matched.as_ref().map_or_else(String::new, |matched| format!("{}\n", harmless(matched)))
}

/// A code as a process can end with it: what does not fit is 255, never 0.
fn exit_code(code: i32) -> u8 {
    u8::try_from(code).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Only {
        #[command(flatten)]
        args: WaitArgs,
    }

    fn parse(args: &[&str]) -> Result<WaitArgs, clap::Error> {
        Only::try_parse_from([&["wait"], args].concat()).map(|only| only.args)
    }

    #[test]
    fn one_condition_is_waited_for() {
        let of = |args: &[&str]| until(&parse(args).unwrap());
        assert_eq!(of(&["--exit", "--code"]), WaitUntil::Exit);
        assert_eq!(of(&["--prompt"]), WaitUntil::Prompt);
        assert_eq!(of(&["--match", "-x+$"]), WaitUntil::Regex("-x+$".into()));
        assert_eq!(of(&["--text", "done"]), WaitUntil::Text("done".into()));
        assert_eq!(of(&["--quiet", "200"]), WaitUntil::QuietMs(200));
        for bad in [&[][..], &["--exit", "--prompt"], &["--text", "a", "--quiet", "1"], &["--prompt", "--code"]] {
            assert!(parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn time_is_in_seconds() {
        assert_eq!(parse_seconds("0.25"), Ok(Duration::from_millis(250)));
        for bad in ["", "x", "-1", "NaN", "inf", "1e30"] {
            assert!(parse_seconds(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn codes_that_do_not_fit_are_no_success() {
        assert_eq!([exit_code(3), exit_code(256), exit_code(-1), exit_code(130)], [3, 255, 255, 130]);
    }
}
