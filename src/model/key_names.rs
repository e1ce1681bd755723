//! Keys by the names that scripts give them: chords as keymaps write them (`ctrl+c`, `alt+shift+left`), tmux's names
//! (`C-c`, `M-Left`, `BSpace`, `NPage`, `^D`), and single characters as they are.

use std::fmt;

use super::chord::{BadChord, Chord};
use super::key::{Key, KeyEvent, Mods, NamedKey};

/// The text names no key; says what would.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadKeyName(pub String);

impl fmt::Display for BadKeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "a key such as ctrl+c, C-c, enter, F5, alt+shift+left, M-x or a single character, not {:?}",
            self.0.chars().take(32).collect::<String>()
        )
    }
}

impl std::error::Error for BadKeyName {}

/// Other names of keys, in small letters.
const ALIASES: &[(&str, &str)] = &[
    ("esc", "escape"),
    ("return", "enter"),
    ("cr", "enter"),
    ("bspace", "backspace"),
    ("bs", "backspace"),
    ("dc", "delete"),
    ("del", "delete"),
    ("ic", "insert"),
    ("ins", "insert"),
    ("ppage", "pageup"),
    ("pgup", "pageup"),
    ("npage", "pagedown"),
    ("pgdn", "pagedown"),
    ("pgdown", "pagedown"),
    ("kp/", "kpdivide"),
    ("kp*", "kpmultiply"),
    ("kp-", "kpsubtract"),
    ("kp.", "kpdecimal"),
];

/// tmux's modifiers; they stand before the key, in any order.
const PREFIXES: &[(&str, Mods)] = &[("C-", Mods::CTRL), ("M-", Mods::ALT), ("S-", Mods::SHIFT)];

/// The press of a key.
///
/// # Errors
/// The text names no key, or one that is a modifier by itself.
pub fn parse(text: &str) -> Result<KeyEvent, BadKeyName> {
    let bad = || BadKeyName(text.to_owned());
    let (mut mods, mut rest) = (Mods::NONE, text);
    while let Some((prefix, bit)) = PREFIXES.iter().find(|(prefix, _)| rest.len() > 2 && rest.starts_with(prefix)) {
        (mods, rest) = (mods | *bit, &rest[prefix.len()..]);
    }
    if let Some(c) = rest.strip_prefix('^').filter(|c| !c.is_empty()) {
        (mods, rest) = (mods | Mods::CTRL, c);
    }
    if let Some(c) = single(rest) {
        return if c.is_control() { Err(bad()) } else { Ok(character(c, mods)) };
    }
    if rest.eq_ignore_ascii_case("btab") {
        return Ok(KeyEvent::press(Key::Named(NamedKey::Tab), mods | Mods::SHIFT));
    }
    // Only the last part is a key; a keypad's plus is no sign between parts.
    let (before, last) = match rest.rsplit_once('+') {
        _ if rest.eq_ignore_ascii_case("kp+") => ("", "kpadd"),
        Some((before, last)) => (before, last),
        None => ("", rest),
    };
    let small = last.to_lowercase();
    let last = ALIASES.iter().find(|(alias, _)| *alias == small).map_or(last, |(_, name)| name);
    let chord = if before.is_empty() && !rest.starts_with('+') { last.to_owned() } else { format!("{before}+{last}") };
    let chord: Chord = chord.parse().map_err(|BadChord(_)| bad())?;
    mods |= chord.mods;
    match chord.key {
        // The chord knows letters by their small form only.
        Key::Char(c) => Ok(character(single(last).unwrap_or(c), mods)),
        Key::Named(named) if named.is_modifier() => Err(bad()),
        Key::Named(named) => {
            let mut event = KeyEvent::press(Key::Named(named), mods);
            if let Some(c) = named.keypad_char() {
                event.text = c.to_string();
            }
            Ok(event)
        }
        Key::Unknown => Err(bad()),
    }
}

fn single(text: &str) -> Option<char> {
    let mut chars = text.chars();
    chars.next().filter(|_| chars.next().is_none())
}

/// A key that types a character. Which key has it depends on the layout, and only of letters is it known what they are
/// without Shift.
fn character(c: char, mods: Mods) -> KeyEvent {
    if c == ' ' {
        return KeyEvent::press(Key::Named(NamedKey::Space), mods);
    }
    let small = small(c).filter(|_| c.is_alphabetic()).unwrap_or(c);
    let shifted = if mods.has(Mods::SHIFT) { large(c).unwrap_or(c) } else { c };
    // Ctrl+C is the control character however the letter is written.
    let (key, mods) = match shifted == small {
        true => (shifted, mods),
        false if mods.has(Mods::CTRL) && !mods.has(Mods::SHIFT) => (small, mods),
        false => (shifted, mods | Mods::SHIFT),
    };
    KeyEvent { unshifted: Key::Char(small), physical: Key::Char(small), ..KeyEvent::press(Key::Char(key), mods) }
}

fn small(c: char) -> Option<char> {
    single(&c.to_lowercase().to_string())
}

fn large(c: char) -> Option<char> {
    single(&c.to_uppercase().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(key: NamedKey, mods: Mods) -> (Key, Mods, String) {
        (Key::Named(key), mods, String::new())
    }

    fn char(c: char, mods: Mods, text: &str) -> (Key, Mods, String) {
        (Key::Char(c), mods, text.to_owned())
    }

    #[test]
    fn both_ways_of_writing_mean_the_same_key() {
        use NamedKey::*;
        let ctrl_alt = Mods::CTRL | Mods::ALT;
        for (names, key) in [
            (&["ctrl+c", "C-c", "Ctrl+C", "C-C", "^c", "^C"][..], char('c', Mods::CTRL, "")),
            (&["alt+x", "M-x"], char('x', Mods::ALT, "")),
            (&["M-X", "alt+X", "alt+shift+x", "M-S-x"], char('X', Mods::ALT | Mods::SHIFT, "")),
            (&["ctrl+alt+x", "C-M-x", "M-C-x", "C-alt+x"], char('x', ctrl_alt, "")),
            (&["x"], char('x', Mods::NONE, "x")),
            (&["X", "shift+x", "S-x"], char('X', Mods::SHIFT, "X")),
            (&["ß"], char('ß', Mods::NONE, "ß")),
            (&["+", "plus"], char('+', Mods::NONE, "+")),
            (&["-"], char('-', Mods::NONE, "-")),
            (&["^"], char('^', Mods::NONE, "^")),
            (&["C--"], char('-', Mods::CTRL, "")),
            (&["enter", "Enter", "ENTER", "Return"], named(Enter, Mods::NONE)),
            (&["S-Up", "shift+up"], named(Up, Mods::SHIFT)),
            (&["alt+shift+left", "M-S-Left"], named(Left, Mods::ALT | Mods::SHIFT)),
            (&["space", "Space", " "], (Key::Named(Space), Mods::NONE, " ".into())),
            (&["C-Space", "ctrl+space"], named(Space, Mods::CTRL)),
            (&["BSpace", "backspace"], named(Backspace, Mods::NONE)),
            (&["BTab", "shift+tab", "S-Tab"], named(Tab, Mods::SHIFT)),
            (&["NPage", "PgDn", "PageDown", "pagedown"], named(PageDown, Mods::NONE)),
            (&["PPage", "PgUp", "PageUp"], named(PageUp, Mods::NONE)),
            (&["DC", "Delete", "del"], named(Delete, Mods::NONE)),
            (&["IC", "insert"], named(Insert, Mods::NONE)),
            (&["Escape", "esc"], named(Escape, Mods::NONE)),
            (&["F5", "f5"], named(F5, Mods::NONE)),
            (&["C-F12", "ctrl+f12"], named(F12, Mods::CTRL)),
            (&["KPEnter"], named(KpEnter, Mods::NONE)),
            (&["KP+", "kpadd"], (Key::Named(KpAdd), Mods::NONE, "+".into())),
            (&["KP0"], (Key::Named(Kp0), Mods::NONE, "0".into())),
        ] {
            for name in names {
                let event = parse(name).unwrap_or_else(|e| panic!("{e}"));
                assert_eq!((event.key, event.mods, event.text), key, "{name}");
            }
        }
    }

    #[test]
    fn what_names_no_key_is_refused_by_name() {
        for name in ["", "ctrl+", "C-", "C-M-", "strg+c", "foo", "xy", "ctrl+shift", "Shift", "+x", "\u{1b}", "C-\n"] {
            assert!(parse(name).is_err(), "{name:?}");
        }
        assert!(parse("strg+c").unwrap_err().to_string().ends_with("not \"strg+c\""));
    }
}
