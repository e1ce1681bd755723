//! SGR: how the next characters look.

use alacritty_terminal::term::cell::Flags;
use alacritty_terminal::vte::ansi::{Color, NamedColor, Rgb};

use super::state::Terminal;
use crate::engine::parser::Params;

/// The sixteen named colours in the order of SGR 30 to 37 and 90 to 97. Kept by name and not by index, as
/// alacritty's terminal keeps them.
pub(in crate::engine) const NAMED: [NamedColor; 16] = [
    NamedColor::Black,
    NamedColor::Red,
    NamedColor::Green,
    NamedColor::Yellow,
    NamedColor::Blue,
    NamedColor::Magenta,
    NamedColor::Cyan,
    NamedColor::White,
    NamedColor::BrightBlack,
    NamedColor::BrightRed,
    NamedColor::BrightGreen,
    NamedColor::BrightYellow,
    NamedColor::BrightBlue,
    NamedColor::BrightMagenta,
    NamedColor::BrightCyan,
    NamedColor::BrightWhite,
];

impl Terminal {
    pub(super) fn sgr(&mut self, params: &Params) {
        let template = &mut self.screen.grid.cursor.template;
        let mut groups = params.groups();
        while let Some(group) = groups.next() {
            let flags = &mut template.flags;
            match *group {
                [0] => {
                    template.fg = Color::Named(NamedColor::Foreground);
                    template.bg = Color::Named(NamedColor::Background);
                    *flags = Flags::empty();
                    if template.extra.is_some() {
                        template.set_underline_color(None);
                    }
                }
                [1] => flags.insert(Flags::BOLD),
                [2] => flags.insert(Flags::DIM),
                [3] => flags.insert(Flags::ITALIC),
                [4, 0] | [24] => flags.remove(Flags::ALL_UNDERLINES),
                [4, 2] | [21] => underline(flags, Flags::DOUBLE_UNDERLINE),
                [4, 3] => underline(flags, Flags::UNDERCURL),
                [4, 4] => underline(flags, Flags::DOTTED_UNDERLINE),
                [4, 5] => underline(flags, Flags::DASHED_UNDERLINE),
                [4, ..] => underline(flags, Flags::UNDERLINE),
                [7] => flags.insert(Flags::INVERSE),
                [8] => flags.insert(Flags::HIDDEN),
                [9] => flags.insert(Flags::STRIKEOUT),
                [22] => flags.remove(Flags::BOLD | Flags::DIM),
                [23] => flags.remove(Flags::ITALIC),
                [27] => flags.remove(Flags::INVERSE),
                [28] => flags.remove(Flags::HIDDEN),
                [29] => flags.remove(Flags::STRIKEOUT),
                [n @ 30..=37] => template.fg = named(n - 30),
                [n @ 90..=97] => template.fg = named(n - 90 + 8),
                [39] => template.fg = Color::Named(NamedColor::Foreground),
                [n @ 40..=47] => template.bg = named(n - 40),
                [n @ 100..=107] => template.bg = named(n - 100 + 8),
                [49] => template.bg = Color::Named(NamedColor::Background),
                [59] => template.set_underline_color(None),
                [38 | 48 | 58, ..] => {
                    let color = match group {
                        [_] => color(&mut groups.by_ref().map(|g| g[0])),
                        // 38:2:R:G:B or, with the colour space that T.416 puts first, 38:2:ID:R:G:B.
                        [_, kind, rest @ ..] => {
                            let skip = usize::from(rest.len() > 3);
                            color(&mut std::iter::once(*kind).chain(rest[skip..].iter().copied()))
                        }
                        [] => None,
                    };
                    match (group[0], color) {
                        (_, None) => {}
                        (38, Some(color)) => template.fg = color,
                        (48, Some(color)) => template.bg = color,
                        (_, color) => template.set_underline_color(color),
                    }
                }
                _ => {}
            }
        }
    }
}

fn named(n: u16) -> Color {
    Color::Named(NAMED[usize::from(n) & 15])
}

fn underline(flags: &mut Flags, kind: Flags) {
    flags.remove(Flags::ALL_UNDERLINES);
    flags.insert(kind);
}

/// `5;INDEX` or `2;R;G;B`; values out of range make it no colour.
fn color(values: &mut dyn Iterator<Item = u16>) -> Option<Color> {
    let mut byte = || values.next().and_then(|n| u8::try_from(n).ok());
    match byte()? {
        5 => Some(Color::Indexed(byte()?)),
        2 => Some(Color::Spec(Rgb { r: byte()?, g: byte()?, b: byte()? })),
        _ => None,
    }
}
