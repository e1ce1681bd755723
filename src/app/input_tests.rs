//! What winit's events come to.

use super::*;
use winit::keyboard::SmolStr;

fn chars(text: &str) -> Logical {
    Logical::Character(SmolStr::new(text))
}

fn event(logical: Logical, plain: Logical, code: KeyCode, text: &str, mods: Mods) -> Option<KeyEvent> {
    let code = PhysicalKey::Code(code);
    let at = if matches!(code, PhysicalKey::Code(KeyCode::Numpad7 | KeyCode::NumpadAdd | KeyCode::NumpadEnter)) {
        KeyLocation::Numpad
    } else {
        KeyLocation::Standard
    };
    translate(&Raw { logical: &logical, plain: &plain, code, at, text, press: Press::Press }, mods)
}

#[test]
fn keys_say_what_they_mean_and_where_they_lie() {
    let cyrillic = event(chars("Е"), chars("е"), KeyCode::KeyT, "Е", Mods::SHIFT).unwrap();
    assert_eq!((cyrillic.key, cyrillic.unshifted), (Key::Char('Е'), Key::Char('е')));
    assert_eq!((cyrillic.physical, cyrillic.text.as_str()), (Key::Char('t'), "Е"));
    let ctrl_c = event(chars("c"), chars("c"), KeyCode::KeyC, "c", Mods::CTRL).unwrap();
    assert_eq!((ctrl_c.key, ctrl_c.text.as_str()), (Key::Char('c'), ""));
    // AltGr+q on a German layout: a character, not a chord.
    let at = event(chars("@"), chars("q"), KeyCode::KeyQ, "@", Mods::NONE).unwrap();
    assert_eq!((at.text.as_str(), at.mods), ("@", Mods::NONE));
}

#[test]
fn keypad_keys_are_their_own_keys_only_while_they_type() {
    let of = |logical, code, text| event(logical, Logical::Named(WinitNamed::Home), code, text, Mods::NONE).unwrap();
    let seven = of(chars("7"), KeyCode::Numpad7, "7");
    assert_eq!((seven.key, seven.text.as_str()), (Key::Named(NamedKey::Kp7), "7"));
    let home = of(Logical::Named(WinitNamed::Home), KeyCode::Numpad7, "");
    assert_eq!(home.key, Key::Named(NamedKey::KpHome));
    assert_eq!(of(chars("+"), KeyCode::NumpadAdd, "+").key, Key::Named(NamedKey::KpAdd));
    let enter = of(Logical::Named(WinitNamed::Enter), KeyCode::NumpadEnter, "\r");
    assert_eq!((enter.key, enter.text.as_str()), (Key::Named(NamedKey::KpEnter), ""));
}

/// What is held is known by it: Shift may be let go before the key.
#[test]
fn a_key_has_one_place_whatever_is_held_with_it() {
    let home = || Logical::Named(WinitNamed::Home);
    for (plain, shifted, code) in [
        (chars("<"), chars(">"), KeyCode::IntlBackslash),
        (chars("z"), chars("Z"), KeyCode::KeyY),
        (home(), chars("7"), KeyCode::Numpad7),
    ] {
        let up = event(plain.clone(), plain.clone(), code, "", Mods::NONE).unwrap();
        let down = event(shifted, plain, code, "", Mods::SHIFT).unwrap();
        assert_eq!(down.physical, up.physical);
        assert_eq!(down.unshifted, up.key);
    }
}

#[test]
fn a_dead_key_says_nothing_by_itself_and_its_composition_is_text() {
    let dead = Logical::Dead(Some('´'));
    assert_eq!(event(dead.clone(), chars("´"), KeyCode::Equal, "", Mods::NONE), None);
    let composed = event(chars("é"), chars("e"), KeyCode::KeyE, "é", Mods::NONE).unwrap();
    assert_eq!((composed.key, composed.text.as_str()), (Key::Char('é'), "é"));
}

#[test]
fn the_wheel_turns_rows() {
    let cell = PxSize { w: 8, h: 16 };
    assert_eq!(wheel(MouseScrollDelta::LineDelta(0.0, 1.0), cell), (0.0, -3.0));
    // X11's button 6, to the left.
    assert_eq!(wheel(MouseScrollDelta::LineDelta(1.0, 0.0), cell), (-3.0, 0.0));
    let px = winit::dpi::PhysicalPosition::new(4.0, -8.0);
    assert_eq!(wheel(MouseScrollDelta::PixelDelta(px), cell), (-0.5, 0.5));
}

/// A key of a US layout as it comes while a keyboard is in some state.
fn take(keyboard: &mut Keyboard, logical: Logical, plain: &str, code: KeyCode, press: Press) -> KeyEvent {
    let numpad = matches!(code, KeyCode::Numpad7);
    let at = match code {
        KeyCode::ControlLeft => KeyLocation::Left,
        KeyCode::ControlRight => KeyLocation::Right,
        _ if numpad => KeyLocation::Numpad,
        _ => KeyLocation::Standard,
    };
    let plain = if plain.is_empty() { logical.clone() } else { chars(plain) };
    let raw = Raw { logical: &logical, plain: &plain, code: PhysicalKey::Code(code), at, text: "", press };
    keyboard.take(&raw).unwrap()
}

#[test]
fn a_modifiers_own_event_counts_itself_until_the_last_of_the_two_is_up() {
    let mut keyboard = Keyboard::default();
    let control = || Logical::Named(WinitNamed::Control);
    let left = take(&mut keyboard, control(), "", KeyCode::ControlLeft, Press::Press);
    assert_eq!((left.key, left.mods), (Key::Named(NamedKey::Control), Mods::CTRL));
    keyboard.changed(ModifiersState::CONTROL);
    let right = take(&mut keyboard, control(), "", KeyCode::ControlRight, Press::Press);
    assert_eq!((right.key, right.mods), (Key::Named(NamedKey::RightControl), Mods::CTRL));
    assert_eq!(take(&mut keyboard, control(), "", KeyCode::ControlLeft, Press::Release).mods, Mods::CTRL);
    assert_eq!(take(&mut keyboard, control(), "", KeyCode::ControlRight, Press::Release).mods, Mods::NONE);
}

#[test]
fn keys_tell_of_the_locks() {
    let mut keyboard = Keyboard::default();
    let mut mods = |logical, plain, code, state| {
        keyboard.changed(state);
        take(&mut keyboard, logical, plain, code, Press::Press).mods
    };
    let none = ModifiersState::empty();
    assert_eq!(mods(Logical::Named(WinitNamed::CapsLock), "", KeyCode::CapsLock, none), Mods::NONE, "nothing is known");
    assert_eq!(mods(chars("A"), "a", KeyCode::KeyA, none), Mods::CAPS_LOCK);
    assert_eq!(mods(chars("a"), "a", KeyCode::KeyA, ModifiersState::SHIFT), Mods::SHIFT | Mods::CAPS_LOCK);
    assert_eq!(mods(chars("!"), "1", KeyCode::Digit1, ModifiersState::SHIFT), Mods::SHIFT | Mods::CAPS_LOCK);
    assert_eq!(mods(Logical::Named(WinitNamed::CapsLock), "", KeyCode::CapsLock, none), Mods::NONE);
    assert_eq!(mods(chars("A"), "a", KeyCode::KeyA, ModifiersState::SHIFT), Mods::SHIFT);
    assert_eq!(mods(chars("7"), "7", KeyCode::Numpad7, none), Mods::NUM_LOCK);
    assert_eq!(mods(Logical::Named(WinitNamed::Home), "", KeyCode::Numpad7, none), Mods::NONE);
    keyboard.caps = Some(true);
    keyboard.let_go();
    assert_eq!(keyboard.mods(), Mods::NONE, "they may have been toggled elsewhere");
}
