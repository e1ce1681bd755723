//! `synk resize`: gives a session a size that stays, or lets it follow its viewers again.

use clap::Args;

use super::fail::Fail;
use super::target::TargetArgs;
use super::verb::{Context, nothing};
use crate::protocol::methods::{ResizeParams, ResizeTerminal};

const EXAMPLES: &str = "\
Examples:
  synk resize -t dev -x 120 -y 40
  synk resize -t dev --follow";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct ResizeArgs {
    #[command(flatten)]
    target: TargetArgs,
    /// Columns, 2 to 1000
    #[arg(short = 'x', long, required_unless_present = "follow", requires = "rows")]
    cols: Option<u16>,
    /// Rows, 1 to 500
    #[arg(short = 'y', long, required_unless_present = "follow", requires = "cols")]
    rows: Option<u16>,
    /// Let the size follow the viewers again
    #[arg(long, conflicts_with_all = ["cols", "rows"])]
    follow: bool,
}

pub fn run(cx: &Context, args: &ResizeArgs) -> Result<(), Fail> {
    let params = ResizeParams { session_id: args.target.session()?, cols: args.cols, rows: args.rows };
    cx.ask::<ResizeTerminal>(&params, nothing).map(drop)
}
