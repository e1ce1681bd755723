//! `synk upgrade`: another program of synk in the place of the one that runs the host; every session goes on.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use clap::Args;
use serde_json::json;

use super::fail::{Fail, USAGE};
use super::out;
use super::verb::Context;
use crate::base::{harmless, program};
use crate::client::{Absent, Retry};
use crate::protocol::methods::{Empty, GetStatus, Status, UpgradeHost, UpgradeParams, UpgradeStatus};

/// How long it may take until it is known what came of it: longer than a program may be tried.
const LIMIT: Duration = Duration::from_secs(40);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(20);

#[derive(Debug, Args)]
pub struct UpgradeArgs {
    /// The program that takes over [default: the one that this command runs from]
    #[arg(long, value_name = "PATH")]
    to: Option<PathBuf>,
}

pub fn run(cx: &Context, args: &UpgradeArgs) -> Result<(), Fail> {
    let program = match &args.to {
        Some(path) => std::path::absolute(path).map_err(Fail::usage)?,
        None => program::installed().map_err(Fail::failed)?,
    };
    let mut control = cx.control(Absent::Fail)?;
    let before = control.call::<GetStatus>(&Empty {})?;
    let params = UpgradeParams { program: text(&program)? };
    let taken = control.call::<UpgradeHost>(&params).map_err(|error| match error.into() {
        // What is wrong is the program, and not how it was named.
        Fail { code: USAGE, message, .. } => Fail::failed(message),
        fail => fail,
    })?;
    for notice in &taken.notices {
        eprintln!("synk: {}", harmless(notice));
    }
    let (status, upgrade) = outcome(cx, before.pid)?;
    if upgrade.stage != "done" {
        return Err(Fail::failed(words(&upgrade)));
    }
    if cx.json {
        return out::print_json(&json!({"version": status.version, "pid": status.pid, "upgrade": upgrade}));
    }
    let (old, new) = (harmless(&before.version), harmless(&status.version));
    out::print(&format!("the host is synk {new} now (pid {}); before it was {old}\n", status.pid))
}

fn text(program: &Path) -> Result<String, Fail> {
    let text = program.to_str().map(str::to_owned);
    text.ok_or_else(|| Fail::usage(format!("{} is no text in UTF-8", program.display())))
}

/// What came of an upgrade that the host of this process id has begun, with the host of afterwards.
fn outcome(cx: &Context, before: u32) -> Result<(Status, UpgradeStatus), Fail> {
    let until = Instant::now() + LIMIT;
    loop {
        let (mut control, _) = cx.control_again(&mut Retry::standing(Instant::now()), Absent::Fail)?;
        while let Ok(status) = control.call::<GetStatus>(&Empty {}) {
            let known = status.upgrade.clone().filter(|upgrade| upgrade.stage != "trial" && status.pid != before);
            if let Some(upgrade) = known {
                return Ok((status, upgrade));
            }
            if Instant::now() > until {
                let hint = "`synk status --json` tells how it stands";
                return Err(Fail::failed("it is not known what came of the upgrade").hint(hint));
            }
            thread::sleep(LOOK);
        }
    }
}

/// What went wrong with one that is not done.
pub(super) fn words(upgrade: &UpgradeStatus) -> String {
    let UpgradeStatus { program, stage, why } = upgrade;
    let why = why.as_deref().unwrap_or("it is not known why");
    match stage.as_str() {
        "back" => {
            format!("{program} was tried and is not used: {why}. The host of before runs again; no session has ended")
        }
        _ => format!("{program} runs the host; the keeper stays what it was: {why}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_went_wrong_is_said_with_the_program() {
        let upgrade = |stage: &str, why: Option<&str>| {
            words(&UpgradeStatus { program: "/new".into(), stage: stage.into(), why: why.map(str::to_owned) })
        };
        assert!(
            upgrade("back", Some("it ended 3 times")).starts_with("/new was tried and is not used: it ended 3 times.")
        );
        assert_eq!(upgrade("half", Some("no")), "/new runs the host; the keeper stays what it was: no");
        assert!(upgrade("half", None).contains("not known why"));
    }
}
