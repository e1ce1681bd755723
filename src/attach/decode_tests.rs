//! What terminals are known to send, and the keys it means.

use super::*;
use crate::attach::machine::Machine;

fn inputs(bytes: &str) -> Vec<Input> {
    let (mut machine, mut tokens) = (Machine::default(), Vec::new());
    machine.feed(bytes.as_bytes(), &mut tokens);
    machine.settle(&mut tokens);
    tokens.into_iter().filter_map(decode).collect()
}

fn event(bytes: &str) -> KeyEvent {
    match inputs(bytes).as_slice() {
        [Input::Key(event)] => event.clone(),
        other => panic!("{bytes:?}: {other:?}"),
    }
}

#[test]
fn legacy_keys_are_the_chords_that_made_them() {
    let chords = [
        ("a", "a"),
        ("A", "shift+a"),
        ("\x01", "ctrl+a"),
        ("\x1ba", "alt+a"),
        ("\x1b\x01", "ctrl+alt+a"),
        ("\r", "enter"),
        ("\n", "ctrl+j"),
        ("\t", "tab"),
        ("\x1b[Z", "shift+tab"),
        ("\x7f", "backspace"),
        ("\x1b\x7f", "alt+backspace"),
        ("\x08", "ctrl+h"),
        ("\x1b", "escape"),
        (" ", "space"),
        ("\0", "ctrl+space"),
        ("\x1c", "ctrl+\\"),
        ("\x1f", "ctrl+_"),
        ("\x1b[A", "up"),
        ("\x1bOA", "up"),
        ("\x1b[1;5C", "ctrl+right"),
        ("\x1b[1;2H", "shift+home"),
        ("\x1b[5;2~", "shift+pageup"),
        ("\x1b[3~", "delete"),
        ("\x1bOP", "f1"),
        ("\x1b[1;3S", "alt+f4"),
        ("\x1b[13~", "f3"),
        ("\x1b[24;6~", "ctrl+shift+f12"),
        ("\x1b[[E", "f5"),
        ("\x1b[7$", "shift+home"),
        ("\x1b[5^", "ctrl+pageup"),
        ("\x1b[a", "shift+up"),
        ("\x1bOd", "ctrl+left"),
        ("\x1bOq", "kp1"),
        ("\x1b[27;5;13~", "ctrl+enter"),
        ("\x1b[27;6;65~", "ctrl+shift+a"),
    ];
    for (bytes, chord) in chords {
        assert_eq!(event(bytes).chord(), chord.parse().unwrap(), "{bytes:?}");
    }
}

#[test]
fn text_is_what_was_typed() {
    for text in ["a", "A", "ß", "漢", "🚀", " ", "!"] {
        assert_eq!(event(text).text, text);
    }
    for bytes in ["\x01", "\x1ba", "\r", "\x1b[A", "\x1b "] {
        assert_eq!(event(bytes).text, "", "{bytes:?}");
    }
}

#[test]
fn the_kitty_protocol_is_read_whole() {
    let e = event("\x1b[97:65:113;6:2;65u");
    assert_eq!((e.key, e.unshifted, e.physical), (Key::Char('A'), Key::Char('a'), Key::Char('q')));
    assert_eq!((e.mods, e.press, e.text.as_str()), (Mods::CTRL | Mods::SHIFT, Press::Repeat, "A"));
    let e = event("\x1b[49:33;2;33u");
    assert_eq!((e.key, e.unshifted, e.text.as_str()), (Key::Char('!'), Key::Char('1'), "!"));
    let e = event("\x1b[1089::99;5u");
    assert_eq!((e.key, e.physical, e.text.as_str()), (Key::Char('с'), Key::Char('c'), ""));
    let e = event("\x1b[97;1:3u");
    assert_eq!((e.press, e.text.as_str()), (Press::Release, ""));
    let e = event("\x1b[97;65u");
    assert_eq!((e.mods, e.text.as_str()), (Mods::CAPS_LOCK, "a"));
    let e = event("\x1b[0;;233u");
    assert_eq!((e.key, e.unshifted, e.physical, e.text.as_str()), (Key::Unknown, Key::Unknown, Key::Unknown, "é"));
    let e = event("\x1b[57400;129;49u");
    assert_eq!((e.key, e.text.as_str()), (Key::Named(NamedKey::Kp1), "1"));
    for (bytes, chord) in [
        ("\x1b[27u", "escape"),
        ("\x1b[13;2u", "shift+enter"),
        ("\x1b[9;5u", "ctrl+tab"),
        ("\x1b[32;5u", "ctrl+space"),
        ("\x1b[1;1:3A", "up"),
        ("\x1b[57376u", "f13"),
        ("\x1b[57414;5u", "ctrl+kpenter"),
        ("\x1b[92;5u", "ctrl+\\"),
        ("\x1b[57441;2u", "shift+shift"),
    ] {
        assert_eq!(event(bytes).chord(), chord.parse().unwrap(), "{bytes:?}");
    }
    assert_eq!(inputs("\x1b[?0u\x1b[?62;22c"), [Input::KnowsKeys, Input::Attributes]);
}

#[test]
fn mouse_reports_tell_button_modifiers_and_cell() {
    let at = |kind, button, mods, col, line| Input::Mouse(MouseEvent { kind, button, mods, col, line, px: 0, py: 0 });
    let (press, release, motion) = (MouseKind::Press, MouseKind::Release, MouseKind::Motion);
    let reports = [
        ("\x1b[<0;1;1M", at(press, MouseButton::Left, Mods::NONE, 0, 0)),
        ("\x1b[<2;300;40m", at(release, MouseButton::Right, Mods::NONE, 299, 39)),
        ("\x1b[<34;5;6M", at(motion, MouseButton::Right, Mods::NONE, 4, 5)),
        ("\x1b[<35;5;6M", at(motion, MouseButton::None, Mods::NONE, 4, 5)),
        ("\x1b[<81;5;6M", at(press, MouseButton::WheelDown, Mods::CTRL, 4, 5)),
        ("\x1b[<132;5;6M", at(press, MouseButton::Back, Mods::SHIFT, 4, 5)),
        ("\x1b[M #$", at(press, MouseButton::Left, Mods::NONE, 2, 3)),
        ("\x1b[M##$", at(release, MouseButton::None, Mods::NONE, 2, 3)),
    ];
    for (bytes, report) in reports {
        assert_eq!(inputs(bytes), [report], "{bytes:?}");
    }
}

#[test]
fn pastes_and_focus_are_no_keys() {
    assert_eq!(inputs("\x1b[200~a\x1c\n\x1b[201~"), [Input::Paste("a\x1c\n".into())]);
    assert_eq!(inputs("\x1b[I\x1b[O"), [Input::Focus(true), Input::Focus(false)]);
}

#[test]
fn hostile_numbers_are_no_keys_and_harm_nothing() {
    for bytes in
        ["\x1b[4294967295u", "\x1b[1114112u", "\x1b[55296u", "\x1b[99999999999u", "\x1b[<9999;1;1M", "\x1b[3;3;3~x"]
    {
        let _ = inputs(bytes);
    }
    assert_eq!(inputs("\x1b[7u"), [], "a control character has no code");
}
