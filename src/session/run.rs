//! Starts a session: what it is made from, and what it tells its host.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crossbeam_channel::bounded;

use super::again::Again;
use super::core::Core;
use super::counters::Counters;
use super::gate::Gate;
use super::handle::Handle;
use super::link::Link;
use super::message::{Effect, Facts, Message};
use super::program::{Source, Starter, spawn_thread};
use super::shell::Shell;
use crate::base::GridSize;
use crate::engine::{Engine, EngineOptions};
use crate::keeper::{CannotRun, Exit};

/// Messages that wait for a core. A client that sends faster waits, and only it.
pub(super) const INBOX: usize = 1024;
/// How long a program whose terminal is gone may take no notice of that before it is asked to end.
pub const PATIENCE: Duration = Duration::from_secs(2);
/// How long it may take in all before it is killed.
pub const GRACE: Duration = Duration::from_secs(3);

/// What a session is made from.
pub struct Setup {
    /// For the names of its threads.
    pub name: String,
    /// What it stands on; or why that cannot be run, which its screen will say.
    pub source: Result<Source, CannotRun>,
    /// The program is one that was asked for, not the user's shell: while it is in the foreground, it counts as running.
    pub named: bool,
    /// Shown before anything the program writes; may be empty.
    pub greeting: String,
    pub size: GridSize,
    pub engine: EngineOptions,
    /// How long output has to be quiet for the session to count as quiet.
    pub quiet: Duration,
    pub gate: Arc<Gate>,
    pub counters: Arc<Counters>,
    /// Takes the session's reports; must not block.
    pub report: Arc<dyn Fn(Report) + Send + Sync>,
}

impl fmt::Debug for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setup").field("name", &self.name).field("source", &self.source).finish_non_exhaustive()
    }
}

/// What a session tells its host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// What others see of it has changed.
    Facts(Facts),
    /// The program is gone, and so is what it left in the foreground when it was asked to end.
    Reaped,
    /// What it stands on was started again; the process id, if it is a program.
    Relinked(Option<u32>),
    /// The program rang the bell.
    Bell,
    /// The program, or the session itself, wants attention.
    Notify { title: String, body: String },
    /// Its core failed, which is a bug; nothing more will come.
    Failed,
}

/// Starts the program and the threads of a session.
///
/// # Errors
/// The system has no terminal, process, thread or memory left; or the port cannot be used.
pub fn start(setup: Setup) -> io::Result<Handle> {
    let mut core = Core::new(Engine::new(setup.size, setup.engine.clone()), setup.quiet);
    let mut effects = Vec::new();
    let now = Instant::now();
    if !setup.greeting.is_empty() {
        core.say(&setup.greeting, now, &mut effects);
    }
    let (inbox, messages) = bounded(INBOX);
    let (close, closing) = bounded(1);
    let Setup { gate, counters, report, .. } = setup;
    let running = Arc::new(Mutex::default());
    let shown = Arc::clone(&running);
    let mut shell =
        Shell { core, messages, closing, gate, counters, report, again: None, program: None, running: shown };
    match setup.source {
        Ok(source) => {
            shell.core.link = match source {
                Source::Program(_) => Link::None,
                Source::Link(_) => Link::Program,
                Source::Port(_) => Link::Port,
            };
            let (report, brake) = (Arc::clone(&shell.report), shell.gate.brake().join());
            let starter =
                Starter { name: setup.name.clone(), source, named: setup.named, inbox: inbox.clone(), report, brake };
            let program = starter.start(setup.size)?;
            if setup.named {
                // It may be silent, and what is silent is not looked at.
                effects.push(Effect::Probe(Vec::new()));
            }
            shell.take_over(program);
            shell.again = Again::of(starter);
        }
        Err(why) => {
            shell.core.say(&format!("synk: {why}\r\n"), now, &mut effects);
            shell.core.drained(now, &mut effects);
            shell.core.step(Message::Exited(Exit { code: why.code, by_signal: false }), now, &mut effects);
        }
    }
    spawn_thread(&setup.name, "core", move || shell.run(effects))?;
    Ok(Handle { inbox, close, running })
}
