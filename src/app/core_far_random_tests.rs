//! Random events about panes of two other machines, with an account of what their hosts were told: each session is watched
//! by exactly the pane that shows it, and nothing goes to who is not there.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use proptest::prelude::*;
use proptest::sample::select;

use super::far::place;
use super::*;
use crate::model::SessionKind;
use crate::model::session_kind::{RemoteSession, SshTarget};

const HOSTS: [&str; 2] = ["box", "cub"];

#[derive(Debug, Clone)]
enum Op {
    /// A pane is the place of another session.
    Place(u32, usize, &'static str),
    Panes(Vec<u32>),
    OwnLost,
    OwnBack,
    Up(usize),
    Lost(usize, bool),
    Session(usize, u32, &'static str),
    Removed(usize, u32),
    Frame(usize, u32),
    Key(&'static str),
    Wait(u16),
}

fn op() -> impl Strategy<Value = Op> {
    let (host, no, name) = (0..2usize, || 1..5u32, || select(vec!["a", "b", "c"]));
    let panes = prop::sample::subsequence((1..7).collect::<Vec<u32>>(), 0..=6).prop_shuffle();
    let keys = select(vec!["x", "enter", "ctrl+shift+right", "ctrl+shift+left", "ctrl+shift+enter"]);
    prop_oneof![
        4 => (2..7u32, host.clone(), name()).prop_map(|(no, host, name)| Op::Place(no, host, name)),
        4 => panes.prop_map(Op::Panes),
        1 => Just(Op::OwnLost),
        3 => Just(Op::OwnBack),
        6 => host.clone().prop_map(Op::Up),
        2 => (host.clone(), any::<bool>()).prop_map(|(host, hopeless)| Op::Lost(host, hopeless)),
        5 => (host.clone(), no(), name()).prop_map(|(host, no, name)| Op::Session(host, no, name)),
        2 => (host.clone(), no()).prop_map(|(host, no)| Op::Removed(host, no)),
        5 => (host, no()).prop_map(|(host, no)| Op::Frame(host, no)),
        8 => keys.prop_map(Op::Key),
        3 => (0..40_000u16).prop_map(Op::Wait),
    ]
}

/// One of the other machines.
#[derive(Default)]
struct Machine {
    /// The attempt that the window makes, and whether it has come to stand.
    attempt: Option<u32>,
    up: bool,
    sessions: BTreeMap<u32, &'static str>,
    /// What is watched, and the frames not credited.
    watched: BTreeMap<SessionNo, u32>,
}

struct Site {
    desk: Desk,
    machines: [Machine; 2],
    own: BTreeMap<u32, SessionInfo>,
    panes: Vec<u32>,
}

impl Site {
    fn new() -> Self {
        let own = [(1, info(1))].into_iter().chain((2..7).map(|no| (no, place(no, "box", "a")))).collect();
        let mut site = Self { desk: Desk::new(1), machines: Default::default(), own, panes: vec![1, 2] };
        site.tell_own();
        site
    }

    fn tell_own(&mut self) {
        let attempt = self.desk.core.connection.attempt;
        for session in self.own.values().cloned().collect::<Vec<_>>() {
            self.step(Event::Board(attempt, BoardEvent::Session(session)));
        }
        self.tell_panes();
    }

    fn tell_panes(&mut self) {
        let panes = self.panes.iter().copied().map(SessionNo).collect();
        let workspace = Workspace { panes, ..Workspace::new("default") };
        self.step(Event::Board(self.desk.core.connection.attempt, BoardEvent::Workspace(workspace)));
    }

    fn from(&mut self, host: usize, event: impl FnOnce(u32) -> Event) {
        if let Some(attempt) = self.machines[host].attempt {
            let machine = SshTarget { host: HOSTS[host].into(), ..SshTarget::default() };
            self.step(Event::Far(machine, Box::new(event(attempt))));
        }
    }

    /// A session of a host, under an id of its own.
    fn session(&self, host: usize, no: u32, name: &str) -> SessionInfo {
        let id = SessionId::from_u128(u128::from(no) + 1000 * (1 + host as u128));
        SessionInfo { id, name: name.into(), ..info(no) }
    }

    fn perform(&mut self, op: Op) {
        match op {
            Op::Place(no, host, name) => {
                let session = place(no, HOSTS[host], name);
                self.own.insert(no, session.clone());
                self.step(Event::Board(self.desk.core.connection.attempt, BoardEvent::Session(session)));
            }
            Op::Panes(panes) => {
                self.panes = panes;
                self.tell_panes();
            }
            Op::OwnLost => self.step(Event::Lost(self.desk.core.connection.attempt, broken("gone"))),
            Op::OwnBack if self.desk.core.connection.is_up() => {}
            Op::OwnBack => {
                self.step(Event::Connected(self.desk.core.connection.attempt, PROTO_MAX));
                self.tell_own();
            }
            Op::Up(host) if self.machines[host].up || self.machines[host].attempt.is_none() => {}
            Op::Up(host) => {
                self.machines[host].up = true;
                self.from(host, |attempt| Event::Connected(attempt, PROTO_MAX));
                for (no, name) in self.machines[host].sessions.clone() {
                    let session = self.session(host, no, name);
                    self.from(host, |attempt| Event::Board(attempt, BoardEvent::Session(session)));
                }
                self.from(host, |attempt| Event::Board(attempt, BoardEvent::Workspace(Workspace::new("default"))));
            }
            Op::Lost(host, hopeless) => {
                let outlook = if hopeless { Outlook::Hopeless } else { Outlook::Broken };
                let attempt = self.machines[host].attempt;
                (self.machines[host].up, self.machines[host].attempt) = (false, None);
                self.machines[host].watched.clear();
                let machine = SshTarget { host: HOSTS[host].into(), ..SshTarget::default() };
                let lost = attempt.map(|attempt| Event::Lost(attempt, Loss { why: "cut".into(), outlook }));
                lost.into_iter().for_each(|lost| self.step(Event::Far(machine.clone(), Box::new(lost))));
            }
            Op::Session(host, no, name) => {
                self.machines[host].sessions.insert(no, name);
                let session = self.session(host, no, name);
                if self.machines[host].up {
                    self.from(host, |attempt| Event::Board(attempt, BoardEvent::Session(session)));
                }
            }
            Op::Removed(host, no) => {
                self.machines[host].sessions.remove(&no);
                if self.machines[host].up {
                    self.from(host, |attempt| Event::Board(attempt, BoardEvent::Removed(SessionNo(no))));
                }
            }
            Op::Frame(host, no) => {
                let Some(owed @ 0) = self.machines[host].watched.get_mut(&SessionNo(no)) else { return };
                *owed += 1;
                let screen = Screen::blank(GridSize::clamped(9, 3));
                let frame = HostMessage::Frame(Frame::diff(&screen, 0, &screen, 1));
                self.from(host, |attempt| Event::Message(attempt, SessionNo(no), frame));
                self.step(Event::Drawing);
            }
            Op::Key(chord) => {
                let chord: Chord = chord.parse().unwrap();
                self.step(Event::Key(KeyEvent::press(chord.key, chord.mods)));
            }
            Op::Wait(ms) => {
                self.desk.now += Duration::from_millis(u64::from(ms));
                self.step(Event::Tick);
            }
        }
    }

    fn step(&mut self, event: Event) {
        self.desk.step(event);
        for effect in std::mem::take(&mut self.desk.out) {
            match effect {
                Effect::Far(machine, effect) => {
                    let host = HOSTS.iter().position(|host| machine.host == *host).unwrap();
                    self.told(host, *effect);
                }
                Effect::LeaveFar(machine) => {
                    let host = HOSTS.iter().position(|host| machine.host == *host).unwrap();
                    let sessions = std::mem::take(&mut self.machines[host].sessions);
                    self.machines[host] = Machine { sessions, ..Machine::default() };
                }
                Effect::Send(no, message) => {
                    assert!(self.desk.core.remote(no).is_none(), "{message:?} of {no} goes to its own host");
                }
                _ => {}
            }
        }
        self.verify();
    }

    /// One of the machines is told something.
    fn told(&mut self, host: usize, effect: Effect) {
        let machine = &mut self.machines[host];
        match effect {
            Effect::Connect { attempt, .. } => {
                assert!(machine.attempt.is_none_or(|before| before < attempt), "an attempt is made once");
                (machine.attempt, machine.up) = (Some(attempt), false);
                machine.watched.clear();
            }
            Effect::Call(_, Call::Open(params)) => {
                assert!(machine.up && !params.first_shell && !params.private);
            }
            Effect::Send(no, message) => {
                assert!(machine.up, "{message:?} to a host that is away");
                match message {
                    ClientMessage::Subscribe => assert_eq!(machine.watched.insert(no, 0), None, "{no} twice"),
                    ClientMessage::Unsubscribe => {
                        let there = machine.sessions.contains_key(&no.0);
                        assert!(machine.watched.remove(&no).is_some() || !there, "{no} was not watched");
                    }
                    ClientMessage::Detach => drop(machine.watched.remove(&no)),
                    ClientMessage::Credit => {
                        let owed = machine.watched.get_mut(&no).expect("credit for what is watched");
                        *owed = owed.checked_sub(1).expect("credit for a frame");
                    }
                    _ => {}
                }
            }
            other => panic!("{other:?} is not about a host"),
        }
    }

    /// Exactly what is seen is watched, in one pane each.
    fn verify(&self) {
        let core = &self.desk.core;
        if !core.connection.is_current() {
            return;
        }
        let mut shown = HashSet::new();
        let mut wanted: [BTreeSet<SessionNo>; 2] = Default::default();
        for pane in &core.board.workspace.panes {
            let Some(SessionKind::Remote(RemoteSession { machine, session })) =
                core.board.session(*pane).map(|info| &info.kind)
            else {
                continue;
            };
            let host = HOSTS.iter().position(|host| machine.host == *host).unwrap();
            let current = core.far.host(machine).is_some_and(|host| host.connection.is_current());
            let there = self.machines[host].sessions.iter().find(|(_, name)| **name == session.as_str());
            let Some(there) = there.map(|(no, _)| SessionNo(*no)).filter(|_| current) else { continue };
            let first = shown.insert((host, there));
            if first && core.arrangement.pane(*pane).is_some() {
                wanted[host].insert(there);
            }
        }
        for (machine, wanted) in self.machines.iter().zip(wanted) {
            let watched: BTreeSet<SessionNo> = machine.watched.keys().copied().collect();
            assert_eq!(watched, wanted, "what is seen is watched");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn sessions_of_other_machines_are_watched_by_the_pane_that_shows_them(
        ops in prop::collection::vec(op(), 1..80),
    ) {
        let mut site = Site::new();
        ops.into_iter().for_each(|op| site.perform(op));
    }
}
