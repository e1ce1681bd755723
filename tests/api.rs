//! The API through the socket: who is attached to what, what is told to whom, batches, other names, and lines typed by
//! hand.

mod support;
#[path = "support/user.rs"]
mod user;

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use support::api::Api;
use support::{Control, Viewer, check, host, options, until};
use synk::base::SessionNo;
use synk::host::{CleanUp, embed};
use synk::model::Screen;
use synk::protocol::limits::MAX_BATCH;
use synk::protocol::stream::HostMessage;
use user::User;

#[test]
fn clients_are_counted_and_gone_when_their_process_is_killed() {
    let user = User::new();
    user.start_host();
    let connect = || UnixStream::connect(user.socket()).unwrap();
    let mut api = Api::new(connect());
    api.run("dev", "exec cat");
    let before = api.session("dev");
    assert_eq!(
        (&before["state"], &before["clients"], &before["type"]),
        (&json!("Detached"), &json!(0), &json!("Local"))
    );
    assert!(
        before["created_at"].as_u64().unwrap() > 0 && before["last_active"].as_u64() >= before["created_at"].as_u64()
    );
    api.call("subscribe", json!({"events": ["session:state_changed"], "session_id": "dev"}));
    // A process that attaches, by a call and by a stream.
    let mut other =
        Command::new("nc").arg("-U").arg(user.socket()).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let mut line = other.stdin.take().unwrap();
    line.write_all(b"{\"id\":1,\"method\":\"attach_session\",\"params\":{\"session_id\":\"dev\"}}\n").unwrap();
    let running = api.event("session:state_changed", |_| true);
    assert_eq!((&running["state"], &running["clients"]), (&json!("Running"), &json!(1)));
    let mut viewer = Viewer::new(connect());
    viewer.watch(1);
    until("two clients", || (api.session("dev")["clients"] == 2).then_some(()));
    let clients = api.call("list_clients", json!({}))["clients"].as_array().unwrap().clone();
    let attached = |c: &&Value| c["sessions"] == json!([before["session_id"]]);
    assert_eq!(clients.iter().filter(attached).count(), 2);
    assert!(clients.iter().any(|c| c["pid"] == other.id()), "{clients:?}");
    let refused = api.refused("delete_session", json!({"session_id": "dev"}));
    assert_eq!(refused, (1005, json!("force")));
    drop(viewer);
    until("one client", || (api.session("dev")["clients"] == 1).then_some(()));
    other.kill().unwrap();
    other.wait().unwrap();
    let detached = api.event("session:state_changed", |_| true);
    assert_eq!((&detached["state"], &detached["clients"]), (&json!("Detached"), &json!(0)));
    api.call("delete_session", json!({"session_id": "dev"}));
    assert_eq!(api.call("get_status", json!({}))["num_sessions"], 0);
}

#[test]
fn a_client_that_is_detached_by_others_is_told() {
    let host = host();
    let mut api = Api::new(host.connect().unwrap());
    api.run("dev", "exec cat");
    let mut viewer = Viewer::new(host.connect().unwrap());
    viewer.watch(1);
    until("it watches", || (api.session("dev")["clients"] == 1).then_some(()));
    assert_eq!(api.call("detach_session", json!({"session_id": "dev"})), json!({"detached": 0}));
    assert_eq!(api.call("detach_session", json!({"session_id": "dev", "all": true})), json!({"detached": 1}));
    viewer.until(SessionNo(1), "it is told", |mirror| mirror.other.contains(&HostMessage::Detached));
    until("nobody is attached", || (api.session("dev")["state"] == "Detached").then_some(()));
    api.call("rename_session", json!({"session_id": "1", "name": "-rf"}));
    assert_eq!(api.session("-rf")["no"], 1);
    assert_eq!(api.refused("get_session", json!({"session_id": "dev"})), (1001, json!("session_id")));
}

#[test]
fn sessions_go_by_themselves_when_they_have_ended_and_nobody_is_there() {
    let mut options = options();
    options.clean_up = CleanUp { stopped: Some(Duration::from_millis(1)), detached: None };
    let host = embed(options).unwrap();
    let mut api = Api::new(host.connect().unwrap());
    let mut reader = Api::new(host.connect().unwrap());
    api.call("subscribe", json!({}));
    api.run("read", "read x; exit 3");
    reader.call("attach_session", json!({"session_id": "read"}));
    let mut viewer = Viewer::new(host.connect().unwrap());
    let no = viewer.watch(1);
    viewer.type_text(no, "\n");
    let exit = api.event("session:exit", |_| true);
    assert_eq!((&exit["no"], &exit["exit_code"]), (&json!(1), &json!(3)));
    // Another one ends after it, and goes before it: somebody reads the first.
    api.run("quick", "exit 0");
    assert_eq!(api.event("session:removed", |_| true)["no"], 2);
    drop(viewer);
    let stopped = api.session("read");
    assert_eq!((&stopped["state"], &stopped["exit_code"]), (&json!("Stopped"), &json!(3)));
    drop(reader);
    let removed = api.event("session:removed", |_| true);
    assert_eq!((&removed["no"], &removed["session_id"]), (&json!(1), &stopped["session_id"]));
    assert_eq!(api.call("list_sessions", json!({})), json!({"sessions": []}));
}

#[test]
fn what_happens_is_told_to_those_who_subscribed() {
    let host = host();
    let mut api = Api::new(host.connect().unwrap());
    api.call("subscribe", json!({}));
    let script = r"read x; cd /tmp; printf '\033]0;hello\007\033]7;file:///tmp\007\a\033]9;look\007'; read y; exit 7";
    api.run("dev", script);
    assert_eq!(api.event("session:created", |_| true)["name"], "dev");
    let mut viewer = Viewer::new(host.connect().unwrap());
    let no = viewer.watch(1);
    assert_eq!(api.event("session:state_changed", |_| true)["state"], "Running");
    viewer.type_text(no, "\n");
    let told = [
        ("session:title", "title", json!("hello")),
        ("session:cwd", "cwd", json!("/tmp")),
        ("session:bell", "no", json!(1)),
        ("session:notification", "body", json!("look")),
    ];
    let mut missing = BTreeSet::from(told.clone().map(|(name, ..)| name));
    until("each of them, in whatever order", || {
        let event = api.next();
        if let Some((name, field, value)) = told.iter().find(|(name, ..)| event["method"] == *name) {
            assert!(event["params"][field] == *value, "{event}");
            missing.remove(name);
        }
        missing.is_empty().then_some(())
    });
    viewer.type_text(no, "\n");
    assert_eq!(api.event("session:exit", |_| true)["exit_code"], 7);
}

/// Takes a session's output until so many bytes of it were told of; what came, and the gaps.
fn output(api: &mut Api, until_byte: impl Fn(u64) -> bool) -> (Vec<u8>, Vec<(u64, u64)>, Vec<u8>) {
    let (mut bytes, mut gaps, mut drawn, mut at) = (Vec::new(), Vec::new(), Vec::new(), 0);
    while !until_byte(at) {
        let piece = api.event("session:output", |_| true);
        let data = STANDARD.decode(piece["data_b64"].as_str().unwrap()).unwrap();
        match piece["gap"].as_object() {
            None => {
                assert_eq!(piece["offset"], at, "nothing is missing that is not told");
                at += data.len() as u64;
                bytes.extend(data);
            }
            Some(gap) => {
                let (from, to) = (gap["from"].as_u64().unwrap(), gap["to"].as_u64().unwrap());
                assert!(from == at && to > from, "{gap:?} at {at}");
                gaps.push((from, to));
                (at, drawn) = (to, data);
            }
        }
    }
    (bytes, gaps, drawn)
}

#[test]
fn output_comes_as_the_program_wrote_it() {
    let host = host();
    let mut api = Api::new(host.connect().unwrap());
    api.run("dev", r"stty -opost; read x; printf 'a\377\033[31mb\000c'; exec cat");
    let refused = api.refused("subscribe", json!({"events": ["session:output"]}));
    assert_eq!(refused, (-32602, json!("session_id")));
    api.call("subscribe", json!({"events": ["session:output"], "session_id": "dev"}));
    let mut viewer = Viewer::new(host.connect().unwrap());
    let no = viewer.watch(1);
    viewer.type_text(no, "\n");
    let (mut at, mut all) = (0, Vec::new());
    while !all.ends_with(b"a\xff\x1b[31mb\0c") {
        let piece = api.event("session:output", |_| true);
        assert!(at == 0 || piece["offset"] == at, "{piece}");
        let data = STANDARD.decode(piece["data_b64"].as_str().unwrap()).unwrap();
        at = piece["offset"].as_u64().unwrap() + data.len() as u64;
        all.extend(data);
    }
    api.call("unsubscribe", json!({"session_id": "dev"}));
}

#[test]
fn a_reader_of_output_that_is_too_slow_gets_a_gap_and_the_screen() {
    let host = host();
    let mut slow = Api::new(host.connect().unwrap());
    let mut api = Api::new(host.connect().unwrap());
    const BYTES: u64 = 20_000_000;
    let script = format!(
        "stty -opost -echo; read x; head -c {BYTES} /dev/zero | tr '\\0' x; printf '\\033[2J\\033[Hat the end'; read y"
    );
    api.run("dev", &script);
    let mut viewer = Viewer::new(host.connect().unwrap());
    let no = viewer.watch(1);
    slow.call("subscribe", json!({"events": ["session:output"], "session_id": "dev"}));
    viewer.type_text(no, "\n");
    // It does not read, and the session does not wait for it.
    viewer.until_text(no, "at the end");
    let (bytes, gaps, drawn) = output(&mut slow, |at| at > BYTES);
    assert!(bytes.len() >= 4 << 20, "{} bytes came", bytes.len());
    assert!(!gaps.is_empty());
    let mut engine = synk::engine::Engine::new(synk::base::GridSize::clamped(80, 24), Default::default());
    engine.feed_some(&drawn, &mut Vec::new());
    let screen: Screen = engine.view(synk::model::ViewAt::Live);
    assert!(bytes.ends_with(b"at the end") || screen.text().contains("at the end"), "{}", screen.text());
}

#[test]
fn batches_are_answered_as_one() {
    let host = host();
    let mut control = Control::new(host.connect().unwrap());
    let mut ask = |line: &str| -> Value {
        control.send_line(line);
        serde_json::from_str(&control.line().unwrap()).unwrap()
    };
    let reply = ask(
        r#"[{"id":1,"method":"get_status"},{"method":"list_sessions"},7,{"id":"x","method":"fly"},{"id":2,"method":"list_sessions"}]"#,
    );
    let all = reply.as_array().unwrap();
    let of = |id: Value| all.iter().find(|r| r["id"] == id).unwrap();
    assert_eq!((all.len(), &of(json!(2))["result"]), (4, &json!({"sessions": []})));
    assert_eq!((&of(Value::Null)["error"]["code"], &of(json!("x"))["error"]["code"]), (&json!(-32600), &json!(-32601)));
    assert_eq!(ask("[]")["error"]["code"], -32600);
    let many = |n: usize| format!("[{}]", vec![r#"{"id":1,"method":"get_status"}"#; n].join(","));
    assert_eq!(ask(&many(MAX_BATCH)).as_array().unwrap().len(), MAX_BATCH);
    assert_eq!(ask(&many(MAX_BATCH + 1))["error"]["data"]["field"], "batch");
    // Notifications alone get nothing at all: what comes is the reply to the next line.
    assert_eq!(ask("[{\"method\":\"get_status\"}]\n{\"id\":9,\"method\":\"get_status\"}")["id"], 9);
}

#[test]
fn the_other_names_do_the_same() {
    let host = host();
    let mut api = Api::new(host.connect().unwrap());
    let made = api.call("session:create", json!({"agentType": "terminal", "projectPath": "/tmp", "env": {"A": "b"}}));
    assert_eq!((&made["sessionId"], &made["paneIndex"]), (&json!(1), &json!(0)));
    let listed = api.call("session:list", Value::Null)["sessions"][0].clone();
    assert_eq!((&listed["sessionUuid"], &listed["agentType"]), (&made["sessionUuid"], &json!("terminal")));
    assert_eq!((&listed["cwd"], listed["createdAt"].is_u64()), (&json!("/tmp"), true));
    assert_eq!(api.refused("session:create", json!({"agentType": "hal"})), (-32602, json!("agentType")));
    assert_eq!(api.refused("session:destroy", json!({"sessionId": 7})), (1001, json!("sessionId")));
    assert_eq!(api.call("session:destroy", json!({"sessionId": 1})), json!({}));
}

#[test]
fn events_are_spelled_as_they_were_subscribed_to() {
    let host = host();
    let (mut ours, mut theirs) = (Api::new(host.connect().unwrap()), Api::new(host.connect().unwrap()));
    ours.run("dev", "read x; echo out; exit 3");
    let uuid = ours.session("dev")["session_id"].clone();
    assert_eq!(theirs.refused("session:subscribe", json!({"sessionId": true})), (-32602, json!("sessionId")));
    assert_eq!(theirs.refused("session:subscribe", json!({"events": ["session:no"]})), (-32602, json!("events")));
    let wanted = ["session:output", "session:exit"];
    theirs.call("session:subscribe", json!({"events": wanted, "sessionId": 1}));
    ours.call("subscribe", json!({"events": wanted, "session_id": "dev"}));
    ours.call("send_input", json!({"session_id": "dev", "data": "\n"}));
    // Output waits behind everything else: either may come first.
    let (mut written, mut ended) = (None, None);
    until("output and the end", || {
        let mut event = theirs.next();
        let params = event["params"].take();
        let seen = if event["method"] == "session:output" { &mut written } else { &mut ended };
        *seen = Some(params);
        written.clone().zip(ended.clone())
    });
    assert_eq!(ended.unwrap(), json!({"sessionId": 1, "sessionUuid": uuid, "exitCode": 3}));
    let written = written.unwrap();
    assert_eq!((&written["sessionId"], &written["sessionUuid"]), (&json!(1), &uuid));
    assert!(written["dataB64"].is_string() && written.get("data_b64").is_none(), "{written}");
    assert_eq!(ours.event("session:exit", |_| true)["session_id"], uuid);
    // The other way round, the last subscription decides.
    theirs.call("session:unsubscribe", json!({"sessionId": 1}));
    theirs.call("subscribe", json!({"events": ["session:removed"]}));
    theirs.call("terminate_session", json!({"session_id": "dev"}));
    assert_eq!(theirs.event("session:removed", |_| true)["no"], 1);
}

#[test]
fn a_message_that_has_begun_is_waited_for_so_long() {
    let mut options = options();
    options.half_message = Duration::from_millis(20);
    let host = embed(options).unwrap();
    let mut line = host.connect().unwrap();
    line.write_all(b"{\"id\":1,").unwrap();
    let mut said = String::new();
    line.read_to_string(&mut said).unwrap();
    assert!(said.contains("-32700") && said.contains("in time"), "{said}");
    let mut stream = Viewer::new(host.connect().unwrap());
    stream.socket().write_all(&[0, 0]).unwrap();
    assert!(!stream.try_step(), "the stream ends");
    // Between messages it waits for as long as it takes: this connection has been silent since the host began.
    let mut silent = Api::new(host.connect().unwrap());
    silent.call("get_status", json!({}));
}

#[test]
fn the_numbers_of_the_host_grow() {
    let host = host();
    let mut api = Api::new(host.connect().unwrap());
    api.run("dev", "printf 0123456789; exec cat");
    let mut viewer = Viewer::new(host.connect().unwrap());
    let no = viewer.watch(1);
    viewer.type_text(no, "typed\n");
    viewer.until_text(no, "typed");
    api.refused("fly", json!({}));
    until("it has a client", || (api.session("dev")["state"] == "Running").then_some(()));
    let m = api.call("get_metrics", json!({}));
    let number = |name: &str| m[name].as_u64().unwrap_or_else(|| panic!("{name} in {m}"));
    assert!(number("output_bytes") >= 16 && number("input_bytes") >= 6 && number("frames") >= 1, "{m}");
    assert!(number("requests") >= 4 && number("errors") == 1 && number("connections") == 2, "{m}");
    assert_eq!((number("running"), number("sessions_created"), number("num_clients")), (1, 1, 2));
    assert!(number("resident_bytes") > 1 << 20 && number("descriptors") > 3);
}

/// What is typed by hand, through the program that people have for it.
#[test]
fn a_line_by_hand_makes_a_session() {
    let user = User::new();
    user.start_host();
    for (name, how) in [("dev", "nc -N -U"), ("other", "nc -U")] {
        let line = json!({"id": "1", "method": "create_session", "params": {"name": name, "type": "Local"}});
        let script = format!("echo '{line}' | {how} \"$SOCKET\"");
        let mut shell = user.command("sh");
        shell.args(["-c", &script]).env("SOCKET", user.socket()).stdout(Stdio::piped());
        let mut shell = shell.spawn().unwrap();
        let mut said = String::new();
        BufReader::new(shell.stdout.take().unwrap()).read_line(&mut said).unwrap();
        check::reply("create_session", said.trim_end());
        let reply: Value = serde_json::from_str(&said).unwrap();
        assert_eq!((&reply["id"], &reply["result"]["name"]), (&json!("1"), &json!(name)));
        if how.contains("-N") {
            assert!(shell.wait().unwrap().success(), "it ends by itself");
        } else {
            // Without the option it waits for more, as long as the host serves.
            shell.kill().unwrap();
            shell.wait().unwrap();
        }
    }
    let said = user.synk(&["ls"]);
    let listed = String::from_utf8(said.stdout).unwrap();
    assert!(listed.contains("dev") && listed.contains("other"), "{listed}");
}

/// A line that stands for a schema that lets everything pass would be no check.
#[test]
fn what_does_not_fit_is_seen() {
    let fits = |line: &str| std::panic::catch_unwind(|| check::reply("get_status", line)).is_ok();
    let status = json!({"version": "1", "pid": 1, "uptime_seconds": 1, "num_sessions": 1, "num_clients": 1});
    let line = |change: fn(&mut Value)| {
        let mut value = json!({"jsonrpc": "2.0", "id": 1, "result": status});
        change(&mut value);
        value.to_string()
    };
    assert!(fits(&line(|_| ())));
    for change in [
        |v: &mut Value| v["result"]["more"] = 1.into(),
        |v: &mut Value| v["result"]["pid"] = "1".into(),
        |v: &mut Value| v["error"] = json!({"code": 1, "message": ""}),
        |v: &mut Value| drop(v["result"].as_object_mut().unwrap().remove("version")),
        |v: &mut Value| drop(v.as_object_mut().unwrap().remove("jsonrpc")),
        |v: &mut Value| v["id"] = json!([]),
    ] {
        assert!(!fits(&line(change)), "{}", line(change));
    }
    let event = |name: &str, params: Value| json!({"jsonrpc": "2.0", "method": name, "params": params}).to_string();
    check::message(&event("session:bell", json!({"session_id": "x", "no": 1})));
    assert!(std::panic::catch_unwind(|| check::message(&event("session:bell", json!({"no": 1})))).is_err());
}
