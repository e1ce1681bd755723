//! `synk workspace`: which workspaces there are, new ones and their end, how they are divided, and which one is meant.

use std::io::Read;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use serde_json::Value;

use super::create::{absolute, agent_command};
use super::fail::Fail;
use super::out;
use super::table::table;
use super::target::{TargetArgs, session};
use super::verb::{Context, nothing};
use crate::base::harmless;
use crate::client::{CallError, Control, read_result};
use crate::config;
use crate::protocol::methods::{
    CreateParams, CreateSession, CreateWorkspace, DeleteWorkspace, DeleteWorkspaceParams, Empty, GetWorkspace,
    ListWorkspaces, ResizePane, ResizePaneParams, SetActive, SetActiveParams, SplitParams, SwapPanes, SwapParams,
    Towards, UpdateLayout, UpdateLayoutParams, WorkspaceInfo, WorkspaceList, WorkspaceParams,
};
use crate::protocol::shapes::{LayoutShape, Ratio, SideShape};

#[derive(Debug, Subcommand)]
pub enum WorkspaceVerb {
    /// List the workspaces
    Ls,
    /// Make a workspace: `synk open NAME` shows it, `synk new --workspace NAME` puts a session there
    New {
        /// 1 to 64 characters
        name: String,
    },
    /// Delete a workspace that no window shows
    Rm {
        name: String,
        /// Also one with panes: their sessions go on without a place
        #[arg(long)]
        force: bool,
    },
    /// Print how a workspace is divided, as `layout` takes it
    Get { name: String },
    /// Divide a workspace anew among its panes
    Layout {
        name: String,
        /// `grid`, or a layout as `get` prints it; `-` reads it from standard input
        layout: String,
    },
    /// Make a session in a part of another's pane
    Split(SplitArgs),
    /// Let two sessions take each other's places
    Swap {
        #[command(flatten)]
        target: TargetArgs,
        /// The other session
        with: String,
    },
    /// Move the right or lower edge of a session's pane; where that is the window's, the left or upper one
    Resize {
        #[command(flatten)]
        target: TargetArgs,
        /// Where the edge goes
        #[arg(value_parser = towards())]
        direction: Towards,
        /// How far, in hundredths of the workspace's width or height
        #[arg(long, value_name = "PERCENT", default_value_t = 5, value_parser = clap::value_parser!(u8).range(1..=90))]
        by: u8,
    },
    /// Have new windows show a workspace, and `synk new` fill it, where none is named
    Use {
        #[arg(required_unless_present = "none")]
        name: Option<String>,
        /// No workspace: new windows show the default one, and new sessions have no place
        #[arg(long, conflicts_with = "name")]
        none: bool,
    },
}

#[derive(Debug, Args)]
pub struct SplitArgs {
    #[command(flatten)]
    target: TargetArgs,
    /// Where the new pane lies
    #[arg(value_parser = side())]
    direction: SideShape,
    /// How much of the pane the new one gets, 0.05 to 0.95 [default: half]
    #[arg(long, value_name = "RATIO", value_parser = ratio)]
    ratio: Option<Ratio>,
    /// The session's name; made up if left out
    #[arg(short = 's', long, value_name = "NAME")]
    name: Option<String>,
    /// The directory it starts in [default: the present one]
    #[arg(short = 'c', long = "cwd", value_name = "DIR")]
    cwd: Option<PathBuf>,
    /// The agent to start, as in agents.ron
    #[arg(long, value_name = "NAME")]
    agent: Option<String>,
    /// What to run instead of the shell
    #[arg(value_name = "CMD", trailing_var_arg = true)]
    command: Vec<String>,
}

fn side() -> impl TypedValueParser<Value = SideShape> {
    PossibleValuesParser::new(["right", "down"])
        .map(|text| if text == "down" { SideShape::Down } else { SideShape::Right })
}

fn towards() -> impl TypedValueParser<Value = Towards> {
    PossibleValuesParser::new(["left", "right", "up", "down"]).map(|text| match text.as_str() {
        "left" => Towards::Left,
        "right" => Towards::Right,
        "up" => Towards::Up,
        _ => Towards::Down,
    })
}

fn ratio(text: &str) -> Result<Ratio, String> {
    let number: f64 = text.parse().map_err(|_| "expected a number from 0.05 to 0.95")?;
    Ok(Ratio::try_from(number)?)
}

pub fn run(cx: &Context, verb: WorkspaceVerb) -> Result<(), Fail> {
    match verb {
        WorkspaceVerb::Ls => cx.ask::<ListWorkspaces>(&Empty {}, words).map(drop),
        WorkspaceVerb::New { name } => {
            cx.ask::<CreateWorkspace>(&WorkspaceParams { workspace: name }, nothing).map(drop)
        }
        WorkspaceVerb::Rm { name, force } => {
            cx.ask::<DeleteWorkspace>(&DeleteWorkspaceParams { workspace: name, force }, nothing).map(drop)
        }
        WorkspaceVerb::Get { name } => cx.ask::<GetWorkspace>(&WorkspaceParams { workspace: name }, division).map(drop),
        WorkspaceVerb::Layout { name, layout } => {
            let params = UpdateLayoutParams { workspace: name, layout: layout_of(&layout)? };
            cx.ask::<UpdateLayout>(&params, nothing).map(drop)
        }
        WorkspaceVerb::Split(args) => split(cx, args),
        WorkspaceVerb::Swap { target, with } => {
            let params = SwapParams { session_id: target.session()?, with: session(&with)? };
            cx.ask::<SwapPanes>(&params, nothing).map(drop)
        }
        WorkspaceVerb::Resize { target, direction, by } => {
            let params = ResizePaneParams { session_id: target.session()?, direction, percent: by };
            cx.ask::<ResizePane>(&params, nothing).map(drop)
        }
        WorkspaceVerb::Use { name, none: _ } => {
            cx.ask::<SetActive>(&SetActiveParams { workspace: name }, nothing).map(drop)
        }
    }
}

fn split(cx: &Context, args: SplitArgs) -> Result<(), Fail> {
    let here = cx.here();
    let cwd = args.cwd.or_else(|| here.clone()).map(|dir| absolute(&dir, here.as_deref())).transpose()?;
    let command = match &args.agent {
        Some(id) if args.command.is_empty() => agent_command(&config::load_from_env().agents, id)?,
        _ => args.command,
    };
    let split = SplitParams { pane: args.target.session()?, direction: args.direction, ratio: args.ratio };
    let (name, agent) = (args.name, args.agent);
    let params = CreateParams { name, agent, command, cwd, split: Some(split), ..CreateParams::default() };
    let made = cx.ask::<CreateSession>(&params, |made| format!("{}\n", harmless(&made.name)))?;
    if let Some(notice) = &made.notice {
        eprintln!("synk: {}", harmless(notice));
    }
    Ok(())
}

/// The layout that the command line names.
fn layout_of(text: &str) -> Result<LayoutShape, Fail> {
    let mut given = String::new();
    let text = match text {
        "grid" => r#"{"type": "grid"}"#,
        "-" => {
            let read = std::io::stdin().lock().take(1 << 20).read_to_string(&mut given);
            read.map_err(|e| Fail::failed(format!("standard input cannot be read: {e}")))?;
            &given
        }
        text => text,
    };
    serde_json::from_str(text).map_err(|e| Fail::usage(format!("that is no layout: {e}")))
}

/// The workspace that somebody has said is meant where none is named. A host that knows of none has none.
pub(super) fn active(cx: &Context, control: &mut Control) -> Result<Option<String>, Fail> {
    match read_result::<ListWorkspaces>(cx.ask_twice::<ListWorkspaces>(control, &Empty {})?) {
        Ok(list) => Ok(list.workspaces.into_iter().find(|w| w.active).map(|w| w.name)),
        Err(CallError::Refused(_)) => Ok(None),
        Err(e) => Err(Fail::failed(e)),
    }
}

fn division(workspace: &WorkspaceInfo) -> String {
    let layout = workspace.layout.as_ref().and_then(|layout| serde_json::to_value(layout).ok());
    format!("{}\n", out::json(&layout.unwrap_or(Value::Null)))
}

fn words(list: &WorkspaceList) -> String {
    let columns = |w: &WorkspaceInfo| {
        let layout = w.layout.as_ref().map_or("grid", |layout| layout.kind.as_str());
        let active = if w.active { "*" } else { "" };
        [w.name.clone(), w.panes.len().to_string(), layout.to_owned(), w.clients.to_string(), active.to_owned()]
    };
    table(["NAME", "PANES", "LAYOUT", "CLIENTS", "ACTIVE"], &list.workspaces.iter().map(columns).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layouts_are_read_as_they_are_printed() {
        assert_eq!(layout_of("grid").unwrap().kind, "grid");
        let text =
            r#"{"type":"split","root":{"direction":"down","parts":[{"pane":1,"weight":2},{"pane":2,"weight":1}]}}"#;
        let layout = layout_of(text).unwrap();
        assert_eq!(layout.root.as_ref().unwrap().parts.len(), 2);
        assert_eq!(serde_json::from_str::<LayoutShape>(&out::json(&serde_json::json!(layout))).unwrap(), layout);
        let fail = layout_of("{\"type\": 3}").unwrap_err();
        assert!(fail.code == 2 && fail.message.contains("column"), "{fail:?}");
    }

    #[test]
    fn ratios_are_parts_of_a_pane() {
        assert!(ratio("0.3").is_ok() && ratio(".05").is_ok());
        for bad in ["0", "1", "30%", "", "nan", "-0.5"] {
            assert!(ratio(bad).unwrap_err().contains("0.05 to 0.95"), "{bad}");
        }
    }
}
