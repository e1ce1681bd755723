//! The numbers that the kitty protocol gives to keys without text (its table "Functional key definitions").

use crate::model::key::NamedKey;

/// The key with this number.
pub(super) fn named(number: u32) -> Option<NamedKey> {
    use NamedKey::*;
    const FROM_CAPS: [NamedKey; 6] = [CapsLock, ScrollLock, NumLock, PrintScreen, Pause, Menu];
    const FROM_F13: [NamedKey; 8] = [F13, F14, F15, F16, F17, F18, F19, F20];
    const FROM_KP: [NamedKey; 17] = [
        Kp0, Kp1, Kp2, Kp3, Kp4, Kp5, Kp6, Kp7, Kp8, Kp9, KpDecimal, KpDivide, KpMultiply, KpSubtract, KpAdd, KpEnter,
        KpEqual,
    ];
    let from = |first: u32, keys: &[NamedKey]| keys.get(number.checked_sub(first)? as usize).copied();
    match number {
        9 => Some(Tab),
        13 => Some(Enter),
        27 => Some(Escape),
        32 => Some(Space),
        127 => Some(Backspace),
        57427 => Some(KpBegin),
        57441 => Some(Shift),
        57442 => Some(Control),
        57443 => Some(Alt),
        57444 => Some(Super),
        57453 => Some(AltGr),
        _ => from(57358, &FROM_CAPS).or_else(|| from(57376, &FROM_F13)).or_else(|| from(57399, &FROM_KP)),
    }
}
