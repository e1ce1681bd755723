//! A thousand sessions through the real socket: made, listed and ended, and nothing is left of them.

#[path = "support/process.rs"]
mod process;
mod support;
#[path = "support/user.rs"]
mod user;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::net::UnixStream;

use process::{children, held, parent};
use serde_json::{Value, json};
use support::{Control, check, until};
use synk::protocol::limits::MAX_BATCH;
use synk::protocol::methods::{Empty, GetMetrics, GetStatus, ListSessions};
use user::User;

const SESSIONS: usize = 1000;

/// Asks the same of many, in batches.
fn each(control: &mut Control, requests: impl Iterator<Item = (&'static str, Value)>) -> Vec<Value> {
    let requests: Vec<Value> =
        requests.map(|(method, params)| json!({"id": 1, "method": method, "params": params})).collect();
    let mut results = Vec::new();
    for batch in requests.chunks(MAX_BATCH) {
        control.send_line(&Value::from(batch).to_string());
        let replies = check::message(&control.line().unwrap());
        results.extend(replies.as_array().unwrap().iter().map(|reply| {
            assert!(reply["error"].is_null(), "{reply}");
            reply["result"].clone()
        }));
    }
    results
}

#[test]
fn a_thousand_sessions_leave_nothing_behind() {
    let user = User::new();
    // Those that end by themselves stay until they are ended, however long the rest takes.
    fs::write(user.path("home/.config/synk/synk.ron"), "(clean_up_stopped_s: 0)").unwrap();
    user.start_host();
    let mut control = Control::new(UnixStream::connect(user.socket()).unwrap());
    let pid = control.call::<GetStatus>(Empty {}).unwrap().pid;
    until("this is the only client", || (control.call::<GetStatus>(Empty {}).unwrap().num_clients == 1).then_some(()));
    let before = held(pid);
    // Programs are the keeper's children, beside the daemon.
    let keeper = parent(pid).unwrap();
    let programs = || children(keeper).into_iter().filter(|child| *child != pid).count();
    let kept = held(keeper);
    assert!(children(pid).is_empty() && programs() == 0);
    // Half of them live until they are ended, the others end by themselves.
    let program = |n: usize| if n.is_multiple_of(2) { "cat" } else { "true" };
    let made = each(
        &mut control,
        (0..SESSIONS).map(|n| ("create_session", json!({"name": format!("s{n}"), "command": [program(n)]}))),
    );
    let ids: BTreeSet<&str> = made.iter().map(|one| one["session_id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), SESSIONS);
    until("half of them have stopped", || {
        let sessions = control.call::<ListSessions>(Empty {}).unwrap().sessions;
        assert_eq!(sessions.len(), SESSIONS);
        (sessions.iter().filter(|s| s.exit_code == Some(0)).count() == SESSIONS / 2).then_some(())
    });
    assert_eq!(programs(), SESSIONS, "those that ended keep their ids while their sessions are there");
    each(&mut control, made.iter().map(|one| ("terminate_session", json!({"session_id": one["session_id"]}))));
    assert_eq!(control.call::<ListSessions>(Empty {}).unwrap().sessions.len(), 0);
    until("the programs have ended", || (programs() == 0).then_some(()));
    until("descriptors and threads are as before", || (held(pid) <= before && held(keeper) <= kept).then_some(()));
    let metrics = control.call::<GetMetrics>(Empty {}).unwrap();
    assert_eq!((metrics.sessions_created, metrics.sessions_ended), (SESSIONS as u64, SESSIONS as u64));
}
