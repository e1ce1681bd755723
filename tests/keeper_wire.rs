//! The frames between a keeper and its daemons: bytes of today lie in `tests/wire/keeper-1.txt`, and every later build has
//! to read them, and to write the same. A new frame is a new line at the end; a line that is there never changes.

use std::fs;
use std::path::Path;

use synk::keeper::frame::Frame;
use synk::keeper::wire::{Event, FromKeeper, Line, Parts, Reply, Request, Stage, Upgrade};
use synk::keeper::{Exit, Launch, WindowSize};

const KEY: u128 = 0x6f96_19ff_8b86_4011_b42d_00c0_4fc9_64ff;

fn requests() -> Vec<Request> {
    let env = [("A".into(), "b".into())].into();
    let launch = Launch { argv: vec!["sh".into(), "-l".into()], cwd: "/tmp".into(), env };
    let size = WindowSize { cols: 80, lines: 24, cell_w: 8, cell_h: 16 };
    vec![
        Request::Hello { proto_min: 1, proto_max: 2 },
        Request::Spawn { key: KEY, launch, size },
        Request::Deposit { key: KEY, parts: Parts { terminal: true, memory: true } },
        Request::List,
        Request::Take { key: KEY },
        Request::Forget { key: KEY },
        Request::Listener { made: (5, 6) },
        Request::Stop,
        Request::Upgrade { program: "/opt/synk".into(), file: (5, 6) },
        Request::Serving,
        Request::State,
    ]
}

fn replies() -> Vec<Reply> {
    let line = |key, pid, exit| Line { key, pid, exit };
    let held = vec![line(KEY, Some(4321), None), line(1, None, None), line(2, Some(9), Some(Exit::UNKNOWN))];
    vec![
        Reply::Hello { proto: 1, epoch: 7, crashes: 2, made: (5, 6) },
        Reply::Spawned { pid: 4321 },
        Reply::Held(held),
        Reply::Taken(Parts { terminal: true, memory: false }),
        Reply::Done,
        Reply::Refused("no, why".into()),
    ]
}

fn events() -> Vec<Event> {
    let upgrade = Upgrade { program: "/opt/synk".into(), stage: Stage::Back, why: "it ended".into() };
    vec![Event::Exited { key: KEY, exit: Exit { code: 137, by_signal: true } }, Event::End, Event::Upgrade(upgrade)]
}

fn hex((op, payload): (u16, Vec<u8>), request: u32) -> String {
    let frame = Frame { op, request, payload, fds: Vec::new() };
    frame.bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn frames_stay_as_they_are() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wire/keeper-1.txt");
    let old = fs::read_to_string(path).unwrap();
    let old: Vec<&str> = old.lines().map(|line| line.split_once(' ').unwrap().1).collect();
    let requests: Vec<_> = requests().iter().map(|request| hex(request.encode(), 1)).collect();
    let events: Vec<_> = events().iter().map(|event| hex(event.encode(), 0)).collect();
    let mut new: Vec<String> = requests[..8].to_vec();
    new.extend(replies().iter().map(|reply| hex(reply.encode(), 1)));
    new.extend_from_slice(&events[..2]);
    // What came later.
    new.extend_from_slice(&requests[8..]);
    new.extend_from_slice(&events[2..]);
    assert_eq!(new, old);
}

#[test]
fn what_is_written_is_read_also_with_more_behind_it() {
    let longer = |(op, mut payload): (u16, Vec<u8>)| {
        payload.extend(b"of a later release");
        (op, payload)
    };
    for request in requests() {
        let (op, payload) = longer(request.encode());
        assert_eq!(Request::decode(op, &payload), Ok(request));
    }
    for reply in replies() {
        let (op, payload) = longer(reply.encode());
        assert_eq!(FromKeeper::decode(op, &payload), Ok(FromKeeper::Reply(reply)));
    }
    for event in events() {
        let (op, payload) = longer(event.encode());
        assert_eq!(FromKeeper::decode(op, &payload), Ok(FromKeeper::Event(event)));
    }
}

#[test]
fn what_is_cut_short_or_unknown_is_an_error_in_words() {
    for request in requests() {
        let (op, payload) = request.encode();
        for length in 0..payload.len() {
            assert!(Request::decode(op, &payload[..length]).unwrap_err().contains("too short"), "{request:?}");
        }
    }
    for (op, payload) in replies().iter().map(Reply::encode).chain(events().iter().map(Event::encode)) {
        for length in 0..payload.len() {
            assert!(FromKeeper::decode(op, &payload[..length]).is_err(), "{op}");
        }
    }
    // A number of things that cannot be in so few bytes.
    let mut endless = KEY.to_le_bytes().to_vec();
    endless.extend([0xff; 4]);
    assert!(Request::decode(2, &endless).is_err());
    assert!(FromKeeper::decode(0x8004, &[0xff; 4]).is_err());
    assert!(Request::decode(77, &[]).unwrap_err().contains("77") && FromKeeper::decode(77, &[]).is_err());
}
