//! `synk kill`: ends sessions and the programs in them.

use clap::Args;

use super::fail::Fail;
use super::target;
use super::verb::{Context, nothing};
use crate::client::Absent;
use crate::protocol::methods::{DeleteParams, DeleteSession, SessionParams, TerminateSession};

#[derive(Debug, Args)]
pub struct KillArgs {
    /// Name, number or UUID of a session
    #[arg(value_name = "SESSION", required_unless_present = "target")]
    sessions: Vec<String>,
    /// One more of them, as tmux has it
    #[arg(short = 't', long, value_name = "SESSION")]
    target: Vec<String>,
    /// Only while no client is attached to it
    #[arg(long)]
    unattached: bool,
}

/// Every session named is tried; the last failure is the verb's.
pub fn run(cx: &Context, args: &KillArgs) -> Result<(), Fail> {
    let mut control = cx.control(Absent::Fail)?;
    let mut outcome = Ok(());
    for named in args.sessions.iter().chain(&args.target) {
        let ended = target::session(named).and_then(|session_id| {
            if args.unattached {
                let params = DeleteParams { session_id, force: false };
                return cx.call::<DeleteSession>(&mut control, &params, nothing);
            }
            cx.call::<TerminateSession>(&mut control, &SessionParams { session_id }, nothing)
        });
        if let Err(fail) = ended
            && let Err(earlier) = std::mem::replace(&mut outcome, Err(fail.about(named)))
        {
            earlier.report(false, cx.json);
        }
    }
    outcome
}
