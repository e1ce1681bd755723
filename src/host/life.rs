//! The desk's sessions from their start to their end, and the end of the desk itself.

use std::time::{Duration, Instant};

use serde_json::json;

use super::call::{Effect, Now, Order, Started, Ticket};
use super::desk::{Desk, Timer};
use super::find::exists;
use crate::base::{ClientId, SessionNo};
use crate::model::{BoardEvent, SessionInfo, SessionKind, SessionState};
use crate::protocol::rpc::{Error, code};
use crate::session::Facts;
use crate::session::run::{GRACE, PATIENCE, Report};

/// How long a killed program may take to go before the host stops waiting for it: only one that hangs in the kernel
/// needs longer.
pub(super) const KILLED: Duration = Duration::from_secs(1);
/// Exit codes from here on stand for signals, as shells have it (POSIX, 2.8.2).
const SIGNALS: i32 = 128;
/// How long the host's end may take.
const STOP_LIMIT: Duration = Duration::from_millis(4500);

/// A session on the board, or about to be.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) info: SessionInfo,
    pub(super) workspace: Option<String>,
    /// What it was asked to run; empty for the user's shell.
    pub(super) command: Vec<String>,
    pub(super) project: Option<String>,
    /// What could not be had of what was asked for.
    pub(super) notice: Option<String>,
    /// It is being started: nobody is shown it yet.
    pub(super) starting: bool,
    /// Who waits for it to be started.
    pub(super) waiting: Vec<Ticket>,
    /// Who wanted its name, and is refused once it is there.
    pub(super) refused: Vec<Ticket>,
    /// Its program is gone.
    pub(super) reaped: bool,
    /// Its core failed.
    pub(super) failed: bool,
    /// The clients whose streams watch it.
    pub(super) viewers: Vec<ClientId>,
    /// It is to be cleaned up: because it is in this state, so long after that began.
    pub(super) cleans: Option<(SessionState, Duration)>,
}

impl Entry {
    /// Takes in what its core says.
    fn learn(&mut self, facts: Facts, unix_ms: u64) {
        let info = &mut self.info;
        if info.active != facts.active || info.exit_code != facts.exit_code {
            info.last_active_ms = unix_ms;
        }
        (info.active, info.exit_code, info.size) = (facts.active, facts.exit_code, facts.size);
        (info.title, info.foreground) = (facts.title, facts.foreground);
        info.disconnected = facts.disconnected;
        if !facts.cwd.is_empty() {
            info.cwd = facts.cwd;
        }
        self.viewers = facts.viewers;
    }

    /// A session that is being started.
    pub(super) fn new(info: SessionInfo, workspace: Option<String>) -> Self {
        Self {
            info,
            workspace,
            command: Vec::new(),
            project: None,
            notice: None,
            starting: true,
            waiting: Vec::new(),
            refused: Vec::new(),
            reaped: false,
            failed: false,
            viewers: Vec::new(),
            cleans: None,
        }
    }
}

impl Desk {
    pub(super) fn started(
        &mut self,
        no: SessionNo,
        result: Result<Started, Error>,
        now: Instant,
        effects: &mut Vec<Effect>,
    ) {
        if let Some(reaped) = self.doomed.remove(&no) {
            match result {
                Ok(started) if reaped || started.pid.is_none() => {
                    effects.push(Effect::Close(no));
                    self.forget(no, effects);
                }
                Ok(_) => self.end(no, now, effects),
                Err(_) => self.exit_if_done(effects),
            }
            return;
        }
        let Some(entry) = self.sessions.get_mut(&no) else { return };
        let workspace = entry.workspace.clone();
        let mut failed = None;
        match result {
            Ok(started) => {
                entry.starting = false;
                entry.notice = started.notice;
                entry.info.pid = started.pid;
                entry.info.cwd = started.cwd;
                entry.info.created_at_ms = started.at_ms;
                entry.info.last_active_ms = entry.info.last_active_ms.max(started.at_ms);
                let waiting = std::mem::take(&mut entry.waiting);
                let (refused, exists) = (std::mem::take(&mut entry.refused), exists(&entry.info.name));
                let created = self.created(no);
                effects.extend(waiting.into_iter().map(|ticket| Effect::Reply(ticket, created.clone())));
                effects.extend(refused.into_iter().map(|ticket| Effect::Reply(ticket, Err(exists.clone()))));
                self.counts.created += 1;
                self.emit_created(no, effects);
                self.clean_later(no, now);
            }
            Err(error) => {
                log::warn!("a session could not be started: {error}");
                for ticket in entry.waiting.drain(..).chain(entry.refused.drain(..)) {
                    effects.push(Effect::Reply(ticket, Err(error.clone())));
                }
                self.off_the_board(no, effects);
                failed = Some(error);
            }
        }
        if let Some(name) = workspace {
            self.settle_open(&name, failed.as_ref(), now, effects);
        }
    }

    pub(super) fn report(&mut self, no: SessionNo, report: Report, now: Now, effects: &mut Vec<Effect>) {
        if let (Report::Reaped, true) = (&report, self.ending.contains(&no)) {
            return self.forget(no, effects);
        }
        if let (Report::Reaped, Some(reaped)) = (&report, self.doomed.get_mut(&no)) {
            *reaped = true;
        }
        let Some(entry) = self.sessions.get_mut(&no) else { return };
        let before = entry.info.clone();
        match report {
            Report::Facts(facts) => entry.learn(facts, now.unix_ms),
            Report::Reaped => entry.reaped = true,
            Report::Relinked(pid) => (entry.reaped, entry.info.pid) = (false, pid),
            Report::Failed => {
                (entry.failed, entry.info.active) = (true, false);
                entry.info.title = "synk: this session failed inside the host; see the host's log".into();
                effects.push(Effect::HangUp(no));
            }
            Report::Bell => self.emit_bell(no, effects),
            Report::Notify { title, body } => self.emit_notification(no, title, body, effects),
        }
        if let Some(entry) = self.sessions.get(&no)
            && entry.info.cwd != before.cwd
            && entry.info.kind == SessionKind::Local
        {
            effects.push(Effect::Moved(no, entry.info.cwd.clone()));
        }
        self.changed(no, &before, effects);
        self.count_clients(no, now.at, effects);
    }

    /// Brings back what a session stood on; one that has not lost it stays as it is.
    pub(super) fn reconnect(&self, ticket: Ticket, session: &str, effects: &mut Vec<Effect>) {
        let info = self.find(session).and_then(|no| {
            let local = Error::field("session_id", "an SSH or a serial session: others have no link to lose");
            let info = self.sessions.get(&no).map(|entry| &entry.info);
            let has_link = |info: &&SessionInfo| match info.kind {
                SessionKind::Local => info.disconnected,
                SessionKind::Ssh(_) | SessionKind::Serial(_) => true,
                SessionKind::Remote(_) => false,
            };
            info.filter(has_link).ok_or(local)
        });
        effects.push(match info {
            Ok(info) if info.disconnected => Effect::Order(ticket, vec![(info.no, Order::Relink)], json!({})),
            info => Effect::Reply(ticket, info.map(|_| json!({}))),
        });
    }

    /// Takes a session off the board and ends it.
    pub(super) fn terminate(&mut self, no: SessionNo, now: Instant, effects: &mut Vec<Effect>) {
        let Some(entry) = self.off_the_board(no, effects) else { return };
        let error = Error::new(code::SESSION_NOT_FOUND, "the session was ended while it was being started".into());
        let waiting = entry.waiting.into_iter().chain(entry.refused);
        effects.extend(waiting.map(|ticket| Effect::Reply(ticket, Err(error.clone()))));
        if entry.starting {
            self.doomed.insert(no, entry.reaped);
        } else if entry.reaped || entry.info.pid.is_none() {
            effects.extend([Effect::Close(no), Effect::Forget(no)]);
        } else {
            self.end(no, now, effects);
        }
    }

    fn end(&mut self, no: SessionNo, now: Instant, effects: &mut Vec<Effect>) {
        effects.push(Effect::End(no));
        self.ending.insert(no);
        self.timers.set(Timer::Terminate(no), now + PATIENCE);
        self.timers.set(Timer::Kill(no), now + GRACE);
    }

    fn off_the_board(&mut self, no: SessionNo, effects: &mut Vec<Effect>) -> Option<Entry> {
        if self.sessions.get(&no).is_some_and(|entry| !entry.starting) {
            self.counts.ended += 1;
            self.publish(&BoardEvent::Removed(no), effects);
        }
        let entry = self.sessions.remove(&no)?;
        if !self.stopping {
            effects.push(Effect::Discard(entry.info.id));
        }
        self.save_end(&entry);
        self.release(no);
        if let Some(name) = &entry.workspace {
            self.leave_space(name, no, effects);
        }
        Some(entry)
    }

    pub(super) fn forget(&mut self, no: SessionNo, effects: &mut Vec<Effect>) {
        self.ending.remove(&no);
        for timer in [Timer::Terminate(no), Timer::Kill(no), Timer::Forget(no)] {
            self.timers.cancel(&timer);
        }
        effects.push(Effect::Forget(no));
        self.exit_if_done(effects);
    }

    pub(super) fn stop(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        if std::mem::replace(&mut self.stopping, true) {
            return;
        }
        // What has ended by itself does not come back; everything else is saved as it is now.
        // What a signal ended may have been ended by what ends this host.
        let ended =
            self.sessions.values().filter(|s| s.info.exit_code.is_some_and(|code| (0..SIGNALS).contains(&code)));
        effects.extend(ended.map(|s| Effect::Discard(s.info.id)));
        effects.push(Effect::StopListening);
        // Clients see the sessions end with the host, not one by one.
        self.clients.values_mut().for_each(|client| client.follows = None);
        let all: Vec<_> = self.sessions.keys().copied().collect();
        for no in all {
            self.terminate(no, now, effects);
        }
        self.timers.set(Timer::Exit, now + STOP_LIMIT);
        self.exit_if_done(effects);
    }

    /// Ends with everything saved and nothing ended: another host takes it over.
    pub(super) fn leave(&mut self, effects: &mut Vec<Effect>) {
        // Who is about to end everything does that.
        if !std::mem::replace(&mut self.stopping, true) {
            self.leaving = true;
            effects.extend([Effect::StopListening, Effect::Exit]);
        }
    }

    fn exit_if_done(&mut self, effects: &mut Vec<Effect>) {
        if self.stopping && self.ending.is_empty() && self.doomed.is_empty() {
            self.timers.cancel(&Timer::Exit);
            effects.push(Effect::Exit);
        }
    }
}
