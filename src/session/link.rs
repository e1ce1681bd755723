//! Sessions that stand on a link, to another machine or to a serial port: what happens when it is lost, and when it is
//! back. What the screen shows and the history stay.

use std::time::Instant;

use super::core::Core;
use super::memory::Event;
use super::message::Effect;
use crate::keeper::Exit;
use crate::model::{Key, KeyEvent, NamedKey, Press};

/// What the end of a session's program, or of its port, means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Link {
    /// It is the end of the session.
    #[default]
    None,
    /// It is a lost link if the program says so or was ended by force: what counts is how `ssh` does it.
    Program,
    /// It is gone and may come back.
    Port,
    /// There is none: the session is another host's.
    Elsewhere,
}

/// How `ssh` ends when the link is lost or was never there (ssh(1), EXIT STATUS).
const LOST: i32 = 255;

/// What programs at the other end may have set and cannot take back: an unfinished sequence (CAN), the alternate screen,
/// margins, colours and modes of keys, mouse, focus and paste.
const SOBER: &str = "\x18\x1b[?1049l\x1b[!p\x1b[m\x1b>\x1b[?9;1000;1002;1003;1004;1005;1006;1015;1016;2004;2026l\
                     \x1b[<99u\x1b[>4m\x1b[?7;25h";

impl Core {
    /// Whether this end is a lost link.
    pub(super) fn is_loss(&self, exit: Option<Exit>) -> bool {
        match self.link {
            Link::None | Link::Elsewhere => false,
            Link::Program => exit.is_some_and(|exit| exit.by_signal || exit.code == LOST),
            Link::Port => true,
        }
    }

    /// The link is lost, and everything that came over it was taken in.
    pub(super) fn lost(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        if std::mem::replace(&mut self.facts.disconnected, true) {
            // The host before this one has said so.
            return;
        }
        self.facts.foreground.clear();
        self.refuse_prompts(effects);
        effects.push(Effect::Keep(Event::Lost));
        self.say(&format!("{SOBER}\r\n"), now, effects);
        match self.link {
            Link::Port => {
                self.say(
                    "synk: disconnected; connects again when the device is back (Enter: try now)\r\n",
                    now,
                    effects,
                );
                effects.push(Effect::Relink);
            }
            Link::Program | Link::None | Link::Elsewhere => {
                self.say("synk: disconnected; Enter connects again\r\n", now, effects)
            }
        }
        self.facts_changed(now);
    }

    /// The session comes back from a disk, in these words, and what it stood on is gone.
    pub(super) fn revived(&mut self, words: &str, now: Instant, effects: &mut Vec<Effect>) {
        self.facts.disconnected = true;
        self.say(&format!("{SOBER}\r\n\x1b[7m synk: {words} \x1b[m\r\n"), now, effects);
        self.facts_changed(now);
    }

    /// The session is another host's, as its screen says in these words.
    pub(super) fn elsewhere(&mut self, words: &str, now: Instant, effects: &mut Vec<Effect>) {
        self.facts.disconnected = true;
        self.say(words, now, effects);
        self.facts_changed(now);
    }

    /// Whether this key, pressed in a session without its link, asks for it.
    pub(super) fn asks_for_link(&self, event: &KeyEvent) -> bool {
        let enter = matches!(event.key, Key::Named(NamedKey::Enter)) || event.text == "\r";
        self.facts.disconnected && !self.wakes && enter && event.press != Press::Release
    }

    /// Somebody wants the link back.
    pub(super) fn relink(&mut self, effects: &mut Vec<Effect>) {
        if self.facts.disconnected {
            self.wakes = self.link == Link::None;
            effects.push(Effect::Relink);
        }
    }

    /// There is a link again.
    pub(super) fn relinked(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        (self.drained, self.exit, self.sleeps, self.wakes) = (false, None, false, false);
        self.facts.disconnected = false;
        if self.link == Link::Port {
            self.say("synk: connected\r\n", now, effects);
        }
        // A program starts with the size that the terminal has, but not that of its cells.
        let (cell_w, cell_h) = self.cell_px;
        effects.push(Effect::Resize { size: self.size(), cell_w, cell_h });
        self.facts_changed(now);
    }

    /// It could not be had, for this reason.
    pub(super) fn not_relinked(&mut self, why: &str, now: Instant, effects: &mut Vec<Effect>) {
        self.wakes = false;
        self.say(&format!("synk: {why}\r\n"), now, effects);
    }
}

#[cfg(test)]
#[path = "link_tests.rs"]
mod tests;
