//! `synk send-keys`: presses keys in a session by their names.

use clap::Args;

use super::fail::Fail;
use super::target::TargetArgs;
use super::verb::{Context, nothing};
use crate::protocol::methods::{KeysParams, SendKeys};

const EXAMPLES: &str = "\
Examples:
  synk send-keys -t dev ctrl+c
  synk send-keys -t vim escape : w q enter
  synk send -t dev --enter 'make test'      # for text";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct KeysArgs {
    #[command(flatten)]
    target: TargetArgs,
    /// Keys in order, such as `ctrl+c`, `C-c`, `enter`, `F5`, `alt+shift+left`, `x`
    #[arg(required = true, value_name = "KEY")]
    keys: Vec<String>,
}

pub fn run(cx: &Context, args: KeysArgs) -> Result<(), Fail> {
    cx.ask::<SendKeys>(&KeysParams { session_id: args.target.session()?, keys: args.keys }, nothing).map(drop)
}
