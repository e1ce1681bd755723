//! Whether the daemon of another program does, once the keeper was told to start it: a plain state beside
//! [`super::watchman`], which goes on starting daemons. [`super::run`] does what it says.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::claim::FileId;

/// How long the daemon before it may take to end: less than 5 s, it says.
const LEAVING: Duration = Duration::from_secs(6);
/// How long one may take from its start until clients can connect.
const COMING: Duration = Duration::from_secs(5);
/// How long one has to run from there on. What fails over the sessions that it found fails at once.
const STANDING: Duration = Duration::from_secs(2);
/// So many that end meanwhile are too many: one alone may have been killed by somebody.
const ENDS: usize = 3;

#[derive(Debug)]
pub(super) struct Trial {
    pub(super) program: PathBuf,
    /// Which file lay there when it was checked.
    pub(super) file: FileId,
    /// How many of its daemons have ended.
    ends: usize,
    phase: Phase,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The daemon before it is about to end; it is killed then.
    Leaving(Instant),
    /// The next one is about to be started.
    Between,
    /// It has to be up by then.
    Coming(Instant),
    /// It is up, and has done what was asked of it then.
    Standing(Instant),
}

/// What the trial learns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Event {
    /// A daemon was started.
    Started,
    /// It is up.
    Serving,
    /// The daemon has ended, or could not be started: how, in words.
    Ended(String),
    /// Time has passed.
    Tick,
}

/// What comes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The daemon before it does not end by itself.
    Kill,
    /// It does not do, for this reason.
    Bad(String),
    Good,
}

impl Trial {
    /// Of the program with this file, once the daemon before it has ended, which it is about to.
    pub(super) fn new(program: PathBuf, file: FileId, now: Instant) -> Self {
        Self { program, file, ends: 0, phase: Phase::Leaving(now + LEAVING) }
    }

    /// When [`Event::Tick`] is due.
    pub(super) fn next(&self) -> Option<Instant> {
        match self.phase {
            Phase::Leaving(at) | Phase::Coming(at) | Phase::Standing(at) => Some(at),
            Phase::Between => None,
        }
    }

    pub(super) fn step(&mut self, event: Event, now: Instant) -> Option<Verdict> {
        match (event, self.phase) {
            (Event::Ended(_), Phase::Leaving(_)) => self.phase = Phase::Between,
            (Event::Started, Phase::Between) => self.phase = Phase::Coming(now + COMING),
            (Event::Serving, Phase::Coming(_)) => self.phase = Phase::Standing(now + STANDING),
            (Event::Ended(how), _) => {
                self.phase = Phase::Between;
                self.ends += 1;
                if self.ends >= ENDS {
                    return Some(Verdict::Bad(format!("it ended {ENDS} times, at last so: {how}")));
                }
            }
            (Event::Tick, phase) if self.next().is_some_and(|at| at <= now) => {
                return Some(match phase {
                    Phase::Leaving(_) => {
                        // Once more, should it not be gone by then.
                        self.phase = Phase::Leaving(now + LEAVING);
                        Verdict::Kill
                    }
                    Phase::Standing(_) => Verdict::Good,
                    _ => Verdict::Bad(format!("clients could not connect to it within {} s", COMING.as_secs())),
                });
            }
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trial() -> (Trial, Instant) {
        let now = Instant::now();
        (Trial::new("/opt/synk".into(), (1, 2), now), now)
    }

    fn ended() -> Event {
        Event::Ended("exit code 1".into())
    }

    #[test]
    fn one_that_comes_up_and_stays_does() {
        let (mut trial, now) = trial();
        for event in [Event::Started, Event::Serving, Event::Tick] {
            assert_eq!(trial.step(event, now), None, "the one before has not ended");
        }
        for event in [ended(), Event::Started, Event::Serving] {
            assert_eq!(trial.step(event, now), None);
        }
        assert_eq!(trial.step(Event::Tick, now + STANDING / 2), None);
        assert_eq!(trial.next(), Some(now + STANDING));
        assert_eq!(trial.step(Event::Tick, now + STANDING), Some(Verdict::Good));
    }

    #[test]
    fn one_that_is_killed_by_somebody_is_tried_again() {
        let (mut trial, now) = trial();
        trial.step(ended(), now);
        for _ in 0..ENDS - 1 {
            for event in [Event::Started, Event::Serving, ended()] {
                assert_eq!(trial.step(event, now), None);
            }
            assert_eq!(trial.next(), None);
        }
        trial.step(Event::Started, now);
        trial.step(Event::Serving, now);
        assert_eq!(trial.step(Event::Tick, now + STANDING), Some(Verdict::Good));
    }

    #[test]
    fn one_that_ends_or_never_comes_up_does_not() {
        let (mut trial, now) = trial();
        trial.step(ended(), now);
        let verdicts: Vec<_> = (0..ENDS).filter_map(|_| trial.step(ended(), now)).collect();
        assert!(matches!(&verdicts[..], [Verdict::Bad(why)] if why.contains("exit code 1")), "{verdicts:?}");
        let (mut trial, now) = self::trial();
        trial.step(ended(), now);
        trial.step(Event::Started, now);
        assert!(matches!(trial.step(Event::Tick, now + COMING), Some(Verdict::Bad(why)) if why.contains("5 s")));
    }

    #[test]
    fn the_daemon_before_it_is_killed_if_it_does_not_end() {
        let (mut trial, now) = trial();
        assert_eq!(trial.step(Event::Tick, now + LEAVING), Some(Verdict::Kill));
        assert_eq!(trial.step(ended(), now + LEAVING), None);
        assert_eq!(trial.step(Event::Started, now + LEAVING), None);
    }
}
