//! winit's keys and buttons as the model's.

use super::key_names::{keypad, keypad_named, named, right, us_layout};
use winit::event::{ElementState, KeyEvent as WinitKey, MouseButton as WinitButton, MouseScrollDelta};
use winit::keyboard::{Key as Logical, KeyCode, KeyLocation, ModifiersState, NamedKey as WinitNamed, PhysicalKey};
use winit::platform::modifier_supplement::KeyEventExtModifierSupplement;

use crate::base::PxSize;
use crate::model::key::{Key, KeyEvent, Mods, NamedKey, Press};
use crate::model::mouse::MouseButton;

/// What is known of the keyboard beside single keys.
#[derive(Debug, Default)]
pub struct Keyboard {
    state: ModifiersState,
    /// Modifier keys that are down.
    down: Vec<NamedKey>,
    /// winit does not tell whether a lock is on; what keys mean does.
    caps: Option<bool>,
    num: Option<bool>,
}

impl Keyboard {
    /// The modifiers held, and the locks as far as they are known. AltGr is none of them: it only chooses characters.
    pub fn mods(&self) -> Mods {
        let pairs = [
            (self.state.contains(ModifiersState::SHIFT), Mods::SHIFT),
            (self.state.contains(ModifiersState::CONTROL), Mods::CTRL),
            (self.state.contains(ModifiersState::ALT), Mods::ALT),
            (self.state.contains(ModifiersState::SUPER), Mods::SUPER),
            (self.caps == Some(true), Mods::CAPS_LOCK),
            (self.num == Some(true), Mods::NUM_LOCK),
        ];
        pairs.into_iter().filter(|(on, _)| *on).fold(Mods::NONE, |all, (_, bit)| all | bit)
    }

    pub fn changed(&mut self, state: ModifiersState) {
        self.state = state;
    }

    /// The window got the keyboard or lost it: what was pressed or toggled elsewhere is not known here.
    pub fn let_go(&mut self) {
        self.down.clear();
        (self.caps, self.num) = (None, None);
    }

    /// A key event; `None` for a dead key, which only says something together with the next one.
    pub fn key(&mut self, event: &WinitKey) -> Option<KeyEvent> {
        let press = match (event.state, event.repeat) {
            (ElementState::Pressed, false) => Press::Press,
            (ElementState::Pressed, true) => Press::Repeat,
            (ElementState::Released, _) => Press::Release,
        };
        let text = event.text.as_deref().unwrap_or_default();
        let plain = event.key_without_modifiers();
        let (code, at) = (event.physical_key, event.location);
        self.take(&Raw { logical: &event.logical_key, plain: &plain, code, at, text, press })
    }

    fn take(&mut self, raw: &Raw<'_>) -> Option<KeyEvent> {
        if raw.press == Press::Press {
            self.observe_locks(raw);
        }
        let mut event = translate(raw, self.mods())?;
        if let Key::Named(named) = event.key {
            event.mods = self.with_own(named, raw.press, event.mods);
        }
        Some(event)
    }

    /// The modifiers with the effect of a modifier key's own event, of which winit tells only afterwards: set while one
    /// of the two keys is down, as the kitty protocol wants it.
    fn with_own(&mut self, named: NamedKey, press: Press, mods: Mods) -> Mods {
        let Some(bit) = modifier(named) else { return mods };
        self.down.retain(|key| *key != named);
        if press != Press::Release {
            self.down.push(named);
        }
        let held = self.down.iter().any(|key| modifier(*key) == Some(bit));
        if held { mods | bit } else { mods.without(bit) }
    }

    /// A letter tells of CapsLock, a key of the keypad of NumLock.
    fn observe_locks(&mut self, raw: &Raw<'_>) {
        let shift = self.state.contains(ModifiersState::SHIFT);
        match (raw.logical, raw.plain) {
            (Logical::Named(WinitNamed::CapsLock), _) => self.caps = self.caps.map(|on| !on),
            (Logical::Named(WinitNamed::NumLock), _) => self.num = self.num.map(|on| !on),
            // With Shift the keypad means the other half.
            _ if raw.at == KeyLocation::Numpad && shift => {}
            (Logical::Character(_), _) if is_digit(raw.code) => self.num = Some(true),
            (Logical::Named(_), _) if is_digit(raw.code) => self.num = Some(false),
            (Logical::Character(typed), Logical::Character(plain))
                if typed != plain && **typed == *plain.to_uppercase()
                    || typed == plain && *plain != plain.to_uppercase() =>
            {
                self.caps = Some((typed != plain) != shift);
            }
            _ => {}
        }
    }
}

/// The keys of the keypad that are digits with NumLock and others without.
fn is_digit(code: PhysicalKey) -> bool {
    use KeyCode::*;
    let digits = [Numpad0, Numpad1, Numpad2, Numpad3, Numpad4, Numpad5, Numpad6, Numpad7, Numpad8, Numpad9];
    matches!(code, PhysicalKey::Code(code) if digits.contains(&code))
}

/// The modifier that a key is.
fn modifier(named: NamedKey) -> Option<Mods> {
    use NamedKey::*;
    Some(match named {
        Shift | RightShift => Mods::SHIFT,
        Control | RightControl => Mods::CTRL,
        Alt | RightAlt => Mods::ALT,
        Super | RightSuper => Mods::SUPER,
        Hyper | RightHyper => Mods::HYPER,
        Meta | RightMeta => Mods::META,
        _ => return None,
    })
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
    let unshifted = match meaning(raw.plain, raw.at) {
        Key::Unknown => key,
        known => known,
    };
    let place = match raw.code {
        PhysicalKey::Code(code) => us_layout(code),
        PhysicalKey::Unidentified(_) => None,
    };
    Some(KeyEvent {
        key,
        unshifted,
        // Not what it means with the modifiers: they may be up again when the key is.
        physical: place.unwrap_or(unshifted),
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
        Logical::Named(name) => match at {
            KeyLocation::Numpad => keypad_named(*name),
            KeyLocation::Right => right(*name),
            _ => None,
        }
        .or_else(|| named(*name))
        .map_or(Key::Unknown, Key::Named),
        Logical::Dead(_) | Logical::Unidentified(_) => Key::Unknown,
    }
}

/// The buttons that synk knows.
pub fn button(button: WinitButton) -> MouseButton {
    match button {
        WinitButton::Left => MouseButton::Left,
        WinitButton::Middle => MouseButton::Middle,
        WinitButton::Right => MouseButton::Right,
        WinitButton::Back => MouseButton::Back,
        WinitButton::Forward => MouseButton::Forward,
        // X11's numbers.
        WinitButton::Other(10) => MouseButton::Tenth,
        WinitButton::Other(11) => MouseButton::Eleventh,
        WinitButton::Other(_) => MouseButton::None,
    }
}

/// Rows of text that one notch of a wheel scrolls: what most desktops have.
pub const ROWS_A_NOTCH: f32 = 3.0;

/// A turn of the wheel in columns and rows, to the left and up where negative.
pub fn wheel(delta: MouseScrollDelta, cell: PxSize) -> (f32, f32) {
    match delta {
        MouseScrollDelta::LineDelta(across, down) => (-across * ROWS_A_NOTCH, -down * ROWS_A_NOTCH),
        MouseScrollDelta::PixelDelta(at) => {
            (-(at.x as f32) / cell.w.max(1) as f32, -(at.y as f32) / cell.h.max(1) as f32)
        }
    }
}

#[cfg(test)]
#[path = "input_tests.rs"]
mod tests;
