//! `synk send-keys`: presses keys in a session by their names.

use clap::Args;

use super::fail::Fail;
use super::target::TargetArgs;
use super::verb::{Context, nothing};
use crate::protocol::methods::{KeysParams, SendKeys};

#[derive(Debug, Args)]
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
