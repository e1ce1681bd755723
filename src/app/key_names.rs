//! winit's names of keys, and which keys they are here.

use winit::keyboard::{KeyCode, NamedKey as WinitNamed};

use crate::model::key::{Key, NamedKey};

/// The key of the keypad that types this.
pub fn keypad(c: char) -> Option<NamedKey> {
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
        // Some layouts have a comma in its place.
        '.' | ',' => KpDecimal,
        '/' => KpDivide,
        '*' => KpMultiply,
        '-' => KpSubtract,
        '+' => KpAdd,
        '=' => KpEqual,
        _ => return None,
    })
}

/// What keys of the keypad mean without NumLock.
pub fn keypad_named(name: WinitNamed) -> Option<NamedKey> {
    use NamedKey::*;
    use WinitNamed as W;
    Some(match name {
        W::Enter => KpEnter,
        W::Clear => KpBegin,
        W::ArrowLeft => KpLeft,
        W::ArrowRight => KpRight,
        W::ArrowUp => KpUp,
        W::ArrowDown => KpDown,
        W::PageUp => KpPageUp,
        W::PageDown => KpPageDown,
        W::Home => KpHome,
        W::End => KpEnd,
        W::Insert => KpInsert,
        W::Delete => KpDelete,
        _ => return None,
    })
}

/// The right one of two modifier keys.
pub fn right(name: WinitNamed) -> Option<NamedKey> {
    Some(match name {
        WinitNamed::Shift => NamedKey::RightShift,
        WinitNamed::Control => NamedKey::RightControl,
        WinitNamed::Alt => NamedKey::RightAlt,
        WinitNamed::Super => NamedKey::RightSuper,
        WinitNamed::Hyper => NamedKey::RightHyper,
        WinitNamed::Meta => NamedKey::RightMeta,
        _ => return None,
    })
}

/// A key by its name.
pub fn named(name: WinitNamed) -> Option<NamedKey> {
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
        W::Super => Super,
        W::Hyper => Hyper,
        W::Meta => Meta,
        W::MediaPlay => MediaPlay,
        W::MediaPause => MediaPause,
        W::MediaPlayPause => MediaPlayPause,
        W::MediaStop => MediaStop,
        W::MediaFastForward => MediaFastForward,
        W::MediaRewind => MediaRewind,
        W::MediaTrackNext => MediaNext,
        W::MediaTrackPrevious => MediaPrevious,
        W::MediaRecord => MediaRecord,
        W::AudioVolumeDown => VolumeDown,
        W::AudioVolumeUp => VolumeUp,
        W::AudioVolumeMute => Mute,
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
        W::F21 => F21,
        W::F22 => F22,
        W::F23 => F23,
        W::F24 => F24,
        W::F25 => F25,
        W::F26 => F26,
        W::F27 => F27,
        W::F28 => F28,
        W::F29 => F29,
        W::F30 => F30,
        W::F31 => F31,
        W::F32 => F32,
        W::F33 => F33,
        W::F34 => F34,
        W::F35 => F35,
        _ => return None,
    })
}

/// The character that a key has on a US layout.
pub fn us_layout(code: KeyCode) -> Option<Key> {
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
