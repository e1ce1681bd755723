//! Random operations on a desk, with everything that has to hold checked after each of them, and the rules one by one.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::base::GridSize;
use crate::model::grid_layout::MAX_PANES;
use crate::model::{Board, SessionState};
use crate::protocol::methods::{CreateParams, OpenParams, SessionParams, SetWeightsParams};
use crate::protocol::shapes::WeightsShape;
use crate::session::Facts;

/// A desk with a pretended runtime: sessions start when the test says so, programs end when it says so.
struct World {
    desk: Desk,
    now: Instant,
    starting: Vec<SessionNo>,
    /// Sessions whose program runs.
    alive: BTreeSet<SessionNo>,
    replies: BTreeMap<u64, Result<Value, Error>>,
    boards: BTreeMap<ClientId, Board>,
    asked: u64,
    /// What was done to sessions.
    hung_up: BTreeSet<SessionNo>,
    forgotten: BTreeSet<SessionNo>,
    exited: bool,
}

impl World {
    fn new() -> Self {
        let now = Instant::now();
        Self {
            desk: Desk::new(now),
            now,
            starting: Vec::new(),
            alive: BTreeSet::new(),
            replies: BTreeMap::new(),
            boards: BTreeMap::new(),
            asked: 0,
            hung_up: BTreeSet::new(),
            forgotten: BTreeSet::new(),
            exited: false,
        }
    }

    fn step(&mut self, input: Input) {
        let mut effects = Vec::new();
        self.desk.step(input, self.now, &mut effects);
        self.desk.tick(self.now, &mut effects);
        self.take(effects);
    }

    fn take(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Reply(ticket, result) => {
                    let id = ticket.id.and_then(|id| id.as_u64()).unwrap();
                    assert_eq!(self.replies.insert(id, result), None, "two replies to one request");
                }
                Effect::Event(client, event) => self.boards.entry(client).or_default().apply(event),
                Effect::Start(no, _) => self.starting.push(no),
                Effect::HangUp(no) => {
                    self.hung_up.insert(no);
                }
                Effect::Terminate(no) | Effect::Kill(no) => assert!(self.hung_up.contains(&no)),
                Effect::Forget(no) => assert!(self.forgotten.insert(no), "{no} is forgotten twice"),
                Effect::Exit => self.exited = true,
                Effect::Close(_) | Effect::StopListening => {}
            }
        }
    }

    fn call(&mut self, client: u64, call: Call) -> u64 {
        self.asked += 1;
        let ticket = Ticket { client: ClientId(client), id: Some(self.asked.into()) };
        self.step(Input::Call(ticket, call));
        self.asked
    }

    fn create(&mut self, params: CreateParams) -> u64 {
        self.call(1, Call::Create(Box::new(params)))
    }

    fn open(&mut self, client: u64, workspace: &str, private: bool) -> u64 {
        self.boards.remove(&ClientId(client));
        self.call(client, Call::Open(OpenParams { workspace: workspace.into(), private, cols: 80, rows: 24 }))
    }

    fn started(&mut self, no: SessionNo, fine: bool) {
        self.starting.retain(|s| *s != no);
        let result = if fine {
            self.alive.insert(no);
            Ok(Started { pid: Some(no.0), cwd: "/".into(), notice: None, at_ms: 1 })
        } else {
            Err("no".to_owned())
        };
        self.step(Input::Started(no, result));
    }

    fn start_all(&mut self) {
        while let Some(no) = self.starting.first() {
            self.started(*no, true);
        }
    }

    fn reaped(&mut self, no: SessionNo) {
        if self.alive.remove(&no) {
            self.step(Input::Report(no, Report::Reaped));
        }
    }

    fn code(&self, reply: u64) -> Option<i32> {
        self.replies[&reply].as_ref().err().map(|e| e.code)
    }

    fn check(&self) {
        let desk = &self.desk;
        let mut names = BTreeSet::new();
        let mut ids = BTreeSet::new();
        for (no, entry) in &desk.sessions {
            assert_eq!(*no, entry.info.no);
            assert!(names.insert(&entry.info.name) && ids.insert(entry.info.id), "names and ids are unique");
            assert!(!self.forgotten.contains(no));
            let places = desk.spaces.iter().map(|s| s.panes.iter().filter(|p| *p == no).count()).sum::<usize>();
            assert_eq!(places, usize::from(entry.workspace.is_some()), "{no} has one place or none");
        }
        for space in &desk.spaces {
            assert!(space.panes.len() <= MAX_PANES);
            for no in &space.panes {
                assert_eq!(desk.sessions[no].workspace.as_ref(), Some(&space.name));
            }
            assert!(space.owner.is_none_or(|owner| desk.clients.contains_key(&owner)));
        }
        for (client, follows) in &desk.clients {
            if let Some(name) = follows {
                assert_eq!(self.boards.get(client), desk.board(name).as_ref(), "the copy of {client:?}");
            }
        }
    }
}

#[derive(Debug, Clone)]
enum Op {
    Connect(u64),
    Disconnect(u64),
    Open(u64, bool),
    Create(u64, bool, Option<u8>),
    Started(u8, bool),
    Reaped(u8),
    Terminate(u64, u8),
    Weights(u64, Vec<u32>),
    Facts(u8, bool),
    Wait(u16),
}

fn op() -> impl Strategy<Value = Op> {
    let client = || 1u64..4;
    prop_oneof![
        1 => client().prop_map(Op::Connect),
        1 => client().prop_map(Op::Disconnect),
        2 => (client(), any::<bool>()).prop_map(|(c, p)| Op::Open(c, p)),
        6 => (client(), any::<bool>(), any::<Option<u8>>()).prop_map(|(c, w, n)| Op::Create(c, w, n)),
        6 => (any::<u8>(), prop::bool::weighted(0.9)).prop_map(|(i, f)| Op::Started(i, f)),
        2 => any::<u8>().prop_map(Op::Reaped),
        2 => (client(), any::<u8>()).prop_map(|(c, i)| Op::Terminate(c, i)),
        1 => (client(), prop::collection::vec(0u32..5000, 0..5)).prop_map(|(c, w)| Op::Weights(c, w)),
        3 => (any::<u8>(), any::<bool>()).prop_map(|(i, e)| Op::Facts(i, e)),
        2 => (0u16..4000).prop_map(Op::Wait),
    ]
}

fn pick<T: Copy>(from: impl IntoIterator<Item = T>, index: u8) -> Option<T> {
    let all: Vec<T> = from.into_iter().collect();
    all.get(usize::from(index).checked_rem(all.len())?).copied()
}

fn perform(world: &mut World, op: Op) {
    match op {
        Op::Connect(client) if !world.desk.clients.contains_key(&ClientId(client)) => {
            world.boards.remove(&ClientId(client));
            world.step(Input::Connected(ClientId(client)));
        }
        Op::Connect(_) => {}
        Op::Disconnect(client) => world.step(Input::Disconnected(ClientId(client))),
        Op::Open(client, private) => {
            let name = if private { "own" } else { DEFAULT_WORKSPACE };
            if world.desk.clients.contains_key(&ClientId(client)) {
                world.call(client, Call::Open(OpenParams { workspace: name.into(), private, cols: 80, rows: 24 }));
            }
        }
        Op::Create(client, placed, name) => {
            let workspace = placed.then(|| DEFAULT_WORKSPACE.to_owned());
            let name = name.map(|n| format!("n{}", n % 5));
            let params = CreateParams { workspace, name, cols: 80, rows: 24, ..CreateParams::default() };
            world.call(client, Call::Create(Box::new(params)));
        }
        Op::Started(index, fine) => {
            if let Some(no) = pick(world.starting.clone(), index) {
                world.started(no, fine);
            }
        }
        Op::Reaped(index) => {
            if let Some(no) = pick(world.alive.clone(), index) {
                world.reaped(no);
            }
        }
        Op::Terminate(client, index) => {
            let session_id =
                pick(world.desk.sessions.keys().copied(), index).map_or("none".into(), |no| no.to_string());
            world.call(client, Call::Terminate(SessionParams { session_id }));
        }
        Op::Weights(client, columns) => {
            let weights = WeightsShape { columns, ..WeightsShape::default() };
            world.call(client, Call::SetWeights(SetWeightsParams { workspace: DEFAULT_WORKSPACE.into(), weights }));
        }
        Op::Facts(index, ended) => {
            if let Some(no) = pick(world.desk.sessions.keys().copied(), index) {
                let facts = Facts { title: format!("t{index}"), exit_code: ended.then_some(3), ..Facts::default() };
                world.step(Input::Report(no, Report::Facts(facts)));
            }
        }
        Op::Wait(ms) => {
            world.now += Duration::from_millis(u64::from(ms));
            let (mut effects, now) = (Vec::new(), world.now);
            world.desk.tick(now, &mut effects);
            world.take(effects);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_desk_is_in_order(ops in prop::collection::vec(op(), 1..120)) {
        let mut world = World::new();
        for op in ops {
            perform(&mut world, op);
            world.check();
        }
        world.start_all();
        world.check();
        prop_assert_eq!(world.replies.len() as u64, world.asked, "every request has its reply");
        world.step(Input::Stop);
        for no in world.alive.clone() {
            world.reaped(no);
        }
        prop_assert!(world.exited && world.desk.next().is_none(), "everything has ended");
        prop_assert!(world.desk.sessions.is_empty());
    }
}

#[test]
fn the_thirteenth_is_refused_and_nothing_changes() {
    let mut world = World::new();
    world.step(Input::Connected(ClientId(1)));
    let placed = || CreateParams { workspace: Some(DEFAULT_WORKSPACE.into()), ..CreateParams::default() };
    for index in 0..MAX_PANES {
        let reply = world.create(placed());
        world.start_all();
        assert_eq!(world.replies[&reply].as_ref().unwrap()["pane_index"], json!(index));
    }
    let before = world.desk.board(DEFAULT_WORKSPACE);
    let reply = world.create(placed());
    let error = world.replies[&reply].clone().unwrap_err();
    assert_eq!((error.code, error.message.as_str()), (1003, "Max sessions reached (12)"));
    assert_eq!((world.desk.board(DEFAULT_WORKSPACE), world.starting.len()), (before, 0));
    let unplaced = world.create(CreateParams::default());
    world.start_all();
    assert_eq!(world.replies[&unplaced].as_ref().unwrap()["pane_index"], Value::Null);
}

#[test]
fn names_are_unique_and_asking_twice_makes_one_session() {
    let mut world = World::new();
    let named = |id: Option<&str>| CreateParams {
        id: id.map(str::to_owned),
        name: Some("dev".into()),
        ..CreateParams::default()
    };
    let id = "67e55044-10b1-426f-9247-bb680e5fe0c8";
    let (first, again) = (world.create(named(Some(id))), world.create(named(Some(id))));
    assert_eq!(world.starting.len(), 1);
    world.start_all();
    let late = world.create(named(Some(id)));
    assert_eq!(world.replies[&first], world.replies[&again]);
    assert_eq!(world.replies[&first], world.replies[&late]);
    let other = world.create(named(None));
    assert_eq!(world.code(other), Some(1002));
    for bad in ["", " x", "a\nb", &"x".repeat(65)] {
        let reply = world.create(CreateParams { name: Some(bad.into()), ..CreateParams::default() });
        assert_eq!(world.code(reply), Some(code::INVALID_PARAMS), "{bad:?}");
    }
    let reply = world.create(CreateParams { id: Some("../x".into()), ..CreateParams::default() });
    assert_eq!(world.code(reply), Some(code::INVALID_PARAMS));
}

#[test]
fn a_session_is_found_by_id_name_and_number() {
    let mut world = World::new();
    for _ in 0..3 {
        world.create(CreateParams::default());
    }
    world.start_all();
    let id = world.desk.sessions[&SessionNo(1)].info.id.to_string();
    for text in [id.as_str(), "shell-2", "3"] {
        let reply = world.call(1, Call::Terminate(SessionParams { session_id: text.into() }));
        assert_eq!(world.code(reply), None, "{text}");
        let again = world.call(1, Call::Terminate(SessionParams { session_id: text.into() }));
        assert_eq!(world.code(again), Some(1001), "{text}");
    }
    assert_eq!(world.hung_up.len(), 3);
}

#[test]
fn a_program_that_does_not_end_is_killed_and_then_forgotten() {
    let mut world = World::new();
    world.create(CreateParams::default());
    world.start_all();
    world.call(1, Call::Terminate(SessionParams { session_id: "1".into() }));
    let mut effects = Vec::new();
    world.desk.tick(world.now + PATIENCE, &mut effects);
    assert_eq!(effects, [Effect::Terminate(SessionNo(1))]);
    assert_eq!(world.desk.next(), Some(world.now + GRACE));
    effects.clear();
    world.desk.tick(world.now + GRACE, &mut effects);
    assert_eq!(effects, [Effect::Kill(SessionNo(1))]);
    effects.clear();
    world.desk.tick(world.now + GRACE + KILLED, &mut effects);
    assert_eq!(effects, [Effect::Forget(SessionNo(1))]);
    assert_eq!(world.desk.next(), None);
}

#[test]
fn many_windows_at_once_make_one_first_shell() {
    let mut world = World::new();
    for client in 1..=20 {
        world.step(Input::Connected(ClientId(client)));
    }
    let replies: Vec<u64> = (1..=20).map(|client| world.open(client, DEFAULT_WORKSPACE, false)).collect();
    assert_eq!(world.starting.len(), 1);
    assert!(world.replies.is_empty(), "an empty grid is never shown while the shell is on its way");
    world.start_all();
    for (client, reply) in (1..=20).zip(replies) {
        assert_eq!(world.code(reply), None);
        assert_eq!(world.boards[&ClientId(client)].workspace.panes, [SessionNo(1)]);
    }
    world.check();
}

#[test]
fn a_first_shell_that_cannot_start_is_told() {
    let mut world = World::new();
    world.step(Input::Connected(ClientId(1)));
    let reply = world.open(1, DEFAULT_WORKSPACE, false);
    world.started(SessionNo(1), false);
    assert_eq!(world.code(reply), Some(code::INTERNAL));
    let reply = world.open(1, DEFAULT_WORKSPACE, false);
    world.start_all();
    assert_eq!(world.code(reply), None);
}

#[test]
fn a_private_workspace_ends_with_its_connection() {
    let mut world = World::new();
    for client in [1, 2] {
        world.step(Input::Connected(ClientId(client)));
    }
    let reply = world.open(1, "mine", true);
    assert_eq!((world.code(reply), world.starting.len()), (None, 0));
    let taken = world.open(2, "mine", true);
    let closed = world.open(2, "mine", false);
    let unknown = world.open(2, "nobody's", false);
    for reply in [taken, closed, unknown] {
        assert_eq!(world.code(reply), Some(code::INVALID_PARAMS));
    }
    world.create(CreateParams { workspace: Some("mine".into()), ..CreateParams::default() });
    world.start_all();
    world.step(Input::Disconnected(ClientId(1)));
    assert!(world.hung_up.contains(&SessionNo(1)) && world.desk.sessions.is_empty());
    let reply = world.open(2, "mine", true);
    assert_eq!(world.code(reply), None);
}

#[test]
fn the_board_says_how_a_session_lives() {
    let mut world = World::new();
    world.create(CreateParams::default());
    world.start_all();
    let mut state = |facts: Facts| {
        world.step(Input::Report(SessionNo(1), Report::Facts(facts)));
        let info = &world.desk.sessions[&SessionNo(1)].info;
        (info.state, info.exit_code, info.cwd.clone())
    };
    let facts = Facts { size: GridSize::default(), ..Facts::default() };
    assert_eq!(state(facts.clone()), (SessionState::Detached, None, "/".into()));
    let watched = Facts { viewers: 2, cwd: "/tmp".into(), ..facts.clone() };
    assert_eq!(state(watched), (SessionState::Running, None, "/tmp".into()));
    assert_eq!(state(Facts { exit_code: Some(7), ..facts }), (SessionState::Stopped, Some(7), "/tmp".into()));
}

#[test]
fn a_host_that_is_told_to_end_waits_for_its_programs_and_not_for_ever() {
    let mut world = World::new();
    for _ in 0..2 {
        world.create(CreateParams::default());
    }
    world.started(SessionNo(1), true);
    let reply = world.call(1, Call::Stop);
    assert_eq!(world.code(reply), None);
    let refused = world.create(CreateParams::default());
    assert_eq!(world.code(refused), Some(code::INTERNAL));
    world.reaped(SessionNo(1));
    assert!(!world.exited, "one is still being started");
    let mut effects = Vec::new();
    world.desk.tick(world.now + Duration::from_secs(5), &mut effects);
    assert!(effects.contains(&Effect::Exit));
}
