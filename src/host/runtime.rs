//! The thread around the desk, and what all threads of a host share.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::thread::{self, available_parallelism};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, unbounded};
use serde_json::Value;

use super::call::{Effect, Input, Now};
use super::desk::Desk;
use super::inherit::{Common, Inheritance};
use super::label;
use super::options::HostOptions;
use super::outbox::Outbox;
use super::owed::Topic;
use super::peer;
use super::reach::Reach;
use super::saver::Saver;
use super::standing;
use super::traffic::Traffic;
use crate::base::{ClientId, SessionNo, unix_ms};
use crate::model::BoardEvent;
use crate::protocol::limits::MAX_CONNECTIONS;
use crate::protocol::methods::Metrics;
use crate::protocol::rpc::{Error, Response, code};
use crate::protocol::shapes;
use crate::session::run::Report;
use crate::session::{Counters, Gate, Handle};
use crate::store::{self, Changes, Trouble};

/// How long the last replies may take to be written when the host ends.
const FAREWELL: Duration = Duration::from_millis(300);
/// How long after the host was told to end its last words may take to be in the database.
const LAST_WORDS: Duration = Duration::from_millis(4700);
/// How long after that the sessions may take to be saved.
const SAVING: Duration = Duration::from_secs(2);
/// How long the start waits for the database: who asks the host finds it open, and a disk that does not answer holds up
/// nobody.
const OPENING: Duration = Duration::from_secs(2);

/// What the threads of a host share.
#[derive(Debug)]
pub(super) struct Host {
    inbox: Sender<Note>,
    /// Where the sessions are reached. Never locked while anything is sent.
    sessions: RwLock<HashMap<SessionNo, Handle>>,
    last_client: AtomicU64,
    connections: AtomicUsize,
    pub(super) traffic: Traffic,
    pub(super) counters: Arc<Counters>,
    pub(super) half_message: Duration,
    pub(super) reach: Reach,
    /// What saves the sessions, where they are saved.
    pub(super) saver: Option<Saver>,
}

/// What the desk's thread is told.
#[derive(Debug)]
enum Note {
    Input(Input),
    /// A connection, with the way out to it. Before anything else from it.
    Connected(ClientId, Option<u32>, Arc<Outbox>),
}

impl Host {
    /// Starts the desk's thread, which says in the end whether the sessions stay. `stop_listening` is dropped when no more
    /// connections are wanted.
    pub(super) fn start(
        options: HostOptions,
        reach: Reach,
        inheritance: Inheritance,
        stop_listening: Option<UnixStream>,
    ) -> io::Result<(Arc<Self>, thread::JoinHandle<bool>)> {
        let (inbox, notes) = unbounded();
        let (inheritance, saver) = {
            let inbox = inbox.clone();
            let tell = move |saving| drop(inbox.send(Note::Input(Input::Saving(saving))));
            inheritance.revived(options.archive.as_ref(), tell)
        };
        let host = Arc::new(Self {
            inbox,
            sessions: RwLock::default(),
            last_client: AtomicU64::new(0),
            connections: AtomicUsize::new(0),
            traffic: Traffic::default(),
            counters: Arc::default(),
            half_message: options.half_message,
            reach,
            saver,
        });
        let gate = Arc::new(Gate::new(available_parallelism().map_or(1, usize::from)));
        let path = options.database.as_ref().map(|database| database.path.display().to_string());
        let store = host.start_store(options.database.clone());
        let mut desk = Desk::new(options.clean_up, path, Instant::now());
        let options = Arc::new(options);
        let common = Common { options: Arc::clone(&options), host: Arc::clone(&host), gate: Arc::clone(&gate) };
        let standing = inheritance.hand_over(&mut desk, common);
        let runtime = Runtime {
            desk,
            standing,
            store,
            told_to_end: None,
            host: Arc::clone(&host),
            notes,
            outboxes: HashMap::new(),
            options,
            gate,
            stop_listening,
        };
        let thread = thread::Builder::new().name("desk".into()).spawn(move || runtime.run())?;
        Ok((host, thread))
    }

    /// Opens the database, and waits for that a little.
    fn start_store(&self, options: Option<store::StoreOptions>) -> Option<store::Handle> {
        let inbox = self.inbox.clone();
        let report = move |report| drop(inbox.send(Note::Input(Input::Stored(report))));
        match store::start(options?, report) {
            Ok(store) => {
                store.wait_opened(OPENING);
                Some(store)
            }
            Err(e) => {
                self.tell(Input::Stored(unstored(Trouble::Refused(format!("no thread is left for it: {e}")))));
                None
            }
        }
    }

    /// Serves a connection, on two threads of its own.
    ///
    /// # Errors
    /// There are too many already, or the system has no thread or descriptor left.
    pub(super) fn connect(self: &Arc<Self>, socket: UnixStream) -> io::Result<()> {
        if self.connections.fetch_add(1, Ordering::Relaxed) >= MAX_CONNECTIONS {
            self.connections.fetch_sub(1, Ordering::Relaxed);
            const WHY: &str = "there are too many connections";
            // In words for whoever is at the other end, if it takes them. It fits a fresh socket: nothing waits.
            let line = peer::line(&Response::error(Value::Null, Error::new(code::BUSY, WHY.into())));
            let _ = (&socket).write_all(format!("{line}\n").as_bytes());
            return Err(io::Error::other(WHY));
        }
        let client = ClientId(self.last_client.fetch_add(1, Ordering::Relaxed) + 1);
        let served = peer::start(client, socket, self);
        if served.is_err() {
            self.disconnected(client);
        }
        served
    }

    pub(super) fn connected(&self, client: ClientId, pid: Option<u32>, outbox: Arc<Outbox>) {
        self.note(Note::Connected(client, pid, outbox));
    }

    pub(super) fn disconnected(&self, client: ClientId) {
        self.connections.fetch_sub(1, Ordering::Relaxed);
        self.reach.left(client);
        self.tell(Input::Disconnected(client));
    }

    /// Tells the desk.
    pub(super) fn tell(&self, input: Input) {
        self.note(Note::Input(input));
    }

    fn note(&self, note: Note) {
        // Without a desk the host is at its end, and nobody waits for an answer.
        let _ = self.inbox.send(note);
    }

    fn metrics(&self, of_desk: Metrics) -> Metrics {
        self.traffic.complete(&self.counters, of_desk)
    }

    /// Takes a session's reports to the desk.
    pub(super) fn reports(&self, no: SessionNo) -> Arc<dyn Fn(Report) + Send + Sync> {
        let inbox = self.inbox.clone();
        Arc::new(move |report| drop(inbox.send(Note::Input(Input::Report(no, report)))))
    }

    /// A session can be reached this way from here on.
    pub(super) fn reached(&self, no: SessionNo, handle: Handle) {
        self.sessions.write().unwrap_or_else(PoisonError::into_inner).insert(no, handle);
    }

    /// A session that could be reached before goes on from here on. One that was forgotten meanwhile stays forgotten.
    pub(super) fn goes_on(&self, no: SessionNo, handle: Handle) {
        if let Some(before) = self.sessions.write().unwrap_or_else(PoisonError::into_inner).get_mut(&no) {
            *before = handle;
        }
    }

    /// A session cannot go on, and nobody reaches it any more.
    pub(super) fn lost(&self, no: SessionNo) {
        self.sessions.write().unwrap_or_else(PoisonError::into_inner).remove(&no);
        self.tell(Input::Lost(no));
    }

    /// How a session is reached.
    pub(super) fn session(&self, no: SessionNo) -> Option<Handle> {
        self.sessions.read().unwrap_or_else(PoisonError::into_inner).get(&no).cloned()
    }
}

/// The desk's thread.
pub(super) struct Runtime {
    pub(super) desk: Desk,
    /// Where a later host finds what it has to know.
    pub(super) standing: Option<File>,
    pub(super) store: Option<store::Handle>,
    pub(super) told_to_end: Option<Instant>,
    pub(super) host: Arc<Host>,
    notes: Receiver<Note>,
    pub(super) outboxes: HashMap<ClientId, Arc<Outbox>>,
    pub(super) options: Arc<HostOptions>,
    pub(super) gate: Arc<Gate>,
    pub(super) stop_listening: Option<UnixStream>,
}

impl Runtime {
    fn run(mut self) -> bool {
        let mut effects = Vec::new();
        let mut going = true;
        while going {
            let note = match self.desk.next() {
                Some(at) => self.notes.recv_deadline(at),
                None => self.notes.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            let now = now();
            match note {
                Ok(Note::Connected(client, pid, outbox)) => {
                    self.outboxes.insert(client, outbox);
                    self.desk.step(Input::Connected(client, pid), now, &mut effects);
                }
                Ok(Note::Input(input)) => {
                    if let Input::Disconnected(client) = input {
                        self.outboxes.remove(&client);
                    }
                    self.desk.step(input, now, &mut effects);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.desk.tick(now.at, &mut effects);
            for effect in effects.drain(..) {
                going &= self.perform(effect);
            }
        }
        // Whoever still waits for a reply gets it, then the end; who does not read has to do without.
        self.outboxes.values().for_each(|outbox| outbox.finish());
        self.save_last();
        let until = Instant::now() + FAREWELL;
        for outbox in self.outboxes.values() {
            outbox.wait_closed(until);
            outbox.close();
        }
        self.desk.leaves()
    }

    fn save_last(&mut self) {
        let Some(store) = self.store.take() else { return };
        let last = self.desk.last_save().map(store::Message::Save);
        let until = self.told_to_end.map_or_else(Instant::now, |told| told + LAST_WORDS);
        if !store.close(last, until) {
            log::warn!("the end of the last sessions may be missing from the database: it took too long");
        }
    }

    /// Does one thing. False when it was the last.
    fn perform(&mut self, effect: Effect) -> bool {
        match effect {
            Effect::Reply(ticket, result) => self.reply(ticket, result),
            Effect::Event(client, event) => {
                if let Some(outbox) = self.outboxes.get(&client) {
                    let topic = match &event {
                        BoardEvent::Session(info) => Topic::Session(info.no),
                        BoardEvent::Removed(no) => Topic::Session(*no),
                        BoardEvent::Workspace(workspace) => Topic::Workspace(workspace.name.clone()),
                    };
                    outbox.event(topic, peer::line(&shapes::event(&event)).into());
                }
            }
            Effect::Notice(client, topic, line) => {
                if let Some(outbox) = self.outboxes.get(&client) {
                    outbox.event(topic, line);
                }
            }
            Effect::Metrics(ticket, metrics) => {
                let result = serde_json::to_value(self.host.metrics(*metrics));
                self.reply(ticket, result.map_err(|e| Error::new(code::INTERNAL, e.to_string())));
            }
            Effect::Order(ticket, orders, value) => {
                let taken = orders.iter().all(|(no, order)| self.order(*no, *order));
                if !taken {
                    self.desk.not_taken(&orders);
                }
                let busy = || Error::new(code::BUSY, "the session has too much to do: ask again".into());
                self.reply(ticket, if taken { Ok(value) } else { Err(busy()) });
            }
            Effect::Ask(no, id, ticket, question) => self.ask(no, id, ticket, *question),
            Effect::Broadcast(ticket, chosen, ask) => self.broadcast(ticket, chosen, &ask),
            Effect::Start(no, plan) => self.start(no, *plan),
            Effect::HangUp(no) => self.with_session(no, Handle::hang_up),
            Effect::End(no) => {
                self.relabel(no, label::ended);
                self.with_session(no, Handle::end);
            }
            Effect::Terminate(no) => self.with_session(no, Handle::terminate),
            Effect::Kill(no) => self.with_session(no, Handle::kill),
            Effect::Close(no) => {
                self.relabel(no, label::ended);
                self.with_session(no, Handle::close);
            }
            Effect::Forget(no) => {
                let gone = self.host.sessions.write().unwrap_or_else(PoisonError::into_inner).remove(&no);
                if let Some(session) = gone {
                    session.forget();
                }
            }
            Effect::Rename(no, name) => self.relabel(no, |label| label::renamed(label, &name)),
            Effect::Moved(no, to) => self.relabel(no, |label| label::moved(label, to)),
            Effect::Discard(id) => {
                if let Some(saver) = &self.host.saver {
                    saver.discard(id);
                }
            }
            Effect::KeepStanding(bytes) => {
                if let Some(saver) = &self.host.saver {
                    saver.desk(bytes.clone());
                }
                if let Some(Err(e)) = self.standing.as_ref().map(|memory| standing::write(memory, &bytes)) {
                    log::warn!("what a later host has to know is not kept: {e}");
                }
            }
            Effect::Save(changes) => self.save(*changes),
            Effect::Upgrade(ticket, program) => self.upgrade(ticket, program),
            Effect::StopListening => {
                (self.stop_listening, self.told_to_end) = (None, Some(Instant::now()));
                // As it is now: what ends from here on ends with the host, and comes back with another one.
                // One that hands its sessions on ends at once: clients wait.
                let saver = self.host.saver.as_ref().filter(|_| !self.desk.hands_on());
                if let Some(saver) = saver {
                    saver.finish(SAVING);
                }
            }
            Effect::Exit => return false,
        }
        true
    }

    fn save(&self, changes: Changes) {
        let Some(store) = &self.store else { return };
        let trouble = match store.try_send(store::Message::Save(changes)) {
            Ok(()) => return,
            Err(store::Unsent::Full) => Trouble::Later("it has too much to do".into()),
            Err(store::Unsent::Gone) => Trouble::Refused("its thread has ended".into()),
        };
        self.host.tell(Input::Stored(unstored(trouble)));
    }
}

fn unstored(trouble: Trouble) -> store::Report {
    store::Report { kept: Err(trouble), replaced: None }
}

fn now() -> Now {
    Now { at: Instant::now(), unix_ms: unix_ms() }
}
