//! Brings back what a session stood on: a link when the user asks for it, a port also by itself once it is there again.
//! Starting may take its time, so it has a thread of its own while there is something to bring back, and none else.

use std::io;
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded, unbounded};

use super::memory::Memory;
use super::program::{Program, Source, Starter, spawn_thread};
use crate::base::GridSize;

/// Between two looks whether a port is there again. Its directory may be gone with it (`/dev/serial/by-id`), so there is
/// nothing that could be watched.
const LOOK: Duration = Duration::from_secs(1);

/// For a session that can be connected again.
pub(super) struct Again {
    starter: std::sync::Arc<Starter>,
    attempt: Option<Attempt>,
}

struct Attempt {
    ask: Sender<()>,
    back: Receiver<Result<Program, String>>,
}

impl Again {
    /// None for a session that cannot: its program's end is its own. One that `rests` waits for its program to be
    /// started.
    pub(super) fn of(starter: Starter, rests: bool) -> Option<Self> {
        let returns = match starter.source {
            Source::Program(_) => rests,
            Source::Link(_) | Source::Port(_) => true,
            Source::Elsewhere(_) => false,
        };
        returns.then(|| Self { starter: std::sync::Arc::new(starter), attempt: None })
    }

    /// Tries, or tries at once what is being waited for. `before` is the thread that waits for what was there before:
    /// its end is told before there is another one.
    ///
    /// # Errors
    /// The system has no thread left.
    pub(super) fn ask(&mut self, before: Option<JoinHandle<()>>, size: GridSize) -> io::Result<()> {
        if let Some(attempt) = &self.attempt {
            // A second order changes nothing.
            let _ = attempt.ask.try_send(());
            return Ok(());
        }
        let (ask, asked) = bounded(1);
        let (tell, back) = unbounded();
        let starter = std::sync::Arc::clone(&self.starter);
        spawn_thread(&self.starter.name, "again", move || run(&starter, before, size, &asked, &tell))?;
        self.attempt = Some(Attempt { ask, back });
        Ok(())
    }

    /// Has the keeper let go of a port that was lost, and hold no more of the session than this memory. A program that has
    /// ended holds nothing up.
    pub(super) fn let_go(&self, memory: &Memory) {
        let Starter { source: Source::Port(_), keeper, key, .. } = &*self.starter else { return };
        if let Err(e) = keeper.deposit(*key, None, Some(memory.fd())) {
            log::warn!("a port that is lost stays open: {e}");
        }
    }

    /// Where the outcome will be.
    pub(super) fn back(&self) -> Option<&Receiver<Result<Program, String>>> {
        self.attempt.as_ref().map(|attempt| &attempt.back)
    }

    /// The outcome, once.
    pub(super) fn take(&mut self) -> Option<Result<Program, String>> {
        match self.back()?.try_recv() {
            Ok(outcome) => {
                if outcome.is_ok() || !self.persists() {
                    self.attempt = None;
                }
                Some(outcome)
            }
            Err(crossbeam_channel::TryRecvError::Empty) => None,
            Err(crossbeam_channel::TryRecvError::Disconnected) => {
                self.attempt = None;
                None
            }
        }
    }

    /// It is tried until it works.
    fn persists(&self) -> bool {
        matches!(self.starter.source, Source::Port(_))
    }
}

fn run(
    starter: &Starter,
    before: Option<JoinHandle<()>>,
    size: GridSize,
    asked: &Receiver<()>,
    tell: &Sender<Result<Program, String>>,
) {
    if let Some(before) = before {
        // It fails only where something of this process has failed already.
        let _ = before.join();
    }
    // The first look at a port is nobody's wish: it has just gone.
    let port = matches!(starter.source, Source::Port(_));
    let mut wanted = !port;
    loop {
        match check(starter).and_then(|()| starter.start(size)) {
            Ok(program) => {
                if let Err(unwanted) = tell.send(Ok(program)) {
                    // The session was closed meanwhile.
                    if let Some(child) = unwanted.into_inner().ok().and_then(|program| program.child.clone()) {
                        child.kill(None);
                    }
                    starter.keeper.forget(starter.key);
                }
                return;
            }
            Err(e) => {
                if wanted && tell.send(Err(e.to_string())).is_err() {
                    return;
                }
            }
        }
        if !port {
            return;
        }
        wanted = match asked.recv_timeout(LOOK) {
            Ok(()) => true,
            Err(RecvTimeoutError::Timeout) => false,
            Err(RecvTimeoutError::Disconnected) => return,
        };
    }
}

/// A program that went away meanwhile is told in words.
fn check(starter: &Starter) -> io::Result<()> {
    match &starter.source {
        Source::Link(launch) | Source::Program(launch) => {
            launch.check().map_err(|why| io::Error::other(why.to_string()))
        }
        Source::Port(_) | Source::Elsewhere(_) => Ok(()),
    }
}
