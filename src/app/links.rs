//! The window's connections: does what the core asks of its host, and tells it what comes from there. Decides nothing.

use std::sync::Arc;

use winit::event_loop::EventLoopProxy;

use super::event::{Call, Effect, Event};
use super::window::Told;
use crate::client::{Absent, Connector, Link, Lost, Update};
use crate::protocol::methods::{
    CreateSession, Empty, ListWorkspaces, OpenWorkspace, SetWeights, SwapPanes, TerminateSession, UpdateLayout,
};

/// The connection to the window's host.
pub struct Links {
    connector: Connector,
    proxy: EventLoopProxy<Told>,
    link: Option<Link>,
    /// The number of the attempt to connect that counts.
    attempt: u32,
}

impl Links {
    pub fn new(connector: Connector, proxy: EventLoopProxy<Told>) -> Self {
        Self { connector, proxy, link: None, attempt: 0 }
    }

    /// Does what is about the host; other effects are not meant for this.
    pub fn run(&mut self, effect: Effect) {
        match effect {
            Effect::Connect { attempt, start } => self.connect(attempt, start),
            Effect::Call(id, call) => self.call(id, &call),
            Effect::Send(no, message) => {
                if let Some(link) = &self.link {
                    link.send(no, &message);
                }
            }
            _ => {}
        }
    }

    fn connect(&mut self, attempt: u32, start: bool) {
        (self.link, self.attempt) = (None, attempt);
        let to = self.proxy.clone();
        let deliver =
            Arc::new(move |attempt, update| to.send_event(Told::Host(attempt, Box::new(update))).unwrap_or_default());
        let absent = if start { Absent::Start } else { Absent::Fail };
        if let Err(e) = Link::start(Arc::clone(&self.connector), absent, "window", attempt, deliver) {
            let lost = Update::Lost(Lost::Broken(e.to_string()));
            let _ = self.proxy.send_event(Told::Host(attempt, Box::new(lost)));
        }
    }

    fn call(&self, id: u64, call: &Call) {
        let Some(link) = &self.link else { return };
        match call {
            Call::ListWorkspaces => link.call::<ListWorkspaces>(id, &Empty {}),
            Call::Open(params) => link.call::<OpenWorkspace>(id, params),
            Call::Create(params) => link.call::<CreateSession>(id, params),
            Call::Terminate(params) => link.call::<TerminateSession>(id, params),
            Call::SetWeights(params) => link.call::<SetWeights>(id, params),
            Call::SwapPanes(params) => link.call::<SwapPanes>(id, params),
            Call::UpdateLayout(params) => link.call::<UpdateLayout>(id, params),
        }
    }

    /// What it means to the core.
    pub fn told(&mut self, attempt: u32, update: Update) -> Event {
        match update {
            Update::Connected { link, hello } => {
                // A link of an attempt that was given up is dropped, which closes it.
                if attempt == self.attempt {
                    self.link = Some(link);
                }
                Event::Connected(attempt, hello.proto)
            }
            Update::Reply { id, result } => Event::Reply(attempt, id, result),
            Update::Board(change) => Event::Board(attempt, change),
            Update::Message(no, message) => Event::Message(attempt, no, message),
            Update::Lost(lost) => Event::Lost(attempt, lost.into()),
        }
    }
}
