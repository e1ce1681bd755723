//! What stands behind a session's terminal, a program on a PTY or a serial port, with the threads between it and the
//! core; and how it is started again.

use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use crossbeam_channel::{Receiver, Sender, bounded};

use super::brake::Member;
use super::memory::{self, Chunk, Memory};
use super::message::{Message, Output};
use super::port;
use super::reader::{Reader, Signals};
use super::run::{GRACE, Report};
use super::writer::{self, Queue};
use crate::base::GridSize;
use crate::keeper::{Child, Exit, Keeper, Launch, Master, WindowSize};
use crate::model::session_kind::SerialPort;

/// Slices of output that wait for a core.
const SLICES: usize = 4;

/// What a session's terminal is connected to.
#[derive(Debug, Clone)]
pub enum Source {
    /// A program, whose end is the session's.
    Program(Launch),
    /// A program that is a link to another machine: when the link is lost, it can be started again.
    Link(Launch),
    /// A serial port, which may come back when it was unplugged.
    Port(SerialPort),
    /// Nothing that this host could start: the session is another host's, and its screen here says so in these words.
    Elsewhere(String),
}

/// Starts what a session stands on, as often as needed.
pub(super) struct Starter {
    /// For the names of the threads.
    pub(super) name: String,
    pub(super) source: Source,
    pub(super) keeper: Keeper,
    /// What the keeper knows the session by.
    pub(super) key: u128,
    /// As [`super::run::Setup::label`].
    pub(super) label: Vec<u8>,
    /// As [`super::run::Setup::named`].
    pub(super) named: bool,
    pub(super) inbox: Sender<Box<Message>>,
    pub(super) report: Arc<dyn Fn(Report) + Send + Sync>,
    pub(super) brake: Member,
}

/// What a session stands on, with what leads to it and from it.
pub(super) struct Program {
    pub(super) master: Arc<Master>,
    /// None for a port.
    pub(super) child: Option<Arc<Child>>,
    /// The thread that waits for it.
    pub(super) waiter: Option<JoinHandle<()>>,
    pub(super) queue: Queue,
    pub(super) signals: Arc<Signals>,
    pub(super) brake: Member,
    pub(super) slices: Receiver<Output>,
    pub(super) outlet: memory::Outlet,
    /// What outlives the host.
    pub(super) memory: Arc<Memory>,
    /// What is left of a slice that made too much work to be taken at once.
    pub(super) rest: Option<Chunk>,
    /// As [`super::run::Setup::named`].
    pub(super) named: bool,
    /// Input was refused and nobody was told since the queue last had room.
    pub(super) full: bool,
    /// The reader has not ended yet.
    pub(super) reading: bool,
}

impl Drop for Program {
    fn drop(&mut self) {
        self.signals.stop();
    }
}

pub(super) fn spawn_thread(
    session: &str,
    role: &str,
    body: impl FnOnce() + Send + 'static,
) -> io::Result<JoinHandle<()>> {
    // Linux shows the first 15 bytes of a thread's name, so the role comes first.
    thread::Builder::new().name(format!("{role} {session}")).spawn(body)
}

impl Starter {
    /// Starts it, with its reader, its writer and, for a program, the thread that waits for it.
    ///
    /// # Errors
    /// The system has no terminal, process, thread or memory left; or the port cannot be used, in words for the user.
    pub(super) fn start(&self, size: GridSize) -> io::Result<Program> {
        match &self.source {
            Source::Program(launch) | Source::Link(launch) => self.start_program(launch, size),
            Source::Elsewhere(_) => Err(io::Error::other("the session is another host's")),
            Source::Port(port) => {
                let memory = self.memory()?;
                let master = Arc::new(port::open(port)?);
                self.keeper.deposit(self.key, Some(&*master), Some(memory.fd()))?;
                self.go_on(master, None, memory)
            }
        }
    }

    fn start_program(&self, launch: &Launch, size: GridSize) -> io::Result<Program> {
        let window = WindowSize { cols: size.cols(), lines: size.lines(), cell_w: 0, cell_h: 0 };
        let memory = self.memory()?;
        let spawned = self.keeper.spawn(self.key, launch, window, Some(memory.fd()))?;
        self.go_on(spawned.master, Some(spawned.child), memory)
    }

    pub(super) fn memory(&self) -> io::Result<Arc<Memory>> {
        let memory = Memory::new()?;
        memory.set_label(&self.label)?;
        Ok(Arc::new(memory))
    }

    /// Goes on with a terminal, and the program on it if there is one, whose output and state this memory holds.
    ///
    /// # Errors
    /// The system has no thread or descriptor left; then the program is ended.
    pub(super) fn go_on(
        &self,
        master: Arc<Master>,
        child: Option<Arc<Child>>,
        memory: Arc<Memory>,
    ) -> io::Result<Program> {
        let signals = Arc::new(Signals::new()?);
        let Some(child) = child else { return self.connect(master, memory, signals) };
        let waited = {
            let (child, inbox, report, signals) =
                (Arc::clone(&child), self.inbox.clone(), Arc::clone(&self.report), Arc::clone(&signals));
            spawn_thread(&self.name, "wait", move || wait(&child, &inbox, &signals, &*report))
        };
        let waiter = waited.inspect_err(|_| {
            // Nobody else will.
            child.kill(None);
            let _ = child.wait();
        })?;
        let mut program = self.connect(master, memory, signals).inspect_err(|_| child.kill(None))?;
        (program.child, program.waiter) = (Some(child), Some(waiter));
        Ok(program)
    }

    /// Starts the reader and the writer of a terminal.
    fn connect(&self, master: Arc<Master>, memory: Arc<Memory>, signals: Arc<Signals>) -> io::Result<Program> {
        let (inlet, outlet) = memory::ends(Arc::clone(&memory));
        let (output, slices) = bounded(SLICES);
        let (queue, writer) = writer::queue(Arc::clone(&master), Arc::clone(&memory))?;
        spawn_thread(&self.name, "write", move || writer.run())?;
        let reader = Reader::new(Arc::clone(&master), inlet, output, Arc::clone(&signals), self.brake.clone());
        spawn_thread(&self.name, "read", move || reader.run())?;
        Ok(Program {
            master,
            child: None,
            waiter: None,
            queue,
            signals,
            brake: self.brake.clone(),
            slices,
            outlet,
            memory,
            rest: None,
            named: self.named,
            full: false,
            reading: true,
        })
    }
}

/// Waits for a program, on a thread of its own.
fn wait(child: &Child, inbox: &Sender<Box<Message>>, signals: &Signals, report: &(dyn Fn(Report) + Send + Sync)) {
    let exit = child.wait().unwrap_or_else(|e| {
        log::error!("waiting for process {:?} failed: {e}", child.pid());
        Exit::UNKNOWN
    });
    // The session may have been closed before; then nobody asks how its program ended.
    let _ = inbox.send(Box::new(Message::Exited(exit)));
    signals.exited();
    child.wait_for_job(GRACE);
    report(Report::Reaped);
}
