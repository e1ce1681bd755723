use std::sync::Mutex;

use super::*;

fn options(dir: &std::path::Path) -> ArchiveOptions {
    ArchiveOptions { dir: dir.join("sessions"), every: Duration::from_secs(5), states: 10, restore: true, keep: None }
}

/// Whether there was trouble, as it was told.
type Told = Arc<Mutex<Vec<bool>>>;

/// A saver whose directory can be taken away.
fn saving() -> (tempfile::TempDir, Saving, Instant, Told) {
    let dir = tempfile::tempdir().unwrap();
    let options = options(dir.path());
    let (now, told) = (Instant::now(), Arc::new(Mutex::default()));
    let hears: Told = Arc::clone(&told);
    let tell = Box::new(move |trouble: Option<String>| hears.lock().unwrap().push(trouble.is_some()));
    (dir, Saving::new(Shelf::take(&options.dir), options, tell, now), now, told)
}

fn shelf(saving: &Saving) -> &Shelf {
    saving.shelf.as_ref().unwrap()
}

#[test]
fn what_changes_all_the_time_is_saved_every_so_often_and_what_rests_never() {
    let (_dir, mut saving, now, _) = saving();
    assert_eq!(saving.due, None);
    let at = |seconds| now + Duration::from_secs(seconds);
    saving.step(Message::Desk(b"one".to_vec()), now);
    saving.step(Message::Desk(b"two".to_vec()), at(4));
    assert_eq!(saving.due, Some(at(5)), "counted from the first change");
    saving.save(at(5));
    assert_eq!((saving.due, shelf(&saving).desk().unwrap().as_deref()), (None, Some(&b"two"[..])));
    saving.step(Message::Desk(b"three".to_vec()), at(9));
    assert_eq!(saving.due, Some(at(14)));
}

#[test]
fn a_broken_disk_is_tried_less_and_less_often_and_then_only_after_a_change() {
    let (dir, mut saving, mut now, told) = saving();
    let all = dir.path().join("sessions");
    std::fs::remove_dir_all(&all).unwrap();
    saving.step(Message::Desk(b"kept".to_vec()), now);
    let mut waits = Vec::new();
    while let Some(due) = saving.due {
        waits.push((due - now).as_secs());
        now = due;
        saving.save(now);
    }
    assert_eq!(waits, [5, 10, 20, 40, 60, 60, 60, 60]);
    std::fs::create_dir(&all).unwrap();
    saving.step(Message::Changed(SessionId::new()), now);
    saving.save(saving.due.unwrap());
    assert_eq!((saving.due, saving.tries), (None, Tries::default()));
    assert_eq!(shelf(&saving).desk().unwrap().as_deref(), Some(&b"kept"[..]));
    assert_eq!(*told.lock().unwrap(), [true, false]);
}

#[test]
fn a_session_that_was_closed_before_it_was_there_leaves_nothing() {
    let (_dir, mut saving, now, _) = saving();
    let id = SessionId::new();
    shelf(&saving).folder(id).unwrap().save(&State::default(), &[], 10).unwrap();
    saving.step(Message::Discard(id), now);
    saving.step(Message::Begin(id, Arc::new(Unsaved::new(|| {}))), now);
    saving.step(Message::Changed(id), now);
    saving.save(now);
    assert_eq!(shelf(&saving).sessions(), []);
}

#[test]
fn a_directory_that_cannot_be_made_at_first_is_made_later() {
    let dir = tempfile::tempdir().unwrap();
    let options = options(dir.path());
    std::fs::write(&options.dir, "a file where a directory has to be").unwrap();
    let (now, told) = (Instant::now(), Told::default());
    let hears = Arc::clone(&told);
    let tell = Box::new(move |trouble: Option<String>| hears.lock().unwrap().push(trouble.is_some()));
    let mut saving = Saving::new(Shelf::take(&options.dir), options.clone(), tell, now);
    let gone = SessionId::new();
    saving.step(Message::Discard(gone), now);
    saving.step(Message::Desk(b"kept".to_vec()), now);
    let first = saving.due.unwrap();
    saving.save(first);
    assert_eq!(*told.lock().unwrap(), [true], "once");
    std::fs::remove_file(&options.dir).unwrap();
    Shelf::take(&options.dir).unwrap().folder(gone).unwrap().save(&State::default(), &[], 10).unwrap();
    let next = saving.due.unwrap();
    assert!(next > first);
    saving.save(next);
    assert_eq!((saving.due, shelf(&saving).sessions()), (None, vec![]));
    assert_eq!(shelf(&saving).desk().unwrap().as_deref(), Some(&b"kept"[..]));
    assert_eq!(*told.lock().unwrap(), [true, false]);
}

#[test]
fn old_sessions_go_once_the_host_knows_its_own_and_then_daily() {
    let (_dir, mut saving, mut now, _) = saving();
    saving.options.keep = Some(Duration::ZERO);
    let mut left_after = |wait: Duration| {
        let id = SessionId::new();
        shelf(&saving).folder(id).unwrap().save(&State::default(), &[], 10).unwrap();
        now += wait;
        saving.step(Message::Desk(b"changed".to_vec()), now);
        now = saving.due.unwrap();
        saving.save(now);
        shelf(&saving).sessions().contains(&id)
    };
    assert!(left_after(Duration::ZERO));
    assert!(!left_after(SETTLED));
    assert!(left_after(SETTLED));
    assert!(!left_after(CLEANING));
}
