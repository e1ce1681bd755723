//! What becomes of the file, whatever is in it.

use std::fs;
use std::path::Path;

use rusqlite::Connection;
use tempfile::TempDir;

use super::*;
use crate::base::SessionId;
use crate::store::database::tests::{changes, read, row};
use crate::store::row::{SessionRow, Status};
use crate::store::snapshot::Snapshot;

#[path = "mutated_tests.rs"]
mod mutated;

const DAY: u64 = 24 * 60 * 60 * 1000;

struct World {
    dir: TempDir,
    store: Store,
}

impl World {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Self::store(dir.path());
        Self { dir, store }
    }

    fn store(dir: &Path) -> Store {
        let keep = Some(Duration::from_millis(30 * DAY));
        Store::new(StoreOptions { path: dir.join("sessions.db"), own_dir: true, keep })
    }

    /// The store of the next host.
    fn again(&mut self) {
        self.store = Self::store(self.dir.path());
    }

    fn open(&mut self, now_ms: u64) -> Report {
        self.store.step(Message::Open, now_ms).unwrap()
    }

    fn save(&mut self, row: SessionRow, now_ms: u64) -> Report {
        self.store.step(Message::Save(changes(row)), now_ms).unwrap()
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("sessions.db")
    }

    /// As another program sees it.
    fn read(&self, sql: &str) -> Vec<String> {
        read(&Connection::open(self.path()).unwrap(), sql)
    }

    /// The files that were put aside.
    fn aside(&self) -> Vec<String> {
        let names = fs::read_dir(self.dir.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
        names.retain(|name| name.contains(".broken-"));
        names.sort();
        names
    }
}

fn fine(sessions: u64) -> Report {
    Report { kept: Ok(Kept { sessions }), replaced: None }
}

fn later(report: &Report) -> bool {
    matches!(report.kept, Err(Trouble::Later(_))) && report.replaced.is_none()
}

#[test]
fn the_next_host_finds_what_was_saved_and_that_it_has_ended() {
    let mut world = World::new();
    assert_eq!(world.open(1), fine(0));
    assert_eq!(world.save(row(1), 2), fine(1));
    assert_eq!(world.read("SELECT status FROM sessions"), ["active"], "it is in the file before the host ends");
    world.again();
    assert_eq!(world.open(9), fine(1));
    assert_eq!(world.read("SELECT status, exit_code, ended_at FROM sessions"), ["terminated|-|9"]);
}

#[test]
fn a_file_that_is_no_database_is_put_aside() {
    for text in [&b"certainly not a database, whatever its name may say"[..], &[0; 8192], b"SQLite format 3\0"] {
        let mut world = World::new();
        fs::write(world.path(), text).unwrap();
        fs::write(world.dir.path().join("sessions.db-wal"), "its log").unwrap();
        let report = world.open(7_000);
        assert_eq!(report.kept, Ok(Kept::default()));
        assert!(report.replaced.as_ref().is_some_and(|words| words.contains("sessions.db.broken-7")), "{report:?}");
        let aside = world.aside();
        assert!(["", "-wal"].iter().all(|end| aside.contains(&format!("sessions.db.broken-7{end}"))), "{aside:?}");
        assert_eq!(fs::read(world.dir.path().join("sessions.db.broken-7")).unwrap(), text);
        assert_eq!(world.save(row(1), 8_000), fine(1));
    }
}

#[test]
fn a_database_that_breaks_while_it_is_used_is_replaced_and_says_so_once() {
    let mut world = World::new();
    world.open(1);
    world.save(row(1), 2);
    // A page of its own list of tables is gone, as after a disk's failure.
    world.store.database = None;
    let mut bytes = fs::read(world.path()).unwrap();
    bytes[100..4096].fill(0xee);
    fs::write(world.path(), bytes).unwrap();
    let report = world.save(row(2), 3_000);
    assert_eq!(report.kept, Ok(Kept { sessions: 1 }));
    assert!(report.replaced.is_some(), "what it held has to be saved again");
    assert_eq!(world.read("SELECT name, status FROM sessions"), ["s2|active"]);
    assert_eq!(world.save(row(1), 4), fine(2));
}

#[test]
fn a_file_that_somebody_removed_is_made_again() {
    let mut world = World::new();
    world.open(1);
    world.save(row(1), 2);
    fs::remove_dir_all(world.dir.path()).unwrap();
    let report = world.save(row(2), 3);
    assert!(report.replaced.as_ref().is_some_and(|words| words.contains("was removed")), "{report:?}");
    assert_eq!(world.save(row(1), 4), fine(2));
    assert_eq!(world.read("SELECT count(*) FROM sessions"), ["2"]);
}

#[test]
fn a_newer_synks_file_is_left_alone_for_good() {
    let mut world = World::new();
    world.open(1);
    world.again();
    Connection::open(world.path()).unwrap().execute_batch("PRAGMA user_version = 99").unwrap();
    let before = fs::read(world.path()).unwrap();
    for _ in 0..2 {
        let report = world.save(row(1), 2);
        assert!(matches!(&report.kept, Err(Trouble::Refused(why)) if why.contains("newer")), "{report:?}");
    }
    assert!(before == fs::read(world.path()).unwrap() && world.aside().is_empty());
}

#[test]
fn a_locked_database_is_written_when_it_is_free() {
    let mut world = World::new();
    world.open(1);
    let other = Connection::open(world.path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert!(later(&world.save(row(1), 2)));
    other.execute_batch("COMMIT").unwrap();
    assert_eq!(world.save(row(1), 3), fine(1));
}

#[test]
fn another_hosts_database_is_left_alone_until_that_host_is_gone() {
    let mut world = World::new();
    world.open(1);
    world.save(row(1), 2);
    let mut other = World::store(world.dir.path());
    assert!(later(&other.step(Message::Open, 3).unwrap()));
    assert_eq!(world.read("SELECT status FROM sessions"), ["active"]);
    world.store = Store::new(StoreOptions { path: "/nonexistent/x".into(), own_dir: true, keep: None });
    assert_eq!(other.step(Message::Save(changes(row(2))), 4), Some(fine(2)));
    assert_eq!(world.read("SELECT status FROM sessions ORDER BY name"), ["terminated", "active"]);
}

#[test]
fn where_nothing_can_be_written_it_is_said_and_tried_again() {
    let mut world = World::new();
    let dir = world.dir.path().join("dir");
    fs::write(&dir, "in the way").unwrap();
    world.store = World::store(&dir);
    assert!(later(&world.open(1)));
    assert!(later(&world.save(row(1), 2)));
    fs::remove_file(&dir).unwrap();
    assert_eq!(world.save(row(1), 3), fine(1));
}

#[test]
fn a_full_disk_passes() {
    let mut world = World::new();
    world.open(1);
    let limit = |world: &World, pages: u32| {
        let database = world.store.database.as_ref().unwrap();
        database.connection().pragma_update(None, "max_page_count", pages).unwrap();
    };
    limit(&world, 1);
    let large = SessionRow { command: "x".repeat(1 << 20), ..row(1) };
    let report = world.save(large.clone(), 2);
    assert!(later(&report), "{report:?}");
    // It is opened anew, without the limit.
    assert_eq!(world.save(large, 3), fine(1));
}

#[test]
fn one_that_breaks_again_and_again_is_given_up() {
    let mut world = World::new();
    for n in 0..5 {
        world.store.database = None;
        fs::write(world.path(), "broken").unwrap();
        let report = world.save(row(1), n * 1000);
        // Written over in place it is the same file.
        assert_eq!(report.kept.is_ok(), n < 3, "{report:?}");
    }
    assert_eq!(world.aside().len(), 3);
}

#[test]
fn what_is_old_is_forgotten_once_a_day_while_something_is_saved() {
    let mut world = World::new();
    world.open(1);
    let ended = |id| SessionRow { status: Status::Terminated, ..row(id) };
    assert_eq!(world.save(ended(1), 2), fine(1));
    assert_eq!(world.save(ended(2), 31 * DAY), fine(1), "the first is older than thirty days");
    assert_eq!(world.save(row(3), 61 * DAY + 1), fine(1));
    world.store.options.keep = None;
    assert_eq!(world.save(ended(4), 62 * DAY + 2), fine(2));
    assert_eq!(world.save(row(3), 900 * DAY), fine(2), "without a limit nothing is");
}

#[test]
fn snapshots_are_saved_and_found() {
    let mut world = World::new();
    world.save(row(1), 1);
    let snapshot = Snapshot { taken_at_ms: 5, terminal_buffer: vec![1], scrollback: vec![2] };
    let (one, two) = (SessionId::from_u128(1), SessionId::from_u128(2));
    for id in [one, two] {
        assert_eq!(world.store.step(Message::SaveSnapshot(id, snapshot.clone()), 2), None);
    }
    let mut load = |id| {
        let (to, from) = crossbeam_channel::bounded(1);
        let take = Box::new(move |found| to.send(found).unwrap());
        assert_eq!(world.store.step(Message::LoadSnapshot(id, take), 3), None);
        from.recv().unwrap()
    };
    assert_eq!((load(one), load(two)), (Ok(Some(snapshot)), Ok(None)));
}
