//! Brings back from the disk what neither this host nor a keeper has any more: after a reboot, say. The screens are as they
//! were, nothing runs. A shell starts when somebody looks; what was asked for by a command is offered and never run by
//! itself.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::inherit::Left;
use super::label::Label;
use super::standing::Standing;
use crate::base::SessionId;
use crate::session::Found;
use crate::session::memory::{Image, Memory};
use crate::store::archive::{Shelf, State};

/// What the host knew beside its sessions; nothing where nothing was saved.
pub(super) fn standing(shelf: &Shelf) -> Standing {
    let read = shelf.desk().map_err(|e| e.to_string());
    let standing =
        read.and_then(|bytes| bytes.map_or_else(|| Ok(Standing::default()), |bytes| Standing::from_bytes(&bytes)));
    standing.unwrap_or_else(|why| {
        log::error!("the workspaces that were saved are lost: {why}");
        Standing::default()
    })
}

/// The sessions that are saved, but for those of these ids, which live.
pub(super) fn sessions(shelf: &Shelf, live: &BTreeSet<SessionId>, standing: &Standing) -> Vec<Left> {
    let mut found = Vec::new();
    for id in shelf.sessions().into_iter().filter(|id| !live.contains(id)) {
        match shelf.states(id).find_map(|(state, pages)| revive(&state, &pages)) {
            // It would have ended with its window.
            Some(left) if standing.is_private(left.label.workspace.as_deref()) => shelf.remove(id),
            Some(left) => found.push(left),
            None => log::error!("session {id} was saved and cannot be brought back"),
        }
    }
    found.sort_by_key(|left| left.label.no);
    found
}

fn revive(state: &State, pages: &[u8]) -> Option<Left> {
    let label = Label::from_bytes(&state.label)?;
    let made = || {
        let image = Image::from_bytes(&state.image)?;
        let memory = Memory::of_image(&image, pages).map_err(|e| e.to_string())?;
        memory.set_label(&label.to_bytes()).map_err(|e| e.to_string())?;
        Ok::<_, String>(memory)
    };
    let memory = made().inspect_err(|why| log::warn!("a state of session {} cannot be used: {why}", label.no)).ok()?;
    let offer = label.command().map(|command| format!("; Enter runs {command}")).unwrap_or_default();
    let words = format!("restored, last seen {}{offer}", in_words(state.saved_at_ms));
    let found = Found { revived: Some(words), master: None, child: None, memory: Arc::new(memory) };
    Some(Left { pid: None, key: label.key()?, label, found })
}

/// A time as people of this place write it.
fn in_words(unix_ms: u64) -> String {
    let at = i64::try_from(unix_ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok()).unwrap_or_default();
    at.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string()
}
