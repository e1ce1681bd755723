//! Workspaces that are made, listed and deleted by request.

use serde_json::{Value, json};

use super::clients::{ok, refused};
use super::*;
use crate::protocol::methods::{DeleteWorkspaceParams, WorkspaceParams};

fn named(workspace: &str) -> WorkspaceParams {
    WorkspaceParams { workspace: workspace.into() }
}

fn delete(workspace: &str, force: bool) -> Call {
    Call::DeleteWorkspace(DeleteWorkspaceParams { workspace: workspace.into(), force })
}

fn names(world: &mut World) -> Vec<String> {
    let list = ok(world, 1, Call::ListWorkspaces);
    list["workspaces"].as_array().unwrap().iter().map(|w| w["name"].as_str().unwrap().to_owned()).collect()
}

fn world() -> World {
    let mut world = World::new();
    for client in 1..=3 {
        world.step(Input::Connected(ClientId(client), None));
    }
    world
}

#[test]
fn a_workspace_that_was_made_stays_until_it_is_deleted() {
    let mut world = world();
    let made = ok(&mut world, 1, Call::CreateWorkspace(named("work")));
    assert_eq!(
        made,
        json!({"name": "work", "panes": [], "weights": made["weights"], "layout": made["layout"], "clients": 0})
    );
    assert_eq!(made["layout"]["type"], "grid");
    assert_eq!(ok(&mut world, 1, Call::GetWorkspace(named("work"))), made);
    // One that was only opened goes with who opened it, unless it is made to stay.
    world.open(2, "seen", false);
    world.open(3, "passing", false);
    world.open(3, "work", false);
    ok(&mut world, 1, Call::CreateWorkspace(named("seen")));
    world.step(Input::Disconnected(ClientId(2)));
    assert_eq!(names(&mut world), ["default", "work", "seen"]);
    assert_eq!(ok(&mut world, 1, Call::GetWorkspace(named("work")))["clients"], 1);
    assert_eq!(refused(&mut world, 1, delete("work", true)).code, code::CLIENTS_ATTACHED);
    world.step(Input::Disconnected(ClientId(3)));
    assert_eq!(ok(&mut world, 1, delete("work", false)), json!({}));
    assert_eq!(names(&mut world), ["default", "seen"]);
}

#[test]
fn sessions_of_a_workspace_that_is_deleted_go_on() {
    let mut world = world();
    ok(&mut world, 1, Call::CreateWorkspace(named("work")));
    for _ in 0..2 {
        world.create(CreateParams { workspace: Some("work".into()), ..CreateParams::default() });
    }
    // One of them is still being started.
    world.started(SessionNo(1), true);
    let error = refused(&mut world, 1, delete("work", false));
    assert_eq!((error.code, error.data.unwrap()["field"].clone()), (code::INVALID_PARAMS, json!("force")));
    ok(&mut world, 1, delete("work", true));
    world.start_all();
    assert_eq!(ok(&mut world, 1, Call::List)["sessions"].as_array().map(Vec::len), Some(2));
    assert!(world.hung_up.is_empty() && names(&mut world) == ["default"]);
    let terminate = Call::Terminate(SessionParams { session_id: "1".into() });
    assert_eq!(ok(&mut world, 1, terminate), json!({}));
}

#[test]
fn what_is_no_workspace_is_named() {
    let mut world = world();
    world.open(2, "own", true);
    assert_eq!(names(&mut world), ["default"], "a private one is its window's");
    let field = |error: Error| (error.code, error.data.unwrap_or(Value::Null)["field"].clone());
    for call in [
        Call::CreateWorkspace(named("default")),
        Call::CreateWorkspace(named("own")),
        Call::CreateWorkspace(named("")),
        Call::CreateWorkspace(named("a\u{1b}[2J")),
        Call::GetWorkspace(named("nowhere")),
        delete("nowhere", true),
        delete("default", true),
    ] {
        assert_eq!(field(refused(&mut world, 1, call.clone())), (code::INVALID_PARAMS, json!("workspace")), "{call:?}");
    }
    for n in 0..300 {
        world.call(1, Call::CreateWorkspace(named(&format!("w{n}"))));
    }
    assert_eq!(refused(&mut world, 1, Call::CreateWorkspace(named("more"))).code, code::BUSY);
}
