//! Which files are taken, and which are left alone.

use std::os::unix::fs::{chown, symlink};

use super::*;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o777
}

fn set(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn file_and_directory_are_made_for_their_owner_alone() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("share/synk/sessions.db");
    let place = Place::take(&path, true).unwrap();
    assert_eq!((mode(path.parent().unwrap()), mode(&place.path)), (0o700, 0o600));
    drop(place);
    set(path.parent().unwrap(), 0o755);
    set(&path, 0o644);
    let _place = Place::take(&path, true).unwrap();
    assert_eq!((mode(path.parent().unwrap()), mode(&path)), (0o700, 0o600));
}

#[test]
fn a_directory_that_was_chosen_is_checked_and_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("my.db");
    for open in [0o777, 0o1777, 0o770] {
        set(dir.path(), open);
        let error = Place::take(&path, false).unwrap_err();
        assert!(matches!(&error, Trouble::Refused(why) if why.contains("other users")), "{error}");
        assert!(!path.exists());
    }
    set(dir.path(), 0o755);
    Place::take(&path, false).unwrap();
    assert_eq!(mode(dir.path()), 0o755);
}

#[test]
fn what_others_could_have_planted_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (path, precious) = (dir.path().join("sessions.db"), dir.path().join("precious"));
    fs::write(&precious, "x").unwrap();
    for name in ["sessions.db", "sessions.db-wal", "sessions.db-shm", "sessions.db-journal"] {
        let planted = dir.path().join(name);
        symlink(&precious, &planted).unwrap();
        let error = Place::take(&path, true).unwrap_err();
        assert!(matches!(&error, Trouble::Refused(why) if why.contains("symbolic link")), "{name}: {error}");
        fs::remove_file(&planted).unwrap();
        fs::create_dir(&planted).unwrap();
        let error = Place::take(&path, true).unwrap_err();
        assert!(matches!(&error, Trouble::Refused(why) if why.contains("not a file")), "{name}: {error}");
        fs::remove_dir(&planted).unwrap();
    }
    assert_eq!(fs::read_to_string(&precious).unwrap(), "x");
    let lock = dir.path().join("sessions.db.lock");
    fs::remove_file(&lock).unwrap();
    symlink(&precious, lock).unwrap();
    assert!(Place::take(&path, true).is_err());
}

#[test]
fn what_belongs_to_another_user_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("sessions.db");
    fs::write(&path, "").unwrap();
    if !geteuid().is_root() {
        // Nobody else can give files away.
        return;
    }
    chown(&path, Some(1), None).unwrap();
    assert!(matches!(Place::take(&path, true), Err(Trouble::Refused(why)) if why.contains("another user")));
    chown(&path, Some(0), None).unwrap();
    chown(dir.path(), Some(1), None).unwrap();
    assert!(matches!(Place::take(&path, true), Err(Trouble::Refused(why)) if why.contains("another user")));
}

#[test]
fn one_host_at_a_time_has_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("sessions.db");
    let first = Place::take(&path, true).unwrap();
    let error = Place::take(&path, true).unwrap_err();
    assert_eq!(error, Trouble::Later("another host uses it".into()));
    drop(first);
    Place::take(&path, true).unwrap();
}

#[test]
fn all_that_belongs_to_a_file_is_put_aside_and_nothing_is_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("sessions.db");
    let mut place = Place::take(&path, true).unwrap();
    for n in ["1", "2"] {
        fs::write(&path, n).unwrap();
        fs::write(with(&path, "-wal"), format!("wal {n}")).unwrap();
        let aside = place.put_aside(5_000).unwrap();
        assert_eq!(fs::read_to_string(&aside).unwrap(), n);
        assert_eq!(fs::read_to_string(with(&aside, "-wal")).unwrap(), format!("wal {n}"));
        assert!(!with(&path, "-wal").exists() && place.is_whole());
        assert_eq!(fs::metadata(&path).unwrap().len(), 0);
    }
    assert_eq!(fs::read_to_string(dir.path().join("sessions.db.broken-5")).unwrap(), "1");
    fs::remove_file(&path).unwrap();
    assert!(!place.is_whole());
}
