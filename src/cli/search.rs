//! `synk search`: finds text in a session's history and on its screen.

use clap::Args;

use super::fail::{FAILED, Fail};
use super::out;
use super::target::TargetArgs;
use super::text::TextArgs;
use super::verb::Context;
use crate::base::harmless;
use crate::client::{Absent, Answer, read_result};
use crate::protocol::methods::{SearchMatch, SearchParams, SearchResult, SearchSession};

/// Most matches asked for at once: the utmost of the method.
const MOST: usize = 1000;

const EXAMPLES: &str = "\
Examples:
  synk search -t dev error                    # the newest 100, the newest first
  synk search -t dev -n 1 'Compiling synk'    # exact: there is a capital in it
  synk search -t dev --regex --down 'warning|error'
  synk capture -t dev -S -120 -E -110         # the rows around a match at -115";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct SearchArgs {
    #[command(flatten)]
    target: TargetArgs,
    /// The text is a regular expression
    #[arg(short = 'e', long)]
    regex: bool,
    /// From old to new instead
    #[arg(long)]
    down: bool,
    /// Most matches
    #[arg(short = 'n', long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    #[command(flatten)]
    text: TextArgs,
}

/// Asks as often as it takes: one reply is a piece of the search. That nothing is found is said by the exit code alone.
pub fn run(cx: &Context, args: &SearchArgs) -> Result<(), Fail> {
    let mut left = usize::try_from(args.limit).unwrap_or(usize::MAX);
    let mut params = SearchParams {
        session_id: args.target.session()?,
        text: args.text.prompt()?,
        regex: args.regex,
        from: None,
        down: args.down,
        limit: 0,
    };
    let mut control = cx.control(Absent::Fail)?;
    let mut whole = SearchResult { session_id: String::new(), matches: Vec::new(), next: None };
    loop {
        params.limit = left.min(MOST) as u16;
        let answer: Answer = cx.ask_twice::<SearchSession>(&mut control, &params)?;
        let part = read_result::<SearchSession>(answer)?;
        left = left.saturating_sub(part.matches.len());
        // By its id: its name may be given to another session meanwhile.
        params.session_id.clone_from(&part.session_id);
        params.from = part.next;
        whole.matches.extend(part.matches);
        (whole.session_id, whole.next) = (part.session_id, part.next);
        if left == 0 || whole.next.is_none() {
            break;
        }
    }
    let none = whole.matches.is_empty();
    if cx.json {
        out::print_json(&serde_json::to_value(&whole).map_err(Fail::failed)?)?;
    } else {
        out::print(&whole.matches.iter().map(words).collect::<String>())?;
    }
    if none { Err(Fail::silent(FAILED)) } else { Ok(()) }
}

fn words(found: &SearchMatch) -> String {
    format!("{}:{}:{}\n", found.row, found.column, harmless(&found.line))
}
