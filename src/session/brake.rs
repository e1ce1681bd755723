//! What keeps floods out of the way of typing. A program that floods, the kernel's work for its terminal and our two
//! threads behind it keep more processors busy than a small machine has. Whatever a key's echo passes through then waits
//! for turns of the scheduler, which are up to some milliseconds long, and no priority of ours reaches the program or the
//! kernel's workers. But a program whose terminal is full does not run: so while somebody types into one session, the
//! others that flood are read in sips, one at a time, with rests in between. As values, with the time passed in.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Bytes of a sip: below what the kernel delivers at once (4095), so that no turn of the program is longer than it takes
/// to write that much.
pub(super) const SIP: usize = 2 << 10;
/// Between two sips, whatever number of sessions share them. With [`SIP`] this is 0.5 MB/s.
const REST: Duration = Duration::from_millis(4);
/// How long somebody types after a key: longer than the gaps within a word.
const TYPING: Duration = Duration::from_millis(500);
/// How long a session counts as one that floods after it did.
const MEMORY: Duration = Duration::from_millis(200);
/// Threads that a flood keeps busy, and those on the way of a key: the program's, the kernel's, the reader, the core.
/// Where all of them have a processor of their own, nobody has to wait.
const THREADS: usize = 4;

/// How much a session may put out without being a flood: this much within [`WINDOW`] is more than redraws are.
const FLOOD: usize = 64 << 10;
const WINDOW: Duration = Duration::from_millis(100);
/// So many sips in a row that find less than they are for, and the flood is over: one may come before the program had its
/// turn.
const DRY: u8 = 8;

/// The brake of a host: one for all its sessions.
#[derive(Debug)]
pub struct Brake {
    processors: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    members: u64,
    /// Who was typed into lately, and when.
    typed: Vec<(u64, Instant)>,
    /// Who flooded lately, and when.
    floods: Vec<(u64, Instant)>,
    /// When the next sip may be taken.
    next: Option<Instant>,
}

/// One session's part in it.
#[derive(Debug, Clone)]
pub(super) struct Member {
    id: u64,
    brake: Arc<Brake>,
}

impl Brake {
    /// A brake for a machine with so many processors.
    pub fn new(processors: usize) -> Self {
        Self { processors, state: Mutex::default() }
    }

    pub(super) fn join(self: &Arc<Self>) -> Member {
        let mut state = self.lock();
        state.members += 1;
        Member { id: state.members, brake: Arc::clone(self) }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Member {
    /// Somebody typed into this session at that time.
    pub(super) fn typed(&self, at: Instant) {
        note(&mut self.brake.lock().typed, self.id, at, TYPING);
    }

    /// This session floods and is about to be read: when to take a sip. `None` when as much may be read as is there.
    pub(super) fn turn(&self, now: Instant) -> Option<Instant> {
        let mut state = self.brake.lock();
        note(&mut state.floods, self.id, now, MEMORY);
        let typing = |(id, at): &(u64, Instant)| (*id == self.id, now.saturating_duration_since(*at) < TYPING);
        let others = state.typed.iter().any(|t| typing(t) == (false, true));
        let own = state.typed.iter().any(|t| typing(t) == (true, true));
        if !others || own || THREADS * (state.floods.len() + 1) <= self.brake.processors {
            return None;
        }
        let at = state.next.map_or(now, |next| next.max(now));
        state.next = Some(at + REST);
        Some(at)
    }
}

/// Remembers a time of one, and forgets those that were too long before it.
fn note(list: &mut Vec<(u64, Instant)>, id: u64, at: Instant, memory: Duration) {
    list.retain(|(other, was)| *other != id && at.saturating_duration_since(*was) < memory);
    list.push((id, at));
}

/// How much a session puts out.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Volume {
    /// When this window began.
    since: Option<Instant>,
    /// Bytes in it.
    bytes: usize,
    floods: bool,
    /// It was read in sips, whose volume says nothing about the program.
    sips: bool,
    /// Sips in a row that were not full.
    dry: u8,
}

impl Volume {
    /// So many bytes were read.
    pub(super) fn read(&mut self, bytes: usize, now: Instant) {
        if self.since.is_none_or(|since| now.saturating_duration_since(since) >= WINDOW) {
            self.floods &= self.sips;
            (self.since, self.bytes, self.sips) = (Some(now), 0, false);
        }
        self.bytes += bytes;
        self.floods |= self.bytes > FLOOD;
    }

    /// A sip was taken: it found as much as it was for, or there was less.
    pub(super) fn sipped(&mut self, full: bool) {
        self.sips = true;
        self.dry = if full { 0 } else { self.dry + 1 };
        if self.dry == DRY {
            (self.floods, self.dry) = (false, 0);
        }
    }

    /// Whether it is a flood.
    pub(super) fn floods(&self) -> bool {
        self.floods
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    #[test]
    fn only_while_another_session_is_typed_into() {
        let brake = Arc::new(Brake::new(2));
        let (typed, flood, t) = (brake.join(), brake.join(), Instant::now());
        assert_eq!(flood.turn(t), None);
        typed.typed(t);
        assert_eq!(flood.turn(t), Some(t));
        assert_eq!(typed.turn(t), None, "what it prints is what is waited for");
        typed.typed(t + MS(400));
        assert_eq!(flood.turn(t + MS(899)), Some(t + MS(899)));
        assert_eq!(flood.turn(t + MS(900)), None);
    }

    #[test]
    fn all_floods_share_the_sips() {
        let brake = Arc::new(Brake::new(2));
        let (typed, a, b, t) = (brake.join(), brake.join(), brake.join(), Instant::now());
        typed.typed(t);
        let turns = [a.turn(t), b.turn(t), a.turn(t + MS(1)), b.turn(t + MS(5))];
        assert_eq!(turns, [0, 4, 8, 12].map(|ms| Some(t + MS(ms))));
        assert_eq!(a.turn(t + MS(100)), Some(t + MS(100)), "what was not taken is not saved up");
    }

    #[test]
    fn nobody_is_braked_where_there_are_processors_for_all() {
        let brake = Arc::new(Brake::new(8));
        let (typed, a, b, t) = (brake.join(), brake.join(), brake.join(), Instant::now());
        typed.typed(t);
        assert_eq!(a.turn(t), None);
        assert_eq!(b.turn(t), Some(t));
        assert_eq!(a.turn(t), Some(t + REST));
        assert_eq!(a.turn(t + MEMORY), None, "the other one ended");
    }

    #[test]
    fn a_flood_is_one_until_it_dries_up() {
        let (mut volume, t) = (Volume::default(), Instant::now());
        for n in 0..32 {
            volume.read(FLOOD / 32, t + MS(n));
        }
        assert!(!volume.floods(), "a full redraw is none");
        volume.read(1, t + MS(50));
        assert!(volume.floods());
        for n in 0..100 {
            volume.read(SIP, t + MS(60 + 40 * n));
            volume.sipped(true);
            assert!(volume.floods(), "sips look as if it were less than it is");
        }
        let mut ended = volume;
        for n in 1..=u64::from(DRY) {
            assert!(ended.floods());
            ended.read(80, t + MS(5000 + 4 * n));
            ended.sipped(false);
        }
        assert!(!ended.floods());
        volume.read(80, t + MS(5000));
        volume.read(80, t + MS(5100));
        assert!(!volume.floods(), "nobody brakes it any more, and it is little");
    }
}
