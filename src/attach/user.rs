//! What the user does at an attached terminal: keys for the session, for the history and to detach; the mouse, pastes and
//! the focus.

use std::time::{Duration, Instant};

use super::core::{Core, Effect, Ending, Timer};
use super::decode::{Input, decode};
use super::machine::Token;
use crate::model::{Chord, Key, KeyEvent, Modes, Mods, MouseEvent, MouseKind, NamedKey, Press, ViewAt};
use crate::protocol::stream::ClientMessage;

/// How long an ESC may be the beginning of something: terminals write a key in one go, networks cut it.
const ESCAPE: Duration = Duration::from_millis(50);
/// How long the second detach key may take.
const DOUBLE: Duration = Duration::from_millis(300);

impl Core {
    /// What the outer terminal sent.
    pub(super) fn take(&mut self, tokens: Vec<Token>, now: Instant, effects: &mut Vec<Effect>) {
        for input in tokens.into_iter().filter_map(decode) {
            match input {
                Input::Key(event) => self.key(event, now, effects),
                Input::Mouse(event) => self.mouse(event, effects),
                Input::Paste(text) => self.send(ClientMessage::Paste(text), effects),
                Input::Focus(on) => self.send(ClientMessage::Focus(on), effects),
                Input::KnowsKeys => self.modes.knows_keys = true,
                Input::Attributes => self.answers = true,
            }
        }
        if self.machine.is_ambiguous() {
            self.timers.set(Timer::Escape, now + ESCAPE);
        } else {
            self.timers.cancel(&Timer::Escape);
        }
    }

    /// Tells the session what only somebody may who does more than look.
    pub(super) fn send(&mut self, message: ClientMessage, effects: &mut Vec<Effect>) {
        if !self.options.read_only {
            self.tell(message, effects);
        }
    }

    fn key(&mut self, event: KeyEvent, now: Instant, effects: &mut Vec<Effect>) {
        let armed = self.timers.get(&Timer::Detach).is_some();
        if self.detaches(&event) {
            match (event.press, armed) {
                (Press::Press, false) => self.timers.set(Timer::Detach, now + DOUBLE),
                (Press::Press, true) => {
                    self.timers.cancel(&Timer::Detach);
                    self.send(ClientMessage::Key(event), effects);
                }
                (Press::Repeat | Press::Release, _) => {}
            }
            return;
        }
        if armed && event.press != Press::Release && !matches!(event.key, Key::Named(named) if named.is_modifier()) {
            // Nobody types into a session that they are leaving.
            self.timers.cancel(&Timer::Detach);
            effects.push(Effect::End(Ending::Detached));
            return;
        }
        if let Some(message) = self.scrolls(&event) {
            if event.press != Press::Release {
                self.tell(message, effects);
            }
            return;
        }
        self.send(ClientMessage::Key(event), effects);
    }

    fn detaches(&self, event: &KeyEvent) -> bool {
        let wanted = self.options.detach_key;
        let as_typed = Chord { mods: event.mods.without_locks(), key: event.key };
        [event.chord(), event.physical_chord(), as_typed].contains(&wanted)
    }

    /// Shift with the keys that page through the host's history, where the program has no screen of its own.
    fn scrolls(&self, event: &KeyEvent) -> Option<ClientMessage> {
        let screen = self.mirror.screen(self.no)?;
        let Key::Named(named) = event.key else { return None };
        if screen.modes.has(Modes::ALT_SCREEN) || event.mods.without_locks() != Mods::SHIFT {
            return None;
        }
        let page = i32::from(screen.size.lines().min(self.outer.size.lines()).max(2)) - 1;
        Some(match named {
            NamedKey::PageUp => ClientMessage::Scroll(-page),
            NamedKey::PageDown => ClientMessage::Scroll(page),
            NamedKey::Home => ClientMessage::Scroll(i32::MIN / 2),
            NamedKey::End => ClientMessage::View(ViewAt::Live),
            _ => return None,
        })
    }

    /// A mouse event in the session's cells; a press beside the screen means nothing.
    fn mouse(&mut self, event: MouseEvent, effects: &mut Vec<Effect>) {
        let Some(screen) = self.mirror.screen(self.no) else { return };
        let (col, line) = (event.col.saturating_add(self.pan.col), event.line.saturating_add(self.pan.line));
        let beside = col >= screen.size.cols() || line >= screen.size.lines();
        if !screen.modes.wants_mouse() || (beside && event.kind == MouseKind::Press) {
            return;
        }
        let (col, line) = (col.min(screen.size.cols() - 1), line.min(screen.size.lines() - 1));
        // The outer terminal tells cells: the middle of one stands for it.
        let middle = |cell: u16, size: u16| cell.saturating_mul(size).saturating_add(size / 2);
        let (px, py) = (middle(col, self.outer.cell_w), middle(line, self.outer.cell_h));
        self.send(ClientMessage::Mouse(MouseEvent { col, line, px, py, ..event }), effects);
    }
}
