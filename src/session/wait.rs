//! Who waits for something to happen in a session. Conditions on the screen are looked at once per frame at most, and at
//! once when somebody begins to wait; without anybody waiting nothing is done, and nothing wakes the session but the
//! earliest deadline.

use std::time::{Duration, Instant};

use super::ask::{Answer, Met, Refusal, Reply};
use super::core::Core;
use super::message::Effect;
use super::pace::CAP;
use super::shell_prompt::State;
use crate::base::GridSize;
use crate::engine::{Extent, Pattern};
use crate::model::Row;

/// Most who wait for one session at a time.
const MAX_WAITING: usize = 64;
/// Cells that are searched within one frame's time; more of them, or more who wait, are looked at less often.
const CELLS_PER_FRAME: usize = 200_000;

/// What is waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Until {
    /// The program has ended and everything it wrote is on the screen.
    Exit,
    /// The shell waits for a command: [`super::shell_prompt`].
    Prompt,
    /// The text is on the screen; rows that wrap are one line.
    Text(String),
    /// The pattern matches a line of the screen; rows that wrap are one line.
    Match(Pattern),
    /// Nothing was written by the program, nor to it, for so long.
    Quiet(Duration),
}

#[derive(Debug)]
struct Waiter {
    until: Until,
    reply: Reply,
    deadline: Option<Instant>,
}

/// Everybody who waits.
#[derive(Debug, Default)]
pub struct Waits {
    list: Vec<Waiter>,
    /// When to look again at the latest.
    due: Option<Instant>,
    looked: Option<Instant>,
}

impl Waits {
    /// When there is something to do next.
    pub fn due_at(&self) -> Option<Instant> {
        self.due
    }

    /// Something was written: whoever waits for it is looked after soon.
    pub fn touch(&mut self, size: GridSize, now: Instant) {
        if self.list.is_empty() {
            return;
        }
        let cells = usize::from(size.cols()) * usize::from(size.lines()) * self.list.len();
        let gap = CAP * u32::try_from(1 + cells / CELLS_PER_FRAME).unwrap_or(u32::MAX);
        self.plan(self.looked.map_or(now, |at| now.max(at + gap)));
    }

    /// Looks at everybody now.
    pub fn touch_now(&mut self, now: Instant) {
        if !self.list.is_empty() {
            self.plan(now);
        }
    }

    fn plan(&mut self, at: Instant) {
        self.due = Some(self.due.map_or(at, |due| due.min(at)));
    }

    /// Forgets everybody: whose reply is dropped hears that the session was ended.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

impl Core {
    pub(super) fn wait_for(
        &mut self,
        until: Until,
        timeout: Option<Duration>,
        reply: Reply,
        now: Instant,
        effects: &mut Vec<Effect>,
    ) {
        self.waits.list.retain(|waiter| waiter.reply.is_wanted());
        if self.waits.list.len() >= MAX_WAITING {
            let full = Refusal::Busy("too many wait for this session already");
            return effects.push(Effect::Answer(reply, Err(full)));
        }
        // A time that cannot be counted is none.
        let deadline = timeout.and_then(|timeout| now.checked_add(timeout));
        self.waits.list.push(Waiter { until, reply, deadline });
        self.waits.plan(now);
    }

    /// Answers whoever has waited long enough.
    pub(super) fn waits_due(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        if self.waits.due.is_none_or(|at| at > now) {
            return;
        }
        let (mut screen, mut next, mut probe) = (None, None, false);
        let mut plan = |at: Instant| next = Some(next.map_or(at, |n: Instant| n.min(at)));
        for waiter in std::mem::take(&mut self.waits.list) {
            if !waiter.reply.is_wanted() {
                continue;
            }
            let answer = match self.look_for(&waiter.until, &mut screen, now) {
                Look::Met(matched) => Ok(Answer::Met(Met { matched, exit_code: self.exit_code() })),
                _ if waiter.deadline.is_some_and(|at| at <= now) => Err(Refusal::TimedOut),
                _ if self.exit_code().is_some() => Err(Refusal::Stopped),
                look => {
                    waiter.deadline.into_iter().for_each(&mut plan);
                    match look {
                        Look::At(at) => plan(at),
                        Look::IfOwn => probe = true,
                        Look::Met(_) | Look::No => {}
                    }
                    self.waits.list.push(waiter);
                    continue;
                }
            };
            // Whoever asks next, for the title say, hears what is true now.
            self.report(now, effects);
            effects.push(Effect::Answer(waiter.reply, answer));
        }
        if probe {
            // One answer serves everybody.
            effects.push(Effect::Probe(self.engine.input_owners()));
        }
        (self.waits.due, self.waits.looked) = (next, Some(now));
    }

    fn look_for(&mut self, until: &Until, screen: &mut Option<String>, now: Instant) -> Look {
        let found = |matched: Option<&str>| matched.map_or(Look::No, |m| Look::Met(Some(m.to_owned())));
        match until {
            Until::Exit if self.exit_code().is_some() => Look::Met(None),
            Until::Exit => Look::No,
            Until::Text(text) => {
                let screen = screen.get_or_insert_with(|| self.screen_lines());
                found(screen.contains(text.as_str()).then_some(text))
            }
            Until::Match(pattern) => {
                let screen = screen.get_or_insert_with(|| self.screen_lines());
                found(screen.lines().find_map(|line| pattern.find(line)))
            }
            Until::Quiet(time) => {
                let last = self.last_output().max(self.typed_at);
                match last.map(|at| at.checked_add(*time)) {
                    _ if self.exit_code().is_some() => Look::Met(None),
                    Some(Some(at)) if at > now => Look::At(at),
                    Some(None) => Look::No,
                    _ => Look::Met(None),
                }
            }
            Until::Prompt => {
                let before = self.engine.text_before_cursor();
                match self.prompt.state(&before, now) {
                    State::Shown => Look::Met(None),
                    State::IfQuietUntil(at) => Look::At(at),
                    State::IfOwn => Look::IfOwn,
                    State::Missing => Look::No,
                }
            }
        }
    }

    /// The lines of the screen: rows that wrap are joined, blanks at the ends left out.
    fn screen_lines(&mut self) -> String {
        let cols = self.engine.size().cols();
        let rows = self.engine.read_rows(Extent::Screen).unwrap_or_default().rows;
        let rows: Vec<&Row> = rows.iter().map(|row| &**row).collect();
        Row::lines(&rows, cols, true)
    }
}

/// What a look at a condition found.
enum Look {
    /// It holds; what matched.
    Met(Option<String>),
    /// It does not, and will not before this time unless something is written.
    At(Instant),
    /// It does if the session's own program is in the foreground, which the system has to say.
    IfOwn,
    /// It does not, until something is written.
    No,
}
