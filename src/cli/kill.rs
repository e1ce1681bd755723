//! `synk kill`: ends sessions and the programs in them.

use super::fail::{FAILED, Fail, NO_TARGET};
use super::verb::control;
use crate::client::CallError;
use crate::protocol::methods::{SessionParams, TerminateSession};
use crate::protocol::rpc::code;

/// Every session named is tried; the last failure is the verb's.
pub fn run(sessions: &[String]) -> Result<(), Fail> {
    let mut control = control()?;
    let mut outcome = Ok(());
    for session in sessions {
        let params = SessionParams { session_id: session.clone() };
        if let Err(error) = control.call::<TerminateSession>(&params) {
            let missing = matches!(&error, CallError::Refused(e) if e.code == code::SESSION_NOT_FOUND);
            let code = if missing { NO_TARGET } else { FAILED };
            let fail = Fail::new(code, format!("{session:?}: {error}"));
            if let Err(earlier) = std::mem::replace(&mut outcome, Err(fail)) {
                earlier.report(false);
            }
        }
    }
    outcome
}
