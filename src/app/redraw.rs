//! When to draw: only after something changed, and at most once per refresh of the display.
//!
//! ```text
//! Idle --dirty, interval over--> Queued --drawn--> Idle
//! Idle --dirty, too early------> Waiting(until) --time comes--> Queued
//! Queued --not now--> Waiting(until)        Queued --cannot be seen--> Idle
//! ```

use std::time::{Duration, Instant};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// The window shows the present state.
    Idle,
    /// Something changed right after a frame; the next may be drawn then.
    Waiting(Instant),
    /// The window system was asked for a frame.
    Queued,
}

/// The state of drawing.
#[derive(Debug)]
pub struct Redraw {
    state: State,
    drawn: Option<Instant>,
    interval: Duration,
}

impl Redraw {
    /// `interval` is the shortest time between two frames.
    pub fn new(interval: Duration) -> Self {
        Self { state: State::Idle, drawn: None, interval }
    }

    pub fn set_interval(&mut self, interval: Duration) {
        self.interval = interval;
    }

    /// The shortest time between two frames.
    pub fn interval(&self) -> Duration {
        self.interval
    }

    /// Something changed. True: ask the window system for a frame now.
    pub fn dirty(&mut self, now: Instant) -> bool {
        if self.state != State::Idle {
            return self.tick(now);
        }
        match self.drawn.map(|at| at + self.interval) {
            Some(next) if next > now => {
                self.state = State::Waiting(next);
                false
            }
            _ => {
                self.state = State::Queued;
                true
            }
        }
    }

    /// Time went on. True: ask the window system for a frame now.
    pub fn tick(&mut self, now: Instant) -> bool {
        let due = matches!(self.state, State::Waiting(at) if at <= now);
        if due {
            self.state = State::Queued;
        }
        due
    }

    /// A frame of the present state is being drawn.
    pub fn drawing(&mut self, now: Instant) {
        self.state = State::Idle;
        self.drawn = Some(now);
    }

    /// The frame that was asked for could not be drawn: now, or as long as the window cannot be seen.
    pub fn not_drawn(&mut self, now: Instant, hidden: bool) {
        self.state = if hidden { State::Idle } else { State::Waiting(now + self.interval) };
    }

    /// When [`Redraw::tick`] is worth a call.
    pub fn deadline(&self) -> Option<Instant> {
        match self.state {
            State::Waiting(at) => Some(at),
            State::Idle | State::Queued => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_that_was_not_drawn_is_drawn_later() {
        let now = Instant::now();
        let mut r = Redraw::new(Duration::from_millis(10));
        assert!(r.dirty(now));
        r.not_drawn(now, false);
        assert!(!r.dirty(now) && r.tick(now + Duration::from_millis(10)));
        r.not_drawn(now, true);
        assert_eq!(r.deadline(), None, "nothing is tried while nobody can see it");
        assert!(r.dirty(now), "and at once when something happens");
    }

    #[test]
    fn changes_within_one_refresh_make_one_frame() {
        let now = Instant::now();
        let ms = Duration::from_millis;
        let mut r = Redraw::new(ms(10));
        assert!(r.dirty(now), "the first change is drawn at once");
        assert!(!r.dirty(now), "it is asked for once");
        r.drawing(now + ms(1));
        assert_eq!(r.deadline(), None, "an idle window waits for nothing");
        assert!(!r.dirty(now + ms(2)));
        assert_eq!(r.deadline(), Some(now + ms(11)));
        assert!(!r.tick(now + ms(5)));
        assert!(r.tick(now + ms(11)));
        assert!(!r.tick(now + ms(12)) && !r.dirty(now + ms(30)), "asked for once more");
        r.drawing(now + ms(31));
        assert!(r.dirty(now + ms(50)), "after a quiet time a change is drawn at once");
    }
}
