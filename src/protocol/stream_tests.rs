//! Every message reads back as itself, and nothing a peer sends can do more than be refused.

use super::*;
use crate::model::Way;
use crate::model::screen::Screen;
use crate::model::{Key, Mods, MouseButton, MouseKind, NamedKey, Press};

fn read_back<M: Message>(message: &M) -> M {
    let bytes = encode(SessionNo(9), message);
    let raw = read_raw(&mut &bytes[..]).unwrap().unwrap();
    assert_eq!(raw.session, SessionNo(9));
    M::read(&raw).unwrap().unwrap()
}

fn places() -> (Place, Span) {
    let place = Place { epoch: 3, row: 1 << 40, col: 79 };
    (place, Span { from: Place { epoch: 3, row: 5, col: 0 }, to: place })
}

#[test]
fn what_a_client_sends_reads_back() {
    let (place, span) = places();
    let mut key = KeyEvent::press(Key::Char('Ä'), Mods::SHIFT | Mods::ALT);
    key.physical = Key::Named(NamedKey::F12);
    key.unshifted = Key::Unknown;
    key.press = Press::Repeat;
    let mouse = MouseEvent {
        kind: MouseKind::Motion,
        button: MouseButton::Left,
        mods: Mods::CTRL,
        col: 1,
        line: 2,
        px: 300,
        py: 400,
    };
    for message in [
        ClientMessage::Subscribe,
        ClientMessage::Unsubscribe,
        ClientMessage::Detach,
        ClientMessage::Numbered { client: u128::MAX - 5, next: 1 << 40 },
        ClientMessage::Credit,
        ClientMessage::Key(key),
        ClientMessage::Mouse(mouse),
        ClientMessage::Paste("zwei\nZeilen".into()),
        ClientMessage::Prompt(String::new()),
        ClientMessage::Focus(true),
        ClientMessage::Resize { size: GridSize::clamped(120, 40), cell_w: 9, cell_h: 18 },
        ClientMessage::View(ViewAt::Live),
        ClientMessage::View(ViewAt::Row { epoch: 1, top: 1 << 50 }),
        ClientMessage::Scroll(-3),
        ClientMessage::GetText { request: 4, span },
        ClientMessage::GetSpan { request: 5, place, kind: SpanKind::Line },
        ClientMessage::Search {
            request: 7,
            query: Query {
                text: "Nädel".into(),
                regex: true,
                from: Some(place),
                way: Way::Down,
                most: 9,
                rows: 70_000,
            },
        },
        ClientMessage::Search {
            request: 8,
            query: Query { text: "x".into(), regex: false, from: None, way: Way::Up, most: 1, rows: u32::MAX },
        },
    ] {
        assert_eq!(read_back(&message), message);
    }
}

#[test]
fn what_the_host_sends_reads_back() {
    let (_, span) = places();
    let screen = Screen::blank(GridSize::default());
    for message in [
        HostMessage::Frame(Frame::diff(&screen, 0, &screen, 1)),
        HostMessage::Bell,
        HostMessage::Clipboard("x".into()),
        HostMessage::Notify { title: "t".into(), body: "b".into() },
        HostMessage::Text { request: 1, text: "ü".into() },
        HostMessage::Span { request: 1, span },
        HostMessage::Gone,
        HostMessage::Detached,
        HostMessage::Taken(u64::MAX),
        HostMessage::Found { request: 3, searched: Searched::Found { spans: vec![span, span], next: Some(span.from) } },
        HostMessage::Found { request: 4, searched: Searched::Found { spans: Vec::new(), next: None } },
        HostMessage::Found { request: 5, searched: Searched::Rewrapped },
        HostMessage::Found { request: 6, searched: Searched::Refused("nö".into()) },
    ] {
        assert_eq!(read_back(&message), message);
    }
}

#[test]
fn an_unknown_kind_is_skipped_and_a_bad_payload_refused() {
    let raw = |kind, payload: &[u8]| Raw { kind, session: SessionNo(1), payload: payload.to_vec() };
    assert_eq!(ClientMessage::read(&raw(9999, b"?")), Ok(None));
    assert_eq!(HostMessage::read(&raw(9999, b"?")), Ok(None));
    for kind in 4..=13 {
        let hostile = ClientMessage::read(&raw(kind, &[0xff; 3]));
        assert!(hostile.is_err() || matches!(hostile, Ok(Some(ClientMessage::Focus(true)))), "{kind}: {hostile:?}");
    }
}

#[test]
fn impossible_lengths_and_half_messages_end_the_stream() {
    let length = |n: u32| [&n.to_le_bytes()[..], &[0; 6]].concat();
    for n in [0, 5, u32::MAX, MAX_MESSAGE as u32 + 1] {
        assert_eq!(read_raw(&mut &length(n)[..]).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
    let whole = encode(SessionNo(1), &ClientMessage::Paste("abc".into()));
    for cut in 0..whole.len() {
        assert_eq!(read_raw(&mut &whole[..cut]).unwrap(), None);
    }
}
