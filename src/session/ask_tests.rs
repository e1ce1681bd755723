//! Questions to a core by itself, with the time in the test's hand.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::*;
use crate::base::{ClientId, GridSize};
use crate::engine::{Engine, EngineOptions, Pattern};
use crate::keeper::Exit;
use crate::keeper::probe::Probed;
use crate::model::ViewAt;
use crate::session::ask::{Asker, Met};
use crate::session::message::{Message, Outlet, Request, Update};
use crate::session::pace::CAP;
use crate::session::wait::Until;

type Outcome = Result<Answer, Refusal>;

/// Where an answer goes; whoever asked may have gone away.
#[derive(Debug, Default)]
struct Slot {
    answer: Mutex<Option<Outcome>>,
    gone: Mutex<bool>,
}

#[derive(Debug)]
struct ToSlot(Arc<Slot>);

impl Asker for ToSlot {
    fn answer(self: Box<Self>, answer: Outcome) {
        assert!(self.0.answer.lock().unwrap().replace(answer).is_none(), "answered twice");
    }

    fn is_there(&self) -> bool {
        !*self.0.gone.lock().unwrap()
    }
}

impl Slot {
    fn get(&self) -> Option<Outcome> {
        self.answer.lock().unwrap().clone()
    }
}

#[derive(Debug)]
struct Ignored;

impl Outlet for Ignored {
    fn send(&self, _: Update) {}
}

struct World {
    core: Core,
    now: Instant,
    written: Vec<String>,
    /// What programs write is taken from the queue by nobody.
    full: bool,
    probes: usize,
    /// The exit code that the desk was told.
    told: Option<i32>,
}

fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

fn met(matched: Option<&str>, exit_code: Option<i32>) -> Option<Outcome> {
    Some(Ok(Answer::Met(Met { matched: matched.map(str::to_owned), exit_code })))
}

impl World {
    fn new() -> Self {
        let engine = Engine::new(GridSize::clamped(20, 4), EngineOptions::default());
        let core = Core::new(engine, Duration::from_secs(1));
        Self { core, now: Instant::now(), written: Vec::new(), full: false, probes: 0, told: None }
    }

    fn take(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Write(bytes, _) => self.written.push(String::from_utf8(bytes).unwrap()),
                Effect::WriteAsked(bytes, reply) => {
                    self.written.push(String::from_utf8(bytes).unwrap());
                    reply.answer(Ok(Answer::Done));
                }
                Effect::Submit(bytes, _) => {
                    self.written.push(String::from_utf8(bytes).unwrap());
                    self.step(Message::Submitted(!self.full));
                }
                Effect::LookWritten => self.step(Message::Written(Some(self.now - Duration::from_secs(9)))),
                Effect::Answer(reply, answer) => {
                    if let Ok(Answer::Met(met)) = &answer {
                        assert_eq!(met.exit_code, self.told, "the desk knows it first");
                    }
                    reply.answer(answer);
                }
                Effect::Report(facts) => self.told = facts.exit_code,
                Effect::Probe(_) => self.probes += 1,
                _ => {}
            }
        }
    }

    fn step(&mut self, message: Message) {
        let mut effects = Vec::new();
        self.core.step(message, self.now, &mut effects);
        self.take(effects);
    }

    fn ask(&mut self, ask: Ask) -> Arc<Slot> {
        let slot = Arc::<Slot>::default();
        self.step(Message::Ask(ask, Reply::new(Box::new(ToSlot(Arc::clone(&slot))))));
        slot
    }

    fn wait_for(&mut self, until: Until, timeout: Option<Duration>) -> Arc<Slot> {
        self.ask(Ask::Wait { until, timeout })
    }

    fn output(&mut self, text: &str) {
        let mut effects = Vec::new();
        self.core.output(text.as_bytes(), self.now, &mut effects);
        self.core.tick(self.now, &mut effects);
        self.take(effects);
    }

    /// Lets time go by, from deadline to deadline.
    fn pass(&mut self, by: Duration) {
        let end = self.now + by;
        while let Some(at) = self.core.next().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            let mut effects = Vec::new();
            self.core.tick(self.now, &mut effects);
            self.take(effects);
        }
        self.now = end;
    }

    fn drained(&mut self) {
        let mut effects = Vec::new();
        self.core.drained(self.now, &mut effects);
        self.core.tick(self.now, &mut effects);
        self.take(effects);
    }

    fn text(&mut self) -> String {
        match self.ask(Ask::Read(Extent::Screen)).get() {
            Some(Ok(Answer::Screen(read))) => read.reading.rows.iter().map(|row| row.text(0, 20) + "\n").collect(),
            other => panic!("{other:?}"),
        }
    }
}

fn up() -> Ask {
    Ask::Keys(vec![KeyEvent::press(Key::Named(NamedKey::Up), Mods::NONE)])
}

#[test]
fn input_is_encoded_for_the_modes_that_hold() {
    let mut world = World::new();
    assert_eq!(world.ask(up()).get(), Some(Ok(Answer::Done)));
    world.output("\x1b[?1h\x1b[?2004h");
    for ask in [up(), Ask::Paste("a\nb".into()), Ask::Input(b"\x1bx".to_vec()), Ask::Input(Vec::new())] {
        assert_eq!(world.ask(ask).get(), Some(Ok(Answer::Done)));
    }
    assert_eq!(world.written, ["\x1b[A", "\x1bOA", "\x1b[200~a\rb\x1b[201~", "\x1bx"]);
}

#[test]
fn a_prompt_is_answered_when_its_enter_was_written() {
    let mut world = World::new();
    let (one, two) = (world.ask(Ask::Prompt("one".into())), world.ask(Ask::Prompt("two".into())));
    assert_eq!((one.get(), world.written.as_slice()), (None, &["one".to_owned()][..]));
    world.pass(ms(200));
    assert_eq!((one.get(), two.get()), (Some(Ok(Answer::Done)), None));
    world.pass(ms(200));
    assert_eq!((two.get(), world.written.join("|")), (Some(Ok(Answer::Done)), "one|\r|two|\r".into()));
    world.full = true;
    assert!(matches!(world.ask(Ask::Prompt("x".into())).get(), Some(Err(Refusal::Busy(_)))));
    world.full = false;
    let last = world.ask(Ask::Prompt("x".into()));
    world.step(Message::Exited(Exit { code: 0, by_signal: false }));
    assert_eq!(last.get(), Some(Err(Refusal::Stopped)), "its Enter can never be written");
}

#[test]
fn a_program_that_has_ended_takes_nothing_and_stays_readable() {
    let mut world = World::new();
    world.output("last words");
    let waiting = world.wait_for(Until::Exit, None);
    world.step(Message::Exited(Exit { code: 3, by_signal: false }));
    world.drained();
    assert_eq!(waiting.get(), met(None, Some(3)));
    for ask in [Ask::Input(b"x".to_vec()), up(), Ask::Paste("x".into()), Ask::Prompt("x".into())] {
        assert_eq!(world.ask(ask).get(), Some(Err(Refusal::Stopped)));
    }
    assert_eq!(world.text().lines().next(), Some("last words"));
    assert_eq!(world.wait_for(Until::Exit, None).get(), met(None, Some(3)));
    assert_eq!(world.wait_for(Until::Text("words".into()), None).get(), met(Some("words"), Some(3)));
    assert_eq!(world.wait_for(Until::Text("more".into()), None).get(), Some(Err(Refusal::Stopped)));
    assert!(world.written.is_empty());
}

#[test]
fn questions_take_no_size_and_move_no_view() {
    const CLIENT: ClientId = ClientId(1);
    let mut world = World::new();
    world.step(Message::Attach(CLIENT, Arc::new(Ignored)));
    let client = |request| Message::Client(CLIENT, request);
    world.step(client(Request::Subscribe));
    world.step(client(Request::Resize { size: GridSize::clamped(30, 4), cell_w: 8, cell_h: 16 }));
    world.pass(ms(100));
    world.output("1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n7");
    world.step(client(Request::Scroll(-2)));
    world.pass(Duration::from_secs(5));
    let seen =
        |world: &mut World| (world.core.size().cols(), world.core.viewers.get(CLIENT).unwrap().at != ViewAt::Live);
    assert_eq!(seen(&mut world), (30, true));
    for ask in [Ask::Input(b"x".to_vec()), up(), Ask::Paste("x".into()), Ask::Prompt("x".into())] {
        world.ask(ask);
    }
    assert_eq!(seen(&mut world), (30, true));
    let pinned = GridSize::clamped(50, 5);
    assert_eq!(world.ask(Ask::Resize(Some(pinned))).get(), Some(Ok(Answer::Resized(pinned))));
    world.step(client(Request::Resize { size: GridSize::clamped(33, 4), cell_w: 8, cell_h: 16 }));
    world.pass(ms(100));
    assert_eq!(world.core.size(), pinned);
    let own = GridSize::clamped(33, 4);
    assert_eq!(world.ask(Ask::Resize(None)).get(), Some(Ok(Answer::Resized(own))));
}

#[test]
fn the_last_commands_output_is_not_known_without_marks() {
    let mut world = World::new();
    world.output("$ ls\r\na b\r\n$ ");
    assert_eq!(world.ask(Ask::Read(Extent::LastCommand)).get(), Some(Err(Refusal::NoMarks)));
    assert_eq!(world.text(), "$ ls\na b\n$\n\n");
}

#[test]
fn a_text_that_wraps_is_found_and_a_pattern_matches_lines() {
    let mut world = World::new();
    world.output("0123456789abcdefghijKLMNO\r\nnext");
    assert_eq!(world.wait_for(Until::Text("hijKLM".into()), None).get(), met(Some("hijKLM"), None));
    let pattern = |text| Until::Match(Pattern::new(text).unwrap());
    assert_eq!(world.wait_for(pattern("^n.*t$"), None).get(), met(Some("next"), None));
    let late = world.wait_for(pattern("^[A-Z]+$"), None);
    assert_eq!(late.get(), None);
    world.pass(ms(100));
    world.output("\r\nDONE");
    assert_eq!(late.get(), met(Some("DONE"), None), "the first look after a silence is at once");
}

#[test]
fn nothing_wakes_a_core_that_waits_but_the_deadline() {
    let mut world = World::new();
    world.output("x");
    world.pass(Duration::from_secs(5));
    let endless = world.wait_for(Until::Text("y".into()), None);
    assert_eq!((endless.get(), world.core.next()), (None, None));
    let timed = world.wait_for(Until::Text("y".into()), Some(ms(300)));
    assert_eq!(world.core.next(), Some(world.now + ms(300)));
    world.pass(ms(299));
    assert_eq!(timed.get(), None);
    world.pass(ms(1));
    assert_eq!((timed.get(), endless.get()), (Some(Err(Refusal::TimedOut)), None));
    assert_eq!(world.core.next(), None);
    assert_eq!(world.wait_for(Until::Text("y".into()), Some(ms(0))).get(), Some(Err(Refusal::TimedOut)));
    assert_eq!(world.wait_for(Until::Text("x".into()), Some(ms(0))).get(), met(Some("x"), None));
}

#[test]
fn a_flood_is_searched_once_a_frame() {
    let mut world = World::new();
    let slot = world.wait_for(Until::Text("needle".into()), None);
    let (mut looks, mut due) = (0, world.core.waits.due_at());
    for n in 0..800 {
        world.now += Duration::from_micros(100);
        world.output(&format!("{n}\r\n"));
        let next = world.core.waits.due_at();
        looks += usize::from(next != due);
        due = next;
    }
    // A look changes the time of the next one twice: it goes, and output sets it again.
    assert!(looks <= 2 * (1 + 80 / CAP.as_millis() as usize), "{looks}");
    world.output("needle");
    assert_eq!(slot.get(), None, "not before the next frame's time");
    world.pass(CAP);
    assert_eq!(slot.get(), met(Some("needle"), None));
}

#[test]
fn quiet_is_counted_from_the_last_byte_either_way() {
    let mut world = World::new();
    world.output("x");
    world.pass(ms(60));
    let slot = world.wait_for(Until::Quiet(ms(100)), None);
    world.pass(ms(39));
    world.output("y");
    world.pass(ms(99));
    assert_eq!(slot.get(), None);
    world.ask(up());
    world.pass(ms(99));
    assert_eq!(slot.get(), None);
    world.pass(ms(1));
    assert_eq!(slot.get(), met(None, None));
}

#[test]
fn a_prompt_without_marks_is_believed_when_the_shell_is_in_the_foreground() {
    let mut world = World::new();
    world.output("50% $ ");
    let slot = world.wait_for(Until::Prompt, None);
    let other = world.wait_for(Until::Prompt, None);
    world.pass(ms(49));
    assert_eq!((slot.get(), world.probes), (None, 0));
    world.pass(ms(1));
    assert_eq!((slot.get(), world.probes), (None, 1), "the system is asked once, however many wait");
    world.step(Message::Probed(Probed { own: false, ..Probed::default() }));
    world.pass(ms(5000));
    assert_eq!((slot.get(), world.core.waits.due_at()), (None, None), "another program writes what looks like one");
    world.output("\r\n$ ");
    world.pass(ms(50));
    world.step(Message::Probed(Probed { own: true, ..Probed::default() }));
    assert_eq!((slot.get(), other.get()), (met(None, None), met(None, None)));
}

#[test]
fn only_so_many_wait_and_nobody_is_forgotten() {
    let mut world = World::new();
    let wait = |world: &mut World| world.wait_for(Until::Text("never".into()), None);
    let all: Vec<_> = (0..64).map(|_| wait(&mut world)).collect();
    assert!(matches!(wait(&mut world).get(), Some(Err(Refusal::Busy(_)))));
    *all[0].gone.lock().unwrap() = true;
    let last = wait(&mut world);
    assert_eq!(last.get(), None, "who went away makes room");
    let prompt = world.ask(Ask::Prompt("x".into()));
    world.step(Message::Close);
    for slot in all[1..].iter().chain([&last, &prompt]) {
        assert_eq!(slot.get(), Some(Err(Refusal::Ended)));
    }
    let lost = Arc::<Slot>::default();
    drop(Reply::new(Box::new(ToSlot(Arc::clone(&lost)))));
    assert_eq!(lost.get(), Some(Err(Refusal::Ended)));
}
