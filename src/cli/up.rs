//! `synk up`: makes the workspace of a template, with its panes and what runs in them.

use std::path::{Path, PathBuf};

use clap::Args;

use super::create::{absolute, agent_command};
use super::fail::Fail;
use super::restore::{Filled, fill};
use super::table::count;
use super::verb::Context;
use crate::base::harmless;
use crate::client::{Absent, CallError, Control};
use crate::config::{self, template};
use crate::protocol::methods::{CreateWorkspace, GetWorkspace, WorkspaceInfo, WorkspaceParams};
use crate::protocol::rpc::code;

const EXAMPLES: &str = "\
Examples:
  synk up shop.ron      # the commands in it are run
  synk open shop        # and this shows what was made";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct UpArgs {
    /// The template, see docs/templates.md
    file: PathBuf,
}

/// Makes the workspace; one that has panes already is left as it is.
pub fn run(cx: &Context, args: &UpArgs) -> Result<(), Fail> {
    let template = template::load(&args.file).map_err(Fail::failed)?;
    let loaded = config::load_from_env();
    for warning in &template.warnings {
        eprintln!("synk: {}", harmless(&warning.to_string()));
    }
    let mut session = template.session;
    let here = base(cx, &args.file)?;
    for pane in &mut session.panes {
        pane.cwd = directory(&pane.cwd, here.as_deref())?;
        agent_command(&loaded.agents, &pane.agent)?;
    }
    let mut control = cx.control(Absent::Start)?;
    let named = WorkspaceParams { workspace: template.name.clone() };
    if !is_empty(&mut control, &named)? {
        let words =
            |w: &WorkspaceInfo| format!("{} is up already: {}\n", harmless(&w.name), count(w.panes.len(), "pane"));
        return cx.call::<GetWorkspace>(&mut control, &named, words).map(drop);
    }
    let Filled { told, missing } = fill(&mut control, &template.name, &session, &loaded)?;
    for line in &told {
        eprintln!("synk: {}", harmless(line));
    }
    let words = |w: &WorkspaceInfo| format!("{}: {}\n", harmless(&w.name), count(w.panes.len(), "pane"));
    cx.call::<GetWorkspace>(&mut control, &named, words)?;
    match missing {
        0 => Ok(()),
        missing => Err(Fail::failed(format!("{} could not be made", count(missing, "pane")))),
    }
}

/// Whether a workspace has no panes; one that is not there is made, to stay.
fn is_empty(control: &mut Control, named: &WorkspaceParams) -> Result<bool, Fail> {
    match control.call::<GetWorkspace>(named) {
        Ok(workspace) => Ok(workspace.panes.is_empty()),
        Err(CallError::Refused(e)) if e.code == code::INVALID_PARAMS => {
            control.call::<CreateWorkspace>(named)?;
            Ok(true)
        }
        Err(e) => Err(e.into()),
    }
}

/// The template's own directory, from which its paths are meant; none for another machine.
fn base(cx: &Context, file: &Path) -> Result<Option<PathBuf>, Fail> {
    if cx.host.machine().is_some() {
        return Ok(None);
    }
    let file = std::path::absolute(file).map_err(Fail::failed)?;
    Ok(file.parent().map(Path::to_owned))
}

/// A directory as the template has it, as the host takes it; empty where it is the user's home.
fn directory(said: &str, here: Option<&Path>) -> Result<String, Fail> {
    let home = || std::env::var_os("HOME").map(PathBuf::from).filter(|_| here.is_some());
    let of_home = said.strip_prefix('~').filter(|rest| rest.is_empty() || rest.starts_with('/'));
    match (said, of_home.zip(home())) {
        (_, Some((rest, home))) => absolute(&home.join(rest.trim_start_matches('/')), here),
        ("", None) => Ok(here.map(|here| here.display().to_string()).unwrap_or_default()),
        (said, None) => absolute(Path::new(said), here),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_are_meant_from_the_template() {
        let here = Some(Path::new("/work"));
        let home = std::env::var("HOME").unwrap_or_default();
        for (said, taken) in [("", "/work"), ("sub/x", "/work/sub/x"), ("/tmp", "/tmp"), ("~x", "/work/~x")] {
            assert_eq!(directory(said, here).unwrap(), taken);
        }
        if !home.is_empty() {
            assert_eq!(directory("~", here).unwrap(), home.trim_end_matches('/'));
            assert_eq!(directory("~/src", here).unwrap(), format!("{}/src", home.trim_end_matches('/')));
        }
        // On another machine nothing is known of directories.
        assert_eq!(directory("", None).unwrap(), "");
        assert!(directory("sub", None).is_err() && directory("~/src", None).is_err());
    }
}
