//! Verbs about the life of sessions and about who uses them, as a user's shell runs them, against a real host.

mod support;
#[path = "support/user.rs"]
mod user;

use std::io::{BufRead, BufReader};
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::{Child, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use synk::client::Control;
use synk::protocol::methods::{AttachParams, AttachSession};
use user::{User, stderr};

/// A session that does nothing until it is ended.
fn idle(user: &User, name: &str) -> Value {
    user.json(&["new", "-d", "-s", name, "--", "cat"])
}

fn state(user: &User, name: &str) -> Option<Value> {
    user.sessions().into_iter().find(|session| session["name"] == name)
}

/// A terminal that is attached to a session, as far as the host knows.
fn attach(user: &User, session: &str) -> Control {
    let (mut control, _) = Control::open(UnixStream::connect(user.socket()).unwrap(), "terminal").unwrap();
    control.call::<AttachSession>(&AttachParams { session_id: session.into() }).unwrap();
    control
}

/// `synk events`, running.
struct Events {
    child: Child,
    lines: Receiver<String>,
}

impl Events {
    /// Starts it and has something happen until it tells of it: then it is subscribed.
    fn new(user: &User, args: &[&str], mut happen: impl FnMut()) -> Self {
        let mut command = user.synk_command(&[&["events"], args].concat());
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let (sender, lines) = mpsc::channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || stdout.lines().map_while(Result::ok).all(|line| sender.send(line).is_ok()));
        for _ in 0..1000 {
            happen();
            match lines.recv_timeout(Duration::from_millis(50)) {
                Ok(_) => return Self { child, lines },
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        panic!("synk events {args:?} tells of nothing");
    }

    /// The next event that is called so; none if there is no more.
    fn next(&self, name: &str) -> Option<Value> {
        loop {
            let line = self.lines.recv().ok()?;
            let event: Value = serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line}"));
            if event["method"] == name {
                return Some(event["params"].clone());
            }
        }
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_session_is_made_as_it_was_asked_for() {
    let user = User::new();
    std::fs::create_dir_all(user.path("home/project/sub")).unwrap();
    let (project, sub) = (user.path("home/project"), user.path("home/project/sub"));
    let fifo = user.path("told");
    assert!(user.command("mkfifo").arg(&fifo).status().unwrap().success());
    let script = format!("echo \"$A|$B|$SYNK_PROJECT|$PWD|$(stty size)\" > {}; exec cat", fifo.display());
    let mut command = user.synk_command(&["new", "-d", "-s", "dev", "-c", "sub", "--project", ".", "-e", "A=1=2"]);
    command.args(["-e", "B=", "-x", "100", "--rows", "30", "--", "sh", "-c", &script]);
    // Paths are meant from where the command was typed.
    let made = command.current_dir(&project).output().unwrap();
    assert_eq!((stderr(&made).as_str(), made.stdout.as_slice()), ("", &b"dev\n"[..]));
    let told = std::fs::read_to_string(&fifo).unwrap();
    assert_eq!(told, format!("1=2||{}|{}|30 100\n", project.display(), sub.display()));
    let session = state(&user, "dev").unwrap();
    assert_eq!((&session["cols"], &session["rows"], &session["type"]), (&json!(100), &json!(30), &json!("Local")));
}

#[test]
fn a_session_starts_here_takes_a_pane_and_has_one_name() {
    let user = User::new();
    let home = user.path("home");
    let mut command = user.synk_command(&["--json", "new", "-d", "--workspace", "default"]);
    let made: Value = serde_json::from_slice(&command.current_dir(&home).output().unwrap().stdout).unwrap();
    assert_eq!(made["pane_index"], 0, "{made}");
    let name = made["name"].as_str().unwrap();
    assert_eq!(state(&user, name).unwrap()["cwd"], home.to_str().unwrap());
    let said = user.fails(1, &["new", "-d", "-s", name]);
    assert!(said.contains(name) && said.contains("-A"), "{said}");
    let error: Value = serde_json::from_str(&user.fails(1, &["--json", "new", "-d", "-s", name])).unwrap();
    assert_eq!((&error["code"], &error["exit_code"]), (&json!(1002), &json!(1)));
    assert_eq!(user.ok(&["new", "-d", "-A", "-s", name]), format!("{name}\n"));
    assert_eq!(user.json(&["new", "-d", "-A", "-s", name])["session_id"], made["session_id"]);
    assert_eq!(user.sessions().len(), 1);
    for wrong in [&["-s", "two\nlines"][..], &["-x", "1"], &["--agent", "nobody"], &["-e", "=x"], &["-s", ""]] {
        user.fails(2, &[&["new", "-d"], wrong].concat());
    }
    assert_eq!(user.sessions().len(), 1);
}

#[test]
fn workspaces_are_made_listed_and_deleted() {
    let user = User::new();
    user.start_host();
    user.ok(&["workspace", "new", "work"]);
    user.ok(&["new", "-d", "-s", "placed", "--workspace", "work"]);
    let rows = user.ok(&["workspace", "ls"]);
    let rows: Vec<Vec<&str>> = rows.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows[1..], [["default", "0", "grid", "0"], ["work", "1", "grid", "0"]]);
    assert_eq!(user.json(&["workspace", "ls"])["workspaces"][1]["panes"], json!([1]));
    assert!(user.fails(2, &["workspace", "new", "work"]).contains("workspace"));
    assert!(user.fails(2, &["workspace", "rm", "work"]).contains("has panes"));
    user.ok(&["workspace", "rm", "work", "--force"]);
    assert_eq!(user.json(&["workspace", "ls"])["workspaces"].as_array().unwrap().len(), 1);
    assert!(state(&user, "placed").is_some(), "its session goes on");
    user.fails(2, &["new", "-d", "--workspace", "work"]);
}

#[test]
fn sessions_are_named_as_people_name_them() {
    let user = User::new();
    let (one, two) = (idle(&user, "one"), idle(&user, "two"));
    let id = two["session_id"].as_str().unwrap();
    for named in ["two", "2", "%2", id] {
        assert_eq!(user.ok(&["has", named]), "");
        assert_eq!(user.ok(&["has", "-t", named]), "");
        assert_eq!(user.json(&["has", named])["session_id"], id);
    }
    for nobody in ["three", "3", "%3", "../two", "%"] {
        user.fails(1, &["has", "-t", nobody]);
        let said = user.fails(4, &["rename", "-t", nobody, "x"]);
        assert!(said.contains("synk ls"), "{said}");
    }
    // Inside a pane, the pane's own session.
    let own = one["session_id"].as_str().unwrap();
    for args in [&["rename", "mine"][..], &["rename", "-t", ".", "mine"]] {
        let out = user.synk_command(args).env("SYNK_SESSION", own).output().unwrap();
        assert!(out.status.success(), "{}", stderr(&out));
        assert_eq!(state(&user, "mine").unwrap()["session_id"], own);
    }
    let said = user.fails(4, &["rename", "lost"]);
    assert!(said.contains("-t SESSION"), "{said}");
    assert_eq!(state(&user, "lost"), None);
}

#[test]
fn a_name_is_changed_unless_another_session_has_it() {
    let user = User::new();
    idle(&user, "one");
    idle(&user, "two");
    assert_eq!(user.json(&["rename", "-t", "one", "uno"])["name"], "uno");
    let said = user.fails(1, &["rename", "-t", "uno", "two"]);
    assert!(said.contains("two"), "{said}");
    user.fails(2, &["rename", "-t", "uno", "a\u{1b}[2J"]);
    let names: Vec<_> = user.sessions().iter().map(|session| session["name"].clone()).collect();
    assert_eq!(names, ["uno", "two"]);
}

#[test]
fn whoever_is_attached_is_listed_and_can_be_detached() {
    let user = User::new();
    idle(&user, "dev");
    let first = attach(&user, "dev");
    let second = attach(&user, "dev");
    let table = user.ok(&["clients"]);
    let row = table.lines().find(|line| line.contains("terminal")).unwrap();
    assert!(row.contains("dev") && row.contains(&std::process::id().to_string()), "{table}");
    assert_eq!(state(&user, "dev").unwrap()["clients"], 2);
    assert!(user.ok(&["ls"]).contains("running"));
    let said = user.fails(1, &["kill", "--unattached", "dev"]);
    assert!(said.contains("attached"), "{said}");

    let clients = user.json(&["clients"]);
    let of = |client: &&Value| client["client"] == "terminal";
    let number = clients["clients"].as_array().unwrap().iter().find(of).unwrap()["client_id"].to_string();
    assert_eq!(user.ok(&["detach", "-t", "dev", "--client", &number]), "1 client detached\n");
    assert_eq!(user.json(&["detach", "-t", "dev"])["detached"], 1);
    assert_eq!(user.ok(&["detach", "-t", "dev"]), "no client was attached\n");
    assert_eq!(state(&user, "dev").unwrap()["state"], "Detached");
    user.fails(2, &["detach", "-t", "dev", "--client", "999"]);
    drop((first, second));
    user.ok(&["kill", "--unattached", "dev"]);
    user.fails(1, &["has", "dev"]);
}

#[test]
fn the_host_tells_what_it_does() {
    let user = User::new();
    for verb in ["status", "metrics", "clients", "ls"] {
        let said = user.fails(3, &[verb]);
        assert!(said.contains("daemon start"), "{verb} starts no host: {said}");
    }
    idle(&user, "dev");
    assert!(user.ok(&["status"]).contains("1 session, 1 client\n"));
    let status = support::until("what there is has been written down", || {
        let status = user.json(&["status"]);
        (status["database"]["sessions"] == 1).then_some(status)
    });
    assert_eq!(status, user.json(&["daemon", "status"]));
    assert_eq!((&status["num_sessions"], &status["num_clients"]), (&json!(1), &json!(1)));
    user.fails(4, &["rename", "-t", "nobody", "x"]);
    let metrics = user.json(&["metrics"]);
    assert_eq!((&metrics["detached"], &metrics["sessions_created"]), (&json!(1), &json!(1)));
    assert!(metrics["errors"].as_u64() >= Some(1) && metrics["requests"].as_u64() > Some(3), "{metrics}");
    assert!(user.ok(&["metrics"]).contains("0 running, 1 detached, 0 stopped"));
}

#[test]
fn events_are_printed_as_they_happen_until_the_host_ends() {
    let user = User::new();
    let id = idle(&user, "first")["session_id"].as_str().unwrap().to_owned();
    let mut names = 0;
    let mut rename = || {
        names += 1;
        user.ok(&["rename", "-t", &id, &format!("name {names}")]);
    };
    let mut all = Events::new(&user, &[], &mut rename);
    let some = Events::new(&user, &["-t", &id, "session:renamed", "session:removed"], &mut rename);
    user.ok(&["new", "-d", "-s", "second\u{202e}", "--", "sh", "-c", "exit 7"]);
    let created = all.next("session:created").unwrap();
    assert_eq!((&created["name"], &created["no"]), (&json!("second\u{202e}"), &json!(2)));
    assert_eq!(all.next("session:exit").unwrap()["exit_code"], 7);
    user.ok(&["rename", "-t", &id, "last"]);
    let mut renamed = some.next("session:renamed").unwrap();
    while renamed["name"] != "last" {
        renamed = some.next("session:renamed").unwrap();
    }
    user.ok(&["kill", "%2", "%1"]);
    assert_eq!(some.next("session:removed").unwrap()["session_id"], id.as_str(), "of one session only");
    user.ok(&["daemon", "stop", "--yes"]);
    assert_eq!(all.next("nothing of this name"), None);
    assert_eq!(all.child.wait().unwrap().code(), Some(3));
}

#[test]
fn events_end_when_nobody_reads_on_and_unknown_ones_are_told() {
    let user = User::new();
    idle(&user, "dev");
    let mut child = user.synk_command(&["events"]).stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
    let said = user.fails(2, &["events", "session:exits"]);
    assert!(said.contains("session:exit,"), "{said}");
    user.fails(4, &["events", "-t", "nobody"]);
    user.fails(2, &["events", "session:output"]);
}

#[test]
fn hands_used_to_tmux_find_their_way() {
    let user = User::new();
    assert_eq!(user.ok(&["new-session", "-d", "-s", "work", "cat"]), "work\n");
    user.ok(&["has-session", "-t", "work"]);
    user.ok(&["rename-session", "-t", "work", "play"]);
    for verb in ["list-sessions", "list-panes", "lsp"] {
        assert!(user.ok(&[verb]).contains("play"), "{verb}");
    }
    assert!(user.ok(&["list-clients"]).contains("cli"));
    assert_eq!(user.ok(&["detach-client", "-t", "play"]), "no client was attached\n");
    user.ok(&["kill-session", "-t", "play"]);
    assert_eq!(user.ok(&["ls"]), "no sessions\n");
}

#[test]
fn each_way_to_fail_has_its_exit_code_and_is_json_where_that_is_wanted() {
    let user = User::new();
    let error = |code: i32, args: &[&str]| -> Value {
        let said = user.fails(code, &[&["--json"], args].concat());
        serde_json::from_str(&said).unwrap_or_else(|e| panic!("{args:?}: {e}: {said}"))
    };
    assert_eq!(error(3, &["ls"])["exit_code"], 3);
    assert!(error(2, &["frobnicate"])["message"].as_str().unwrap().contains("frobnicate"));
    assert!(error(2, &["wait", "-t", "x"])["message"].as_str().unwrap().contains("--exit"));
    assert!(error(2, &["new", "--ssh", "box", "--agent", "claude"])["message"].as_str().unwrap().contains("--agent"));
    assert!(error(2, &["attach", "--detach-key", "a"])["message"].as_str().unwrap().contains("typed into"));
    user.ok(&["daemon", "start"]);
    assert_eq!(error(4, &["kill", "nobody"])["code"], 1001);
    // What stands behind `--` belongs to somebody else.
    let plain = user.fails(2, &["new", "--frobnicate", "--", "--json"]);
    assert!(plain.starts_with("error: ") && plain.contains("Usage"), "{plain}");
}

#[test]
fn a_host_of_another_protocol_is_told_from_none() {
    let user = User::new();
    let socket = user.path("run/old.sock");
    let listener = UnixListener::bind(&socket).unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut line = String::new();
            let _ = BufReader::new(&stream).read_line(&mut line);
            let reply = json!({"id": 1, "error": {"code": -32001, "message": "the host speaks version 9"}});
            let _ = std::io::Write::write_all(&mut &stream, format!("{reply}\n").as_bytes());
        }
    });
    let said = user.fails(5, &["--socket", socket.to_str().unwrap(), "ls"]);
    assert!(said.contains("version 9"), "{said}");
}
