//! Sessions that rest give up the host's memory and have it again: a real host, real programs.

mod support;
#[path = "support/user.rs"]
mod user;

use std::fs;
use std::os::unix::net::UnixStream;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use support::api::Api;
use support::until;
use user::User;

/// What a process has in memory of its own, in KiB (proc(5)).
fn anonymous(pid: u64) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("RssAnon:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn connect(user: &User) -> Api {
    Api::new(UnixStream::connect(user.socket()).unwrap())
}

#[test]
fn sessions_at_rest_give_their_memory_back_and_go_on() {
    let user = User::new();
    fs::write(user.path("home/.config/synk/synk.ron"), "(hibernate_after_s: 1)").unwrap();
    user.start_host();
    let mut api = connect(&user);
    let host = api.call("get_status", json!({}))["pid"].as_u64().unwrap();
    let before = anonymous(host);
    const SESSIONS: u64 = 4;
    for n in 0..SESSIONS {
        // 50,000 lines, which is all that a history keeps: some 5 MiB each.
        api.run(&format!("s{n}"), "seq -f 'line %.0f of the many that this program writes' 50000; exec cat");
    }
    let mut most = 0;
    until("the host is as small as it was, nearly", || {
        most = most.max(anonymous(host));
        // What is not worth looking for stays: up to 8 MiB.
        (most > before + (16 << 10) && anonymous(host) < before + (12 << 10)).then_some(())
    });
    // Half of them go on here, half in the next host.
    (0..SESSIONS / 2).for_each(|n| goes_on(&mut api, &format!("s{n}")));
    kill_process(Pid::from_raw(host as i32).unwrap(), Signal::KILL).unwrap();
    let mut api = connect(&user);
    (SESSIONS / 2..SESSIONS).for_each(|n| goes_on(&mut api, &format!("s{n}")));
}

fn goes_on(api: &mut Api, id: &str) {
    let read = api.call("read_screen", json!({"session_id": id, "source": "history", "start": -40000, "end": -39999}));
    let (text, rows) = (read["text"].as_str().unwrap(), read["history_rows"].as_u64().unwrap());
    // Below the history is the screen, of which the last row is empty.
    let first = 50_002 - read["rows"].as_u64().unwrap() - 40_000;
    assert!(rows > 40_000 && text.starts_with(&format!("line {first} of the many")), "{rows}: {text}");
    let found = api.call("search_session", json!({"session_id": id, "text": "line 12345 of", "down": true}));
    assert_eq!(found["matches"].as_array().map(Vec::len), Some(1), "{found}");
    api.call("send_input", json!({"session_id": id, "data": "it goes on\n"}));
    api.call("wait_for", json!({"session_id": id, "until": {"text": "it goes on"}, "timeout_ms": 60_000}));
}
