//! What an attached terminal does with what comes: no thread, no terminal, no clock.

use std::sync::Arc;

use super::*;
use crate::base::SessionId;
use crate::model::{Cursor, Frame, Key, KeyEvent, Modes, Mods, NamedKey, Row, Screen, ViewAt};

const NO: SessionNo = SessionNo(7);

fn options() -> Options {
    Options {
        read_only: false,
        detach_key: "ctrl+\\".parse().unwrap(),
        title: true,
        clipboard: true,
        look: Sgr::default(),
    }
}

struct Rig {
    core: Core,
    now: Instant,
    seq: u64,
}

impl Rig {
    fn new(options: Options) -> Self {
        let info = SessionInfo::new(SessionId::from_u128(7), NO, "dev");
        let outer = OuterSize { size: GridSize::clamped(20, 4), cell_w: 8, cell_h: 16 };
        let now = Instant::now();
        let core = Core::new(options, &info, outer, now);
        Self { core, now, seq: 0 }
    }

    /// One that has begun and written everything.
    fn ready(options: Options) -> Self {
        let mut rig = Self::new(options);
        let mut effects = Vec::new();
        rig.core.begin(rig.now, &mut effects);
        rig.settle(effects);
        rig
    }

    fn step(&mut self, event: Event) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.core.step(event, self.now, &mut effects);
        effects
    }

    /// Takes every write as done; returns what was sent, and what was written as text.
    fn settle(&mut self, effects: Vec<Effect>) -> (Vec<ClientMessage>, String) {
        let (mut sent, mut written, mut queue) = (Vec::new(), String::new(), VecDeque::from(effects));
        while let Some(effect) = queue.pop_front() {
            match effect {
                Effect::Send(message) => sent.push(message),
                Effect::Write(bytes) => {
                    written += &String::from_utf8(bytes).unwrap();
                    queue.extend(self.step(Event::Written));
                }
                effect => panic!("{effect:?}"),
            }
        }
        (sent, written)
    }

    fn after(&mut self, by: Duration) -> Vec<Effect> {
        self.now += by;
        let mut effects = Vec::new();
        self.core.tick(self.now, &mut effects);
        effects
    }

    fn frame(&mut self, text: &str, size: (u16, u16), modes: Modes) -> Event {
        let mut screen = Screen::blank(GridSize::clamped(size.0, size.1));
        screen.rows[0] = Arc::new(Row::from(text));
        screen.cursor = Cursor { visible: true, ..Cursor::default() };
        screen.modes = modes;
        self.seq += 1;
        Event::Message(NO, HostMessage::Frame(Frame::diff(&screen, 0, &screen, self.seq)))
    }

    fn show(&mut self, text: &str, modes: Modes) -> (Vec<ClientMessage>, String) {
        let frame = self.frame(text, (20, 4), modes);
        let effects = self.step(frame);
        self.settle(effects)
    }

    fn type_bytes(&mut self, bytes: &str) -> Vec<Effect> {
        self.step(Event::Bytes(bytes.as_bytes().to_vec()))
    }
}

use std::collections::VecDeque;

fn chords(effects: &[Effect]) -> Vec<String> {
    effects
        .iter()
        .map(|e| match e {
            Effect::Send(ClientMessage::Key(event)) => event.chord().to_string(),
            other => format!("{other:?}"),
        })
        .collect()
}

#[test]
fn it_begins_with_its_size_its_focus_and_the_title() {
    let mut rig = Rig::new(options());
    let mut effects = Vec::new();
    rig.core.begin(rig.now, &mut effects);
    let (sent, written) = rig.settle(effects);
    let size = GridSize::clamped(20, 4);
    let resize = ClientMessage::Resize { size, cell_w: 8, cell_h: 16 };
    assert_eq!(sent, [resize, ClientMessage::Focus(true), ClientMessage::Subscribe]);
    assert!(written.starts_with("\x1b[22;2t\x1b[?1049h") && written.contains("\x1b]2;dev\x1b\\"), "{written:?}");
}

#[test]
fn the_next_frame_is_asked_for_when_this_one_is_written_and_not_before() {
    let mut rig = Rig::ready(options());
    let frame = rig.frame("one", (20, 4), Modes::NONE);
    let effects = rig.step(frame);
    let [Effect::Write(bytes)] = effects.as_slice() else { panic!("{effects:?}") };
    assert!(String::from_utf8_lossy(bytes).contains("one"));
    // While the outer terminal does not read, whatever else comes waits, as one of each kind.
    for text in ["a", "b"] {
        assert_eq!(rig.step(Event::Message(NO, HostMessage::Clipboard(text.into()))), []);
        assert_eq!(rig.step(Event::Message(NO, HostMessage::Bell)), []);
    }
    let effects = rig.step(Event::Written);
    let [Effect::Send(ClientMessage::Credit), Effect::Write(bytes)] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(bytes, b"\x1b]52;c;Yg==\x1b\\\x07");
    assert_eq!(rig.step(Event::Written), []);
    assert_eq!(rig.core.next(), None, "nothing is pending, so nothing wakes up");
}

#[test]
fn a_frame_that_came_while_something_else_was_written_is_credited_when_it_is() {
    let mut rig = Rig::ready(options());
    assert_eq!(rig.step(Event::Message(NO, HostMessage::Bell)), [Effect::Write(vec![7])]);
    let frame = rig.frame("one", (20, 4), Modes::NONE);
    assert_eq!(rig.step(frame), []);
    assert!(matches!(rig.step(Event::Written).as_slice(), [Effect::Write(_)]));
    assert_eq!(rig.step(Event::Written), [Effect::Send(ClientMessage::Credit)]);
}

#[test]
fn the_detach_key_detaches_and_doubled_it_is_a_key() {
    let mut rig = Rig::ready(options());
    assert_eq!(rig.type_bytes("\x1c"), []);
    assert_eq!(chords(&rig.type_bytes("\x1c")), ["ctrl+\\"]);
    assert_eq!(rig.after(Duration::from_secs(9)), []);
    assert_eq!(rig.type_bytes("\x1c"), []);
    assert_eq!(rig.after(Duration::from_millis(299)), []);
    assert_eq!(rig.after(Duration::from_millis(1)), [Effect::End(Ending::Detached)]);
    let mut rig = Rig::ready(options());
    // As the kitty protocol tells it, with the releases of both keys.
    assert_eq!(rig.type_bytes("\x1b[92;5u\x1b[92;5:3u\x1b[57442;1:3u").len(), 1, "the release of Ctrl goes on");
    assert_eq!(rig.type_bytes("x"), [Effect::End(Ending::Detached)], "what is typed behind it reaches nobody");
    let mut rig = Rig::ready(Options { detach_key: "ctrl+a".parse().unwrap(), ..options() });
    assert_eq!(chords(&rig.type_bytes("\x1c")), ["ctrl+\\"]);
    assert_eq!(rig.type_bytes("\x01"), []);
}

#[test]
fn an_escape_by_itself_is_sent_when_nothing_follows() {
    let mut rig = Rig::ready(options());
    rig.show("", Modes::NONE);
    assert_eq!(rig.type_bytes("\x1b"), []);
    assert_eq!(chords(&rig.after(Duration::from_millis(50))), ["escape"]);
    assert_eq!(rig.type_bytes("\x1b"), []);
    assert_eq!(chords(&rig.type_bytes("[A")), ["up"]);
    assert_eq!(rig.core.next(), None);
}

#[test]
fn a_read_only_one_sends_nothing_and_has_no_size() {
    let mut rig = Rig::new(Options { read_only: true, ..options() });
    let mut effects = Vec::new();
    rig.core.begin(rig.now, &mut effects);
    assert_eq!(rig.settle(effects).0, [ClientMessage::Subscribe]);
    rig.show("", Modes::MOUSE_CLICK);
    assert_eq!(rig.type_bytes("x\x1b[<0;1;1M\x1b[200~p\x1b[201~\x1b[I"), []);
    let anew = Event::Anew(OuterSize { size: GridSize::clamped(9, 3), cell_w: 0, cell_h: 0 });
    let effects = rig.step(anew);
    assert!(matches!(effects.as_slice(), [Effect::Write(_)]), "{effects:?}");
    assert_eq!(rig.type_bytes("\x1b[5;2~"), [Effect::Send(ClientMessage::Scroll(-2))], "it may look back");
    assert_eq!(rig.type_bytes("\x1c"), []);
    assert_eq!(rig.after(DOUBLE), [Effect::End(Ending::Detached)]);
}

const DOUBLE: Duration = Duration::from_millis(300);

#[test]
fn shift_with_page_keys_looks_back_unless_the_program_has_the_screen() {
    let mut rig = Rig::ready(options());
    rig.show("", Modes::NONE);
    assert_eq!(rig.type_bytes("\x1b[5;2~"), [Effect::Send(ClientMessage::Scroll(-3))]);
    assert_eq!(rig.type_bytes("\x1b[1;2F"), [Effect::Send(ClientMessage::View(ViewAt::Live))]);
    assert_eq!(chords(&rig.type_bytes("\x1b[5~")), ["pageup"]);
    rig.show("", Modes::ALT_SCREEN);
    assert_eq!(chords(&rig.type_bytes("\x1b[5;2~")), ["shift+pageup"]);
}

#[test]
fn the_mouse_goes_to_the_cell_it_is_at_while_the_program_asks() {
    let mut rig = Rig::ready(options());
    rig.show("", Modes::NONE);
    assert_eq!(rig.type_bytes("\x1b[<0;3;2M"), []);
    let (_, written) = rig.show("", Modes::MOUSE_DRAG);
    assert!(written.contains("\x1b[?1002h\x1b[?1006h"));
    let effects = rig.type_bytes("\x1b[<0;3;2M");
    let [Effect::Send(ClientMessage::Mouse(event))] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!((event.col, event.line, event.px, event.py), (2, 1, 20, 24));
    let (_, written) = rig.show("", Modes::NONE);
    assert!(written.contains("\x1b[?1002l"));
    // A session that is smaller than the terminal.
    let frame = rig.frame("", (10, 2), Modes::MOUSE_CLICK);
    let effects = rig.step(frame);
    rig.settle(effects);
    assert_eq!(rig.type_bytes("\x1b[<0;15;1M"), [], "a press beside it means nothing");
    let effects = rig.type_bytes("\x1b[<0;15;4m");
    assert!(
        matches!(effects.as_slice(), [Effect::Send(ClientMessage::Mouse(e))] if (e.col, e.line) == (9, 1)),
        "a release does: {effects:?}"
    );
}

#[test]
fn another_size_is_marked_when_it_stays() {
    let mut rig = Rig::ready(options());
    let frame = rig.frame("hi", (10, 2), Modes::NONE);
    let effects = rig.step(frame);
    assert!(!rig.settle(effects).1.contains('·'), "a resize may be under way");
    let effects = rig.after(SETTLE);
    let written = rig.settle(effects).1;
    assert!(written.contains('·') && written.contains("10x2"), "{written:?}");
    let (_, written) = rig.show("hi", Modes::NONE);
    assert!(!written.contains('·'));
    assert_eq!(rig.core.next(), None);
}

#[test]
fn a_resize_draws_everything_and_tells_the_host() {
    let mut rig = Rig::ready(options());
    rig.show("hi", Modes::NONE);
    let outer = OuterSize { size: GridSize::clamped(30, 5), cell_w: 0, cell_h: 0 };
    let effects = rig.step(Event::Anew(outer));
    let (sent, written) = rig.settle(effects);
    assert_eq!(sent, [ClientMessage::Resize { size: outer.size, cell_w: 0, cell_h: 0 }]);
    assert!(written.contains("\x1b[2J") && written.contains("hi"), "{written:?}");
}

#[test]
fn it_ends_when_the_session_does() {
    let info = |state, exit_code| {
        let info = SessionInfo::new(SessionId::from_u128(7), NO, "dev");
        Event::Board(BoardEvent::Session(SessionInfo { state, exit_code, ..info }))
    };
    let mut rig = Rig::ready(options());
    assert!(rig.step(info(SessionState::Stopped, Some(3))).contains(&Effect::End(Ending::Exited(3))));
    let mut rig = Rig::ready(options());
    assert!(matches!(rig.step(info(SessionState::Running, None)).as_slice(), [Effect::Write(_)]), "a title");
    assert_eq!(rig.step(Event::Message(SessionNo(1), HostMessage::Gone)), []);
    assert_eq!(rig.step(Event::Message(NO, HostMessage::Gone)), [Effect::End(Ending::Gone)]);
    assert_eq!(rig.step(Event::Board(BoardEvent::Removed(NO))), [Effect::End(Ending::Gone)]);
    assert_eq!(rig.step(Event::Message(NO, HostMessage::Detached)), [Effect::End(Ending::DetachedByOther)]);
}

#[test]
fn a_terminal_that_knows_the_kitty_protocol_is_asked_for_it() {
    let mut rig = Rig::ready(options());
    rig.show("", Modes::NONE);
    let effects = rig.type_bytes("\x1b[?0u\x1b[?62c");
    assert_eq!(effects, [Effect::Write(b"\x1b[>5u".to_vec())]);
    assert!(rig.core.answers && rig.core.farewell().starts_with(b"\x1b[<u"));
    rig.step(Event::Written);
    assert_eq!(
        rig.type_bytes("\x1b[13;2u"),
        [Effect::Send(ClientMessage::Key(KeyEvent::press(Key::Named(NamedKey::Enter), Mods::SHIFT)))]
    );
}

#[test]
fn titles_and_clipboards_are_for_those_who_want_them() {
    let mut rig = Rig::ready(Options { title: false, clipboard: false, ..options() });
    let info = SessionInfo { title: "x".into(), ..SessionInfo::new(SessionId::from_u128(7), NO, "dev") };
    assert_eq!(rig.step(Event::Board(BoardEvent::Session(info))), []);
    assert_eq!(rig.step(Event::Message(NO, HostMessage::Clipboard("x".into()))), []);
}

#[path = "core_seek_tests.rs"]
mod seek;
