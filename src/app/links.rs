//! The window's connections: does what the core asks of hosts, and tells it what comes from there. Decides nothing.

use std::sync::Arc;

use winit::event_loop::EventLoopProxy;

use super::event::{Call, Effect, Event};
use super::options::Dial;
use super::window::Told;
use crate::client::{Absent, Connector, Link, Lost, Update};
use crate::model::session_kind::SshTarget;
use crate::protocol::methods::{
    CreateSession, Empty, ListWorkspaces, OpenWorkspace, SetWeights, SwapPanes, TerminateSession, UpdateLayout,
};

/// The connections to the window's host and to those of other machines whose sessions it shows.
pub struct Links {
    own: Line,
    others: Vec<(SshTarget, Line)>,
    dial: Dial,
    proxy: EventLoopProxy<Told>,
}

/// The connection to one host.
struct Line {
    connector: Connector,
    link: Option<Link>,
    /// The number of the attempt to connect that counts.
    attempt: u32,
}

impl Links {
    pub fn new(connector: Connector, dial: Dial, proxy: EventLoopProxy<Told>) -> Self {
        Self { own: Line::new(connector), others: Vec::new(), dial, proxy }
    }

    /// Does what is about hosts; other effects are not meant for this.
    pub fn run(&mut self, effect: Effect) {
        match effect {
            Effect::Far(machine, effect) => {
                if matches!(*effect, Effect::Connect { .. }) && !self.others.iter().any(|(known, _)| *known == machine)
                {
                    let line = Line::new((self.dial)(&machine));
                    self.others.push((machine.clone(), line));
                }
                let proxy = &self.proxy;
                if let Some((_, line)) = self.others.iter_mut().find(|(known, _)| *known == machine) {
                    line.run(*effect, Some(machine), proxy);
                }
            }
            Effect::LeaveFar(machine) => self.others.retain(|(known, _)| *known != machine),
            effect => self.own.run(effect, None, &self.proxy),
        }
    }

    /// What it means to the core.
    pub fn told(&mut self, machine: Option<SshTarget>, attempt: u32, update: Update) -> Event {
        let line = match &machine {
            None => Some(&mut self.own),
            Some(machine) => self.others.iter_mut().find(|(known, _)| known == machine).map(|(_, line)| line),
        };
        let event = event(line, attempt, update);
        match machine {
            Some(machine) => Event::Far(machine, Box::new(event)),
            None => event,
        }
    }
}

fn event(line: Option<&mut Line>, attempt: u32, update: Update) -> Event {
    match update {
        Update::Connected { link, hello } => {
            // A link of an attempt that was given up is dropped, which closes it.
            if let Some(line) = line.filter(|line| line.attempt == attempt) {
                line.link = Some(link);
            }
            Event::Connected(attempt, hello.proto)
        }
        Update::Reply { id, result } => Event::Reply(attempt, id, result),
        Update::Board(change) => Event::Board(attempt, change),
        Update::Message(no, message) => Event::Message(attempt, no, message),
        Update::Lost(lost) => Event::Lost(attempt, lost.into()),
    }
}

impl Line {
    fn new(connector: Connector) -> Self {
        Self { connector, link: None, attempt: 0 }
    }

    fn run(&mut self, effect: Effect, machine: Option<SshTarget>, proxy: &EventLoopProxy<Told>) {
        match effect {
            Effect::Connect { attempt, start } => self.connect(attempt, start, machine, proxy),
            Effect::Call(id, call) => self.call(id, &call),
            Effect::Doubt => self.link.iter().for_each(Link::doubt),
            Effect::Send(no, message) => {
                if let Some(link) = &self.link {
                    link.send(no, &message);
                }
            }
            _ => {}
        }
    }

    fn connect(&mut self, attempt: u32, start: bool, machine: Option<SshTarget>, proxy: &EventLoopProxy<Told>) {
        (self.link, self.attempt) = (None, attempt);
        let to = proxy.clone();
        let deliver = Arc::new(move |attempt, update| {
            to.send_event(Told::Host(machine.clone(), attempt, Box::new(update))).unwrap_or_default();
        });
        let absent = if start { Absent::Start } else { Absent::Fail };
        let told = Arc::clone(&deliver);
        if let Err(e) = Link::start(Arc::clone(&self.connector), absent, "window", attempt, deliver) {
            told(attempt, Update::Lost(Lost::Broken(e.to_string())));
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
}
