//! `synk detach`: detaches the terminals that are attached to a session. Windows keep their panes.

use clap::Args;

use super::fail::Fail;
use super::table::count;
use super::target::TargetArgs;
use super::verb::Context;
use crate::protocol::methods::{DetachParams, DetachSession, Detached};

#[derive(Debug, Args)]
pub struct DetachArgs {
    #[command(flatten)]
    target: TargetArgs,
    /// Only this client, by its number in `synk clients`
    #[arg(long, value_name = "NO")]
    client: Option<u64>,
}

pub fn run(cx: &Context, args: &DetachArgs) -> Result<(), Fail> {
    let params =
        DetachParams { session_id: args.target.session()?, client_id: args.client, all: args.client.is_none() };
    cx.ask::<DetachSession>(&params, words).map(drop)
}

fn words(result: &Detached) -> String {
    match result.detached {
        0 => "no client was attached\n".into(),
        n => format!("{} detached\n", count(n, "client")),
    }
}
