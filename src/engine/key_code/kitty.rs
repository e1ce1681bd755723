//! The kitty keyboard protocol (sw.kovidgoyal.net/kitty/keyboard-protocol), for programs that asked for one of the flags
//! that change what is sent: 1, 2 or 8. Flags 4 and 16 only add to escape codes that another flag asks for.

use std::fmt::Write;

use super::encode::types;
use super::functional::{Code, code};
use super::legacy;
use crate::model::key::{Key, KeyEvent, Mods, NamedKey, Press};
use crate::model::screen::Modes;

/// The bytes of a key.
pub fn encode(event: &KeyEvent, modes: Modes) -> Vec<u8> {
    let all = modes.has(Modes::ALL_KEY_CODES);
    let release = event.press == Press::Release;
    if release && !modes.has(Modes::KEY_EVENTS) {
        return Vec::new();
    }
    if !all {
        if types(event) {
            return event.text.as_bytes().to_vec();
        }
        if matches!(event.key, Key::Named(named) if named.is_modifier()) {
            return Vec::new();
        }
        let codes = modes.has(Modes::KEY_CODES);
        if keeps_its_byte(event.key, codes) {
            // They have to go on working in a shell whose program died without taking the flags back.
            let plain = event.mods.without_locks() == Mods::NONE;
            if release {
                return Vec::new();
            } else if plain || !codes {
                return legacy::encode(event, modes);
            }
        }
        // Flag 2 by itself tells of more events, and changes none that there were before.
        if !codes && event.press == Press::Press {
            return legacy::encode(event, modes);
        }
    }
    let Some(mut key) = key_code(event, modes) else { return Vec::new() };
    if modes.has(Modes::KEY_ALTERNATES) {
        key.find_alternates(event);
    }
    key.write(event, modes)
}

/// Enter, Tab and Backspace; on the keypad Enter is one of them until keypad keys are told apart.
fn keeps_its_byte(key: Key, codes: bool) -> bool {
    use NamedKey::{Backspace, Enter, KpEnter, Tab};
    match key {
        Key::Named(Enter | Tab | Backspace) => true,
        Key::Named(KpEnter) => !codes,
        _ => false,
    }
}

/// A key's code with its alternates.
struct KeyCode {
    code: Code,
    /// It types text when nothing else is held.
    is_text: bool,
    shifted: Option<char>,
    base: Option<char>,
}

/// The code of an event's key: the character without Shift for a key of text; none where nothing is known of it.
fn key_code(event: &KeyEvent, modes: Modes) -> Option<KeyCode> {
    let apart = modes.any(Modes::KEY_CODES | Modes::ALL_KEY_CODES);
    let (code, is_text) = match event.key {
        Key::Named(named) if !apart => {
            let named = named.off_keypad();
            named.keypad_char().map_or_else(|| (code(named), named == NamedKey::Space), |c| (char_code(c), true))
        }
        Key::Named(named) => (code(named), named == NamedKey::Space || named.keypad_char().is_some()),
        Key::Char(_) | Key::Unknown => {
            // A layout that does not tell what a letter is without Shift means its small form.
            let known = [event.unshifted, event.key, event.physical].into_iter().find_map(|key| match key.small() {
                Key::Char(c) => Some(c),
                _ => None,
            });
            (char_code(known?), true)
        }
    };
    Some(KeyCode { code, is_text, shifted: None, base: None })
}

fn char_code(c: char) -> Code {
    Code { number: u32::from(c), last: 'u' }
}

impl KeyCode {
    fn find_alternates(&mut self, event: &KeyEvent) {
        let other = |key: Key| match key {
            Key::Char(c) if u32::from(c) != self.code.number => Some(c),
            _ => None,
        };
        if matches!(event.key, Key::Char(_) | Key::Unknown) {
            (self.shifted, self.base) =
                (other(event.key).filter(|_| event.mods.has(Mods::SHIFT)), other(event.physical));
        }
    }

    fn write(&self, event: &KeyEvent, modes: Modes) -> Vec<u8> {
        let all = modes.has(Modes::ALL_KEY_CODES);
        // Locks would make a key of text another one to programs that look for Ctrl+C.
        let mods = if all || !self.is_text { event.mods } else { event.mods.without_locks() };
        let told = modes.has(Modes::KEY_EVENTS) && event.press != Press::Press;
        let tells_text = all && modes.has(Modes::KEY_TEXT) && types(event);
        let text: Vec<u32> = event.text.chars().filter(|c| tells_text && !c.is_control()).map(u32::from).collect();
        let second = mods != Mods::NONE || told;

        let mut out = String::from("\x1b[");
        if self.code.number != 1 || second || !text.is_empty() {
            let _ = write!(out, "{}", self.code.number);
        }
        if let Some(shifted) = self.shifted {
            let _ = write!(out, ":{}", u32::from(shifted));
        }
        if let Some(base) = self.base {
            // Without a shifted key its place stays empty.
            let _ = write!(out, "{}:{}", if self.shifted.is_none() { ":" } else { "" }, u32::from(base));
        }
        if second || !text.is_empty() {
            out.push(';');
        }
        if second {
            let _ = write!(out, "{}", u16::from(mods.bits()) + 1);
        }
        if told {
            let _ = write!(out, ":{}", event.press as u8);
        }
        for (i, c) in text.iter().enumerate() {
            let _ = write!(out, "{}{c}", if i == 0 { ';' } else { ':' });
        }
        out.push(self.code.last);
        out.into_bytes()
    }
}

#[cfg(test)]
#[path = "kitty_tests.rs"]
mod tests;
