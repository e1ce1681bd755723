//! A core by itself, with the time in the test's hand.

use std::sync::{Arc, Mutex};

use super::*;
use crate::base::ClientId;
use crate::engine::EngineOptions;
use crate::model::{Key, KeyEvent, Mods, Screen, ViewAt};
use crate::session::message::{Outlet, Request};

const A: ClientId = ClientId(1);
const B: ClientId = ClientId(2);

/// What a viewer holds.
#[derive(Debug, Default)]
struct Mirror {
    screen: Mutex<Option<(Screen, u64)>>,
    got: Mutex<Vec<Update>>,
}

impl Outlet for Mirror {
    fn send(&self, update: Update) {
        if let Update::Frame(frame) = &update {
            let mut slot = self.screen.lock().unwrap();
            let (screen, seq) = slot.get_or_insert_with(|| (Screen::blank(frame.size), 0));
            frame.apply(screen, *seq).unwrap();
            *seq = frame.seq;
        }
        self.got.lock().unwrap().push(update);
    }
}

impl Mirror {
    fn text(&self) -> String {
        self.screen.lock().unwrap().as_ref().map_or(String::new(), |(s, _)| s.text().trim_end().to_owned())
    }

    fn frames(&self) -> usize {
        self.got.lock().unwrap().iter().filter(|u| matches!(u, Update::Frame(_))).count()
    }
}

struct World {
    core: Core,
    now: Instant,
    written: Vec<String>,
    resized: Vec<GridSize>,
    reports: Vec<Facts>,
    probes: usize,
}

fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

impl World {
    fn new() -> Self {
        let engine = Engine::new(GridSize::clamped(20, 4), EngineOptions::default());
        let core = Core::new(engine, Duration::from_secs(1));
        let now = Instant::now();
        Self { core, now, written: Vec::new(), resized: Vec::new(), reports: Vec::new(), probes: 0 }
    }

    fn take(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Write(bytes, _) | Effect::Reply(bytes) => self.written.push(String::from_utf8(bytes).unwrap()),
                Effect::Resize { size, .. } => self.resized.push(size),
                Effect::Send(outlet, update) => outlet.send(update),
                Effect::Report(facts) => self.reports.push(facts),
                Effect::Submit(bytes, _) => {
                    self.written.push(String::from_utf8(bytes).unwrap());
                    self.step(Message::Submitted(true));
                }
                Effect::LookWritten => self.step(Message::Written(Some(self.now - Duration::from_secs(9)))),
                Effect::WriteAsked(..) | Effect::Answer(..) => panic!("nobody asked"),
                Effect::Probe(_) => self.probes += 1,
                Effect::News(_) | Effect::Keep(_) | Effect::Relink | Effect::End => {}
            }
        }
    }

    fn step(&mut self, message: Message) {
        let mut effects = Vec::new();
        self.core.step(message, self.now, &mut effects);
        self.take(effects);
    }

    fn ask(&mut self, client: ClientId, request: Request) {
        self.step(Message::Client(client, request));
    }

    fn output(&mut self, text: &str) {
        let mut effects = Vec::new();
        self.core.output(text.as_bytes(), self.now, &mut effects);
        self.take(effects);
    }

    /// Lets time go by, as the thread would: from deadline to deadline. Returns how often it would have woken up.
    fn wait(&mut self, by: Duration) -> usize {
        let end = self.now + by;
        let mut wakes = 0;
        while let Some(at) = self.core.next().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            let mut effects = Vec::new();
            self.core.tick(self.now, &mut effects);
            self.take(effects);
            wakes += 1;
            assert!(wakes < 10_000, "the core does not come to rest");
        }
        self.now = end;
        wakes
    }

    fn viewer(&mut self, client: ClientId) -> Arc<Mirror> {
        let mirror = Arc::<Mirror>::default();
        self.step(Message::Attach(client, Arc::clone(&mirror) as Arc<dyn Outlet>));
        self.ask(client, Request::Subscribe);
        mirror
    }

    fn resize(&mut self, client: ClientId, cols: u16) {
        self.ask(client, Request::Resize { size: GridSize::clamped(cols, 4), cell_w: 8, cell_h: 16 });
    }
}

fn key(c: char) -> Request {
    Request::Key(KeyEvent::press(Key::Char(c), Mods::NONE))
}

#[test]
fn a_viewer_gets_a_full_frame_and_then_one_for_each_credit() {
    let mut world = World::new();
    world.output("one");
    let mirror = world.viewer(A);
    assert_eq!((mirror.text().as_str(), mirror.frames()), ("one", 1));
    for _ in 0..50 {
        world.output(" more");
        world.wait(ms(10));
    }
    assert_eq!(mirror.frames(), 1, "without credit nothing is sent");
    world.ask(A, Request::Credit);
    assert_eq!(mirror.frames(), 2, "what has waited comes at once");
    assert!(mirror.text().ends_with("more"));
    world.ask(A, Request::Credit);
    world.ask(A, Request::Credit);
    world.wait(ms(50));
    assert_eq!(mirror.frames(), 2, "nothing has changed, nothing is sent");
    world.output("!");
    world.wait(ms(5));
    world.output("?");
    world.wait(ms(5));
    assert_eq!(mirror.frames(), 3, "credit does not add up");
}

#[test]
fn a_slow_viewer_costs_the_other_nothing_and_both_end_up_equal() {
    let mut world = World::new();
    let (slow, quick) = (world.viewer(A), world.viewer(B));
    for n in 0..100 {
        world.output(&format!("line {n}\r\n"));
        world.wait(ms(10));
        world.ask(B, Request::Credit);
    }
    assert_eq!((slow.frames(), quick.frames()), (1, 101));
    world.ask(A, Request::Credit);
    assert_eq!(slow.text(), quick.text());
    assert_eq!(slow.frames(), 2);
}

#[test]
fn the_echo_of_a_key_is_shown_without_waiting() {
    let mut world = World::new();
    let mirror = world.viewer(A);
    world.ask(A, Request::Credit);
    world.ask(A, key('x'));
    assert_eq!(world.written, ["x"]);
    assert!(world.core.is_urgent(world.now));
    world.output("x");
    assert_eq!(mirror.text(), "x");
    world.wait(ms(200));
    assert!(!world.core.is_urgent(world.now));
}

#[test]
fn a_held_frame_is_shown_whole() {
    let mut world = World::new();
    let mirror = world.viewer(A);
    world.ask(A, Request::Credit);
    world.output("\x1b[?2026hhalf");
    world.wait(ms(100));
    assert_eq!(mirror.text(), "");
    world.output(" and half\x1b[?2026l");
    world.wait(ms(1));
    assert_eq!(mirror.text(), "half and half");
    world.ask(A, Request::Credit);
    world.output("\x1b[?2026h, dead");
    world.wait(ms(149));
    assert_eq!(mirror.text(), "half and half");
    world.wait(ms(1));
    assert_eq!(mirror.text(), "half and half, dead");
}

#[test]
fn a_storm_of_resizes_is_one_resize() {
    let mut world = World::new();
    let mirror = world.viewer(A);
    world.ask(A, Request::Credit);
    for cols in 21..=60 {
        world.resize(A, cols);
        world.wait(ms(10));
    }
    assert_eq!(world.resized, []);
    world.wait(ms(100));
    assert_eq!(world.resized, [GridSize::clamped(60, 4)]);
    assert_eq!(mirror.screen.lock().unwrap().as_ref().unwrap().0.size.cols(), 60);
    world.resize(A, 30);
    world.resize(A, 60);
    world.wait(ms(500));
    assert_eq!(world.resized.len(), 1, "back where it was: the program hears nothing");
}

#[test]
fn the_one_that_types_owns_the_size() {
    let mut world = World::new();
    let _mirrors = (world.viewer(A), world.viewer(B));
    world.resize(A, 40);
    world.resize(B, 50);
    world.wait(ms(200));
    world.ask(B, key('x'));
    assert_eq!(world.resized.last().unwrap().cols(), 50, "what it starts finds the size");
    world.step(Message::Detach(B));
    world.wait(ms(200));
    let sizes: Vec<u16> = world.resized.iter().map(|s| s.cols()).collect();
    assert_eq!(sizes, [40, 50, 40]);
    world.viewer(B);
    world.resize(B, 60);
    world.ask(B, Request::Prompt("x".into()));
    world.wait(ms(2000));
    world.ask(B, Request::Prompt("x".into()));
    world.wait(ms(200));
    assert_eq!(world.resized.last().unwrap().cols(), 60, "a prompt is typing");
}

#[test]
fn another_cell_size_alone_is_told() {
    let mut world = World::new();
    let _mirror = world.viewer(A);
    for cell_w in [8, 8, 9] {
        world.ask(A, Request::Resize { size: GridSize::clamped(20, 4), cell_w, cell_h: 16 });
        world.wait(ms(200));
    }
    assert_eq!(world.resized.len(), 2);
}

#[test]
fn nothing_follows_the_end() {
    let mut world = World::new();
    let mirror = world.viewer(A);
    world.ask(A, Request::Credit);
    world.output("x");
    world.now += ms(100);
    world.step(Message::Close);
    assert_eq!(mirror.got.lock().unwrap().last(), Some(&Update::Gone));
}

#[test]
fn activity_ends_after_a_quiet_second_and_then_nothing_wakes() {
    let mut world = World::new();
    let mirror = world.viewer(A);
    world.wait(ms(100));
    for _ in 0..30 {
        world.output("x");
        world.ask(A, Request::Credit);
        world.wait(ms(100));
    }
    assert!(world.reports.last().unwrap().active);
    world.wait(ms(1000));
    assert!(!world.reports.last().unwrap().active);
    assert_eq!(world.reports.iter().filter(|r| r.active).count(), 1, "activity is told once, not with each output");
    assert!(world.probes > 0);
    assert_eq!((world.core.next(), world.wait(Duration::from_secs(3600))), (None, 0));
    assert!(mirror.frames() > 1);
}

#[test]
fn titles_and_bells_are_told_and_floods_of_them_are_not() {
    let mut world = World::new();
    let mirror = world.viewer(A);
    for n in 0..1000 {
        world.output(&format!("\x1b]2;t{n}\x07\x07"));
        world.wait(ms(1));
    }
    world.wait(ms(100));
    assert_eq!(world.reports.last().unwrap().title, "t999");
    let bells = mirror.got.lock().unwrap().iter().filter(|u| **u == Update::Bell).count();
    assert!((2..=25).contains(&bells) && world.reports.len() <= 25, "{bells} bells, {} reports", world.reports.len());
}

#[test]
fn a_prompt_is_a_paste_and_later_enter() {
    let mut world = World::new();
    world.output("\x1b[?2004h");
    let _mirror = world.viewer(A);
    world.ask(A, Request::Prompt("do\nthis".into()));
    assert_eq!(world.written, ["\x1b[200~do\nthis\x1b[201~"]);
    world.wait(ms(149));
    assert_eq!(world.written.len(), 1);
    world.wait(ms(2));
    assert_eq!(world.written[1..], ["\r"]);
}

#[test]
fn the_end_is_told_after_the_last_output() {
    let mut world = World::new();
    let mirror = world.viewer(A);
    world.ask(A, Request::Credit);
    world.step(Message::Exited(Exit { code: 5, by_signal: false }));
    world.wait(ms(100));
    assert!(world.reports.iter().all(|r| r.exit_code.is_none()), "output may still lie in the kernel");
    world.output("last words");
    let mut effects = Vec::new();
    world.core.drained(world.now, &mut effects);
    world.take(effects);
    world.wait(ms(100));
    assert_eq!(world.reports.last().unwrap().exit_code, Some(5));
    assert_eq!(mirror.text(), "last words");
    world.ask(A, key('x'));
    world.ask(A, Request::Prompt("x".into()));
    world.wait(ms(500));
    assert_eq!(world.written, Vec::<String>::new(), "nobody reads any more");
}

#[test]
fn a_viewer_scrolls_alone_and_comes_back_by_typing() {
    let mut world = World::new();
    for n in 0..20 {
        world.output(&format!("line {n}\r\n"));
    }
    let (back, live) = (world.viewer(A), world.viewer(B));
    for client in [A, B] {
        world.ask(client, Request::Credit);
    }
    world.ask(A, Request::Scroll(-5));
    assert!(back.text().starts_with("line 12") && live.text().starts_with("line 17"), "{}", back.text());
    world.ask(A, Request::Credit);
    world.output("line 20\r\n");
    world.wait(ms(20));
    assert!(back.text().starts_with("line 12"), "it stays where it is while output comes");
    world.ask(A, Request::Credit);
    world.ask(A, key('x'));
    assert!(back.text().starts_with("line 18"), "{}", back.text());
    world.ask(A, Request::Credit);
    world.ask(A, Request::View(ViewAt::Row { epoch: 99, top: 1 << 40 }));
    world.wait(ms(20));
}

#[test]
fn output_that_makes_much_work_is_taken_in_parts() {
    let engine = Engine::new(GridSize::clamped(1000, 500), EngineOptions::default());
    let mut core = Core::new(engine, Duration::from_secs(1));
    let hostile = "\x1b#8\x1b[2J".repeat(100);
    let (mut left, mut parts) = (hostile.as_bytes(), 0);
    while !left.is_empty() {
        let read = core.output(left, Instant::now(), &mut Vec::new());
        assert!(read > 0);
        left = &left[read..];
        parts += 1;
    }
    assert!(parts > 1);
}

#[test]
fn focus_is_told_to_programs_that_ask_and_only_changes_of_it() {
    let mut world = World::new();
    let _mirror = world.viewer(A);
    world.ask(A, Request::Focus(true));
    assert_eq!(world.written, Vec::<String>::new());
    world.output("\x1b[?1004h");
    for on in [false, false, true] {
        world.ask(A, Request::Focus(on));
    }
    assert_eq!(world.written, ["\x1b[O", "\x1b[I"]);
    let _other = world.viewer(B);
    world.ask(B, Request::Focus(true));
    world.ask(A, Request::Focus(false));
    assert_eq!(world.written.len(), 2, "one window has it still");
    world.step(Message::Detach(B));
    assert_eq!(world.written[2..], ["\x1b[O"], "a window that is gone has lost it");
}

#[test]
fn queries_are_answered_without_a_viewer() {
    let mut world = World::new();
    world.output("\x1b[6n");
    assert_eq!(world.written, ["\x1b[1;1R"]);
}
