//! `synk has`: says by its exit code whether there is such a session. Without a host there is none.

use clap::Args;

use super::fail::{FAILED, Fail, NO_HOST, NO_TARGET};
use super::target::{self, TargetArgs};
use super::verb::{Context, nothing};
use crate::protocol::methods::{GetSession, SessionParams};

#[derive(Debug, Args)]
pub struct HasArgs {
    /// Name, number or UUID of a session
    #[arg(value_name = "SESSION", required_unless_present = "target", conflicts_with = "target")]
    session: Option<String>,
    #[command(flatten)]
    target: TargetArgs,
}

pub fn run(cx: &Context, args: &HasArgs) -> Result<(), Fail> {
    let session_id = match &args.session {
        Some(named) => target::session(named),
        None => args.target.session(),
    };
    let answer = session_id.and_then(|session_id| cx.ask::<GetSession>(&SessionParams { session_id }, nothing));
    match answer {
        Err(fail) if matches!(fail.code, NO_HOST | NO_TARGET) => Err(Fail::silent(FAILED)),
        answer => answer.map(drop),
    }
}
