//! Whether the shell waits for a command. As a value, with the time passed in.
//!
//! A shell that marks its prompts (OSC 133 A and B) says so itself. A prompt counts only when it is the one that follows
//! what was typed: every line that was typed, and every command that runs, is owed a prompt, and the last of them is the
//! one. Lines that a program took for itself are never paid back, so a prompt with debts counts too once output has been
//! quiet for [`SETTLED`]; so does an A without B.
//!
//! Of a shell that marks nothing, or that runs inside one that does, the looks decide: something was written since a line
//! was typed, output has been quiet for [`SETTLED`], the text before the cursor ends as prompts do (`$`, `#`, `%`, `>` or
//! `❯`, then blanks at most), and the program that the session was started with is in the foreground and waits. The last is
//! the system's word and is asked for only when the rest is true; until it is true, it is asked again every [`SETTLED`]:
//! a shell may come to the foreground, and to rest, after it wrote its prompt.

use std::time::{Duration, Instant};

use crate::engine::ShellMark;

/// How long output has to be quiet before a prompt is believed: longer than a shell takes from its prompt to a command
/// that was typed ahead.
pub const SETTLED: Duration = Duration::from_millis(50);

/// What the shell's last mark was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Mark {
    /// None yet, or a command runs.
    #[default]
    Other,
    PromptStart,
    InputStart,
}

/// What is known about the prompt of one session.
#[derive(Debug, Clone)]
pub struct ShellPrompt {
    mark: Mark,
    /// The mark came after the last line that was typed.
    fresh: bool,
    /// Prompts that are still to come before the one that answers what was typed.
    owed: usize,
    /// When the program last wrote.
    wrote: Option<Instant>,
    /// Whether it wrote since a line was typed. Times would not tell: a shell answers within one turn of the core.
    answered: bool,
    /// Whether the session's own program was found to wait in the foreground since it last wrote.
    waits: bool,
    /// When it was last looked for and found busy, or another program in its place.
    busy: Option<Instant>,
}

impl Default for ShellPrompt {
    /// A shell that starts owes a prompt.
    fn default() -> Self {
        Self { mark: Mark::Other, fresh: false, owed: 1, wrote: None, answered: false, waits: false, busy: None }
    }
}

/// What can be said about the prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The shell waits for a command.
    Shown,
    /// It does if the session's own program is in the foreground.
    IfOwn,
    /// It does if nothing else comes until then.
    IfQuietUntil(Instant),
    /// It does not, unless something else is written.
    Missing,
}

impl ShellPrompt {
    /// What another host needs to know of it.
    pub fn to_bytes(&self) -> [u8; 4] {
        let mark = match self.mark {
            Mark::Other => 0,
            Mark::PromptStart => 1,
            Mark::InputStart => 2,
        };
        [mark, u8::from(self.fresh), u8::try_from(self.owed).unwrap_or(u8::MAX), u8::from(self.answered)]
    }

    /// What another host knew of it.
    pub fn from_bytes([mark, fresh, owed, answered]: [u8; 4]) -> Self {
        let mark = match mark {
            1 => Mark::PromptStart,
            2 => Mark::InputStart,
            _ => Mark::Other,
        };
        Self { mark, fresh: fresh != 0, owed: owed.into(), answered: answered != 0, ..Self::default() }
    }

    /// Input was sent to the program.
    pub fn typed(&mut self, bytes: &[u8], now: Instant) {
        let lines = bytes.iter().filter(|b| matches!(b, b'\r' | b'\n')).count();
        if lines == 0 {
            return;
        }
        if self.mark == Mark::InputStart && self.fresh && self.is_settled(now) {
            self.owed = 0;
        }
        self.owed = self.owed.saturating_add(lines);
        (self.fresh, self.answered) = (false, false);
    }

    /// The program wrote something.
    pub fn wrote(&mut self, now: Instant) {
        (self.wrote, self.answered, self.waits) = (Some(now), true, false);
    }

    /// The shell marked where it is.
    pub fn marked(&mut self, mark: ShellMark) {
        match mark {
            ShellMark::PromptStart => (self.mark, self.fresh) = (Mark::PromptStart, true),
            ShellMark::InputStart => {
                (self.mark, self.fresh) = (Mark::InputStart, true);
                self.owed = self.owed.saturating_sub(1);
            }
            ShellMark::OutputStart => {
                self.mark = Mark::Other;
                self.owed = self.owed.max(1);
            }
            ShellMark::Done { .. } => self.mark = Mark::Other,
        }
    }

    /// The system said whether the session's own program is in the foreground, and whether it is busy.
    pub fn probed(&mut self, own: bool, busy: bool, now: Instant) {
        self.waits = own && !busy;
        if !self.waits {
            // It may come to rest, or to the foreground, without writing anything: it is looked at again.
            self.busy = Some(now);
        }
    }

    fn is_settled(&self, now: Instant) -> bool {
        self.wrote.is_some_and(|at| at + SETTLED <= now)
    }

    /// What can be said now; `before_cursor` is the text in the cursor's row up to the cursor.
    pub fn state(&self, before_cursor: &str, now: Instant) -> State {
        let Some(wrote) = self.wrote else { return State::Missing };
        let marked = self.fresh && self.mark != Mark::Other;
        if marked && self.mark == Mark::InputStart && self.owed == 0 {
            return State::Shown;
        }
        let looks = self.answered && looks_like_a_prompt(before_cursor);
        if !marked && !looks {
            return State::Missing;
        }
        if !self.is_settled(now) {
            return State::IfQuietUntil(wrote + SETTLED);
        }
        if marked || self.waits {
            return State::Shown;
        }
        match self.busy.map(|at| at + SETTLED) {
            Some(at) if at > now => State::IfQuietUntil(at),
            _ => State::IfOwn,
        }
    }
}

/// `[$#%>❯]\s*$`
fn looks_like_a_prompt(before_cursor: &str) -> bool {
    before_cursor.trim_end().ends_with(['$', '#', '%', '>', '❯'])
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: ShellMark = ShellMark::PromptStart;
    const B: ShellMark = ShellMark::InputStart;
    const C: ShellMark = ShellMark::OutputStart;
    const D: ShellMark = ShellMark::Done { exit: None };

    fn marks(prompt: &mut ShellPrompt, marks: &[ShellMark], now: Instant) {
        prompt.wrote(now);
        marks.iter().for_each(|mark| prompt.marked(*mark));
    }

    #[test]
    fn a_marked_prompt_answers_the_line_that_was_typed() {
        let (mut p, t) = (ShellPrompt::default(), Instant::now());
        let ms = |n| t + Duration::from_millis(n);
        assert_eq!(p.state("", t), State::Missing);
        marks(&mut p, &[A, B], t);
        assert_eq!(p.state("", t), State::Shown);
        p.typed(b"make", ms(100));
        assert_eq!(p.state("", ms(100)), State::Shown, "a line that was not sent changes nothing");
        p.typed(b"\r", ms(100));
        assert_eq!(p.state("", ms(1000)), State::Missing, "the old prompt is no answer");
        marks(&mut p, &[C], ms(1000));
        assert_eq!(p.state("", ms(5000)), State::Missing);
        marks(&mut p, &[D, A, B], ms(5000));
        assert_eq!(p.state("", ms(5000)), State::Shown);
    }

    #[test]
    fn what_is_typed_ahead_is_not_answered_by_the_prompt_before() {
        let (mut p, t) = (ShellPrompt::default(), Instant::now());
        let ms = |n| t + Duration::from_millis(n);
        p.typed(b"make\r", t);
        marks(&mut p, &[A, B], ms(10));
        assert_eq!(p.state("", ms(10)), State::IfQuietUntil(ms(60)));
        marks(&mut p, &[C], ms(11));
        assert_eq!(p.state("", ms(500)), State::Missing);
        marks(&mut p, &[D, A, B], ms(500));
        assert_eq!(p.state("", ms(500)), State::Shown);
        p.typed(b"one\rtwo\r", ms(600));
        marks(&mut p, &[C, D, A, B], ms(610));
        assert_eq!(p.state("", ms(610)), State::IfQuietUntil(ms(660)), "of two lines one is done");
        marks(&mut p, &[C, D, A, B], ms(620));
        assert_eq!(p.state("", ms(620)), State::Shown);
    }

    #[test]
    fn lines_that_a_program_took_cost_a_moment_and_no_more() {
        let (mut p, t) = (ShellPrompt::default(), Instant::now());
        let ms = |n| t + Duration::from_millis(n);
        marks(&mut p, &[A, B], t);
        p.typed(b"cat\r", ms(100));
        marks(&mut p, &[C], ms(110));
        p.typed(b"a\rb\r", ms(120));
        marks(&mut p, &[D, A, B], ms(200));
        assert_eq!(p.state("", ms(249)), State::IfQuietUntil(ms(250)));
        assert_eq!(p.state("", ms(250)), State::Shown);
        p.typed(b"ls\r", ms(300));
        marks(&mut p, &[C, D, A, B], ms(310));
        assert_eq!(p.state("", ms(310)), State::Shown, "the debt is forgotten");
        marks(&mut p, &[A], ms(400));
        assert_eq!(p.state("", ms(400)), State::IfQuietUntil(ms(450)), "of a shell that marks only the beginning");
    }

    #[test]
    fn an_unmarked_prompt_is_known_by_its_looks_and_who_is_there() {
        let (mut p, t) = (ShellPrompt::default(), Instant::now());
        let ms = |n| t + Duration::from_millis(n);
        p.wrote(t);
        assert_eq!(p.state("$ ", ms(10)), State::IfQuietUntil(ms(50)));
        assert_eq!(p.state("$ ", ms(50)), State::IfOwn);
        assert_eq!(p.state("50 of 100", ms(50)), State::Missing);
        p.probed(false, false, ms(50));
        assert_eq!(p.state("$ ", ms(50)), State::IfQuietUntil(ms(100)));
        p.wrote(ms(100));
        assert_eq!(p.state("~ ❯ ", ms(150)), State::IfOwn);
        p.probed(true, true, ms(150));
        assert_eq!(p.state("~ ❯ ", ms(151)), State::IfQuietUntil(ms(200)), "it has not come to rest");
        assert_eq!(p.state("~ ❯ ", ms(200)), State::IfOwn);
        p.probed(true, false, ms(200));
        assert_eq!(p.state("~ ❯ ", ms(200)), State::Shown);
        p.typed(b"x\r", ms(300));
        assert_eq!(p.state("~ ❯ ", ms(900)), State::Missing, "nothing came since");
        p.wrote(ms(300));
        assert_eq!(p.state("~ ❯ ", ms(350)), State::IfOwn, "the answer came within the same turn");
        p.probed(true, false, ms(350));
        p.wrote(ms(350));
        assert_eq!(p.state("~ ❯ ", ms(400)), State::IfOwn, "so did more output");
    }
}
