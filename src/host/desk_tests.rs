//! The desk's rules one by one; [`random`] has what holds whatever happens.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::base::{GridSize, SessionId};
use crate::host::call::{Form, Order, Started};
use crate::model::grid_layout::MAX_PANES;
use crate::model::{Board, Layout, SessionState};
use crate::protocol::methods::{CreateParams, OpenParams, SessionParams};
use crate::session::Facts;
use crate::session::run::{GRACE, PATIENCE, Report};
use crate::store::Changes;

#[path = "clients_tests.rs"]
mod clients;
#[path = "layouts_tests.rs"]
mod layouts;
#[path = "desk_random_tests.rs"]
mod random;
#[path = "record_tests.rs"]
mod record;
#[path = "upgrade_tests.rs"]
mod upgrade;
#[path = "workspaces_tests.rs"]
mod workspaces;

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
    discarded: BTreeSet<SessionId>,
    exited: bool,
    notices: Vec<Value>,
    orders: Vec<(SessionNo, Order)>,
    upgrades: Vec<(Ticket, PathBuf)>,
    /// What is on its way to the database.
    saving: Option<Changes>,
}

impl World {
    fn new() -> Self {
        let now = Instant::now();
        Self {
            desk: Desk::new(CleanUp::default(), None, now),
            now,
            starting: Vec::new(),
            alive: BTreeSet::new(),
            replies: BTreeMap::new(),
            boards: BTreeMap::new(),
            asked: 0,
            hung_up: BTreeSet::new(),
            forgotten: BTreeSet::new(),
            discarded: BTreeSet::new(),
            exited: false,
            notices: Vec::new(),
            orders: Vec::new(),
            upgrades: Vec::new(),
            saving: None,
        }
    }

    fn step(&mut self, input: Input) {
        let mut effects = Vec::new();
        let now = Now { at: self.now, unix_ms: 1 };
        self.desk.step(input, now, &mut effects);
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
                Effect::HangUp(no) | Effect::End(no) => {
                    self.hung_up.insert(no);
                }
                Effect::Terminate(no) | Effect::Kill(no) => assert!(self.hung_up.contains(&no)),
                Effect::Forget(no) => assert!(self.forgotten.insert(no), "{no} is forgotten twice"),
                Effect::Upgrade(ticket, program) => self.upgrades.push((ticket, program)),
                Effect::Ask(..) | Effect::Broadcast(..) => panic!("nobody asked"),
                Effect::Exit => self.exited = true,
                Effect::Notice(_, _, line) => self.notices.push(serde_json::from_str(&line).unwrap()),
                Effect::Order(ticket, orders, value) => {
                    self.orders.extend(orders);
                    self.take(vec![Effect::Reply(ticket, Ok(value))]);
                }
                Effect::Metrics(ticket, metrics) => {
                    self.take(vec![Effect::Reply(ticket, Ok(json!(*metrics)))]);
                }
                Effect::Save(changes) => assert_eq!(self.saving.replace(*changes), None, "one at a time"),
                Effect::Discard(id) => assert!(self.discarded.insert(id), "{id} is discarded twice"),
                Effect::Rename(..)
                | Effect::Moved(..)
                | Effect::KeepStanding(_)
                | Effect::Close(_)
                | Effect::StopListening => {}
            }
        }
    }

    fn call(&mut self, client: u64, call: Call) -> u64 {
        self.asked += 1;
        let ticket = Ticket { client: ClientId(client), id: Some(self.asked.into()), form: Form::default() };
        self.step(Input::Call(ticket, call));
        self.asked
    }

    fn create(&mut self, params: CreateParams) -> u64 {
        self.call(1, Call::Create(Box::new(params)))
    }

    fn open(&mut self, client: u64, workspace: &str, private: bool) -> u64 {
        self.boards.remove(&ClientId(client));
        self.call(
            client,
            Call::Open(OpenParams { workspace: workspace.into(), private, first_shell: true, cols: 80, rows: 24 }),
        )
    }

    fn started(&mut self, no: SessionNo, fine: bool) {
        self.starting.retain(|s| *s != no);
        let result = if fine {
            self.alive.insert(no);
            Ok(Started { pid: Some(no.0), cwd: "/".into(), notice: None, at_ms: 1 })
        } else {
            Err(Error::new(code::INTERNAL, "no".to_owned()))
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
            let places = desk.spaces.iter().map(|s| s.whole.panes.iter().filter(|p| *p == no).count()).sum::<usize>();
            assert_eq!(places, usize::from(entry.workspace.is_some()), "{no} has one place or none");
        }
        for space in &desk.spaces {
            assert!(space.whole.panes.len() <= MAX_PANES);
            if let Layout::Split(tree) = &space.whole.layout {
                assert!(tree.is_sound() && tree.panes() == space.whole.panes.len(), "{space:?}");
            }
            for no in &space.whole.panes {
                assert_eq!(desk.sessions[no].workspace.as_ref(), Some(&space.whole.name));
            }
            assert!(space.owner.is_none_or(|owner| desk.clients.contains_key(&owner)));
        }
        for (client, one) in &desk.clients {
            if let Some(name) = &one.follows {
                assert_eq!(self.boards.get(client), desk.board(name).as_ref(), "the copy of {client:?}");
            }
        }
    }
}

#[test]
fn the_thirteenth_is_refused_and_nothing_changes() {
    let mut world = World::new();
    world.step(Input::Connected(ClientId(1), None));
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
        session_id: id.map(str::to_owned),
        name: Some("dev".into()),
        ..CreateParams::default()
    };
    let id = "67e55044-10b1-426f-9247-bb680e5fe0c8";
    let (first, again) = (world.create(named(Some(id))), world.create(named(Some(id))));
    let early = world.create(named(None));
    assert_eq!((world.starting.len(), world.replies.get(&early)), (1, None), "refused when it can be found");
    world.start_all();
    assert_eq!(world.code(early), Some(1002));
    let late = world.create(named(Some(id)));
    assert_eq!(world.replies[&first], world.replies[&again]);
    assert_eq!(world.replies[&first], world.replies[&late]);
    let other = world.create(named(None));
    assert_eq!(world.code(other), Some(1002));
    for bad in ["", " x", "a\nb", &"x".repeat(65), ".", "%7", "a,b", id] {
        let reply = world.create(CreateParams { name: Some(bad.into()), ..CreateParams::default() });
        assert_eq!(world.code(reply), Some(code::INVALID_PARAMS), "{bad:?}");
    }
    let reply = world.create(CreateParams { session_id: Some("../x".into()), ..CreateParams::default() });
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
        world.step(Input::Connected(ClientId(client), None));
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
    world.step(Input::Connected(ClientId(1), None));
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
        world.step(Input::Connected(ClientId(client), None));
    }
    let reply = world.open(1, "mine", true);
    assert_eq!((world.code(reply), world.starting.len()), (None, 0));
    let taken = world.open(2, "mine", true);
    let closed = world.open(2, "mine", false);
    for reply in [taken, closed] {
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
fn a_workspace_is_made_when_it_is_opened_and_goes_when_nothing_holds_it() {
    let mut world = World::new();
    world.step(Input::Connected(ClientId(1), None));
    let reply = world.open(1, "other", false);
    assert_eq!((world.code(reply), world.starting.len()), (None, 0), "only the default one gets a first shell");
    world.create(CreateParams { workspace: Some("other".into()), ..CreateParams::default() });
    world.start_all();
    world.step(Input::Disconnected(ClientId(1)));
    assert!(world.desk.space("other").is_ok(), "its session lives");
    world.call(2, Call::Terminate(SessionParams { session_id: "1".into() }));
    world.step(Input::Connected(ClientId(2), None));
    world.step(Input::Disconnected(ClientId(2)));
    assert!(world.desk.space("other").is_err());
    assert!(world.desk.space(DEFAULT_WORKSPACE).is_ok());
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
    let watched = Facts { viewers: vec![ClientId(1), ClientId(2)], cwd: "/tmp".into(), ..facts.clone() };
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

#[test]
fn a_session_whose_program_ended_while_it_was_started_holds_up_no_end() {
    for pid in [Some(7), None] {
        let mut world = World::new();
        world.call(1, Call::Create(Box::default()));
        let no = world.starting[0];
        world.call(1, Call::Stop);
        if pid.is_some() {
            world.step(Input::Report(no, Report::Reaped));
        }
        assert!(!world.exited, "it may still have to be ended");
        world.step(Input::Started(no, Ok(Started { pid, cwd: "/".into(), notice: None, at_ms: 1 })));
        assert!(world.exited && world.forgotten.contains(&no));
    }
}
