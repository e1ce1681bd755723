//! What is saved to the disk: sessions come back when nothing of them runs any more, and only then.

#[path = "support/process.rs"]
mod process;
mod support;
#[path = "support/user.rs"]
mod user;

use std::fs;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::SystemTime;

use process::{lives, parent};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use support::{Control, Viewer, until};
use synk::protocol::methods::{CreateParams, Empty, GetStatus, ListSessions};
use synk::protocol::shapes::Session;
use user::User;

/// A user whose sessions are saved a second after they change.
fn user(settings: &str) -> User {
    let user = User::new();
    fs::write(user.path("home/.config/synk/synk.ron"), format!("(save_every_s: 1, {settings})")).unwrap();
    user.start_host();
    user
}

fn connect(user: &User) -> Control {
    Control::new(UnixStream::connect(user.socket()).unwrap())
}

fn viewer(user: &User) -> Viewer {
    Viewer::new(UnixStream::connect(user.socket()).unwrap())
}

fn daemon(user: &User) -> u32 {
    connect(user).call::<GetStatus>(Empty {}).unwrap().pid
}

fn sessions(user: &User) -> Vec<Session> {
    connect(user).call::<ListSessions>(Empty {}).unwrap().sessions
}

fn session(user: &User, name: &str) -> Session {
    sessions(user).into_iter().find(|s| s.name == name).unwrap_or_else(|| panic!("no session {name}"))
}

/// Everything on the screen and in the history.
fn text(user: &User, name: &str) -> String {
    let read = connect(user).ask("read_screen", json!({"session_id": name, "source": "history"}));
    read["text"].as_str().unwrap().to_owned()
}

fn saved_dir(user: &User, id: &str) -> PathBuf {
    user.path("home/.local/share/synk/sessions").join(id)
}

/// When a state of a session was saved last.
fn saved_at(user: &User, id: &str) -> Option<SystemTime> {
    let files = fs::read_dir(saved_dir(user, id)).ok()?.filter_map(|entry| {
        let entry = entry.ok()?;
        let name = entry.file_name();
        let is_state = name.to_str()?.starts_with('0') && !name.to_str()?.contains('.');
        if is_state { entry.metadata().ok()?.modified().ok() } else { None }
    });
    files.max()
}

/// Waits until a session is saved as it is now.
fn until_saved(user: &User, session: &Session) {
    // Twice: what is being saved at this moment may have been looked at before.
    for name in ["for a moment", &session.name] {
        let before = saved_at(user, &session.session_id);
        connect(user).ask("rename_session", json!({"session_id": session.session_id, "name": name}));
        until("it is saved", || (saved_at(user, &session.session_id) > before).then_some(()));
    }
}

/// As when the power fails.
fn kill_all(user: &User) {
    let daemon = daemon(user);
    let keeper = parent(daemon).unwrap();
    for pid in [keeper, daemon] {
        kill_process(Pid::from_raw(pid.cast_signed()).unwrap(), Signal::KILL).unwrap();
    }
    until("both are gone", || (!lives(keeper) && !lives(daemon)).then_some(()));
    // A process is gone before its descriptors are.
    until("nobody listens", || UnixStream::connect(user.socket()).is_err().then_some(()));
}

/// A session that says when it is started, and then something more.
fn run(user: &User, name: &str, workspace: &str, script: &str) -> Session {
    let command = vec!["/bin/sh".into(), "-c".into(), script.into()];
    let cwd = Some(user.path("home").to_str().unwrap().to_owned());
    let name = Some(name.to_owned());
    let workspace = Some(workspace.to_owned());
    let made = connect(user).create(CreateParams { name, command, cwd, workspace, ..CreateParams::default() }).unwrap();
    sessions(user).into_iter().find(|s| s.no == made.no).unwrap()
}

#[test]
fn everything_is_back_after_all_was_killed_and_nothing_ran_by_itself() {
    let user = user("");
    connect(&user).ask("create_workspace", json!({"workspace": "work"}));
    let build = run(&user, "build", "work", "echo started >> log; seq 5000; printf '\\033[?1049h\\033[31mbusy'; cat");
    run(&user, "second", "work", "cat");
    connect(&user).create(CreateParams { name: Some("shell".into()), ..CreateParams::default() }).unwrap();
    let shell = session(&user, "shell");
    let mut view = viewer(&user);
    let no = view.watch(shell.no);
    fs::create_dir(user.path("home/deep")).unwrap();
    // Else its first prompt may stand before the first line.
    view.until_text(no, "$");
    view.type_text(no, "cd deep; seq 3000; echo a line to remember\n");
    view.until_text(no, "\na line to remember");
    until("the shell is where it went", || session(&user, "shell").cwd.ends_with("/deep").then_some(()));
    until("it prints", || text(&user, "build").contains("busy").then_some(()));
    let weights = json!({"workspace": "work", "weights": {"columns": [3, 1], "rows": [1], "last_row": []}});
    connect(&user).ask("set_weights", weights);
    let workspaces = || user.json(&["workspace", "ls"]);
    let layout = || user.json(&["workspace", "get", "work"]);
    let (before, laid) = (workspaces(), layout());
    let all = sessions(&user);
    for session in &all {
        until_saved(&user, session);
    }
    drop(view);
    kill_all(&user);

    user.start_host();
    let back = sessions(&user);
    assert_eq!(
        back.iter().map(|s| (&s.name, s.no)).collect::<Vec<_>>(),
        all.iter().map(|s| (&s.name, s.no)).collect::<Vec<_>>()
    );
    assert!(back.iter().all(|s| s.disconnected && s.pid.is_none()), "{back:#?}");
    assert_eq!((workspaces(), layout()), (before, laid));
    let history = text(&user, "shell");
    let lines: Vec<&str> = history.lines().filter(|line| !line.is_empty()).collect();
    let first = lines.iter().position(|line| *line == "1").unwrap();
    assert!((1..=3000).all(|n| lines[first + n - 1] == n.to_string()));
    assert_eq!(lines[first + 3000], "a line to remember");
    assert!(lines.last().unwrap().starts_with(" synk: restored, last seen 20"), "{:?}", lines.last());
    assert!(text(&user, "build").contains("\n5000\n"));
    assert!(text(&user, "build").contains("Enter runs /bin/sh -c echo started"), "{}", text(&user, "build"));
    let log = || fs::read_to_string(user.path("home/log")).unwrap();
    assert_eq!(log(), "started\n");

    // A shell starts when somebody looks, where it was.
    let mut view = viewer(&user);
    let no = view.watch(shell.no);
    view.type_text(no, "pwd -P; echo $((6 * 7))\n");
    view.until_text(no, "\n42");
    assert!(view.text(no).contains("/home/deep\n42"), "{}", view.text(no));
    // What was asked for by a command is started by who wants it.
    let no = view.watch(build.no);
    view.until_text(no, "synk: restored");
    assert_eq!(log(), "started\n");
    view.type_text(no, "\n");
    until("it is started", || (log() == "started\nstarted\n").then_some(()));
    user.ok(&["daemon", "stop", "--yes"]);
}

#[test]
fn what_was_ended_stays_ended_and_a_stop_saves_everything_else() {
    let user = user("");
    for name in ["one", "two", "gone"] {
        run(&user, name, "default", &format!("echo this is {name}; cat"));
        until("it prints", || text(&user, name).contains(&format!("this is {name}")).then_some(()));
    }
    let id = session(&user, "gone").session_id;
    until_saved(&user, &session(&user, "gone"));
    user.ok(&["kill", "gone"]);
    until("nothing is kept of it", || (!saved_dir(&user, &id).exists()).then_some(()));
    // At once: nothing but the stop can have saved this.
    let mut view = viewer(&user);
    let no = view.watch(session(&user, "one").no);
    view.type_text(no, "the last word\n");
    view.until_text(no, "the last word\nthe last word");
    run(&user, "over", "default", "exit 3");
    until("it has ended", || session(&user, "over").exit_code);
    user.ok(&["daemon", "stop", "--yes"]);
    user.start_host();
    let names: Vec<String> = sessions(&user).into_iter().map(|s| s.name).collect();
    assert_eq!(names, ["one", "two"]);
    assert!(text(&user, "one").contains("this is one\nthe last word\nthe last word\n"), "{}", text(&user, "one"));
    // Without its daemon it rests on, with what was said of it.
    let before = text(&user, "two");
    kill_process(Pid::from_raw(daemon(&user).cast_signed()).unwrap(), Signal::KILL).unwrap();
    until("another daemon has it", || (sessions(&user).len() == 2).then_some(()));
    assert_eq!(text(&user, "two"), before);
    assert!(session(&user, "two").disconnected);
    user.ok(&["kill", "two"]);
    connect(&user).ask("reconnect_session", json!({"session_id": "one"}));
    until("it runs", || session(&user, "one").pid.filter(|_| text(&user, "one").matches("this is one").count() == 2));
    user.ok(&["daemon", "stop", "--yes"]);
    fs::write(user.path("home/.config/synk/synk.ron"), "(restore_on_start: false)").unwrap();
    user.start_host();
    assert_eq!(user.sessions(), Vec::<Value>::new());
    user.ok(&["daemon", "stop", "--yes"]);
}

#[test]
fn a_disk_that_takes_nothing_costs_nothing_else() {
    let user = user("");
    let one = run(&user, "one", "default", "while read line; do echo \"got $line\"; done");
    until_saved(&user, &one);
    let dir = saved_dir(&user, &one.session_id);
    fs::rename(&dir, dir.with_extension("away")).unwrap();
    fs::write(&dir, "a file where a directory has to be").unwrap();
    let mut view = viewer(&user);
    let no = view.watch(one.no);
    view.type_text(no, "a\n");
    view.until_text(no, "got a");
    fs::remove_file(&dir).unwrap();
    view.type_text(no, "b\n");
    view.until_text(no, "got b");
    until_saved(&user, &one);
    drop(view);
    kill_all(&user);
    user.start_host();
    assert!(text(&user, "one").contains("got a\nb\ngot b\n"), "{}", text(&user, "one"));
    user.ok(&["daemon", "stop", "--yes"]);
    // A host without a place to save to serves all the same.
    let all = user.path("home/.local/share/synk/sessions");
    fs::remove_dir_all(&all).unwrap();
    fs::write(&all, "").unwrap();
    user.start_host();
    run(&user, "two", "default", "echo here; cat");
    until("it prints", || text(&user, "two").contains("here").then_some(()));
    // And saves there once there is one.
    assert!(user.ok(&["status"]).contains("sessions are not saved to "));
    fs::remove_file(&all).unwrap();
    let two = session(&user, "two").session_id;
    until("it is saved after all", || saved_at(&user, &two));
    until("that is told", || (!user.ok(&["status"]).contains("sessions are not saved to ")).then_some(()));
    user.ok(&["daemon", "stop", "--yes"]);
}

#[test]
fn what_comes_back_of_a_flood_is_a_beginning_of_it() {
    let user = user("");
    let flood = run(
        &user,
        "flood",
        "default",
        "i=0; while :; do i=$((i + 1)); echo \"line $i of many that are as long as this\"; done",
    );
    let mut saved = 0;
    let mut last = None;
    until("it was saved a few times", || {
        let at = saved_at(&user, &flood.session_id);
        saved += usize::from(at > last);
        last = at;
        (saved > 3).then_some(())
    });
    kill_all(&user);
    user.start_host();
    let history = text(&user, "flood");
    let mut lines = history.lines().filter(|line| !line.is_empty());
    let (first, ..) = numbered(lines.next().unwrap()).unwrap();
    let mut next = first;
    let rest: Vec<&str> = lines
        .skip_while(|line| {
            next += 1;
            numbered(line) == Some((next, "of many that are as long as this"))
        })
        .collect();
    // Behind the last whole line comes what there was of the next one, and what is said of it.
    let said = rest.iter().position(|line| line.starts_with(" synk: restored"));
    assert!(said.is_some_and(|at| at <= 1), "after line {next}: {rest:?}");
    assert!(next - first > 1000, "{first} to {next}");
    user.ok(&["daemon", "stop", "--yes"]);
}

/// The number of a line and what follows it.
fn numbered(line: &str) -> Option<(u64, &str)> {
    let (number, rest) = line.strip_prefix("line ")?.split_once(' ')?;
    Some((number.parse().ok()?, rest))
}
