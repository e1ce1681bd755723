//! The JSON shapes of what a user sees: sessions, workspaces and their changes, and how they become model values.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::events::{self, Event as _};
pub use super::layout_shape::{LayoutShape, PartShape, Ratio, SideShape};
use super::rpc::Request;
pub use super::session_type::{FlowControl, Parity, RemoteShape, SerialShape, SessionType, SshShape};
use crate::base::{GridSize, SessionId, SessionNo};
use crate::model::Layout;
use crate::model::board::{BoardEvent, SessionInfo, SessionState, Workspace};
use crate::model::grid_layout::Weights;

/// One session, as `list_sessions` and `session:changed` show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Session {
    /// The UUID: what every method takes.
    pub session_id: String,
    /// A number that is handy, for as long as the host lives.
    pub no: u32,
    pub name: String,
    #[serde(default, rename = "type")]
    pub kind: SessionType,
    /// `Running` while clients are attached, `Detached` while none is, `Stopped` once its program has ended.
    pub state: String,
    /// Clients attached.
    #[serde(default)]
    pub clients: usize,
    /// Output came within the last moments.
    #[serde(default)]
    pub active: bool,
    /// The link that an SSH or a serial session stands on is gone, or the program of a local one was not started since it was
    /// restored from the disk; reconnecting brings it back.
    #[serde(default)]
    pub disconnected: bool,
    #[serde(default)]
    pub agent: String,
    #[serde(default)]
    pub title: String,
    #[serde(default)]
    pub cwd: String,
    /// The program in the foreground; empty while that is the shell itself.
    #[serde(default)]
    pub foreground: String,
    #[serde(default)]
    pub pid: Option<u32>,
    #[serde(default)]
    pub exit_code: Option<i32>,
    pub cols: u16,
    pub rows: u16,
    /// Unix time in milliseconds.
    #[serde(default)]
    pub created_at: u64,
    /// When output last began or ceased, or the program ended, Unix time in milliseconds.
    #[serde(default)]
    pub last_active: u64,
}

impl From<&SessionInfo> for Session {
    fn from(s: &SessionInfo) -> Self {
        Self {
            session_id: s.id.to_string(),
            no: s.no.0,
            name: s.name.clone(),
            kind: SessionType::from(&s.kind),
            state: s.state.name().to_owned(),
            clients: s.clients,
            disconnected: s.disconnected,
            active: s.active,
            agent: s.agent.clone(),
            title: s.title.clone(),
            cwd: s.cwd.clone(),
            foreground: s.foreground.clone(),
            pid: s.pid,
            exit_code: s.exit_code,
            cols: s.size.cols(),
            rows: s.size.lines(),
            created_at: s.created_at_ms,
            last_active: s.last_active_ms,
        }
    }
}

impl Session {
    /// The model's value; `None` when the id or the state is not one this build knows.
    pub fn into_model(self) -> Option<SessionInfo> {
        Some(SessionInfo {
            id: self.session_id.parse::<SessionId>().ok()?,
            no: SessionNo(self.no),
            kind: self.kind.into(),
            state: SessionState::from_name(&self.state)?,
            clients: self.clients,
            disconnected: self.disconnected,
            size: GridSize::clamped(self.cols, self.rows),
            name: self.name,
            active: self.active,
            agent: self.agent,
            title: self.title,
            cwd: self.cwd,
            foreground: self.foreground,
            pid: self.pid,
            exit_code: self.exit_code,
            created_at_ms: self.created_at,
            last_active_ms: self.last_active,
        })
    }
}

/// How wide columns and how high rows are, in proportion.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct WeightsShape {
    #[serde(default)]
    pub columns: Vec<u32>,
    #[serde(default)]
    pub rows: Vec<u32>,
    #[serde(default)]
    pub last_row: Vec<u32>,
}

impl From<&Weights> for WeightsShape {
    fn from(w: &Weights) -> Self {
        Self { columns: w.columns.clone(), rows: w.rows.clone(), last_row: w.last_row.clone() }
    }
}

impl From<WeightsShape> for Weights {
    fn from(w: WeightsShape) -> Self {
        Self { columns: w.columns, rows: w.rows, last_row: w.last_row }
    }
}

/// A workspace: its panes are session numbers in the order of the grid, or of the split's leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WorkspaceShape {
    pub name: String,
    pub panes: Vec<u32>,
    /// Equal ones of a split: who knows no splits shows a grid.
    #[serde(default)]
    pub weights: WeightsShape,
    /// Of a split; missing for a grid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layout: Option<LayoutShape>,
}

impl From<&Workspace> for WorkspaceShape {
    fn from(w: &Workspace) -> Self {
        let panes: Vec<_> = w.panes.iter().map(|no| no.0).collect();
        let (weights, layout) = match &w.layout {
            Layout::Grid(weights) => (weights.into(), None),
            split => {
                let shape = LayoutShape::of(split, panes.iter().copied());
                ((&Weights::equal(panes.len())).into(), Some(shape))
            }
        };
        Self { name: w.name.clone(), panes, weights, layout }
    }
}

impl From<WorkspaceShape> for Workspace {
    /// A layout that this build does not understand is shown as the grid.
    fn from(w: WorkspaceShape) -> Self {
        let grid = Layout::Grid(w.weights.into());
        let split = w.layout.and_then(|layout| layout.for_panes(&w.panes).ok());
        let (layout, panes) = split.unwrap_or((grid, w.panes));
        Self { name: w.name, panes: panes.into_iter().map(SessionNo).collect(), layout }
    }
}

const SESSION_CHANGED: &str = events::SessionChanged::NAME;
const SESSION_REMOVED: &str = events::SessionRemoved::NAME;
const WORKSPACE_CHANGED: &str = events::WorkspaceChanged::NAME;

/// A change of the board as a notification.
pub fn event(change: &BoardEvent) -> Request {
    // A shape that serde cannot write would be a bug of this file; it becomes `null`, which readers ignore.
    let value = |v: Result<Value, serde_json::Error>| v.unwrap_or_default();
    match change {
        BoardEvent::Session(info) => {
            Request::notification(SESSION_CHANGED, value(serde_json::to_value(Session::from(info))))
        }
        BoardEvent::Removed(no) => Request::notification(SESSION_REMOVED, json!({ "no": no.0 })),
        BoardEvent::Workspace(w) => {
            Request::notification(WORKSPACE_CHANGED, value(serde_json::to_value(WorkspaceShape::from(w))))
        }
    }
}

/// The change that a notification tells; `None` for events this build does not know.
pub fn change(event: Request) -> Option<BoardEvent> {
    #[derive(Deserialize)]
    struct Removed {
        no: u32,
    }
    match event.method.as_str() {
        SESSION_CHANGED => serde_json::from_value::<Session>(event.params).ok()?.into_model().map(BoardEvent::Session),
        SESSION_REMOVED => {
            serde_json::from_value::<Removed>(event.params).ok().map(|r| BoardEvent::Removed(SessionNo(r.no)))
        }
        WORKSPACE_CHANGED => {
            serde_json::from_value::<WorkspaceShape>(event.params).ok().map(|w| BoardEvent::Workspace(w.into()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{SessionKind, Share, Side};

    #[test]
    fn a_layout_of_a_later_build_is_a_grid() {
        let params = json!({"name": "w", "panes": [2, 1], "layout": {"type": "spiral", "turns": 3}});
        let change = change(Request::notification(WORKSPACE_CHANGED, params));
        let grid = Workspace { panes: vec![SessionNo(2), SessionNo(1)], ..Workspace::new("w") };
        assert_eq!(change, Some(BoardEvent::Workspace(grid)));
    }

    #[test]
    fn changes_read_back_through_json() {
        let info = SessionInfo {
            id: SessionId::new(),
            no: SessionNo(4),
            name: "dev".into(),
            kind: SessionKind::Local,
            state: SessionState::Stopped,
            clients: 2,
            disconnected: false,
            active: true,
            agent: "claude".into(),
            title: "a \u{1b} title".into(),
            cwd: "/tmp".into(),
            foreground: "vim".into(),
            pid: Some(77),
            exit_code: Some(130),
            size: GridSize::clamped(100, 30),
            created_at_ms: 5,
            last_active_ms: 6,
        };
        let weights = Weights { columns: vec![1, 2], rows: vec![3], last_row: vec![4] };
        let layout = Layout::Grid(weights);
        let workspace = Workspace { name: "default".into(), panes: vec![SessionNo(4)], layout };
        let mut split = workspace.clone();
        split.split(SessionNo(4), SessionNo(5), Side::Down, Share::HALF);
        for e in [
            BoardEvent::Session(info),
            BoardEvent::Removed(SessionNo(4)),
            BoardEvent::Workspace(workspace),
            BoardEvent::Workspace(split),
        ] {
            let line = serde_json::to_string(&event(&e)).unwrap();
            assert!(!line.contains('\n'));
            assert_eq!(change(serde_json::from_str(&line).unwrap()), Some(e));
        }
    }

    #[test]
    fn unknown_events_and_fields_are_ignored() {
        assert_eq!(change(Request::notification("pool:status", json!({}))), None);
        assert_eq!(
            change(Request::notification(SESSION_REMOVED, json!({"no": 1, "why": "x"}))),
            Some(BoardEvent::Removed(SessionNo(1)))
        );
        assert_eq!(change(Request::notification(SESSION_REMOVED, json!("?"))), None);
    }
}
