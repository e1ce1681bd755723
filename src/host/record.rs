//! The desk's words to the database: which sessions and workspaces there are, and when to say so.

use std::time::Instant;

use serde_json::{Value, json};

use super::call::Effect;
use super::desk::{Desk, Timer};
use super::life::Entry;
use super::workspace::Space;
use crate::base::SessionNo;
use crate::model::SessionKind;
use crate::protocol::shapes::{LayoutShape, SessionType};
use crate::store::{Changes, Report, SessionRow, Status, WorkspaceRow};

impl Desk {
    /// Sees to it that what has changed is written down, not at once: more may follow.
    pub(super) fn save_later(&mut self, now: Instant) {
        if let (Some(wait), None) = (self.ledger.wait(), self.timers.get(&Timer::Save)) {
            self.timers.set(Timer::Save, now + wait);
        }
    }

    pub(super) fn save(&mut self, effects: &mut Vec<Effect>) {
        let (sessions, workspaces) = (self.session_rows(), self.workspace_rows());
        let changes = self.ledger.take(sessions, workspaces);
        effects.extend(changes.map(|changes| Effect::Save(Box::new(changes))));
    }

    /// What has to be written down before the host ends.
    pub(super) fn last_save(&mut self) -> Option<Changes> {
        let (sessions, workspaces) = (self.session_rows(), self.workspace_rows());
        self.ledger.take_last(sessions, workspaces)
    }

    /// What came of [`Effect::Save`].
    pub(super) fn stored(&mut self, report: Report) {
        self.ledger.stored(report);
        // How long to wait is another question now.
        self.timers.cancel(&Timer::Save);
    }

    /// A session is off the board. It has no place in a grid any more, and its workspace is the one it was in.
    pub(super) fn save_end(&mut self, entry: &Entry) {
        if !entry.starting {
            let row = SessionRow { status: Status::Terminated, ..self.row(entry, None) };
            self.ledger.end(row);
        }
    }

    fn session_rows(&self) -> Vec<SessionRow> {
        let shown = self.sessions.values().filter(|entry| !entry.starting);
        shown.map(|entry| self.row(entry, self.place(entry))).collect()
    }

    fn place(&self, entry: &Entry) -> Option<usize> {
        let space = self.space(entry.workspace.as_ref()?).ok()?;
        let started = |no: &&SessionNo| self.sessions.get(no).is_some_and(|entry| !entry.starting);
        space.whole.panes.iter().filter(started).position(|no| *no == entry.info.no)
    }

    fn row(&self, entry: &Entry, pane_index: Option<usize>) -> SessionRow {
        let info = &entry.info;
        let (kind, target) = kind(&info.kind);
        // A private one ends with its window, and so do its sessions: there is nothing to come back to.
        let lasting = |name: &&String| self.space(name).is_ok_and(|space| space.owner.is_none());
        let workspace = entry.workspace.as_ref().filter(lasting).cloned();
        SessionRow {
            id: info.id,
            name: info.name.clone(),
            kind,
            target,
            agent: info.agent.clone(),
            command: json!(entry.command).to_string(),
            cwd: info.cwd.clone(),
            project: entry.project.clone(),
            status: info.state.into(),
            exit_code: info.exit_code,
            pane_index: pane_index.filter(|_| workspace.is_some()),
            workspace,
            created_at_ms: info.created_at_ms,
            last_active_ms: info.last_active_ms,
            state: vec![
                ("title", info.title.clone()),
                ("cols", info.size.cols().to_string()),
                ("rows", info.size.lines().to_string()),
            ],
        }
    }

    fn workspace_rows(&self) -> Vec<WorkspaceRow> {
        let row = |space: &Space| {
            let shown = self.workspace(&space.whole.name)?;
            // Numbers are of one life of the host only: the leaves are places, as the rows of the sessions have them.
            let layout = json!(LayoutShape::of(&shown.layout, 0..)).to_string();
            Some(WorkspaceRow { name: shown.name, layout, kept: space.kept })
        };
        self.spaces.iter().filter(|space| space.owner.is_none()).filter_map(row).collect()
    }
}

/// The name of a kind and what more there is to it, as the API has them.
fn kind(kind: &SessionKind) -> (String, Option<String>) {
    match json!(SessionType::from(kind)) {
        Value::Object(named) => match named.into_iter().next() {
            Some((name, target)) => (name, Some(target.to_string())),
            None => (String::new(), None),
        },
        Value::String(name) => (name, None),
        other => (other.to_string(), None),
    }
}
