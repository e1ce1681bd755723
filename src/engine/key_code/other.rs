//! xterm's modifyOtherKeys: `CSI 27 ; modifiers ; character ~` for keys that are no function keys. At level 1 for those
//! that have no bytes of their own with their modifiers; at level 2 for all with modifiers, but for what Shift alone makes
//! of digits, of signs and of letters beyond ASCII, which is text.

use super::legacy::{control_of, parameter};
use crate::model::key::{Key, KeyEvent, Mods, NamedKey};
use crate::model::screen::Modes;

/// The sequence of a key, if the modes in force ask for one.
pub fn encode(event: &KeyEvent, modes: Modes) -> Option<Vec<u8>> {
    let mods = event.mods.without_locks();
    let all = modes.has(Modes::ALL_OTHER_KEYS);
    if mods == Mods::NONE || !(all || modes.has(Modes::OTHER_KEYS)) {
        return None;
    }
    let (asked, c) = match event.key {
        Key::Named(named) => of_named(named, mods, all)?,
        // As xterm has it: capital letters and the signs around them count as keys of control characters.
        Key::Char(c) if all => (mods != Mods::SHIFT || ('@'..='\x7f').contains(&c), c),
        Key::Char(c) => (mods.has(Mods::CTRL) && control_of(event).is_none(), c),
        Key::Unknown => return None,
    };
    asked.then(|| format!("\x1b[27;{};{}~", parameter(mods), u32::from(c)).into_bytes())
}

/// Whether a named key is one of the others, and its character.
fn of_named(named: NamedKey, mods: Mods, all: bool) -> Option<(bool, char)> {
    Some(match named {
        NamedKey::Enter => (true, '\r'),
        // Shift+Tab has a sequence of its own.
        NamedKey::Tab => (mods != Mods::SHIFT, '\t'),
        // With Shift or Ctrl alone it is the byte that it always is.
        NamedKey::Escape => (all || mods != Mods::SHIFT && mods != Mods::CTRL, '\x1b'),
        // And Ctrl+Backspace a byte.
        NamedKey::Backspace => (all && mods != Mods::CTRL, '\x7f'),
        NamedKey::Space => (all, ' '),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(key: Key, mods: Mods, level: Modes) -> String {
        let bytes = encode(&KeyEvent::press(key, mods), level).unwrap_or_default();
        String::from_utf8(bytes).unwrap().replace('\x1b', "^[")
    }

    /// After xterm's table of modified keys and its `ModifyOtherKeys`.
    #[test]
    fn each_level_has_its_keys() {
        use NamedKey::{Backspace, Enter, Escape, Space, Tab, Up};
        let (shift, alt, ctrl) = (Mods::SHIFT, Mods::ALT, Mods::CTRL);
        let (c, n) = (Key::Char, Key::Named);
        for (key, mods, one, two) in [
            (c('c'), ctrl, "", "^[[27;5;99~"),
            (c('C'), ctrl | shift, "", "^[[27;6;67~"),
            (c('x'), alt, "", "^[[27;3;120~"),
            (c('X'), shift, "", "^[[27;2;88~"),
            (c('@'), shift, "", "^[[27;2;64~"),
            (c('!'), shift, "", ""),
            (c('Ö'), shift, "", ""),
            (c('ö'), alt, "", "^[[27;3;246~"),
            (c(';'), ctrl, "^[[27;5;59~", "^[[27;5;59~"),
            (c(':'), ctrl | shift, "^[[27;6;58~", "^[[27;6;58~"),
            (c('1'), ctrl, "^[[27;5;49~", "^[[27;5;49~"),
            (c('1'), ctrl | alt, "^[[27;7;49~", "^[[27;7;49~"),
            (c('2'), ctrl, "", "^[[27;5;50~"),
            (c('1'), alt, "", "^[[27;3;49~"),
            (n(Enter), shift, "^[[27;2;13~", "^[[27;2;13~"),
            (n(Enter), ctrl, "^[[27;5;13~", "^[[27;5;13~"),
            (n(Tab), shift, "", ""),
            (n(Tab), ctrl, "^[[27;5;9~", "^[[27;5;9~"),
            (n(Tab), ctrl | shift, "^[[27;6;9~", "^[[27;6;9~"),
            (n(Escape), alt, "^[[27;3;27~", "^[[27;3;27~"),
            (n(Escape), shift, "", "^[[27;2;27~"),
            (n(Escape), ctrl, "", "^[[27;5;27~"),
            (n(Escape), ctrl | shift, "^[[27;6;27~", "^[[27;6;27~"),
            (n(Backspace), ctrl, "", ""),
            (n(Backspace), shift, "", "^[[27;2;127~"),
            (n(Space), ctrl, "", "^[[27;5;32~"),
            (n(Space), shift, "", "^[[27;2;32~"),
            (n(Up), ctrl, "", ""),
        ] {
            assert_eq!(told(key, mods, Modes::OTHER_KEYS), one, "{key:?} {mods:?} at level 1");
            assert_eq!(told(key, mods, Modes::ALL_OTHER_KEYS), two, "{key:?} {mods:?} at level 2");
            assert_eq!(told(key, mods, Modes::NONE), "");
        }
    }

    #[test]
    fn locks_are_no_modifiers() {
        let locks = Mods::CAPS_LOCK | Mods::NUM_LOCK;
        assert_eq!(told(Key::Char('a'), locks, Modes::ALL_OTHER_KEYS), "");
        assert_eq!(told(Key::Char('a'), locks | Mods::CTRL, Modes::ALL_OTHER_KEYS), "^[[27;5;97~");
    }

    #[test]
    fn at_level_one_a_cyrillic_layout_keeps_its_control_characters() {
        let event = KeyEvent { physical: Key::Char('c'), ..KeyEvent::press(Key::Char('с'), Mods::CTRL) };
        assert_eq!(encode(&event, Modes::OTHER_KEYS), None);
    }
}
