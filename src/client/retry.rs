//! When to look again for a host whose connection was lost, and when to stop hoping. A plain value: time is passed in, and
//! who connects is somebody else's business.

use std::time::{Duration, Instant};

use super::connect::ConnectError;
use super::control::CallError;
use super::link::Lost;
use crate::protocol::rpc::code;

/// Before each try, the last one again and again: a host that is started again answers within some 50 ms, and nobody sees
/// more than ten tries in as many seconds.
const PAUSES: [Duration; 6] = [
    Duration::ZERO,
    Duration::from_millis(50),
    Duration::from_millis(100),
    Duration::from_millis(200),
    Duration::from_millis(500),
    Duration::from_secs(1),
];
/// How long a person waits before they want to know: what is typed until then still belongs to what they see.
const LIMIT: Duration = Duration::from_secs(10);
/// How long to go on where nobody listens. A host that comes back by itself keeps its socket, so it was stopped or has
/// nobody to start it again; whoever does, a service manager or another window, takes less than this.
const ABSENT_LIMIT: Duration = Duration::from_secs(3);
/// A connection that stood so long was a good one. One that did not may be lost because of this very client: the pauses
/// go on growing where they were.
const STEADY: Duration = Duration::from_secs(2);

/// What the end of a connection, or of an attempt at one, lets hope for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outlook {
    /// It broke: the host may answer at once.
    Broken,
    /// Nobody listens.
    Absent,
    /// Another attempt ends in the same way.
    Hopeless,
}

impl From<&ConnectError> for Outlook {
    fn from(error: &ConnectError) -> Self {
        match error {
            ConnectError::Absent => Self::Absent,
            // No room for a moment, or another machine that is out of reach for one.
            ConnectError::Socket { .. } | ConnectError::Remote { .. } => Self::Broken,
            ConnectError::Foreign { .. }
            | ConnectError::Start { .. }
            | ConnectError::Log { .. }
            | ConnectError::Ended { .. }
            | ConnectError::Silent { .. }
            | ConnectError::Gone => Self::Hopeless,
        }
    }
}

impl From<&CallError> for Outlook {
    fn from(error: &CallError) -> Self {
        match error {
            CallError::Io(_) | CallError::Closed | CallError::Silent => Self::Broken,
            CallError::Refused(error) if error.code == code::BUSY => Self::Broken,
            CallError::Refused(_) | CallError::Strange(_) => Self::Hopeless,
        }
    }
}

impl From<&Lost> for Outlook {
    fn from(lost: &Lost) -> Self {
        match lost {
            Lost::Connect(error) => error.into(),
            Lost::Hello(error) => error.into(),
            Lost::Closed | Lost::Broken(_) => Self::Broken,
        }
    }
}

/// The end of a connection, or of an attempt at one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// For people.
    pub why: String,
    pub outlook: Outlook,
}

impl From<Lost> for Loss {
    fn from(lost: Lost) -> Self {
        Self { why: lost.to_string(), outlook: (&lost).into() }
    }
}

/// The state of looking for a host.
#[derive(Debug, Clone, Default)]
pub struct Retry {
    /// When the present connection began to stand.
    stood: Option<Instant>,
    /// When the last one was lost, while there is hope.
    lost: Option<Instant>,
    /// Since when nobody has listened.
    absent: Option<Instant>,
    tries: usize,
}

impl Retry {
    /// With a connection that begins to stand now.
    pub fn standing(now: Instant) -> Self {
        Self { stood: Some(now), ..Self::default() }
    }

    /// A connection stands.
    pub fn stands(&mut self, now: Instant) {
        (self.stood, self.lost, self.absent) = (Some(now), None, None);
    }

    /// The connection, or an attempt at one, has ended: when to try next. `None`: there is no hope left, or there never
    /// was a connection.
    pub fn ended(&mut self, outlook: Outlook, now: Instant) -> Option<Instant> {
        if let Some(stood) = self.stood.take() {
            self.lost = Some(now);
            if now.saturating_duration_since(stood) >= STEADY {
                self.tries = 0;
            }
        }
        let end = self.end()?;
        let next = now + PAUSES[self.tries.min(PAUSES.len() - 1)];
        self.tries = (self.tries + 1).min(PAUSES.len() - 1);
        let hope = match outlook {
            Outlook::Hopeless => false,
            Outlook::Broken => {
                self.absent = None;
                next <= end
            }
            Outlook::Absent => next <= end.min(*self.absent.get_or_insert(now) + ABSENT_LIMIT),
        };
        if !hope {
            self.give_up();
        }
        hope.then_some(next)
    }

    /// When there is no hope any more, whatever the present attempt does.
    pub fn end(&self) -> Option<Instant> {
        self.lost.map(|lost| lost + LIMIT)
    }

    /// Stops hoping: only a connection that stands changes that.
    pub fn give_up(&mut self) {
        self.lost = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::rpc::Error;

    const MS: Duration = Duration::from_millis(1);

    /// The pauses before each try, in milliseconds, of attempts that end at once, until there is no hope left.
    fn pauses(retry: &mut Retry, outlook: Outlook, mut now: Instant) -> Vec<u128> {
        std::iter::from_fn(|| {
            let next = retry.ended(outlook, now)?;
            let pause = (next - now).as_millis();
            now = next;
            Some(pause)
        })
        .collect()
    }

    #[test]
    fn a_lost_host_is_looked_for_at_once_and_then_ever_more_rarely_for_ten_seconds() {
        let (mut retry, now) = (Retry::default(), Instant::now());
        assert_eq!(retry.ended(Outlook::Broken, now), None, "there was none");
        retry.stands(now);
        assert_eq!(retry.end(), None);
        let found = pauses(&mut retry, Outlook::Broken, now + 5000 * MS);
        assert_eq!(found[..7], [0, 50, 100, 200, 500, 1000, 1000]);
        let whole: u128 = found.iter().sum();
        assert!((9_000..=10_000).contains(&whole), "{found:?}");
        assert_eq!(retry.ended(Outlook::Broken, now + 20_000 * MS), None, "and no hope comes back by itself");
        retry.stands(now + 30_000 * MS);
        assert_eq!(retry.ended(Outlook::Broken, now + 60_000 * MS), Some(now + 60_000 * MS));
    }

    #[test]
    fn where_nobody_listens_three_seconds_are_enough() {
        let (mut retry, now) = (Retry::default(), Instant::now());
        retry.stands(now);
        let whole: u128 = pauses(&mut retry, Outlook::Absent, now + 5000 * MS).iter().sum();
        assert!((1_500..=3_000).contains(&whole), "{whole}");
        // One that answers in between, and breaks again, is there.
        let mut retry = Retry::default();
        retry.stands(now);
        assert!(retry.ended(Outlook::Absent, now).is_some() && retry.ended(Outlook::Broken, now + 2000 * MS).is_some());
        assert!(retry.ended(Outlook::Absent, now + 4000 * MS).is_some());
    }

    #[test]
    fn each_end_has_its_outlook() {
        let outlook = |lost: Lost| Outlook::from(&lost);
        assert_eq!(outlook(Lost::Closed), Outlook::Broken);
        assert_eq!(outlook(Lost::Connect(ConnectError::Absent)), Outlook::Absent);
        assert_eq!(outlook(Lost::Connect(ConnectError::Gone)), Outlook::Hopeless);
        // One that dies between the connection and the greeting is as good as one that dies later.
        assert_eq!(outlook(Lost::Hello(CallError::Closed)), Outlook::Broken);
        let refused = |code| outlook(Lost::Hello(CallError::Refused(Error::new(code, "no".into()))));
        assert_eq!((refused(code::BUSY), refused(code::VERSION)), (Outlook::Broken, Outlook::Hopeless));
    }

    #[test]
    fn what_cannot_get_better_is_not_tried_again() {
        let (mut retry, now) = (Retry::default(), Instant::now());
        retry.stands(now);
        assert_eq!(retry.ended(Outlook::Hopeless, now), None);
        assert_eq!(retry.end(), None);
    }

    #[test]
    fn a_host_that_breaks_as_soon_as_it_is_found_is_not_hurried() {
        let (mut retry, mut now) = (Retry::default(), Instant::now());
        let waits: Vec<u128> = (0..8)
            .map(|_| {
                retry.stands(now);
                let next = retry.ended(Outlook::Broken, now + MS).unwrap();
                let wait = (next - now - MS).as_millis();
                now = next;
                wait
            })
            .collect();
        assert_eq!(waits, [0, 50, 100, 200, 500, 1000, 1000, 1000]);
        assert_eq!(retry.end(), Some(now - 1000 * MS + LIMIT), "though each loss has its ten seconds");
    }
}
