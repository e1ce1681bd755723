//! How the tables come to be.

use super::*;
use crate::store::database::{Database, readable};

#[test]
fn a_step_that_fails_leaves_the_version_before() {
    let mut db = Connection::open_in_memory().unwrap();
    let steps = ["CREATE TABLE a (x)", "CREATE TABLE b (x); CREATE TABLE a (x)", "CREATE TABLE c (x)"];
    assert!(migrate(&mut db, 0, &steps).is_err());
    let version = |db: &Connection| db.query_row("PRAGMA user_version", [], |row| row.get::<_, i32>(0)).unwrap();
    let names = |db: &Connection| -> Vec<_> { objects(db).unwrap().into_iter().filter_map(|o| o[1].clone()).collect() };
    assert_eq!((version(&db), names(&db)), (1, vec!["a".to_owned()]));
    let steps = ["never run again", "CREATE TABLE b (x)", "ALTER TABLE a ADD COLUMN y"];
    migrate(&mut db, 1, &steps).unwrap();
    assert_eq!((version(&db), names(&db)), (3, vec!["a".to_owned(), "b".to_owned()]));
    migrate(&mut db, 3, &steps).unwrap();
}

/// What becomes of a file that this was done to.
fn after(sql: &str) -> (Result<(), Trouble>, bool) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.db");
    std::fs::write(&path, "").unwrap();
    drop(Database::open(&path).unwrap());
    Connection::open(&path).unwrap().execute_batch(sql).unwrap();
    let before = std::fs::read(&path).unwrap();
    let looked = readable(&path);
    let opened = Database::open(&path).map(drop);
    let refused = matches!(opened, Err(Trouble::Refused(_)));
    assert!(looked == if refused { opened.clone() } else { Ok(()) }, "{looked:?}");
    (opened, before == std::fs::read(&path).unwrap())
}

#[test]
fn what_is_not_for_this_build_is_left_as_it_is() {
    let newer = MIGRATIONS.len() + 1;
    for (sql, word) in [
        (format!("PRAGMA user_version = {newer}; CREATE TABLE more (x)"), "newer synk"),
        ("PRAGMA application_id = 0".into(), "another program"),
        ("PRAGMA application_id = 1; PRAGMA user_version = 99".into(), "another program"),
    ] {
        let (opened, same) = after(&sql);
        assert!(matches!(&opened, Err(Trouble::Refused(why)) if why.contains(word)), "{sql}: {opened:?}");
        assert!(same, "{sql}");
    }
}

/// A newer synk that was killed has left its last words in the log.
#[test]
fn the_log_of_a_newer_one_is_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let (path, copy) = (dir.path().join("x.db"), dir.path().join("copy.db"));
    std::fs::write(&path, "").unwrap();
    drop(Database::open(&path).unwrap());
    let newer = Connection::open(&path).unwrap();
    newer.execute_batch("PRAGMA user_version = 99; CREATE TABLE more (x)").unwrap();
    let files = [("x.db", "copy.db"), ("x.db-wal", "copy.db-wal")];
    for (from, to) in files {
        std::fs::copy(dir.path().join(from), dir.path().join(to)).unwrap();
    }
    assert!(matches!(Database::open(&copy), Err(Trouble::Refused(_))));
    for (from, to) in files {
        let read = |name| std::fs::read(dir.path().join(name)).unwrap();
        assert!(read(from) == read(to), "{to} has changed");
    }
}

#[test]
fn what_synk_never_makes_is_not_trusted() {
    for sql in [
        "CREATE TRIGGER t AFTER INSERT ON sessions BEGIN DELETE FROM workspaces; END",
        "CREATE VIEW v AS SELECT 1",
        "CREATE TABLE more (x)",
        "DROP INDEX sessions_status",
        "ALTER TABLE sessions ADD COLUMN more TEXT",
        "DROP TABLE session_state",
        "PRAGMA user_version = 0",
        "PRAGMA user_version = -1",
    ] {
        let (opened, _) = after(sql);
        assert!(matches!(opened, Err(Trouble::Broken(_))), "{sql}: {opened:?}");
    }
}

#[test]
fn statistics_that_a_tool_has_made_do_no_harm() {
    assert_eq!(after("ANALYZE").0, Ok(()));
}
