//! Prompts: pasted, then Enter as a write of its own some time later. Agents take an Enter that comes with the paste or
//! right behind it for part of the text, so the time counts from when the program was handed the end of the paste. As a
//! value, with the time passed in.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::ask::{Answer, Refusal, Reply};
use super::receipts::Receipt;

/// Between the paste and Enter: longer than the windows in which the known agents take Enter for text (30 ms and
/// 120 ms), as long as shipped tools wait.
const DELAY: Duration = Duration::from_millis(150);
/// More of it for each KiB of text, which takes its time to be read.
const DELAY_PER_KIB: Duration = Duration::from_millis(1);
const MAX_DELAY: Duration = Duration::from_secs(2);
/// Most prompts that wait for their turn.
const MAX_WAITING: usize = 64;

/// What is to be done now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Write this as a paste, then say how it went: [`Submit::submitted`].
    Paste(String),
    /// Find out when the paste was written: [`Submit::written`].
    Look,
    /// Write Enter, then say how it went: [`Submit::submitted`].
    Enter,
}

/// Where the prompt stands whose turn it is.
#[derive(Debug, Default)]
enum Stage {
    #[default]
    Idle,
    /// Its paste was handed out.
    Pasting,
    /// Time for Enter, if the paste was written long enough ago.
    Due(Instant),
    /// Somebody finds out when the paste was written.
    Looking,
    /// Enter is next.
    Ready,
    /// Enter was handed out.
    Entering,
}

#[derive(Debug)]
struct Prompt {
    text: String,
    reply: Option<Reply>,
    receipt: Option<Receipt>,
}

/// The prompts of one session: one at a time, in order.
#[derive(Debug, Default)]
pub struct Submit {
    waiting: VecDeque<Prompt>,
    stage: Stage,
    /// Who waits for the prompt whose turn it is.
    reply: Option<Reply>,
    /// Of the prompt whose turn it is, until something of it is written.
    receipt: Option<Receipt>,
    /// Between its paste and Enter.
    delay: Duration,
    /// Until the next look at a program that does not read.
    patience: Duration,
}

/// An answer to whoever waits for a prompt, if anybody does.
pub type Answered = Option<(Reply, Result<Answer, Refusal>)>;

impl Submit {
    /// Takes a prompt. When too many wait already it is not taken, and its reply comes back.
    ///
    /// # Errors
    /// The reply, unanswered.
    pub fn push(&mut self, text: String, reply: Option<Reply>, receipt: Option<Receipt>) -> Result<(), Option<Reply>> {
        if self.waiting.len() >= MAX_WAITING {
            return Err(reply);
        }
        self.waiting.push_back(Prompt { text, reply, receipt });
        Ok(())
    }

    /// Whether the prompt with this receipt is here and nothing of it was written.
    pub fn has(&self, receipt: Receipt) -> bool {
        let waiting = self.waiting.iter().map(|prompt| prompt.receipt);
        waiting.chain([self.receipt]).any(|one| one == Some(receipt))
    }

    /// The receipt of the prompt whose turn it is, of which something is about to be written: once.
    pub fn take_receipt(&mut self) -> Option<Receipt> {
        self.receipt.take()
    }

    /// The host before this one has written a paste and not its Enter.
    pub fn owe_enter(&mut self, now: Instant) {
        (self.stage, self.delay, self.patience) = (Stage::Due(now + DELAY), DELAY, DELAY);
    }

    /// When there is something to do next.
    pub fn due_at(&self) -> Option<Instant> {
        match self.stage {
            Stage::Due(at) => Some(at),
            _ => None,
        }
    }

    /// What to do now; to be asked until there is nothing.
    pub fn next(&mut self, now: Instant) -> Option<Step> {
        match self.stage {
            Stage::Idle => {
                let Prompt { text, reply, receipt } = self.waiting.pop_front()?;
                (self.reply, self.receipt) = (reply, receipt);
                if text.is_empty() {
                    self.stage = Stage::Entering;
                    return Some(Step::Enter);
                }
                let kib = u32::try_from(text.len() / 1024).unwrap_or(u32::MAX);
                self.delay = DELAY.saturating_add(DELAY_PER_KIB.saturating_mul(kib)).min(MAX_DELAY);
                self.patience = self.delay;
                self.stage = Stage::Pasting;
                Some(Step::Paste(text))
            }
            Stage::Due(at) if at <= now => {
                self.stage = Stage::Looking;
                Some(Step::Look)
            }
            Stage::Ready => {
                self.stage = Stage::Entering;
                Some(Step::Enter)
            }
            _ => None,
        }
    }

    /// A write was taken or, because the program does not read, was not: then the prompt comes to nothing.
    #[must_use]
    pub fn submitted(&mut self, taken: bool, now: Instant) -> Answered {
        match self.stage {
            Stage::Pasting if taken => {
                self.stage = Stage::Due(now + self.delay);
                None
            }
            Stage::Pasting | Stage::Entering => {
                self.stage = Stage::Idle;
                let answer = if taken { Ok(Answer::Done) } else { Err(Refusal::Busy(NOT_READING)) };
                self.reply.take().map(|reply| (reply, answer))
            }
            _ => None,
        }
    }

    /// When the end of the paste was written; `None` while part of it waits for the program to read.
    pub fn written(&mut self, at: Option<Instant>, now: Instant) {
        if !matches!(self.stage, Stage::Looking) {
            return;
        }
        self.stage = match at.map(|at| at + self.delay) {
            Some(due) if due <= now => Stage::Ready,
            Some(due) => Stage::Due(due),
            None => {
                self.patience = (self.patience * 2).min(MAX_DELAY);
                Stage::Due(now + self.patience)
            }
        };
    }

    /// Forgets everything: the program has ended. Gives back who still waits.
    pub fn clear(&mut self) -> Vec<Reply> {
        let all = std::mem::take(self);
        all.reply.into_iter().chain(all.waiting.into_iter().filter_map(|prompt| prompt.reply)).collect()
    }
}

/// Why input is refused.
pub const NOT_READING: &str = "the program does not read its input, and no more can wait for it";

#[cfg(test)]
mod tests {
    use super::*;

    fn push(submit: &mut Submit, text: &str) -> bool {
        submit.push(text.into(), None, None).is_ok()
    }

    /// Lets a paste be written at once, up to Enter; says when Enter was due.
    fn enter(submit: &mut Submit, now: Instant) -> Instant {
        assert!(submit.submitted(true, now).is_none());
        let at = submit.due_at().unwrap();
        assert_eq!((submit.next(at), submit.due_at()), (Some(Step::Look), None));
        submit.written(Some(now), at);
        assert_eq!(submit.next(at), Some(Step::Enter));
        assert!(submit.submitted(true, at).is_none());
        at
    }

    #[test]
    fn enter_follows_its_paste_and_the_next_prompt_follows_enter() {
        let (mut submit, t) = (Submit::default(), Instant::now());
        assert!(push(&mut submit, "one") && push(&mut submit, "two") && push(&mut submit, ""));
        assert_eq!((submit.next(t), submit.next(t)), (Some(Step::Paste("one".into())), None));
        let at = enter(&mut submit, t);
        assert_eq!(at, t + DELAY);
        assert_eq!((submit.next(at), submit.next(at)), (Some(Step::Paste("two".into())), None));
        let at = enter(&mut submit, at);
        assert_eq!((submit.next(at), submit.next(at)), (Some(Step::Enter), None));
        let _ = submit.submitted(true, at);
        assert_eq!((submit.next(at), submit.due_at()), (None, None));
    }

    #[test]
    fn the_time_counts_from_when_the_paste_was_written() {
        let (mut submit, t) = (Submit::default(), Instant::now());
        push(&mut submit, "x");
        submit.next(t);
        let _ = submit.submitted(true, t);
        assert_eq!(submit.next(t + DELAY), Some(Step::Look));
        submit.written(None, t + DELAY);
        let again = submit.due_at().unwrap();
        assert_eq!(again, t + 3 * DELAY);
        assert_eq!(submit.next(again), Some(Step::Look));
        let written = again - Duration::from_millis(10);
        submit.written(Some(written), again);
        assert_eq!(submit.due_at(), Some(written + DELAY));
        assert_eq!(submit.next(written + DELAY), Some(Step::Look));
        submit.written(Some(written), written + DELAY);
        assert_eq!(submit.next(written + DELAY), Some(Step::Enter));
    }

    #[test]
    fn a_paste_that_is_refused_has_no_enter() {
        let (mut submit, t) = (Submit::default(), Instant::now());
        push(&mut submit, "x");
        push(&mut submit, "y");
        submit.next(t);
        let _ = submit.submitted(false, t);
        assert_eq!(submit.next(t), Some(Step::Paste("y".into())));
    }

    #[test]
    fn a_long_text_gets_more_time_and_not_for_ever() {
        let (mut submit, t) = (Submit::default(), Instant::now());
        for (length, delay) in [(100 << 10, Duration::from_millis(250)), (100 << 20, MAX_DELAY)] {
            push(&mut submit, &"x".repeat(length));
            submit.next(t);
            let _ = submit.submitted(true, t);
            assert_eq!(submit.due_at(), Some(t + delay));
            submit.clear();
        }
    }

    #[test]
    fn the_queue_has_an_end() {
        let mut submit = Submit::default();
        assert!((0..MAX_WAITING).all(|_| push(&mut submit, "x")));
        assert!(!push(&mut submit, "x"));
    }
}
