//! `synk rename`: gives a session another name.

use clap::Args;

use super::fail::Fail;
use super::target::TargetArgs;
use super::verb::{Context, nothing};
use crate::protocol::methods::{RenameParams, RenameSession};

#[derive(Debug, Args)]
pub struct RenameArgs {
    #[command(flatten)]
    target: TargetArgs,
    /// The new name
    name: String,
}

pub fn run(cx: &Context, args: RenameArgs) -> Result<(), Fail> {
    cx.ask::<RenameSession>(&RenameParams { session_id: args.target.session()?, name: args.name }, nothing).map(drop)
}
