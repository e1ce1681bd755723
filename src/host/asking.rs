//! Which sessions a question goes to. The desk finds them and never waits for their answers.

use super::ask::{Choice, Question};
use super::call::{Effect, Ticket};
use super::desk::Desk;
use super::find::not_found;
use crate::base::{GridSize, SessionNo};
use crate::model::{SessionInfo, SessionState};
use crate::protocol::methods::Delivered;
use crate::protocol::rpc::Error;
use crate::session::Ask;

impl Desk {
    pub(super) fn ask(&self, ticket: Ticket, session: &str, question: Question, effects: &mut Vec<Effect>) {
        let found = self.find(session).and_then(|no| self.sessions.get(&no).ok_or_else(not_found));
        effects.push(match found {
            Ok(entry) => Effect::Ask(entry.info.no, entry.info.id, ticket, Box::new(question)),
            Err(error) => Effect::Reply(ticket, Err(error)),
        });
    }

    /// A session has another size because somebody asked for it.
    pub(super) fn resized(
        &mut self,
        ticket: Ticket,
        no: SessionNo,
        size: Result<GridSize, Error>,
        effects: &mut Vec<Effect>,
    ) {
        let reply = size.and_then(|size| {
            let entry = self.sessions.get_mut(&no).ok_or_else(not_found)?;
            if std::mem::replace(&mut entry.info.size, size) != size {
                self.publish_session(no, effects);
            }
            self.session(no)
        });
        effects.push(Effect::Reply(ticket, reply));
    }

    /// The same input for several sessions. Sessions that were named and are not there are listed with the error; one
    /// that was to be left out and is not there makes it all an error, before anything is sent.
    pub(super) fn broadcast(&self, ticket: Ticket, choice: &Choice, ask: Ask, effects: &mut Vec<Effect>) {
        effects.push(match self.chosen(choice) {
            Ok(chosen) => Effect::Broadcast(ticket, chosen, Box::new(ask)),
            Err(error) => Effect::Reply(ticket, Err(error)),
        });
    }

    /// The lines of the reply, each with the session that is asked.
    fn chosen(&self, choice: &Choice) -> Result<Vec<(Option<SessionNo>, Delivered)>, Error> {
        let Choice { sessions, workspace, except } = choice;
        let except = except.iter().enumerate().map(|(i, text)| {
            let not_found = |e: Error| Error::about(e.code, e.message, &format!("except[{i}]"), "a session there is");
            self.find(text).map_err(not_found)
        });
        let except = except.collect::<Result<Vec<_>, _>>()?;
        let line =
            |info: &SessionInfo| Delivered { session_id: info.id.to_string(), name: info.name.clone(), error: None };
        let mut chosen: Vec<(Option<SessionNo>, Delivered)> = Vec::new();
        let mut choose = |no: SessionNo| {
            let entry = self.sessions.get(&no).filter(|entry| !entry.starting && !except.contains(&no));
            if let Some(entry) = entry.filter(|_| chosen.iter().all(|(other, _)| *other != Some(no))) {
                chosen.push((Some(no), line(&entry.info)));
            }
        };
        let mut missing = Vec::new();
        for text in sessions.iter().flatten() {
            match self.find(text) {
                Ok(no) => choose(no),
                Err(error) => {
                    missing.push(Delivered { session_id: text.clone(), name: text.clone(), error: Some(error) })
                }
            }
        }
        match workspace {
            Some(name) => self.space(name)?.whole.panes.iter().for_each(|no| choose(*no)),
            None if sessions.is_some() => {}
            None => self.shown().filter(|info| info.state != SessionState::Stopped).for_each(|info| choose(info.no)),
        }
        chosen.extend(missing.into_iter().map(|line| (None, line)));
        Ok(chosen)
    }
}
