//! The thread around the desk, and what all threads of a host share.

use std::collections::HashMap;
use std::io::{self, Write};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::thread::{self, available_parallelism};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, unbounded};
use serde_json::Value;

use super::answer::{ByDesk, Gathered, One, Share, Way};
use super::ask::{AnswerAs, Question};
use super::call::{Effect, Input, Now, Order, Plan, Ticket};
use super::desk::Desk;
use super::launch::launch;
use super::options::HostOptions;
use super::outbox::Outbox;
use super::owed::Topic;
use super::peer;
use super::reach::Reach;
use super::tap::TapDrain;
use super::traffic::Traffic;
use crate::base::{ClientId, SessionId, SessionNo};
use crate::model::BoardEvent;
use crate::protocol::limits::MAX_CONNECTIONS;
use crate::protocol::methods::{Delivered, Metrics};
use crate::protocol::rpc::{Error, Response, code};
use crate::protocol::shapes;
use crate::session::message::Message;
use crate::session::{Ask, Counters, Gate, Handle, Reply, Unsent};
use crate::store::{self, Changes, Trouble};

/// How long the last replies may take to be written when the host ends.
const FAREWELL: Duration = Duration::from_millis(300);
/// How long after the host was told to end its last words may take to be in the database.
const LAST_WORDS: Duration = Duration::from_millis(4700);
/// How long the start waits for the database: who asks the host finds it open, and a disk that does not answer holds up
/// nobody.
const OPENING: Duration = Duration::from_secs(2);

/// What the threads of a host share.
#[derive(Debug)]
pub(super) struct Host {
    inbox: Sender<Note>,
    /// Where the sessions are reached. Written by the desk's thread alone, and never locked while anything is sent.
    sessions: RwLock<HashMap<SessionNo, Handle>>,
    last_client: AtomicU64,
    connections: AtomicUsize,
    pub(super) traffic: Traffic,
    counters: Arc<Counters>,
    pub(super) half_message: Duration,
    pub(super) reach: Reach,
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
        stop_listening: Option<UnixStream>,
    ) -> io::Result<(Arc<Self>, thread::JoinHandle<bool>)> {
        let (inbox, notes) = unbounded();
        let host = Arc::new(Self {
            inbox,
            sessions: RwLock::default(),
            last_client: AtomicU64::new(0),
            connections: AtomicUsize::new(0),
            traffic: Traffic::default(),
            counters: Arc::default(),
            half_message: options.half_message,
            reach,
        });
        let gate = Arc::new(Gate::new(available_parallelism().map_or(1, usize::from)));
        let path = options.database.as_ref().map(|database| database.path.display().to_string());
        let store = host.start_store(options.database.clone());
        let runtime = Runtime {
            desk: Desk::new(options.clean_up, path, Instant::now()),
            store,
            told_to_end: None,
            host: Arc::clone(&host),
            notes,
            outboxes: HashMap::new(),
            options: Arc::new(options),
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

    /// How a session is reached.
    pub(super) fn session(&self, no: SessionNo) -> Option<Handle> {
        self.sessions.read().unwrap_or_else(PoisonError::into_inner).get(&no).cloned()
    }
}

/// The desk's thread.
struct Runtime {
    desk: Desk,
    store: Option<store::Handle>,
    told_to_end: Option<Instant>,
    host: Arc<Host>,
    notes: Receiver<Note>,
    outboxes: HashMap<ClientId, Arc<Outbox>>,
    options: Arc<HostOptions>,
    gate: Arc<Gate>,
    stop_listening: Option<UnixStream>,
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
            Effect::End(no) => self.with_session(no, Handle::end),
            Effect::Terminate(no) => self.with_session(no, Handle::terminate),
            Effect::Kill(no) => self.with_session(no, Handle::kill),
            Effect::Close(no) => self.with_session(no, Handle::close),
            Effect::Forget(no) => {
                let gone = self.host.sessions.write().unwrap_or_else(PoisonError::into_inner).remove(&no);
                if let Some(session) = gone {
                    session.forget();
                }
            }
            Effect::Save(changes) => self.save(*changes),
            Effect::StopListening => (self.stop_listening, self.told_to_end) = (None, Some(Instant::now())),
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

    fn reply(&self, ticket: Ticket, result: Result<serde_json::Value, Error>) {
        self.way(ticket).reply(result);
    }

    /// Gives a session an order. False when it has no room for it now; a session that is over needs none.
    fn order(&self, no: SessionNo, order: Order) -> bool {
        let Some(handle) = self.host.session(no) else { return true };
        let message = match order {
            Order::Expel(client) => Message::Expel(client),
            Order::Untap(client) => Message::Untap(client),
            Order::Relink => Message::Relink,
            Order::Tap(client, id) => {
                let Some(outbox) = self.outboxes.get(&client) else { return true };
                Message::Tap(client, TapDrain::new(client, no, id, outbox, &self.host))
            }
        };
        handle.try_send(message) != Err(Unsent::Full)
    }

    fn ask(&self, no: SessionNo, session: SessionId, ticket: Ticket, question: Question) {
        let Question { ask, answer_as } = question;
        let reply = Reply::new(match answer_as {
            AnswerAs::Session => Box::new(ByDesk { host: Arc::downgrade(&self.host), ticket, no }),
            _ => Box::new(One { way: self.way(ticket), session, answer_as }),
        });
        // Without a session the reply is dropped, and says so.
        if let Some(handle) = self.host.session(no) {
            handle.ask(ask, reply);
        }
    }

    fn broadcast(&self, ticket: Ticket, chosen: Vec<(Option<SessionNo>, Delivered)>, ask: &Ask) {
        let (asked, lines): (Vec<_>, Vec<_>) = chosen.into_iter().unzip();
        let all = Gathered::new(self.way(ticket), lines, asked.iter().flatten().count());
        for (line, no) in asked.into_iter().enumerate() {
            let Some(no) = no else { continue };
            let reply = Reply::new(Box::new(Share { all: Arc::clone(&all), line }));
            if let Some(handle) = self.host.session(no) {
                handle.ask(ask.clone(), reply);
            }
        }
        all.done(None);
    }

    /// The way to whoever asked.
    fn way(&self, ticket: Ticket) -> Way {
        let outbox = self.outboxes.get(&ticket.client).map(Arc::downgrade).unwrap_or_default();
        Way { host: Arc::downgrade(&self.host), outbox, ticket }
    }

    fn with_session(&self, no: SessionNo, act: fn(&Handle)) {
        if let Some(handle) = self.host.session(no) {
            act(&handle);
        }
    }

    fn start(&self, no: SessionNo, plan: Plan) {
        let (host, options, gate) = (Arc::clone(&self.host), Arc::clone(&self.options), Arc::clone(&self.gate));
        let started = thread::Builder::new().name(format!("start {no}")).spawn(move || {
            let report = {
                let inbox = host.inbox.clone();
                Arc::new(move |report| drop(inbox.send(Note::Input(Input::Report(no, report)))))
            };
            let result =
                launch(no, plan, &options, &host.reach, &gate, &host.counters, report).map(|(handle, started)| {
                    host.sessions.write().unwrap_or_else(PoisonError::into_inner).insert(no, handle);
                    started
                });
            host.tell(Input::Started(no, result));
        });
        if let Err(e) = started {
            self.host.tell(Input::Started(no, Err(Error::new(code::INTERNAL, format!("no thread is left: {e}")))));
        }
    }
}

fn unstored(trouble: Trouble) -> store::Report {
    store::Report { kept: Err(trouble), replaced: None }
}

fn now() -> Now {
    let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Now { at: Instant::now(), unix_ms: u64::try_from(unix.as_millis()).unwrap_or(u64::MAX) }
}
