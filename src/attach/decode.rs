//! What an outer terminal sends, as keys, mouse events and pastes: the legacy keys of xterm, rxvt and the Linux console,
//! the kitty keyboard protocol, modifyOtherKeys, SGR mouse reports, bracketed pastes, focus reports.
//!
//! It is synk's own because a key goes on to a program that may know the kitty protocol: the crates that read terminal
//! input (crossterm, termina, termwiz) drop the key of the US layout, the key without Shift and the text of an event,
//! which the host needs to write the key again.

use super::machine::{Csi, Token};
use crate::model::key::{Key, KeyEvent, Mods, NamedKey, Press};
use crate::model::key_numbers;
use crate::model::mouse::{MouseButton, MouseEvent, MouseKind};

/// Something that came from the outer terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Input {
    Key(KeyEvent),
    /// In cells of the outer terminal; pixels are not told.
    Mouse(MouseEvent),
    Paste(String),
    Focus(bool),
    /// It knows the kitty keyboard protocol: the answer to `CSI ? u`.
    KnowsKeys,
    /// The answer to DA1, which every terminal gives and gives last.
    Attributes,
}

/// What a token means; none for what means nothing here.
pub(super) fn decode(token: Token) -> Option<Input> {
    match token {
        Token::Char { ch, alt } => Some(Input::Key(typed(ch, if alt { Mods::ALT } else { Mods::NONE }))),
        Token::Ss3(last) => ss3(last).map(|(named, mods)| key(named, mods, Press::Press)),
        Token::Console(last) => {
            let f = [NamedKey::F1, NamedKey::F2, NamedKey::F3, NamedKey::F4, NamedKey::F5];
            let at = usize::from(last.checked_sub(b'A')?);
            f.get(at).map(|named| key(*named, Mods::NONE, Press::Press))
        }
        Token::OldMouse([button, x, y]) => {
            let at = |b: u8| u32::from(b.saturating_sub(32));
            mouse(at(button), at(x), at(y), at(button) & 3 == 3 && at(button) & 32 == 0)
        }
        Token::Paste(text) => Some(Input::Paste(text)),
        Token::Csi(csi) => sequence(&csi),
    }
}

fn sequence(csi: &Csi) -> Option<Input> {
    match (csi.marker, csi.last) {
        (b'<', b'M' | b'm') => mouse(csi.get(0, 0)?, csi.get(1, 0)?, csi.get(2, 0)?, csi.last == b'm'),
        (b'?', b'u') => Some(Input::KnowsKeys),
        (b'?', b'c') => Some(Input::Attributes),
        (0, b'I') => Some(Input::Focus(true)),
        (0, b'O') => Some(Input::Focus(false)),
        (0, b'u') => coded(csi),
        (0, b'~') if csi.get(0, 0) == Some(27) => other_key(csi),
        (0, b'~') => {
            let (mods, press) = held(csi);
            tilde(csi.get(0, 0)?).map(|named| key(named, mods, press))
        }
        (0, b'Z') => Some(key(NamedKey::Tab, Mods::SHIFT, Press::Press)),
        // rxvt: Shift, Ctrl, and both.
        (0, b'$') => Some(key(tilde(csi.get(0, 0)?)?, Mods::SHIFT, Press::Press)),
        (0, b'^') => Some(key(tilde(csi.get(0, 0)?)?, Mods::CTRL, Press::Press)),
        (0, b'@') => Some(key(tilde(csi.get(0, 0)?)?, Mods::CTRL | Mods::SHIFT, Press::Press)),
        (0, last @ b'a'..=b'd') => Some(key(letter(last.to_ascii_uppercase())?, Mods::SHIFT, Press::Press)),
        (0, last) => {
            let (mods, press) = held(csi);
            letter(last).map(|named| key(named, mods, press))
        }
        _ => None,
    }
}

/// The modifiers and the kind of event: the second parameter.
fn held(csi: &Csi) -> (Mods, Press) {
    let mods = csi.get(1, 0).and_then(|n| u8::try_from(n.saturating_sub(1)).ok()).unwrap_or(0);
    let press = csi.get(1, 1).and_then(|n| Press::from_u8(u8::try_from(n).ok()?)).unwrap_or_default();
    (Mods::from_bits(mods), press)
}

fn key(named: NamedKey, mods: Mods, press: Press) -> Input {
    let key = Key::Named(named);
    let text = if named == NamedKey::Space && press != Press::Release && !silent(mods) { " " } else { "" };
    Input::Key(KeyEvent { key, unshifted: key, physical: key, mods, text: text.to_owned(), press })
}

/// Whether a key with these modifiers types nothing.
fn silent(mods: Mods) -> bool {
    (Mods::CTRL | Mods::ALT | Mods::SUPER | Mods::HYPER | Mods::META).bits() & mods.bits() != 0
}

/// A key of the kitty protocol: `CSI code:shifted:base ; mods:press ; text u`.
fn coded(csi: &Csi) -> Option<Input> {
    let code = csi.get(0, 0)?;
    let (mods, press) = held(csi);
    let told: String = csi.params.get(2).into_iter().flatten().filter_map(|n| char::from_u32((*n)?)).collect();
    let told: String = told.chars().filter(|c| !c.is_control() && press != Press::Release).collect();
    if code == 0 {
        // Text without a key, from an input method.
        let none = Key::Unknown;
        let event = KeyEvent { key: none, unshifted: none, physical: none, mods: Mods::NONE, text: told, press };
        return (!event.text.is_empty()).then_some(Input::Key(event));
    }
    if let Some(named) = key_numbers::named(code) {
        let Input::Key(mut event) = key(named, mods, press) else { return None };
        if !told.is_empty() {
            event.text = told;
        }
        return Some(Input::Key(event));
    }
    let ch = char::from_u32(code).filter(|c| !c.is_control())?;
    let mut event = character(ch, mods, press);
    let char_at = |part| csi.get(0, part).and_then(char::from_u32).filter(|c| !c.is_control());
    if let (Some(shifted), true) = (char_at(1), mods.has(Mods::SHIFT)) {
        event.key = Key::Char(shifted);
        if !event.text.is_empty() {
            event.text = shifted.into();
        }
    }
    if let Some(base) = char_at(2) {
        event.physical = Key::Char(base);
    }
    if !told.is_empty() {
        let mut chars = told.chars();
        if let (Some(one), None, false) = (chars.next(), chars.next(), silent(mods)) {
            event.key = Key::Char(one);
        }
        event.text = told;
    }
    Some(Input::Key(event))
}

/// A key of a text by its character without Shift.
fn character(ch: char, mods: Mods, press: Press) -> KeyEvent {
    let mut upper = ch.to_uppercase();
    let shifted = match (upper.next(), upper.next()) {
        // With both the letter is small again.
        (Some(one), None) if mods.has(Mods::SHIFT) && !mods.has(Mods::CAPS_LOCK) => one,
        _ => ch,
    };
    let text = if press == Press::Release || silent(mods) { String::new() } else { shifted.into() };
    KeyEvent { key: Key::Char(shifted), unshifted: Key::Char(ch), physical: Key::Char(ch), mods, text, press }
}

/// xterm's modifyOtherKeys: `CSI 27 ; mods ; character ~`. The character has Shift's effect.
fn other_key(csi: &Csi) -> Option<Input> {
    let ch = char::from_u32(csi.get(2, 0)?)?;
    let (mods, _) = held(csi);
    Some(Input::Key(typed(ch, mods)))
}

/// A character as terminals send it without a protocol for keys: control characters are keys with Ctrl.
fn typed(ch: char, mods: Mods) -> KeyEvent {
    let named = |named| match key(named, mods, Press::Press) {
        Input::Key(event) => event,
        _ => KeyEvent::press(Key::Named(named), mods),
    };
    let ctrl = |c: u8| KeyEvent::press(Key::Char(char::from(c)), mods | Mods::CTRL);
    match ch {
        '\r' => named(NamedKey::Enter),
        '\t' => named(NamedKey::Tab),
        '\x1b' => named(NamedKey::Escape),
        '\x7f' => named(NamedKey::Backspace),
        ' ' => named(NamedKey::Space),
        '\0' => match key(NamedKey::Space, mods | Mods::CTRL, Press::Press) {
            Input::Key(event) => event,
            _ => ctrl(b' '),
        },
        '\x01'..='\x1a' => ctrl(ch as u8 - 1 + b'a'),
        '\x1c'..='\x1f' => ctrl(ch as u8 - 0x1c + b'\\'),
        _ => {
            let mut lower = ch.to_lowercase();
            let small = match (lower.next(), lower.next()) {
                (Some(one), None) => one,
                _ => ch,
            };
            let mods = if small == ch { mods } else { mods | Mods::SHIFT };
            let text = if silent(mods) { String::new() } else { ch.into() };
            let (unshifted, press) = (Key::Char(small), Press::Press);
            KeyEvent { key: Key::Char(ch), unshifted, physical: unshifted, mods, text, press }
        }
    }
}

fn ss3(last: u8) -> Option<(NamedKey, Mods)> {
    use NamedKey::*;
    let keypad = [Kp0, Kp1, Kp2, Kp3, Kp4, Kp5, Kp6, Kp7, Kp8, Kp9];
    Some(match last {
        b'p'..=b'y' => (keypad[usize::from(last - b'p')], Mods::NONE),
        b'j' => (KpMultiply, Mods::NONE),
        b'k' => (KpAdd, Mods::NONE),
        b'm' => (KpSubtract, Mods::NONE),
        b'n' => (KpDecimal, Mods::NONE),
        b'o' => (KpDivide, Mods::NONE),
        b'M' => (KpEnter, Mods::NONE),
        b'X' => (KpEqual, Mods::NONE),
        // rxvt.
        b'a'..=b'd' => (letter(last.to_ascii_uppercase())?, Mods::CTRL),
        _ => (letter(last)?, Mods::NONE),
    })
}

/// Keys whose sequence ends in a letter (xterm's ctlseqs, "PC-Style Function Keys").
fn letter(last: u8) -> Option<NamedKey> {
    use NamedKey::*;
    Some(match last {
        b'A' => Up,
        b'B' => Down,
        b'C' => Right,
        b'D' => Left,
        b'E' => KpBegin,
        b'F' => End,
        b'H' => Home,
        b'P' => F1,
        b'Q' => F2,
        b'R' => F3,
        b'S' => F4,
        _ => return None,
    })
}

fn tilde(number: u32) -> Option<NamedKey> {
    use NamedKey::*;
    Some(match number {
        1 | 7 => Home,
        2 => Insert,
        3 => Delete,
        4 | 8 => End,
        5 => PageUp,
        6 => PageDown,
        11 => F1,
        12 => F2,
        13 => F3,
        14 => F4,
        15 => F5,
        17 => F6,
        18 => F7,
        19 => F8,
        20 => F9,
        21 => F10,
        23 => F11,
        24 => F12,
        25 => F13,
        26 => F14,
        28 => F15,
        29 => F16,
        31 => F17,
        32 => F18,
        33 => F19,
        34 => F20,
        _ => return None,
    })
}

/// A mouse report: the bits of the button and the cell, from 1.
fn mouse(bits: u32, x: u32, y: u32, released: bool) -> Option<Input> {
    let mut mods = Mods::NONE;
    for (bit, held) in [(4, Mods::SHIFT), (8, Mods::ALT), (16, Mods::CTRL)] {
        if bits & bit != 0 {
            mods |= held;
        }
    }
    let motion = bits & 32 != 0;
    let button = match bits & !(4 | 8 | 16 | 32) {
        0 => MouseButton::Left,
        1 => MouseButton::Middle,
        2 => MouseButton::Right,
        3 => MouseButton::None,
        64 => MouseButton::WheelUp,
        65 => MouseButton::WheelDown,
        66 => MouseButton::WheelLeft,
        67 => MouseButton::WheelRight,
        128 => MouseButton::Back,
        129 => MouseButton::Forward,
        _ => return None,
    };
    let kind = match (released, motion) {
        (true, _) => MouseKind::Release,
        (_, true) => MouseKind::Motion,
        _ => MouseKind::Press,
    };
    let cell = |n: u32| u16::try_from(n.saturating_sub(1)).unwrap_or(u16::MAX);
    Some(Input::Mouse(MouseEvent { kind, button, mods, col: cell(x), line: cell(y), px: 0, py: 0 }))
}

#[cfg(test)]
#[path = "decode_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "forward_tests.rs"]
mod forward;
