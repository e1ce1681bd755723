//! The file as others read it, statement by statement.

use std::path::PathBuf;

use tempfile::TempDir;

use super::*;

/// A session that is attached to, in a workspace.
pub(in crate::store) fn row(id: u128) -> SessionRow {
    SessionRow {
        id: SessionId::from_u128(id),
        name: format!("s{id}"),
        kind: "Local".into(),
        target: None,
        agent: "shell".into(),
        command: "[]".into(),
        cwd: "/".into(),
        project: None,
        status: Status::Active,
        exit_code: None,
        workspace: Some("default".into()),
        pane_index: Some(0),
        created_at_ms: 10,
        last_active_ms: 20,
        state: vec![("title", "vim".into())],
    }
}

/// This session and its workspace.
pub(in crate::store) fn changes(row: SessionRow) -> Changes {
    let default = WorkspaceRow { name: "default".into(), layout: "{}".into(), kept: true };
    Changes { workspaces: vec![default], sessions: vec![row], closed: Vec::new() }
}

fn new() -> (TempDir, PathBuf, Database) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.db");
    std::fs::write(&path, "").unwrap();
    let database = Database::open(&path).unwrap();
    (dir, path, database)
}

/// All rows of a query, their columns as text with `|` between.
pub(in crate::store) fn read(db: &Connection, sql: &str) -> Vec<String> {
    let mut all = db.prepare(sql).unwrap();
    let columns = all.column_count();
    let shown = |value: rusqlite::types::Value| match value {
        rusqlite::types::Value::Null => "-".to_owned(),
        rusqlite::types::Value::Integer(n) => n.to_string(),
        rusqlite::types::Value::Text(text) => text,
        other => format!("{other:?}"),
    };
    let rows = all.query_map([], |row| (0..columns).map(|at| Ok(shown(row.get(at)?))).collect::<Result<Vec<_>, _>>());
    rows.unwrap().map(|row| row.unwrap().join("|")).collect()
}

#[test]
fn it_is_set_up_as_it_should_be() {
    let (_dir, path, database) = new();
    let db = database.connection();
    let pragma = |name: &str| read(db, &format!("PRAGMA {name}")).concat();
    assert_eq!((pragma("journal_mode"), pragma("synchronous")), ("wal".into(), "1".into()));
    assert_eq!((pragma("foreign_keys"), pragma("trusted_schema")), ("1".into(), "0".into()));
    assert_eq!((pragma("user_version"), pragma("auto_vacuum")), (MIGRATIONS.len().to_string(), "2".into()));
    drop(database);
    assert!(!path.with_extension("db-wal").exists(), "closed in order, the log is in the file");
}

#[test]
fn a_session_is_made_changed_and_ended() {
    let (_dir, _, mut database) = new();
    let all = "SELECT name, status, exit_code, workspace, pane_index, created_at, last_active, ended_at, value
               FROM sessions LEFT JOIN session_state ON id = session";
    assert_eq!(database.save(&changes(row(1)), 100).unwrap(), Kept { sessions: 1 });
    assert_eq!(read(database.connection(), all), ["s1|active|-|default|0|10|20|-|vim"]);
    let renamed = SessionRow { name: "new".into(), state: vec![("title", "less".into())], ..row(1) };
    database.save(&changes(renamed.clone()), 200).unwrap();
    assert_eq!(read(database.connection(), all), ["new|active|-|default|0|10|20|-|less"]);
    let ended = SessionRow { status: Status::Terminated, exit_code: Some(7), pane_index: None, ..renamed.clone() };
    for now_ms in [300, 400] {
        database.save(&changes(ended.clone()), now_ms).unwrap();
        assert_eq!(read(database.connection(), all), ["new|terminated|7|default|-|10|20|300|less"], "it ended once");
    }
    // A link that was brought back runs again.
    database.save(&changes(renamed), 500).unwrap();
    assert_eq!(read(database.connection(), all), ["new|active|-|default|0|10|20|-|less"]);
}

#[test]
fn all_of_a_change_is_kept_or_nothing() {
    let (_dir, _, mut database) = new();
    let pages: u64 = database.connection().query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    database.connection().pragma_update(None, "max_page_count", pages).unwrap();
    let mut much = changes(row(1));
    much.sessions.push(SessionRow { command: "x".repeat(100_000), ..row(2) });
    let error = database.save(&much, 1).unwrap_err();
    assert!(matches!(&error, Trouble::Later(why) if why.contains("full")), "{error}");
    assert!(read(database.connection(), "SELECT name FROM sessions UNION SELECT name FROM workspaces").is_empty());
    database.connection().pragma_update(None, "max_page_count", 1_000_000).unwrap();
    assert_eq!(database.save(&much, 1).unwrap(), Kept { sessions: 2 });
}

#[test]
fn a_workspace_closes_and_begins_anew() {
    let (_dir, _, mut database) = new();
    let all = "SELECT name, created_at, updated_at, closed_at, kept FROM workspaces";
    database.save(&changes(row(1)), 100).unwrap();
    database.save(&changes(row(1)), 200).unwrap();
    assert_eq!(read(database.connection(), all), ["default|100|200|-|1"]);
    database.save(&Changes { closed: vec!["default".into(), "none".into()], ..Changes::default() }, 300).unwrap();
    assert_eq!(read(database.connection(), all), ["default|100|200|300|1"]);
    database.save(&changes(row(1)), 400).unwrap();
    assert_eq!(read(database.connection(), all), ["default|400|400|-|1"]);
    // One that was opened and closed before anything was saved is not there to be named.
    database.save(&changes(SessionRow { workspace: Some("gone".into()), ..row(2) }), 500).unwrap();
    assert_eq!(read(database.connection(), "SELECT workspace FROM sessions WHERE name = 's2'"), ["-"]);
}

#[test]
fn what_ran_when_the_host_ended_has_ended() {
    let (_dir, _, mut database) = new();
    for (id, status) in [(1, Status::Active), (2, Status::Detached)] {
        database.save(&changes(SessionRow { status, ..row(id) }), 1).unwrap();
    }
    let ended = SessionRow { status: Status::Terminated, exit_code: Some(3), ..row(3) };
    database.save(&changes(ended), 2).unwrap();
    database.end_all(900).unwrap();
    assert_eq!(
        read(database.connection(), "SELECT name, status, exit_code, ended_at FROM sessions ORDER BY name"),
        ["s1|terminated|-|900", "s2|terminated|-|900", "s3|terminated|3|2"]
    );
    assert_eq!(read(database.connection(), "SELECT closed_at FROM workspaces"), ["900"]);
}

#[test]
fn what_ended_long_ago_is_forgotten_with_all_that_was_kept_of_it() {
    let (_dir, _, mut database) = new();
    let ended = |id| SessionRow { status: Status::Terminated, ..row(id) };
    database.save(&changes(ended(1)), 100).unwrap();
    database.save(&changes(ended(2)), 200).unwrap();
    database.save(&changes(row(3)), 50).unwrap();
    database.save(&Changes { closed: vec!["default".into()], ..Changes::default() }, 60).unwrap();
    let snapshot = Snapshot { taken_at_ms: 5, terminal_buffer: vec![0; 100_000], scrollback: Vec::new() };
    assert!(database.save_snapshot(SessionId::from_u128(1), &snapshot).unwrap());
    assert_eq!(database.forget(200).unwrap(), Kept { sessions: 2 });
    let db = database.connection();
    assert_eq!(read(db, "SELECT name FROM sessions ORDER BY name"), ["s2", "s3"]);
    assert_eq!(read(db, "SELECT count(*) FROM session_state"), ["2"]);
    assert_eq!(read(db, "SELECT count(*) FROM session_snapshots"), ["0"]);
    assert_eq!(read(db, "SELECT name FROM workspaces"), ["default"], "sessions name it");
    assert_eq!(read(db, "PRAGMA freelist_count"), ["0"], "the room was given back");
}

#[test]
fn the_newest_snapshots_of_each_session_are_kept() {
    let (_dir, _, mut database) = new();
    let (one, two) = (SessionId::from_u128(1), SessionId::from_u128(2));
    database.save(&changes(row(1)), 1).unwrap();
    database.save(&changes(row(2)), 1).unwrap();
    let snapshot =
        |n: u64| Snapshot { taken_at_ms: n, terminal_buffer: vec![1, 0, 2], scrollback: n.to_be_bytes().into() };
    assert!(database.save_snapshot(two, &snapshot(7)).unwrap());
    for n in 0..25 {
        assert!(database.save_snapshot(one, &snapshot(n)).unwrap());
    }
    assert_eq!(database.load_snapshot(one).unwrap(), Some(snapshot(24)));
    assert_eq!(database.load_snapshot(two).unwrap(), Some(snapshot(7)));
    let kept = read(database.connection(), "SELECT min(taken_at), count(*) FROM session_snapshots GROUP BY session");
    assert_eq!(kept, [format!("15|{KEPT}"), "7|1".into()]);
    let unknown = SessionId::from_u128(3);
    assert_eq!(database.save_snapshot(unknown, &snapshot(1)), Ok(false));
    assert_eq!(database.load_snapshot(unknown), Ok(None));
}

#[test]
fn questions_are_answered_from_indexes() {
    let (_dir, _, database) = new();
    for (sql, index) in [
        ("SELECT id FROM sessions WHERE status = 'active'", "sessions_status"),
        ("DELETE FROM sessions WHERE status = 'terminated' AND ended_at < 5", "sessions_status"),
        ("SELECT id FROM sessions WHERE workspace = 'x' ORDER BY pane_index", "sessions_workspace"),
        ("SELECT id FROM sessions WHERE last_active < 5", "sessions_last_active"),
        ("SELECT id FROM session_snapshots WHERE session = 'x' ORDER BY taken_at DESC", "session_snapshots_session"),
    ] {
        let plan = read(database.connection(), &format!("EXPLAIN QUERY PLAN {sql}")).concat();
        assert!(plan.contains(index) && !plan.contains("TEMP B-TREE"), "{sql}: {plan}");
    }
}
