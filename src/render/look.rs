//! From a cell's style to colours on the screen.

use crate::base::Rgb;
use crate::model::{Attrs, Color, Palette, Style, Theme};

/// How far faint text (SGR 2) fades into its background, of 255.
const FAINT: u8 = 115;

/// What decides the colours of a pane's cells.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    theme: &'a Theme,
    palette: &'a Palette,
    fg: Rgb,
    bg: Rgb,
}

/// The colours of one cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CellColors {
    pub fg: Rgb,
    pub bg: Rgb,
    /// Of the line under the text.
    pub underline: Rgb,
}

impl<'a> Look<'a> {
    /// `reversed` swaps the default foreground and background (DECSCNM); colours that a program names stay.
    pub fn new(theme: &'a Theme, palette: &'a Palette, reversed: bool) -> Self {
        let (fg, bg) = (theme.fg_in(palette), theme.bg_in(palette));
        let (fg, bg) = if reversed { (bg, fg) } else { (fg, bg) };
        Self { theme, palette, fg, bg }
    }

    /// What a pane is filled with.
    pub fn background(&self) -> Rgb {
        self.bg
    }

    /// The colours of a cell of this style.
    pub fn cell(&self, style: &Style) -> CellColors {
        let mut fg = self.theme.resolve(self.palette, style.fg, self.fg);
        let mut bg = self.theme.resolve(self.palette, style.bg, self.bg);
        if style.attrs.has(Attrs::REVERSE) {
            (fg, bg) = (bg, fg);
        }
        if style.attrs.has(Attrs::DIM) {
            fg = fg.mix(bg, FAINT);
        }
        let underline = match style.underline_color {
            Color::Default => fg,
            color => self.theme.resolve(self.palette, color, fg),
        };
        CellColors { fg, bg, underline }
    }

    /// The colours of a block cursor over a cell, and of the character under it. A cursor that would vanish in its cell's
    /// background takes the text's colour.
    pub fn cursor(&self, under: CellColors) -> (Rgb, Rgb) {
        let cursor = self.theme.cursor_in(self.palette);
        let apart = |a: Rgb, b: Rgb| a.r.abs_diff(b.r).max(a.g.abs_diff(b.g)).max(a.b.abs_diff(b.b)) > 24;
        if apart(cursor, under.bg) { (cursor, under.bg) } else { (under.fg, under.bg) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn style(fg: Color, bg: Color, attrs: Attrs) -> Style {
        Style { fg, bg, attrs, ..Style::default() }
    }

    #[test]
    fn reverse_swaps_and_faint_fades_what_is_text_then() {
        let (theme, palette) = (Theme::default(), Palette::default());
        let look = Look::new(&theme, &palette, false);
        let plain = look.cell(&style(Color::Indexed(1), Color::Indexed(4), Attrs::NONE));
        assert_eq!((plain.fg, plain.bg), (theme.ansi[1], theme.ansi[4]));
        let both = look.cell(&style(Color::Indexed(1), Color::Indexed(4), Attrs::REVERSE | Attrs::DIM));
        assert_eq!((both.fg, both.bg), (theme.ansi[4].mix(theme.ansi[1], FAINT), theme.ansi[1]));
    }

    #[test]
    fn a_reversed_screen_swaps_the_defaults_only() {
        let (theme, palette) = (Theme::default(), Palette::default());
        let look = Look::new(&theme, &palette, true);
        let cell = look.cell(&style(Color::Default, Color::Indexed(4), Attrs::NONE));
        assert_eq!((cell.fg, cell.bg, look.background()), (theme.bg, theme.ansi[4], theme.fg));
    }

    #[test]
    fn a_program_s_palette_comes_before_the_theme() {
        let theme = Theme::default();
        let mut palette = Palette { bg: Some(Rgb::new(1, 2, 3)), ..Palette::default() };
        palette.indexed.insert(200, Rgb::new(9, 9, 9));
        let cell = Look::new(&theme, &palette, false).cell(&style(Color::Indexed(200), Color::Default, Attrs::NONE));
        assert_eq!((cell.fg, cell.bg), (Rgb::new(9, 9, 9), Rgb::new(1, 2, 3)));
    }

    #[test]
    fn a_cursor_on_its_own_colour_is_still_seen() {
        let (theme, palette) = (Theme::default(), Palette::default());
        let look = Look::new(&theme, &palette, false);
        let under = CellColors { fg: theme.bg, bg: theme.cursor, underline: theme.bg };
        assert_eq!(look.cursor(under), (theme.bg, theme.cursor));
    }
}
