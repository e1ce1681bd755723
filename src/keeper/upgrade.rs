//! The keeper under another program: how that is tried, gone back on, or become.

use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::child::{self, Child};
use super::claim::{Claim, FileId};
use super::frame::{Frame, Incoming, Outgoing};
use super::legacy::Legacy;
use super::limits;
use super::run::{Keeping, Link, Place};
use super::signals::Signals;
use super::successor::{self, Adopted};
use super::table::Table;
use super::trial::{Event, Trial, Verdict};
use super::watchman::Watchman;
use super::wire::{self, Stage, Upgrade};
use crate::base::program;

/// So many daemons in a row that never came up are too many: the program that lies there now does not do.
const NEVER_UP: usize = 3;

impl Keeping {
    /// From which program the next daemon is started.
    pub(super) fn program(&self) -> io::Result<PathBuf> {
        if let Some(trial) = self.trial.as_ref().or(self.due.as_ref()) {
            return Ok(trial.program.clone());
        }
        if self.watchman.row() > NEVER_UP {
            return program::running();
        }
        match self.chosen.as_ref().filter(|chosen| chosen.exists()) {
            Some(chosen) => Ok(chosen.clone()),
            None => program::installed(),
        }
    }

    /// Begins to try another program, once the daemon that asks for it has ended.
    ///
    /// # Errors
    /// Another one is tried already, or this is not the file that was meant; in words.
    pub(super) fn try_out(&mut self, program: PathBuf, file: FileId) -> Result<(), String> {
        if let Some(other) = self.trial.as_ref().or(self.due.as_ref()) {
            return Err(format!("an upgrade to {} is under way", other.program.display()));
        }
        if !self.watchman.is_calm() {
            return Err("the host is about to end".into());
        }
        if file_id(&program) != Some(file) {
            return Err(format!("{} is another file than the one that was checked", program.display()));
        }
        log::info!("the next daemon is tried from {}", program.display());
        self.watchman.begin_anew();
        self.trial = Some(Trial::new(program.clone(), file, Instant::now()));
        self.stands(Upgrade { program, stage: Stage::Trial, why: String::new() });
        Ok(())
    }

    /// Has the trial learn something, if there is one, and does what comes of it.
    pub(super) fn judge(&mut self, event: Event) {
        let verdict = self.trial.as_mut().and_then(|trial| trial.step(event, Instant::now()));
        match verdict {
            Some(Verdict::Kill) => self.kill_daemon(),
            Some(Verdict::Bad(why)) => self.go_back(why),
            Some(Verdict::Good) => self.due = self.trial.take(),
            None => {}
        }
    }

    fn go_back(&mut self, why: String) {
        let Some(Trial { program, file, .. }) = self.trial.take() else { return };
        log::error!("{} is not used: {why}", program.display());
        // What lies where this program was may be the one that has just failed; this one runs.
        let before = self.chosen.take().filter(|before| file_id(before) != Some(file));
        self.chosen = before.or_else(|| program::running().ok());
        self.watchman.begin_anew();
        self.kill_daemon();
        self.stands(Upgrade { program, stage: Stage::Back, why });
    }

    fn stands(&mut self, upgrade: Upgrade) {
        self.upgrade = Some(upgrade);
        self.tell_upgrade();
    }

    /// Tells the daemon how the last upgrade stands, if there was one.
    pub(super) fn tell_upgrade(&mut self) {
        if let Some(upgrade) = self.upgrade.clone() {
            let (op, payload) = wire::Event::Upgrade(upgrade).encode();
            self.send(Frame { op, request: 0, payload, fds: Vec::new() });
        }
    }

    /// Becomes the program whose daemon did, at a moment at which nothing is half done.
    pub(super) fn follow_if_due(&mut self, signals: &Signals) {
        let Some(mut legacy) = self.due.as_ref().and_then(|_| self.legacy()) else { return };
        let Some(Trial { program, file, .. }) = self.due.take() else { return };
        let why = if file_id(&program) == Some(file) {
            legacy.upgrade = Some(Upgrade { program: program.clone(), stage: Stage::Done, why: String::new() });
            successor::follow(&program, &legacy, signals).to_string()
        } else {
            "it was replaced meanwhile".into()
        };
        log::error!("the keeper does not become {}: {why}", program.display());
        self.chosen = Some(program.clone());
        self.stands(Upgrade { program, stage: Stage::Half, why });
    }

    /// What is left to another program, unless something is half done.
    pub(super) fn legacy(&self) -> Option<Legacy> {
        let link = self.link.as_ref().filter(|link| link.incoming.is_empty() && link.outgoing.is_empty())?;
        let (place, daemon) = (self.place.as_ref()?, self.daemon.as_ref().filter(|_| self.watchman.is_calm())?);
        let (held, orphans) = self.table.leave();
        Some(Legacy {
            paths: place.claim.paths().clone(),
            made: place.made,
            lock: place.claim.lock().as_raw_fd(),
            listener: place.listener.as_raw_fd(),
            desk: self.desk.as_ref().map(|desk| desk.as_fd().as_raw_fd()),
            link: link.socket.as_raw_fd(),
            daemon: daemon.pid().as_raw_pid().cast_unsigned(),
            epoch: self.epoch,
            usual: limits::usual(),
            crashes: self.watchman.crashed(Instant::now()),
            upgrade: self.upgrade.clone(),
            held,
            orphans,
        })
    }

    /// Goes on with what the program that this process was has left.
    ///
    /// # Errors
    /// What it cannot be without was not left.
    pub(super) fn go_on(legacy: Legacy, adopted: &mut Adopted) -> io::Result<Self> {
        let Legacy { paths, made, lock, listener, desk, link, daemon, epoch, usual, crashes, upgrade, held, orphans } =
            legacy;
        match usual {
            Some(usual) => limits::go_on(usual),
            None => limits::raise(),
        }
        let claim = Claim::shared(&paths, adopted.take(lock)?, made);
        let place = Place { claim, listener: adopted.take(listener)?, made };
        let socket = adopted.take(link)?;
        let daemon = child::pid(daemon).ok_or_else(|| io::Error::other("no daemon was left"))?;
        let mut keeping = Self {
            watchman: Watchman::go_on(&crashes, Instant::now()),
            table: Table::go_on(held, orphans, adopted),
            place: Some(place),
            desk: desk.map(|desk| adopted.take(desk)).transpose()?,
            synk: program::running()?,
            daemon: Some(Child::new(daemon)),
            link: Some(Link { socket, incoming: Incoming::default(), outgoing: Outgoing::default() }),
            epoch,
            cut: false,
            chosen: None,
            trial: None,
            due: None,
            upgrade,
            doubt: None,
        };
        log::info!("this program goes on as the keeper, with {} sessions", keeping.table.list().len());
        keeping.tell_upgrade();
        Ok(keeping)
    }
}

/// Which file lies there.
fn file_id(path: &Path) -> Option<FileId> {
    std::fs::metadata(path).ok().map(|meta| (meta.dev(), meta.ino()))
}

#[cfg(test)]
#[path = "upgrade_tests.rs"]
mod tests;
