//! Mouse events as a window sends them to a session: the host encodes them with the modes that are true there.

use super::key::Mods;

/// A button; the numbers travel on the wire. A step of a wheel is a press.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum MouseButton {
    None = 0,
    Left = 1,
    Middle = 2,
    Right = 3,
    WheelUp = 4,
    WheelDown = 5,
    WheelLeft = 6,
    WheelRight = 7,
    Back = 8,
    Forward = 9,
    Tenth = 10,
    Eleventh = 11,
}

impl MouseButton {
    pub fn from_u8(n: u8) -> Option<Self> {
        use MouseButton::*;
        [None, Left, Middle, Right, WheelUp, WheelDown, WheelLeft, WheelRight, Back, Forward, Tenth, Eleventh]
            .get(usize::from(n))
            .copied()
    }
}

impl MouseButton {
    /// Whether it is a step of a wheel, which is never held and never released.
    pub fn is_wheel(self) -> bool {
        use MouseButton::*;
        matches!(self, WheelUp | WheelDown | WheelLeft | WheelRight)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum MouseKind {
    Press = 0,
    Release = 1,
    Motion = 2,
}

impl MouseKind {
    pub fn from_u8(n: u8) -> Option<Self> {
        [Self::Press, Self::Release, Self::Motion].get(usize::from(n)).copied()
    }
}

/// One mouse event inside a pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MouseEvent {
    pub kind: MouseKind,
    /// For a motion: the button that is held, or none.
    pub button: MouseButton,
    pub mods: Mods,
    /// Cell of the viewport, from 0.
    pub col: u16,
    pub line: u16,
    /// Pixel within the pane's text area, from 0.
    pub px: u16,
    pub py: u16,
}
