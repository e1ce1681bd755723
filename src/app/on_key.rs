//! Keys: what has them, what they ask for, and what goes to the program in the focused pane.

use super::connection::PasteTo;
use super::core::{Core, Overlay};
use super::edit::Edit;
use super::event::{Clip, Effect};
use crate::base::SessionNo;
use crate::model::Action;
use crate::model::key::{Key, KeyEvent, Mods, NamedKey, Press};
use crate::protocol::stream::ClientMessage;

/// Programs with a use of their own for Ctrl+b that people's fingers know: multiplexers inside a pane, and editors.
const PASSTHROUGH: [&str; 6] = ["tmux", "screen", "zellij", "vim", "nvim", "emacs"];

impl Core {
    pub(super) fn on_key(&mut self, event: KeyEvent) {
        if event.press == Press::Release {
            return self.on_release(event);
        }
        // While an input method composes, keys are its own; chords are never taken from it.
        if !self.composing.is_empty() {
            return;
        }
        self.restart_blink();
        let repeated = event.press == Press::Repeat;
        match &mut self.overlay {
            Overlay::None => {}
            // A key that is held must not answer the question it has just raised.
            Overlay::Menu(_) | Overlay::Help if repeated && !is_arrow(event.key) => return,
            Overlay::Menu(menu) => {
                let picked = menu.key(&event);
                self.dirty = true;
                return self.on_picked(picked);
            }
            Overlay::Help => return self.on_help_key(&event),
            Overlay::Compose(_) => return self.on_compose_key(event),
            Overlay::Search(_) => return self.on_search_key(&event),
        }
        if self.is_down() && is_enter(event.key) && !self.focus.is_some_and(|no| self.is_reached(no)) {
            if !repeated {
                self.reconnect(true);
            }
            return;
        }
        // What is held goes where its press went: a program's key to the program, an action's key nowhere.
        if repeated && self.held.iter().any(|(press, _)| press.physical == event.physical) {
            return self.type_key(event);
        }
        match self.options.keymap.action(&event) {
            Some(action) if repeated && !action.repeats() => {}
            Some(action) => {
                if !self.act(action, &event) {
                    self.type_key(event);
                }
            }
            None if repeated && !self.awaits_pane() => {}
            None => self.type_key(event),
        }
    }

    /// Whether Ctrl+b belongs to the program in the focused pane.
    pub(super) fn passes_through(&self) -> bool {
        // "tmux: client", "emacs-gtk" and "vim.basic" are those programs too.
        let head = |name: &str| name.split([':', '-', '.', ' ']).next().unwrap_or_default().to_owned();
        self.focused().is_some_and(|s| PASSTHROUGH.contains(&head(&s.foreground).as_str()))
    }

    /// The key goes to the program in the focused pane.
    pub(super) fn type_key(&mut self, event: KeyEvent) {
        if self.awaits_pane() {
            return self.type_ahead(event);
        }
        let Some(no) = self.focus else { return };
        if !is_modifier(event.key) {
            self.dirty |= self.select.clear();
        }
        if is_enter(event.key) && event.press == Press::Press && self.reconnect_far(no) {
            return;
        }
        if !self.is_live(no) {
            return self.hint_at_end(&event);
        }
        let goes = self.send(no, ClientMessage::Key(event.clone()));
        if goes && !self.held.iter().any(|(press, to)| press.physical == event.physical && *to == no) {
            self.held.push((event, no));
        }
    }

    /// Keys for a session that has ended go nowhere: says what can still be done with it.
    fn hint_at_end(&mut self, event: &KeyEvent) {
        let ended = self.focused().is_some() && self.connection.is_up();
        let close = self.options.keymap.chords(Action::ClosePane).next();
        if let Some(close) = close.filter(|_| ended && !is_modifier(event.key)) {
            let close = super::view::chord_name(close);
            self.tell(format!("This session has ended; {close} closes its pane"), false);
        }
    }

    /// A release belongs to those sessions that saw the press, whatever is focused by now.
    fn on_release(&mut self, event: KeyEvent) {
        // Repeats follow the focus: several sessions may have seen it go down.
        for (_, no) in self.held.extract_if(.., |(press, _)| press.physical == event.physical).collect::<Vec<_>>() {
            self.send(no, ClientMessage::Key(event.clone()));
        }
    }

    /// Releases what is held in a session, or in all: where the keyboard goes away, no release would ever come.
    pub(super) fn release_held(&mut self, of: Option<SessionNo>) {
        for (press, no) in self.held.extract_if(.., |(_, no)| of.is_none_or(|of| of == *no)).collect::<Vec<_>>() {
            let mods = press.mods.without(press.mods.without_locks());
            let release = KeyEvent { press: Press::Release, mods, text: String::new(), ..press };
            self.send(no, ClientMessage::Key(release));
        }
    }

    /// Text that did not come from one key: what an input method composed.
    pub(super) fn on_text(&mut self, text: &str) {
        self.composing.clear();
        self.dirty = true;
        self.restart_blink();
        match &self.overlay {
            Overlay::Compose(_) | Overlay::Search(_) => self.write_text(text),
            Overlay::None => {
                let event = KeyEvent { text: text.to_owned(), ..KeyEvent::press(Key::Unknown, Mods::NONE) };
                if self.awaits_pane() {
                    self.type_ahead(event);
                } else if let Some(no) = self.focus.filter(|no| self.is_live(*no)) {
                    self.send(no, ClientMessage::Key(event));
                }
            }
            Overlay::Menu(_) | Overlay::Help => {}
        }
    }

    /// Puts text into the line that is being written.
    fn write_text(&mut self, text: &str) {
        self.dirty = true;
        match &mut self.overlay {
            Overlay::Compose(edit) => edit.insert(text),
            Overlay::Search(_) => self.search_insert(text),
            Overlay::None | Overlay::Menu(_) | Overlay::Help => {}
        }
    }

    fn on_help_key(&mut self, event: &KeyEvent) {
        let closes = matches!(event.key, Key::Named(NamedKey::Escape | NamedKey::Enter) | Key::Char('q'))
            || self.options.keymap.action(event) == Some(Action::KeyHelp);
        if closes {
            self.overlay = Overlay::None;
            self.dirty = true;
        }
    }

    /// Opens the compose line; nothing is sent to any pane yet.
    pub(super) fn arm_broadcast(&mut self) {
        if self.live_panes().is_empty() {
            return self.tell("There is no pane to write to", true);
        }
        self.overlay = Overlay::Compose(Edit::default());
        self.dirty = true;
    }

    fn on_compose_key(&mut self, event: KeyEvent) {
        let action = self.options.keymap.action(&event);
        let repeated = event.press == Press::Repeat;
        let Overlay::Compose(edit) = &mut self.overlay else { return };
        self.dirty = true;
        match (event.key, action) {
            // Holding the key a little long must not be taken for pressing it twice.
            (_, Some(Action::Broadcast | Action::ForceBroadcast | Action::CloseWindow)) if repeated => {}
            (_, Some(Action::Broadcast)) if edit.is_empty() => {
                self.overlay = Overlay::None;
                self.type_key(event);
            }
            (_, Some(Action::Paste)) => self.read_clipboard(Clip::Clipboard, PasteTo::Written),
            (_, Some(Action::PastePrimary)) => self.read_clipboard(Clip::Primary, PasteTo::Written),
            (_, Some(Action::CloseWindow)) => {
                self.overlay = Overlay::None;
                self.ask_to_quit();
            }
            (Key::Named(NamedKey::Escape), _) => self.overlay = Overlay::None,
            (Key::Named(NamedKey::Enter | NamedKey::KpEnter), _) if event.mods.has(Mods::SHIFT) => edit.insert("\n"),
            (Key::Named(NamedKey::Enter | NamedKey::KpEnter), _) if edit.text().trim().is_empty() => {}
            (Key::Named(NamedKey::Enter | NamedKey::KpEnter), _) => {
                let prompt = edit.text().to_owned();
                self.broadcast(&prompt);
            }
            _ => {
                edit.key(&event);
            }
        }
    }

    fn broadcast(&mut self, prompt: &str) {
        let targets = self.live_panes();
        if !self.connection.is_current() || targets.is_empty() {
            let why = if targets.is_empty() { "no pane runs a program" } else { "there is no connection to the host" };
            return self.tell(format!("Not sent: {why}"), true);
        }
        self.overlay = Overlay::None;
        // One of another machine may be out of reach.
        let sent = targets.iter().filter(|no| self.send(**no, ClientMessage::Prompt(prompt.to_owned()))).count();
        let missed = targets.len() - sent;
        let except = if missed > 0 { format!(", not to {missed} out of reach") } else { String::new() };
        self.tell(format!("Sent to {}{except}", super::on_host::count(sent, "pane")), missed > 0);
    }

    pub(super) fn read_clipboard(&mut self, clip: Clip, to: PasteTo) {
        let ticket = self.connection.next_request();
        self.connection.pastes.push((ticket, to));
        self.out.push(Effect::ReadClipboard(ticket, clip));
    }

    pub(super) fn on_clipboard(&mut self, ticket: u32, text: Result<String, String>) {
        let Some(at) = self.connection.pastes.iter().position(|(t, _)| *t == ticket) else { return };
        let (_, to) = self.connection.pastes.swap_remove(at);
        match (text, to) {
            (Err(why), _) => self.tell(format!("Nothing pasted: {why}"), true),
            (Ok(text), PasteTo::Session(id)) => {
                if let Some(no) = self.number(id) {
                    self.paste(no, text);
                }
            }
            (Ok(text), PasteTo::Written) => self.write_text(&text),
        }
    }

    fn paste(&mut self, no: SessionNo, text: String) {
        // The host takes messages of 16 MiB; a split paste would be several pastes to the program.
        if text.len() >= crate::protocol::stream::MAX_MESSAGE - 64 {
            return self.tell("Nothing pasted: the text is longer than 16 MiB", true);
        }
        if !text.is_empty() && self.is_live(no) {
            self.send(no, ClientMessage::Paste(text));
        }
    }
}

fn is_arrow(key: Key) -> bool {
    matches!(key, Key::Named(NamedKey::Up | NamedKey::Down | NamedKey::Left | NamedKey::Right | NamedKey::Tab))
}

fn is_enter(key: Key) -> bool {
    matches!(key, Key::Named(NamedKey::Enter | NamedKey::KpEnter))
}

fn is_modifier(key: Key) -> bool {
    matches!(key, Key::Named(named) if named.is_modifier())
}
