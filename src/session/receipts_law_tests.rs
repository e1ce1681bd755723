//! The law of numbered input: whenever the host ends, and however often its clients connect again, what they typed reaches
//! the program once and in order. A host is killed here between any two things that it does.

use std::collections::VecDeque;
use std::mem::take;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::base::random::{Random, seeds};
use crate::base::{ClientId, GridSize};
use crate::engine::{Engine, EngineOptions};
use crate::keeper::Master;
use crate::keeper::pty::ReadOutcome;
use crate::session::core::Core;
use crate::session::memory::{Memory, Note};
use crate::session::message::{Effect, Message};
use crate::session::writer::{Queue, Writer, queue, tests::terminal};
use crate::session::{Outlet, Request, Update};

/// What one connection was told.
#[derive(Debug, Default)]
struct Told(Mutex<Vec<u64>>);

impl Outlet for Told {
    fn send(&self, update: Update) {
        if let Update::Taken(upto) = update {
            self.0.lock().unwrap().push(upto);
        }
    }
}

/// A connection, with what is on its way to the host.
#[derive(Debug, Default)]
struct Wire {
    id: u64,
    messages: VecDeque<Message>,
    told: Arc<Told>,
}

/// Somebody who types numbered pieces.
#[derive(Debug)]
struct Typist {
    name: char,
    count: u64,
    /// What the host may not have taken.
    kept: VecDeque<(u64, Request)>,
    /// The last connection, and those before it of which something may still arrive.
    wires: Vec<Wire>,
}

impl Typist {
    fn connect(&mut self, id: u64) {
        let mut wire = Wire { id, ..Wire::default() };
        let next = self.kept.front().map_or(self.count + 1, |(sequence, _)| *sequence);
        let hello = Message::Client(ClientId(id), Request::Numbered { client: u128::from(self.name), next });
        wire.messages.extend([Message::Attach(ClientId(id), Arc::clone(&wire.told) as Arc<dyn Outlet>), hello]);
        let again = self.kept.iter().map(|(_, request)| Message::Client(ClientId(id), request.clone()));
        wire.messages.extend(again);
        self.wires.push(wire);
    }

    fn type_something(&mut self, prompts: bool) {
        self.count += 1;
        let name = format!("{}{}", self.name, self.count);
        let request = if prompts { Request::Prompt(format!("<{name}>")) } else { Request::Paste(format!("[{name}]")) };
        self.kept.push_back((self.count, request.clone()));
        let wire = self.wires.last_mut().unwrap();
        wire.messages.push_back(Message::Client(ClientId(wire.id), request));
    }

    fn hear(&mut self) {
        let told = take(&mut *self.wires.last().unwrap().told.0.lock().unwrap());
        told.into_iter().for_each(|upto| self.kept.retain(|(sequence, _)| *sequence > upto));
    }
}

/// A host with its session.
struct Life {
    core: Core,
    queue: Queue,
    /// It does not run: what it would do is done here, piece by piece.
    _writer: Writer,
    memory: Arc<Memory>,
    begun: Instant,
}

impl Life {
    fn on(memory: Memory, near: &Arc<Master>, now: Instant) -> Self {
        let memory = Arc::new(memory);
        let mut core =
            Core::new(Engine::new(GridSize::clamped(20, 4), EngineOptions::default()), Duration::from_secs(1));
        core.recall_input(&memory, now);
        let (queue, writer) = queue(Arc::clone(near), Arc::clone(&memory)).unwrap();
        Self { core, queue, _writer: writer, memory, begun: now }
    }

    /// Does what the core wants done, until it is killed, which may be before anything of it. False if it was.
    fn perform(&mut self, effects: Vec<Effect>, now: Instant, killed: &mut impl FnMut() -> bool) -> bool {
        let mut todo = VecDeque::from(effects);
        while let Some(effect) = todo.pop_front() {
            if killed() {
                return false;
            }
            let mut more = Vec::new();
            match effect {
                Effect::Write(bytes, receipt) => {
                    assert!(self.queue.input(&bytes, Note { receipt, ..Note::default() }));
                }
                Effect::Submit(bytes, part) => {
                    let taken = self.queue.input(&bytes, part.note());
                    if killed() {
                        return false;
                    }
                    self.core.step(Message::Submitted(taken), now, &mut more);
                }
                // What waits in the memory is written without the queue's knowledge.
                Effect::LookWritten => self.core.step(Message::Written(Some(self.begun)), now, &mut more),
                Effect::Send(outlet, update) => outlet.send(update),
                _ => {}
            }
            todo.extend(more);
        }
        true
    }
}

fn hear_program(far: &Master, got: &mut Vec<u8>) {
    let mut bytes = [0; 4096];
    while let ReadOutcome::Bytes(n) = far.read(&mut bytes).unwrap() {
        got.extend_from_slice(&bytes[..n]);
    }
}

/// The numbers of what one of them typed, in the order in which it arrived.
fn arrived(got: &str, name: char, marks: [char; 2]) -> Vec<u64> {
    let pieces = got.split(marks[0]).skip(1).map(|piece| piece.split_once(marks[1]).expect("a whole piece").0);
    pieces.filter_map(|piece| piece.strip_prefix(name)).map(|number| number.parse().unwrap()).collect()
}

fn run(seed: u64, prompts: bool) -> (u32, u64) {
    let mut random = Random::new(seed);
    let (near, far) = terminal();
    let near = Arc::new(near);
    let (mut now, mut got, mut kills, mut ids) = (Instant::now(), Vec::new(), 0, 0);
    let mut life = Life::on(Memory::new().unwrap(), &near, now);
    let mut typists = ['a', 'b'].map(|name| Typist { name, count: 0, kept: VecDeque::new(), wires: Vec::new() });
    let mut id = || {
        ids += 1;
        ids
    };
    typists.iter_mut().for_each(|typist| typist.connect(id()));
    let mut turn = 0;
    let is_done = |typists: &[Typist]| typists.iter().all(|t| t.kept.is_empty() && t.wires[0].messages.is_empty());
    while turn < 600 || !is_done(&typists) || life.core.submit.due_at().is_some() {
        turn += 1;
        assert!(turn < 5000, "seed {seed}: it comes to no end: {typists:?}");
        let ends = turn >= 600;
        let mut alive = true;
        let at = random.below(typists.len());
        let mut dies = random.clone();
        let mut killed = || !ends && dies.below(25) == 0;
        let typist = &mut typists[at];
        match random.below(8) {
            // Of more prompts than can wait the last are refused, which is no loss to be looked for here.
            0 | 1 if !ends && typist.kept.len() < 60 => typist.type_something(prompts && random.below(3) == 0),
            2 if !ends && random.below(8) == 0 => typist.connect(id()),
            3 => typist.hear(),
            4 => {
                life.memory.hand_over(&near, random.below(50) as u64).unwrap();
                hear_program(&far, &mut got);
            }
            5 => {
                now += Duration::from_millis(random.below(400) as u64);
                let mut effects = Vec::new();
                life.core.tick(now, &mut effects);
                alive = life.perform(effects, now, &mut killed);
            }
            _ => {
                // Of an old connection something may come after the first words of the next one.
                let wire = random.below(typist.wires.len());
                if let Some(message) = typist.wires[wire].messages.pop_front() {
                    let mut effects = Vec::new();
                    life.core.step(message, now, &mut effects);
                    alive = life.perform(effects, now, &mut killed);
                } else if wire + 1 < typist.wires.len() {
                    typist.wires.remove(wire);
                }
            }
        }
        if !alive || killed() && random.below(3) == 0 {
            kills += 1;
            let memory = Memory::open(life.memory.fd().try_clone_to_owned().unwrap()).unwrap();
            life = Life::on(memory, &near, now);
            for typist in &mut typists {
                typist.wires.clear();
                typist.connect(id());
            }
        }
    }
    while life.memory.waiting().unwrap() > 0 {
        life.memory.hand_over(&near, 1 << 20).unwrap();
        hear_program(&far, &mut got);
    }
    hear_program(&far, &mut got);
    let got = String::from_utf8(got).unwrap();
    let mut entered = 0;
    for typist in &typists {
        let (keys, asked) = (arrived(&got, typist.name, ['[', ']']), arrived(&got, typist.name, ['<', '>']));
        for (what, numbers) in [("keys", &keys), ("prompts", &asked)] {
            assert!(numbers.is_sorted(), "seed {seed}: the {what} of {}: {numbers:?}", typist.name);
        }
        entered += asked.len();
        let mut all = [keys, asked].concat();
        all.sort_unstable();
        assert_eq!(all, (1..=typist.count).collect::<Vec<_>>(), "seed {seed}: {}", typist.name);
    }
    assert_eq!(got.matches('\r').count(), entered, "seed {seed}: each prompt has its Enter");
    (kills, typists.iter().map(|typist| typist.count).sum())
}

#[test]
fn what_is_typed_arrives_once_and_in_order_however_often_the_host_is_killed() {
    let (mut kills, mut pieces) = (0, 0);
    for seed in seeds(100) {
        let (killed, typed) = run(seed, false);
        (kills, pieces) = (kills + killed, pieces + typed);
    }
    assert!(kills > 1000 && pieces > 10_000, "{kills} kills, {pieces} pieces");
}

#[test]
fn prompts_arrive_once_each_with_its_enter() {
    let kills: u32 = seeds(100).map(|seed| run(seed, true).0).sum();
    assert!(kills > 1000, "{kills} kills");
}
