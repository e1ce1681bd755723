//! The core of a session: it owns the engine, and decides about everything that happens to it. No IO, no thread, no
//! clock: [`super::run`] is the shell around it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::held::Held;
use super::link::Link;
use super::message::{Effect, Facts, Message, Update};
use super::pace::Pace;
use super::receipts::{Receipt, Receipts};
use super::shell_prompt::ShellPrompt;
use super::size::SizeOwner;
use super::submit::Submit;
use super::taps::Taps;
use super::viewers::Viewers;
use super::wait::Waits;
use crate::base::{ClientId, Deadlines, GridSize};
use crate::engine::{self, Engine};
use crate::keeper::Exit;

/// Between two reports, bells and notifications: what a program can make others do per second has an end.
const REPORT_GAP: Duration = Duration::from_millis(50);
/// Between output and the look at who is in the foreground: the program that a command line starts is there by then.
const PROBE_DELAY: Duration = Duration::from_millis(100);
/// How long the session that was typed into goes before others: as long as a person takes for an answer to be at once.
const URGENT: Duration = Duration::from_millis(100);
/// Most notifications within one [`REPORT_GAP`].
const MAX_NOTICES: usize = 4;

/// What a core waits for, apart from frames and prompts, which know their time themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Timer {
    /// Output has been quiet.
    Quiet,
    /// Tell others what changed.
    Report,
    /// Look who is in the foreground.
    Probe,
    /// Viewports have been quiet.
    Resize,
    /// Tell clients what was taken of their input.
    Taken,
}

/// One session's state.
#[derive(Debug)]
pub struct Core {
    pub(super) engine: Engine,
    pub(super) pace: Pace,
    pub(super) viewers: Viewers,
    pub(super) sizes: SizeOwner,
    pub(super) submit: Submit,
    pub(super) taps: Taps,
    pub(super) waits: Waits,
    pub(super) prompt: ShellPrompt,
    pub(super) timers: Deadlines<Timer>,
    pub(super) facts: Facts,
    reported: Facts,
    reported_at: Option<Instant>,
    /// The program's own word on its directory (OSC 7) goes before the system's.
    pub(super) says_cwd: bool,
    /// Bells, clipboard texts and notifications that wait for the next report.
    news: Vec<Update>,
    quiet: Duration,
    last_output: Option<Instant>,
    pub(super) typed_at: Option<Instant>,
    /// Where the pointer was last, in what the program wants to know it in.
    pub(super) pointed: Option<(u16, u16)>,
    pub(super) held: Held,
    /// Which numbered input was taken.
    pub(super) receipts: Receipts,
    /// That of the request at hand, until it is taken.
    pub(super) at_hand: Option<Receipt>,
    /// The viewers whose keyboard is here.
    pub(super) focused: BTreeSet<ClientId>,
    /// The size of a cell that the terminal was told.
    pub(super) cell_px: (u16, u16),
    pub(super) drained: bool,
    pub(super) exit: Option<Exit>,
    /// What the end of the program means.
    pub(super) link: Link,
    /// Its shell starts when somebody looks.
    pub(super) sleeps: bool,
    /// Its program is being started: what is typed is for it.
    pub(super) wakes: bool,
    /// Kept for its memory.
    raised: Vec<engine::Effect>,
}

impl Core {
    /// The core of a session of this size; output counts as activity for `quiet` after it came.
    pub fn new(engine: Engine, quiet: Duration) -> Self {
        let facts = Facts { size: engine.size(), ..Facts::default() };
        Self {
            engine,
            pace: Pace::default(),
            viewers: Viewers::default(),
            sizes: SizeOwner::default(),
            submit: Submit::default(),
            taps: Taps::default(),
            waits: Waits::default(),
            prompt: ShellPrompt::default(),
            timers: Deadlines::default(),
            reported: facts.clone(),
            facts,
            reported_at: None,
            says_cwd: false,
            news: Vec::new(),
            quiet,
            last_output: None,
            typed_at: None,
            pointed: None,
            held: Held::default(),
            receipts: Receipts::default(),
            at_hand: None,
            focused: BTreeSet::new(),
            cell_px: (0, 0),
            drained: false,
            exit: None,
            link: Link::None,
            sleeps: false,
            wakes: false,
            raised: Vec::new(),
        }
    }

    /// When [`Core::tick`] has to be called at the latest; `None` while nothing is pending.
    pub fn next(&self) -> Option<Instant> {
        let frame = self.pace.due_at().filter(|_| self.viewers.any_subscribed());
        [self.timers.next(), frame, self.submit.due_at(), self.waits.due_at()].into_iter().flatten().min()
    }

    /// Whether somebody waits for the echo of what was typed here.
    pub fn is_urgent(&self, now: Instant) -> bool {
        self.typed_at.is_some_and(|at| now.saturating_duration_since(at) < URGENT)
    }

    /// Takes one message.
    pub fn step(&mut self, message: Message, now: Instant, effects: &mut Vec<Effect>) {
        match message {
            Message::Exited(exit) => {
                self.exit = Some(exit);
                self.refuse_prompts(effects);
                self.end_if_over(now, effects);
            }
            Message::Relink => self.relink(effects),
            Message::Relinked => self.relinked(now, effects),
            Message::NotRelinked(why) => self.not_relinked(&why, now, effects),
            Message::Attach(client, outlet) => {
                self.viewers.attach(client, outlet);
                self.facts_changed(now);
            }
            Message::Detach(client) => self.detach(client, now, effects),
            Message::Expel(client) => {
                if let Some(viewer) = self.viewers.get(client) {
                    effects.push(Effect::Send(Arc::clone(&viewer.outlet), Update::Detached));
                    self.detach(client, now, effects);
                }
            }
            Message::Tap(client, drain) => self.taps.add(client, drain),
            Message::Untap(client) => self.taps.remove(client),
            Message::Drained(client) => self.taps.drained(client, &mut self.engine),
            Message::Client(client, request) => self.client(client, request, now, effects),
            Message::Ask(ask, reply) => self.asked(ask, reply, now, effects),
            Message::Probed(probed) => self.probed(probed, now, effects),
            Message::Submitted(taken) => self.submitted(taken, now, effects),
            Message::Written(at) => self.submit.written(at, now),
            Message::Close => {
                self.viewers.tell(&Update::Gone, effects);
                self.waits.clear();
                self.submit.clear();
                effects.push(Effect::End);
                // Nothing comes after it, whatever is due.
                return;
            }
        }
        self.tick(now, effects);
        if !self.viewers.any_scrolled_back() {
            self.engine.forget_rows();
        }
    }

    /// Takes output of the program. Returns how much of it was taken: less than all, and at least one byte, when it makes
    /// work out of proportion to its length, so that others can be looked after in between, or when a picture in it is
    /// complete.
    pub fn output(&mut self, bytes: &[u8], now: Instant, effects: &mut Vec<Effect>) -> usize {
        let read = self.feed(bytes, now, effects);
        self.taps.output(&bytes[..read]);
        self.last_output = Some(now);
        self.prompt.wrote(now);
        if !self.facts.active {
            self.facts.active = true;
            self.timers.set(Timer::Quiet, now + self.quiet);
            self.facts_changed(now);
        }
        // Who asked something of the input is looked at while it is still there.
        let delay = if self.engine.input_is_unclaimed() { Duration::ZERO } else { PROBE_DELAY };
        self.timers.set_earlier(Timer::Probe, now + delay);
        self.tick(now, effects);
        read
    }

    /// Puts text on the screen, whoever wrote it. Returns as [`Core::output`] does.
    pub(super) fn feed(&mut self, bytes: &[u8], now: Instant, effects: &mut Vec<Effect>) -> usize {
        let before = self.engine.changes();
        let mut raised = std::mem::take(&mut self.raised);
        let read = self.engine.feed_some(bytes, &mut raised);
        for effect in raised.drain(..) {
            self.raise(effect, now, effects);
        }
        self.raised = raised;
        let holds = self.engine.holds();
        if self.engine.changes() != before || holds != self.pace.is_held() {
            self.pace.changed(now, holds);
        }
        self.waits.touch(self.engine.size(), now);
        read
    }

    /// Everything the program wrote up to its end was taken in.
    pub fn drained(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        self.drained = true;
        self.end_if_over(now, effects);
        self.tick(now, effects);
    }

    /// Does what is due.
    pub fn tick(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        self.submit_due(now, effects);
        while let Some(timer) = self.timers.take_due(now) {
            match timer {
                Timer::Quiet => self.quiet(now),
                Timer::Report => self.report(now, effects),
                Timer::Probe if self.exit.is_none() => effects.push(Effect::Probe(self.engine.input_owners())),
                Timer::Probe => {}
                Timer::Resize => self.resize(now, effects),
                Timer::Taken => self.viewers.tell_taken(&self.receipts, effects),
            }
        }
        self.waits_due(now, effects);
        let was_held = self.pace.is_held();
        if self.pace.take_due(now) {
            if was_held {
                self.release_hold(effects);
            }
            self.viewers.show_all(&mut self.engine, effects);
        }
    }

    fn raise(&mut self, effect: engine::Effect, now: Instant, effects: &mut Vec<Effect>) {
        match effect {
            engine::Effect::Reply(bytes) => effects.push(Effect::Reply(bytes)),
            engine::Effect::Title(_) | engine::Effect::Cwd(_) | engine::Effect::Mark(_) => {
                self.learn(effect);
                self.facts_changed(now);
            }
            engine::Effect::Bell => self.tell_soon(Update::Bell, now),
            engine::Effect::Notify { title, body } => self.tell_soon(Update::Notify { title, body }, now),
            engine::Effect::Clipboard(text) => self.tell_soon(Update::Clipboard(text), now),
        }
    }

    /// Takes in what an effect says of the session itself, whether it is raised now or was before.
    pub(super) fn learn(&mut self, effect: engine::Effect) {
        match effect {
            engine::Effect::Title(title) => self.facts.title = title,
            engine::Effect::Cwd(cwd) => {
                self.says_cwd = !cwd.is_empty();
                self.facts.cwd = cwd;
            }
            engine::Effect::Mark(mark) => self.prompt.marked(mark),
            engine::Effect::Reply(_)
            | engine::Effect::Bell
            | engine::Effect::Notify { .. }
            | engine::Effect::Clipboard(_) => {}
        }
    }

    /// Something for all viewers, with the next report: one bell, the last clipboard text, a few notifications.
    pub(super) fn tell_soon(&mut self, update: Update, now: Instant) {
        let same = |u: &Update| std::mem::discriminant(u) == std::mem::discriminant(&update);
        if matches!(update, Update::Notify { .. }) {
            if self.news.iter().filter(|u| same(u)).count() >= MAX_NOTICES {
                return;
            }
        } else {
            self.news.retain(|u| !same(u));
        }
        self.news.push(update);
        self.plan_report(now);
    }

    pub(super) fn facts_changed(&mut self, now: Instant) {
        self.facts.viewers = self.viewers.clients();
        if self.facts != self.reported {
            self.plan_report(now);
        }
    }

    fn plan_report(&mut self, now: Instant) {
        let at = self.reported_at.map_or(now, |last| now.max(last + REPORT_GAP));
        self.timers.set_earlier(Timer::Report, at);
    }

    pub(super) fn report(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        self.reported_at = Some(now);
        for update in self.news.drain(..) {
            self.viewers.tell(&update, effects);
            effects.push(Effect::News(update));
        }
        if self.facts != self.reported {
            self.reported = self.facts.clone();
            effects.push(Effect::Report(self.facts.clone()));
        }
    }

    fn quiet(&mut self, now: Instant) {
        let until = self.last_output.map_or(now, |at| at + self.quiet);
        if until > now {
            self.timers.set(Timer::Quiet, until);
            return;
        }
        self.facts.active = false;
        self.facts_changed(now);
    }

    /// The program ended and everything it wrote was taken in: what the screen shows stays.
    fn end_if_over(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        if self.drained && self.is_loss(self.exit) {
            return self.lost(now, effects);
        }
        let (true, Some(exit)) = (self.drained, self.exit) else { return };
        self.facts.exit_code = Some(exit.code);
        self.facts.foreground.clear();
        self.facts_changed(now);
        self.waits.touch_now(now);
    }

    pub(super) fn is_over(&self) -> bool {
        self.exit.is_some() || self.facts.disconnected && !self.wakes
    }

    /// How the program ended, once everything it wrote was taken in.
    pub(super) fn exit_code(&self) -> Option<i32> {
        self.facts.exit_code
    }

    pub(super) fn last_output(&self) -> Option<Instant> {
        self.last_output
    }

    /// The grid's size, which is also the terminal's.
    pub fn size(&self) -> GridSize {
        self.engine.size()
    }
}

#[cfg(test)]
#[path = "core_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "pictures_tests.rs"]
mod pictures_tests;
