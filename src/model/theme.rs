//! The named colours of the window and of every terminal in it.

use super::cell::Color;
use super::palette::Palette;
use crate::base::{Rgb, color};

/// A theme. [`Theme::default`] is synk's own dark one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    pub fg: Rgb,
    pub bg: Rgb,
    /// The cursor's colour; the character under a block cursor takes the cell's background.
    pub cursor: Rgb,
    pub selection_bg: Rgb,
    /// The indexed colours 0 to 15.
    pub ansi: [Rgb; 16],
    /// What shows between and around panes.
    pub gap: Rgb,
    pub header_bg: Rgb,
    pub header_fg: Rgb,
    /// The focused pane's frame and header.
    pub accent: Rgb,
    /// Frames of panes that a broadcast will reach; also prompts that ask before something is lost.
    pub warning: Rgb,
    /// Status dots: output is coming, nothing new for a while, ended.
    pub running: Rgb,
    pub quiet: Rgb,
    pub exited: Rgb,
}

impl Default for Theme {
    fn default() -> Self {
        let c = Rgb::from_u32;
        Self {
            fg: c(0xd7dae0),
            bg: c(0x16181d),
            cursor: c(0xe6e8ec),
            selection_bg: c(0x35507a),
            ansi: [
                c(0x23262d),
                c(0xe06c75),
                c(0x98c379),
                c(0xe5c07b),
                c(0x61afef),
                c(0xc678dd),
                c(0x56b6c2),
                c(0xc8ccd4),
                c(0x5c6370),
                c(0xff8a92),
                c(0xb5e08f),
                c(0xffd98a),
                c(0x8cc8ff),
                c(0xdd9af0),
                c(0x7fd4de),
                c(0xffffff),
            ],
            gap: c(0x0d0e11),
            header_bg: c(0x20232a),
            header_fg: c(0xaab1bd),
            accent: c(0x4a9eff),
            warning: c(0xe5a13a),
            running: c(0x7bc275),
            quiet: c(0x6b7380),
            exited: c(0xe06c75),
        }
    }
}

impl Theme {
    /// What an indexed colour looks like in a pane with this palette.
    pub fn indexed(&self, palette: &Palette, index: u8) -> Rgb {
        let own = palette.indexed.get(&index).copied();
        own.or_else(|| color::indexed(index)).unwrap_or_else(|| self.ansi[usize::from(index & 15)])
    }

    /// What a colour looks like, with `default` for [`Color::Default`].
    pub fn resolve(&self, palette: &Palette, color: Color, default: Rgb) -> Rgb {
        match color {
            Color::Default => default,
            Color::Indexed(i) => self.indexed(palette, i),
            Color::Rgb(rgb) => rgb,
        }
    }

    pub fn fg_in(&self, palette: &Palette) -> Rgb {
        palette.fg.unwrap_or(self.fg)
    }

    pub fn bg_in(&self, palette: &Palette) -> Rgb {
        palette.bg.unwrap_or(self.bg)
    }

    pub fn cursor_in(&self, palette: &Palette) -> Rgb {
        palette.cursor.unwrap_or(self.cursor)
    }
}
