//! `synk reconnect`: brings back the link of an SSH or a serial session that has lost it, as Enter does in its pane.

use clap::Args;

use super::fail::Fail;
use super::target::TargetArgs;
use super::verb::{Context, nothing};
use crate::protocol::methods::{ReconnectSession, SessionParams};

#[derive(Debug, Args)]
pub struct ReconnectArgs {
    #[command(flatten)]
    target: TargetArgs,
}

pub fn run(cx: &Context, args: &ReconnectArgs) -> Result<(), Fail> {
    cx.ask::<ReconnectSession>(&SessionParams { session_id: args.target.session()? }, nothing).map(drop)
}
