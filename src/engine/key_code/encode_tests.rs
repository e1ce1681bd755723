//! Who wins where a program asked for several ways.

use super::*;
use crate::model::key::NamedKey;

fn told(event: &KeyEvent, modes: Modes) -> String {
    String::from_utf8(encode(event, modes)).unwrap().replace('\x1b', "^[")
}

#[test]
fn the_kitty_protocol_goes_before_other_keys_and_those_before_what_is_usual() {
    let event = KeyEvent::press(Key::Named(NamedKey::Enter), Mods::SHIFT);
    assert_eq!(told(&event, Modes::NONE), "^[\r");
    assert_eq!(told(&event, Modes::OTHER_KEYS), "^[[27;2;13~");
    assert_eq!(told(&event, Modes::OTHER_KEYS | Modes::KEY_CODES), "^[[13;2u");
    // Flags that only add to codes ask for none.
    assert_eq!(told(&event, Modes::ALL_OTHER_KEYS | Modes::KEY_ALTERNATES | Modes::KEY_TEXT), "^[[27;2;13~");
}

#[test]
fn a_release_is_told_only_where_it_was_asked_for() {
    let mut event = KeyEvent::press(Key::Named(NamedKey::Up), Mods::NONE);
    event.press = Press::Release;
    for modes in [Modes::NONE, Modes::ALL_OTHER_KEYS, Modes::KEY_CODES, Modes::ALL_KEY_CODES] {
        assert_eq!(told(&event, modes), "");
    }
    assert_eq!(told(&event, Modes::KEY_EVENTS), "^[[1;1:3A");
    event.press = Press::Repeat;
    assert_eq!(told(&event, Modes::NONE), "^[[A", "a repeat is a press");
}

#[test]
fn the_release_of_a_composition_is_nothing() {
    let mut event = KeyEvent { text: "é".into(), ..KeyEvent::press(Key::Unknown, Mods::NONE) };
    assert_eq!(told(&event, Modes::KEY_EVENTS), "é");
    event.press = Press::Release;
    assert_eq!(told(&event, Modes::KEY_EVENTS), "");
}

#[test]
fn a_space_that_nobody_typed_is_text() {
    let space = |mods| KeyEvent::press(Key::Named(NamedKey::Space), mods);
    assert_eq!(
        (told(&space(Mods::NONE), Modes::NONE), told(&space(Mods::NONE), Modes::KEY_CODES)),
        (" ".into(), " ".into())
    );
    assert_eq!(told(&space(Mods::CTRL), Modes::KEY_CODES), "^[[32;5u");
}
