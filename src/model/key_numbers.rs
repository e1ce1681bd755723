//! The numbers that the kitty keyboard protocol gives to keys without text ("Functional key definitions"), for those who
//! write keys and those who read them. Not the keys that are written with a letter or `~` at the end.

use super::key::NamedKey;

/// Keys that had a control character as their number before there was a protocol.
const CONTROLS: [(u32, NamedKey); 5] = [
    (9, NamedKey::Tab),
    (13, NamedKey::Enter),
    (27, NamedKey::Escape),
    (32, NamedKey::Space),
    (127, NamedKey::Backspace),
];

/// The rest, in Unicode's private use area: a first number, and the keys from there on.
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

/// The key's number.
pub fn number(named: NamedKey) -> Option<u32> {
    let place = |first: u32, keys: &[NamedKey]| keys.iter().position(|key| *key == named).map(|at| first + at as u32);
    let control = CONTROLS.iter().find(|(_, key)| *key == named).map(|(number, _)| *number);
    control.or_else(|| place(LOCKS.0, &LOCKS.1)).or_else(|| place(OTHERS.0, &OTHERS.1))
}

/// The key with this number.
pub fn named(number: u32) -> Option<NamedKey> {
    let at = |first: u32, keys: &[NamedKey]| keys.get(number.checked_sub(first)? as usize).copied();
    let control = CONTROLS.iter().find(|(n, _)| *n == number).map(|(_, key)| *key);
    control.or_else(|| at(LOCKS.0, &LOCKS.1)).or_else(|| at(OTHERS.0, &OTHERS.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_back() {
        let known: Vec<NamedKey> = NamedKey::ALL.iter().copied().filter(|key| number(*key).is_some()).collect();
        assert!(known.iter().all(|key| number(*key).and_then(named) == Some(*key)));
        assert_eq!(known.len(), 90);
        assert_eq!((named(57364), named(57375), named(57455), named(0)), (None, None, None, None));
    }
}
