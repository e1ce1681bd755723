//! Unit tests of the keeper without a process around it: a daemon's end of the socket pair, garbage, what is held.

use std::io::Write;
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::mpsc::channel;

use super::*;
use crate::keeper::{Keeper, Launch, Line, Master, News, WindowSize};

const SIZE: WindowSize = WindowSize { cols: 80, lines: 24, cell_w: 0, cell_h: 0 };

fn paths(dir: &std::path::Path) -> ClaimPaths {
    let dir = dir.join("synk");
    ClaimPaths { socket: dir.join("synk.sock"), lock: dir.join("synk.lock"), dir, own_dir: true }
}

/// A keeper that has no daemon of its own but one whose end of the link is here.
pub(in crate::keeper) fn keeping(dir: &std::path::Path) -> (Keeping, UnixStream) {
    let mut claim = Claim::take(&paths(dir)).unwrap().unwrap();
    let listener = claim.bind().unwrap().into();
    let made = claim.made().unwrap();
    let (near, far) = UnixStream::pair().unwrap();
    let keeping = Keeping {
        watchman: Watchman::new(Instant::now()),
        table: Table::default(),
        place: Some(Place { claim, listener, made }),
        desk: desk_memory().unwrap(),
        synk: "/no/such/synk".into(),
        daemon: None,
        link: Some(Link { socket: near.into(), incoming: Incoming::default(), outgoing: Outgoing::default() }),
        epoch: 3,
        cut: false,
        chosen: None,
        trial: None,
        due: None,
        upgrade: None,
        doubt: None,
    };
    (keeping, far)
}

/// A keeper's thread, which ends with the link, and a daemon's way to it.
pub(in crate::keeper) fn linked(dir: &std::path::Path) -> (Keeper, std::thread::JoinHandle<Keeping>) {
    let (mut keeping, far) = keeping(dir);
    let thread = std::thread::spawn(move || {
        let mut events = Vec::new();
        while let Some(link) = &keeping.link {
            let mut fds = [PollFd::new(&link.socket, PollFlags::IN)];
            // Ends of programs are looked for without their signal, which is the whole process's.
            poll(&mut fds, Some(&Timespec { tv_sec: 0, tv_nsec: 1_000_000 })).unwrap();
            keeping.listen(&mut events);
            keeping.look(&mut events);
        }
        keeping
    });
    (Keeper::linked(far.into(), None).unwrap(), thread)
}

fn launch(program: &str) -> Launch {
    Launch { argv: vec![program.into()], cwd: "/".into(), env: [].into() }
}

#[test]
fn garbage_on_the_link_is_refused_and_half_a_frame_is_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    let (mut keeping, mut far) = keeping(dir.path());
    let mut events = Vec::new();
    let mut answers = Incoming::default();
    let mut refused = |far: &UnixStream| match answers.read(far.as_fd(), false).unwrap() {
        Read::Frame(frame) => match wire::FromKeeper::decode(frame.op, &frame.payload).unwrap() {
            wire::FromKeeper::Reply(Reply::Refused(why)) => (frame.request, why),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    };
    let send = |far: &mut UnixStream, op, request, payload: &[u8]| {
        let frame = Frame { op, request, payload: payload.to_vec(), fds: Vec::new() };
        far.write_all(&frame.bytes()).unwrap();
    };
    send(&mut far, 999, 7, b"whatever");
    keeping.listen(&mut events);
    assert_eq!(refused(&far), (7, "operation 999 is not known".into()));
    for (op, payload) in
        [(2, &b"short"[..]), (3, &[0; 16]), (3, &[3; 17]), (5, &[1; 16]), (7, &[0; 16]), (1, &[9, 0, 9, 0])]
    {
        send(&mut far, op, 8, payload);
        keeping.listen(&mut events);
        assert_eq!(refused(&far).0, 8, "{op}");
    }
    far.write_all(&[1, 0, 0]).unwrap();
    keeping.listen(&mut events);
    assert!(keeping.link.is_some() && events.is_empty());
    // Numbers without end, and then none at all.
    far.write_all(&[0xff; 300]).unwrap();
    keeping.listen(&mut events);
    // Not by closing it: a program that another test starts now may have it too for a moment.
    far.shutdown(Shutdown::Both).unwrap();
    keeping.listen(&mut events);
    assert!(keeping.link.is_none() && keeping.table.list().is_empty());
}

#[test]
fn a_daemon_is_given_the_place_and_gives_a_new_one() {
    let dir = tempfile::tempdir().unwrap();
    let (keeper, thread) = linked(dir.path());
    assert!(keeper.is_linked() && keeper.epoch() == 3 && keeper.crashes() == 0);
    assert_eq!(keeper.desk_memory().unwrap().is_some(), cfg!(target_os = "linux"));
    let (mut claim, _listener) = keeper.post().unwrap().into_claim(&paths(dir.path()));
    assert!(claim.is_whole() && keeper.post().is_none());
    std::fs::remove_dir_all(&claim.paths().dir).unwrap();
    let again = claim.mend().unwrap().unwrap();
    keeper.renew(&again, &claim).unwrap();
    let made = claim.made();
    claim.leave();
    drop((again, keeper));
    let keeping = thread.join().unwrap();
    let place = keeping.place.as_ref().unwrap();
    assert!(Some(place.made) == made && place.claim.is_whole());
    assert!(Claim::take(&paths(dir.path())).unwrap().is_none());
    UnixStream::connect(paths(dir.path()).socket).unwrap();
}

#[test]
fn a_daemon_that_stops_has_the_place_to_itself() {
    let dir = tempfile::tempdir().unwrap();
    let (keeper, thread) = linked(dir.path());
    let (claim, listener) = keeper.post().unwrap().into_claim(&paths(dir.path()));
    keeper.stop();
    drop((claim, listener));
    // The keeper holds nothing of it; a program that another test starts now may for a moment.
    while Claim::take(&paths(dir.path())).unwrap().is_none() {
        std::thread::yield_now();
    }
    drop(keeper);
    assert!(thread.join().unwrap().place.is_none());
}

#[test]
fn what_is_deposited_is_there_for_the_next_daemon() {
    let dir = tempfile::tempdir().unwrap();
    let (keeper, thread) = linked(dir.path());
    let null = || std::fs::File::open("/dev/null").unwrap();
    let master = Master::new(null().into()).unwrap();
    keeper.deposit(1, Some(&master), None).unwrap();
    keeper.deposit(2, Some(&master), Some(null().as_fd())).unwrap();
    keeper.deposit(3, None, Some(null().as_fd())).unwrap();
    let lines = keeper.held().unwrap();
    assert_eq!(lines, [1, 2, 3].map(|key| Line { key, pid: None, exit: None }));
    let taken = lines.iter().map(|line| keeper.take(line).unwrap());
    let parts: Vec<_> = taken.map(|taken| (taken.master.is_some(), taken.memory.is_some())).collect();
    assert_eq!(parts, [(true, false), (true, true), (false, true)]);
    keeper.forget(1);
    assert_eq!(keeper.held().unwrap().len(), 2);
    assert!(keeper.take(&lines[0]).is_err());
    drop(keeper);
    thread.join().unwrap();
}

#[test]
fn a_spawn_that_fails_says_why_and_what_is_gone_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let (keeper, thread) = linked(dir.path());
    let (tell, told) = channel();
    keeper.listen(Arc::new(move |news| tell.send(news).unwrap()));
    let why = keeper.spawn(1, &launch("true"), SIZE, None).unwrap_err().to_string();
    assert!(why.contains("/no/such/synk"), "{why}");
    let mut large = launch("true");
    large.env.insert("LARGE".into(), "x".repeat(2 << 20).into());
    let why = keeper.spawn(1, &large, SIZE, None).unwrap_err().to_string();
    assert!(why.contains("at most"), "{why}");
    assert!(keeper.held().unwrap().is_empty());
    drop(keeper);
    let keeping = thread.join().unwrap();
    assert!(keeping.cut && keeping.table.is_quiet());
    assert_eq!(told.recv(), Ok(News::Gone));
}
