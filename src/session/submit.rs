//! Prompts: pasted, then Enter as a write of its own some time later. Agents take an Enter that comes with the paste or
//! right behind it for part of the text. As a value, with the time passed in.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Between the paste and Enter: longer than the windows in which the known agents take Enter for text (30 ms and
/// 120 ms), as long as shipped tools wait.
const DELAY: Duration = Duration::from_millis(150);
/// More of it for each KiB of text, which takes its time to be read.
const DELAY_PER_KIB: Duration = Duration::from_millis(1);
const MAX_DELAY: Duration = Duration::from_secs(2);
/// Most prompts that wait for their turn.
const MAX_WAITING: usize = 64;

/// What is to be written now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    Paste(String),
    Enter,
}

/// The prompts of one session: one at a time, in order.
#[derive(Debug, Clone, Default)]
pub struct Submit {
    waiting: VecDeque<String>,
    enter_at: Option<Instant>,
}

impl Submit {
    /// Takes a prompt. False when too many wait already, and this one is not taken.
    pub fn push(&mut self, text: String) -> bool {
        let room = self.waiting.len() < MAX_WAITING;
        if room {
            self.waiting.push_back(text);
        }
        room
    }

    /// When there is something to do next.
    pub fn due_at(&self) -> Option<Instant> {
        self.enter_at
    }

    /// What to write now; to be asked until there is nothing.
    pub fn next(&mut self, now: Instant) -> Option<Step> {
        if let Some(at) = self.enter_at {
            return (at <= now).then(|| {
                self.enter_at = None;
                Step::Enter
            });
        }
        let text = self.waiting.pop_front()?;
        if text.is_empty() {
            return Some(Step::Enter);
        }
        let kib = u32::try_from(text.len() / 1024).unwrap_or(u32::MAX);
        self.enter_at = Some(now + DELAY.saturating_add(DELAY_PER_KIB.saturating_mul(kib)).min(MAX_DELAY));
        Some(Step::Paste(text))
    }

    /// Forgets everything: the program has ended.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enter_follows_its_paste_and_the_next_prompt_follows_enter() {
        let (mut submit, t) = (Submit::default(), Instant::now());
        submit.push("one".into());
        submit.push("two".into());
        submit.push(String::new());
        assert_eq!((submit.next(t), submit.next(t)), (Some(Step::Paste("one".into())), None));
        let at = submit.due_at().unwrap();
        assert_eq!(submit.next(at), Some(Step::Enter));
        assert_eq!(submit.next(at), Some(Step::Paste("two".into())));
        assert_eq!(submit.next(at), None);
        let at = submit.due_at().unwrap();
        assert_eq!((submit.next(at), submit.next(at), submit.next(at)), (Some(Step::Enter), Some(Step::Enter), None));
        assert_eq!(submit.due_at(), None);
    }

    #[test]
    fn a_long_text_gets_more_time_and_not_for_ever() {
        let (mut submit, t) = (Submit::default(), Instant::now());
        submit.push("x".repeat(100 << 10));
        submit.next(t);
        assert_eq!(submit.due_at(), Some(t + Duration::from_millis(250)));
        submit.clear();
        submit.push("x".repeat(100 << 20));
        submit.next(t);
        assert_eq!(submit.due_at(), Some(t + MAX_DELAY));
    }

    #[test]
    fn the_queue_has_an_end() {
        let mut submit = Submit::default();
        assert!((0..MAX_WAITING).all(|_| submit.push("x".into())));
        assert!(!submit.push("x".into()));
    }
}
