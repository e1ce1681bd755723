//! One cell of a terminal and how it looks.

use std::ops::{BitOr, BitOrAssign};

use crate::base::Rgb;

/// A colour as a program names it; what it looks like is the theme's and the palette's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Color {
    /// The default foreground or background; for an underline: as the text.
    #[default]
    Default,
    /// One of the 256 indexed colours; 0 to 15 are the theme's.
    Indexed(u8),
    Rgb(Rgb),
}

/// The line under a text (SGR 4, 21 and 4:0 to 4:5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[repr(u8)]
pub enum Underline {
    #[default]
    None = 0,
    Single = 1,
    Double = 2,
    Curly = 3,
    Dotted = 4,
    Dashed = 5,
}

impl Underline {
    pub fn from_u8(n: u8) -> Option<Self> {
        Some(match n {
            0 => Self::None,
            1 => Self::Single,
            2 => Self::Double,
            3 => Self::Curly,
            4 => Self::Dotted,
            5 => Self::Dashed,
            _ => return None,
        })
    }
}

/// A set of the attributes that are on or off (SGR 1, 2, 3, 7, 8, 9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Attrs(u8);

impl Attrs {
    pub const NONE: Self = Self(0);
    pub const BOLD: Self = Self(1);
    pub const DIM: Self = Self(2);
    pub const ITALIC: Self = Self(4);
    pub const REVERSE: Self = Self(8);
    pub const HIDDEN: Self = Self(16);
    pub const STRIKE: Self = Self(32);
    const ALL: u8 = 63;

    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    pub fn bits(self) -> u8 {
        self.0
    }

    /// The set with these bits; bits that mean nothing are dropped.
    pub fn from_bits(bits: u8) -> Self {
        Self(bits & Self::ALL)
    }
}

impl BitOr for Attrs {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Attrs {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

/// How a cell looks, but for its character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Style {
    pub fg: Color,
    pub bg: Color,
    /// [`Color::Default`] means the text's colour.
    pub underline_color: Color,
    pub underline: Underline,
    pub attrs: Attrs,
}

/// A cell's part in the width of its character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[repr(u8)]
pub enum Width {
    #[default]
    Narrow = 0,
    /// The left half of a character two cells wide. A program can erase the other half: a [`Width::Wide`] without a
    /// [`Width::Spacer`] behind it, or in the last column, is legal and has to be drawn somehow.
    Wide = 1,
    /// The right half: its character stands to its left, if at all.
    Spacer = 2,
}

/// One cell: its base character (marks that combine with it are in [`crate::model::Row::marks`]) and its look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cell {
    pub ch: char,
    pub style: Style,
    pub width: Width,
}

impl Cell {
    pub const BLANK: Self = Self {
        ch: ' ',
        style: Style {
            fg: Color::Default,
            bg: Color::Default,
            underline_color: Color::Default,
            underline: Underline::None,
            attrs: Attrs::NONE,
        },
        width: Width::Narrow,
    };
}

impl Default for Cell {
    fn default() -> Self {
        Self::BLANK
    }
}
