//! `synk prompt`: pastes a prompt into a session and presses Enter.

use clap::Args;

use super::fail::Fail;
use super::target::TargetArgs;
use super::text::TextArgs;
use super::verb::{Context, nothing};
use crate::protocol::methods::{PromptParams, SendPrompt};

const EXAMPLES: &str = "\
Examples:
  synk prompt -t claude 'Why does this test fail?'
  git diff | synk prompt -t claude -";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct PromptArgs {
    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    text: TextArgs,
}

pub fn run(cx: &Context, args: &PromptArgs) -> Result<(), Fail> {
    let params = PromptParams { session_id: args.target.session()?, text: args.text.prompt()? };
    cx.ask::<SendPrompt>(&params, nothing).map(drop)
}
