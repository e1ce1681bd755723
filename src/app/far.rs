//! Panes that show sessions of other machines' hosts: which hosts those are, how the window stands with each, and which
//! session of which host is in which pane. A plain value: who dials is the core's business. The window's own host keeps
//! only the places of such panes.

use std::time::{Duration, Instant};

use super::connection::{Connection, State};
use super::view::lost;
use crate::base::SessionNo;
use crate::client::Loss;
use crate::model::SessionInfo;
use crate::model::board::Board;
use crate::model::session_kind::{RemoteSession, SshTarget};

/// Between two looks for a machine that was given up after it had been reached: one that was switched off comes back some
/// day, and each look is a start of `ssh`.
const LOOK: Duration = Duration::from_secs(30);

/// A pane, and what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FarPane {
    /// Its number on the window's own host.
    pub no: SessionNo,
    pub remote: RemoteSession,
}

/// A pane whose session is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    pub no: SessionNo,
    pub machine: SshTarget,
    /// The session's number on its own host.
    pub there: SessionNo,
}

/// Another machine's host.
#[derive(Debug)]
pub struct FarHost {
    pub machine: SshTarget,
    pub connection: Connection,
    /// What it has told of its sessions.
    pub board: Board,
    /// When to look for it again.
    pub next: Option<Instant>,
}

/// All other machines' hosts that the window needs.
#[derive(Debug, Default)]
pub struct Far {
    pub hosts: Vec<FarHost>,
    /// The panes that are reached.
    pub joined: Vec<Joined>,
    /// The highest attempt at a host that is needed no more: what is still told of it is not about later ones.
    past: u32,
}

impl FarHost {
    fn new(machine: SshTarget, attempt: u32) -> Self {
        let mut host = Self { machine, connection: Connection::default(), board: Board::default(), next: None };
        host.connection.attempt = attempt;
        host
    }

    /// What is called so: by its UUID or its name.
    pub fn session(&self, called: &str) -> Option<&SessionInfo> {
        let named = self.board.sessions.iter().find(|s| s.name == called);
        named.or_else(|| called.parse().ok().and_then(|id| self.board.by_id(id)))
    }

    /// When to give it up, whatever the present attempt does.
    pub fn hope_ends(&self) -> Option<Instant> {
        self.connection.hope_ends().filter(|_| self.connection.is_sought())
    }

    /// The connection, or an attempt at one, has ended. True if it is given up.
    pub fn lost(&mut self, loss: &Loss, now: Instant) -> bool {
        self.connection.attempt += 1;
        let again = self.connection.ended(loss, now);
        self.next = again.or(self.connection.is_known().then(|| now + LOOK));
        again.is_none()
    }
}

impl Far {
    pub fn host(&self, machine: &SshTarget) -> Option<&FarHost> {
        self.hosts.iter().find(|host| host.machine == *machine)
    }

    pub fn host_mut(&mut self, machine: &SshTarget) -> Option<&mut FarHost> {
        self.hosts.iter_mut().find(|host| host.machine == *machine)
    }

    /// A session as its own host has told of it.
    pub fn session(&self, remote: &RemoteSession) -> Option<&SessionInfo> {
        self.host(&remote.machine)?.session(&remote.session)
    }

    /// Has exactly the hosts that these panes need; returns those that are new and those that are needed no more.
    pub fn need(&mut self, panes: &[FarPane]) -> (Vec<(SshTarget, u32)>, Vec<SshTarget>) {
        let needed = |machine: &SshTarget| panes.iter().any(|pane| pane.remote.machine == *machine);
        let mut gone = Vec::new();
        for host in self.hosts.extract_if(.., |host| !needed(&host.machine)) {
            self.past = self.past.max(host.connection.attempt);
            gone.push(host.machine);
        }
        let mut new = Vec::new();
        for FarPane { remote: RemoteSession { machine, .. }, .. } in panes {
            if self.host(machine).is_none() {
                let attempt = self.past + 1;
                self.hosts.push(FarHost::new(machine.clone(), attempt));
                new.push((machine.clone(), attempt));
            }
        }
        (new, gone)
    }

    /// Finds the sessions of these panes. One that is meant by two is in the first: it has one size. Returns who was
    /// reached before and is not, or is another, now.
    pub fn join(&mut self, panes: &[FarPane]) -> Vec<Joined> {
        let mut joined: Vec<Joined> = Vec::new();
        for FarPane { no, remote } in panes {
            let RemoteSession { machine, session } = remote;
            let host = self.host(machine).filter(|host| host.connection.is_current());
            let Some(there) = host.and_then(|host| host.session(session)).map(|session| session.no) else { continue };
            if !joined.iter().any(|other| other.machine == *machine && other.there == there) {
                joined.push(Joined { no: *no, machine: machine.clone(), there });
            }
        }
        let mut before = std::mem::replace(&mut self.joined, joined);
        before.retain(|was| !self.joined.contains(was));
        before
    }

    /// The session in this pane.
    pub fn in_pane(&self, no: SessionNo) -> Option<&Joined> {
        self.joined.iter().find(|joined| joined.no == no)
    }

    /// The pane of this host's session.
    pub fn pane_of(&self, machine: &SshTarget, there: SessionNo) -> Option<SessionNo> {
        self.joined.iter().find(|joined| joined.machine == *machine && joined.there == there).map(|joined| joined.no)
    }

    /// When the next host is to be looked for.
    pub fn next(&self) -> Option<Instant> {
        self.hosts.iter().flat_map(|host| [host.next, host.hope_ends()]).flatten().min()
    }

    /// What a header says about the session of this pane, if there is anything to say.
    pub fn words(&self, no: SessionNo, remote: &RemoteSession) -> Option<&'static str> {
        let Some(host) = self.host(&remote.machine) else { return Some("not shown here") };
        match (&host.connection.state, host.session(&remote.session)) {
            (State::Down(_), _) => Some("not reached - Enter tries again"),
            _ if !host.connection.is_current() => Some("connecting"),
            (_, None) => Some("no such session there"),
            _ if self.in_pane(no).is_none() => Some("shown in another pane"),
            (_, Some(session)) => lost(session),
        }
    }
}
