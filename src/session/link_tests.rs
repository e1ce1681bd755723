//! Losing and getting back a link, without one.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::*;
use crate::base::{ClientId, GridSize};
use crate::engine::{Engine, EngineOptions};
use crate::model::{Mods, Screen};
use crate::session::message::{Message, Update};
use crate::session::{Drain, Outlet, Request, Taken};

#[derive(Debug)]
struct Nowhere;

impl Outlet for Nowhere {
    fn send(&self, _: Update) {}
}

/// What came through a tap, with the number of its first byte.
#[derive(Debug, Default)]
struct Heard(Mutex<Vec<(u64, Vec<u8>)>>);

impl Drain for Heard {
    fn take(&self, offset: u64, bytes: &[u8]) -> Taken {
        self.0.lock().unwrap().push((offset, bytes.to_vec()));
        Taken::Yes
    }

    fn skip(&self, _: u64, _: u64, _: &Screen) {
        panic!("nothing was refused");
    }

    fn is_open(&self) -> bool {
        true
    }
}

const CLIENT: ClientId = ClientId(1);

fn core(link: Link) -> Core {
    let engine = Engine::new(GridSize::clamped(60, 6), EngineOptions::default());
    let mut core = Core::new(engine, Duration::from_secs(1));
    core.link = link;
    step(&mut core, Message::Attach(CLIENT, Arc::new(Nowhere)));
    core
}

fn step(core: &mut Core, message: Message) -> Vec<Effect> {
    let mut effects = Vec::new();
    core.step(message, Instant::now(), &mut effects);
    effects
}

fn output(core: &mut Core, bytes: &[u8]) {
    assert_eq!(core.output(bytes, Instant::now(), &mut Vec::new()), bytes.len());
}

fn drained(core: &mut Core) -> Vec<Effect> {
    let mut effects = Vec::new();
    core.drained(Instant::now(), &mut effects);
    effects
}

fn enter(core: &mut Core) -> Vec<Effect> {
    let event = KeyEvent::press(Key::Named(NamedKey::Enter), Mods::NONE);
    step(core, Message::Client(CLIENT, Request::Key(event)))
}

fn asks(effects: &[Effect]) -> bool {
    effects.iter().any(|e| matches!(e, Effect::Relink))
}

fn writes(effects: &[Effect]) -> bool {
    effects.iter().any(|e| matches!(e, Effect::Write(..)))
}

fn text(core: &mut Core) -> String {
    core.engine.view(crate::model::ViewAt::Live).text()
}

#[test]
fn only_a_lost_link_is_no_end() {
    for (link, code, by_signal, lost) in [
        (Link::Program, 255, false, true),
        (Link::Program, 137, true, true),
        (Link::Program, 130, false, false),
        (Link::Program, 0, false, false),
        (Link::None, 255, false, false),
        (Link::None, 137, true, false),
    ] {
        let mut core = core(link);
        assert!(!asks(&step(&mut core, Message::Exited(Exit { code, by_signal }))));
        assert!(!asks(&drained(&mut core)), "nobody is asked for a password unasked");
        assert_eq!(core.facts.disconnected, lost, "{link:?} {code}");
        assert_eq!(core.facts.exit_code, (!lost).then_some(code));
        assert_eq!(asks(&enter(&mut core)), lost);
    }
}

#[test]
fn a_lost_link_takes_its_modes_with_it_and_leaves_what_was_said() {
    let mut core = core(Link::Program);
    output(&mut core, b"before\r\n\x1b[?1049h\x1b[?1003h\x1b[?2004h\x1b[?25l\x1b[2;3r\x1b[31mediting\x1b]0;unfinished");
    step(&mut core, Message::Exited(Exit { code: 255, by_signal: false }));
    drained(&mut core);
    let shown = text(&mut core);
    assert!(shown.contains("before") && shown.contains("Enter connects again"), "{shown}");
    assert!(!shown.contains("editing") && !shown.contains("unfinished"), "{shown}");
    let screen = core.engine.view(crate::model::ViewAt::Live);
    assert!(screen.cursor.visible);
    // Nothing is asked of a program that is not there, but the one thing.
    assert!(!writes(&step(&mut core, Message::Client(CLIENT, Request::Paste("rm -rf x".into())))));
    assert!(asks(&enter(&mut core)));
    step(&mut core, Message::Relinked);
    output(&mut core, b"welcome");
    assert!(!core.facts.disconnected && text(&mut core).contains("before"));
    let effects = enter(&mut core);
    assert!(writes(&effects) && !asks(&effects));
    assert!(effects.iter().all(|e| !matches!(e, Effect::Write(bytes, _) if bytes != b"\r")), "the modes are gone");
}

#[test]
fn a_port_comes_back_by_itself_and_says_why_it_does_not() {
    let mut core = core(Link::Port);
    assert!(asks(&drained(&mut core)));
    step(&mut core, Message::NotRelinked("/dev/x: cannot be opened: gone".into()));
    assert!(text(&mut core).contains("cannot be opened: gone") && core.facts.disconnected);
    assert!(asks(&step(&mut core, Message::Relink)));
    step(&mut core, Message::Relinked);
    assert!(!core.facts.disconnected && text(&mut core).contains("synk: connected"));
    assert!(asks(&drained(&mut core)), "it may be lost again");
}

#[test]
fn what_the_session_says_itself_is_no_output_of_the_program() {
    let mut core = core(Link::Port);
    let heard = Arc::new(Heard::default());
    step(&mut core, Message::Tap(CLIENT, Arc::clone(&heard) as Arc<dyn Drain>));
    output(&mut core, b"one ");
    let last = core.last_output();
    drained(&mut core);
    step(&mut core, Message::NotRelinked("it is gone".into()));
    step(&mut core, Message::Relinked);
    let shown = text(&mut core);
    assert!(shown.contains("one") && shown.contains("it is gone") && shown.contains("connected"), "{shown}");
    assert_eq!(core.last_output(), last);
    output(&mut core, b"two");
    assert_eq!(*heard.0.lock().unwrap(), [(0, b"one ".to_vec()), (4, b"two".to_vec())]);
}

fn typed(core: &mut Core, text: &str) -> Vec<Effect> {
    let key = |c: char| match c {
        '\r' => Key::Named(NamedKey::Enter),
        c => Key::Char(c),
    };
    let mut press = |c| step(core, Message::Client(CLIENT, Request::Key(KeyEvent::press(key(c), Mods::NONE))));
    text.chars().flat_map(&mut press).collect()
}

fn written(effects: &[Effect]) -> Vec<u8> {
    let bytes = effects.iter().filter_map(|effect| match effect {
        Effect::Write(bytes, ..) => Some(&bytes[..]),
        _ => None,
    });
    bytes.collect::<Vec<_>>().concat()
}

fn starts(effects: &[Effect]) -> usize {
    effects.iter().filter(|effect| matches!(effect, Effect::Relink)).count()
}

#[test]
fn a_restored_shell_starts_when_somebody_looks_and_gets_what_was_typed_meanwhile() {
    let mut core = core(Link::None);
    core.revived("restored", Instant::now(), &mut Vec::new());
    core.sleeps = true;
    assert_eq!(starts(&step(&mut core, Message::Client(CLIENT, Request::Subscribe))), 1);
    let effects = typed(&mut core, "ls\r");
    assert_eq!((starts(&effects), written(&effects)), (0, b"ls\r".to_vec()));
    assert_eq!(starts(&step(&mut core, Message::Client(CLIENT, Request::Subscribe))), 0);
    // It could not be started: Enter tries again, and nothing else does anything.
    step(&mut core, Message::NotRelinked("no such shell".into()));
    let effects = typed(&mut core, "x\r");
    assert_eq!((starts(&effects), written(&effects)), (1, vec![]));
    step(&mut core, Message::Relinked);
    assert_eq!(written(&typed(&mut core, "y")), b"y");
}

#[test]
fn what_was_asked_for_by_a_command_waits_for_enter() {
    let mut core = core(Link::None);
    core.revived("restored; Enter runs x", Instant::now(), &mut Vec::new());
    assert_eq!(starts(&step(&mut core, Message::Client(CLIENT, Request::Subscribe))), 0);
    let effects = typed(&mut core, "no");
    assert_eq!((starts(&effects), written(&effects)), (0, vec![]));
    assert_eq!(starts(&typed(&mut core, "\r")), 1);
}
