//! What changes the state of a session beside its program's output. Each such change is told in an [`Effect::Keep`], so that
//! a host that takes over can repeat it.

use std::time::{Duration, Instant};

use super::core::{Core, Timer};
use super::link::Link;
use super::memory::Event;
use super::message::Effect;
use crate::keeper::probe::Probed;

/// Between a resize of a viewport and the program's SIGWINCH: dragging a divider is one signal with the last size.
const RESIZE_QUIET: Duration = Duration::from_millis(100);

impl Core {
    /// Shows words of the session's own: nobody takes them for output of the program.
    pub(super) fn say(&mut self, text: &str, now: Instant, effects: &mut Vec<Effect>) {
        let mut bytes = text.as_bytes();
        while !bytes.is_empty() {
            let taken = self.feed(bytes, now, effects);
            bytes = &bytes[taken.clamp(1, bytes.len())..];
        }
        effects.push(Effect::Keep(Event::Say(text.to_owned())));
        self.tick(now, effects);
    }

    /// The system said who is in the foreground.
    pub(super) fn probed(&mut self, probed: Probed, now: Instant, effects: &mut Vec<Effect>) {
        let before = self.engine.changes();
        if self.engine.input_is_unclaimed() {
            effects.push(Effect::Keep(Event::Claim(probed.group)));
        }
        self.engine.claim_input(probed.group);
        for group in &probed.gone {
            self.engine.disown_input(*group);
            effects.push(Effect::Keep(Event::Disown(*group)));
        }
        if self.engine.changes() != before {
            self.pace.changed(now, self.engine.holds());
        }
        self.prompt.probed(probed.own, probed.busy, now);
        self.waits.touch_now(now);
        self.facts.foreground = probed.foreground;
        // Where `ssh` is says nothing of where its user is.
        let here = !self.says_cwd && self.link == Link::None;
        if let (true, Some(cwd)) = (here, probed.cwd) {
            self.facts.cwd = cwd.to_string_lossy().into_owned();
        }
        self.facts_changed(now);
    }

    /// A synchronized update takes too long.
    pub(super) fn release_hold(&mut self, effects: &mut Vec<Effect>) {
        self.engine.release_hold();
        effects.push(Effect::Keep(Event::Release));
    }

    /// The viewport that counts may be another: the program hears of it once it has been the same for a while.
    pub(super) fn plan_resize(&mut self, now: Instant) {
        self.timers.set(Timer::Resize, now + RESIZE_QUIET);
    }

    pub(super) fn resize(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        let Some(viewport) = self.sizes.viewport() else { return };
        let (size, cell_w, cell_h) = (viewport.size, viewport.cell_w, viewport.cell_h);
        let same = size == self.engine.size();
        if same && self.cell_px == (cell_w, cell_h) {
            return;
        }
        self.cell_px = (cell_w, cell_h);
        self.engine.set_cell_px(cell_w, cell_h);
        if !same {
            self.viewers.resize(&mut self.engine, size);
            self.facts.size = size;
            self.facts_changed(now);
            self.pace.changed(now, self.engine.holds());
        }
        // Written down before the program knows of it: what it writes then is never read at the size before.
        effects.push(Effect::Keep(Event::Resize { cols: size.cols(), lines: size.lines(), cell_w, cell_h }));
        effects.push(Effect::Resize { size, cell_w, cell_h });
    }
}
