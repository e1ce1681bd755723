//! winit's keys and buttons as the model's. What winit does not tell (the locks' state) is left out.

use winit::event::{ElementState, KeyEvent as WinitKey, MouseButton as WinitButton, MouseScrollDelta};
use winit::keyboard::{Key as Logical, KeyCode, KeyLocation, ModifiersState, NamedKey as WinitNamed, PhysicalKey};
use winit::platform::modifier_supplement::KeyEventExtModifierSupplement;

use crate::model::key::{Key, KeyEvent, Mods, NamedKey, Press};
use crate::model::mouse::MouseButton;

/// The modifiers held. AltGr is none of them: it only chooses characters.
pub fn mods(state: ModifiersState) -> Mods {
    let pairs = [
        (ModifiersState::SHIFT, Mods::SHIFT),
        (ModifiersState::CONTROL, Mods::CTRL),
        (ModifiersState::ALT, Mods::ALT),
        (ModifiersState::SUPER, Mods::SUPER),
    ];
    pairs.into_iter().filter(|(bit, _)| state.contains(*bit)).fold(Mods::NONE, |all, (_, bit)| all | bit)
}

/// A key event; `None` for a dead key, which only says something together with the next one.
pub fn key(event: &WinitKey, mods: Mods) -> Option<KeyEvent> {
    let press = match (event.state, event.repeat) {
        (ElementState::Pressed, false) => Press::Press,
        (ElementState::Pressed, true) => Press::Repeat,
        (ElementState::Released, _) => Press::Release,
    };
    let text = event.text.as_deref().unwrap_or_default();
    let plain = event.key_without_modifiers();
    translate(
        &Raw { logical: &event.logical_key, plain: &plain, code: event.physical_key, at: event.location, text, press },
        mods,
    )
}

/// What of winit's event matters; its own type cannot be made outside of it.
struct Raw<'a> {
    logical: &'a Logical,
    plain: &'a Logical,
    code: PhysicalKey,
    at: KeyLocation,
    text: &'a str,
    press: Press,
}

fn translate(raw: &Raw<'_>, mods: Mods) -> Option<KeyEvent> {
    if matches!(raw.logical, Logical::Dead(_)) && raw.text.is_empty() {
        return None;
    }
    let key = meaning(raw.logical, raw.at);
    // Named keys but the keypad's and Space have texts that are control characters: the encoder knows better.
    let types = raw.press != Press::Release && !mods.has(Mods::CTRL) && !raw.text.chars().any(char::is_control);
    let physical = match (raw.code, key) {
        (PhysicalKey::Code(code), _) => us_layout(code).unwrap_or(key),
        (PhysicalKey::Unidentified(_), key) => key,
    };
    Some(KeyEvent {
        key,
        unshifted: match meaning(raw.plain, raw.at) {
            Key::Unknown => key,
            known => known,
        },
        physical,
        mods,
        text: if types { raw.text.to_owned() } else { String::new() },
        press: raw.press,
    })
}

fn meaning(key: &Logical, at: KeyLocation) -> Key {
    match key {
        Logical::Character(text) => {
            let mut chars = text.chars();
            match (chars.next(), chars.next()) {
                (Some(c), None) => match keypad(c).filter(|_| at == KeyLocation::Numpad) {
                    Some(named) => Key::Named(named),
                    None => Key::Char(c),
                },
                _ => Key::Unknown,
            }
        }
        Logical::Named(WinitNamed::Enter) if at == KeyLocation::Numpad => Key::Named(NamedKey::KpEnter),
        Logical::Named(WinitNamed::Clear) if at == KeyLocation::Numpad => Key::Named(NamedKey::KpBegin),
        Logical::Named(name) => named(*name).map_or(Key::Unknown, Key::Named),
        Logical::Dead(_) | Logical::Unidentified(_) => Key::Unknown,
    }
}

fn keypad(c: char) -> Option<NamedKey> {
    use NamedKey::*;
    Some(match c {
        '0' => Kp0,
        '1' => Kp1,
        '2' => Kp2,
        '3' => Kp3,
        '4' => Kp4,
        '5' => Kp5,
        '6' => Kp6,
        '7' => Kp7,
        '8' => Kp8,
        '9' => Kp9,
        '.' | ',' => KpDecimal,
        '/' => KpDivide,
        '*' => KpMultiply,
        '-' => KpSubtract,
        '+' => KpAdd,
        '=' => KpEqual,
        _ => return None,
    })
}

fn named(name: WinitNamed) -> Option<NamedKey> {
    use NamedKey::*;
    use WinitNamed as W;
    Some(match name {
        W::Escape => Escape,
        W::Enter => Enter,
        W::Tab => Tab,
        W::Backspace => Backspace,
        W::Space => Space,
        W::Insert => Insert,
        W::Delete => Delete,
        W::ArrowLeft => Left,
        W::ArrowRight => Right,
        W::ArrowUp => Up,
        W::ArrowDown => Down,
        W::PageUp => PageUp,
        W::PageDown => PageDown,
        W::Home => Home,
        W::End => End,
        W::ContextMenu => Menu,
        W::CapsLock => CapsLock,
        W::ScrollLock => ScrollLock,
        W::NumLock => NumLock,
        W::PrintScreen => PrintScreen,
        W::Pause => Pause,
        W::Shift => Shift,
        W::Control => Control,
        W::Alt => Alt,
        W::AltGraph => AltGr,
        W::Super | W::Meta => Super,
        W::F1 => F1,
        W::F2 => F2,
        W::F3 => F3,
        W::F4 => F4,
        W::F5 => F5,
        W::F6 => F6,
        W::F7 => F7,
        W::F8 => F8,
        W::F9 => F9,
        W::F10 => F10,
        W::F11 => F11,
        W::F12 => F12,
        W::F13 => F13,
        W::F14 => F14,
        W::F15 => F15,
        W::F16 => F16,
        W::F17 => F17,
        W::F18 => F18,
        W::F19 => F19,
        W::F20 => F20,
        _ => return None,
    })
}

/// The character that a key has on a US layout.
fn us_layout(code: KeyCode) -> Option<Key> {
    use KeyCode::*;
    // In the order of their characters; winit gives the codes no numbers to count with.
    const LETTERS: [KeyCode; 26] = [
        KeyA, KeyB, KeyC, KeyD, KeyE, KeyF, KeyG, KeyH, KeyI, KeyJ, KeyK, KeyL, KeyM, KeyN, KeyO, KeyP, KeyQ, KeyR,
        KeyS, KeyT, KeyU, KeyV, KeyW, KeyX, KeyY, KeyZ,
    ];
    const DIGITS: [KeyCode; 10] = [Digit0, Digit1, Digit2, Digit3, Digit4, Digit5, Digit6, Digit7, Digit8, Digit9];
    let place = |list: &[KeyCode]| list.iter().position(|c| *c == code).map(|at| at as u8);
    let c = match (place(&LETTERS), place(&DIGITS)) {
        (Some(at), _) => char::from(b'a' + at),
        (_, Some(at)) => char::from(b'0' + at),
        _ => match code {
            Backquote => '`',
            Backslash => '\\',
            BracketLeft => '[',
            BracketRight => ']',
            Comma => ',',
            Equal => '=',
            Minus => '-',
            Period => '.',
            Quote => '\'',
            Semicolon => ';',
            Slash => '/',
            _ => return None,
        },
    };
    Some(Key::Char(c))
}

/// The buttons that synk knows.
pub fn button(button: WinitButton) -> MouseButton {
    match button {
        WinitButton::Left => MouseButton::Left,
        WinitButton::Middle => MouseButton::Middle,
        WinitButton::Right => MouseButton::Right,
        WinitButton::Back => MouseButton::Back,
        WinitButton::Forward => MouseButton::Forward,
        WinitButton::Other(_) => MouseButton::None,
    }
}

/// Rows of text that one notch of a wheel scrolls: what most desktops have.
const ROWS_A_NOTCH: f32 = 3.0;

/// A turn of the wheel in rows, up where negative.
pub fn wheel(delta: MouseScrollDelta, cell_h: u32) -> f32 {
    match delta {
        MouseScrollDelta::LineDelta(_, notches) => -notches * ROWS_A_NOTCH,
        MouseScrollDelta::PixelDelta(at) => -(at.y as f32) / cell_h.max(1) as f32,
    }
}

#[cfg(test)]
mod tests {
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
        let of =
            |logical, code, text| event(logical, Logical::Named(WinitNamed::Home), code, text, Mods::NONE).unwrap();
        let seven = of(chars("7"), KeyCode::Numpad7, "7");
        assert_eq!((seven.key, seven.text.as_str()), (Key::Named(NamedKey::Kp7), "7"));
        let home = of(Logical::Named(WinitNamed::Home), KeyCode::Numpad7, "");
        assert_eq!(home.key, Key::Named(NamedKey::Home));
        assert_eq!(of(chars("+"), KeyCode::NumpadAdd, "+").key, Key::Named(NamedKey::KpAdd));
        let enter = of(Logical::Named(WinitNamed::Enter), KeyCode::NumpadEnter, "\r");
        assert_eq!((enter.key, enter.text.as_str()), (Key::Named(NamedKey::KpEnter), ""));
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
        assert_eq!(wheel(MouseScrollDelta::LineDelta(0.0, 1.0), 16), -3.0);
        let px = winit::dpi::PhysicalPosition::new(0.0, -8.0);
        assert_eq!(wheel(MouseScrollDelta::PixelDelta(px), 16), 0.5);
    }
}
