//! The desk's way to a new session.

use super::call::{Effect, Plan, Ticket};
use super::desk::{Desk, result};
use super::find::not_found;
use super::kind;
use super::life::Entry;
use crate::base::geom::{MAX_COLS, MAX_LINES, MIN_COLS, MIN_LINES};
use crate::base::{GridSize, SessionId, SessionNo};
use crate::keeper::environ;
use crate::model::agent::SHELL;
use crate::model::grid_layout::MAX_PANES;
use crate::model::{SessionInfo, SessionKind, Share, Side};
use crate::protocol::methods::{CreateParams, Created, SplitParams};
use crate::protocol::rpc::{Error, code};

/// Longest name of a session or an agent, in characters.
pub(super) const MAX_NAME: usize = 64;

impl Desk {
    pub(super) fn create(&mut self, ticket: Ticket, params: CreateParams, effects: &mut Vec<Effect>) {
        let (name, splits) = (params.name.clone(), params.split.is_some());
        match self.plan(params) {
            Ok(Planned::New(no, plan)) => {
                let entry = self.sessions.get_mut(&no);
                let workspace = entry.and_then(|entry| {
                    entry.waiting.push(ticket);
                    entry.workspace.clone().filter(|_| splits)
                });
                effects.push(Effect::Start(no, plan));
                // What was a grid is a split from now on, though the new pane is not seen yet.
                workspace.into_iter().for_each(|name| self.publish_space(&name, effects));
            }
            Ok(Planned::Known(no)) => match self.sessions.get_mut(&no) {
                Some(entry) if entry.starting => entry.waiting.push(ticket),
                _ => effects.push(Effect::Reply(ticket, self.created(no))),
            },
            // Whoever hears that the name is taken may ask for that session next: it has to be there by then.
            Err(error) if error.code == code::SESSION_EXISTS => match self.starting(name.as_deref()) {
                Some(entry) => entry.refused.push(ticket),
                None => effects.push(Effect::Reply(ticket, Err(error))),
            },
            Err(error) => effects.push(Effect::Reply(ticket, Err(error))),
        }
    }

    /// The session of this name, while it is being started.
    fn starting(&mut self, name: Option<&str>) -> Option<&mut Entry> {
        self.sessions.values_mut().find(|entry| entry.starting && Some(entry.info.name.as_str()) == name)
    }

    /// A shell in a workspace that nobody asked for by name.
    pub(super) fn create_first_shell(&mut self, workspace: &str, cols: u16, rows: u16, effects: &mut Vec<Effect>) {
        let params = CreateParams { workspace: Some(workspace.to_owned()), cols, rows, ..CreateParams::default() };
        if let Ok(Planned::New(no, plan)) = self.plan(params) {
            effects.push(Effect::Start(no, plan));
        }
    }

    fn plan(&mut self, params: CreateParams) -> Result<Planned, Error> {
        if self.stopping {
            return Err(Error::new(code::INTERNAL, "the host is ending".into()));
        }
        let id = match &params.session_id {
            Some(text) => text.parse::<SessionId>().map_err(|_| Error::field("session_id", "a UUID"))?,
            None => SessionId::new(),
        };
        if let Some((no, _)) = self.sessions.iter().find(|(_, e)| e.info.id == id) {
            return Ok(Planned::Known(*no));
        }
        let agent = params.agent.unwrap_or_else(|| SHELL.to_owned());
        check_name("agent", &agent)?;
        let kind = SessionKind::from(params.kind);
        kind::check(&kind, &params.command)?;
        let name = match params.name {
            Some(name) => {
                self.check_new_name(&name, None)?;
                name
            }
            None => self.free_name(kind::stem(&kind, &agent)),
        };
        let size = grid_size(params.cols, params.rows)?;
        check_env(&params.env)?;
        check_project(params.project.as_deref())?;
        let place = self.place_for(params.workspace, params.split)?;
        let no = SessionNo(self.last_no + 1);
        if let Some(place) = &place {
            self.put(no, place)?;
        }
        self.last_no = no.0;
        let workspace = place.map(|place| place.workspace);
        let CreateParams { command, cwd, project, env, .. } = params;
        let plan = Plan { id, name, kind, agent, workspace, size, command, cwd, project, env };
        let Plan { name, kind, agent, workspace, command, project, .. } = plan.clone();
        let info = SessionInfo { kind, agent, size, ..SessionInfo::new(id, no, name) };
        self.sessions.insert(no, Entry { command, project, ..Entry::new(info, workspace) });
        Ok(Planned::New(no, Box::new(plan)))
    }

    /// Where a session goes, if it is to have a place.
    fn place_for(&self, named: Option<String>, split: Option<SplitParams>) -> Result<Option<Place>, Error> {
        let Some(split) = split else { return Ok(named.map(|workspace| Place { workspace, beside: None })) };
        let (pane, workspace) = self.pane(&split.pane, "split.pane")?;
        if named.is_some_and(|named| named != workspace) {
            return Err(Error::field("split.pane", "a session that has a place in the workspace"));
        }
        let share = split.ratio.map_or(Share::HALF, Share::from);
        Ok(Some(Place { workspace, beside: Some((pane, split.direction.into(), share)) }))
    }

    /// Gives a session its place.
    fn put(&mut self, no: SessionNo, place: &Place) -> Result<(), Error> {
        let whole = &mut self.space_mut(&place.workspace)?.whole;
        let fits = match place.beside {
            Some((pane, side, share)) => whole.split(pane, no, side, share),
            None => whole.add(no),
        };
        if fits {
            return Ok(());
        }
        let message = format!("Max sessions reached ({MAX_PANES})");
        Err(Error::about(code::MAX_SESSIONS, message, "workspace", "a workspace with room in its grid, or none"))
    }

    /// The answer to whoever asked for this session.
    pub(super) fn created(&self, no: SessionNo) -> Result<serde_json::Value, Error> {
        let entry = self.sessions.get(&no);
        let entry = entry.ok_or_else(not_found)?;
        result(Created {
            session_id: entry.info.id.to_string(),
            no: no.0,
            name: entry.info.name.clone(),
            pane_index: entry.workspace.as_ref().and_then(|name| self.pane_index(name, no)),
            notice: entry.notice.clone(),
        })
    }

    /// A name made of this and the first number that is free.
    fn free_name(&self, stem: &str) -> String {
        // With room for the number.
        let stem: String = stem.chars().take(MAX_NAME - 20).collect();
        let taken = |name: &str| self.sessions.values().any(|e| e.info.name == name);
        let mut names = (1u64..).map(|n| format!("{stem}-{n}"));
        names.find(|name| !taken(name)).unwrap_or_default()
    }
}

/// Where a session goes.
struct Place {
    workspace: String,
    /// The pane that it takes a part of; the next one without.
    beside: Option<(SessionNo, Side, Share)>,
}

/// What a request for a session comes to.
enum Planned {
    New(SessionNo, Box<Plan>),
    /// It was asked for before.
    Known(SessionNo),
}

/// Names are labels: they are shown, and never part of a path.
pub(super) fn check_name(field: &str, name: &str) -> Result<(), Error> {
    let fits = (1..=MAX_NAME).contains(&name.chars().count());
    let plain = !name.chars().any(char::is_control) && name.trim() == name;
    if fits && plain {
        return Ok(());
    }
    let expected = format!("1 to {MAX_NAME} characters without control characters and without blanks at its ends");
    Err(Error::field(field, expected))
}

/// A size that a request names: one that no grid can have is a mistake.
pub(super) fn grid_size(cols: u16, rows: u16) -> Result<GridSize, Error> {
    if !(MIN_COLS..=MAX_COLS).contains(&cols) {
        return Err(Error::field("cols", format!("{MIN_COLS} to {MAX_COLS}")));
    }
    if !(MIN_LINES..=MAX_LINES).contains(&rows) {
        return Err(Error::field("rows", format!("{MIN_LINES} to {MAX_LINES}")));
    }
    Ok(GridSize::clamped(cols, rows))
}

/// It becomes a variable, which programs take for a directory.
fn check_project(project: Option<&str>) -> Result<(), Error> {
    match project {
        Some(path) if !path.starts_with('/') || path.contains('\0') => {
            Err(Error::field("project", "an absolute path without a NUL"))
        }
        _ => Ok(()),
    }
}

fn check_env(env: &std::collections::BTreeMap<String, String>) -> Result<(), Error> {
    match env.iter().find(|(name, value)| !environ::is_valid(name.as_ref(), value.as_ref())) {
        None => Ok(()),
        Some(_) => Err(Error::field("env", "names that are not empty and without \"=\", and no NUL anywhere")),
    }
}
