//! Requests about workspaces, and their layouts.

use serde_json::json;
use synk::base::SessionNo;
use synk::model::board::Workspace;
use synk::model::grid_layout::Weights;
use synk::model::{BoardEvent, Share, Side};
use synk::protocol::events::{self, NoWorkspace, WorkspaceRemoved};
use synk::protocol::methods::{
    CreateParams, CreateSession, CreateWorkspace, Created, DeleteWorkspace, DeleteWorkspaceParams, Empty, GetWorkspace,
    ListWorkspaces, ResizePane, ResizePaneParams, SetActive, SetActiveParams, SplitParams, SwapPanes, SwapParams,
    Towards, UpdateLayout, UpdateLayoutParams, WorkspaceInfo, WorkspaceList, WorkspaceParams,
};
use synk::protocol::rpc::Request;
use synk::protocol::shapes::{self, LayoutShape, SideShape, WorkspaceShape};

use crate::Wire;

/// What requests about workspaces there were at first.
pub fn first(wire: &mut Wire) {
    let weights = shapes::WeightsShape::from(&Weights { columns: vec![1], rows: vec![2], last_row: vec![] });
    let work = || WorkspaceInfo {
        name: "work".into(),
        panes: vec![4],
        weights: weights.clone(),
        layout: None,
        clients: 1,
        active: false,
    };
    let named = || WorkspaceParams { workspace: "work".into() };
    wire.method::<ListWorkspaces>(Empty {}, WorkspaceList { workspaces: vec![work()] });
    wire.method::<GetWorkspace>(named(), work());
    wire.method::<CreateWorkspace>(named(), work());
    wire.method::<DeleteWorkspace>(DeleteWorkspaceParams { workspace: "work".into(), force: true }, Empty {});
}

/// What came with splits.
pub fn splits(wire: &mut Wire) {
    let mut workspace = Workspace { panes: vec![SessionNo(4)], ..Workspace::new("work") };
    workspace.split(SessionNo(4), SessionNo(5), Side::Right, Share::clamped(250));
    workspace.split(SessionNo(5), SessionNo(6), Side::Down, Share::HALF);
    let WorkspaceShape { name, panes, weights, layout } = WorkspaceShape::from(&workspace);
    let info = || WorkspaceInfo {
        name: name.clone(),
        panes: panes.clone(),
        weights: weights.clone(),
        layout: layout.clone(),
        clients: 1,
        active: true,
    };
    let grid: LayoutShape = serde_json::from_value(json!({"type": "grid", "weights": {"columns": [1, 2]}})).unwrap();
    let ratio = serde_json::from_value(json!(0.25)).unwrap();
    let split = SplitParams { pane: "4".into(), direction: SideShape::Right, ratio: Some(ratio) };
    let created = Created { session_id: "x".into(), no: 5, name: "shell-1".into(), pane_index: Some(1), notice: None };
    wire.method::<CreateSession>(CreateParams { split: Some(split), ..CreateParams::default() }, created);
    wire.method::<UpdateLayout>(
        UpdateLayoutParams { workspace: "work".into(), layout: layout.clone().unwrap() },
        info(),
    );
    wire.method::<SwapPanes>(SwapParams { session_id: "4".into(), with: "dev".into() }, info());
    let (session_id, direction) = ("4".into(), Towards::Left);
    wire.method::<ResizePane>(ResizePaneParams { session_id, direction, percent: 10 }, info());
    wire.method::<SetActive>(SetActiveParams { workspace: Some("work".into()) }, Empty {});
    wire.change(BoardEvent::Workspace(workspace));
    let grid = UpdateLayoutParams { workspace: "work".into(), layout: grid };
    let line = serde_json::to_string(&Request::new(1, "update_layout", json!(grid))).unwrap();
    if let Some(old) = wire.line(line) {
        let old = Request::parse(old).unwrap();
        assert_eq!(synk::protocol::methods::params::<UpdateLayout>(old.params), Ok(grid));
    }
    let removed = events::line::<WorkspaceRemoved>(&NoWorkspace { name: "work".into() });
    if let Some(old) = wire.line(removed) {
        let old: Request = serde_json::from_str(old).unwrap();
        assert_eq!(shapes::change(old), None, "windows have no use for it");
    }
}
