//! When the frames of a session go out: as a value, with the time passed in.
//!
//! A frame waits until output has been quiet for [`QUIET`], so that a redraw that comes in several pieces is one frame,
//! but never longer than [`CAP`]. After input to the session the first output goes out at once: it is the echo. While
//! the program holds the frame (synchronized update, mode 2026) nothing goes out, at most for [`HOLD`].

use std::time::{Duration, Instant};

/// How long output has to be quiet: longer than the gaps within one write of a program, shorter than anyone can see.
pub const QUIET: Duration = Duration::from_micros(500);
/// The longest that a change waits under steady output: twice the frame rate of a 60 Hz screen.
pub const CAP: Duration = Duration::from_millis(8);
/// The longest that a program may hold the frame. Programs redraw within some ten milliseconds; one that died in
/// between must not freeze its pane.
pub const HOLD: Duration = Duration::from_millis(150);

/// The pacing of one session's frames.
#[derive(Debug, Clone, Default)]
pub struct Pace {
    /// When the oldest change that was not shown came.
    dirty: Option<Instant>,
    /// When the newest came.
    last: Option<Instant>,
    /// Input was sent and its echo is awaited.
    eager: bool,
    /// The program holds the frame since.
    held: Option<Instant>,
}

impl Pace {
    /// Something visible changed; `holds` says whether the program holds the frame now.
    pub fn changed(&mut self, now: Instant, holds: bool) {
        self.dirty.get_or_insert(now);
        self.last = Some(now);
        self.held = if holds { self.held.or(Some(now)) } else { None };
    }

    /// Something was typed into the session.
    pub fn typed(&mut self) {
        self.eager = true;
    }

    /// When the next frame is due; `None` while nothing waits.
    pub fn due_at(&self) -> Option<Instant> {
        let (dirty, last) = (self.dirty?, self.last?);
        if let Some(held) = self.held {
            return Some(held + HOLD);
        }
        Some(if self.eager { dirty } else { (last + QUIET).min(dirty + CAP) })
    }

    /// Whether frames go out now. If so the changes count as shown, and the answer to a second question is no.
    pub fn take_due(&mut self, now: Instant) -> bool {
        let due = self.due_at().is_some_and(|at| at <= now);
        if due {
            *self = Self::default();
        }
        due
    }

    /// Whether the program holds the frame: nobody is shown anything now.
    pub fn is_held(&self) -> bool {
        self.held.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const US: fn(u64) -> Duration = Duration::from_micros;
    const MS: fn(u64) -> Duration = Duration::from_millis;

    #[test]
    fn a_redraw_in_pieces_is_one_frame() {
        let (mut pace, t) = (Pace::default(), Instant::now());
        assert_eq!(pace.due_at(), None);
        pace.changed(t, false);
        pace.changed(t + US(300), false);
        assert!(!pace.take_due(t + US(600)));
        assert_eq!(pace.due_at(), Some(t + US(800)));
        assert!(pace.take_due(t + US(800)));
        assert!(!pace.take_due(t + MS(50)));
        assert_eq!(pace.due_at(), None);
    }

    #[test]
    fn steady_output_is_shown_at_the_cap() {
        let (mut pace, t) = (Pace::default(), Instant::now());
        let mut shown = Vec::new();
        for us in (0..40_000).step_by(100) {
            pace.changed(t + US(us), false);
            if pace.take_due(t + US(us)) {
                shown.push(us);
            }
        }
        assert_eq!(shown, [8000, 16100, 24200, 32300]);
    }

    #[test]
    fn an_echo_goes_out_at_once_and_only_the_echo() {
        let (mut pace, t) = (Pace::default(), Instant::now());
        pace.typed();
        assert_eq!(pace.due_at(), None);
        pace.changed(t, false);
        assert!(pace.take_due(t));
        pace.changed(t + MS(1), false);
        assert!(!pace.take_due(t + MS(1)));
    }

    #[test]
    fn a_held_frame_waits_for_its_end_and_not_for_ever() {
        let (mut pace, t) = (Pace::default(), Instant::now());
        pace.typed();
        pace.changed(t, true);
        pace.changed(t + MS(100), true);
        assert!(pace.is_held() && !pace.take_due(t + MS(149)));
        assert_eq!(pace.due_at(), Some(t + HOLD));
        let mut ended = pace.clone();
        ended.changed(t + MS(120), false);
        assert!(ended.take_due(t + MS(120)));
        assert!(pace.take_due(t + HOLD));
        assert!(!pace.is_held());
    }
}
