//! `synk send-keys`: presses keys in a session by their names.

use clap::Args;

use super::fail::{Fail, USAGE};
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
    let params = KeysParams { session_id: args.target.session()?, keys: args.keys };
    match cx.ask::<SendKeys>(&params, nothing) {
        // In tmux, what is no key is text.
        Err(fail) if fail.code == USAGE => Err(fail.hint("`synk send` types text")),
        outcome => outcome.map(drop),
    }
}
