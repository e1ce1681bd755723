//! What stays of the desk when its host is gone: the workspaces and what counts on. It lies in a memory of the keeper's;
//! what is known of each session lies beside its program ([`super::label`]).

use std::fs::File;
use std::io;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::call::Effect;
use super::desk::{Desk, Timer};
use super::label::Label;
use super::life::Entry;
use super::workspace::Space;
use crate::base::{ClientId, SessionNo, Twofold};
use crate::model::board::Workspace;
use crate::model::{BoardEvent, SessionInfo};
use crate::protocol::shapes::WorkspaceShape;

/// Who owns a private workspace whose window has not come back yet. No connection has this number.
pub(super) const ABSENT: ClientId = ClientId(0);
/// How long a window may take to come back before its private workspace ends with it, as when it is closed.
const RETURN: Duration = Duration::from_secs(15);

/// The version of what is written here. It stays while every build since can read it.
pub(super) const LAYOUT: u32 = 1;

/// Where it lies.
const PLACE: Twofold = Twofold { header: 0, slots: 1 << 20, room: 64 << 20 };

/// The desk without its sessions.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Standing {
    last_no: u32,
    workspaces: Vec<Kept>,
    active: Option<String>,
    /// What was on the disk has been brought back: from here on it is older than what there is.
    #[serde(default)]
    settled: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    workspace: WorkspaceShape,
    kept: bool,
    private: bool,
}

impl Standing {
    /// # Errors
    /// In words: it makes no sense.
    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(bytes).map_err(|e| e.to_string())
    }

    /// Whether a workspace ends with its window.
    pub(super) fn is_private(&self, name: Option<&str>) -> bool {
        self.workspaces.iter().any(|kept| kept.private && Some(kept.workspace.name.as_str()) == name)
    }

    /// Whether nothing is to be brought back from the disk any more.
    pub(super) fn is_settled(&self) -> bool {
        self.settled
    }

    /// Without the workspaces that end with their windows: those are gone.
    pub(super) fn after_all_windows(mut self) -> Self {
        self.workspaces.retain(|kept| !kept.private);
        self.settled = false;
        self
    }
}

/// Reads what an earlier host has left; nothing if there was none.
///
/// # Errors
/// It makes no sense.
pub(super) fn read(memory: &File) -> io::Result<Standing> {
    if memory.metadata()?.len() == 0 {
        memory.set_len(PLACE.slots + 2 * PLACE.room)?;
    }
    match PLACE.read(memory)? {
        None => Ok(Standing::default()),
        Some(bytes) => Ok(serde_json::from_slice(&bytes)?),
    }
}

/// Leaves this for a later host.
///
/// # Errors
/// The system has no memory left.
pub(super) fn write(memory: &File, bytes: &[u8]) -> io::Result<()> {
    PLACE.write(memory, bytes)
}

impl Desk {
    fn standing(&self) -> Standing {
        let kept = |space: &Space| Kept {
            workspace: WorkspaceShape::from(&space.whole),
            kept: space.kept,
            private: space.owner.is_some(),
        };
        let workspaces = self.spaces.iter().map(kept).collect();
        Standing { last_no: self.last_no, workspaces, active: self.active.clone(), settled: self.settled }
    }

    /// Has what stays written down if it is another than before.
    pub(super) fn keep_standing(&mut self, effects: &mut Vec<Effect>) {
        let Some(before) = &self.stands else { return };
        let standing = self.standing();
        if *before != standing {
            // Text and numbers always become JSON.
            effects.extend(serde_json::to_vec(&standing).ok().map(Effect::KeepStanding));
            self.stands = Some(standing);
        }
    }

    /// Takes over from an earlier host, or begins to leave what a later one needs.
    pub(super) fn inherit(&mut self, standing: Standing, now: Instant) {
        let Standing { last_no, workspaces, active, settled } = standing;
        (self.last_no, self.settled) = (last_no, settled);
        for Kept { workspace, kept, private } in workspaces {
            let whole = Workspace::from(workspace);
            let owner = private.then_some(ABSENT);
            if private {
                self.timers.set(Timer::Return, now + RETURN);
            }
            self.spaces.retain(|space| space.whole.name != whole.name);
            let mut space = Space::of(whole, owner);
            space.kept = kept;
            self.spaces.push(space);
        }
        self.active = active.filter(|name| self.space(name).is_ok());
        self.stands = Some(Standing::default());
    }

    /// Takes over a session; its program has this process id. One that stands on nothing waits for that.
    pub(super) fn adopt(&mut self, label: &Label, pid: Option<u32>, stands: bool) -> Option<SessionNo> {
        let plan = label.plan()?;
        let no = SessionNo(label.no);
        if self.sessions.contains_key(&no) {
            return None;
        }
        self.last_no = self.last_no.max(no.0);
        let workspace = plan.workspace.clone().filter(|name| self.place_again(name, no));
        let mut info = SessionInfo::new(plan.id, no, plan.name);
        (info.kind, info.agent, info.size, info.pid) = (plan.kind, plan.agent, plan.size, pid);
        (info.created_at_ms, info.last_active_ms) = (label.created_at_ms, label.created_at_ms);
        info.cwd = plan.cwd.unwrap_or_default();
        info.disconnected = !stands;
        let (command, project) = (plan.command, plan.project);
        let entry = Entry { command, project, starting: false, ..Entry::new(info, workspace) };
        self.sessions.insert(no, entry);
        self.ledger.touch();
        Some(no)
    }

    /// Sees to it that a session has its place. False where there is none.
    fn place_again(&mut self, name: &str, no: SessionNo) -> bool {
        let Ok(space) = self.space_mut(name) else { return false };
        if !space.whole.panes.contains(&no) {
            // Its host ended between starting it and writing this down.
            return space.whole.add(no);
        }
        true
    }

    /// A session that was taken over is none after all.
    pub(super) fn disown(&mut self, no: SessionNo, effects: &mut Vec<Effect>) {
        let Some(entry) = self.sessions.remove(&no) else { return };
        self.publish(&BoardEvent::Removed(no), effects);
        if let Some(name) = &entry.workspace {
            self.leave_space(name, no, effects);
        }
    }

    /// Forgets the places of sessions that were not brought back.
    pub(super) fn close_gaps(&mut self) {
        let Self { sessions, spaces, .. } = self;
        for space in spaces {
            let lost: Vec<_> = space.whole.panes.iter().copied().filter(|no| !sessions.contains_key(no)).collect();
            lost.into_iter().for_each(|no| space.whole.remove(no));
        }
    }

    /// Ends what belongs to windows that have not come back.
    pub(super) fn end_absent(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        self.disconnected(ABSENT, now, effects);
    }
}
