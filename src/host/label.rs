//! What the host knows of a session, as it lies beside the session's program for a host that takes over. It may hold what
//! a program's environment holds, so it is never written to a disk as it is.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::call::Plan;
use crate::base::{GridSize, SessionId, SessionNo};
use crate::protocol::shapes::SessionType;

/// The version of what is written here. It stays while every build since can read it.
pub(super) const LAYOUT: u32 = 1;

/// A session, but for what its screen shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Label {
    id: String,
    pub(super) no: u32,
    pub(super) name: String,
    #[serde(default)]
    kind: SessionType,
    pub(super) agent: String,
    pub(super) workspace: Option<String>,
    #[serde(default)]
    command: Vec<String>,
    cwd: Option<String>,
    /// The directory that it has gone to since.
    #[serde(default)]
    now_in: Option<String>,
    project: Option<String>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    cols: u16,
    rows: u16,
    /// Unix time in milliseconds.
    pub(super) created_at_ms: u64,
    /// It was taken off the board: its program was told to end.
    #[serde(default)]
    pub(super) ended: bool,
}

impl Label {
    pub(super) fn of(no: SessionNo, plan: &Plan, created_at_ms: u64) -> Self {
        let Plan { id, name, kind, agent, workspace, size, command, cwd, project, env } = plan.clone();
        let (id, kind, cols, rows) = (id.to_string(), SessionType::from(&kind), size.cols(), size.lines());
        Self {
            id,
            no: no.0,
            name,
            kind,
            agent,
            workspace,
            command,
            cwd,
            now_in: None,
            project,
            env,
            cols,
            rows,
            created_at_ms,
            ended: false,
        }
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        // Text and numbers always become JSON.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// None for what is no label.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    pub(super) fn id(&self) -> Option<SessionId> {
        self.id.parse().ok()
    }

    /// What it was asked to run, in words; none for the user's shell.
    pub(super) fn command(&self) -> Option<String> {
        (!self.command.is_empty()).then(|| self.command.join(" ").chars().filter(|c| !c.is_control()).collect())
    }

    /// What the keeper knows it by.
    pub(super) fn key(&self) -> Option<u128> {
        self.id().map(|id| id.as_u128())
    }

    /// What it was started by, in the directory where it is now.
    pub(super) fn plan(&self) -> Option<Plan> {
        let Self { id, name, kind, agent, workspace, command, cwd, now_in, project, env, .. } = self.clone();
        let cwd = now_in.or(cwd);
        let (id, size): (SessionId, _) = (id.parse().ok()?, GridSize::clamped(self.cols, self.rows));
        Some(Plan { id, name, kind: kind.into(), agent, workspace, size, command, cwd, project, env })
    }
}

/// The label of a session that has another name now.
pub(super) fn renamed(label: &[u8], name: &str) -> Option<Vec<u8>> {
    let label = Label::from_bytes(label)?;
    Some(Label { name: name.to_owned(), ..label }.to_bytes())
}

/// The label of a session that has gone to this directory.
pub(super) fn moved(label: &[u8], to: String) -> Option<Vec<u8>> {
    let label = Label::from_bytes(label)?;
    Some(Label { now_in: Some(to), ..label }.to_bytes())
}

/// The label as it may lie on a disk: variables may hold secrets. None for one that nobody wants back.
pub(super) fn for_disk(label: &[u8]) -> Option<Vec<u8>> {
    let label = Label::from_bytes(label).filter(|label| !label.ended)?;
    Some(Label { env: BTreeMap::new(), ..label }.to_bytes())
}

/// The label of a session that nobody is to see again.
pub(super) fn ended(label: &[u8]) -> Option<Vec<u8>> {
    let label = Label::from_bytes(label)?;
    Some(Label { ended: true, ..label }.to_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SessionKind;

    #[test]
    fn a_label_says_what_a_session_was_started_by() {
        let plan = Plan {
            id: SessionId::new(),
            name: "build".into(),
            kind: SessionKind::Local,
            agent: "shell".into(),
            workspace: Some("default".into()),
            size: GridSize::clamped(100, 30),
            command: vec!["sleep".into(), "5".into()],
            cwd: Some("/tmp".into()),
            project: None,
            env: [("A".to_owned(), "b".to_owned())].into(),
        };
        let label = Label::of(SessionNo(7), &plan, 12);
        let read = Label::from_bytes(&label.to_bytes()).unwrap();
        assert_eq!((&read, read.plan()), (&label, Some(plan.clone())));
        let other = Label::from_bytes(&renamed(&label.to_bytes(), "test").unwrap()).unwrap();
        assert_eq!(other.plan(), Some(Plan { name: "test".into(), ..plan.clone() }));
        let other = Label::from_bytes(&moved(&label.to_bytes(), "/usr".into()).unwrap()).unwrap();
        assert_eq!(other.plan(), Some(Plan { cwd: Some("/usr".into()), ..plan.clone() }));
        let disk = Label::from_bytes(&for_disk(&label.to_bytes()).unwrap()).unwrap();
        assert_eq!(
            (disk.plan(), disk.command()),
            (Some(Plan { env: BTreeMap::new(), ..plan }), Some("sleep 5".into()))
        );
        assert_eq!(for_disk(&ended(&label.to_bytes()).unwrap()), None);
        assert!(!read.ended && Label::from_bytes(&ended(&label.to_bytes()).unwrap()).unwrap().ended);
        assert_eq!(Label::from_bytes(b"{}"), None);
        assert_eq!(renamed(b"", "x"), None);
    }
}
