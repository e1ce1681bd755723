//! Saves sessions to a disk, for a host that finds neither them nor their keeper any more. On a thread of its own: a disk
//! may take its time. The sessions are not asked; what they are is read from where it lies for a host that takes over.
//!
//! Nothing wakes it but a change, and then it waits a while, so that what changes all the time is saved from time to time.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Arc, Weak};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded, unbounded};

use super::label;
use super::options::ArchiveOptions;
use super::tries::Tries;
use crate::base::{SessionId, unix_ms};
use crate::session::{Memory, Unsaved};
use crate::store::archive::{Folder, Shelf, State};

/// How often old sessions are looked for, at most: whenever something is saved and this has passed.
const CLEANING: Duration = Duration::from_secs(24 * 60 * 60);
/// How long a host looks for none at first: what it goes on with is known by then.
const SETTLED: Duration = Duration::from_secs(10 * 60);

enum Message {
    /// This session is to be saved.
    Begin(SessionId, Arc<Unsaved>),
    Changed(SessionId),
    /// What the host knows beside its sessions.
    Desk(Vec<u8>),
    /// It was ended: nobody wants it back.
    Discard(SessionId),
    /// Save everything now, then nothing more, whatever happens.
    Finish(Sender<()>),
}

/// Takes why sessions cannot be saved; nothing when they can be. Must not block.
pub(super) type Tell = Box<dyn Fn(Option<String>) + Send>;

/// The way to the thread. Clones lead to the same.
#[derive(Debug, Clone)]
pub(super) struct Saver(Sender<Message>);

impl Saver {
    /// Starts the thread, which has the directory from here on, or takes it once it can be had, and tells why sessions cannot
    /// be saved and that they can be again.
    ///
    /// # Errors
    /// The system has no thread left.
    pub(super) fn start(shelf: io::Result<Shelf>, options: ArchiveOptions, tell: Tell) -> io::Result<Self> {
        let (sender, messages) = unbounded();
        let saving = Saving::new(shelf, options, tell, Instant::now());
        thread::Builder::new().name("save".into()).spawn(move || run(saving, &messages))?;
        Ok(Self(sender))
    }

    /// What a session tells its changes to.
    pub(super) fn begin(&self, session: SessionId) -> Arc<Unsaved> {
        let to = self.0.clone();
        let unsaved = Arc::new(Unsaved::new(move || drop(to.send(Message::Changed(session)))));
        self.send(Message::Begin(session, Arc::clone(&unsaved)));
        unsaved
    }

    pub(super) fn desk(&self, bytes: Vec<u8>) {
        self.send(Message::Desk(bytes));
    }

    pub(super) fn discard(&self, session: SessionId) {
        self.send(Message::Discard(session));
    }

    /// Has everything saved as it is now, and nothing that comes after; waits for that so long at the most.
    pub(super) fn finish(&self, most: Duration) {
        let (done, wait) = bounded(1);
        self.send(Message::Finish(done));
        if wait.recv_timeout(most) == Err(RecvTimeoutError::Timeout) {
            log::warn!("not all sessions are saved: the disk takes too long");
        }
    }

    fn send(&self, message: Message) {
        // After it was finished there is nobody, and nothing to do.
        let _ = self.0.send(message);
    }
}

fn run(mut saving: Saving, messages: &Receiver<Message>) {
    loop {
        let message = match saving.due {
            Some(at) => messages.recv_deadline(at),
            None => messages.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        let now = Instant::now();
        match message {
            Ok(Message::Finish(done)) => {
                saving.save(now);
                // Nobody waits any more: it was too late.
                let _ = done.send(());
                return;
            }
            Ok(message) => saving.step(message, now),
            Err(RecvTimeoutError::Timeout) => saving.save(now),
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// What is to be saved, and where.
struct Saving {
    /// None until it could be taken.
    shelf: Option<Shelf>,
    options: ArchiveOptions,
    tell: Tell,
    sessions: BTreeMap<SessionId, Session>,
    changed: BTreeSet<SessionId>,
    gone: BTreeSet<SessionId>,
    desk: Option<Vec<u8>>,
    due: Option<Instant>,
    tries: Tries,
    /// When old sessions are looked for at the earliest.
    clean_at: Instant,
}

struct Session {
    unsaved: Arc<Unsaved>,
    /// Where it is saved, and what of: another memory numbers its pages anew.
    folder: Option<(Folder, Weak<Memory>)>,
}

impl Saving {
    fn new(shelf: io::Result<Shelf>, options: ArchiveOptions, tell: Tell, now: Instant) -> Self {
        let (sessions, changed) = (BTreeMap::new(), BTreeSet::new());
        let (shelf, missing) = shelf.map_or_else(|e| (None, Some(e)), |shelf| (Some(shelf), None));
        let mut saving = Self {
            shelf,
            options,
            tell,
            sessions,
            changed,
            gone: BTreeSet::new(),
            desk: None,
            due: None,
            tries: Tries::default(),
            clean_at: now + SETTLED,
        };
        missing.into_iter().for_each(|e| saving.failed(&e, now));
        saving
    }

    fn step(&mut self, message: Message, now: Instant) {
        match message {
            Message::Begin(id, _) if self.gone.contains(&id) => {}
            Message::Begin(id, unsaved) => {
                self.sessions.insert(id, Session { unsaved, folder: None });
            }
            Message::Changed(id) => {
                self.changed.insert(id);
                self.later(now);
            }
            Message::Desk(bytes) => {
                self.desk = Some(bytes);
                self.later(now);
            }
            Message::Discard(id) => {
                self.changed.remove(&id);
                self.sessions.remove(&id);
                self.shelf.iter().for_each(|shelf| shelf.remove(id));
                // It may have been closed before it was there.
                self.gone.insert(id);
            }
            Message::Finish(_) => {}
        }
    }

    fn later(&mut self, now: Instant) {
        self.due.get_or_insert(now + self.options.every);
    }

    /// Saves what has changed. What cannot be saved is tried again later.
    fn save(&mut self, now: Instant) {
        self.due = None;
        if let Err(e) = self.save_all() {
            return self.failed(&e, now);
        }
        if self.tries.went_well() {
            log::info!("sessions are saved again");
            (self.tell)(None);
        }
        self.clean(now);
    }

    /// What fails is among what has changed still.
    fn save_all(&mut self) -> io::Result<()> {
        let shelf = match &mut self.shelf {
            Some(shelf) => shelf,
            none => {
                let shelf = Shelf::take(&self.options.dir)?;
                // Nobody could remove it before.
                self.gone.iter().for_each(|id| shelf.remove(*id));
                none.insert(shelf)
            }
        };
        let mut saved = Ok(());
        for id in std::mem::take(&mut self.changed) {
            let Some(session) = self.sessions.get_mut(&id) else { continue };
            if let Err(e) = session.save(id, shelf, self.options.states) {
                // Its directory may be gone.
                session.folder = None;
                self.changed.insert(id);
                saved = Err(e);
            }
        }
        if let Some(bytes) = self.desk.take()
            && let Err(e) = shelf.save_desk(&bytes)
        {
            self.desk = Some(bytes);
            saved = Err(e);
        }
        saved
    }

    fn failed(&mut self, why: &io::Error, now: Instant) {
        if self.tries.failed() {
            log::warn!("sessions cannot be saved, and would be lost with this machine: {why}");
            (self.tell)(Some(why.to_string()));
        }
        self.due = self.tries.goes_on().then(|| now + self.tries.wait(self.options.every));
    }

    /// Removes what has been lying there for long.
    fn clean(&mut self, now: Instant) {
        let Some(keep) = self.options.keep else { return };
        if now >= self.clean_at {
            self.clean_at = now + CLEANING;
            let lives = |id| self.sessions.contains_key(&id);
            self.shelf.iter().for_each(|shelf| shelf.clean(keep, lives));
        }
    }
}

impl Session {
    fn save(&mut self, id: SessionId, shelf: &Shelf, states: usize) -> io::Result<()> {
        let Some(memory) = self.unsaved.take() else { return Ok(()) };
        let Some(label) = label::for_disk(&memory.label()?) else { return Ok(()) };
        let folder = match &mut self.folder {
            Some((folder, of)) if std::ptr::eq(of.as_ptr(), &*memory) => folder,
            other => &mut other.insert((shelf.folder(id)?, Arc::downgrade(&memory))).0,
        };
        let Some((image, new_pages)) = memory.image(folder.pages_from())? else {
            return Err(io::Error::other("a session changes too fast"));
        };
        let state = State { saved_at_ms: unix_ms(), label, image: image.to_bytes(), pages: image.pages() };
        folder.save(&state, &new_pages, states)
    }
}

#[cfg(test)]
#[path = "saver_tests.rs"]
mod tests;
