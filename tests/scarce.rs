//! When descriptors run out, beside clients that have stopped, and in floods of them: who is there goes on as before.

mod support;
#[path = "support/user.rs"]
mod user;

use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;

use serde_json::json;
use support::{Control, PATIENCE, Viewer, host, until};
use synk::base::SessionNo;
use synk::protocol::limits::MAX_CONNECTIONS;
use synk::protocol::methods::{
    CreateParams, Empty, GetMetrics, GetStatus, Hello, ListClients, SessionParams, TerminateSession,
};
use user::User;

#[test]
fn without_descriptors_new_sessions_are_refused_and_the_others_go_on() {
    let user = User::new();
    let mut daemon = user.command("prlimit");
    daemon.args(["--nofile=64", env!("CARGO_BIN_EXE_synk"), "daemon"]);
    let mut daemon = daemon.spawn().unwrap();
    let socket = until("it serves", || UnixStream::connect(user.socket()).ok());
    let mut control = Control::new(socket);
    let mut viewer = Viewer::new(UnixStream::connect(user.socket()).unwrap());
    let cat = || CreateParams { command: vec!["cat".into()], ..CreateParams::default() };
    let mut made = Vec::new();
    let error = loop {
        match control.create(cat()) {
            Ok(one) => made.push(one),
            Err(error) => break error,
        }
        assert!(made.len() < 64, "there is no end to them");
    };
    assert_eq!(error.code, -32603);
    assert!(error.message.contains("descriptor") || error.message.contains("open files"), "{error}");
    let no = viewer.watch(made[0].no);
    let echo = |viewer: &mut Viewer, text: &str| {
        viewer.type_text(no, &format!("{text}\n"));
        viewer.until_text(no, &format!("{text}\n{text}"));
    };
    echo(&mut viewer, "first");
    // Connections that find none left are closed, and nobody else notices.
    for n in 0..60 {
        let mut socket = UnixStream::connect(user.socket()).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        if n < 40 {
            std::mem::forget(socket.try_clone());
            continue;
        }
        // It is served or closed; either way something comes.
        let _ = socket.write_all(b"{\"id\":1,\"method\":\"get_status\"}\n");
        let _ = socket.read(&mut [0; 100]);
    }
    echo(&mut viewer, "second");
    for one in made.iter().skip(1) {
        control.call::<TerminateSession>(SessionParams { session_id: one.session_id.clone() }).unwrap();
    }
    until("there is room again", || control.create(cat()).ok());
    drop(user);
    assert!(daemon.wait().unwrap().success());
}

#[test]
fn one_stopped_client_of_three_costs_the_others_nothing() {
    let host = host();
    let mut control = Control::new(host.connect().unwrap());
    let floods: Vec<SessionNo> = (0..3).map(|_| SessionNo(control.run("exec yes").no)).collect();
    let shell = control.run("exec cat").no;
    // One that watches everything and takes nothing in, as a stopped process does, and one that follows the output.
    let mut stopped = Viewer::new(host.connect().unwrap());
    let mut deaf = Control::new(host.connect().unwrap());
    let mut viewers: Vec<Viewer> = (0..2).map(|_| Viewer::new(host.connect().unwrap())).collect();
    for no in &floods {
        stopped.watch(no.0);
        stopped.send(*no, &synk::protocol::stream::ClientMessage::Credit);
        deaf.ask("subscribe", json!({"events": ["session:output"], "session_id": no.0.to_string()}));
        for viewer in &mut viewers {
            viewer.watch(no.0);
        }
    }
    stopped.watch(shell);
    let memory = |control: &mut Control| control.call::<GetMetrics>(Empty {}).unwrap();
    let (mut before, mut rounds) = (memory(&mut control), 0);
    for viewer in &mut viewers {
        let no = viewer.watch(shell);
        for n in 0..20 {
            viewer.type_text(no, &format!("line {n}\n"));
            viewer.until_text(no, &format!("line {n}\nline {n}"));
            rounds += 1;
            if rounds == 10 {
                // What may wait for the one that does not read does by now.
                before = memory(&mut control);
            }
        }
    }
    let after = until("the floods go on", || {
        let now = memory(&mut control);
        (now.output_bytes > before.output_bytes + (8 << 20)).then_some(now)
    });
    let grown = after.resident_bytes.unwrap().saturating_sub(before.resident_bytes.unwrap());
    assert!(grown < 32 << 20, "{grown} bytes more, of which the history of three sessions is the most");
    assert_eq!(control.call::<GetStatus>(Empty {}).unwrap().num_sessions, 4);
}

/// Connections without number, and requests without an end.
#[test]
fn a_flood_of_clients_and_requests_passes() {
    let host = host();
    let mut control = Control::new(host.connect().unwrap());
    for _ in 0..10_000 / MAX_CONNECTIONS {
        // Some are refused: one is the test's own, others have not gone yet.
        let all: Vec<UnixStream> = (0..MAX_CONNECTIONS).filter_map(|_| host.connect().ok()).collect();
        drop(all);
        control.call::<GetStatus>(Empty {}).unwrap();
    }
    let alone = |control: &mut Control| {
        until("the others are gone", || {
            (control.call::<ListClients>(Empty {}).unwrap().clients.len() == 1).then_some(())
        });
    };
    alone(&mut control);
    let mut flood = host.connect().unwrap();
    let mut reading = flood.try_clone().unwrap();
    let reader = std::thread::spawn(move || {
        let mut said = Vec::new();
        reading.read_to_end(&mut said).unwrap();
        said.iter().filter(|byte| **byte == b'\n').count()
    });
    let lines = "{\"id\":1,\"method\":\"get_status\"}\n".repeat(1000);
    for _ in 0..50 {
        flood.write_all(lines.as_bytes()).unwrap();
        control.call::<GetStatus>(Empty {}).unwrap();
    }
    flood.shutdown(Shutdown::Write).unwrap();
    assert_eq!(reader.join().unwrap(), 50_000, "each has its reply");
    // Who is greeted a thousand times is one client.
    for _ in 0..1000 {
        let hello = serde_json::from_value(json!({"proto_min": 1, "proto_max": 1, "client": "test"})).unwrap();
        control.call::<Hello>(hello).unwrap();
    }
    alone(&mut control);
}
