//! The binary half of a connection: a client's messages on their way to the session cores, and back.

use std::collections::HashMap;
use std::io::BufReader;
use std::sync::Arc;

use super::outbox::Outbox;
use super::patience::{self, Patient};
use super::runtime::Host;
use crate::base::{ClientId, SessionNo};
use crate::protocol::stream::{ClientMessage, HostMessage, Message as _, read_raw};
use crate::session::message::Message;
use crate::session::{Handle, Outlet, Request, Update};

/// Hands a client's messages on until its stream ends.
pub(super) fn run(client: ClientId, reader: &mut BufReader<Patient>, outbox: &Arc<Outbox>, host: &Arc<Host>) {
    let mut attached = Attached { client, outbox, host, sessions: HashMap::new() };
    loop {
        let raw = match patience::begin(reader).and_then(|more| if more { read_raw(reader) } else { Ok(None) }) {
            Ok(Some(raw)) => raw,
            Ok(None) => break,
            Err(e) => {
                log::info!("a client's stream ends: {e}");
                break;
            }
        };
        match ClientMessage::read(&raw) {
            Ok(Some(message)) => attached.send(raw.session, request(message)),
            Ok(None) => {}
            Err(e) => {
                log::info!("a client's stream ends: {e}");
                break;
            }
        }
    }
    for handle in attached.sessions.into_values() {
        handle.send(Message::Detach(client));
    }
}

/// The sessions that a client has spoken to.
struct Attached<'a> {
    client: ClientId,
    outbox: &'a Arc<Outbox>,
    host: &'a Arc<Host>,
    sessions: HashMap<SessionNo, Handle>,
}

impl Attached<'_> {
    fn send(&mut self, no: SessionNo, request: Request) {
        // Whoever was detached by somebody attaches anew by subscribing; to a client that is attached it changes nothing.
        let handle = match self.sessions.get(&no).filter(|_| request != Request::Subscribe) {
            Some(handle) => Some(handle.clone()),
            None => self.attach(no),
        };
        let sent = handle.is_some_and(|handle| handle.send(Message::Client(self.client, request)));
        if !sent {
            self.sessions.remove(&no);
            self.outbox.message(no, HostMessage::Gone);
        }
    }

    fn attach(&mut self, no: SessionNo) -> Option<Handle> {
        let handle = self.host.session(no)?;
        let outlet = StreamOutlet { outbox: Arc::clone(self.outbox), session: no };
        if !handle.send(Message::Attach(self.client, Arc::new(outlet))) {
            return None;
        }
        self.sessions.insert(no, handle.clone());
        Some(handle)
    }
}

/// Where a session's updates for one client go.
#[derive(Debug)]
struct StreamOutlet {
    outbox: Arc<Outbox>,
    session: SessionNo,
}

impl Outlet for StreamOutlet {
    fn send(&self, update: Update) {
        self.outbox.message(self.session, message(update));
    }
}

fn request(message: ClientMessage) -> Request {
    match message {
        ClientMessage::Subscribe => Request::Subscribe,
        ClientMessage::Unsubscribe => Request::Unsubscribe,
        ClientMessage::Detach => Request::Detach,
        ClientMessage::Credit => Request::Credit,
        ClientMessage::Key(event) => Request::Key(event),
        ClientMessage::Mouse(event) => Request::Mouse(event),
        ClientMessage::Paste(text) => Request::Paste(text),
        ClientMessage::Prompt(text) => Request::Prompt(text),
        ClientMessage::Focus(on) => Request::Focus(on),
        ClientMessage::Resize { size, cell_w, cell_h } => Request::Resize { size, cell_w, cell_h },
        ClientMessage::View(at) => Request::View(at),
        ClientMessage::Scroll(rows) => Request::Scroll(rows),
        ClientMessage::Numbered { client, next } => Request::Numbered { client, next },
        ClientMessage::GetText { request, span } => Request::GetText { request, span },
        ClientMessage::GetSpan { request, place, kind } => Request::GetSpan { request, place, kind },
        ClientMessage::Search { request, query } => Request::Search { request, query },
    }
}

fn message(update: Update) -> HostMessage {
    match update {
        Update::Frame(frame) => HostMessage::Frame(frame),
        Update::Bell => HostMessage::Bell,
        Update::Clipboard(text) => HostMessage::Clipboard(text),
        Update::Notify { title, body } => HostMessage::Notify { title, body },
        Update::Text { request, text } => HostMessage::Text { request, text },
        Update::Span { request, span } => HostMessage::Span { request, span },
        Update::Found { request, searched } => HostMessage::Found { request, searched },
        Update::Gone => HostMessage::Gone,
        Update::Detached => HostMessage::Detached,
        Update::Taken(upto) => HostMessage::Taken(upto),
    }
}
