//! The law of a session's memory: whenever the host ends, another one goes on with the state that an uninterrupted one
//! would have, and no byte of output is missing.

use std::sync::Arc;

use super::*;
use crate::base::random::{Random, seeds};
use crate::keeper::probe::Probed;
use crate::session::ask::{Answer, Ask};
use crate::session::ask::{Asker, Refusal, Reply};
use crate::session::keep::Keeping;
use crate::session::memory::{Chunk, Image, Inlet, Memory, Outlet, ends};
use crate::session::message::{Effect, Message};

const PIECES: &[&str] = &[
    "ordinary text, ",
    "a line\r\n",
    "\x1b[1;31mred\x1b[m ",
    "\x1b[5;9H",
    "\x1b[2J",
    "\x1b[?1049h",
    "\x1b[?1049l",
    "\x1b]0;a title\x07",
    "\x1b]7;file:///tmp\x07",
    "\x1b]133;A\x07$ \x1b]133;B\x07",
    "\x1b]133;C\x07",
    "\x1b[?2026h",
    "\x1b[?2026l",
    "\x1b[?1000h",
    "\x1b[>1u",
    "\x1b[c",
    "\x07",
    "\x1b]52;c;aGk=\x07",
    "\u{4e2d}\u{6587} e\u{301} ",
    "a long line that wraps at any width there is here, and goes on for a while after it has done so\r\n",
    "\x1b[2;5r\x1b[5;1H\n\n\x1b[r",
];

/// A host with its session, on a memory that outlives it.
struct Life {
    memory: Arc<Memory>,
    inlet: Inlet,
    outlet: Outlet,
    chunks: Vec<Chunk>,
    keeping: Keeping,
    core: Core,
    now: Instant,
}

#[derive(Debug)]
struct Ignored;

impl Asker for Ignored {
    fn answer(self: Box<Self>, _: Result<Answer, Refusal>) {}

    fn is_there(&self) -> bool {
        true
    }
}

const QUIET: Duration = Duration::from_secs(1);

fn options() -> EngineOptions {
    EngineOptions { history_lines: 300, history_bytes: 20_000, ..EngineOptions::default() }
}

fn blank() -> Core {
    Core::new(Engine::new(GridSize::clamped(30, 6), options()), QUIET)
}

impl Life {
    fn begin(now: Instant) -> Self {
        let memory = Arc::new(Memory::new().unwrap());
        Self::on(memory, blank(), now)
    }

    fn on(memory: Arc<Memory>, mut core: Core, now: Instant) -> Self {
        let (inlet, outlet) = ends(Arc::clone(&memory));
        let keeping = Keeping::begin(Arc::clone(&memory), None, &mut core);
        Self { memory, inlet, outlet, chunks: Vec::new(), keeping, core, now }
    }

    /// The host is killed, and another one takes over. Returns the bytes that were found and not parsed before.
    fn killed(self) -> (Self, Vec<u8>) {
        let Self { memory, now, .. } = self;
        let memory = Arc::new(Memory::open(memory.fd().try_clone_to_owned().unwrap()).unwrap());
        let mut saved = memory.saved();
        let mut core = Core::restore(&mut saved, GridSize::clamped(30, 6), options(), QUIET, now).unwrap();
        let mut rest = Vec::new();
        saved.rest(|bytes| {
            let taken = core.output(bytes, now, &mut Vec::new());
            rest.extend_from_slice(&bytes[..taken]);
            taken
        });
        (Self::on(memory, core, now), rest)
    }

    /// The program writes; part of it may be read only by the next host.
    fn read(&mut self, bytes: &[u8]) {
        let mut bytes = bytes;
        while !bytes.is_empty() {
            let space = self.inlet.space();
            let n = space.len().min(bytes.len());
            space[..n].copy_from_slice(&bytes[..n]);
            self.inlet.publish(n);
            bytes = &bytes[n..];
            if self.inlet.at_end() {
                self.chunks.extend(self.inlet.take_chunk());
            }
        }
    }

    /// Parses what was read, and gives the same to a core that lives on.
    fn parse(&mut self, reference: &mut Core) {
        self.chunks.extend(self.inlet.take_chunk());
        for chunk in std::mem::take(&mut self.chunks) {
            self.parse_chunk(chunk, reference);
        }
    }

    fn parse_chunk(&mut self, mut chunk: Chunk, reference: &mut Core) {
        loop {
            let bytes = self.outlet.bytes(chunk).to_vec();
            let mut effects = Vec::new();
            let read = self.core.output(&bytes, self.now, &mut effects);
            reference.output(&bytes[..read], self.now, &mut Vec::new());
            let (done, rest) = chunk.split(read);
            self.outlet.release(done);
            self.keep(effects);
            self.keeping.parsed(&mut self.core, self.now);
            match rest {
                Some(rest) => chunk = rest,
                None => return,
            }
        }
    }

    fn keep(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            if let Effect::Keep(event) = effect {
                self.keeping.note(&event, &mut self.core);
            }
        }
    }

    fn step(&mut self, reference: &mut Core, mut message: impl FnMut() -> Message) {
        let mut effects = Vec::new();
        self.core.step(message(), self.now, &mut effects);
        reference.step(message(), self.now, &mut Vec::new());
        self.keep(effects);
    }
}

/// Something happens that is no output.
fn happen(life: &mut Life, reference: &mut Core, random: &mut Random) {
    match random.below(5) {
        0 => {
            let (cols, lines) = (2 + random.below(60) as u16, 1 + random.below(20) as u16);
            let size = Some(GridSize::clamped(cols, lines));
            life.step(reference, || Message::Ask(Ask::Resize(size), Reply::new(Box::new(Ignored))));
            // The size is the program's at once.
            life.now += Duration::from_secs(1);
            let mut effects = Vec::new();
            life.core.tick(life.now, &mut effects);
            reference.tick(life.now, &mut Vec::new());
            life.keep(effects);
        }
        1 => {
            let (group, gone) = (random.below(5) as u32, vec![random.below(5) as u32]);
            life.step(reference, || Message::Probed(Probed { group, gone: gone.clone(), ..Probed::default() }));
        }
        2 => {
            let mut effects = Vec::new();
            life.core.say("synk: something\r\n", life.now, &mut effects);
            reference.say("synk: something\r\n", life.now, &mut Vec::new());
            life.keep(effects);
        }
        3 => {
            // It hibernates.
            life.keeping.save(&mut life.core);
            life.core.engine.shed();
            life.keeping.recall(&mut life.core);
            assert_same(life, reference, "after it hibernated");
        }
        _ => drop(life.keeping.save(&mut life.core)),
    }
}

fn assert_same(life: &Life, reference: &Core, what: &str) {
    assert!(life.core.engine.snapshot() == reference.engine.snapshot(), "{what}: the terminal");
    let beside = |core: &Core| (core.facts.title.clone(), core.facts.cwd.clone(), core.says_cwd, core.facts.size);
    assert_eq!(beside(&life.core), beside(reference), "{what}");
    assert_eq!(life.core.prompt.to_bytes()[0], reference.prompt.to_bytes()[0], "{what}: the last mark");
}

#[test]
fn another_host_goes_on_where_one_was_killed() {
    let (mut kills, mut unparsed) = (0, 0);
    for seed in seeds(60) {
        let mut random = Random::new(seed);
        let (mut life, mut reference) = (Life::begin(Instant::now()), blank());
        for turn in 0..250 {
            let what = format!("seed {seed}, turn {turn}");
            let mut bytes = Vec::new();
            for _ in 0..random.below(30) {
                bytes.extend(PIECES[random.below(PIECES.len())].as_bytes());
            }
            // Cut anywhere, also within a sequence or a character.
            bytes.truncate(bytes.len() - random.below(4).min(bytes.len()));
            life.read(&bytes);
            if random.below(3) > 0 {
                life.parse(&mut reference);
                assert_same(&life, &reference, &what);
            }
            if random.below(4) == 0 && life.memory.head() == life.memory.tail() {
                happen(&mut life, &mut reference, &mut random);
            }
            if random.below(8) == 0 {
                let (next, found) = life.killed();
                life = next;
                unparsed += found.len();
                let mut found = &found[..];
                while !found.is_empty() {
                    let read = reference.output(found, life.now, &mut Vec::new());
                    found = &found[read..];
                }
                assert_eq!(life.memory.head(), life.memory.tail());
                assert_same(&life, &reference, &format!("{what}, taken over"));
                kills += 1;
            }
        }
    }
    assert!(kills > 1000 && unparsed > 50_000, "{kills} kills, {unparsed} bytes");
}

#[test]
fn what_was_parsed_before_raises_nothing() {
    let mut life = Life::begin(Instant::now());
    life.read(b"\x1b[c\x07\x1b]52;c;aGk=\x07\x1b]9;hello\x07");
    life.parse(&mut blank());
    life.read(b"\x1b[6n");
    let memory = life.memory;
    let mut saved = memory.saved();
    let mut core = Core::restore(&mut saved, GridSize::clamped(30, 6), options(), QUIET, life.now).unwrap();
    let mut effects = Vec::new();
    core.tick(life.now, &mut effects);
    assert!(!effects.iter().any(|e| matches!(e, Effect::Reply(_) | Effect::News(_))), "{effects:?}");
    saved.rest(|bytes| core.output(bytes, life.now, &mut effects));
    let replies = effects.iter().filter(|e| matches!(e, Effect::Reply(reply) if reply.ends_with(b"R"))).count();
    assert_eq!(replies, 1, "what nobody has answered is answered");
}

#[test]
fn what_is_kept_stays_small_whatever_is_written() {
    let mut life = Life::begin(Instant::now());
    let mut reference = blank();
    let line = "some text that fills a line of history\r\n".repeat(1000);
    for _ in 0..1000 {
        life.read(line.as_bytes());
        life.parse(&mut reference);
        assert!(life.memory.uncovered() < 9 << 20);
    }
    let used = rustix::fs::fstat(life.memory.fd()).unwrap().st_blocks * 512;
    assert!(used < 12 << 20, "{used} bytes are used");
    assert_same(&life.killed().0, &reference, "after 40 MB");
}

/// What lies in files: an image, and the pages of all images so far.
#[derive(Default)]
struct Files {
    first: u64,
    pages: Vec<u8>,
}

impl Files {
    /// The session that another system would make of what the files hold after this moment.
    fn save(&mut self, memory: &Memory) -> Core {
        let (image, new) = memory.image(self.first + self.pages.len() as u64).unwrap().expect("a memory that rests");
        self.pages.extend(new);
        let image = Image::from_bytes(&image.to_bytes()).unwrap();
        let gone = (image.pages().start.saturating_sub(self.first) as usize).min(self.pages.len());
        self.pages.drain(..gone);
        self.first = image.pages().start;
        revived(&image, &self.pages)
    }
}

fn revived(image: &Image, pages: &[u8]) -> Core {
    let memory = Memory::of_image(image, pages).unwrap();
    let again = Memory::open(memory.fd().try_clone_to_owned().unwrap()).unwrap();
    Core::restore(&mut again.saved(), GridSize::clamped(30, 6), options(), QUIET, Instant::now()).unwrap()
}

#[test]
fn files_hold_the_state_up_to_what_was_parsed() {
    let mut dropped = 0;
    for seed in seeds(30) {
        let mut random = Random::new(seed);
        let (mut life, mut reference) = (Life::begin(Instant::now()), blank());
        let mut files = Files::default();
        for turn in 0..100 {
            let pieces = random.below(60);
            let bytes: String = (0..pieces).map(|_| PIECES[random.below(PIECES.len())]).collect();
            life.read(bytes.as_bytes());
            if random.below(3) > 0 {
                life.parse(&mut reference);
            }
            if random.below(4) == 0 && life.memory.head() == life.memory.tail() {
                happen(&mut life, &mut reference, &mut random);
            }
            if random.below(5) == 0 {
                let core = files.save(&life.memory);
                let what = format!("seed {seed}, turn {turn}");
                assert!(core.engine.snapshot() == reference.engine.snapshot(), "{what}: the terminal");
                assert_eq!(
                    (&core.facts.title, core.facts.size),
                    (&reference.facts.title, reference.facts.size),
                    "{what}"
                );
                dropped += usize::from(files.first > 0);
            }
        }
    }
    assert!(dropped > 20, "pages were dropped before {dropped} images");
}

#[test]
fn files_of_a_session_that_floods_hold_a_state_that_it_had() {
    let mut life = Life::begin(Instant::now());
    let memory = Arc::clone(&life.memory);
    let flood = std::thread::spawn(move || {
        let mut line = 0;
        while line < 400_000 {
            let lines: String =
                (line..line + 100).map(|n| format!("line {n} of a flood, as long as lines are\r\n")).collect();
            line += 100;
            life.read(lines.as_bytes());
            life.parse(&mut blank());
        }
    });
    let (mut images, mut last) = (0, 0);
    while !flood.is_finished() {
        let Some((image, pages)) = memory.image(0).unwrap() else { continue };
        let mut core = revived(&image, &pages);
        let text = core.engine.view(crate::model::ViewAt::Live).text();
        let shown: Vec<u32> =
            text.lines().filter_map(|l| l.strip_prefix("line ")?.split(' ').next()?.parse().ok()).collect();
        assert!(shown.windows(2).all(|pair| pair[0] + 1 == pair[1]), "{text}");
        let newest = shown.last().copied().unwrap_or_default();
        assert!(newest >= last, "{newest} after {last}");
        (images, last) = (images + 1, newest);
    }
    flood.join().unwrap();
    assert!(images > 10, "{images} images");
}

#[test]
fn a_damaged_file_is_refused_or_restored_and_never_fatal() {
    let mut life = Life::begin(Instant::now());
    for n in 0..2000 {
        life.read(PIECES[n % PIECES.len()].as_bytes());
        life.parse(&mut blank());
    }
    let (image, pages) = life.memory.image(0).unwrap().unwrap();
    let whole = image.to_bytes();
    let (mut refused, mut restored) = (0, 0);
    for seed in seeds(3000) {
        let mut random = Random::new(seed);
        let (mut bytes, mut pages) = (whole.clone(), pages.clone());
        for _ in 0..1 + random.below(4) {
            let target = if random.below(4) == 0 { &mut pages } else { &mut bytes };
            if target.is_empty() {
                continue;
            }
            let at = random.below(target.len());
            match random.below(4) {
                0 => target[at] ^= 1 << random.below(8),
                1 => target[at] = random.word() as u8,
                2 => target.truncate(at),
                _ => target.insert(at, random.word() as u8),
            }
        }
        let made = Image::from_bytes(&bytes).ok().and_then(|image| Memory::of_image(&image, &pages).ok());
        let core = made.map(|memory| {
            Core::restore(&mut memory.saved(), GridSize::clamped(30, 6), options(), QUIET, Instant::now())
        });
        match core {
            Some(Ok(_)) => restored += 1,
            _ => refused += 1,
        }
    }
    assert!(refused > 300 && restored > 300, "{refused} refused, {restored} restored");
}
