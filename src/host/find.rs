//! What the desk knows about sessions: which one a client means, what one is called, and where the answers come from.

use serde_json::Value;

use super::call::Effect;
use super::create::check_name;
use super::desk::{Desk, result};
use crate::base::{SessionId, SessionNo};
use crate::model::SessionInfo;
use crate::protocol::events;
use crate::protocol::methods::{RenameParams, SessionList};
use crate::protocol::rpc::{Error, code};
use crate::protocol::shapes::Session;

/// Most characters of a title in the list of all sessions.
const MAX_LISTED_TITLE: usize = 256;

impl Desk {
    /// The sessions that everybody sees.
    pub(super) fn shown(&self) -> impl Iterator<Item = &SessionInfo> {
        self.sessions.values().filter(|e| !e.starting).map(|e| &e.info)
    }

    /// The session of a UUID, a name or a number, in this order.
    pub(super) fn find(&self, text: &str) -> Result<SessionNo, Error> {
        let by = |wanted: &dyn Fn(&SessionInfo) -> bool| self.shown().find(|s| wanted(s)).map(|s| s.no);
        let id = text.parse::<SessionId>().ok();
        let no = text.parse().ok().map(SessionNo);
        by(&|s| Some(s.id) == id)
            .or_else(|| by(&|s| s.name == text))
            .or_else(|| by(&|s| Some(s.no) == no))
            .ok_or_else(not_found)
    }

    /// All sessions, in one line as long as they are not very many: a title may be as long as a program likes.
    pub(super) fn list_sessions(&self) -> Result<Value, Error> {
        let short = |info: &SessionInfo| {
            let mut session = Session::from(info);
            if let Some((end, _)) = session.title.char_indices().nth(MAX_LISTED_TITLE) {
                session.title.truncate(end);
            }
            session
        };
        result(SessionList { sessions: self.shown().map(short).collect() })
    }

    /// One session as clients see it.
    pub(super) fn session(&self, no: SessionNo) -> Result<Value, Error> {
        let entry = self.sessions.get(&no).ok_or_else(not_found)?;
        result(Session::from(&entry.info))
    }

    pub(super) fn rename(&mut self, params: RenameParams, effects: &mut Vec<Effect>) -> Result<Value, Error> {
        let no = self.find(&params.session_id)?;
        self.check_new_name(&params.name, Some(no))?;
        let entry = self.sessions.get_mut(&no).ok_or_else(not_found)?;
        let old_name = std::mem::replace(&mut entry.info.name, params.name);
        let (session_id, name) = (entry.info.id.to_string(), entry.info.name.clone());
        if name != old_name {
            self.publish_session(no, effects);
            effects.push(Effect::Rename(no, name.clone()));
            let renamed = events::Renamed { session_id, no: no.0, name, old_name };
            self.emit::<events::SessionRenamed>(Some(no), &renamed, effects);
        }
        self.session(no)
    }

    /// Whether a session, or this one, may be called so.
    pub(super) fn check_new_name(&self, name: &str, but: Option<SessionNo>) -> Result<(), Error> {
        check_name("name", name)?;
        // The command line takes these for something else.
        let number = name.strip_prefix('%').is_some_and(|rest| rest.parse::<u32>().is_ok());
        if name == "." || number || name.contains(',') || name.parse::<SessionId>().is_ok() {
            let expected = "a name that is no \".\", no UUID and no \"%\" with a number, and has no comma";
            return Err(Error::field("name", expected));
        }
        if self.sessions.values().any(|e| e.info.name == name && Some(e.info.no) != but) {
            return Err(exists(name));
        }
        Ok(())
    }
}

/// Another session is called so.
pub(super) fn exists(name: &str) -> Error {
    let message = format!("Session exists: {name}");
    Error::about(code::SESSION_EXISTS, message, "name", "one that no session has")
}

/// There is no such session.
pub(super) fn not_found() -> Error {
    let expected = "the UUID, the name or the number of a session that list_sessions has";
    Error::about(code::SESSION_NOT_FOUND, "Session not found", "session_id", expected)
}
