//! Losing the host and finding it again.

use super::*;
use crate::client::Outlook;
use crate::protocol::NUMBERED_SINCE;

fn broken() -> Event {
    Event::Lost(Loss { why: "the host closed the connection".into(), outlook: Outlook::Broken })
}

/// The host has the session under this number.
fn found(no: u32) -> Event {
    Event::Board(BoardEvent::Session(SessionInfo::new(SessionId::from_u128(7), SessionNo(no), "dev")))
}

fn key(c: char) -> ClientMessage {
    ClientMessage::Key(KeyEvent::press(Key::Char(c), Mods::NONE))
}

impl Rig {
    /// One that showed this text and has lost its host.
    fn lost(text: &str) -> Self {
        let mut rig = Self::ready(options());
        let frame = rig.frame(text, (20, 4), Modes::NONE);
        let effects = rig.step(frame);
        rig.settle(effects);
        let effects = rig.step(broken());
        let (sent, written) = rig.settle(effects);
        assert!(sent.is_empty() && written.contains("reconnecting") && !written.contains(text), "{written}");
        assert_eq!(rig.after(Duration::ZERO), [Effect::Connect], "at once");
        rig
    }
}

#[test]
fn the_picture_stays_until_the_host_is_back_and_is_painted_anew() {
    let mut rig = Rig::lost("hello");
    assert_eq!(rig.step(broken()), []);
    assert_eq!(rig.after(Duration::from_millis(49)), []);
    assert_eq!(rig.after(Duration::from_millis(1)), [Effect::Connect]);
    assert_eq!(rig.step(Event::Bytes(b"a\r".to_vec())), [], "nobody is there to be told");
    let effects = rig.step(found(9));
    let (sent, written) = rig.settle(effects);
    assert_eq!(rig.core.no, SessionNo(9));
    let OuterSize { size, cell_w, cell_h } = rig.core.outer;
    let enter = ClientMessage::Key(KeyEvent::press(Key::Named(NamedKey::Enter), Mods::NONE));
    let typed: Vec<_> = sent.iter().filter(|m| matches!(m, ClientMessage::Key(_))).collect();
    assert_eq!(
        sent[..3],
        [ClientMessage::Resize { size, cell_w, cell_h }, ClientMessage::Focus(true), ClientMessage::Subscribe]
    );
    assert!(matches!(typed[..], [a, b] if *a == key('a') && *b == enter), "{typed:?}");
    assert!(!written.contains("reconnecting"));
    let effects = rig.step(Event::Bytes(b"b".to_vec()));
    assert_eq!(rig.settle(effects).0, [key('b')], "nothing is sent twice");
    let pending = |timer| rig.core.timers.get(&timer);
    assert_eq!((pending(Timer::Retry), pending(Timer::GiveUp)), (None, None));
}

#[test]
fn the_whole_picture_is_painted_again_under_the_old_number() {
    let mut rig = Rig::lost("hello");
    let effects = rig.step(found(7));
    let (_, written) = rig.settle(effects);
    assert!(written.contains("hello") && !written.contains("reconnecting"), "{written}");
}

#[test]
fn a_host_that_does_not_come_back_is_given_up_after_ten_seconds() {
    let mut rig = Rig::lost("x");
    let begin = rig.now;
    let ending = loop {
        let mut effects = rig.step(broken());
        if effects.is_empty() {
            let next = rig.core.next().unwrap();
            effects = rig.after(next - rig.now);
        }
        match &effects[..] {
            [Effect::Connect] => {}
            [Effect::End(ending), ..] => break ending.clone(),
            other => panic!("{other:?}"),
        }
    };
    let took = rig.now - begin;
    assert!((Duration::from_secs(8)..=Duration::from_secs(10)).contains(&took), "{took:?}");
    assert_eq!(ending.to_string(), "the host closed the connection");
    let mut hangs = Rig::lost("x");
    assert!(matches!(hangs.after(Duration::from_secs(10))[..], [Effect::End(Ending::Lost(_))]));
}

#[test]
fn one_detaches_while_the_host_is_away() {
    let mut rig = Rig::lost("x");
    assert_eq!(rig.step(Event::Bytes(b"\x1c".to_vec())), []);
    assert_eq!(rig.after(DOUBLE), [Effect::End(Ending::Detached)]);
}

#[test]
fn who_only_looks_types_nothing_later_either() {
    let mut rig = Rig::ready(Options { read_only: true, ..options() });
    rig.step(broken());
    rig.step(Event::Bytes(b"rm".to_vec()));
    let effects = rig.step(found(7));
    assert_eq!(rig.settle(effects).0, [ClientMessage::Subscribe]);
}

#[test]
fn the_place_in_history_is_found_again_and_more_than_can_wait_is_told() {
    let mut rig = Rig::ready(options());
    let mut screen = Screen::blank(GridSize::clamped(20, 4));
    (screen.epoch, screen.top, screen.history, screen.offset) = (3, 70, 100, 30);
    let effects = rig.step(Event::Message(NO, HostMessage::Frame(Frame::diff(&screen, 0, &screen, 1))));
    rig.settle(effects);
    let effects = rig.step(broken());
    rig.settle(effects);
    let effects = rig.step(Event::Bytes(vec![b'x'; 10_001]));
    rig.settle(effects);
    assert_eq!(rig.core.seek.note(), Some(" keys are lost "));
    let effects = rig.step(found(7));
    let (sent, _) = rig.settle(effects);
    assert_eq!(sent[0], ClientMessage::View(ViewAt::Row { epoch: 3, top: 70 }));
    assert_eq!(sent.iter().filter(|m| matches!(m, ClientMessage::Key(_))).count(), 10_000);
}

#[test]
fn what_the_lost_host_may_not_have_taken_is_sent_again_before_what_was_typed_since() {
    let mut rig = Rig::ready(options());
    rig.core.seek.connected(NUMBERED_SINCE);
    let effects = rig.step(Event::Bytes(b"ab".to_vec()));
    let (sent, _) = rig.settle(effects);
    assert!(matches!(sent[..], [ClientMessage::Numbered { next: 1, .. }, ..]) && sent[1..] == [key('a'), key('b')]);
    rig.step(Event::Message(NO, HostMessage::Taken(1)));
    rig.step(broken());
    rig.step(Event::Bytes(b"c".to_vec()));
    rig.core.seek.connected(NUMBERED_SINCE);
    let effects = rig.step(found(9));
    let (sent, _) = rig.settle(effects);
    let input = |m: &&ClientMessage| matches!(m, ClientMessage::Key(_) | ClientMessage::Numbered { .. });
    let input: Vec<_> = sent.iter().filter(input).collect();
    assert!(matches!(input[0], ClientMessage::Numbered { next: 2, .. }), "{input:?}");
    assert_eq!(input[1..], [&key('b'), &key('c')]);
}
