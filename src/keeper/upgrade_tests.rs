//! Unit tests of the keeper under another program, without a process around it.

use std::fs;

use super::*;
use crate::keeper::run::tests::{keeping, linked};
use crate::keeper::{News, readable};

/// A daemon that is none: its number is more than any process has on Linux (PID_MAX_LIMIT), so nobody else is meant.
const NOBODY: u32 = 1 << 30;

/// A file of a program, and which it is.
fn program(dir: &Path) -> (PathBuf, FileId) {
    let path = dir.join("program");
    fs::write(&path, "").unwrap();
    let id = file_id(&path).unwrap();
    (path, id)
}

#[test]
fn what_is_left_can_be_read_and_is_everything() {
    let dir = tempfile::tempdir().unwrap();
    let (keeper, thread) = linked(dir.path());
    let why = keeper.state().unwrap_err().to_string();
    assert!(why.contains("no daemon is up"), "{why}");
    drop(keeper);
    let mut keeping = thread.join().unwrap();
    let (near, _far) = std::os::unix::net::UnixStream::pair().unwrap();
    keeping.link = Some(Link { socket: near.into(), incoming: Incoming::default(), outgoing: Outgoing::default() });
    keeping.daemon = Some(Child::new(child::pid(NOBODY).unwrap()));
    keeping.watchman = Watchman::go_on(&[], Instant::now());
    let null = || Some(fs::File::open("/dev/null").unwrap().into());
    keeping.table.deposit(9, None, null()).unwrap();
    let legacy = keeping.legacy().unwrap();
    assert_eq!((legacy.daemon, legacy.epoch, legacy.held.len()), (NOBODY, 3, 1));
    readable(successor::memory(&legacy).unwrap()).unwrap();
    assert!(readable(null().unwrap()).is_err());
    // Nothing is left while something is half done, or about to end.
    keeping.link.as_mut().unwrap().outgoing.push(Frame { op: 1, request: 1, payload: Vec::new(), fds: Vec::new() });
    assert!(keeping.legacy().is_none());
    keeping.link.as_mut().unwrap().outgoing = Outgoing::default();
    keeping.place = None;
    assert!(keeping.legacy().is_none());
}

#[test]
fn what_fails_is_gone_back_on_and_told() {
    let dir = tempfile::tempdir().unwrap();
    let (mut keeping, far) = keeping(dir.path());
    let (path, file) = program(dir.path());
    assert!(keeping.try_out(path.clone(), file).unwrap_err().contains("about to end"), "no daemon is up");
    keeping.watchman = Watchman::go_on(&[], Instant::now());
    assert!(keeping.try_out(path.clone(), (0, 0)).unwrap_err().contains("another file"));
    keeping.try_out(path.clone(), file).unwrap();
    assert!(keeping.try_out(path.clone(), file).unwrap_err().contains("under way"));
    keeping.judge(Event::Ended("the one before".into()));
    for n in 1..=3 {
        assert_eq!(keeping.program().unwrap(), path, "{n}");
        keeping.judge(Event::Ended(format!("end {n}")));
    }
    // What is installed where this program was may be what has just failed.
    assert_eq!(keeping.program().unwrap(), program::running().unwrap());
    let mut incoming = Incoming::default();
    let mut told = || match incoming.read(far.as_fd(), false).unwrap() {
        crate::keeper::frame::Read::Frame(frame) => match wire::FromKeeper::decode(frame.op, &frame.payload).unwrap() {
            wire::FromKeeper::Event(wire::Event::Upgrade(upgrade)) => upgrade,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    };
    assert_eq!(told().stage, Stage::Trial);
    let back = told();
    assert!(back.stage == Stage::Back && back.program == path && back.why.contains("end 3"), "{back:?}");
    // Each daemon that comes is told.
    let link = std::thread::spawn(move || {
        let keeper = crate::keeper::Keeper::linked(far.into(), None).unwrap();
        let (tell, told) = std::sync::mpsc::channel();
        keeper.listen(std::sync::Arc::new(move |news| tell.send(news).unwrap()));
        told.recv().unwrap()
    });
    let mut events = Vec::new();
    while events.is_empty() {
        keeping.listen(&mut events);
    }
    assert_eq!(link.join().unwrap(), News::Upgrade(back));
}

#[test]
fn a_program_that_is_not_what_it_was_is_not_become() {
    let dir = tempfile::tempdir().unwrap();
    let (mut keeping, _far) = keeping(dir.path());
    let (path, file) = program(dir.path());
    keeping.watchman = Watchman::go_on(&[], Instant::now());
    keeping.daemon = Some(Child::new(child::pid(NOBODY).unwrap()));
    let signals = Signals::new().unwrap();
    // No program at all, and then another file.
    for why in ["Permission denied", "replaced"] {
        keeping.due = Some(Trial::new(path.clone(), file, Instant::now()));
        keeping.follow_if_due(&signals);
        let upgrade = keeping.upgrade.clone().unwrap();
        assert!(upgrade.stage == Stage::Half && upgrade.why.contains(why), "{upgrade:?}");
        let kept = rustix::io::fcntl_getfd(&keeping.link.as_ref().unwrap().socket).unwrap();
        assert_eq!(kept, rustix::io::FdFlags::CLOEXEC, "programs inherit nothing of it");
        assert_eq!(keeping.program().unwrap(), path);
        fs::write(dir.path().join("other"), "").unwrap();
        fs::rename(dir.path().join("other"), &path).unwrap();
    }
}
