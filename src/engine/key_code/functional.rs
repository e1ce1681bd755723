//! The numbers that the kitty protocol gives to keys without text ("Functional key definitions").

use crate::model::key::NamedKey;

/// A key as the protocol writes it: `CSI number ... last`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    pub number: u32,
    pub last: char,
}

fn u(number: u32) -> Code {
    Code { number, last: 'u' }
}

fn tilde(number: u32) -> Code {
    Code { number, last: '~' }
}

fn letter(last: char) -> Code {
    Code { number: 1, last }
}

/// The key's code. Space is a text key, and has the number of its character.
pub fn code(named: NamedKey) -> Code {
    use NamedKey::*;
    match named {
        Escape => u(27),
        Enter => u(13),
        Tab => u(9),
        Backspace => u(127),
        Space => u(32),
        Insert => tilde(2),
        Delete => tilde(3),
        Left => letter('D'),
        Right => letter('C'),
        Up => letter('A'),
        Down => letter('B'),
        PageUp => tilde(5),
        PageDown => tilde(6),
        Home => letter('H'),
        End => letter('F'),
        F1 => letter('P'),
        F2 => letter('Q'),
        // `CSI R` is the answer that tells where the cursor is.
        F3 => tilde(13),
        F4 => letter('S'),
        F5 => tilde(15),
        F6 => tilde(17),
        F7 => tilde(18),
        F8 => tilde(19),
        F9 => tilde(20),
        F10 => tilde(21),
        F11 => tilde(23),
        F12 => tilde(24),
        KpBegin => letter('E'),
        other => u(private(other)),
    }
}

/// The protocol's table of numbers in Unicode's private use area: a first number, and the keys from there on.
const LOCKS: (u32, [NamedKey; 6]) = {
    use NamedKey::*;
    (57358, [CapsLock, ScrollLock, NumLock, PrintScreen, Pause, Menu])
};
const OTHERS: (u32, [NamedKey; 79]) = {
    use NamedKey::*;
    (
        57376,
        [
            F13,
            F14,
            F15,
            F16,
            F17,
            F18,
            F19,
            F20,
            F21,
            F22,
            F23,
            F24,
            F25,
            F26,
            F27,
            F28,
            F29,
            F30,
            F31,
            F32,
            F33,
            F34,
            F35,
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
            KpEnter,
            KpEqual,
            KpSeparator,
            KpLeft,
            KpRight,
            KpUp,
            KpDown,
            KpPageUp,
            KpPageDown,
            KpHome,
            KpEnd,
            KpInsert,
            KpDelete,
            KpBegin,
            MediaPlay,
            MediaPause,
            MediaPlayPause,
            MediaReverse,
            MediaStop,
            MediaFastForward,
            MediaRewind,
            MediaNext,
            MediaPrevious,
            MediaRecord,
            VolumeDown,
            VolumeUp,
            Mute,
            Shift,
            Control,
            Alt,
            Super,
            Hyper,
            Meta,
            RightShift,
            RightControl,
            RightAlt,
            RightSuper,
            RightHyper,
            RightMeta,
            AltGr,
            Level5,
        ],
    )
};

fn private(named: NamedKey) -> u32 {
    let place = |first: u32, keys: &[NamedKey]| keys.iter().position(|key| *key == named).map(|at| first + at as u32);
    place(LOCKS.0, &LOCKS.1).or_else(|| place(OTHERS.0, &OTHERS.1)).unwrap_or_default()
}
