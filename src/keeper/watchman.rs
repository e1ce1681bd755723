//! When the keeper starts a daemon, and how it comes to its own end: a plain state, [`super::run`] does what it says.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How long to wait before the next start, after so many ends in a row of daemons that never came up. One that was up is
/// followed at once: people wait for it.
const WAITS: [Duration; 5] = [
    Duration::ZERO,
    Duration::from_millis(100),
    Duration::from_millis(500),
    Duration::from_secs(2),
    Duration::from_secs(10),
];
/// A daemon that ran so long is no link of a row; and how far back crashes are counted. In a torture they come up to ten
/// times a second.
const LONG: Duration = Duration::from_secs(60);
/// Unless so many have crashed within [`LONG`], or so many within a moment of this length.
const MANY: usize = 600;
const AT_ONCE: usize = 20;
const MOMENT: Duration = Duration::from_secs(2);
/// How long a daemon that was told to end everything may take. It takes less than 5 s by itself.
const ENDING: Duration = Duration::from_secs(10);
/// How long one may take to end that has no link to its keeper any more.
const CUT: Duration = Duration::from_secs(5);
/// How long programs that are left may take no notice of their terminal's end before they are asked to end.
const PATIENCE: Duration = Duration::from_secs(2);
/// And how long after that before they are killed, and before the keeper does not wait for them any more.
const GRACE: Duration = Duration::from_secs(1);

/// What the keeper learns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    /// The keeper was asked to end, by a signal.
    Asked,
    /// The daemon is up.
    Greeted,
    /// Clients can connect to it.
    Serving,
    /// The daemon said that it ends for good.
    Stopping,
    /// The link to the daemon has ended.
    Cut,
    /// The daemon has ended, or could not be started.
    Ended { failed: bool },
    /// No program is left.
    Quiet,
    /// Time has passed.
    Tick,
}

/// What the keeper has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    Start,
    /// Tell the daemon to end everything.
    TellEnd,
    KillDaemon,
    HangUp,
    Terminate,
    Kill,
    /// End; `true` where it is because the first daemon could not start.
    Exit(bool),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// A daemon runs since then.
    Serving(Instant),
    /// The next one is to be started then.
    Waiting(Instant),
    /// The daemon is about to end; it is killed then.
    Ending(Instant),
    /// There is no daemon any more. What is next to be done to what is left, and when.
    Leaving(Effect, Instant),
    Over,
}

#[derive(Debug)]
pub(super) struct Watchman {
    phase: Phase,
    /// Ends in a row.
    row: usize,
    crashes: VecDeque<Instant>,
    /// A daemon came up once.
    greeted: bool,
    /// This one did.
    up: bool,
    /// And clients can connect to it.
    serves: bool,
    /// No other daemon is wanted.
    last: bool,
}

impl Watchman {
    /// One that has a daemon to start at once.
    pub(super) fn new(now: Instant) -> Self {
        Self {
            phase: Phase::Waiting(now),
            row: 0,
            crashes: VecDeque::new(),
            greeted: false,
            up: false,
            serves: false,
            last: false,
        }
    }

    /// As after all this: a daemon is up, and others crashed so long ago.
    pub(super) fn go_on(crashes: &[Duration], now: Instant) -> Self {
        let crashes = crashes.iter().filter_map(|ago| now.checked_sub(*ago)).collect();
        Self { phase: Phase::Serving(now), row: 1, crashes, greeted: true, up: true, serves: true, last: false }
    }

    /// Whether a daemon is up and nothing else is under way.
    pub(super) fn is_calm(&self) -> bool {
        matches!(self.phase, Phase::Serving(_)) && self.up && !self.last
    }

    /// Whether it is calm and clients can connect.
    pub(super) fn is_serving(&self) -> bool {
        self.is_calm() && self.serves
    }

    /// How long ago daemons crashed.
    pub(super) fn crashed(&self, now: Instant) -> Vec<Duration> {
        self.crashes.iter().map(|at| now.saturating_duration_since(*at)).collect()
    }

    /// How many daemons in a row never came up.
    pub(super) fn row(&self) -> usize {
        self.row
    }

    /// Another program is to be started from here on, which has no part in what became of those before.
    pub(super) fn begin_anew(&mut self) {
        self.row = 0;
    }

    /// When [`Event::Tick`] is due.
    pub(super) fn next(&self) -> Option<Instant> {
        match self.phase {
            Phase::Waiting(at) | Phase::Ending(at) | Phase::Leaving(_, at) => Some(at),
            Phase::Serving(_) | Phase::Over => None,
        }
    }

    /// How many daemons crashed within the last minute.
    pub(super) fn crashes(&mut self, now: Instant) -> usize {
        while self.crashes.front().is_some_and(|at| now.saturating_duration_since(*at) >= LONG) {
            self.crashes.pop_front();
        }
        self.crashes.len()
    }

    pub(super) fn step(&mut self, event: Event, now: Instant, effects: &mut Vec<Effect>) {
        match (event, self.phase) {
            (Event::Greeted, _) => (self.greeted, self.up) = (true, true),
            (Event::Serving, _) => self.serves = true,
            (Event::Stopping, _) => self.last = true,
            (Event::Asked, Phase::Serving(_)) => {
                self.last = true;
                self.phase = Phase::Ending(now + ENDING);
                effects.push(Effect::TellEnd);
            }
            (Event::Asked, Phase::Ending(_)) => self.last = true,
            (Event::Cut, Phase::Serving(_)) => self.phase = Phase::Ending(now + CUT),
            (Event::Asked, Phase::Waiting(_)) => self.leave(now, effects),
            (Event::Ended { failed }, Phase::Serving(_) | Phase::Ending(_)) => self.ended(failed, now, effects),
            (Event::Quiet, Phase::Leaving(..)) => self.exit(effects),
            (Event::Tick, _) if self.next().is_some_and(|at| at <= now) => self.tick(now, effects),
            _ => {}
        }
    }

    fn ended(&mut self, failed: bool, now: Instant, effects: &mut Vec<Effect>) {
        if self.last {
            return self.leave(now, effects);
        }
        if failed && !self.greeted {
            // Whoever started the keeper waits for a host and is told why there is none.
            self.phase = Phase::Over;
            return effects.push(Effect::Exit(true));
        }
        if failed {
            self.crashes.push_back(now);
            self.crashes(now);
        }
        let long = matches!(self.phase, Phase::Serving(since) if now.saturating_duration_since(since) >= LONG);
        let wait = if std::mem::take(&mut self.up) {
            self.row = 1;
            self.breath(now)
        } else {
            self.row = if long { 1 } else { self.row + 1 };
            WAITS.get(self.row - 1).or(WAITS.last()).copied().unwrap_or_default()
        };
        self.phase = Phase::Waiting(now + wait);
    }

    /// How long to wait after the end of a daemon that was up: at all only where that happens again and again.
    fn breath(&self, now: Instant) -> Duration {
        let at_once = self.crashes.iter().rev().take_while(|at| now.saturating_duration_since(**at) < MOMENT).count();
        match self.crashes.len() {
            MANY.. => WAITS[4],
            _ if at_once > AT_ONCE => WAITS[2],
            _ => Duration::ZERO,
        }
    }

    fn tick(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        match self.phase {
            Phase::Waiting(_) => {
                (self.phase, self.serves) = (Phase::Serving(now), false);
                effects.push(Effect::Start);
            }
            Phase::Ending(_) => {
                // Once more, should it not be gone by then.
                self.phase = Phase::Ending(now + ENDING);
                effects.push(Effect::KillDaemon);
            }
            Phase::Leaving(Effect::Terminate, _) => {
                effects.push(Effect::Terminate);
                self.phase = Phase::Leaving(Effect::Kill, now + GRACE);
            }
            Phase::Leaving(Effect::Kill, _) => {
                effects.push(Effect::Kill);
                self.phase = Phase::Leaving(Effect::Exit(false), now + GRACE);
            }
            Phase::Leaving(..) => self.exit(effects),
            Phase::Serving(_) | Phase::Over => {}
        }
    }

    fn leave(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        self.phase = Phase::Leaving(Effect::Terminate, now + PATIENCE);
        effects.push(Effect::HangUp);
    }

    fn exit(&mut self, effects: &mut Vec<Effect>) {
        self.phase = Phase::Over;
        effects.push(Effect::Exit(false));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first start has been made.
    fn serving() -> (Watchman, Instant) {
        let now = Instant::now();
        let mut watchman = Watchman::new(now);
        assert_eq!(step(&mut watchman, Event::Tick, now), [Effect::Start]);
        step(&mut watchman, Event::Greeted, now);
        (watchman, now)
    }

    fn step(watchman: &mut Watchman, event: Event, now: Instant) -> Vec<Effect> {
        let mut effects = Vec::new();
        watchman.step(event, now, &mut effects);
        effects
    }

    #[test]
    fn the_more_often_it_crashes_the_longer_it_waits() {
        let (mut watchman, mut now) = serving();
        let mut waits = Vec::new();
        for _ in 0..7 {
            step(&mut watchman, Event::Ended { failed: true }, now);
            let next = watchman.next().unwrap();
            assert!(next == now || step(&mut watchman, Event::Tick, now).is_empty());
            waits.push((next - now).as_millis());
            now = next;
            assert_eq!(step(&mut watchman, Event::Tick, now), [Effect::Start]);
        }
        assert_eq!(waits, [0, 100, 500, 2000, 10000, 10000, 10000]);
        assert_eq!(watchman.crashes(now), 7);
        now += LONG;
        assert_eq!((watchman.next(), watchman.crashes(now)), (None, 0), "nothing to wait for while it runs");
        step(&mut watchman, Event::Ended { failed: false }, now);
        assert_eq!((watchman.next(), watchman.crashes(now)), (Some(now), 0), "it ran long, and is no crash");
    }

    #[test]
    fn one_that_was_up_is_followed_at_once_unless_it_never_ends() {
        let (mut watchman, mut now) = serving();
        let mut waits = Vec::new();
        for _ in 0..1000 {
            now += MOMENT / 25;
            step(&mut watchman, Event::Ended { failed: true }, now);
            let next = watchman.next().unwrap();
            waits.push((next - now).as_millis());
            now = next;
            assert_eq!(step(&mut watchman, Event::Tick, now), [Effect::Start]);
            step(&mut watchman, Event::Greeted, now);
        }
        assert_eq!((waits.iter().take_while(|wait| **wait == 0).count(), waits[20]), (20, 500));
        let (mut watchman, mut now) = serving();
        for _ in 0..500 {
            now += MOMENT / 10;
            step(&mut watchman, Event::Ended { failed: true }, now);
            assert_eq!(watchman.next(), Some(now), "people may kill it as they like");
            step(&mut watchman, Event::Tick, now);
            step(&mut watchman, Event::Greeted, now);
        }
    }

    #[test]
    fn a_daemon_that_never_came_up_ends_the_keeper() {
        let now = Instant::now();
        let mut watchman = Watchman::new(now);
        step(&mut watchman, Event::Tick, now);
        assert_eq!(step(&mut watchman, Event::Ended { failed: true }, now), [Effect::Exit(true)]);
    }

    #[test]
    fn who_said_stop_is_not_started_again() {
        let (mut watchman, now) = serving();
        step(&mut watchman, Event::Stopping, now);
        assert_eq!(step(&mut watchman, Event::Ended { failed: true }, now), [Effect::HangUp]);
        assert_eq!(step(&mut watchman, Event::Quiet, now), [Effect::Exit(false)]);
        assert_eq!(step(&mut watchman, Event::Quiet, now), []);
    }

    #[test]
    fn a_daemon_without_a_link_is_killed_and_another_one_is_started() {
        let (mut watchman, now) = serving();
        assert_eq!(step(&mut watchman, Event::Cut, now), []);
        assert_eq!(step(&mut watchman, Event::Tick, now + CUT), [Effect::KillDaemon]);
        step(&mut watchman, Event::Ended { failed: true }, now + CUT);
        assert_eq!(step(&mut watchman, Event::Tick, now + CUT), [Effect::Start]);
    }

    #[test]
    fn a_signal_ends_the_daemon_and_what_is_left() {
        let (mut watchman, mut now) = serving();
        assert_eq!(step(&mut watchman, Event::Asked, now), [Effect::TellEnd]);
        assert_eq!(step(&mut watchman, Event::Asked, now), []);
        now += ENDING;
        assert_eq!(step(&mut watchman, Event::Tick, now), [Effect::KillDaemon]);
        let mut done = step(&mut watchman, Event::Ended { failed: true }, now);
        while let Some(next) = watchman.next() {
            done.extend(step(&mut watchman, Event::Tick, next));
        }
        assert_eq!(done, [Effect::HangUp, Effect::Terminate, Effect::Kill, Effect::Exit(false)]);
        // Also between two daemons.
        let (mut watchman, now) = serving();
        step(&mut watchman, Event::Ended { failed: true }, now);
        assert_eq!(step(&mut watchman, Event::Asked, now), [Effect::HangUp]);
    }
}
