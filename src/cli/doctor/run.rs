//! All checks, and how they are told.

use serde_json::{Value, json};

use super::check::{Check, State};
use super::{database, environment, host, system};
use crate::cli::fail::{FAILED, Fail};
use crate::cli::out;
use crate::cli::verb::Context;

/// Fails if a check failed; warnings are no failure.
pub fn run(cx: &Context) -> Result<(), Fail> {
    let checks: Vec<Check> =
        [host::checks(cx), vec![database::check(cx)], environment::checks(), system::checks()].concat();
    if cx.json {
        let all: Vec<Value> = checks.iter().map(Check::as_json).collect();
        out::print_json(&json!({ "checks": all }))?;
    } else {
        out::print(&checks.iter().map(Check::words).collect::<String>())?;
    }
    if checks.iter().any(|check| check.state == State::Failed) { Err(Fail::silent(FAILED)) } else { Ok(()) }
}
