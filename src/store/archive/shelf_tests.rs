use std::fs::OpenOptions;

use super::*;

fn shelf() -> (tempfile::TempDir, Shelf) {
    let dir = tempfile::tempdir().unwrap();
    let shelf = Shelf::take(&dir.path().join("sessions")).unwrap();
    (dir, shelf)
}

/// The pages with these numbers, each byte its own.
fn bytes(pages: std::ops::Range<u64>) -> Vec<u8> {
    pages.map(|n| (n.wrapping_mul(2_654_435_761) >> 7) as u8).collect()
}

fn state(n: u64, pages: std::ops::Range<u64>) -> State {
    State { saved_at_ms: n, label: format!("label {n}").into(), image: vec![n as u8; 300], pages }
}

fn newest(shelf: &Shelf, id: SessionId) -> Option<(State, Vec<u8>)> {
    shelf.states(id).next()
}

#[test]
fn the_newest_state_is_found_with_its_pages_whatever_was_dropped() {
    let (_dir, shelf) = shelf();
    let id = SessionId::new();
    let (mut start, mut end) = (0, 0);
    let mut folder = shelf.folder(id).unwrap();
    for n in 1..200 {
        (start, end) = (start + n * 900, end + n * 1000);
        if n % 50 == 0 {
            // Another host.
            folder = shelf.folder(id).unwrap();
        }
        if n == 120 {
            // Another memory, whose numbers begin again.
            (start, end) = (0, 5000);
            assert!(folder.save(&state(n, 0..5000), &[], 10).is_err(), "pages that nobody brought");
            folder = shelf.folder(id).unwrap();
        }
        let state = state(n, start..end);
        folder.save(&state, &bytes(folder.pages_from().clamp(start, end)..end), 10).unwrap();
        let states = shelf.states(id).count();
        // At first each state needs nothing of what the one before it needs, and then those two stay.
        assert!(if (30..120).contains(&n) { states == 10 } else { states >= 2.min(n as usize) }, "state {n}: {states}");
        assert!(newest(&shelf, id).unwrap() == (state, bytes(start..end)), "state {n}");
    }
    let used: u64 = fs::read_dir(shelf.dir_of(id)).unwrap().map(|e| e.unwrap().metadata().unwrap().len()).sum();
    assert!(used < 60 << 20, "{used} bytes");
    assert_eq!(shelf.sessions(), [id]);
    shelf.remove(id);
    assert_eq!((shelf.sessions(), newest(&shelf, id)), (vec![], None));
}

#[test]
fn a_damaged_state_leaves_the_one_before() {
    let (_dir, shelf) = shelf();
    let id = SessionId::new();
    let mut folder = shelf.folder(id).unwrap();
    folder.save(&state(1, 0..100), &bytes(0..100), 10).unwrap();
    folder.save(&state(2, 0..250), &bytes(100..250), 10).unwrap();
    let dir = shelf.dir_of(id);
    let file = dir.join("000000000002-000001");
    let whole = fs::read(&file).unwrap();
    for cut in [0, 5, whole.len() - 1] {
        fs::write(&file, &whole[..cut]).unwrap();
        assert_eq!(newest(&shelf, id), Some((state(1, 0..100), bytes(0..100))), "cut at {cut}");
    }
    fs::write(&file, &whole).unwrap();
    // A record of pages that was not written whole, as when the power fails.
    let pages = dir.join("pages-000001");
    let length = fs::metadata(&pages).unwrap().len();
    OpenOptions::new().write(true).open(&pages).unwrap().set_len(length - 1).unwrap();
    assert_eq!(newest(&shelf, id), Some((state(1, 0..100), bytes(0..100))));
}

#[test]
fn a_full_disk_costs_the_new_state_and_no_old_one() {
    let (_dir, shelf) = shelf();
    let id = SessionId::new();
    let mut folder = shelf.folder(id).unwrap();
    folder.save(&state(1, 0..100), &bytes(0..100), 10).unwrap();
    // A directory in the place of the next state: it cannot be given its name.
    let place = shelf.dir_of(id).join("000000000002-000001");
    fs::create_dir(&place).unwrap();
    fs::write(place.join("x"), "").unwrap();
    assert!(folder.save(&state(2, 0..200), &bytes(100..200), 10).is_err());
    assert_eq!(newest(&shelf, id), Some((state(1, 0..100), bytes(0..100))));
    fs::remove_dir_all(&place).unwrap();
    let files = || fs::read_dir(shelf.dir_of(id)).unwrap().count();
    assert_eq!(files(), 2, "what could not be saved leaves nothing");
    assert_eq!(folder.pages_from(), 0, "everything is brought again");
    folder.save(&state(2, 0..200), &bytes(0..200), 10).unwrap();
    assert_eq!(newest(&shelf, id), Some((state(2, 0..200), bytes(0..200))));
}

#[test]
fn one_host_at_a_time_has_the_directory() {
    let (dir, shelf) = shelf();
    let path = dir.path().join("sessions");
    let why = Shelf::take(&path).unwrap_err();
    assert!(why.kind() == io::ErrorKind::ResourceBusy && why.to_string().starts_with("another host uses "), "{why}");
    assert_eq!(shelf.desk().unwrap(), None);
    shelf.save_desk(b"workspaces").unwrap();
    drop(shelf);
    let shelf = Shelf::take(&path).unwrap();
    assert_eq!(shelf.desk().unwrap().as_deref(), Some(&b"workspaces"[..]));
    fs::write(path.join("desk"), "x").unwrap();
    assert!(shelf.desk().is_err());
}

#[test]
fn what_is_old_is_removed_unless_it_lives() {
    let (_dir, shelf) = shelf();
    let (old, live) = (SessionId::new(), SessionId::new());
    for id in [old, live] {
        shelf.folder(id).unwrap().save(&state(1, 0..0), &[], 10).unwrap();
    }
    shelf.clean(Duration::from_secs(3600), |_| false);
    assert_eq!(shelf.sessions().len(), 2);
    shelf.clean(Duration::ZERO, |id| id == live);
    assert_eq!(shelf.sessions(), [live]);
}
