//! Keys as a window sees them.

use std::ops::{BitOr, BitOrAssign};

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

    /// Whether any of these is held.
    pub fn any(self, of: Self) -> bool {
        self.0 & of.0 != 0
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
    KpEqual = 66 "kpequal", KpBegin = 67 "kpbegin", KpSeparator = 68 "kpseparator", KpLeft = 69 "kpleft",
    KpRight = 70 "kpright", KpUp = 71 "kpup", KpDown = 72 "kpdown", KpPageUp = 73 "kppageup",
    KpPageDown = 74 "kppagedown", KpHome = 75 "kphome", KpEnd = 76 "kpend", KpInsert = 77 "kpinsert",
    KpDelete = 78 "kpdelete",
    Menu = 80 "menu", CapsLock = 81 "capslock", ScrollLock = 82 "scrolllock", NumLock = 83 "numlock",
    PrintScreen = 84 "printscreen", Pause = 85 "pause",
    Shift = 90 "shift", Control = 91 "control", Alt = 92 "alt", Super = 93 "super", AltGr = 94 "altgr",
    RightShift = 95 "rightshift", RightControl = 96 "rightcontrol", RightAlt = 97 "rightalt",
    RightSuper = 98 "rightsuper", Hyper = 99 "hyper", RightHyper = 100 "righthyper", Meta = 101 "meta",
    RightMeta = 102 "rightmeta", Level5 = 103 "level5",
    F21 = 110 "f21", F22 = 111 "f22", F23 = 112 "f23", F24 = 113 "f24", F25 = 114 "f25", F26 = 115 "f26",
    F27 = 116 "f27", F28 = 117 "f28", F29 = 118 "f29", F30 = 119 "f30", F31 = 120 "f31", F32 = 121 "f32",
    F33 = 122 "f33", F34 = 123 "f34", F35 = 124 "f35",
    MediaPlay = 130 "mediaplay", MediaPause = 131 "mediapause", MediaPlayPause = 132 "mediaplaypause",
    MediaReverse = 133 "mediareverse", MediaStop = 134 "mediastop", MediaFastForward = 135 "mediafastforward",
    MediaRewind = 136 "mediarewind", MediaNext = 137 "medianext", MediaPrevious = 138 "mediaprevious",
    MediaRecord = 139 "mediarecord", VolumeDown = 140 "volumedown", VolumeUp = 141 "volumeup", Mute = 142 "mute",
}

impl NamedKey {
    /// Whether the key does nothing but change what others mean: Shift and the like, and the locks.
    pub fn is_modifier(self) -> bool {
        use NamedKey::*;
        let left = matches!(self, Shift | Control | Alt | Super | Hyper | Meta | AltGr | Level5);
        let right = matches!(self, RightShift | RightControl | RightAlt | RightSuper | RightHyper | RightMeta);
        left || right || matches!(self, CapsLock | NumLock | ScrollLock)
    }

    /// The key beside the keypad that does the same as this one on it; itself for all others.
    pub fn off_keypad(self) -> Self {
        use NamedKey::*;
        match self {
            KpEnter => Enter,
            KpLeft => Left,
            KpRight => Right,
            KpUp => Up,
            KpDown => Down,
            KpPageUp => PageUp,
            KpPageDown => PageDown,
            KpHome => Home,
            KpEnd => End,
            KpInsert => Insert,
            KpDelete => Delete,
            other => other,
        }
    }

    /// What a key of the keypad types while NumLock is on.
    pub fn keypad_char(self) -> Option<char> {
        use NamedKey::*;
        const KEYS: [NamedKey; 17] = [
            Kp0,
            Kp1,
            Kp2,
            Kp3,
            Kp4,
            Kp5,
            Kp6,
            Kp7,
            Kp8,
            Kp9,
            KpDecimal,
            KpDivide,
            KpMultiply,
            KpSubtract,
            KpAdd,
            KpEqual,
            KpSeparator,
        ];
        KEYS.iter().zip("0123456789./*-+=,".chars()).find(|(key, _)| **key == self).map(|(_, c)| c)
    }
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

impl Key {
    /// A letter in its small form; any other key as it is.
    pub fn small(self) -> Self {
        let Self::Char(c) = self else { return self };
        let mut small = c.to_lowercase();
        match (small.next(), small.next()) {
            (Some(one), None) => Self::Char(one),
            _ => self,
        }
    }
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
            Key::Char(c) if !mods.any(Mods::CTRL | Mods::ALT) => c.to_string(),
            Key::Named(NamedKey::Space) if !mods.any(Mods::CTRL | Mods::ALT) => " ".to_owned(),
            _ => String::new(),
        };
        Self { key, unshifted: key, physical: key, mods, text, press: Press::Press }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_named_key_has_its_own_number_and_name() {
        for key in NamedKey::ALL {
            assert_eq!(NamedKey::from_u16(*key as u16), Some(*key));
            assert_eq!(NamedKey::ALL.iter().filter(|k| k.name() == key.name()).count(), 1);
        }
    }

    #[test]
    fn keys_of_the_keypad_know_what_they_stand_for() {
        assert_eq!((NamedKey::KpHome.off_keypad(), NamedKey::F1.off_keypad()), (NamedKey::Home, NamedKey::F1));
        assert_eq!((NamedKey::Kp7.keypad_char(), NamedKey::KpSeparator.keypad_char()), (Some('7'), Some(',')));
        assert_eq!((NamedKey::KpEnter.keypad_char(), NamedKey::Home.keypad_char()), (None, None));
    }
}
