//! What a session's core does when it is asked through the API. What is asked here never takes the size, and moves
//! nobody's view.

use std::time::Instant;

use super::ask::{Answer, Ask, Refusal, Reply, ScreenRead};
use super::core::Core;
use super::message::{Effect, Part};
use super::submit::{Answered, Step};
use crate::engine::{Extent, key_code, paste};
use crate::model::{Key, KeyEvent, Mods, NamedKey};

impl Core {
    pub(super) fn asked(&mut self, ask: Ask, reply: Reply, now: Instant, effects: &mut Vec<Effect>) {
        let modes = self.engine.modes();
        match ask {
            Ask::Input(bytes) => self.write_asked(bytes, reply, now, effects),
            Ask::Keys(keys) => {
                let bytes = keys.iter().flat_map(|key| key_code::encode(key, modes)).collect();
                self.write_asked(bytes, reply, now, effects);
            }
            Ask::Paste(text) => self.write_asked(paste::encode(&text, modes), reply, now, effects),
            Ask::Prompt(_) if self.is_over() => effects.push(Effect::Answer(reply, Err(self.why_over()))),
            Ask::Prompt(text) => {
                if let Err(Some(reply)) = self.submit.push(text, Some(reply), None) {
                    let full = Refusal::Busy("too many prompts wait for this program already");
                    effects.push(Effect::Answer(reply, Err(full)));
                }
            }
            Ask::Resize(size) => {
                self.sizes.pin(size);
                self.resize(now, effects);
                effects.push(Effect::Answer(reply, Ok(Answer::Resized(self.size()))));
            }
            Ask::Read(extent) => {
                let answer = self.read(extent).map(|read| Answer::Screen(Box::new(read))).ok_or(Refusal::NoMarks);
                effects.push(Effect::Answer(reply, answer));
            }
            Ask::Search { pattern, piece } => {
                let found = self.engine.search(&pattern, piece);
                let answer = found.map(|found| Answer::Found(found, self.engine.screen_row()));
                effects.push(Effect::Answer(reply, answer.ok_or(Refusal::Rewrapped)));
            }
            Ask::Wait { until, timeout } => self.wait_for(until, timeout, reply, now, effects),
        }
    }

    fn write_asked(&mut self, bytes: Vec<u8>, reply: Reply, now: Instant, effects: &mut Vec<Effect>) {
        if self.is_over() {
            effects.push(Effect::Answer(reply, Err(self.why_over())));
        } else if bytes.is_empty() {
            effects.push(Effect::Answer(reply, Ok(Answer::Done)));
        } else {
            self.sends(&bytes, now);
            effects.push(Effect::WriteAsked(bytes, reply));
        }
    }

    /// The program is about to be sent input: its echo is shown at once, and it goes before other sessions.
    pub(super) fn sends(&mut self, bytes: &[u8], now: Instant) {
        self.prompt.typed(bytes, now);
        self.typed_at = Some(now);
        self.pace.typed();
    }

    /// Does what is due of the prompts.
    pub(super) fn submit_due(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        while let Some(step) = self.submit.next(now) {
            let modes = self.engine.modes();
            let (bytes, part): (_, fn(_) -> _) = match step {
                Step::Look => {
                    effects.push(Effect::LookWritten);
                    continue;
                }
                Step::Paste(text) => (paste::encode_prompt(&text, modes), Part::Paste),
                Step::Enter => {
                    let enter = KeyEvent::press(Key::Named(NamedKey::Enter), Mods::NONE);
                    (key_code::encode(&enter, modes), Part::Enter)
                }
            };
            if bytes.is_empty() {
                let answered = self.submit.submitted(true, now);
                answer(answered, effects);
            } else {
                self.sends(&bytes, now);
                let receipt = self.submit.take_receipt();
                receipt.into_iter().for_each(|receipt| self.takes(receipt, now));
                effects.push(Effect::Submit(bytes, part(receipt)));
            }
        }
    }

    pub(super) fn submitted(&mut self, taken: bool, now: Instant, effects: &mut Vec<Effect>) {
        answer(self.submit.submitted(taken, now), effects);
    }

    /// Nothing can be submitted any more.
    pub(super) fn refuse_prompts(&mut self, effects: &mut Vec<Effect>) {
        let (all, why) = (self.submit.clear().into_iter(), self.why_over());
        effects.extend(all.map(|reply| Effect::Answer(reply, Err(why))));
    }

    /// Why a session that is over takes nothing.
    fn why_over(&self) -> Refusal {
        if self.facts.disconnected { Refusal::Disconnected } else { Refusal::Stopped }
    }

    fn read(&mut self, extent: Extent) -> Option<ScreenRead> {
        let reading = self.engine.read_rows(extent)?;
        Some(ScreenRead {
            reading,
            size: self.engine.size(),
            cursor: self.engine.cursor(),
            alternate: self.engine.is_alternate(),
            title: self.engine.title().to_owned(),
            history: self.engine.history_len(),
        })
    }
}

fn answer(answered: Answered, effects: &mut Vec<Effect>) {
    effects.extend(answered.map(|(reply, answer)| Effect::Answer(reply, answer)));
}

#[cfg(test)]
#[path = "ask_tests.rs"]
mod tests;
