//! What the database was told and what it was not told yet. What changed is written down together, a moment after the
//! first of it; while that is on its way nothing else is, so that of a session's states only the newest ever waits.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::tries::Tries;
use crate::base::SessionId;
use crate::protocol::methods::Database;
use crate::store::{Changes, Kept, Report, SessionRow, Status, Trouble, WorkspaceRow};

/// How long a change may wait to be written down: what a host that is killed has not kept.
pub(super) const SOON: Duration = Duration::from_millis(500);
/// Most sessions that have ended and wait to be written down; the oldest go first.
pub(super) const MOST_ENDED: usize = 1000;

#[derive(Debug, Default)]
pub(super) struct Ledger {
    /// None for a host that keeps nothing.
    path: Option<String>,
    /// What came of the last try; none while the file is being opened.
    kept: Option<Result<Kept, Trouble>>,
    replaced: Option<String>,
    /// Something may have changed since the last time.
    changed: bool,
    /// Something could not be written down.
    owed: bool,
    tries: Tries,
    /// What the database was told of those on the board.
    sessions: BTreeMap<SessionId, SessionRow>,
    workspaces: BTreeMap<String, WorkspaceRow>,
    /// Those off the board that it was not told of.
    ended: BTreeMap<SessionId, SessionRow>,
    on_its_way: Option<Changes>,
}

impl Ledger {
    pub(super) fn new(path: Option<String>) -> Self {
        Self { path, ..Self::default() }
    }

    fn is_on(&self) -> bool {
        self.path.is_some() && !matches!(self.kept, Some(Err(Trouble::Refused(_))))
    }

    /// Something about a session or a workspace is new.
    pub(super) fn touch(&mut self) {
        self.changed = true;
    }

    /// A session is off the board; this was its last state.
    pub(super) fn end(&mut self, row: SessionRow) {
        self.changed = true;
        if self.is_on() {
            self.ended.insert(row.id, row);
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        while self.ended.len() > MOST_ENDED
            && let Some(oldest) = self.ended.values().min_by_key(|row| row.last_active_ms).map(|row| row.id)
        {
            self.ended.remove(&oldest);
        }
    }

    /// How long to wait before [`Ledger::take`]; none while there is nothing to do.
    pub(super) fn wait(&self) -> Option<Duration> {
        let pending = self.changed || self.owed && self.tries.goes_on();
        // While the file is being opened it may yet turn out to be none of synk's.
        let free = self.kept.is_some() && self.on_its_way.is_none();
        (self.is_on() && free && pending).then(|| self.tries.wait(SOON))
    }

    /// What the database has to be told, now that this is how it is.
    pub(super) fn take(&mut self, sessions: Vec<SessionRow>, workspaces: Vec<WorkspaceRow>) -> Option<Changes> {
        (self.changed, self.owed) = (false, false);
        if !self.is_on() {
            return None;
        }
        let mut changes = Changes::default();
        let known: BTreeSet<SessionId> = sessions.iter().map(|row| row.id).collect();
        self.sessions.retain(|id, _| known.contains(id));
        for row in sessions {
            self.ended.remove(&row.id);
            if self.sessions.get(&row.id) != Some(&row) {
                changes.sessions.push(row.clone());
                self.sessions.insert(row.id, row);
            }
        }
        changes.sessions.extend(std::mem::take(&mut self.ended).into_values());
        let names: BTreeSet<&String> = workspaces.iter().map(|row| &row.name).collect();
        changes.closed = self.workspaces.keys().filter(|name| !names.contains(name)).cloned().collect();
        self.workspaces.retain(|name, _| names.contains(name));
        for row in workspaces {
            if self.workspaces.get(&row.name) != Some(&row) {
                changes.workspaces.push(row.clone());
                self.workspaces.insert(row.name.clone(), row);
            }
        }
        if changes.is_empty() {
            return None;
        }
        self.on_its_way = Some(changes.clone());
        Some(changes)
    }

    /// As [`Ledger::take`], with what is on its way already: nobody will hear what comes of that.
    pub(super) fn take_last(&mut self, sessions: Vec<SessionRow>, workspaces: Vec<WorkspaceRow>) -> Option<Changes> {
        self.take_back();
        self.take(sessions, workspaces)
    }

    /// What came of it.
    pub(super) fn stored(&mut self, report: Report) {
        if let Some(words) = report.replaced {
            log::warn!("the database: {words}");
            self.replaced = Some(words);
            (self.sessions, self.workspaces, self.changed) = (BTreeMap::new(), BTreeMap::new(), true);
        }
        let was_well = !matches!(self.kept, Some(Err(_)));
        match &report.kept {
            Ok(_) => {
                if !was_well {
                    log::warn!("the database is written again");
                }
                self.tries.went_well();
                self.on_its_way = None;
            }
            Err(trouble) => {
                if self.kept.as_ref() != Some(&report.kept) {
                    log::warn!("the host goes on without its database: {trouble}");
                }
                self.tries.failed();
                self.take_back();
            }
        }
        self.kept = Some(report.kept);
        if !self.is_on() {
            *self = Self {
                path: self.path.take(),
                kept: self.kept.take(),
                replaced: self.replaced.take(),
                ..Self::new(None)
            };
        }
    }

    /// What was on its way has to be told again, unless there is something newer.
    fn take_back(&mut self) {
        let Some(lost) = self.on_its_way.take() else { return };
        self.owed = true;
        for row in lost.sessions {
            self.sessions.remove(&row.id);
            if row.status == Status::Terminated {
                self.ended.entry(row.id).or_insert(row);
            }
        }
        self.drop_oldest();
        for row in lost.workspaces {
            self.workspaces.remove(&row.name);
        }
        for name in lost.closed {
            // As one that is no more, which it is unless it was opened again.
            self.workspaces.entry(name.clone()).or_insert(WorkspaceRow { name, layout: String::new(), kept: false });
        }
    }

    /// How it stands with the database, for people.
    pub(super) fn database(&self) -> Option<Database> {
        let (state, sessions, why) = match &self.kept {
            None => ("opening", None, None),
            Some(Ok(kept)) => ("ok", Some(kept.sessions), None),
            Some(Err(why @ Trouble::Refused(_))) => ("off", None, Some(why.to_string())),
            Some(Err(why)) => ("later", None, Some(why.to_string())),
        };
        let notice = why.or_else(|| self.replaced.clone());
        Some(Database { path: self.path.clone()?, state: state.to_owned(), sessions, notice })
    }
}
