//! The shape of `sessions/NAME.ron`, format 1. Never change a field's meaning: a new meaning is a new format.

use std::collections::BTreeMap;

use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize};

use super::layout_file::{self, LayoutFile, SplitFile};
use super::saved::{SavedPane, SavedSession};
use crate::model::Layout;
use crate::model::grid_layout::{MAX_PANES, Weights};
use crate::model::session_kind::{RemoteSession, SshTarget};

/// The format this build writes and the newest it knows.
pub(super) const FORMAT: u32 = 1;

/// The one field that every format has; whatever else there is, it is read first and by itself.
#[derive(Debug, Deserialize)]
#[serde(rename = "Session")]
pub(super) struct FormatOf {
    pub(super) format: u32,
}

/// What is written.
#[derive(Debug, Serialize)]
#[serde(rename = "Session")]
pub(super) struct WrittenFile {
    format: u32,
    weights: WeightsFile,
    /// Of a split; who knows none shows the panes as a grid.
    #[serde(skip_serializing_if = "Option::is_none")]
    layout: Option<LayoutFile>,
    panes: Vec<PaneFile>,
}

/// What is read.
#[derive(Debug, Deserialize)]
#[serde(rename = "Session", deny_unknown_fields)]
pub(super) struct SessionFile {
    // Read by itself before.
    #[serde(rename = "format")]
    _format: u32,
    #[serde(default)]
    weights: WeightsFile,
    #[serde(default, deserialize_with = "layout_file::split")]
    layout: Option<SplitFile>,
    #[serde(deserialize_with = "panes")]
    panes: Vec<PaneFile>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct WeightsFile {
    columns: Vec<u32>,
    rows: Vec<u32>,
    last_row: Vec<u32>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PaneFile {
    #[serde(default)]
    name: String,
    agent: String,
    cwd: String,
    #[serde(default)]
    title: String,
    /// A program and its arguments.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "command")]
    command: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    remote: Option<RemoteFile>,
}

/// A session of another machine's host.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, try_from = "RemoteFields", into = "RemoteFields")]
pub(super) struct RemoteFile(pub(super) RemoteSession);

#[derive(Debug, Clone, Serialize, Deserialize)]
struct RemoteFields {
    host: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    port: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    session: String,
}

impl TryFrom<RemoteFields> for RemoteFile {
    type Error = String;

    fn try_from(file: RemoteFields) -> Result<Self, String> {
        let RemoteFields { host, port, user, session } = file;
        let machine = SshTarget { host, port, user };
        machine.check().map_err(|bad| format!("remote: {bad}"))?;
        Ok(Self(RemoteSession { machine, session }))
    }
}

impl From<RemoteFile> for RemoteFields {
    fn from(RemoteFile(remote): RemoteFile) -> Self {
        let RemoteSession { machine: SshTarget { host, port, user }, session } = remote;
        Self { host, port, user, session }
    }
}

/// Reads as many panes as a workspace can have.
pub(super) fn panes<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    let panes = Vec::deserialize(deserializer)?;
    match panes.len() {
        1..=MAX_PANES => Ok(panes),
        other => Err(D::Error::custom(format_args!("panes must be a list of 1 to {MAX_PANES}, not of {other}"))),
    }
}

/// Reads a program and its arguments, where there are any.
pub(super) fn command<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
    let command: Option<Vec<String>> = Option::deserialize(deserializer)?;
    match command.as_ref().map(|words| words.first().map(String::as_str)) {
        Some(None | Some("")) => Err(D::Error::custom("command must be a list that begins with the name of a program")),
        _ => Ok(command),
    }
}

impl From<&SavedSession> for WrittenFile {
    fn from(session: &SavedSession) -> Self {
        let (weights, layout) = match &session.layout {
            Layout::Grid(weights) => (weights.clone(), None),
            Layout::Split(tree) => (Weights::equal(session.panes.len()), Some(SplitFile::written(tree))),
        };
        let Weights { columns, rows, last_row } = weights;
        let panes = session.panes.iter().map(|pane| PaneFile {
            name: pane.name.clone(),
            agent: pane.agent.clone(),
            cwd: pane.cwd.clone(),
            title: pane.title.clone(),
            command: pane.command.clone(),
            remote: pane.remote.clone().map(RemoteFile),
        });
        Self { format: FORMAT, weights: WeightsFile { columns, rows, last_row }, layout, panes: panes.collect() }
    }
}

impl SessionFile {
    /// What the file says.
    ///
    /// # Errors
    /// Its layout is one of more or fewer panes.
    pub(super) fn session(file: Self) -> Result<SavedSession, String> {
        let WeightsFile { columns, rows, last_row } = file.weights;
        let panes = file.panes.into_iter().map(|pane| SavedPane {
            name: pane.name,
            agent: pane.agent,
            cwd: pane.cwd,
            title: pane.title,
            command: pane.command,
            env: BTreeMap::new(),
            remote: pane.remote.map(|RemoteFile(remote)| remote),
        });
        let (grid, panes) = (Layout::Grid(Weights { columns, rows, last_row }), panes.collect());
        let Some(split) = file.layout else { return Ok(SavedSession { layout: grid, panes }) };
        let (tree, panes) = split.arrange(panes)?;
        Ok(SavedSession { layout: Layout::Split(tree), panes })
    }
}
