//! Which of the ways of writing keys is in force.

use super::{kitty, legacy, other};
use crate::model::key::{Key, KeyEvent, Mods, Press};
use crate::model::screen::Modes;

/// The bytes of a key; empty for what the program did not ask to hear of, and for keys that have no encoding.
pub fn encode(event: &KeyEvent, modes: Modes) -> Vec<u8> {
    if is_composed(event) {
        return if event.press == Press::Release { Vec::new() } else { event.text.as_bytes().to_vec() };
    }
    if modes.any(Modes::KEY_CODES | Modes::KEY_EVENTS | Modes::ALL_KEY_CODES) {
        return kitty::encode(event, modes);
    }
    if event.press == Press::Release {
        return Vec::new();
    }
    other::encode(event, modes).unwrap_or_else(|| legacy::encode(event, modes))
}

/// Text that came without a key, from an input method. It goes as text whatever was asked: programs that ask for codes of
/// all keys take plain text from kitty itself, and some take the protocol's key 0 for a NUL.
fn is_composed(event: &KeyEvent) -> bool {
    !event.text.is_empty() && [event.key, event.unshifted, event.physical] == [Key::Unknown; 3]
}

/// Whether the event types text: keys with Ctrl, Alt and the like do not, AltGr only chooses characters.
pub(super) fn types(event: &KeyEvent) -> bool {
    let silent = Mods::CTRL | Mods::ALT | Mods::SUPER | Mods::HYPER | Mods::META;
    event.press != Press::Release && !event.text.is_empty() && !event.mods.any(silent)
}

#[cfg(test)]
#[path = "encode_tests.rs"]
mod tests;
