//! The shell around a session's core: channels in, effects out, time read once per turn.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use crossbeam_channel::{Receiver, Select, TryRecvError};

use super::again::Again;
use super::ask::{Answer, Refusal};
use super::core::Core;
use super::counters::Counters;
use super::gate::Gate;
use super::handle::Running;
use super::hibernate::Hibernation;
use super::keep::Keeping;
use super::memory::{Memory, Note};
use super::message::{Effect, Message, Output, Update};
use super::program::Program;
use super::run::Report;
use super::submit::NOT_READING;
use super::unsaved::Unsaved;
use crate::keeper::{self, WindowSize};

/// Most messages taken before output and an order to close have their turn.
const MESSAGES: usize = 64;

/// Most bytes that are typed ahead of a program that is being started.
const EARLY: usize = 64 << 10;

/// The thread around a core.
pub(super) struct Shell {
    pub(super) core: Core,
    pub(super) messages: Receiver<Box<Message>>,
    pub(super) closing: Receiver<()>,
    pub(super) gate: Arc<Gate>,
    pub(super) counters: Arc<Counters>,
    pub(super) report: Arc<dyn Fn(Report) + Send + Sync>,
    /// Brings the program back, for a session that can be connected again.
    pub(super) again: Option<Again>,
    /// None while it is lost and asked for again; what is written then goes nowhere.
    pub(super) program: Option<Program>,
    /// What was typed while its program was being started.
    pub(super) early: Vec<u8>,
    /// Writes the state to where it outlives the host; none where nothing was ever started.
    pub(super) keeping: Option<Keeping>,
    pub(super) hibernation: Hibernation,
    /// Hears of what changes, where the session is saved to a disk.
    pub(super) unsaved: Option<Arc<Unsaved>>,
    /// For the session's handles.
    pub(super) running: Arc<Mutex<Running>>,
}

impl Shell {
    pub(super) fn take_over(&mut self, program: Program, effects: &mut Vec<Effect>) {
        self.keep(&program.memory, effects);
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = Running::of(&program);
        let early = std::mem::take(&mut self.early);
        if !early.is_empty() && !program.queue.input(&early, Note::default()) {
            log::warn!("what was typed before a program was there is lost");
        }
        self.program = Some(program);
    }

    /// The state is kept in this memory from here on, with what `effects` has yet to write down.
    pub(super) fn keep(&mut self, memory: &Arc<Memory>, effects: &mut Vec<Effect>) {
        effects.retain(|effect| !matches!(effect, Effect::Keep(_)));
        if let Some(before) = &self.keeping {
            before.hand_over(memory);
            // What was kept before lies in the other memory.
            self.core.engine.forget_kept_pages();
        }
        self.running.lock().unwrap_or_else(PoisonError::into_inner).keep(memory);
        self.keeping = Some(Keeping::begin(Arc::clone(memory), self.unsaved.clone(), &mut self.core));
    }

    pub(super) fn run(mut self, first: Vec<Effect>) {
        let report = Arc::clone(&self.report);
        // A fault in one session's core ends that session and no other. Nothing of the core is used afterwards.
        if catch_unwind(AssertUnwindSafe(move || self.turns(first))).is_err() {
            log::error!("the core of a session failed");
            report(Report::Failed);
        }
    }

    fn turns(&mut self, mut effects: Vec<Effect>) {
        let mut going = self.perform(&mut effects);
        while going {
            self.wait();
            self.hibernation.end(&mut self.core, self.keeping.as_ref());
            let now = Instant::now();
            // What people type goes before what programs write, but not for ever: clients that never stop asking hold
            // up neither output nor the end.
            for _ in 0..MESSAGES {
                match self.messages.try_recv() {
                    // Of a session that is being ended nobody asks any more how its program went.
                    Ok(message) if matches!(*message, Message::Exited(_)) && !self.closing.is_empty() => {}
                    Ok(message) => self.core.step(*message, now, &mut effects),
                    // That nobody can send any more is seen below.
                    Err(TryRecvError::Empty | TryRecvError::Disconnected) => break,
                }
                going &= self.perform(&mut effects);
            }
            match self.closing.try_recv() {
                Ok(()) => self.core.step(Message::Close, now, &mut effects),
                // Nobody can ever speak to this session again: what may bring its link back holds a sender of messages.
                Err(TryRecvError::Disconnected) => return,
                Err(TryRecvError::Empty) => {
                    self.take_back(now, &mut effects);
                    // What changes the state is written down before there is more output.
                    going &= self.perform(&mut effects);
                    self.take_output(now, &mut effects);
                    self.core.tick(now, &mut effects);
                }
            }
            going &= self.perform(&mut effects);
            if let Some(keeping) = &mut self.keeping {
                keeping.tick(&mut self.core, now);
            }
            self.hibernation.turned(&mut self.core, self.keeping.as_mut(), now);
        }
    }

    /// Waits until there is something to do.
    fn wait(&self) {
        if self.program.as_ref().is_some_and(|p| p.rest.is_some()) {
            return;
        }
        let mut select = Select::new();
        select.recv(&self.messages);
        select.recv(&self.closing);
        if let Some(program) = self.program.as_ref().filter(|p| p.reading) {
            select.recv(&program.slices);
        }
        if let Some(back) = self.again.as_ref().and_then(Again::back) {
            select.recv(back);
        }
        let due = self.keeping.as_ref().and_then(Keeping::next);
        match [self.core.next(), due, self.hibernation.next()].into_iter().flatten().min() {
            // Too late is as good as due.
            Some(at) => drop(select.ready_deadline(at)),
            None => drop(select.ready()),
        }
    }

    /// Takes over what was brought back, if it is there.
    fn take_back(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        match self.again.as_mut().and_then(Again::take) {
            Some(Ok(program)) => {
                let running = Running::of(&program);
                if program.named {
                    effects.push(Effect::Probe(Vec::new()));
                }
                (self.report)(Report::Relinked(running.pid()));
                self.core.step(Message::Relinked, now, effects);
                self.take_over(program, effects);
            }
            Some(Err(why)) => {
                self.early.clear();
                self.core.step(Message::NotRelinked(why), now, effects);
            }
            None => {}
        }
    }

    /// Parses one slice of output, if one is there.
    fn take_output(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        let Some(program) = &mut self.program else { return };
        let next = program.rest.take().map_or_else(|| program.slices.try_recv(), |rest| Ok(Output::Chunk(rest)));
        match next {
            Ok(Output::Chunk(chunk)) => {
                let permit = self.gate.pass(self.core.is_urgent(now));
                let read = self.core.output(program.outlet.bytes(chunk), now, effects);
                drop(permit);
                self.counters.output.add(read);
                let (done, rest) = chunk.split(read);
                program.rest = rest;
                program.outlet.release(done);
                if let Some(keeping) = &mut self.keeping {
                    keeping.parsed(&mut self.core, now);
                }
                program.signals.released();
            }
            Ok(Output::Drained) => self.core.drained(now, effects),
            Err(TryRecvError::Empty) => {}
            Err(TryRecvError::Disconnected) => program.reading = false,
        }
    }

    /// Does what the core wants done. False when it is over.
    fn perform(&mut self, effects: &mut Vec<Effect>) -> bool {
        let mut going = true;
        let mut todo: VecDeque<Effect> = effects.drain(..).collect();
        while let Some(effect) = todo.pop_front() {
            match effect {
                Effect::Write(bytes, receipt) => {
                    self.write(&bytes, Note { receipt, ..Note::default() }, effects);
                }
                Effect::WriteAsked(bytes, reply) => {
                    let taken = self.put(&bytes, Note::default());
                    reply.answer(if taken { Ok(Answer::Done) } else { Err(Refusal::Busy(NOT_READING)) });
                }
                Effect::Submit(bytes, part) => {
                    let taken = self.write(&bytes, part.note(), effects);
                    self.core.step(Message::Submitted(taken), Instant::now(), effects);
                }
                Effect::LookWritten => {
                    let now = Instant::now();
                    let at = self.program.as_ref().map_or(Some(now), |p| p.queue.written_at());
                    self.core.step(Message::Written(at), now, effects);
                }
                Effect::Answer(reply, answer) => reply.answer(answer),
                Effect::Reply(bytes) => {
                    if self.program.as_ref().is_some_and(|p| !p.queue.reply(bytes)) {
                        log::debug!("a program asks the terminal without reading the answers");
                    }
                }
                Effect::Resize { size, cell_w, cell_h } => {
                    let window = WindowSize { cols: size.cols(), lines: size.lines(), cell_w, cell_h };
                    // A serial line has no size.
                    let program = self.program.as_ref().filter(|p| p.child.is_some());
                    if let Some(Err(e)) = program.map(|p| p.master.resize(window)) {
                        log::warn!("a terminal could not be resized: {e}");
                    }
                }
                Effect::Send(outlet, update) => {
                    self.counters.frames.add(usize::from(matches!(update, Update::Frame(_))));
                    outlet.send(update);
                }
                Effect::Report(facts) => (self.report)(Report::Facts(facts)),
                Effect::News(Update::Bell) => (self.report)(Report::Bell),
                Effect::News(Update::Notify { title, body }) => (self.report)(Report::Notify { title, body }),
                Effect::News(_) => {}
                Effect::Probe(groups) => {
                    if let Some((program, child)) = self.program.as_ref().and_then(|p| Some((p, p.child.as_ref()?))) {
                        let (foreground, named) = (program.master.foreground(), program.named);
                        let probed = keeper::probe::probe(child.pid(), foreground, named, &groups);
                        self.core.step(Message::Probed(probed), Instant::now(), effects);
                    }
                }
                Effect::Keep(event) => {
                    let noted = self.keeping.as_mut().is_none_or(|keeping| keeping.note(&event, &mut self.core));
                    if !noted {
                        // The snapshot that was made in its place has the next ones too.
                        todo.retain(|effect| !matches!(effect, Effect::Keep(_)));
                    }
                }
                Effect::Relink => self.relink(),
                Effect::End => going = false,
            }
            todo.extend(effects.drain(..));
        }
        going
    }

    fn relink(&mut self) {
        let Some(again) = &mut self.again else { return };
        if let Some(program) = &self.program {
            again.let_go(&program.memory);
        }
        // What is lost is let go at once: while a port that was unplugged is open, the kernel gives its name to no other.
        let before = self.program.take().and_then(|mut program| program.waiter.take());
        if let Err(e) = again.ask(before, self.core.size()) {
            log::warn!("no thread is left to connect a session again: {e}");
        }
    }

    /// Writes what a viewer typed; if it is not taken, viewers are told once.
    fn write(&mut self, bytes: &[u8], note: Note, effects: &mut Vec<Effect>) -> bool {
        if bytes.is_empty() {
            // That a receipt has room says nothing about what is read.
            return self.put(bytes, note);
        }
        if let (Some(program), Some(at)) = (&mut self.program, self.core.typed_at) {
            program.brake.typed(at);
        }
        let taken = self.put(bytes, note);
        let Some(program) = &mut self.program else { return taken };
        if !taken && !program.full {
            let body = "the program does not read its input; what was sent to it last was dropped".to_owned();
            let now = Instant::now();
            self.core.tell_soon(Update::Notify { title: "synk".into(), body }, now);
            self.core.tick(now, effects);
        }
        program.full = !taken;
        taken
    }

    /// Queues input for the program. False if there is no room for all of it: then nothing is queued.
    fn put(&mut self, bytes: &[u8], note: Note) -> bool {
        let Some(program) = &self.program else {
            self.keeping.iter().for_each(|keeping| keeping.taken(note));
            if self.core.wakes && self.early.len() + bytes.len() <= EARLY {
                self.early.extend(bytes);
            }
            return true;
        };
        let taken = program.queue.input(bytes, note);
        self.counters.input.add(if taken { bytes.len() } else { 0 });
        taken
    }
}

#[cfg(test)]
#[path = "shell_tests.rs"]
mod tests;
