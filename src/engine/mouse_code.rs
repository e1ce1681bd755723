//! A mouse event as the bytes a program expects (ctlseqs, "Mouse Tracking"), with the modes that are true in the session
//! now. Which events of a motion are worth telling is the session's to say: this file has no memory.

use crate::model::key::Mods;
use crate::model::mouse::{MouseButton, MouseEvent, MouseKind};
use crate::model::screen::Modes;

/// The largest place that one byte above 32 can tell, from 0.
const BYTE_LIMIT: u16 = 222;
/// The largest that two bytes of UTF-8 can tell (mode 1005).
const UTF8_LIMIT: u16 = 2014;
/// The code of "no button": a motion without one, and a release where the code is all that tells it.
const NO_BUTTON: u16 = 3;
const MOTION: u16 = 32;

/// The bytes of an event; empty for what the program did not ask to hear of.
pub fn encode(event: &MouseEvent, modes: Modes) -> Vec<u8> {
    if !is_wanted(event, modes) {
        return Vec::new();
    }
    let release = event.kind == MouseKind::Release;
    let mut code = button(event.button);
    if event.kind == MouseKind::Motion {
        code += MOTION;
    }
    if !modes.has(Modes::MOUSE_X10) {
        code += modifiers(event.mods);
    }
    let (col, line) = (event.col, event.line);
    if modes.any(Modes::MOUSE_SGR | Modes::MOUSE_PIXELS) {
        let (x, y) = if modes.has(Modes::MOUSE_PIXELS) { (event.px, event.py) } else { (col, line) };
        let last = if release { 'm' } else { 'M' };
        return format!("\x1b[<{code};{};{}{last}", u32::from(x) + 1, u32::from(y) + 1).into_bytes();
    }
    if release {
        // These have no other way to tell it, so which button it was remains unsaid.
        code = code - button(event.button) + NO_BUTTON;
    }
    if modes.has(Modes::MOUSE_URXVT) {
        return format!("\x1b[{};{};{}M", code + 32, u32::from(col) + 1, u32::from(line) + 1).into_bytes();
    }
    let limit = if modes.has(Modes::MOUSE_UTF8) { UTF8_LIMIT } else { BYTE_LIMIT };
    let place = |at: u16| {
        // A release out of reach is told at the edge: a program that never hears of it goes on dragging.
        let at = if release { at.min(limit) } else { at };
        (at <= limit).then_some(at + 33)
    };
    let (Some(x), Some(y)) = (place(col), place(line)) else { return Vec::new() };
    let mut out = b"\x1b[M".to_vec();
    for value in [code + 32, x, y] {
        match (modes.has(Modes::MOUSE_UTF8), char::from_u32(u32::from(value))) {
            (true, Some(c)) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            _ => out.push(value as u8),
        }
    }
    out
}

/// Whether the kind of tracking in force tells of such events.
fn is_wanted(event: &MouseEvent, modes: Modes) -> bool {
    use MouseButton::{Left, Middle, None, Right};
    let held = event.button != None;
    match event.kind {
        MouseKind::Press if modes.has(Modes::MOUSE_X10) => matches!(event.button, Left | Middle | Right),
        MouseKind::Press => held && modes.wants_mouse(),
        MouseKind::Release => held && !event.button.is_wheel() && modes.wants_mouse() && !modes.has(Modes::MOUSE_X10),
        MouseKind::Motion => modes.has(Modes::MOUSE_MOTION) || held && modes.has(Modes::MOUSE_DRAG),
    }
}

fn button(button: MouseButton) -> u16 {
    use MouseButton::*;
    match button {
        Left => 0,
        Middle => 1,
        Right => 2,
        None => NO_BUTTON,
        WheelUp => 64,
        WheelDown => 65,
        WheelLeft => 66,
        WheelRight => 67,
        Back => 128,
        Forward => 129,
        Tenth => 130,
        Eleventh => 131,
    }
}

fn modifiers(mods: Mods) -> u16 {
    [(Mods::SHIFT, 4), (Mods::ALT, 8), (Mods::CTRL, 16)].into_iter().filter(|(m, _)| mods.has(*m)).map(|(_, n)| n).sum()
}

#[cfg(test)]
#[path = "mouse_code_tests.rs"]
mod tests;
