//! The thread around the store.

use super::*;
use crate::store::database::tests::{changes, row};
use crate::store::message::Kept;

fn start_in(dir: &std::path::Path) -> (Handle, Receiver<Report>) {
    let (to, reports) = crossbeam_channel::unbounded();
    let options = StoreOptions { path: dir.join("x.db"), own_dir: true, keep: None };
    (start(options, move |report| drop(to.send(report))).unwrap(), reports)
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(60)
}

#[test]
fn the_last_message_is_in_the_file_when_it_is_closed() {
    let dir = tempfile::tempdir().unwrap();
    let (handle, reports) = start_in(dir.path());
    handle.wait_opened(Duration::from_secs(60));
    assert_eq!(reports.try_recv().unwrap().kept, Ok(Kept::default()), "told before anybody goes on");
    handle.try_send(Message::Save(changes(row(1)))).unwrap();
    assert!(handle.close(Some(Message::Save(changes(row(2)))), soon()));
    let sessions: Vec<_> = reports.iter().map(|report| report.kept.unwrap().sessions).collect();
    assert_eq!(sessions, [1, 2], "and nothing more comes");
    let left: Vec<_> = std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| name == "x.db" || name == "x.db.lock"), "{left:?}");
}

#[test]
fn nobody_waits_for_a_store_that_has_no_time() {
    let dir = tempfile::tempdir().unwrap();
    let (handle, _reports) = start_in(dir.path());
    let (entered, inside) = bounded(0);
    let (go_on, held) = bounded::<()>(0);
    let take = Box::new(move |_| {
        entered.send(()).unwrap();
        let _ = held.recv();
    });
    handle.try_send(Message::LoadSnapshot(row(1).id, take)).unwrap();
    inside.recv().unwrap();
    for _ in 0..INBOX {
        handle.try_send(Message::Save(changes(row(1)))).unwrap();
    }
    assert!(matches!(handle.try_send(Message::Save(changes(row(1)))), Err(Unsent::Full)));
    assert!(!handle.close(Some(Message::Save(changes(row(1)))), Instant::now()));
    drop(go_on);
}

#[test]
fn a_store_that_failed_says_so_and_takes_nothing_more() {
    let dir = tempfile::tempdir().unwrap();
    let (handle, reports) = start_in(dir.path());
    handle.try_send(Message::LoadSnapshot(row(1).id, Box::new(|_| panic!("on purpose")))).unwrap();
    let told: Vec<_> = reports.iter().map(|report| report.kept).collect();
    assert!(matches!(told.last(), Some(Err(Trouble::Refused(_)))), "{told:?}");
    while handle.alive.recv_deadline(soon()).is_ok() {}
    assert!(matches!(handle.try_send(Message::Open), Err(Unsent::Gone)));
}
