//! What waits for a client is bounded, and the newest state wins.

use std::io::{BufRead, BufReader, Read};

use super::*;
use crate::base::{ClientId, GridSize};
use crate::model::{Frame, Screen};
use crate::protocol::line::read_line;
use crate::protocol::stream::Message as _;

fn outbox() -> (Outbox, UnixStream) {
    let (near, far) = UnixStream::pair().unwrap();
    (Outbox::new(near), far)
}

fn frame(seq: u64, base: u64) -> HostMessage {
    let screen = Screen::blank(GridSize::default());
    HostMessage::Frame(Frame::diff(&screen, base, &screen, seq))
}

fn waiting(outbox: &Outbox) -> usize {
    outbox.lock().items.len()
}

fn is_closed(outbox: &Outbox) -> bool {
    outbox.lock().closed
}

#[test]
fn events_about_the_same_replace_each_other() {
    let (outbox, far) = outbox();
    for n in 0..100_000 {
        outbox.event(Topic::Session(SessionNo(n % 3)), format!("session {} at {n}", n % 3).into());
    }
    outbox.event(Topic::Workspace("default".into()), "workspace".into());
    assert_eq!(waiting(&outbox), 4);
    outbox.finish();
    outbox.run();
    let lines: Vec<String> = BufReader::new(far).lines().map(Result::unwrap).collect();
    assert_eq!(lines, ["session 0 at 99999", "session 1 at 99997", "session 2 at 99998", "workspace"]);
}

#[test]
fn a_workspace_never_overtakes_the_sessions_it_names() {
    let (outbox, far) = outbox();
    let session = |no: u32, line: &str| outbox.event(Topic::Session(SessionNo(no)), line.into());
    let workspace = |line: &str| outbox.event(Topic::Workspace("default".into()), line.into());
    session(1, "1");
    workspace("names 1");
    session(2, "2");
    workspace("names 1 and 2");
    session(2, "2 again");
    outbox.finish();
    outbox.run();
    let lines: Vec<String> = BufReader::new(far).lines().map(Result::unwrap).collect();
    assert_eq!(lines, ["1", "2 again", "names 1 and 2"]);
}

#[test]
fn one_that_does_not_read_is_cut_off() {
    let (outbox, mut far) = outbox();
    for n in 0..=MAX_WAITING {
        assert!(!is_closed(&outbox), "{n}");
        outbox.message(SessionNo(1), HostMessage::Text { request: n as u32, text: String::new() });
    }
    assert!(is_closed(&outbox) && waiting(&outbox) == 0);
    assert_eq!(far.read(&mut [0]).unwrap(), 0, "its socket is shut");
    outbox.run();
}

#[test]
fn a_flood_of_text_ends_before_memory_does() {
    let (outbox, _far) = outbox();
    let text = "x".repeat(8 << 20);
    for request in 0..9 {
        outbox.message(SessionNo(1), HostMessage::Text { request, text: text.clone() });
    }
    assert!(is_closed(&outbox));
}

#[test]
fn bells_and_notices_of_a_stuck_client_do_not_pile_up() {
    let (outbox, _far) = outbox();
    for n in 0..10_000 {
        outbox.message(SessionNo(1), HostMessage::Bell);
        outbox.message(SessionNo(1), HostMessage::Clipboard(n.to_string()));
        outbox.message(SessionNo(1), HostMessage::Notify { title: n.to_string(), body: String::new() });
    }
    assert_eq!(waiting(&outbox), 2 + MAX_NOTICES);
    assert!(!is_closed(&outbox));
}

#[test]
fn a_full_frame_replaces_what_waits_and_a_stolen_one_ends_the_connection() {
    let (outbox, _far) = outbox();
    outbox.lock().writing = true;
    outbox.message(SessionNo(1), frame(1, 0));
    outbox.message(SessionNo(1), frame(2, 0));
    outbox.message(SessionNo(2), frame(7, 6));
    assert_eq!((waiting(&outbox), is_closed(&outbox)), (2, false));
    outbox.message(SessionNo(1), frame(3, 2));
    assert!(is_closed(&outbox));
}

#[test]
fn frames_arrive_whole_and_in_order_whatever_way_they_take() {
    const FRAMES: u64 = 3000;
    let (outbox, far) = outbox();
    let mut reader = BufReader::new(far);
    std::thread::scope(|scope| {
        scope.spawn(|| outbox.run());
        scope.spawn(|| {
            for seq in 1..=FRAMES {
                // A text is left to the thread; sessions take turns, since none sends a frame before the last was read.
                outbox.message(SessionNo(1), HostMessage::Text { request: seq as u32, text: "x".repeat(500) });
                outbox.message(SessionNo(seq as u32), frame(seq, 0));
                while waiting(&outbox) > MAX_WAITING / 2 {
                    std::thread::yield_now();
                }
            }
            outbox.finish();
        });
        let (mut texts, mut frames) = (0, 0);
        while let Some(raw) = stream::read_raw(&mut reader).unwrap() {
            match HostMessage::read(&raw).unwrap().unwrap() {
                HostMessage::Text { request, .. } => {
                    texts += 1;
                    assert_eq!((u64::from(request), frames), (texts, texts - 1));
                }
                HostMessage::Frame(frame) => {
                    frames += 1;
                    assert_eq!((frame.seq, raw.session.0, texts), (frames, frames as u32, frames));
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!((texts, frames), (FRAMES, FRAMES));
    });
}

#[test]
fn a_frame_goes_out_without_the_writing_thread_as_far_as_there_is_room() {
    let (outbox, far) = outbox();
    outbox.message(SessionNo(1), frame(1, 0));
    let mut reader = BufReader::new(far);
    let read = |reader: &mut BufReader<UnixStream>| stream::read_raw(reader).unwrap().map(|raw| raw.session);
    assert_eq!((read(&mut reader), waiting(&outbox)), (Some(SessionNo(1)), 0));
    let mut sent = 1;
    // Nobody reads: the socket is full some time, and no call blocks.
    while waiting(&outbox) == 0 {
        sent += 1;
        assert!(sent < 100_000, "what does not fit is lost");
        outbox.message(SessionNo(sent), frame(1, 0));
    }
    assert!(!outbox.lock().rest.is_empty(), "the frame before the one that waits did not fit");
    outbox.finish();
    std::thread::scope(|scope| {
        scope.spawn(|| outbox.run());
        let got: Vec<_> = std::iter::from_fn(|| read(&mut reader)).collect();
        assert_eq!(got, (2..=sent).map(SessionNo).collect::<Vec<_>>());
    });
}

#[test]
fn requests_in_flight_are_bounded_and_counted() {
    let (outbox, _far) = outbox();
    for _ in 0..MAX_IN_FLIGHT {
        assert!(outbox.begin());
    }
    std::thread::scope(|scope| {
        let more = scope.spawn(|| outbox.begin());
        outbox.reply(String::new());
        assert!(more.join().unwrap());
    });
    for _ in 0..MAX_IN_FLIGHT {
        outbox.reply(String::new());
    }
    assert!(outbox.wait_answered(0));
    outbox.begin();
    outbox.close();
    assert!(!outbox.wait_answered(0) && !outbox.begin());
}

#[test]
fn nobody_waits_for_replies_to_a_client_that_is_gone() {
    let (outbox, far) = outbox();
    outbox.begin();
    drop(far);
    assert!(!outbox.wait_answered(0));
    assert!(!is_closed(&outbox), "whoever reads the connection closes it");
}

#[test]
fn a_reply_that_fits_no_line_is_an_error_and_not_the_end() {
    let (outbox, far) = outbox();
    let answer = |id: u64, length: usize| {
        outbox.begin();
        let form = Form { batch: None, alias: None };
        outbox.answer(Ticket { client: ClientId(1), id: Some(id.into()), form }, Ok("x".repeat(length).into()));
    };
    std::thread::scope(|scope| {
        scope.spawn(|| outbox.run());
        answer(1, MAX_LINE);
        answer(2, MAX_LINE - 100);
        outbox.finish();
        let mut reader = BufReader::new(far);
        let mut next = || serde_json::from_str::<Response>(&read_line(&mut reader).unwrap().unwrap()).unwrap();
        let (long, whole) = (next(), next());
        assert_eq!((long.id, long.error.map(|e| e.code)), (1.into(), Some(code::INTERNAL)));
        assert_eq!((whole.id, whole.error), (2.into(), None));
    });
}
