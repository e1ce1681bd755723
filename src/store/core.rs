//! What becomes of each message: the file is opened when it is needed, put aside when it is broken, and forgets what is
//! old. A plain state with the time passed in; [`super::run`] is the thread around it.

use std::path::PathBuf;
use std::time::Duration;

use super::database::Database;
use super::message::{Kept, Message, Report};
use super::place::Place;
use super::trouble::Trouble;

/// How often old sessions are looked for, at most: whenever something is saved and this has passed.
const FORGETTING: Duration = Duration::from_secs(24 * 60 * 60);
/// How many files one host puts aside: whatever breaks one after the other would fill the disk.
const MOST_BROKEN: u32 = 3;

/// Where the database is and how long it keeps what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreOptions {
    /// An absolute path.
    pub path: PathBuf,
    /// The directory is synk's own: it is closed to other users.
    pub own_dir: bool,
    /// How long a session that has ended is kept; for ever without.
    pub keep: Option<Duration>,
}

/// The state of the store.
#[derive(Debug)]
pub struct Store {
    options: StoreOptions,
    place: Option<Place>,
    database: Option<Database>,
    /// Nothing will come of trying again.
    refused: Option<Trouble>,
    broken: u32,
    /// When old sessions were last looked for.
    forgot_at_ms: u64,
    /// The file was opened before by this host: what runs in it is this host's.
    ours: bool,
}

impl Store {
    /// A store that has not looked at its file yet.
    pub fn new(options: StoreOptions) -> Self {
        Self { options, place: None, database: None, refused: None, broken: 0, forgot_at_ms: 0, ours: false }
    }

    /// Does what a message asks, at this Unix time in milliseconds.
    pub fn step(&mut self, message: Message, now_ms: u64) -> Option<Report> {
        match message {
            Message::Open => Some(self.report(now_ms, |_| Ok(None))),
            Message::Save(changes) => Some(self.report(now_ms, |db| db.save(&changes, now_ms).map(Some))),
            Message::SaveSnapshot(session, snapshot) => {
                // The next one replaces it.
                if let Err(trouble) = self.with(now_ms, |db| db.save_snapshot(session, &snapshot)) {
                    log::debug!("a snapshot of {session} is not kept: {trouble}");
                }
                None
            }
            Message::LoadSnapshot(session, take) => {
                take(self.with(now_ms, |db| db.load_snapshot(session)));
                None
            }
        }
    }

    /// Does something with the database; where that shows it to be broken, with a new one.
    fn report(&mut self, now_ms: u64, mut what: impl FnMut(&mut Database) -> Result<Option<Kept>, Trouble>) -> Report {
        let mut replaced = self.renew();
        loop {
            let result = self.with(now_ms, &mut what).and_then(|kept| match kept {
                Some(kept) if !self.is_time_to_forget(now_ms) => Ok(kept),
                _ => self.forget(now_ms),
            });
            match result {
                Err(Trouble::Broken(why)) => match self.replace(&why, now_ms) {
                    Ok(words) => replaced = Some(words),
                    Err(trouble) => return Report { kept: Err(trouble), replaced },
                },
                kept => return Report { kept, replaced },
            }
        }
    }

    fn with<T>(&mut self, now_ms: u64, what: impl FnOnce(&mut Database) -> Result<T, Trouble>) -> Result<T, Trouble> {
        if let Some(refused) = &self.refused {
            return Err(refused.clone());
        }
        let result = match &mut self.database {
            Some(database) => what(database),
            none => Self::open(&self.options, &mut self.place, self.ours, now_ms).and_then(|db| what(none.insert(db))),
        };
        self.ours |= self.database.is_some();
        match &result {
            Err(refused @ Trouble::Refused(_)) => self.refused = Some(refused.clone()),
            // Opened anew for the next: what failed may have to do with how the file was.
            Err(_) => self.database = None,
            Ok(_) => {}
        }
        result
    }

    fn open(options: &StoreOptions, place: &mut Option<Place>, ours: bool, now_ms: u64) -> Result<Database, Trouble> {
        let taken = match place {
            Some(place) => place,
            None => place.insert(Place::take(&options.path, options.own_dir)?),
        };
        let mut database = Database::open(&taken.path)?;
        if !ours {
            database.end_all(now_ms)?;
        }
        Ok(database)
    }

    /// Lets go of a file that somebody has removed or replaced. Says so in words.
    fn renew(&mut self) -> Option<String> {
        let gone = self.place.take_if(|place| !place.is_whole())?;
        (self.database, self.ours) = (None, false);
        Some(format!("{} was removed: there is a new one", gone.path.display()))
    }

    fn is_time_to_forget(&self, now_ms: u64) -> bool {
        u128::from(now_ms.saturating_sub(self.forgot_at_ms)) >= FORGETTING.as_millis()
    }

    fn forget(&mut self, now_ms: u64) -> Result<Kept, Trouble> {
        let keep = self.options.keep.map(|keep| u64::try_from(keep.as_millis()).unwrap_or(u64::MAX));
        // Without a limit nothing is old.
        let before_ms = keep.map_or(0, |keep| now_ms.saturating_sub(keep));
        let kept = self.with(now_ms, |db| db.forget(before_ms))?;
        self.forgot_at_ms = now_ms;
        Ok(kept)
    }

    /// Puts the file aside. Says so in words.
    fn replace(&mut self, why: &str, now_ms: u64) -> Result<String, Trouble> {
        self.database = None;
        self.broken += 1;
        if self.broken > MOST_BROKEN {
            let refused = Trouble::Refused(format!("{} were broken one after the other: {why}", MOST_BROKEN + 1));
            self.refused = Some(refused.clone());
            return Err(refused);
        }
        let Some(place) = &mut self.place else { return Err(Trouble::Later(why.to_owned())) };
        let aside = place.put_aside(now_ms)?;
        Ok(format!("{} was broken ({why}): it is {} now", place.path.display(), aside.display()))
    }
}

#[cfg(test)]
#[path = "core_tests.rs"]
mod tests;
