//! Chords: a key with modifiers, as keymaps write it.

use std::fmt;
use std::str::FromStr;

use super::key::{Key, KeyEvent, Mods, NamedKey};

impl KeyEvent {
    /// The chord to look up in a keymap: letters by their small form, so that Ctrl+Shift+T is one chord however the
    /// layout writes it; other characters as on the key without Shift.
    pub fn chord(&self) -> Chord {
        let key = match (self.unshifted, self.key) {
            (Key::Unknown, other) => other,
            (known, _) => known,
        };
        Chord { mods: self.mods.without_locks(), key: off_keypad(key.small()) }
    }

    /// The chord by the key's place on a US layout: how Ctrl+Shift+T is found on a Cyrillic layout.
    pub fn physical_chord(&self) -> Chord {
        Chord { mods: self.mods.without_locks(), key: off_keypad(self.physical.small()) }
    }
}

/// The arrows and the like of the keypad are the chords of those beside it: with NumLock off they are meant for them.
fn off_keypad(key: Key) -> Key {
    match key {
        Key::Named(NamedKey::KpEnter) => key,
        Key::Named(named) => Key::Named(named.off_keypad()),
        other => other,
    }
}

/// A key with modifiers, as keymaps write it: `ctrl+shift+t`, `shift+pageup`, `ctrl+/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Chord {
    pub mods: Mods,
    pub key: Key,
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (bit, name) in MOD_NAMES {
            if self.mods.has(bit) {
                write!(f, "{name}+")?;
            }
        }
        match self.key {
            Key::Named(named) => f.write_str(named.name()),
            Key::Char('+') => f.write_str("plus"),
            Key::Char(c) => write!(f, "{c}"),
            Key::Unknown => f.write_str("unknown"),
        }
    }
}

const MOD_NAMES: [(Mods, &str); 4] =
    [(Mods::CTRL, "ctrl"), (Mods::SHIFT, "shift"), (Mods::ALT, "alt"), (Mods::SUPER, "super")];

/// The text was not a chord; says which part and what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadChord(pub String);

impl fmt::Display for BadChord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "\"{}\" is not a chord: expected modifiers (ctrl, shift, alt, super) and one key, such as ctrl+shift+t",
            self.0
        )
    }
}

impl std::error::Error for BadChord {}

impl FromStr for Chord {
    type Err = BadChord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || BadChord(text.to_owned());
        let mut mods = Mods::NONE;
        let mut parts = text.split('+').map(|p| p.trim().to_lowercase()).peekable();
        while let Some(part) = parts.next() {
            if parts.peek().is_some() {
                let (bit, _) = MOD_NAMES.into_iter().find(|(_, name)| *name == part).ok_or_else(bad)?;
                mods |= bit;
                continue;
            }
            let mut chars = part.chars();
            let key = match (chars.next(), chars.next()) {
                (Some(c), None) => Key::Char(c).small(),
                _ if part == "plus" => Key::Char('+'),
                _ => off_keypad(Key::Named(*NamedKey::ALL.iter().find(|k| k.name() == part).ok_or_else(bad)?)),
            };
            return Ok(Self { mods, key });
        }
        Err(bad())
    }
}

/// The chord that detaches an attached terminal. No key that is typed into programs: pressed once it is taken from them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DetachKey(pub Chord);

impl FromStr for DetachKey {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let chord: Chord = text.parse().map_err(|e: BadChord| e.to_string())?;
        let types = match chord.key {
            Key::Char(_) => true,
            Key::Named(key) => {
                let typed = [NamedKey::Enter, NamedKey::KpEnter, NamedKey::Tab, NamedKey::Backspace, NamedKey::Space];
                typed.contains(&key) || key.keypad_char().is_some()
            }
            Key::Unknown => false,
        };
        if types && !chord.mods.any(Mods::CTRL | Mods::ALT | Mods::SUPER) {
            return Err(format!("\"{text}\" is typed into programs: expected it with ctrl, alt or super, or f12 say"));
        }
        Ok(Self(chord))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chords_print_and_read_back() {
        for text in ["ctrl+shift+t", "shift+pageup", "ctrl+/", "ctrl+plus", "f12", "ctrl+shift+alt+pagedown", "super+ж"]
        {
            let chord: Chord = text.parse().unwrap();
            assert_eq!(chord.to_string(), text);
        }
    }

    #[test]
    fn what_is_no_chord_is_refused_by_name() {
        for text in ["", "ctrl+", "strg+t", "ctrl+nokey", "ctrl++"] {
            assert_eq!(text.parse::<Chord>(), Err(BadChord(text.to_owned())));
        }
    }

    #[test]
    fn keys_that_are_typed_do_not_detach() {
        for text in ["a", "shift+a", "enter", "space", "kp7", "7"] {
            assert!(text.parse::<DetachKey>().is_err_and(|e| e.contains(text)), "{text}");
        }
        for text in ["ctrl+a", "alt+a", "super+enter", "f12", "shift+pageup", "escape"] {
            assert_eq!(text.parse(), Ok(DetachKey(text.parse().unwrap())));
        }
    }

    #[test]
    fn keys_of_the_keypad_are_the_chords_of_those_beside_it() {
        let event = KeyEvent::press(Key::Named(NamedKey::KpPageUp), Mods::SHIFT);
        assert_eq!(event.chord(), "shift+pageup".parse().unwrap());
        assert_eq!("shift+kppageup".parse::<Chord>(), "shift+pageup".parse());
        assert_ne!("kpenter".parse::<Chord>(), "enter".parse(), "Enter of the keypad has a name of its own");
    }

    #[test]
    fn a_chord_ignores_locks_and_case() {
        let event = KeyEvent::press(Key::Char('T'), Mods::CTRL | Mods::SHIFT | Mods::NUM_LOCK);
        assert_eq!(event.chord(), "ctrl+shift+t".parse().unwrap());
    }
}
