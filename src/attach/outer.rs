//! What the outer terminal is set to, beside what it shows: its modes, its title, its clipboard. All of it from a fixed
//! list of sequences, and all of it taken back at the end.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::base::harmless;
use crate::model::Modes;

/// The longest title that is handed on, in characters.
const MAX_TITLE: usize = 256;

/// Its title is put aside; a screen of our own, blank, that does not wrap lines by itself; pastes come in brackets,
/// whatever the program asked: so they come as one, and the host decides. Then two questions: whether it knows the kitty
/// keyboard protocol, and DA1, which every terminal answers, so that it is known when there is no answer to the first.
pub(super) const ENTER: &[u8] = b"\x1b[22;2t\x1b[?1049h\x1b[H\x1b[2J\x1b[?7l\x1b[?2004h\x1b[?u\x1b[c";
/// DA1 once more: what comes before its answer was on its way before the modes were taken back.
pub(super) const FENCE: &[u8] = b"\x1b[c";

/// Flags of the kitty protocol that are always asked for: 1, keys that are no text are unambiguous, and 4, with the key
/// of the US layout. The host writes what the program understands.
const KEY_FLAGS: u8 = 1 | 4;

/// The modes that follow the session's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Outer {
    /// It answered that it knows the kitty keyboard protocol.
    pub knows_keys: bool,
    /// The kitty flags in force.
    key_flags: Option<u8>,
    /// modifyOtherKeys at level 2.
    other_keys: bool,
    /// 1000, 1002 or 1003; 0 for none.
    mouse: u16,
    focus: bool,
    keypad: bool,
}

impl Outer {
    /// The bytes that set the outer terminal to what these modes of the session ask for.
    pub fn follow(&mut self, modes: Modes) -> Vec<u8> {
        let now = self.wanted(modes);
        let was = std::mem::replace(self, now);
        let mut out = String::new();
        if let (Some(flags), true) = (now.key_flags, now.key_flags != was.key_flags) {
            // One entry of the terminal's stack is ours; it is changed in its place.
            out += &if was.key_flags.is_none() { format!("\x1b[>{flags}u") } else { format!("\x1b[={flags};1u") };
        }
        if now.other_keys != was.other_keys {
            out += if now.other_keys { "\x1b[>4;2m" } else { "\x1b[>4m" };
        }
        if now.mouse != was.mouse {
            if was.mouse != 0 {
                out += &format!("\x1b[?{}l", was.mouse);
            }
            if now.mouse != 0 {
                out += &format!("\x1b[?{}h\x1b[?1006h", now.mouse);
            }
        }
        if now.focus != was.focus {
            out += if now.focus { "\x1b[?1004h" } else { "\x1b[?1004l" };
        }
        if now.keypad != was.keypad {
            out += if now.keypad { "\x1b=" } else { "\x1b>" };
        }
        out.into_bytes()
    }

    fn wanted(&self, modes: Modes) -> Self {
        let mouse = [
            (Modes::MOUSE_MOTION, 1003),
            (Modes::MOUSE_DRAG, 1002),
            (Modes::MOUSE_CLICK, 1000),
            (Modes::MOUSE_X10, 1000),
        ];
        Self {
            knows_keys: self.knows_keys,
            key_flags: self.knows_keys.then(|| key_flags(modes)),
            other_keys: !self.knows_keys && wants_key_codes(modes),
            mouse: mouse.into_iter().find(|(mode, _)| modes.has(*mode)).map_or(0, |(_, number)| number),
            focus: modes.has(Modes::FOCUS_EVENTS),
            keypad: modes.has(Modes::APP_KEYPAD),
        }
    }

    /// Takes everything back, [`ENTER`] included. What was never set is reset all the same where that harms nothing.
    pub fn farewell(&self) -> Vec<u8> {
        let mut out = String::new();
        if self.key_flags.is_some() {
            out += "\x1b[<u";
        }
        if self.other_keys {
            out += "\x1b[>4m";
        }
        out += "\x1b[?1003l\x1b[?1002l\x1b[?1000l\x1b[?1006l\x1b[?1004l\x1b[?2004l\x1b>";
        // A picture that was cut in the middle must not stay held.
        out += "\x1b[?2026l\x1b[0m\x1b[0 q\x1b[?7h\x1b[?25h\x1b[2J\x1b[?1049l\x1b[23;2t";
        out.into_bytes()
    }
}

/// What has to be told so that the host can write what the program asked for.
pub(super) fn key_flags(modes: Modes) -> u8 {
    let flags = KEY_FLAGS | modes.key_flags();
    // Where keys of text are codes too, only their text says what they type. modifyOtherKeys tells of Shift+Space.
    if modes.any(Modes::ALL_KEY_CODES | Modes::ALL_OTHER_KEYS) { flags | 8 | 16 } else { flags }
}

fn wants_key_codes(modes: Modes) -> bool {
    modes.any(Modes::OTHER_KEYS | Modes::ALL_OTHER_KEYS) || modes.key_flags() != 0
}

/// Sets the title (OSC 2). What a program chose reaches the terminal without what a terminal would obey.
pub(super) fn title(text: &str) -> Vec<u8> {
    let text: String = text.chars().take(MAX_TITLE).collect();
    format!("\x1b]2;{}\x1b\\", harmless(&text)).into_bytes()
}

/// Puts a text into the clipboard (OSC 52).
pub(super) fn clipboard(text: &str) -> Vec<u8> {
    format!("\x1b]52;c;{}\x1b\\", STANDARD.encode(text)).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap().replace('\x1b', "^")
    }

    #[test]
    fn modes_are_set_when_they_change_and_only_then() {
        let mut outer = Outer::default();
        assert_eq!(text(outer.follow(Modes::NONE)), "");
        let all = Modes::MOUSE_DRAG | Modes::FOCUS_EVENTS | Modes::APP_KEYPAD;
        assert_eq!(text(outer.follow(all)), "^[?1002h^[?1006h^[?1004h^=");
        assert_eq!(text(outer.follow(all)), "");
        assert_eq!(text(outer.follow(Modes::MOUSE_MOTION)), "^[?1002l^[?1003h^[?1006h^[?1004l^>");
        assert_eq!(text(outer.follow(Modes::NONE)), "^[?1003l");
    }

    #[test]
    fn the_kitty_protocol_is_asked_for_where_it_is_known_and_taken_back_once() {
        let mut outer = Outer::default();
        assert!(!text(outer.farewell()).contains("^[<u"));
        outer.knows_keys = true;
        assert_eq!(text(outer.follow(Modes::NONE)), "^[>5u");
        assert_eq!(text(outer.follow(Modes::NONE)), "");
        assert!(text(outer.farewell()).starts_with("^[<u"));
        let mut modes = Modes::NONE;
        modes.set_key_flags(2 | 8);
        assert_eq!(text(outer.follow(modes)), "^[=31;1u", "with their text, or nobody knows what keys type");
        assert_eq!(text(outer.follow(Modes::NONE)), "^[=5;1u");
    }

    #[test]
    fn a_terminal_without_it_gets_the_older_way_while_a_program_asks() {
        let mut outer = Outer::default();
        assert_eq!(text(outer.follow(Modes::ALL_OTHER_KEYS)), "^[>4;2m");
        assert!(text(outer.farewell()).starts_with("^[>4m"));
        assert_eq!(text(outer.follow(Modes::NONE)), "^[>4m");
        assert_eq!(text(outer.follow(Modes::KEY_CODES)), "^[>4;2m");
    }

    #[test]
    fn titles_and_clipboards_carry_nothing_that_a_terminal_obeys() {
        assert_eq!(text(title("a\u{1b}]0;x\u{7}\u{9c}b\n")), "^]2;a\u{fffd}]0;x\u{fffd}\u{fffd}b\u{fffd}^\\");
        assert_eq!(text(title(&"x".repeat(1000))).len(), MAX_TITLE + 6);
        assert_eq!(text(clipboard("a\u{1b}\u{7}ß")), "^]52;c;YRsHw58=^\\");
    }
}
