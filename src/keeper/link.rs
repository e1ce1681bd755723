//! The daemon's end of the socket pair to its keeper. Two threads: one writes what is asked, one reads what is answered
//! and what is told; neither waits for the other, so neither side's full socket holds up both.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::fate::{Fate, Told};
use super::frame::{Frame, Incoming, Outgoing, Read};
use super::wire::{Event, FromKeeper, Reply, Request, Upgrade};

/// What a keeper lets its daemon know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// Everything is to end, as for `stop_host`.
    End,
    /// The keeper is gone. Sessions live on, and end with this process.
    Gone,
    /// How the last upgrade stands.
    Upgrade(Upgrade),
}

type Answer = Result<(Reply, Vec<OwnedFd>), String>;

/// The way to the keeper. Clones lead to the same one.
#[derive(Debug, Clone)]
pub(super) struct Link {
    out: Sender<Frame>,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shared")
    }
}

#[derive(Default)]
struct State {
    last: u32,
    pending: HashMap<u32, SyncSender<Answer>>,
    fates: HashMap<u128, Arc<Fate>>,
    gone: bool,
    /// What nobody has listened to yet.
    news: Vec<News>,
    listener: Option<Arc<dyn Fn(News) + Send + Sync>>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Passes news on, or keeps them for whoever will listen.
    fn news(&self, news: News) {
        let listener = {
            let mut state = self.lock();
            if state.listener.is_none() {
                state.news.push(news.clone());
            }
            state.listener.clone()
        };
        if let Some(listener) = listener {
            listener(news);
        }
    }

    fn take(&self, frame: Frame) {
        let Frame { op, request, payload, fds } = frame;
        match FromKeeper::decode(op, &payload) {
            Ok(FromKeeper::Event(Event::Exited { key, exit })) => {
                // Kept for whoever takes the program over: it may have ended since it was listed.
                let fate = Arc::clone(self.lock().fates.entry(key).or_default());
                fate.tell(Told::Exit(exit));
            }
            Ok(FromKeeper::Event(Event::End)) => self.news(News::End),
            Ok(FromKeeper::Event(Event::Upgrade(upgrade))) => self.news(News::Upgrade(upgrade)),
            Ok(FromKeeper::Reply(reply)) => self.answer(request, Ok((reply, fds))),
            // Of a keeper that knows more than this build: what this build did not ask for it does not need.
            Err(why) => self.answer(request, Err(why)),
        }
    }

    fn answer(&self, request: u32, answer: Answer) {
        let asked = self.lock().pending.remove(&request);
        if let Some(asked) = asked {
            // Whoever asked may have given up.
            let _ = asked.send(answer);
        }
    }

    /// The keeper is gone: whoever waits for it is told.
    fn end(&self) {
        let (pending, fates) = {
            let mut state = self.lock();
            state.gone = true;
            (std::mem::take(&mut state.pending), std::mem::take(&mut state.fates))
        };
        drop(pending);
        fates.values().for_each(|fate| fate.tell(Told::Nobody));
        self.news(News::Gone);
    }
}

fn gone() -> io::Error {
    io::Error::new(io::ErrorKind::NotConnected, "the keeper is gone")
}

impl Link {
    /// Over this end of a socket pair.
    ///
    /// # Errors
    /// The system has no thread or descriptor left.
    pub(super) fn start(socket: OwnedFd) -> io::Result<Self> {
        let socket = UnixStream::from(socket);
        let (out, frames) = channel();
        let link = Self { out, shared: Arc::default() };
        let (reading, shared) = (socket.try_clone()?, Arc::clone(&link.shared));
        thread::Builder::new().name("keeper-in".into()).spawn(move || read(&reading, &shared))?;
        thread::Builder::new().name("keeper-out".into()).spawn(move || write(&socket, &frames))?;
        Ok(link)
    }

    pub(super) fn is_up(&self) -> bool {
        !self.shared.lock().gone
    }

    /// Asks, and waits for the answer.
    ///
    /// # Errors
    /// The keeper refuses, in its words; or it is gone: [`io::ErrorKind::NotConnected`].
    pub(super) fn ask(&self, request: &Request, fds: Vec<OwnedFd>) -> io::Result<(Reply, Vec<OwnedFd>)> {
        let (tell, told) = sync_channel(1);
        let number = {
            let mut state = self.shared.lock();
            if state.gone {
                return Err(gone());
            }
            state.last = state.last.wrapping_add(1).max(1);
            let number = state.last;
            state.pending.insert(number, tell);
            number
        };
        self.send(request, number, fds);
        match told.recv() {
            Ok(Ok((Reply::Refused(why), _))) | Ok(Err(why)) => Err(io::Error::other(why)),
            Ok(Ok(answer)) => Ok(answer),
            Err(_) => Err(gone()),
        }
    }

    /// Asks for something whose answer nobody needs.
    pub(super) fn tell(&self, request: &Request) {
        self.send(request, 0, Vec::new());
    }

    fn send(&self, request: &Request, number: u32, fds: Vec<OwnedFd>) {
        let (op, payload) = request.encode();
        // It fails when the keeper is gone, which the reading thread notices too.
        let _ = self.out.send(Frame { op, request: number, payload, fds });
    }

    /// Expects the end of a program. What was expected of this key before is over: its id is the system's again.
    pub(super) fn expect(&self, key: u128) -> Arc<Fate> {
        let fate = Arc::new(Fate::default());
        let before = {
            let mut state = self.shared.lock();
            if state.gone {
                fate.tell(Told::Nobody);
                None
            } else {
                state.fates.insert(key, Arc::clone(&fate))
            }
        };
        if let Some(before) = before {
            before.lock().reaped = true;
        }
        fate
    }

    /// What is known of the program of this key, which was started for an earlier daemon.
    pub(super) fn adopt(&self, key: u128) -> Arc<Fate> {
        let mut state = self.shared.lock();
        let gone = state.gone;
        let fate = Arc::clone(state.fates.entry(key).or_default());
        drop(state);
        if gone {
            fate.tell(Told::Nobody);
        }
        fate
    }

    /// Expects nothing of this key any more: from here on its program's id may be anybody's.
    pub(super) fn forget(&self, key: u128) {
        let fate = self.shared.lock().fates.remove(&key);
        if let Some(fate) = fate {
            // No signal is on its way while this is held, none is sent afterwards.
            fate.lock().reaped = true;
        }
    }

    /// Who hears the news from here on, and what there was before. Called on the thread that reads: it must not block.
    pub(super) fn listen(&self, listener: Arc<dyn Fn(News) + Send + Sync>) {
        let before = {
            let mut state = self.shared.lock();
            state.listener = Some(Arc::clone(&listener));
            std::mem::take(&mut state.news)
        };
        before.into_iter().for_each(|news| listener(news));
    }
}

fn read(socket: &UnixStream, shared: &Shared) {
    let mut incoming = Incoming::default();
    loop {
        match incoming.read(socket.as_fd(), true) {
            Ok(Read::Frame(frame)) => shared.take(frame),
            Ok(Read::Bad { request, why }) => shared.answer(request, Err(why)),
            Ok(Read::Wait) => {}
            Ok(Read::End) => break,
            Err(e) => {
                log::error!("the link to the keeper failed: {e}");
                break;
            }
        }
    }
    shared.end();
}

fn write(socket: &UnixStream, frames: &Receiver<Frame>) {
    let mut outgoing = Outgoing::default();
    for frame in frames {
        outgoing.push(frame);
        if let Err(e) = outgoing.flush(socket.as_fd(), true) {
            log::debug!("writing to the keeper failed: {e}");
            break;
        }
    }
    // Nobody asks any more. The thread that reads wakes up and sees to the rest.
    let _ = socket.shutdown(std::net::Shutdown::Both);
}
