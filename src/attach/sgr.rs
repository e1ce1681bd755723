//! How a cell looks, as SGR (ECMA-48 8.3.117 and its usual extensions), in the colours that the outer terminal has.

use std::fmt::Write;

use crate::base::{Rgb, color};
use crate::model::{Attrs, Color, Palette, Style, Underline};

/// What the outer terminal can show, as far as its environment tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Look {
    /// 24-bit colours; else the 256 indexed ones.
    pub true_color: bool,
    /// Kinds of underlines and their colours.
    pub underlines: bool,
}

/// Terminals that know kinds of underlines, by how their `TERM` begins.
const UNDERLINES_TERM: [&str; 9] =
    ["xterm-kitty", "xterm-ghostty", "foot", "alacritty", "wezterm", "contour", "rio", "mintty", "vte"];
/// And by `TERM_PROGRAM`.
const UNDERLINES_PROGRAM: [&str; 6] = ["iTerm.app", "WezTerm", "ghostty", "rio", "kitty", "mintty"];
/// The first version of VTE that draws them: 0.52, as `VTE_VERSION` writes it.
const UNDERLINES_VTE: u32 = 5200;

impl Look {
    /// What the environment says of the terminal.
    pub fn from_env(var: impl Fn(&str) -> Option<String>) -> Self {
        let value = |name: &str| var(name).unwrap_or_default();
        let (term, program) = (value("TERM"), value("TERM_PROGRAM"));
        let vte = value("VTE_VERSION").parse().is_ok_and(|version: u32| version >= UNDERLINES_VTE);
        // Inside another multiplexer the variables speak of the terminal around that.
        let direct = !["tmux", "screen"].iter().any(|name| term.starts_with(name));
        Self {
            true_color: ["truecolor", "24bit"].contains(&value("COLORTERM").as_str()),
            underlines: direct
                && (vte
                    || UNDERLINES_TERM.iter().any(|name| term.starts_with(name))
                    || UNDERLINES_PROGRAM.contains(&program.as_str())),
        }
    }

    /// Appends the sequence that makes what follows look like this, whatever came before.
    pub(super) fn write(self, out: &mut String, style: &Style, palette: &Palette, reverse: bool) {
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
        if self.underlines && style.underline != Underline::None {
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

    const PLAIN: Look = Look { true_color: false, underlines: false };
    const RICH: Look = Look { true_color: true, underlines: true };

    fn sgr(look: Look, style: Style) -> String {
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
        assert_eq!(sgr(RICH, style), "^[[0;1;9;4:3;38;2;255;0;1;43;58:5:9m");
        assert_eq!(sgr(PLAIN, style), "^[[0;1;9;4;38;5;196;43m");
        assert_eq!(
            sgr(PLAIN, Style { fg: Color::Indexed(12), bg: Color::Indexed(100), ..Style::default() }),
            "^[[0;94;48;5;100m"
        );
        assert_eq!(sgr(RICH, Style::default()), "^[[0m");
    }

    #[test]
    fn colours_that_a_program_changed_are_written_as_they_are() {
        let mut palette = Palette { bg: Some(Rgb::new(1, 2, 3)), ..Palette::default() };
        palette.indexed.insert(1, Rgb::new(4, 5, 6));
        let mut out = String::new();
        RICH.write(&mut out, &Style { fg: Color::Indexed(1), ..Style::default() }, &palette, true);
        assert_eq!(out, "\x1b[0;7;38;2;4;5;6;48;2;1;2;3m");
    }

    #[test]
    fn the_environment_says_what_can_be_shown() {
        let look = |vars: &[(&str, &str)]| {
            Look::from_env(|name| vars.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned()))
        };
        assert_eq!(look(&[]), PLAIN);
        assert_eq!(look(&[("TERM", "xterm-kitty"), ("COLORTERM", "truecolor")]), RICH);
        assert_eq!(
            look(&[("TERM", "xterm-256color"), ("VTE_VERSION", "7600")]),
            Look { true_color: false, underlines: true }
        );
        assert_eq!(look(&[("TERM", "tmux-256color"), ("VTE_VERSION", "7600")]), PLAIN);
    }
}
