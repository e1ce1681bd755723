//! Clients find their host again: the real program as window, as attached terminal and on the command line, while the
//! host is killed and another one takes its place. That one does not know the sessions of the first, so what is seen here
//! is that a client comes back to its workspace and works in what is new there.

#[path = "support/desktop.rs"]
mod desktop;
#[path = "support/process.rs"]
mod process;
mod support;
#[path = "support/terminal.rs"]
mod terminal;
#[path = "support/user.rs"]
mod user;

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use desktop::{Desktop, WINDOW};
use process::kill_host;
use serde_json::{Value, json};
use support::until;
use synk::protocol::methods::{Empty, GetStatus};
use terminal::Terminal;
use user::User;

/// Colour of the built-in theme.
const WARNING: u32 = 0xe5_a1_3a;

/// Between two looks at what a program prints.
const LOOK: Duration = Duration::from_millis(20);

/// A host that a test runs itself.
struct Host(Child);

impl Host {
    fn of_desktop(desktop: &Desktop) -> Self {
        Self::start(&desktop.path("run/synk/synk.sock"), || desktop.synk())
    }

    fn of_user(user: &User) -> Self {
        Self::start(&user.socket(), || user.synk_command(&[]))
    }

    /// Starts one again that has left the place to a host which is on its way out, as clients do.
    fn start(socket: &Path, synk: impl Fn() -> Command) -> Self {
        let run = || Self(synk().arg("daemon").stderr(Stdio::null()).spawn().unwrap());
        let mut host = run();
        until("the host serves", || {
            if host.0.try_wait().unwrap().is_some() {
                host = run();
            }
            UnixStream::connect(socket).is_ok().then_some(())
        });
        host
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Kills a host and its keeper, and waits until their place is free.
fn kill(pid: u32, socket: &Path) {
    kill_host(pid);
    until("the killed host is gone", || UnixStream::connect(socket).is_err().then_some(()));
}

#[test]
fn a_window_comes_back_to_its_workspace_by_itself() {
    let desktop = Desktop::new("Settings(cursor_blink: false)");
    let window = desktop.open(&[]);
    let first = desktop.until_sessions(1);
    desktop.until_line(first[0].no, "$");
    kill(desktop.host_pid(), &desktop.path("run/synk/synk.sock"));
    let _host = Host::of_desktop(&desktop);
    desktop::until("another host answers", || desktop.control());
    let made = desktop.synk().args(["new", "-d", "--workspace", "default"]).output().unwrap();
    assert!(made.status.success());
    let second = desktop.until_sessions(1);
    assert_ne!(first[0].session_id, second[0].session_id);
    // Without a key that was pressed for it: the window watches the session, and what is typed goes there.
    desktop::until("the window watches it", || (desktop.sessions()[0].clients > 0).then_some(()));
    let banner = (0, 0, WINDOW.0, 24);
    desktop::until("nothing is said any more", || (window.pixels().count(banner, WARNING) == 0).then_some(()));
    window.line("echo back-$((6*7))");
    desktop.until_line(second[0].no, "back-42");
}

#[test]
fn a_terminal_says_that_the_session_is_gone_that_no_host_has_any_more() {
    let (user, mut control) = terminal::user();
    control.run_as("dev", "echo here; exec cat");
    let mut terminal = Terminal::start(&user, &["attach", "-t", "dev"], 80, 24);
    terminal.until_text("here");
    kill(control.call::<GetStatus>(Empty {}).unwrap().pid, &user.socket());
    let _host = Host::of_user(&user);
    assert_eq!(terminal.ended().code(), Some(0));
    terminal.until_text("[the session was ended]");
    terminal.assert_put_back();
}

#[test]
fn a_terminal_keeps_its_picture_and_can_be_left_while_the_host_is_away() {
    let (user, mut control) = terminal::user();
    control.run_as("dev", "echo here; exec cat");
    let mut terminal = Terminal::start(&user, &["attach", "-t", "dev"], 80, 24);
    terminal.until_text("here");
    kill(control.call::<GetStatus>(Empty {}).unwrap().pid, &user.socket());
    terminal.until("the mark", |screen| screen.text().contains("reconnecting") && screen.text().contains("here"));
    terminal.send("\x1c");
    assert_eq!(terminal.ended().code(), Some(0));
    terminal.until_text("[detached from dev]");
    terminal.assert_put_back();
}

/// Replaces a user's host by another one, which answers when this returns.
fn replace_host(user: &User) -> Host {
    let pid = user.json(&["status"])["pid"].as_u64().unwrap();
    kill(u32::try_from(pid).unwrap(), &user.socket());
    let host = Host::of_user(user);
    until("another host answers", || user.synk(&["status"]).status.success().then_some(()));
    host
}

/// Whether this program is connected to the host.
fn is_client(user: &User, pid: u32) -> bool {
    let clients = user.json(&["clients"]);
    clients["clients"].as_array().unwrap().iter().any(|client| client["pid"] == pid)
}

/// What `synk events` prints.
struct Events {
    child: Child,
    lines: Receiver<String>,
}

impl Events {
    fn follow(user: &User) -> Self {
        let mut child = user.synk_command(&["events"]).stdout(Stdio::piped()).spawn().unwrap();
        let (tell, lines) = mpsc::channel();
        let from = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || from.lines().map_while(Result::ok).try_for_each(|line| tell.send(line)));
        Self { child, lines }
    }

    /// Waits for an event of this name that holds this; `again` is done before each look.
    fn until(&self, name: &str, holds: &str, mut again: impl FnMut()) -> String {
        let called = format!("\"method\":\"{name}\"");
        until(&format!("{name} with {holds}"), || {
            again();
            self.lines.recv_timeout(LOOK).ok().filter(|line| line.contains(&called) && line.contains(holds))
        })
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn events_go_on_after_a_line_that_tells_of_the_gap() {
    let user = User::new();
    user.start_host();
    user.ok(&["new", "-d", "-s", "one", "--", "cat"]);
    let events = Events::follow(&user);
    // It may listen a moment later than it is started, or than it tells of the gap.
    let rename = |no: &str| {
        user.ok(&["rename", "-t", no, "two"]);
        user.ok(&["rename", "-t", no, "one"]);
    };
    events.until("session:renamed", "two", || rename("1"));
    let _host = replace_host(&user);
    events.until("events:gap", "away_ms", || {});
    user.ok(&["new", "-d", "-s", "new", "--", "cat"]);
    events.until("session:renamed", "\"old_name\":\"one\"", || rename("1"));
}

#[test]
fn a_wait_ends_with_the_truth_about_its_session_after_the_host_was_replaced() {
    let user = User::new();
    user.start_host();
    user.ok(&["new", "-d", "-s", "dev", "--", "cat"]);
    let wait = user.synk_command(&["wait", "-t", "dev", "--exit"]).stderr(Stdio::piped()).spawn().unwrap();
    until("it waits", || is_client(&user, wait.id()).then_some(()));
    let _host = replace_host(&user);
    let out = wait.wait_with_output().unwrap();
    assert_eq!((out.status.code(), user::stderr(&out).contains("ession not found")), (Some(4), true), "{out:?}");
}

/// A host that answers on each connection as many calls as there are answers, and then goes away: what it was asked, the
/// parameters with the method.
fn brief_host(user: &User, connections: Vec<Vec<Value>>) -> JoinHandle<Vec<(String, Value)>> {
    std::fs::create_dir_all(user.socket().parent().unwrap()).unwrap();
    let listener = UnixListener::bind(user.socket()).unwrap();
    thread::spawn(move || {
        let mut asked = Vec::new();
        for answers in connections {
            let (mut socket, _) = listener.accept().unwrap();
            let mut lines = BufReader::new(socket.try_clone().unwrap()).lines();
            let mut next = || -> Value { serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap() };
            let mut answer = |request: &Value, result: Value| {
                writeln!(socket, "{}", json!({"jsonrpc": "2.0", "id": request["id"], "result": result})).unwrap();
            };
            answer(&next(), json!({"proto": 1, "version": "x", "pid": 7}));
            let mut answers = answers.into_iter();
            loop {
                let request = next();
                asked.push((request["method"].as_str().unwrap().to_owned(), request["params"].clone()));
                let Some(result) = answers.next() else { break };
                let last = answers.len() == 0 && result["last"] == true;
                answer(&request, result);
                if last {
                    break;
                }
            }
        }
        asked
    })
}

#[test]
fn a_terminal_is_attached_although_the_host_is_on_its_way_out() {
    for answers in [vec![], vec![json!({"proto": 1, "version": "x", "pid": 7})]] {
        let user = User::new();
        user.start_host();
        user.ok(&["new", "-d", "-s", "dev", "--", "sh", "-c", "echo here; exec cat"]);
        // The one that goes is at a place of its own, at which the other one is found afterwards.
        let (real, place) = (user.socket(), user.path("place.sock"));
        let listener = UnixListener::bind(&place).unwrap();
        let at = place.display().to_string();
        let leaving = thread::spawn(move || {
            let (mut socket, _) = listener.accept().unwrap();
            for answer in answers {
                let mut line = String::new();
                BufReader::new(socket.try_clone().unwrap()).read_line(&mut line).unwrap();
                let request: Value = serde_json::from_str(&line).unwrap();
                writeln!(socket, "{}", json!({"jsonrpc": "2.0", "id": request["id"], "result": answer})).unwrap();
            }
            // At once: nobody is to find that there is none.
            let next = place.with_extension("next");
            std::os::unix::fs::symlink(real, &next).unwrap();
            std::fs::rename(next, place).unwrap();
        });
        let mut terminal = Terminal::start_with(&user, &["attach", "-t", "dev"], 80, 24, &[("SYNK_SOCKET", &at)]);
        terminal.until_text("here");
        leaving.join().unwrap();
    }
}

#[test]
fn a_host_that_is_on_its_way_out_is_no_reason_not_to_start_another() {
    for args in [&["daemon", "start"][..], &["new", "-d", "-s", "dev", "--", "cat"]] {
        let user = User::new();
        std::fs::create_dir_all(user.socket().parent().unwrap()).unwrap();
        let listener = UnixListener::bind(user.socket()).unwrap();
        // Killed, it takes a connection with it that it had not taken yet.
        let leaving = thread::spawn(move || drop(listener.accept().unwrap()));
        user.ok(args);
        leaving.join().unwrap();
        assert!(user.synk(&["status"]).status.success());
    }
}

#[test]
fn what_may_be_asked_twice_is_and_nothing_else() {
    let user = User::new();
    let asked_of = |connections, code: i32, args: &[&str]| {
        let host = brief_host(&user, connections);
        let out = user.synk(args);
        assert_eq!(out.status.code(), Some(code), "{args:?}: {}", user::stderr(&out));
        std::fs::remove_file(user.socket()).unwrap();
        host.join().unwrap()
    };
    let list = json!({"sessions": [], "last": true});
    let asked = asked_of(vec![vec![], vec![list]], 0, &["ls"]);
    assert!(asked.len() == 2 && asked.iter().all(|(method, _)| method == "list_sessions"), "{asked:?}");

    let made = json!({"session_id": "x", "no": 1, "name": "dev", "last": true});
    let workspaces = json!({"workspaces": []});
    let connections = vec![vec![], vec![workspaces], vec![made]];
    let asked = asked_of(connections, 0, &["new", "-d", "-s", "dev", "--", "cat"]);
    let [_, _, first, second] = &asked[..] else { panic!("{asked:?}") };
    assert!(asked[0] == asked[1] && first == second, "{asked:?}");
    assert!(first.0 == "create_session" && first.1["session_id"].is_string(), "one id: {asked:?}");

    let session = json!({"session_id": "5", "no": 1, "name": "dev", "state": "Running", "cols": 80, "rows": 24});
    let ended = json!({"exit_code": 0, "last": true});
    let asked = asked_of(vec![vec![session], vec![ended]], 0, &["wait", "-t", "dev", "--exit", "--timeout", "50"]);
    let [_, first, second] = &asked[..] else { panic!("{asked:?}") };
    assert_eq!((&first.1["session_id"], &second.1["session_id"]), (&json!("5"), &json!("5")), "by its id");
    let left = |asked: &(String, Value)| asked.1["timeout_ms"].as_u64().unwrap();
    assert!(left(second) <= left(first) && left(first) <= 50_000, "the rest of the time: {asked:?}");

    // Whether it was done is not known.
    let asked = asked_of(vec![vec![]], 1, &["kill", "dev"]);
    assert_eq!(asked.len(), 1);
}
