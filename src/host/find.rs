//! Which session a client means.

use super::desk::Desk;
use crate::base::{SessionId, SessionNo};
use crate::model::SessionInfo;
use crate::protocol::rpc::{Error, code};

impl Desk {
    /// The sessions that everybody sees.
    pub(super) fn shown(&self) -> impl Iterator<Item = &SessionInfo> {
        self.sessions.values().filter(|e| !e.starting).map(|e| &e.info)
    }

    /// The session of a UUID, a name or a number.
    pub(super) fn find(&self, text: &str) -> Result<SessionNo, Error> {
        let by = |wanted: &dyn Fn(&SessionInfo) -> bool| self.shown().find(|s| wanted(s)).map(|s| s.no);
        let id = text.parse::<SessionId>().ok();
        let no = text.parse().ok().map(SessionNo);
        by(&|s| Some(s.id) == id)
            .or_else(|| by(&|s| s.name == text))
            .or_else(|| by(&|s| Some(s.no) == no))
            .ok_or_else(|| Error::new(code::SESSION_NOT_FOUND, "Session not found".into()))
    }
}
