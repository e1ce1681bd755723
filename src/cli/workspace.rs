//! `synk workspace`: which workspaces there are, new ones, and their end.

use clap::Subcommand;

use super::fail::Fail;
use super::table::table;
use super::verb::{Context, nothing};
use crate::protocol::methods::{
    CreateWorkspace, DeleteWorkspace, DeleteWorkspaceParams, Empty, ListWorkspaces, WorkspaceInfo, WorkspaceList,
    WorkspaceParams,
};

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
    }
}

fn words(list: &WorkspaceList) -> String {
    let columns = |w: &WorkspaceInfo| [w.name.clone(), w.panes.len().to_string(), w.clients.to_string()];
    table(["NAME", "PANES", "CLIENTS"], &list.workspaces.iter().map(columns).collect::<Vec<_>>())
}
