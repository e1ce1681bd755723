//! Another program in this one's place: it is looked at here, and the keeper starts it once this process has ended.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, io, thread};

use super::call::{Effect, Input, Ticket};
use super::desk::{Desk, result};
use super::fit::Fit;
use super::runtime::Runtime;
use crate::keeper::{self, Checked, FileId, Keeper, Stage, Upgrade};
use crate::protocol::methods::{UpgradeParams, UpgradeStatus, Upgrading};
use crate::protocol::rpc::{Error, code};

/// How long a program may take to say what it can. It takes a hundredth of that.
const LIMIT: Duration = Duration::from_secs(5);
/// How much of a program's own words is passed on, in characters.
const WORDS: usize = 300;

impl Desk {
    /// Begins an upgrade, if it can be done now.
    pub(super) fn upgrade(&mut self, ticket: Ticket, params: UpgradeParams, effects: &mut Vec<Effect>) {
        let refused = if self.stopping || self.upgrading {
            Some(Error::new(code::BUSY, "the host is about to end".into()))
        } else if self.keeper != Some(true) {
            let why = "this host has no keeper: its sessions would end with it";
            Some(Error::new(code::INTERNAL, why.into()))
        } else if !Path::new(&params.program).is_absolute() {
            Some(Error::field("program", "an absolute path"))
        } else {
            None
        };
        effects.push(match refused {
            Some(error) => Effect::Reply(ticket, Err(error)),
            None => {
                self.upgrading = true;
                Effect::Upgrade(ticket, params.program.into())
            }
        });
    }

    /// The keeper has been told of the program, or it was refused.
    pub(super) fn upgraded(&mut self, ticket: Ticket, taken: Result<Upgrading, String>, effects: &mut Vec<Effect>) {
        match taken {
            Ok(upgrading) => {
                effects.push(Effect::Reply(ticket, result(upgrading)));
                self.leave(effects);
            }
            Err(why) => {
                self.upgrading = false;
                let error = Error::about(code::INVALID_PARAMS, why, "program", "a synk that can take this one's place");
                effects.push(Effect::Reply(ticket, Err(error)));
            }
        }
    }
}

impl Runtime {
    /// Looks at a program and tells the keeper of it, on a thread of its own; [`Input::Upgraded`] follows.
    pub(super) fn upgrade(&self, ticket: Ticket, program: PathBuf) {
        let (host, keeper, asked) = (self.host.clone(), self.options.keeper.clone(), ticket.clone());
        let begun = thread::Builder::new().name("upgrade".into()).spawn(move || {
            let taken = prepare(&keeper, &program).map_err(|why| format!("{}: {why}", program.display()));
            host.tell(Input::Upgraded(asked, taken));
        });
        if let Err(e) = begun {
            self.host.tell(Input::Upgraded(ticket, Err(format!("no thread is left: {e}"))));
        }
    }
}

/// Sees to it that the keeper goes on with this program; what is to be known of it.
fn prepare(keeper: &Keeper, program: &Path) -> Result<Upgrading, String> {
    let words = |e: io::Error| e.to_string();
    let file = file_id(program).map_err(words)?;
    let checked = keeper.state().and_then(|state| keeper::check(program, state, LIMIT)).map_err(words)?;
    let fit = read(&checked)?;
    match fit.lacks(&Fit::own()) {
        Some(why) => return Err(why),
        None => keeper.upgrade(program.to_owned(), file).map_err(words)?,
    }
    Ok(Upgrading { version: fit.version, notices: fit.notices })
}

fn file_id(program: &Path) -> io::Result<FileId> {
    let meta = fs::metadata(program)?;
    if meta.is_file() { Ok((meta.dev(), meta.ino())) } else { Err(io::Error::other("it is no program")) }
}

/// What a program says of itself.
fn read(checked: &Checked) -> Result<Fit, String> {
    let Checked { status, out, err } = checked;
    let status = status.ok_or_else(|| format!("it did not say within {} s what it can", LIMIT.as_secs()))?;
    if !status.success() {
        let said: String = err.trim().chars().take(WORDS).collect();
        let said = if said.is_empty() { String::new() } else { format!(", and says: {said}") };
        return Err(format!("asked what it can, it fails ({status}){said}"));
    }
    let line = out.lines().find(|line| line.starts_with('{')).unwrap_or_default();
    serde_json::from_str(line).map_err(|e| format!("it does not say what it can, as synk does: {e}"))
}

/// As clients are told.
pub(super) fn status(upgrade: Upgrade) -> UpgradeStatus {
    let Upgrade { program, stage, why } = upgrade;
    let stage = match stage {
        Stage::Trial => "trial",
        Stage::Done => "done",
        Stage::Back => "back",
        Stage::Half => "half",
    };
    UpgradeStatus {
        program: program.to_string_lossy().into_owned(),
        stage: stage.to_owned(),
        why: Some(why).filter(|why| !why.is_empty()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt;
    use std::process::ExitStatus;

    #[test]
    fn what_a_program_says_is_read_or_told() {
        let checked = |status: Option<i32>, out: &str, err: &str| {
            read(&Checked { status: status.map(ExitStatus::from_raw), out: out.to_owned(), err: err.to_owned() })
        };
        let line = serde_json::to_string(&Fit::own()).unwrap();
        assert_eq!(checked(Some(0), &format!("a word before\n{line}\n"), ""), Ok(Fit::own()));
        assert!(checked(Some(0), "hello", "").unwrap_err().contains("does not say what it can"));
        assert!(checked(Some(256), &line, "no such option\n").unwrap_err().contains("says: no such option"));
        assert!(checked(None, &line, "").unwrap_err().contains("within 5 s"));
    }
}
