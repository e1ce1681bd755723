//! Workspaces that are split, and the one that is meant where none is named.

use serde_json::{Value, json};

use super::clients::{ok, refused};
use super::*;
use crate::protocol::events::{Event, WorkspaceRemoved};
use crate::protocol::methods::{
    DeleteWorkspaceParams, ResizePaneParams, SetActiveParams, SetWeightsParams, SplitParams, SubscribeParams,
    SwapParams, Towards, UpdateLayoutParams, WorkspaceParams,
};
use crate::protocol::shapes::SideShape;

/// Clients 1 to 3, and a workspace with so many sessions, which have the numbers from 1 on.
fn world(panes: usize) -> World {
    let mut world = World::new();
    for client in 1..=3 {
        world.step(Input::Connected(ClientId(client), None));
    }
    ok(&mut world, 1, Call::CreateWorkspace(WorkspaceParams { workspace: "work".into() }));
    for _ in 0..panes {
        world.create(CreateParams { workspace: Some("work".into()), ..CreateParams::default() });
    }
    world.start_all();
    world
}

fn split(pane: &str, direction: SideShape, ratio: Option<f64>) -> CreateParams {
    let ratio = ratio.map(|ratio| ratio.try_into().unwrap());
    CreateParams { split: Some(SplitParams { pane: pane.into(), direction, ratio }), ..CreateParams::default() }
}

fn get(world: &mut World) -> Value {
    ok(world, 1, Call::GetWorkspace(WorkspaceParams { workspace: "work".into() }))
}

fn update(layout: Value) -> Call {
    let layout = serde_json::from_value(layout).unwrap();
    Call::UpdateLayout(UpdateLayoutParams { workspace: "work".into(), layout })
}

fn row(panes: &[u32]) -> Value {
    let parts: Vec<_> = panes.iter().map(|no| json!({"pane": no})).collect();
    json!({"type": "split", "root": {"direction": "right", "parts": parts}})
}

fn field(error: &Error) -> &str {
    error.data.as_ref().unwrap()["field"].as_str().unwrap()
}

#[test]
fn a_split_takes_a_part_of_its_pane_and_is_told() {
    let mut world = world(2);
    world.open(2, "work", false);
    let asked = world.create(split("1", SideShape::Down, Some(0.25)));
    assert_eq!(get(&mut world)["panes"], json!([1, 2]), "what is being started is not to be seen");
    world.check();
    world.start_all();
    assert_eq!(world.replies[&asked].as_ref().unwrap()["pane_index"], 1);
    let work = get(&mut world);
    let column = json!([{"pane": 1, "weight": 750}, {"pane": 3, "weight": 250}]);
    assert_eq!((&work["panes"], &work["layout"]["root"]["parts"][0]["parts"]), (&json!([1, 3, 2]), &column));
    assert_eq!(work["weights"], json!({"columns": [1000, 1000], "rows": [1000, 1000], "last_row": [1000]}));
    assert_eq!(world.boards[&ClientId(2)].workspace.panes, [1, 3, 2].map(SessionNo));
    // Without a split it takes half of the roomiest pane, and what ends gives its room back.
    world.create(CreateParams { workspace: Some("work".into()), ..CreateParams::default() });
    world.start_all();
    assert_eq!(get(&mut world)["panes"], json!([1, 3, 2, 4]));
    for no in ["4", "3"] {
        ok(&mut world, 1, Call::Terminate(SessionParams { session_id: no.into() }));
    }
    assert_eq!(
        get(&mut world)["layout"]["root"]["parts"],
        json!([{"pane": 1, "weight": 1000}, {"pane": 2, "weight": 1000}])
    );
    world.check();
}

#[test]
fn a_split_of_what_has_no_place_is_refused() {
    let mut world = world(2);
    world.create(CreateParams { name: Some("free".into()), ..CreateParams::default() });
    world.start_all();
    for (params, code, wrong) in [
        (split("nobody", SideShape::Right, None), code::SESSION_NOT_FOUND, "split.pane"),
        (split("free", SideShape::Right, None), code::INVALID_PARAMS, "split.pane"),
        (
            CreateParams { workspace: Some("default".into()), ..split("1", SideShape::Right, None) },
            code::INVALID_PARAMS,
            "split.pane",
        ),
    ] {
        let error = refused(&mut world, 1, Call::Create(Box::new(params)));
        assert_eq!((error.code, field(&error)), (code, wrong));
    }
    for _ in 2..MAX_PANES {
        world.create(split("1", SideShape::Right, None));
    }
    let error = refused(&mut world, 1, Call::Create(Box::new(split("2", SideShape::Right, None))));
    assert_eq!((error.code, error.message.as_str()), (code::MAX_SESSIONS, "Max sessions reached (12)"));
    world.start_all();
    world.check();
}

#[test]
fn a_layout_has_exactly_the_panes() {
    let mut world = world(3);
    // One that is being started is nobody's to place.
    world.create(split("1", SideShape::Right, None));
    let work = ok(&mut world, 1, update(row(&[3, 1, 2])));
    assert_eq!((&work["panes"], &work["layout"]["type"]), (&json!([3, 1, 2]), &json!("split")));
    world.start_all();
    world.check();
    assert_eq!(get(&mut world)["panes"].as_array().map(Vec::len), Some(4));
    for (layout, wrong) in [
        (row(&[1, 2, 3]), "layout.root"),
        (row(&[1, 2, 3, 9]), "layout.root.parts[3].pane"),
        (json!({"type": "tabs"}), "layout.type"),
    ] {
        assert_eq!(field(&refused(&mut world, 1, update(layout))), wrong);
    }
    let weights = serde_json::from_value(json!({"columns": [1, 2]})).unwrap();
    let set = Call::SetWeights(SetWeightsParams { workspace: "work".into(), weights });
    assert_eq!(field(&refused(&mut world, 1, set.clone())), "workspace");
    let grid = ok(&mut world, 1, update(json!({"type": "grid"})));
    assert_eq!(grid["layout"]["type"], "grid");
    ok(&mut world, 1, set);
    assert_eq!(get(&mut world)["layout"]["weights"]["columns"], json!([1, 2]));
}

#[test]
fn panes_change_places_and_sizes() {
    let mut world = world(2);
    world.create(CreateParams {
        name: Some("else".into()),
        workspace: Some("default".into()),
        ..CreateParams::default()
    });
    world.start_all();
    let swap = |one: &str, other: &str| Call::SwapPanes(SwapParams { session_id: one.into(), with: other.into() });
    assert_eq!(ok(&mut world, 1, swap("1", "2"))["panes"], json!([2, 1]));
    for (one, other, wrong) in [("9", "2", "session_id"), ("2", "9", "with"), ("2", "else", "with")] {
        assert_eq!(field(&refused(&mut world, 1, swap(one, other))), wrong);
    }
    let resize = |session_id: &str, direction, percent| {
        Call::ResizePane(ResizePaneParams { session_id: session_id.into(), direction, percent })
    };
    // The one at the right has no edge at its right: its left one moves.
    let work = ok(&mut world, 1, resize("1", Towards::Left, 10));
    assert_eq!(work["weights"]["columns"], json!([800, 1200]));
    assert_eq!(field(&refused(&mut world, 1, resize("1", Towards::Up, 10))), "direction");
    assert_eq!(field(&refused(&mut world, 1, resize("1", Towards::Left, 0))), "percent");
    assert_eq!(field(&refused(&mut world, 1, resize("9", Towards::Left, 1))), "session_id");
}

#[test]
fn the_active_workspace_is_in_the_list_until_it_is_gone() {
    let mut world = world(0);
    world.open(3, "own", true);
    let events = Some(vec![WorkspaceRemoved::NAME.to_owned()]);
    ok(&mut world, 2, Call::Subscribe(SubscribeParams { events, session_id: None }));
    let set = |name: Option<&str>| Call::SetActive(SetActiveParams { workspace: name.map(str::to_owned) });
    let active = |world: &mut World| -> Vec<Value> {
        let list = ok(world, 1, Call::ListWorkspaces)["workspaces"].take();
        let named = list.as_array().unwrap().iter().filter(|w| w["active"] == true);
        named.map(|w| w["name"].clone()).collect()
    };
    assert!(active(&mut world).is_empty(), "nobody has said so");
    ok(&mut world, 1, set(Some("work")));
    assert_eq!(active(&mut world), ["work"]);
    for name in ["own", "nowhere"] {
        assert_eq!(field(&refused(&mut world, 1, set(Some(name)))), "workspace");
    }
    ok(&mut world, 1, set(None));
    assert!(active(&mut world).is_empty());
    ok(&mut world, 1, set(Some("work")));
    let delete = DeleteWorkspaceParams { workspace: "work".into(), force: false };
    ok(&mut world, 1, Call::DeleteWorkspace(delete));
    assert!(active(&mut world).is_empty());
    world.step(Input::Disconnected(ClientId(3)));
    let told: Vec<_> = world.notices.iter().map(|n| (n["method"].clone(), n["params"].clone())).collect();
    let removed = |name: &str| (json!(WorkspaceRemoved::NAME), json!({"name": name}));
    assert_eq!(told, [removed("work"), removed("own")]);
}
