//! The state of a session's core as bytes, and a core made of what its memory holds. Nothing is raised while what was
//! parsed before is parsed again: replies, bells and the like were for then.

use std::time::{Duration, Instant};

use super::core::Core;
use super::memory::{Event, Memory, Saved};
use super::shell_prompt::ShellPrompt;
use crate::base::GridSize;
use crate::engine::{Engine, EngineOptions, PageKeeper, Snapshot};

/// What a core knows beside the terminal.
struct Beside {
    prompt: [u8; 4],
    says_cwd: bool,
    disconnected: bool,
    cwd: String,
}

impl Beside {
    fn put(&self) -> Vec<u8> {
        let mut out = self.prompt.to_vec();
        out.extend([u8::from(self.says_cwd), u8::from(self.disconnected)]);
        out.extend((self.cwd.len() as u32).to_le_bytes());
        out.extend(self.cwd.as_bytes());
        out
    }

    /// And what follows it.
    fn read(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (prompt, rest) = bytes.split_first_chunk::<4>()?;
        let (&[says_cwd, disconnected], rest) = rest.split_first_chunk::<2>()?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let (cwd, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        let cwd = String::from_utf8(cwd.to_vec()).ok()?;
        let flag = |n: u8| n != 0;
        Some((Self { prompt: *prompt, says_cwd: flag(says_cwd), disconnected: flag(disconnected), cwd }, rest))
    }
}

const NO_BESIDE: &str = "the beginning of the snapshot is damaged";

impl Core {
    /// The state as bytes; `keeper` gets the pages of history that change no more.
    pub(super) fn save(&mut self, keeper: &mut dyn PageKeeper) -> Vec<u8> {
        let Self { facts, prompt, says_cwd, .. } = self;
        let (says_cwd, disconnected, cwd) = (*says_cwd, facts.disconnected, facts.cwd.clone());
        let mut out = Beside { prompt: prompt.to_bytes(), says_cwd, disconnected, cwd }.put();
        out.extend(self.engine.save(keeper));
        out
    }

    /// The core that an earlier host had, up to the last byte that it parsed. `size` counts where it had hardly begun.
    ///
    /// # Errors
    /// In words: what was kept cannot be read.
    pub(super) fn restore(
        saved: &mut Saved,
        size: GridSize,
        options: EngineOptions,
        quiet: Duration,
        now: Instant,
    ) -> Result<Self, String> {
        let mut core = match saved.snapshot.take() {
            None => Self::new(Engine::new(size, options), quiet),
            Some(bytes) => {
                let bytes = bytes.map_err(|e| e.to_string())?;
                let (beside, rest) = Beside::read(&bytes).ok_or(NO_BESIDE)?;
                let snapshot = Snapshot::from_parts(rest, &mut |n| saved.page(n)).map_err(|e| e.to_string())?;
                let mut core = Self::new(Engine::restore(snapshot, options), quiet);
                core.prompt = ShellPrompt::from_bytes(beside.prompt);
                core.says_cwd = beside.says_cwd;
                core.facts.disconnected = beside.disconnected;
                core.facts.cwd = beside.cwd;
                core.facts.title = core.engine.title().to_owned();
                core.cell_px = core.engine.cell_px();
                core
            }
        };
        for (at, event) in std::mem::take(&mut saved.events) {
            saved.output(at, |bytes| core.replay(bytes));
            core.repeat(event);
        }
        saved.output(saved.parsed(), |bytes| core.replay(bytes));
        core.taps.begin(saved.parsed());
        if saved.gap {
            core.say("\r\nsynk: some output is missing here\r\n", now, &mut Vec::new());
        }
        core.facts_changed(now);
        Ok(core)
    }

    /// Takes the terminal back that the last snapshot has.
    ///
    /// # Errors
    /// In words: it cannot be read.
    pub(super) fn recall(&mut self, memory: &Memory) -> Result<(), String> {
        let bytes = memory.snapshot().ok_or("there is no snapshot")?.map_err(|e| e.to_string())?;
        let (_, rest) = Beside::read(&bytes).ok_or(NO_BESIDE)?;
        let snapshot = Snapshot::from_parts(rest, &mut |n| memory.page(n)).map_err(|e| e.to_string())?;
        self.engine.refill(snapshot);
        Ok(())
    }

    /// What input the host before this one took.
    pub(super) fn recall_input(&mut self, memory: &Memory, now: Instant) {
        let (receipts, enter_owed) = memory.taken();
        self.receipts = receipts;
        if enter_owed {
            self.submit.owe_enter(now);
        }
    }

    /// Parses again what was parsed before.
    fn replay(&mut self, bytes: &[u8]) {
        let mut raised = Vec::new();
        self.engine.feed(bytes, &mut raised);
        raised.into_iter().for_each(|effect| self.learn(effect));
    }

    /// Does again what was done before.
    fn repeat(&mut self, event: Event) {
        match event {
            Event::Resize { cols, lines, cell_w, cell_h } => {
                let size = GridSize::clamped(cols, lines);
                if size != self.engine.size() {
                    self.engine.resize(size);
                }
                self.engine.set_cell_px(cell_w, cell_h);
                (self.cell_px, self.facts.size) = ((cell_w, cell_h), size);
            }
            Event::Claim(group) => self.engine.claim_input(group),
            Event::Disown(group) => self.engine.disown_input(group),
            Event::Release => self.engine.release_hold(),
            Event::Say(text) => self.replay(text.as_bytes()),
            Event::Lost => self.facts.disconnected = true,
        }
    }
}

#[cfg(test)]
#[path = "restore_tests.rs"]
mod tests;
