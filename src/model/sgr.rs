//! How a cell looks, as SGR (ECMA-48 8.3.117 and its usual extensions), in the colours that a terminal has.

use std::fmt::Write;

use super::{Attrs, Color, Palette, Style, Underline};
use crate::base::{Rgb, color};

/// What a terminal can show of a style.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sgr {
    /// 24-bit colours; else the 256 indexed ones.
    pub true_color: bool,
    /// Kinds of underlines and their colours.
    pub underlines: bool,
}

impl Sgr {
    /// All that a style has.
    pub const FULL: Self = Self { true_color: true, underlines: true };

    /// Appends the sequence that makes what follows look like this, whatever came before. Colours that the palette sets
    /// are written as they are; `reverse` swaps text and background, as a whole screen in reverse does.
    pub fn write(self, out: &mut String, style: &Style, palette: &Palette, reverse: bool) {
        out.push_str("\x1b[0");
        for (attr, number) in ATTRS {
            let on = style.attrs.has(attr) != (reverse && attr == Attrs::REVERSE);
            if on {
                let _ = write!(out, ";{number}");
            }
        }
        match (style.underline, self.underlines) {
            (Underline::None, _) => {}
            (Underline::Single, _) | (_, false) => out.push_str(";4"),
            (kind, true) => {
                let _ = write!(out, ";4:{}", kind as u8);
            }
        }
        self.color(out, style.fg, palette, palette.fg, Place::Text);
        self.color(out, style.bg, palette, palette.bg, Place::Background);
        if self.underlines {
            self.color(out, style.underline_color, palette, None, Place::Underline);
        }
        out.push('m');
    }

    fn color(self, out: &mut String, color: Color, palette: &Palette, default: Option<Rgb>, place: Place) {
        let rgb = match color {
            Color::Default => default,
            Color::Indexed(index) => palette.indexed.get(&index).copied(),
            Color::Rgb(rgb) => Some(rgb),
        };
        let base = place as u8;
        let _ = match (rgb, color) {
            (Some(rgb), _) if self.true_color && place == Place::Underline => {
                write!(out, ";58:2::{}:{}:{}", rgb.r, rgb.g, rgb.b)
            }
            (Some(rgb), _) if self.true_color => write!(out, ";{};2;{};{};{}", base + 8, rgb.r, rgb.g, rgb.b),
            (Some(rgb), _) => indexed(out, place, nearest(rgb)),
            (None, Color::Indexed(index)) if index < 8 && place != Place::Underline => {
                write!(out, ";{}", base + index)
            }
            (None, Color::Indexed(index)) if index < 16 && place != Place::Underline => {
                write!(out, ";{}", base + 60 + index - 8)
            }
            (None, Color::Indexed(index)) => indexed(out, place, index),
            (None, _) => Ok(()),
        };
    }
}

const ATTRS: [(Attrs, u8); 6] = [
    (Attrs::BOLD, 1),
    (Attrs::DIM, 2),
    (Attrs::ITALIC, 3),
    (Attrs::REVERSE, 7),
    (Attrs::HIDDEN, 8),
    (Attrs::STRIKE, 9),
];

/// The number of the first of eight colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Place {
    Text = 30,
    Background = 40,
    Underline = 50,
}

fn indexed(out: &mut String, place: Place, index: u8) -> std::fmt::Result {
    match place {
        Place::Underline => write!(out, ";58:5:{index}"),
        _ => write!(out, ";{};5;{index}", place as u8 + 8),
    }
}

/// The indexed colour that is nearest to a colour: of the cube and the greys, whose look is the same everywhere.
fn nearest(rgb: Rgb) -> u8 {
    let distance = |index: u8| {
        let c = color::indexed(index).unwrap_or_default();
        [(c.r, rgb.r), (c.g, rgb.g), (c.b, rgb.b)].iter().map(|(a, b)| u32::from(a.abs_diff(*b)).pow(2)).sum::<u32>()
    };
    (16..=255).min_by_key(|index| distance(*index)).unwrap_or(16)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Sgr = Sgr { true_color: false, underlines: false };

    fn sgr(look: Sgr, style: Style) -> String {
        let mut out = String::new();
        look.write(&mut out, &style, &Palette::default(), false);
        out.replace('\x1b', "^[")
    }

    #[test]
    fn styles_are_written_from_nothing() {
        let rgb = Color::Rgb(Rgb::new(255, 0, 1));
        let style = Style {
            fg: rgb,
            bg: Color::Indexed(3),
            underline: Underline::Curly,
            underline_color: Color::Indexed(9),
            attrs: Attrs::BOLD | Attrs::STRIKE,
        };
        assert_eq!(sgr(Sgr::FULL, style), "^[[0;1;9;4:3;38;2;255;0;1;43;58:5:9m");
        assert_eq!(sgr(PLAIN, style), "^[[0;1;9;4;38;5;196;43m");
        assert_eq!(
            sgr(PLAIN, Style { fg: Color::Indexed(12), bg: Color::Indexed(100), ..Style::default() }),
            "^[[0;94;48;5;100m"
        );
        assert_eq!(sgr(Sgr::FULL, Style::default()), "^[[0m");
    }

    #[test]
    fn colours_that_a_program_changed_are_written_as_they_are() {
        let mut palette = Palette { bg: Some(Rgb::new(1, 2, 3)), ..Palette::default() };
        palette.indexed.insert(1, Rgb::new(4, 5, 6));
        let mut out = String::new();
        Sgr::FULL.write(&mut out, &Style { fg: Color::Indexed(1), ..Style::default() }, &palette, true);
        assert_eq!(out, "\x1b[0;7;38;2;4;5;6;48;2;1;2;3m");
    }
}
