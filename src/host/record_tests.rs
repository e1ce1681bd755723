//! What the database is told of what happens on the desk.

use super::*;
use crate::base::SessionId;
use crate::host::ledger::{Ledger, MOST_ENDED, SOON};
use crate::protocol::methods::{Database, DeleteWorkspaceParams, RenameParams, WorkspaceParams};
use crate::store::{Kept, Report as Stored, SessionRow, Status as Life, Trouble, WorkspaceRow};

/// A pretended database: what it would hold.
#[derive(Debug, Default)]
pub(super) struct Book {
    sessions: BTreeMap<SessionId, SessionRow>,
    workspaces: BTreeMap<String, WorkspaceRow>,
    /// Nothing that it was ever told is missing.
    whole: bool,
}

impl Book {
    /// Gives the desk a database, and opens it.
    pub(super) fn open(world: &mut World) -> Self {
        world.desk.ledger = Ledger::new(Some("/x.db".into()));
        world.step(Input::Stored(Stored { kept: Ok(Kept::default()), replaced: None }));
        Self { whole: true, ..Self::default() }
    }

    /// Lets what is on its way be kept or not; a database that was replaced holds nothing else.
    pub(super) fn stored(&mut self, world: &mut World, how: Result<(), ()>, replaced: bool) {
        let changes = world.saving.take().unwrap_or_default();
        if replaced {
            *self = Self::default();
        }
        if how.is_ok() {
            self.sessions.extend(changes.sessions.into_iter().map(|row| (row.id, row)));
            self.workspaces.extend(changes.workspaces.into_iter().map(|row| (row.name.clone(), row)));
            self.workspaces.retain(|name, _| !changes.closed.contains(name));
        }
        let kept =
            how.map(|()| Kept { sessions: self.sessions.len() as u64 }).map_err(|()| Trouble::Later("no".into()));
        world.step(Input::Stored(Stored { kept, replaced: replaced.then(|| "it was broken".into()) }));
    }

    /// Lets time pass until nothing is left to be written down.
    pub(super) fn settle(&mut self, world: &mut World) {
        for _ in 0..10 {
            if world.saving.is_some() {
                self.stored(world, Ok(()), false);
            }
            world.wait(Duration::from_secs(60));
        }
        assert_eq!(world.saving, None, "nothing has changed");
    }

    /// It holds what is on the board, and what was.
    pub(super) fn check(&self, world: &World) {
        let desk = &world.desk;
        for info in desk.shown() {
            let row = &self.sessions[&info.id];
            assert_eq!((&row.name, row.status, row.exit_code), (&info.name, info.state.into(), info.exit_code));
            assert_eq!(row.state[0], ("title", info.title.clone()));
            let grid = row.workspace.as_ref().and_then(|name| desk.workspace(name));
            assert_eq!(row.pane_index, grid.and_then(|grid| grid.panes.iter().position(|no| *no == info.no)));
        }
        let running = self.sessions.values().filter(|row| row.status != Life::Terminated);
        assert_eq!(running.count(), desk.shown().filter(|info| info.state != SessionState::Stopped).count());
        assert!(!self.whole || self.sessions.len() as u64 == desk.counts.created, "none is missing");
        let lasting: BTreeSet<_> = desk.spaces.iter().filter(|s| s.owner.is_none()).map(|s| &s.whole.name).collect();
        // The default one is no reason to write by itself.
        let nothing = desk.counts.created == 0 && self.workspaces.is_empty();
        assert!(nothing || self.workspaces.keys().collect::<BTreeSet<_>>() == lasting, "{self:?}");
    }

    fn one(&self) -> &SessionRow {
        assert_eq!(self.sessions.len(), 1);
        self.sessions.values().next().unwrap()
    }
}

impl World {
    fn wait(&mut self, time: Duration) {
        self.now += time;
        let mut effects = Vec::new();
        self.desk.tick(self.now, &mut effects);
        self.take(effects);
    }

    fn database(&mut self) -> Database {
        let reply = self.call(1, Call::GetStatus);
        serde_json::from_value(self.replies[&reply].clone().unwrap()["database"].take()).unwrap()
    }
}

fn with_database() -> (World, Book) {
    let mut world = World::new();
    let book = Book::open(&mut world);
    (world, book)
}

fn placed() -> CreateParams {
    CreateParams { workspace: Some(DEFAULT_WORKSPACE.into()), cols: 80, rows: 24, ..CreateParams::default() }
}

#[test]
fn what_changes_is_written_down_together_half_a_second_later() {
    let (mut world, mut book) = with_database();
    assert_eq!(world.desk.next(), None, "nothing has happened");
    world.create(CreateParams { name: Some("dev".into()), command: vec!["a".into(), "b c".into()], ..placed() });
    world.start_all();
    assert_eq!(world.desk.next(), Some(world.now + SOON));
    world.wait(SOON / 2);
    let facts = Facts { title: "vim".into(), cwd: "/src".into(), viewers: vec![ClientId(1)], ..Facts::default() };
    world.step(Input::Report(SessionNo(1), Report::Facts(facts)));
    assert_eq!((world.saving.as_ref(), world.desk.next()), (None, Some(world.now + SOON / 2)));
    world.wait(SOON / 2);
    book.stored(&mut world, Ok(()), false);
    let row = book.one();
    assert_eq!((&row.name[..], &row.kind[..], &row.command[..]), ("dev", "Local", r#"["a","b c"]"#));
    assert_eq!((row.status, &row.cwd[..], row.pane_index), (Life::Active, "/src", Some(0)));
    assert_eq!(row.state, [("title", "vim".into()), ("cols", "80".into()), ("rows", "24".into())]);
    let layout = &book.workspaces[DEFAULT_WORKSPACE].layout;
    assert_eq!(layout, r#"{"type":"grid","weights":{"columns":[1000],"last_row":[1000],"rows":[1000]}}"#);
    assert_eq!(world.desk.next(), None, "an idle host has no timer");
}

#[test]
fn what_is_as_it_was_is_not_written_again() {
    let (mut world, mut book) = with_database();
    world.create(placed());
    world.start_all();
    book.settle(&mut world);
    let rename = |name: &str| Call::Rename(RenameParams { session_id: "1".into(), name: name.into() });
    for name in ["other", "shell-1"] {
        world.call(1, rename(name));
    }
    world.wait(SOON);
    assert_eq!((world.saving.as_ref(), world.desk.next()), (None, None));
    world.call(1, rename("new"));
    world.wait(SOON);
    let saving = world.saving.clone().unwrap();
    assert_eq!((saving.sessions.len(), saving.workspaces.len()), (1, 0));
    // While that is on its way, no more than the last of what follows waits.
    for name in ["second", "third"] {
        world.call(1, rename(name));
        world.wait(SOON);
    }
    book.stored(&mut world, Ok(()), false);
    assert_eq!((&book.one().name[..], world.desk.next()), ("new", Some(world.now + SOON)));
    world.wait(SOON);
    book.stored(&mut world, Ok(()), false);
    assert_eq!(book.one().name, "third");
}

#[test]
fn a_session_that_was_never_written_down_is_when_it_has_ended() {
    let (mut world, mut book) = with_database();
    world.create(placed());
    world.start_all();
    let facts = Facts { exit_code: Some(7), ..Facts::default() };
    world.step(Input::Report(SessionNo(1), Report::Facts(facts)));
    world.call(1, Call::Terminate(SessionParams { session_id: "1".into() }));
    book.settle(&mut world);
    let row = book.one();
    assert_eq!((row.status, row.exit_code, row.pane_index), (Life::Terminated, Some(7), None));
    assert_eq!(row.workspace.as_deref(), Some(DEFAULT_WORKSPACE));
    book.check(&world);
}

#[test]
fn what_ends_with_its_window_has_no_workspace_to_come_back_to() {
    let (mut world, mut book) = with_database();
    world.step(Input::Connected(ClientId(1), None));
    world.open(1, "mine", true);
    world.create(CreateParams { workspace: Some("mine".into()), ..placed() });
    world.start_all();
    book.settle(&mut world);
    assert_eq!((book.one().workspace.as_ref(), book.one().pane_index), (None, None));
    assert_eq!(book.workspaces.keys().collect::<Vec<_>>(), [DEFAULT_WORKSPACE]);
    world.step(Input::Disconnected(ClientId(1)));
    book.settle(&mut world);
    book.check(&world);
}

#[test]
fn a_workspace_comes_and_goes() {
    let (mut world, mut book) = with_database();
    world.step(Input::Connected(ClientId(1), None));
    world.open(1, "other", false);
    book.settle(&mut world);
    assert!(book.workspaces.contains_key("other"));
    world.step(Input::Disconnected(ClientId(1)));
    book.settle(&mut world);
    book.check(&world);
    assert!(!book.workspaces.contains_key("other"));
}

#[test]
fn a_workspace_that_was_made_to_stay_is_told_from_others_until_it_is_deleted() {
    let (mut world, mut book) = with_database();
    let named = || WorkspaceParams { workspace: "work".into() };
    world.call(1, Call::CreateWorkspace(named()));
    book.settle(&mut world);
    assert!(book.workspaces["work"].kept);
    world.create(CreateParams { workspace: Some("work".into()), ..placed() });
    world.start_all();
    book.settle(&mut world);
    assert_eq!((book.one().workspace.as_deref(), book.one().pane_index), (Some("work"), Some(0)));
    let delete = || DeleteWorkspaceParams { workspace: "work".into(), force: true };
    world.call(1, Call::DeleteWorkspace(delete()));
    book.settle(&mut world);
    assert_eq!((book.one().workspace.as_deref(), book.one().pane_index), (None, None));
    // Without panes nothing but the workspace changes.
    world.call(1, Call::CreateWorkspace(named()));
    book.settle(&mut world);
    world.call(1, Call::DeleteWorkspace(delete()));
    book.settle(&mut world);
    book.check(&world);
}

#[test]
fn what_could_not_be_written_is_tried_again_and_not_for_ever() {
    let (mut world, mut book) = with_database();
    world.create(placed());
    world.start_all();
    world.wait(SOON);
    let mut waits = Vec::new();
    while world.saving.is_some() {
        book.stored(&mut world, Err(()), false);
        let Some(next) = world.desk.next() else { break };
        waits.push((next - world.now).as_secs());
        world.wait(next - world.now);
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60]);
    let told = world.database();
    assert_eq!((&told.state[..], told.notice.as_deref()), ("later", Some("no")));
    // A change leads to another try, with everything that is owed.
    world.call(1, Call::Terminate(SessionParams { session_id: "1".into() }));
    book.settle(&mut world);
    book.check(&world);
    assert_eq!((world.database().state, world.database().notice), ("ok".into(), None));
}

#[test]
fn a_new_database_is_told_everything() {
    let (mut world, mut book) = with_database();
    for _ in 0..3 {
        world.create(placed());
    }
    world.start_all();
    book.settle(&mut world);
    world.call(1, Call::Rename(RenameParams { session_id: "1".into(), name: "new".into() }));
    world.wait(SOON);
    book.stored(&mut world, Ok(()), true);
    assert_eq!(book.sessions.len(), 1);
    book.settle(&mut world);
    book.check(&world);
    assert_eq!(book.sessions.len(), 3);
    let told = world.database();
    assert_eq!((&told.state[..], told.notice.as_deref(), told.sessions), ("ok", Some("it was broken"), Some(3)));
}

#[test]
fn a_database_that_is_left_alone_costs_nothing_more() {
    let (mut world, _) = with_database();
    let kept = Err(Trouble::Refused("a newer synk made it".into()));
    world.step(Input::Stored(Stored { kept, replaced: None }));
    world.create(placed());
    world.start_all();
    world.call(1, Call::Terminate(SessionParams { session_id: "1".into() }));
    world.reaped(SessionNo(1));
    world.wait(SOON);
    assert_eq!((world.saving.as_ref(), world.desk.next(), world.desk.last_save()), (None, None, None));
    let told = world.database();
    assert_eq!((&told.state[..], told.notice.as_deref()), ("off", Some("a newer synk made it")));
}

#[test]
fn a_file_that_never_opens_does_not_fill_the_memory() {
    let mut world = World::new();
    world.desk.ledger = Ledger::new(Some("/x.db".into()));
    for _ in 0..MOST_ENDED + 50 {
        world.create(placed());
        world.start_all();
        let newest = world.desk.last_no;
        world.call(1, Call::Terminate(SessionParams { session_id: newest.to_string() }));
        world.reaped(SessionNo(newest));
    }
    assert_eq!((world.saving.as_ref(), world.desk.next()), (None, None), "it may be none of synk's");
    assert_eq!(world.database().state, "opening");
    assert_eq!(world.desk.last_save().unwrap().sessions.len(), MOST_ENDED);
}

#[test]
fn the_last_words_hold_what_nobody_confirmed() {
    let (mut world, _) = with_database();
    world.create(placed());
    world.start_all();
    world.wait(SOON);
    assert!(world.saving.is_some(), "on its way");
    world.call(1, Call::Stop);
    world.reaped(SessionNo(1));
    assert!(world.exited);
    let last = world.desk.last_save().unwrap();
    assert_eq!(last.sessions.iter().map(|row| row.status).collect::<Vec<_>>(), [Life::Terminated]);
}
