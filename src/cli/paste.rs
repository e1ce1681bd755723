//! `synk paste`: pastes text into a session as a window would.

use clap::Args;

use super::fail::Fail;
use super::target::TargetArgs;
use super::text::TextArgs;
use super::verb::{Context, nothing};
use crate::protocol::methods::{Paste, PasteParams};

#[derive(Debug, Args)]
pub struct PasteArgs {
    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    text: TextArgs,
}

pub fn run(cx: &Context, args: &PasteArgs) -> Result<(), Fail> {
    let params = PasteParams { session_id: args.target.session()?, text: args.text.text()? };
    cx.ask::<Paste>(&params, nothing).map(drop)
}
