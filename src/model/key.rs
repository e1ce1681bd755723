//! Keys as a window sees them, and chords as a keymap writes them.

use std::fmt;
use std::ops::{BitOr, BitOrAssign};
use std::str::FromStr;

/// The modifiers held with a key. Bit values are the kitty protocol's, one less than its parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub struct Mods(u8);

impl Mods {
    pub const NONE: Self = Self(0);
    pub const SHIFT: Self = Self(1);
    pub const ALT: Self = Self(2);
    pub const CTRL: Self = Self(4);
    pub const SUPER: Self = Self(8);
    pub const HYPER: Self = Self(16);
    pub const META: Self = Self(32);
    pub const CAPS_LOCK: Self = Self(64);
    pub const NUM_LOCK: Self = Self(128);

    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    pub fn bits(self) -> u8 {
        self.0
    }

    pub fn from_bits(bits: u8) -> Self {
        Self(bits)
    }

    /// Without the locks, which never make a chord another chord.
    pub fn without_locks(self) -> Self {
        Self(self.0 & !(Self::CAPS_LOCK.0 | Self::NUM_LOCK.0))
    }

    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

impl BitOr for Mods {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Mods {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

macro_rules! named_keys {
    ($($variant:ident = $code:literal $text:literal),+ $(,)?) => {
        /// Keys that are known by a name and not by the text they type.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u16)]
        pub enum NamedKey { $($variant = $code),+ }

        impl NamedKey {
            /// Every key, in the order of its number.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The name in keymaps and docs.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            pub fn from_u16(n: u16) -> Option<Self> {
                match n { $($code => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

// The numbers travel on the wire: never change one, add new ones behind.
named_keys! {
    Escape = 1 "escape", Enter = 2 "enter", Tab = 3 "tab", Backspace = 4 "backspace", Space = 5 "space",
    Insert = 6 "insert", Delete = 7 "delete", Left = 8 "left", Right = 9 "right", Up = 10 "up", Down = 11 "down",
    PageUp = 12 "pageup", PageDown = 13 "pagedown", Home = 14 "home", End = 15 "end",
    F1 = 21 "f1", F2 = 22 "f2", F3 = 23 "f3", F4 = 24 "f4", F5 = 25 "f5", F6 = 26 "f6", F7 = 27 "f7", F8 = 28 "f8",
    F9 = 29 "f9", F10 = 30 "f10", F11 = 31 "f11", F12 = 32 "f12", F13 = 33 "f13", F14 = 34 "f14", F15 = 35 "f15",
    F16 = 36 "f16", F17 = 37 "f17", F18 = 38 "f18", F19 = 39 "f19", F20 = 40 "f20",
    Kp0 = 50 "kp0", Kp1 = 51 "kp1", Kp2 = 52 "kp2", Kp3 = 53 "kp3", Kp4 = 54 "kp4", Kp5 = 55 "kp5", Kp6 = 56 "kp6",
    Kp7 = 57 "kp7", Kp8 = 58 "kp8", Kp9 = 59 "kp9", KpDecimal = 60 "kpdecimal", KpDivide = 61 "kpdivide",
    KpMultiply = 62 "kpmultiply", KpSubtract = 63 "kpsubtract", KpAdd = 64 "kpadd", KpEnter = 65 "kpenter",
    KpEqual = 66 "kpequal", KpBegin = 67 "kpbegin",
    Menu = 80 "menu", CapsLock = 81 "capslock", ScrollLock = 82 "scrolllock", NumLock = 83 "numlock",
    PrintScreen = 84 "printscreen", Pause = 85 "pause",
    Shift = 90 "shift", Control = 91 "control", Alt = 92 "alt", Super = 93 "super", AltGr = 94 "altgr",
}

/// What a key means in the layout in force: a name, or the character it types without Ctrl and Alt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    Named(NamedKey),
    /// With the effect of Shift and of the layout: `A`, `%`, `ж`.
    Char(char),
    /// The system gave it no meaning synk knows.
    Unknown,
}

/// Press, automatic repeat or release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[repr(u8)]
pub enum Press {
    #[default]
    Press = 1,
    Repeat = 2,
    Release = 3,
}

impl Press {
    pub fn from_u8(n: u8) -> Option<Self> {
        Some(match n {
            1 => Self::Press,
            2 => Self::Repeat,
            3 => Self::Release,
            _ => return None,
        })
    }
}

/// One key event as it travels to the host, which encodes it with the modes that are true there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyEvent {
    /// The key's meaning in the layout in force, with Shift's effect.
    pub key: Key,
    /// The character on the same layout without any modifier; equal to `key` where that is not known.
    pub unshifted: Key,
    /// The character the same physical key has on a US layout: the kitty protocol's base layout key.
    pub physical: Key,
    pub mods: Mods,
    /// What the key (or a finished composition) types; empty for keys that type nothing, and for a release.
    pub text: String,
    pub press: Press,
}

impl KeyEvent {
    /// A press of a key by itself or with modifiers, for tests and for keys that synk makes itself.
    pub fn press(key: Key, mods: Mods) -> Self {
        let text = match key {
            Key::Char(c) if !mods.has(Mods::CTRL) && !mods.has(Mods::ALT) => c.to_string(),
            _ => String::new(),
        };
        Self { key, unshifted: key, physical: key, mods, text, press: Press::Press }
    }

    /// The chord to look up in a keymap: letters by their small form, so that Ctrl+Shift+T is one chord however the
    /// layout writes it; other characters as on the key without Shift.
    pub fn chord(&self) -> Chord {
        let key = match (self.unshifted, self.key) {
            (Key::Char(c), _) => Key::Char(lower(c)),
            (Key::Unknown, other) => other,
            (named, _) => named,
        };
        Chord { mods: self.mods.without_locks(), key }
    }

    /// The chord by the key's place on a US layout: how Ctrl+Shift+T is found on a Cyrillic layout.
    pub fn physical_chord(&self) -> Chord {
        let key = match self.physical {
            Key::Char(c) => Key::Char(lower(c)),
            other => other,
        };
        Chord { mods: self.mods.without_locks(), key }
    }
}

fn lower(c: char) -> char {
    let mut small = c.to_lowercase();
    match (small.next(), small.next()) {
        (Some(one), None) => one,
        _ => c,
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
                (Some(c), None) => Key::Char(lower(c)),
                _ if part == "plus" => Key::Char('+'),
                _ => Key::Named(*NamedKey::ALL.iter().find(|k| k.name() == part).ok_or_else(bad)?),
            };
            return Ok(Self { mods, key });
        }
        Err(bad())
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
    fn a_chord_ignores_locks_and_case() {
        let event = KeyEvent::press(Key::Char('T'), Mods::CTRL | Mods::SHIFT | Mods::NUM_LOCK);
        assert_eq!(event.chord(), "ctrl+shift+t".parse().unwrap());
    }

    #[test]
    fn every_named_key_has_its_own_number_and_name() {
        for key in NamedKey::ALL {
            assert_eq!(NamedKey::from_u16(*key as u16), Some(*key));
            assert_eq!(NamedKey::ALL.iter().filter(|k| k.name() == key.name()).count(), 1);
        }
    }
}
