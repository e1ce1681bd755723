//! Who is attached to what, what becomes of sessions without clients, and who hears of what.

use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::protocol::methods::{
    AttachParams, DeleteParams, DetachParams, OpenParams, RenameParams, SessionParams, SubscribeParams,
    UnsubscribeParams,
};
use crate::session::Facts;
use crate::session::run::Report;

/// A world with clients 1 to 3 and a session.
fn world() -> World {
    let mut world = World::new();
    for client in 1..=3 {
        world.step(Input::Connected(ClientId(client), Some(100)));
    }
    world.create(CreateParams { name: Some("dev".into()), ..CreateParams::default() });
    world.start_all();
    world
}

fn dev() -> String {
    "dev".into()
}

fn facts(world: &mut World, viewers: &[u64], exit_code: Option<i32>) {
    let viewers = viewers.iter().map(|n| ClientId(*n)).collect();
    world.step(Input::Report(SessionNo(1), Report::Facts(Facts { viewers, exit_code, ..Facts::default() })));
}

pub(super) fn ok(world: &mut World, client: u64, call: Call) -> Value {
    let reply = world.call(client, call);
    world.replies[&reply].clone().unwrap()
}

pub(super) fn refused(world: &mut World, client: u64, call: Call) -> Error {
    let reply = world.call(client, call);
    world.replies[&reply].clone().unwrap_err()
}

fn session(world: &mut World) -> Value {
    ok(world, 1, Call::Get(SessionParams { session_id: dev() }))
}

fn detach(client_id: Option<u64>, all: bool) -> Call {
    Call::Detach(DetachParams { session_id: dev(), client_id, all })
}

#[test]
fn clients_are_counted_however_they_are_attached() {
    let mut world = world();
    assert_eq!((&session(&mut world)["state"], &session(&mut world)["clients"]), (&json!("Detached"), &json!(0)));
    for _ in 0..2 {
        let attached = ok(&mut world, 1, Call::Attach(AttachParams { session_id: dev() }));
        assert_eq!((&attached["state"], &attached["clients"]), (&json!("Running"), &json!(1)));
    }
    facts(&mut world, &[2, 1], None);
    assert_eq!(session(&mut world)["clients"], 2, "a client that does both is one");
    let listed = ok(&mut world, 1, Call::ListClients);
    let sessions = |n: usize| listed["clients"][n]["sessions"].as_array().unwrap().len();
    assert_eq!((sessions(0), sessions(1), sessions(2), &listed["clients"][0]["pid"]), (1, 1, 0, &json!(100)));
    let error = refused(&mut world, 3, Call::Delete(DeleteParams { session_id: dev(), force: false }));
    assert_eq!((error.code, &error.data.unwrap()["field"]), (1005, &json!("force")));
    world.step(Input::Disconnected(ClientId(2)));
    facts(&mut world, &[1], None);
    assert_eq!(ok(&mut world, 1, detach(None, false)), json!({"detached": 1}));
    facts(&mut world, &[], None);
    assert_eq!(session(&mut world)["state"], "Detached");
    ok(&mut world, 3, Call::Delete(DeleteParams { session_id: dev(), force: false }));
    assert!(world.desk.sessions.is_empty());
}

#[test]
fn others_are_detached_but_windows_stay() {
    let mut world = world();
    for (client, name) in [(1, "cli"), (2, "window"), (3, "terminal")] {
        let ticket = Ticket { client: ClientId(client), id: Some(json!(900 + client)), form: Form::default() };
        world.step(Input::Named(ticket, name.into(), json!({})));
    }
    facts(&mut world, &[2, 3], None);
    assert_eq!(ok(&mut world, 1, detach(None, false)), json!({"detached": 0}), "it is not attached itself");
    assert_eq!(ok(&mut world, 1, detach(None, true)), json!({"detached": 1}));
    assert_eq!(world.orders, [(SessionNo(1), Order::Expel(ClientId(3)))]);
    for (client_id, all, field) in
        [(Some(2), false, "client_id"), (Some(77), false, "client_id"), (Some(3), true, "all")]
    {
        let error = refused(&mut world, 1, detach(client_id, all));
        assert_eq!(error.data.unwrap()["field"], field);
    }
    assert_eq!(ok(&mut world, 1, detach(Some(3), false)), json!({"detached": 1}));
    ok(&mut world, 1, Call::Delete(DeleteParams { session_id: dev(), force: true }));
}

#[test]
fn a_stopped_session_goes_a_minute_after_the_last_client_and_the_exit() {
    let mut world = world();
    let minute = Duration::from_secs(60);
    facts(&mut world, &[2], Some(3));
    assert_eq!((world.desk.next(), &session(&mut world)["exit_code"]), (None, &json!(3)), "somebody reads it");
    world.now += minute;
    facts(&mut world, &[], Some(3));
    let at = world.desk.next();
    assert_eq!(at, Some(world.now + minute));
    world.now += Duration::from_secs(50);
    facts(&mut world, &[], Some(3));
    assert_eq!(world.desk.next(), at, "the time counts from the end of the last client");
    world.step(Input::Report(SessionNo(1), Report::Reaped));
    // A window that shows its workspace is a reader too.
    world.desk.sessions.get_mut(&SessionNo(1)).unwrap().workspace = Some("default".into());
    world.desk.space_mut("default").unwrap().whole.panes.push(SessionNo(1));
    let open = OpenParams { workspace: "default".into(), private: false, first_shell: false, cols: 80, rows: 24 };
    ok(&mut world, 3, Call::Open(open));
    assert_eq!(world.desk.next(), None);
    world.step(Input::Disconnected(ClientId(3)));
    world.now += minute;
    let (mut effects, now) = (Vec::new(), world.now);
    world.desk.tick(now, &mut effects);
    world.take(effects);
    assert!(world.desk.sessions.is_empty() && world.forgotten.contains(&SessionNo(1)));
    assert_eq!(world.desk.next(), None);
}

#[test]
fn detached_sessions_go_only_when_that_is_wanted() {
    let mut world = world();
    facts(&mut world, &[], None);
    assert_eq!(world.desk.next(), None);
    world.desk.clean_up = CleanUp { stopped: None, detached: Some(Duration::from_secs(5)) };
    facts(&mut world, &[1], None);
    facts(&mut world, &[], None);
    assert_eq!(world.desk.next(), Some(world.now + Duration::from_secs(5)));
    facts(&mut world, &[], Some(0));
    assert_eq!(world.desk.next(), None, "it has ended, and those stay here");
}

#[test]
fn a_new_name_is_checked_and_found() {
    let mut world = world();
    world.create(CreateParams { name: Some("other".into()), ..CreateParams::default() });
    world.start_all();
    let rename = |name: &str| Call::Rename(RenameParams { session_id: dev(), name: name.into() });
    for (name, code) in [("other", 1002), ("", -32602), ("a\u{1b}", -32602), (" x", -32602)] {
        let error = refused(&mut world, 1, rename(name));
        assert_eq!((error.code, &error.data.unwrap()["field"]), (code, &json!("name")), "{name:?}");
    }
    assert_eq!(ok(&mut world, 1, rename("dev"))["name"], "dev", "its own name is free for it");
    assert_eq!(ok(&mut world, 1, rename("../x"))["name"], "../x", "a name is a label");
    let error = refused(&mut world, 1, Call::Get(SessionParams { session_id: dev() }));
    assert_eq!((error.code, &error.data.unwrap()["field"]), (1001, &json!("session_id")));
}

fn subscribe(events: Option<&[&str]>, session_id: Option<&str>) -> Call {
    let events = events.map(|names| names.iter().map(|n| (*n).to_owned()).collect());
    Call::Subscribe(SubscribeParams { events, session_id: session_id.map(str::to_owned) })
}

#[test]
fn events_reach_those_who_asked_for_them() {
    let mut world = world();
    ok(&mut world, 1, subscribe(None, None));
    let named =
        |world: &World| world.notices.iter().map(|n| n["method"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    world.create(CreateParams { name: Some("two".into()), ..CreateParams::default() });
    world.start_all();
    assert_eq!(named(&world), ["session:created", "session:changed"]);
    world.notices.clear();
    let facts = Facts {
        viewers: vec![ClientId(9)],
        title: "t".into(),
        cwd: "/x".into(),
        exit_code: Some(4),
        ..Facts::default()
    };
    world.step(Input::Report(SessionNo(2), Report::Facts(facts)));
    let all = named(&world);
    for name in ["session:changed", "session:title", "session:cwd", "session:state_changed", "session:exit"] {
        assert!(all.iter().any(|n| n == name), "{name} in {all:?}");
    }
    let exit = world.notices.iter().find(|n| n["method"] == "session:exit").unwrap();
    assert_eq!((&exit["params"]["no"], &exit["params"]["exit_code"]), (&json!(2), &json!(4)));
    world.notices.clear();
    world.step(Input::Report(SessionNo(2), Report::Bell));
    world.call(2, Call::Rename(RenameParams { session_id: "two".into(), name: "zwei".into() }));
    world.call(2, Call::Terminate(SessionParams { session_id: "zwei".into() }));
    assert_eq!(named(&world), ["session:bell", "session:changed", "session:renamed", "session:removed"]);
    assert_eq!(world.notices[2]["params"]["old_name"], "two");
    assert!(world.notices[3]["params"]["session_id"].as_str().unwrap().len() == 36);
}

#[test]
fn subscriptions_are_by_name_and_by_session() {
    let mut world = world();
    let names = |value: Value| value["events"].as_array().unwrap().len();
    assert_eq!(names(ok(&mut world, 1, subscribe(Some(&["session:bell", "session:exit"]), Some("dev")))), 2);
    assert_eq!(names(ok(&mut world, 1, subscribe(Some(&["session:bell"]), None))), 2);
    world.step(Input::Report(SessionNo(1), Report::Bell));
    assert_eq!(world.notices.len(), 1, "once, although it asked twice");
    let less = |events: Option<&str>, session: Option<&str>| {
        let events = events.map(|name| vec![name.to_owned()]);
        Call::Unsubscribe(UnsubscribeParams { events, session_id: session.map(str::to_owned) })
    };
    assert_eq!(names(ok(&mut world, 1, less(None, Some("dev")))), 1);
    assert_eq!(names(ok(&mut world, 1, less(Some("session:bell"), None))), 0);
    for (call, field) in [
        (subscribe(Some(&["session:fly"]), None), "events"),
        (subscribe(Some(&["session:output"]), None), "session_id"),
        (subscribe(None, Some("nobody")), "session_id"),
    ] {
        assert_eq!(refused(&mut world, 1, call).data.unwrap()["field"], field);
    }
    ok(&mut world, 1, subscribe(Some(&["session:output"]), Some("dev")));
    let id = world.desk.sessions[&SessionNo(1)].info.id;
    ok(&mut world, 1, less(None, None));
    let (tap, untap) = (Order::Tap(ClientId(1), id), Order::Untap(ClientId(1)));
    assert_eq!(world.orders, [(SessionNo(1), tap), (SessionNo(1), untap)]);
}

#[test]
fn the_list_of_sessions_has_no_room_for_endless_titles() {
    let mut world = world();
    let title = "\u{4e2d}".repeat(300);
    world.step(Input::Report(SessionNo(1), Report::Facts(Facts { title: title.clone(), ..Facts::default() })));
    assert_eq!(ok(&mut world, 1, Call::List)["sessions"][0]["title"], "\u{4e2d}".repeat(256));
    assert_eq!(ok(&mut world, 1, Call::Get(SessionParams { session_id: dev() }))["title"], title);
}

#[test]
fn an_empty_workspace_goes_once_nobody_looks_at_it_any_more() {
    let mut world = world();
    let open = |name: &str| {
        let params = OpenParams { workspace: name.into(), private: false, first_shell: false, cols: 80, rows: 24 };
        Call::Open(params)
    };
    for name in ["one", "two", "three"] {
        ok(&mut world, 1, open(name));
    }
    for bad in ["", "a\u{1b}b", " blank", &"x".repeat(65)] {
        let error = refused(&mut world, 1, open(bad));
        assert!(error.message.starts_with("workspace"), "{bad:?}: {}", error.message);
    }
    let names: Vec<_> =
        world.desk.spaces.iter().map(|space| space.whole.name.as_str()).filter(|n| *n != "default").collect();
    assert_eq!(names, ["three"]);
}

#[test]
fn who_could_not_unsubscribe_from_output_can_ask_again() {
    let mut world = world();
    let output = || Some(vec!["session:output".to_owned()]);
    ok(&mut world, 1, Call::Subscribe(SubscribeParams { events: output(), session_id: Some(dev()) }));
    world.orders.clear();
    let untap = vec![(SessionNo(1), Order::Untap(ClientId(1)))];
    for _ in 0..2 {
        ok(&mut world, 1, Call::Unsubscribe(UnsubscribeParams { events: output(), session_id: Some(dev()) }));
        assert_eq!(std::mem::take(&mut world.orders), untap);
        world.desk.not_taken(&untap);
    }
}
