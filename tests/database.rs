//! The host and its database: what happens is in the file, and whatever becomes of the file the host goes on.

#[path = "support/process.rs"]
mod process;
mod support;
#[path = "support/user.rs"]
mod user;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

use process::{keeper, kill_host};
use rusqlite::Connection;
use rustix::process::{Pid, Signal};
use serde_json::{Value, json};
use support::until;
use user::User;

const SESSIONS: &str = "SELECT name, status, exit_code, workspace, pane_index FROM sessions ORDER BY created_at, name";

fn path(user: &User) -> PathBuf {
    user.path("home/.local/share/synk/sessions.db")
}

/// All rows of a query as another program reads them, their columns with `|` between.
fn read(user: &User, sql: &str) -> Vec<String> {
    let db = Connection::open(path(user)).unwrap();
    let mut all = db.prepare(sql).unwrap();
    let columns = all.column_count();
    let rows = all.query_map([], |row| {
        let shown = (0..columns).map(|at| {
            Ok(match row.get_ref(at)? {
                rusqlite::types::ValueRef::Null => "-".to_owned(),
                rusqlite::types::ValueRef::Integer(n) => n.to_string(),
                value => value.as_str()?.to_owned(),
            })
        });
        Ok(shown.collect::<rusqlite::Result<Vec<_>>>()?.join("|"))
    });
    rows.unwrap().collect::<rusqlite::Result<_>>().unwrap()
}

/// Waits until a query has these rows.
fn until_read(user: &User, sql: &str, rows: &[&str]) {
    let mut last = Vec::new();
    until(&format!("{sql} is {rows:?}"), || {
        last = read(user, sql);
        (last == rows).then_some(())
    });
}

fn database(user: &User) -> Value {
    user.json(&["status"])["database"].clone()
}

/// Waits until it stands so with the database.
fn until_database(user: &User, what: &str, is: impl Fn(&Value) -> bool) {
    until(what, || is(&database(user)).then_some(()));
}

fn new(user: &User, name: &str) {
    user.ok(&["new", "-d", "-s", name, "--", "cat"]);
}

fn pid(user: &User) -> u32 {
    u32::try_from(user.json(&["status"])["pid"].as_u64().unwrap()).unwrap()
}

/// Sends the host a signal, and waits until it is gone: its keeper, which ends it in order, or both at once where they are
/// killed, so that no other follows.
fn signal(user: &User, signal: Signal) {
    let daemon = pid(user);
    match signal {
        Signal::KILL => kill_host(daemon),
        other => {
            let keeper = Pid::from_raw(keeper(daemon).unwrap().cast_signed()).unwrap();
            rustix::process::kill_process(keeper, other).unwrap();
        }
    }
    // One that ends in order removes its socket last of all; one that is killed listens until it is gone.
    let is_gone = || !user.socket().exists() || signal == Signal::KILL && UnixStream::connect(user.socket()).is_err();
    until("the host is gone", || is_gone().then_some(()));
}

/// The files that were put aside.
fn aside(user: &User) -> Vec<PathBuf> {
    let entries = fs::read_dir(path(user).parent().unwrap()).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.to_string_lossy().contains(".broken-")).collect()
}

/// Sessions can be made, and are listed.
fn goes_on(user: &User) {
    new(user, "dev");
    assert_eq!(user.sessions()[0]["name"], "dev");
}

#[test]
fn what_happens_to_sessions_is_in_the_file() {
    let user = User::new();
    user.ok(&["new", "-d", "-s", "dev", "-c", "/", "--", "sh", "-c", "printf '\\033]2;a title\\007'; exec cat"]);
    user.ok(&["new", "-d", "-s", "short", "--", "sh", "-c", "exit 7"]);
    let listed = user.sessions();
    let mut control = support::Control::new(UnixStream::connect(user.socket()).unwrap());
    control.open();
    until_read(&user, SESSIONS, &["dev|detached|-|-|-", "short|terminated|7|-|-", "shell-1|detached|-|default|0"]);
    assert_eq!(
        read(&user, "SELECT id, kind, agent, command, cwd FROM sessions WHERE name = 'dev'"),
        [format!(
            "{}|Local|shell|[\"sh\",\"-c\",{}]|/",
            listed[0]["session_id"].as_str().unwrap(),
            json!("printf '\\033]2;a title\\007'; exec cat")
        )]
    );
    until_read(
        &user,
        "SELECT key, value FROM session_state JOIN sessions ON id = session WHERE name = 'dev' AND key = 'title'",
        &["title|a title"],
    );
    user.ok(&["rename", "-t", "dev", "build"]);
    until_read(&user, "SELECT name FROM sessions WHERE status = 'detached' AND workspace IS NULL", &["build"]);
    user.ok(&["kill", "-t", "build"]);
    until_read(&user, "SELECT status FROM sessions WHERE name = 'build'", &["terminated"]);
    let workspace = "SELECT name, json_extract(layout, '$.type'), closed_at FROM workspaces";
    assert_eq!(read(&user, workspace), ["default|grid|-"]);
    let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(path(&user)), mode(path(&user).parent().unwrap().into())), (0o600, 0o700));
    assert_eq!(mode(path(&user).with_extension("db-wal")), 0o600);
}

#[test]
fn the_end_of_the_host_is_in_the_file() {
    for told in [Signal::TERM, Signal::HUP] {
        let user = User::new();
        new(&user, "dev");
        // Sooner than what changed would have been written by itself.
        signal(&user, told);
        assert_eq!(read(&user, "SELECT name, status FROM sessions"), ["dev|terminated"]);
        assert!(!path(&user).with_extension("db-wal").exists(), "closed in order");
    }
}

#[test]
fn a_host_that_is_killed_has_kept_what_it_said_it_had() {
    let user = User::new();
    for round in 1..=5 {
        user.start_host();
        let name = format!("s{round}");
        new(&user, &name);
        until_database(&user, "it is kept", |database| database["sessions"] == round);
        // In the middle of something else.
        user.ok(&["rename", "-t", &name, "other"]);
        signal(&user, Signal::KILL);
        assert_eq!(read(&user, "PRAGMA integrity_check"), ["ok"]);
        let running = read(&user, "SELECT name FROM sessions WHERE status = 'detached'");
        assert!(running == [name] || running == ["other"], "{running:?}");
    }
    user.start_host();
    assert_eq!(read(&user, "SELECT status, exit_code, count(*) FROM sessions GROUP BY 1, 2"), ["terminated|-|5"]);
    assert_eq!((aside(&user).len(), database(&user)["state"].as_str()), (0, Some("ok")));
}

#[test]
fn a_broken_file_is_put_aside_and_told() {
    let user = User::new();
    fs::create_dir_all(path(&user).parent().unwrap()).unwrap();
    fs::write(path(&user), "not a database at all").unwrap();
    user.start_host();
    let told = database(&user);
    assert_eq!(told["state"], "ok");
    let notice = told["notice"].as_str().unwrap();
    assert!(notice.contains("was broken") && notice.contains(&*aside(&user)[0].to_string_lossy()), "{notice}");
    assert_eq!(fs::read_to_string(&aside(&user)[0]).unwrap(), "not a database at all");
    assert!(user.ok(&["status"]).contains(notice));
    let log = fs::read_to_string(user.path("home/.local/state/synk/daemon.log")).unwrap();
    assert_eq!(log.matches(notice).count(), 1, "{log}");
    assert!(String::from_utf8(user.synk(&["doctor"]).stdout).unwrap().contains("warning  database"));
    goes_on(&user);
    until_read(&user, "SELECT name FROM sessions", &["dev"]);
}

#[test]
fn a_newer_ones_file_is_left_as_it_is() {
    let user = User::new();
    user.start_host();
    user.ok(&["daemon", "stop", "--yes"]);
    Connection::open(path(&user)).unwrap().execute_batch("PRAGMA user_version = 99").unwrap();
    let before = fs::read(path(&user)).unwrap();
    user.start_host();
    goes_on(&user);
    let told = database(&user);
    assert_eq!(told["state"], "off");
    assert!(told["notice"].as_str().unwrap().contains("newer"), "{told}");
    assert!(user.ok(&["status"]).contains("left alone"));
    user.ok(&["daemon", "stop", "--yes"]);
    assert!(before == fs::read(path(&user)).unwrap() && aside(&user).is_empty());
}

#[test]
fn a_link_to_somewhere_else_is_not_followed() {
    let user = User::new();
    fs::create_dir_all(path(&user).parent().unwrap()).unwrap();
    fs::write(user.path("precious"), "precious").unwrap();
    symlink(user.path("precious"), path(&user)).unwrap();
    user.start_host();
    goes_on(&user);
    assert_eq!(
        (&database(&user)["state"], fs::read_to_string(user.path("precious")).unwrap()),
        (&json!("off"), "precious".into())
    );
}

#[test]
fn where_nothing_can_be_written_the_host_goes_on_and_says_so() {
    let mut user = User::new();
    let database_path = if rustix::process::geteuid().is_root() {
        // Where not even root makes files.
        PathBuf::from("/sys/sessions.db")
    } else {
        fs::create_dir(user.path("readonly")).unwrap();
        fs::set_permissions(user.path("readonly"), fs::Permissions::from_mode(0o500)).unwrap();
        user.path("readonly/sessions.db")
    };
    user.vars.push(("SYNK_DATABASE".into(), database_path.to_string_lossy().into_owned()));
    user.start_host();
    goes_on(&user);
    let told = database(&user);
    assert_eq!(told["state"], "later");
    assert!(told["notice"].as_str().unwrap().contains("sessions.db"), "{told}");
    assert!(String::from_utf8(user.synk(&["doctor"]).stdout).unwrap().contains("warning  database"));
}

#[test]
fn what_is_locked_is_written_when_it_is_free() {
    let user = User::new();
    user.start_host();
    let other = Connection::open(path(&user)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    goes_on(&user);
    until_database(&user, "it is told", |database| database["state"] == "later");
    user.ok(&["rename", "-t", "dev", "new"]);
    other.execute_batch("COMMIT").unwrap();
    until_read(&user, "SELECT name FROM sessions", &["new"]);
    until_database(&user, "it is told", |database| database["state"] == "ok" && database["notice"].is_null());
}

#[test]
fn two_hosts_do_not_share_one() {
    let user = User::new();
    new(&user, "dev");
    until_read(&user, "SELECT status FROM sessions", &["detached"]);
    let socket = user.path("run/other.sock");
    let other = |args: &[&str]| user.ok(&[&["-S", socket.to_str().unwrap()], args].concat());
    other(&["daemon", "start"]);
    assert!(other(&["status"]).contains("another host uses it"));
    assert_eq!(read(&user, "SELECT status FROM sessions"), ["detached"]);
    user.ok(&["daemon", "stop", "--yes"]);
    other(&["new", "-d", "-s", "mine", "--", "cat"]);
    until_read(&user, "SELECT name, status FROM sessions ORDER BY name", &["dev|terminated", "mine|detached"]);
    other(&["daemon", "stop", "--yes"]);
}

#[test]
fn what_was_removed_is_made_again() {
    let user = User::new();
    new(&user, "one");
    until_read(&user, "SELECT name FROM sessions", &["one"]);
    fs::remove_dir_all(path(&user).parent().unwrap()).unwrap();
    new(&user, "two");
    until("there is a file again", || path(&user).exists().then_some(()));
    until_database(&user, "it holds both", |database| database["sessions"] == 2);
    assert_eq!(read(&user, "SELECT name FROM sessions ORDER BY name"), ["one", "two"]);
}

#[test]
fn old_sessions_are_forgotten_after_the_days_that_were_set() {
    let user = User::new();
    for (days, left) in [(0, vec!["dev"]), (30, vec!["dev"]), (2, vec![])] {
        fs::write(user.path("home/.config/synk/synk.ron"), format!("(keep_ended_days: {days})")).unwrap();
        if days == 0 {
            new(&user, "dev");
            user.ok(&["daemon", "stop", "--yes"]);
            let three_days = 3 * 24 * 60 * 60 * 1000;
            let db = Connection::open(path(&user)).unwrap();
            db.execute("UPDATE sessions SET ended_at = ended_at - ?1", [three_days]).unwrap();
        }
        user.start_host();
        assert_eq!(read(&user, "SELECT name FROM sessions"), left, "{days} days");
        user.ok(&["daemon", "stop", "--yes"]);
    }
}

#[test]
fn a_host_counts_what_there_is() {
    let user = User::new();
    new(&user, "one");
    new(&user, "two");
    assert_eq!(user.json(&["status"])["statistics"], json!({"total": 2, "active": 0, "detached": 2, "workspaces": 1}));
    assert!(user.ok(&["status"]).contains("0 active, 2 detached, in 1 workspace\n"));
    let checked = String::from_utf8(user.synk(&["doctor"]).stdout).unwrap();
    assert!(checked.contains("ok       database"), "{checked}");
}
