//! The encoding for programs that ask for nothing: xterm's (ctlseqs, "PC-Style Function Keys").

use crate::model::key::{Key, KeyEvent, Mods, NamedKey};
use crate::model::screen::Modes;

/// The bytes of a press or a repeat; empty for a modifier by itself and for keys that have no such encoding.
pub fn encode(event: &KeyEvent, modes: Modes) -> Vec<u8> {
    let mods = event.mods.without_locks();
    match event.key {
        Key::Named(named) => encode_named(named, mods, modes, &event.text),
        Key::Char(_) | Key::Unknown => encode_text(event, mods),
    }
}

/// How a function key is written.
enum Form {
    /// `CSI letter`, or `CSI 1 ; mods letter`; in application cursor mode `SS3 letter` without modifiers.
    Cursor(u8),
    /// `SS3 letter`, or `CSI 1 ; mods letter`.
    Pf(u8),
    /// `CSI number ~`, or `CSI number ; mods ~`.
    Tilde(u8),
}

fn form(named: NamedKey) -> Option<Form> {
    use NamedKey::*;
    Some(match named {
        Up => Form::Cursor(b'A'),
        Down => Form::Cursor(b'B'),
        Right => Form::Cursor(b'C'),
        Left => Form::Cursor(b'D'),
        KpBegin => Form::Cursor(b'E'),
        End => Form::Cursor(b'F'),
        Home => Form::Cursor(b'H'),
        F1 => Form::Pf(b'P'),
        F2 => Form::Pf(b'Q'),
        F3 => Form::Pf(b'R'),
        F4 => Form::Pf(b'S'),
        Insert => Form::Tilde(2),
        Delete => Form::Tilde(3),
        PageUp => Form::Tilde(5),
        PageDown => Form::Tilde(6),
        F5 => Form::Tilde(15),
        F6 => Form::Tilde(17),
        F7 => Form::Tilde(18),
        F8 => Form::Tilde(19),
        F9 => Form::Tilde(20),
        F10 => Form::Tilde(21),
        F11 => Form::Tilde(23),
        F12 => Form::Tilde(24),
        F13 => Form::Tilde(25),
        F14 => Form::Tilde(26),
        F15 => Form::Tilde(28),
        F16 | Menu => Form::Tilde(29),
        F17 => Form::Tilde(31),
        F18 => Form::Tilde(32),
        F19 => Form::Tilde(33),
        F20 => Form::Tilde(34),
        _ => return None,
    })
}

/// xterm's modifier parameter: 1, plus 1 for Shift, 2 for Alt, 4 for Ctrl, 8 for Super (as "Meta").
pub fn parameter(mods: Mods) -> u8 {
    1 + (mods.bits() & (Mods::SHIFT | Mods::ALT | Mods::CTRL | Mods::SUPER).bits())
}

fn encode_named(named: NamedKey, mods: Mods, modes: Modes, text: &str) -> Vec<u8> {
    if let Some(form) = form(named.off_keypad()) {
        return encode_form(&form, parameter(mods), modes);
    }
    if let Some(letter) = keypad_letter(named) {
        // With NumLock on a keypad key types its text, whatever the mode: the text says so.
        let types = !text.is_empty() && named != NamedKey::KpEnter;
        if modes.has(Modes::APP_KEYPAD) && !types && mods == Mods::NONE {
            return vec![0x1b, b'O', letter];
        }
        return with_alt(mods, if named == NamedKey::KpEnter { b"\r" } else { text.as_bytes() });
    }
    match named {
        NamedKey::Escape => with_alt(mods, b"\x1b"),
        // Shift+Enter as ESC CR: what agents take for a line break where they know no better protocol.
        NamedKey::Enter if mods.has(Mods::SHIFT) && !mods.has(Mods::CTRL) => b"\x1b\r".to_vec(),
        NamedKey::Enter => with_alt(mods, b"\r"),
        NamedKey::Tab if mods.has(Mods::SHIFT) => with_alt(mods, b"\x1b[Z"),
        NamedKey::Tab => with_alt(mods, b"\t"),
        NamedKey::Backspace if mods.has(Mods::CTRL) => with_alt(mods, b"\x08"),
        NamedKey::Backspace => with_alt(mods, b"\x7f"),
        NamedKey::Space if mods.has(Mods::CTRL) => with_alt(mods, b"\0"),
        NamedKey::Space => with_alt(mods, b" "),
        _ => Vec::new(),
    }
}

fn encode_form(form: &Form, parameter: u8, modes: Modes) -> Vec<u8> {
    let plain = parameter == 1;
    match form {
        Form::Cursor(letter) if plain && modes.has(Modes::APP_CURSOR) => vec![0x1b, b'O', *letter],
        Form::Cursor(letter) if plain => vec![0x1b, b'[', *letter],
        Form::Pf(letter) if plain => vec![0x1b, b'O', *letter],
        Form::Cursor(letter) | Form::Pf(letter) => format!("\x1b[1;{parameter}{}", char::from(*letter)).into_bytes(),
        Form::Tilde(number) if plain => format!("\x1b[{number}~").into_bytes(),
        Form::Tilde(number) => format!("\x1b[{number};{parameter}~").into_bytes(),
    }
}

/// The final byte of a keypad key in application keypad mode (VT220, DECKPAM).
fn keypad_letter(named: NamedKey) -> Option<u8> {
    use NamedKey::*;
    Some(match named {
        Kp0 => b'p',
        Kp1 => b'q',
        Kp2 => b'r',
        Kp3 => b's',
        Kp4 => b't',
        Kp5 => b'u',
        Kp6 => b'v',
        Kp7 => b'w',
        Kp8 => b'x',
        Kp9 => b'y',
        KpMultiply => b'j',
        KpAdd => b'k',
        KpSubtract => b'm',
        KpDecimal => b'n',
        KpDivide => b'o',
        KpEnter => b'M',
        KpEqual => b'X',
        KpSeparator => b'l',
        _ => return None,
    })
}

fn encode_text(event: &KeyEvent, mods: Mods) -> Vec<u8> {
    if let Some(byte) = control_of(event).filter(|_| mods.has(Mods::CTRL)) {
        return with_alt(mods, &[byte]);
    }
    if mods.has(Mods::SUPER) {
        return Vec::new();
    }
    match (event.text.is_empty(), event.key) {
        (false, _) => with_alt(mods, event.text.as_bytes()),
        (true, Key::Char(c)) => with_alt(mods, c.encode_utf8(&mut [0; 4]).as_bytes()),
        (true, _) => Vec::new(),
    }
}

/// The control character that Ctrl makes of an event's key.
pub fn control_of(event: &KeyEvent) -> Option<u8> {
    // Cyrillic and other letters beyond the Latin ones (U+0250 and on) have none of their own: the key's place decides.
    let foreign = matches!(event.key, Key::Char(c) if c.is_alphabetic() && c >= '\u{250}');
    let place = if foreign { event.physical } else { Key::Unknown };
    [event.key, event.unshifted, place].into_iter().find_map(|key| match key {
        Key::Char(c) => control(c),
        _ => None,
    })
}

/// The control character of a character (xterm and the VT220 agree on these).
fn control(c: char) -> Option<u8> {
    Some(match c {
        'a'..='z' => c as u8 - b'a' + 1,
        'A'..='Z' => c as u8 - b'A' + 1,
        ' ' | '@' | '2' | '`' => 0,
        '[' | '3' => 0x1b,
        '\\' | '4' => 0x1c,
        ']' | '5' => 0x1d,
        '^' | '6' | '~' => 0x1e,
        '_' | '7' | '/' | '-' => 0x1f,
        '?' | '8' => 0x7f,
        _ => return None,
    })
}

fn with_alt(mods: Mods, bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + 1);
    if mods.has(Mods::ALT) && !bytes.is_empty() {
        out.push(0x1b);
    }
    out.extend_from_slice(bytes);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(key: NamedKey, mods: Mods, modes: Modes) -> String {
        let bytes = encode(&KeyEvent::press(Key::Named(key), mods), modes);
        String::from_utf8(bytes).unwrap().replace('\x1b', "^[")
    }

    fn ch(c: char, mods: Mods) -> Vec<u8> {
        encode(&KeyEvent::press(Key::Char(c), mods), Modes::NONE)
    }

    #[test]
    fn cursor_keys_follow_the_cursor_mode_unless_modified() {
        use NamedKey::*;
        for (key, letter) in [(Up, 'A'), (Down, 'B'), (Right, 'C'), (Left, 'D'), (End, 'F'), (Home, 'H')] {
            assert_eq!(named(key, Mods::NONE, Modes::NONE), format!("^[[{letter}"));
            assert_eq!(named(key, Mods::NONE, Modes::APP_CURSOR), format!("^[O{letter}"));
            assert_eq!(named(key, Mods::CTRL, Modes::APP_CURSOR), format!("^[[1;5{letter}"));
        }
        let all = Mods::SHIFT | Mods::ALT | Mods::CTRL | Mods::NUM_LOCK;
        assert_eq!(named(Up, all, Modes::NONE), "^[[1;8A");
    }

    #[test]
    fn function_keys_have_xterms_numbers() {
        use NamedKey::*;
        let keys = [F1, F2, F3, F4, F5, F6, F7, F8, F9, F10, F11, F12, F13, F16, F20, Insert, Delete, PageUp, PageDown];
        let plain: Vec<_> = keys.iter().map(|k| named(*k, Mods::NONE, Modes::NONE)).collect();
        assert_eq!(
            plain.join(" ").replace("^[", ""),
            "OP OQ OR OS [15~ [17~ [18~ [19~ [20~ [21~ [23~ [24~ [25~ [29~ [34~ [2~ [3~ [5~ [6~"
        );
        assert_eq!(named(F1, Mods::SHIFT, Modes::NONE), "^[[1;2P");
        assert_eq!(named(F5, Mods::ALT, Modes::NONE), "^[[15;3~");
        assert_eq!(named(Delete, Mods::CTRL, Modes::NONE), "^[[3;5~");
    }

    #[test]
    fn editing_keys() {
        use NamedKey::*;
        for (key, mods, bytes) in [
            (Enter, Mods::NONE, "\r"),
            (Enter, Mods::SHIFT, "^[\r"),
            (Enter, Mods::ALT, "^[\r"),
            (Enter, Mods::CTRL, "\r"),
            (Tab, Mods::NONE, "\t"),
            (Tab, Mods::SHIFT, "^[[Z"),
            (Backspace, Mods::NONE, "\x7f"),
            (Backspace, Mods::CTRL, "\x08"),
            (Backspace, Mods::ALT, "^[\x7f"),
            (Escape, Mods::NONE, "^["),
            (Escape, Mods::ALT, "^[^["),
            (Space, Mods::CTRL, "\0"),
            (Space, Mods::NONE, " "),
            (Shift, Mods::SHIFT, ""),
        ] {
            assert_eq!(named(key, mods, Modes::NONE), bytes, "{key:?} {mods:?}");
        }
    }

    #[test]
    fn control_characters() {
        let table = [
            ('a', 1),
            ('C', 3),
            ('z', 26),
            ('[', 27),
            ('\\', 28),
            (']', 29),
            ('^', 30),
            ('_', 31),
            ('/', 31),
            ('@', 0),
            ('2', 0),
            ('8', 127),
            ('?', 127),
        ];
        for (c, byte) in table {
            assert_eq!(ch(c, Mods::CTRL), [byte], "{c}");
            assert_eq!(ch(c, Mods::CTRL | Mods::ALT), [27, byte], "{c}");
        }
    }

    #[test]
    fn control_on_a_cyrillic_layout_is_found_by_the_keys_place() {
        let mut event = KeyEvent::press(Key::Char('с'), Mods::CTRL);
        event.physical = Key::Char('c');
        assert_eq!(encode(&event, Modes::NONE), [3]);
    }

    #[test]
    fn a_german_letter_has_no_control_character() {
        let mut event = KeyEvent::press(Key::Char('ü'), Mods::CTRL);
        event.physical = Key::Char('[');
        assert_eq!(encode(&event, Modes::NONE), "ü".as_bytes());
        event.mods |= Mods::ALT;
        assert_eq!(encode(&event, Modes::NONE), "\x1bü".as_bytes());
    }

    /// The tables "C0 controls" and "Legacy ctrl mapping of ASCII keys" of the kitty protocol's text, which say what
    /// terminals do by custom. Shift+Enter is the one that is otherwise here.
    #[test]
    fn keys_have_their_customary_bytes() {
        let of = |key, mods| encode(&KeyEvent::press(key, mods), Modes::NONE);
        let (alt, ctrl, shift) = (Mods::ALT, Mods::CTRL, Mods::SHIFT);
        let mods = [Mods::NONE, ctrl, alt, shift, ctrl | shift, alt | shift, ctrl | alt];
        for (key, row) in [
            (NamedKey::Enter, ["\r", "\r", "\x1b\r", "\x1b\r", "\r", "\x1b\r", "\x1b\r"]),
            (NamedKey::Escape, ["\x1b", "\x1b", "\x1b\x1b", "\x1b", "\x1b", "\x1b\x1b", "\x1b\x1b"]),
            (NamedKey::Backspace, ["\x7f", "\x08", "\x1b\x7f", "\x7f", "\x08", "\x1b\x7f", "\x1b\x08"]),
            (NamedKey::Tab, ["\t", "\t", "\x1b\t", "\x1b[Z", "\x1b[Z", "\x1b\x1b[Z", "\x1b\t"]),
            (NamedKey::Space, [" ", "\0", "\x1b ", " ", "\0", "\x1b ", "\x1b\0"]),
        ] {
            for (mods, bytes) in mods.into_iter().zip(row) {
                assert_eq!(of(Key::Named(key), mods), bytes.as_bytes(), "{key:?} {mods:?}");
            }
        }
        let table = [('0', 48), ('1', 49), ('2', 0), ('3', 27), ('4', 28), ('5', 29), ('6', 30), ('7', 31), ('8', 127)];
        let signs =
            [('9', 57), ('/', 31), ('?', 127), ('@', 0), ('[', 27), ('\\', 28), (']', 29), ('^', 30), ('_', 31)];
        let letters = ('a'..='z').zip(1..);
        for (c, byte) in table.into_iter().chain(signs).chain(letters).chain([('~', 30), (';', 59), (',', 44)]) {
            assert_eq!(of(Key::Char(c), ctrl), [byte], "{c}");
            assert_eq!(of(Key::Char(c), ctrl | alt), [27, byte], "{c}");
            assert_eq!(of(Key::Char(c), alt), [27, c as u8], "{c}");
        }
    }

    #[test]
    fn text_is_sent_as_it_is_and_alt_puts_escape_before_it() {
        assert_eq!(ch('ж', Mods::NONE), "ж".as_bytes());
        assert_eq!(ch('x', Mods::ALT), b"\x1bx");
        assert_eq!(ch('l', Mods::SUPER), b"");
        let mut composed = KeyEvent::press(Key::Unknown, Mods::NONE);
        composed.text = "日本".into();
        assert_eq!(encode(&composed, Modes::NONE), "日本".as_bytes());
    }

    #[test]
    fn arrows_of_the_keypad_are_arrows() {
        use NamedKey::*;
        assert_eq!(named(KpUp, Mods::NONE, Modes::APP_CURSOR | Modes::APP_KEYPAD), "^[OA");
        assert_eq!(named(KpHome, Mods::CTRL, Modes::NONE), "^[[1;5H");
        assert_eq!(named(KpDelete, Mods::NONE, Modes::APP_KEYPAD), "^[[3~");
    }

    #[test]
    fn the_keypad_follows_its_mode_unless_num_lock_types() {
        use NamedKey::*;
        assert_eq!(named(Kp5, Mods::NONE, Modes::APP_KEYPAD), "^[Ou");
        assert_eq!(named(KpEnter, Mods::NONE, Modes::APP_KEYPAD), "^[OM");
        assert_eq!(named(KpEnter, Mods::NONE, Modes::NONE), "\r");
        let mut typed = KeyEvent::press(Key::Named(Kp5), Mods::NUM_LOCK);
        typed.text = "5".into();
        assert_eq!(encode(&typed, Modes::APP_KEYPAD), b"5");
    }
}
