//! Starts a session: what it is made from, and what it tells its host.

use std::fmt;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::again::Again;
use super::core::Core;
use super::counters::Counters;
use super::gate::Gate;
use super::handle::Handle;
use super::hibernate::Hibernation;
use super::link::Link;
use super::memory::Memory;
use super::message::{Effect, Facts, Message};
use super::program::{Source, Starter, spawn_thread};
use super::shell::Shell;
use super::unsaved::Unsaved;
use super::ways::Ways;
use crate::base::{GridSize, point};
use crate::engine::{Engine, EngineOptions};
use crate::keeper::{CannotRun, Child, Exit, Keeper, Master};

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
    /// Starts its program and holds it.
    pub keeper: Keeper,
    /// What the keeper knows it by, until it is forgotten: [`Handle::forget`].
    pub key: u128,
    /// What a later host has to know to go on with it.
    pub label: Vec<u8>,
    /// The program is one that was asked for, not the user's shell: while it is in the foreground, it counts as running.
    pub named: bool,
    /// Shown before anything the program writes; may be empty.
    pub greeting: String,
    pub size: GridSize,
    pub engine: EngineOptions,
    /// How long output has to be quiet for the session to count as quiet.
    pub quiet: Duration,
    /// How long it has to rest, watched by nobody, until it hibernates; it never does without.
    pub hibernate: Option<Duration>,
    pub gate: Arc<Gate>,
    pub counters: Arc<Counters>,
    /// Hears of what changes, where the session is saved to a disk.
    pub unsaved: Option<Arc<Unsaved>>,
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

/// What an earlier host left of a session, or what was saved of it.
#[derive(Debug)]
pub struct Found {
    /// In which words it comes back from a disk: its program is gone.
    pub revived: Option<String>,
    /// None where it stood on nothing any more.
    pub master: Option<Arc<Master>>,
    /// None for a port.
    pub child: Option<Arc<Child>>,
    pub memory: Arc<Memory>,
}

/// Starts the program and the threads of a session.
///
/// # Errors
/// The system has no terminal, process, thread or memory left; or the port cannot be used.
pub fn start(setup: Setup) -> io::Result<Handle> {
    let core = Core::new(Engine::new(setup.size, setup.engine.clone()), setup.quiet);
    let mut effects = Vec::new();
    let now = Instant::now();
    let (mut shell, ends, starter) = prepare(setup, core, Ways::new());
    if !ends.greeting.is_empty() {
        shell.core.say(&ends.greeting, now, &mut effects);
    }
    match starter {
        Ok(starter) => {
            if let Source::Elsewhere(words) = &starter.source {
                let memory = starter.memory()?;
                starter.keeper.deposit(starter.key, None, Some(memory.fd()))?;
                shell.core.elsewhere(words, now, &mut effects);
                shell.keep(&memory, &mut effects);
                return ends.run(shell, effects);
            }
            let program = starter.start(shell.core.size())?;
            if starter.named {
                // It may be silent, and what is silent is not looked at.
                effects.push(Effect::Probe(Vec::new()));
            }
            shell.take_over(program, &mut effects);
            shell.again = Again::of(starter, false);
        }
        Err(why) => {
            shell.core.say(&format!("synk: {why}\r\n"), now, &mut effects);
            shell.core.drained(now, &mut effects);
            shell.core.step(Message::Exited(Exit { code: why.code, by_signal: false }), now, &mut effects);
        }
    }
    ends.run(shell, effects)
}

/// Goes on with a session of an earlier host, with its program and its state, and with what came on the way to it.
///
/// # Errors
/// The system has no thread or memory left. A state that cannot be read is no error: the screen says so.
pub fn resume(setup: Setup, found: Found, ways: Ways) -> io::Result<Handle> {
    let now = Instant::now();
    let memory = found.memory;
    let (core, mut effects) = restored(&memory, &setup, now);
    let (mut shell, ends, starter) = prepare(setup, core, ways);
    let starter = starter.map_err(|why| io::Error::other(why.to_string()))?;
    match found.master {
        Some(master) => {
            let program = starter.go_on(master, found.child, Arc::clone(&memory))?;
            shell.take_over(program, &mut effects);
        }
        None => {
            if let Some(words) = found.revived.as_ref().filter(|_| shell.core.link != Link::Elsewhere) {
                shell.core.revived(words, now, &mut effects);
            }
            shell.core.sleeps = shell.core.facts.disconnected && shell.core.link == Link::None && !starter.named;
            shell.keep(&memory, &mut effects);
            starter.keeper.deposit(starter.key, None, Some(memory.fd()))?;
        }
    }
    // A host that ends before this has not come through.
    memory.finish_restore();
    if shell.core.facts.disconnected && shell.core.link == Link::Port {
        effects.push(Effect::Relink);
    }
    let rests = shell.program.is_none();
    shell.again = Again::of(starter, rests);
    ends.run(shell, effects)
}

/// How many hosts in a row may end at the same place of one session's state before it is restored apart from the others: a
/// restore has a place or two at which it is longest, so that hosts which are killed again and again may come to this.
const HURRIED: u64 = 10;
/// And how many before it is left alone: the last of them had stood, and did nothing else of this kind.
const TRIES: u64 = HURRIED + 5;

impl Found {
    /// The same once more, for when a host fails over it.
    ///
    /// # Errors
    /// There is no descriptor or no memory left.
    pub fn again(&self) -> io::Result<Self> {
        let fd = |fd: BorrowedFd| fd.try_clone_to_owned();
        let master = self.master.as_ref().map(|master| fd(master.as_fd()).and_then(Master::new).map(Arc::new));
        let memory = Arc::new(Memory::open(fd(self.memory.fd())?)?);
        let revived = self.revived.clone();
        Ok(Self { revived, master: master.transpose()?, child: self.child.clone(), memory })
    }

    /// Whether hosts may have ended over it.
    pub fn is_suspect(&self) -> bool {
        self.memory.ends() >= HURRIED
    }

    /// Its screen is not to be restored: a host has failed over it.
    pub fn give_up_screen(&self) {
        while self.memory.begin_restore() < TRIES {}
    }
}

/// The core that the memory holds, after all output was parsed that there is; what that asks for is asked for now.
fn restored(memory: &Memory, setup: &Setup, now: Instant) -> (Core, Vec<Effect>) {
    let mut effects = vec![Effect::Probe(Vec::new())];
    let mut saved = memory.saved();
    let ends = memory.begin_restore();
    point("restore");
    let restored = if ends >= TRIES {
        Err(format!("{TRIES} hosts ended over it"))
    } else {
        Core::restore(&mut saved, setup.size, setup.engine.clone(), setup.quiet, now)
    };
    let mut core = match restored {
        Ok(mut core) => {
            saved.rest(|bytes| core.output(bytes, now, &mut effects));
            core
        }
        Err(why) => {
            log::error!("the screen of session {} is lost: {why}", setup.name);
            let mut core = Core::new(Engine::new(setup.size, setup.engine.clone()), setup.quiet);
            saved.rest(<[u8]>::len);
            core.taps.begin(memory.tail());
            core.say(&format!("synk: the screen of this session is lost ({why})\r\n"), now, &mut effects);
            core
        }
    };
    core.recall_input(memory, now);
    // The host may have ended before the terminal had the size.
    let (cell_w, cell_h) = core.cell_px;
    effects.push(Effect::Resize { size: core.size(), cell_w, cell_h });
    (core, effects)
}

/// What is left of a setup, for a session that is ready.
struct Ends {
    name: String,
    greeting: String,
    handle: Handle,
}

impl Ends {
    fn run(self, shell: Shell, effects: Vec<Effect>) -> io::Result<Handle> {
        spawn_thread(&self.name, "core", move || shell.run(effects))?;
        Ok(self.handle)
    }
}

fn prepare(setup: Setup, mut core: Core, ways: Ways) -> (Shell, Ends, Result<Starter, CannotRun>) {
    let Ways { inbox, messages, close, closing, running } = ways;
    let Setup { name, source, keeper, key, label, named, greeting, hibernate, gate, .. } = setup;
    let Setup { counters, unsaved, report, .. } = setup;
    core.link = match &source {
        Ok(Source::Program(_)) | Err(_) => Link::None,
        Ok(Source::Link(_)) => Link::Program,
        Ok(Source::Port(_)) => Link::Port,
        Ok(Source::Elsewhere(_)) => Link::Elsewhere,
    };
    let starter = source.map(|source| {
        let (report, brake) = (Arc::clone(&report), gate.brake().join());
        let (name, keeper, inbox) = (name.clone(), keeper.clone(), inbox.clone());
        Starter { name, source, keeper, key, label, named, inbox, report, brake }
    });
    let handle = Handle { inbox, close, running: Arc::clone(&running), keeper, key, unsaved: unsaved.clone() };
    let (again, program, keeping) = (None, None, None);
    let shell = Shell {
        core,
        messages,
        closing,
        gate,
        counters,
        report,
        again,
        program,
        early: Vec::new(),
        keeping,
        hibernation: Hibernation::new(hibernate),
        unsaved,
        running,
    };
    (shell, Ends { name, greeting, handle }, starter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_restored_apart_before_its_state_is_left_alone() {
        let memory = Arc::new(Memory::new().unwrap());
        let found = Found { revived: None, master: None, child: None, memory: Arc::clone(&memory) };
        let suspect: Vec<bool> = (0..TRIES)
            .map(|n| {
                assert_eq!(memory.begin_restore(), n, "each host ended where it began");
                found.is_suspect()
            })
            .collect();
        assert_eq!(suspect.iter().filter(|suspect| !**suspect).count() as u64, HURRIED - 1);
        assert!(found.is_suspect() && memory.begin_restore() >= TRIES);
        memory.finish_restore();
        assert!(!found.is_suspect());
        found.again().unwrap().give_up_screen();
        assert!(memory.begin_restore() >= TRIES);
    }
}
