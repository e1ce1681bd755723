//! What the host before this one has left with the keeper: its sessions go on in this one, and clients find them as they
//! were. Before anybody is served.

use std::collections::{BTreeSet, VecDeque};
use std::fs::File;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, available_parallelism};
use std::time::{Duration, Instant};

use rustix::process::Pid;

use super::call::Input;
use super::desk::Desk;
use super::label::Label;
use super::launch::{Means, go_on};
use super::options::{ArchiveOptions, HostOptions};
use super::revive;
use super::runtime::Host;
use super::saver::Saver;
use super::standing::{self, Standing};
use crate::base::{SessionNo, point};
use crate::keeper::{Child, Keeper, Line, Taken};
use crate::protocol::methods::Saving;
use crate::session::run::{GRACE, PATIENCE};
use crate::session::{Found, Gate, Handle, Memory, Ways};
use crate::store::archive::Shelf;

/// What was left. Empty for a host that has no keeper.
#[derive(Debug, Default)]
pub(super) struct Inheritance {
    /// The keeper's memory for the desk.
    memory: Option<File>,
    /// What was in it; or, where that was nothing, on the disk.
    standing: Standing,
    /// What the keeper holds is known.
    is_known: bool,
    /// What is on the disk is brought back.
    revives: bool,
    sessions: Vec<Left>,
}

/// A session without a host.
#[derive(Debug)]
pub(super) struct Left {
    pub(super) label: Label,
    pub(super) pid: Option<u32>,
    pub(super) key: u128,
    pub(super) found: Found,
}

impl Inheritance {
    /// Takes what there is. What makes no sense is ended, as by closing its terminal: nobody could ever reach it. What cannot
    /// be had now is left to a later host.
    pub(super) fn find(keeper: &Keeper) -> Self {
        let held = keeper.held().inspect_err(|e| log::warn!("what the host before this one had is not known: {e}"));
        let is_known = held.is_ok();
        let held = held.unwrap_or_default();
        let sessions = held.iter().filter_map(|line| match take(keeper, line) {
            Ok(left) => Some(left),
            Err(e) => {
                log::error!("a session of the host before this one is not brought back: {e}");
                None
            }
        });
        let sessions = sessions.collect();
        let (memory, standing) = standing(keeper).unzip();
        let standing = standing.unwrap_or_default();
        Self { memory, standing, is_known, revives: false, sessions }
    }

    /// With what was saved of sessions that nobody holds any more. Whoever saves from here on.
    pub(super) fn revived(
        mut self,
        options: Option<&ArchiveOptions>,
        tell: impl Fn(Saving) + Send + Clone + 'static,
    ) -> (Self, Option<Saver>) {
        let Some(options) = options else { return (self, None) };
        let path = options.dir.display().to_string();
        let tell = move |notice| tell(Saving { path: path.clone(), notice });
        tell(None);
        let told = Box::new(tell.clone());
        let shelf = Shelf::take(&options.dir);
        if let Ok(shelf) = &shelf
            && options.restore
            && self.is_known
            && !self.standing.is_settled()
        {
            self.revive(shelf);
        }
        let saver = match shelf {
            // It stays the other's, who will look for it there once more.
            Err(e) if e.kind() == io::ErrorKind::ResourceBusy => Err(e),
            shelf => Saver::start(shelf, options.clone(), told),
        };
        let saver = saver.inspect_err(|e| {
            log::warn!("sessions are not saved to the disk: {e}");
            tell(Some(e.to_string()));
        });
        (self, saver.ok())
    }

    /// Once for each keeper, but again after a host that ended over it.
    fn revive(&mut self, shelf: &Shelf) {
        self.revives = true;
        let live: BTreeSet<_> = self.sessions.iter().filter_map(|left| left.label.id()).collect();
        let saved = revive::standing(shelf);
        self.sessions.extend(revive::sessions(shelf, &live, &saved));
        if self.standing == Standing::default() {
            self.standing = saved.after_all_windows();
        }
    }

    /// Goes on with everything in this host: whoever asks for a session reaches it from here on, and is answered once it goes
    /// on, which is seen to beside all else. Returns where a later host will look.
    pub(super) fn hand_over(self, desk: &mut Desk, common: Common) -> Option<File> {
        let Self { memory, standing, revives, mut sessions, is_known: _ } = self;
        // A later host will look for it, here or there.
        if memory.is_some() || common.host.saver.is_some() {
            desk.inherit(standing, Instant::now());
        }
        // What is in a workspace is looked at.
        sessions.sort_by_key(|left| (left.label.workspace.is_none(), left.label.no));
        let keeper = &common.options.keeper;
        let mut jobs = VecDeque::new();
        for left in sessions {
            match desk.adopt(&left.label, left.pid, left.found.master.is_some()) {
                Some(no) => {
                    let ways = Ways::to(&left.found);
                    common.host.reached(no, ways.handle(keeper.clone(), left.key));
                    jobs.push_back(Job { no, left, ways });
                }
                None => {
                    log::error!("session {} is lost: there are two of that number", left.label.no);
                    lose(keeper.clone(), left);
                }
            }
        }
        desk.close_gaps();
        let settled = revives.then(|| Arc::new(Settled(Arc::clone(&common.host))));
        let (apart, mut jobs): (VecDeque<_>, VecDeque<_>) =
            jobs.into_iter().partition(|job| job.left.found.is_suspect());
        take_turns(&mut jobs, keeper.crashes(), keeper.epoch());
        let mut workers = Vec::new();
        if !jobs.is_empty() {
            let jobs = Arc::new((Mutex::new(jobs), settled.clone()));
            let count = available_parallelism().map_or(1, usize::from);
            workers.extend((0..count).filter_map(|_| go_on_with(&jobs, &common, || ())));
        }
        if !apart.is_empty() {
            log::warn!("{} sessions go on in a moment: hosts have ended while these were brought back", apart.len());
            let stood = move || {
                // They say themselves what they failed with.
                workers.into_iter().for_each(|worker| drop(worker.join()));
                thread::sleep(STANDING);
            };
            go_on_with(&Arc::new((Mutex::new(apart), settled)), &common, stood);
        }
        memory
    }
}

/// Where hosts end again and again each begins with another session: those at the end would wait until there is a host that
/// stays. This is the host of this number, after so many that crashed.
fn take_turns<T>(jobs: &mut VecDeque<T>, crashes: u32, host: u64) {
    // One crash is none of a row, and then those that are looked at come first.
    if crashes > 1 && !jobs.is_empty() {
        jobs.rotate_left((host % jobs.len() as u64) as usize);
    }
}

/// What all sessions of a host have in common.
#[derive(Clone)]
pub(super) struct Common {
    pub(super) options: Arc<HostOptions>,
    pub(super) host: Arc<Host>,
    pub(super) gate: Arc<Gate>,
}

/// Says in its end that everything was brought back.
struct Settled(Arc<Host>);

impl Drop for Settled {
    fn drop(&mut self) {
        self.0.tell(Input::Settled);
    }
}

/// The sessions that have yet to go on, for all who see to it.
type Jobs = (Mutex<VecDeque<Job>>, Option<Arc<Settled>>);

/// How long a host has to have stood with all other sessions before it goes on with those over which hosts may have ended,
/// one at a time. Whoever kills hosts again and again kills this one before that, and it says nothing about the session.
const STANDING: Duration = Duration::from_secs(2);

/// A session that has yet to go on.
struct Job {
    no: SessionNo,
    left: Left,
    ways: Ways,
}

/// Goes on with one session after the other once `begin` has returned, on a thread of its own where there is one.
fn go_on_with(
    jobs: &Arc<Jobs>,
    common: &Common,
    begin: impl FnOnce() + Send + 'static,
) -> Option<thread::JoinHandle<()>> {
    let (theirs, means) = (Arc::clone(jobs), common.clone());
    let run = move || {
        begin();
        work(&theirs, &means);
    };
    let started = thread::Builder::new().name("restore".into()).spawn(run);
    if let Err(e) = &started {
        log::warn!("no thread is left to bring sessions back beside all else: {e}");
        work(jobs, common);
    }
    started.ok()
}

fn work((jobs, _): &Jobs, common: &Common) {
    while let Some(Job { no, left, ways }) = next(jobs) {
        match resume(no, left, ways, common) {
            Ok(handle) => {
                point("restored");
                common.host.goes_on(no, handle);
            }
            Err(e) => {
                log::error!("session {no} is left to a later host: {e}");
                common.host.lost(no);
            }
        }
    }
}

/// Whom somebody waits for comes first.
fn next(jobs: &Mutex<VecDeque<Job>>) -> Option<Job> {
    let mut jobs = jobs.lock().unwrap_or_else(PoisonError::into_inner);
    let asked = jobs.iter().position(|job| job.ways.is_asked());
    jobs.remove(asked.unwrap_or(0))
}

/// Goes on with a session; without its screen, if that is what this fails over.
fn resume(no: SessionNo, left: Left, ways: Ways, common: &Common) -> io::Result<Handle> {
    let Left { label, found, .. } = left;
    let again = found.again()?;
    let means = Means { options: &common.options, host: &common.host, gate: &common.gate };
    let go_on = |label, found, ways| catch_unwind(AssertUnwindSafe(|| go_on(no, label, found, ways, &means)));
    go_on(label.clone(), found, ways.clone()).unwrap_or_else(|_| {
        log::error!("the screen of session {no} cannot be restored");
        again.give_up_screen();
        go_on(label, again, ways).unwrap_or_else(|_| Err(io::Error::other("its state is damaged")))
    })
}

fn lose(keeper: Keeper, left: Left) {
    let Left { key, found, .. } = left;
    let foreground = found.master.as_ref().and_then(|master| master.foreground());
    end(keeper, key, found.child, foreground);
}

/// Ends a program that no session stands on, and lets go of it then. Not on this thread: it may take its time.
fn end(keeper: Keeper, key: u128, child: Option<Arc<Child>>, foreground: Option<Pid>) {
    let ended = thread::Builder::new().name("end".into()).spawn(move || {
        if let Some(child) = child {
            child.hang_up(foreground);
            thread::sleep(PATIENCE);
            child.terminate(foreground);
            thread::sleep(GRACE.saturating_sub(PATIENCE));
            child.kill(foreground);
        }
        keeper.forget(key);
    });
    if let Err(e) = ended {
        log::warn!("no thread is left to end a program: {e}");
    }
}

fn take(keeper: &Keeper, line: &Line) -> io::Result<Left> {
    let wrong = |why: &str| io::Error::new(io::ErrorKind::InvalidData, why.to_owned());
    let Taken { master, child, memory } = keeper.take(line)?;
    let read = || {
        let memory = Memory::open(memory.ok_or_else(|| wrong("it has no memory"))?)?;
        let label = Label::from_bytes(&memory.label()?).ok_or_else(|| wrong("nothing is known of it"))?;
        if label.ended {
            return Err(wrong("it was ended already"));
        }
        Ok((memory, label))
    };
    let (memory, label) = read().inspect_err(|e: &io::Error| {
        if e.kind() == io::ErrorKind::InvalidData {
            let foreground = master.as_ref().and_then(|master| master.foreground());
            end(keeper.clone(), line.key, child.clone().filter(|_| line.exit.is_none()), foreground);
        }
    })?;
    let memory = Arc::new(memory);
    let found = Found { revived: None, master: master.map(Arc::new), child, memory };
    Ok(Left { label, pid: line.pid, key: line.key, found })
}

fn standing(keeper: &Keeper) -> Option<(File, Standing)> {
    let memory = keeper.desk_memory().unwrap_or_else(|e| {
        log::warn!("workspaces will be lost with this host: {e}");
        None
    });
    let memory = File::from(memory?);
    let standing = standing::read(&memory).unwrap_or_else(|e| {
        log::error!("the workspaces of the host before this one are lost: {e}");
        Standing::default()
    });
    Some((memory, standing))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_hosts_end_again_and_again_each_session_has_its_turn() {
        let first = |crashes, host| {
            let mut jobs: VecDeque<u32> = (0..5).collect();
            take_turns(&mut jobs, crashes, host);
            jobs[0]
        };
        assert_eq!((first(0, 1), first(1, 2), first(1, 9)), (0, 0, 0));
        let begun: BTreeSet<u32> = (3..8).map(|host| first(2, host)).collect();
        assert_eq!(begun.len(), 5);
        take_turns(&mut VecDeque::<u32>::new(), 7, 8);
    }
}
