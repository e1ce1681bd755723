//! The colours a program has changed for its own pane (OSC 4, 10, 11, 12).

use std::collections::BTreeMap;

use crate::base::Rgb;

/// What differs from the theme; empty unless a program asked for it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Palette {
    pub indexed: BTreeMap<u8, Rgb>,
    pub fg: Option<Rgb>,
    pub bg: Option<Rgb>,
    pub cursor: Option<Rgb>,
}

impl Palette {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
