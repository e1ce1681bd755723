//! `themes/NAME.ron`: colours over those of the built-in theme.

use serde::Deserialize;

use super::values::HexColor;
use crate::base::Rgb;
use crate::model::Theme;

/// The shape of a theme: every colour may be missing.
#[derive(Debug, Default, Deserialize)]
#[serde(rename = "Theme", deny_unknown_fields, default)]
pub(super) struct ThemeFile {
    fg: Option<HexColor>,
    bg: Option<HexColor>,
    cursor: Option<HexColor>,
    selection_bg: Option<HexColor>,
    ansi: Option<Ansi>,
    gap: Option<HexColor>,
    header_bg: Option<HexColor>,
    header_fg: Option<HexColor>,
    accent: Option<HexColor>,
    warning: Option<HexColor>,
    running: Option<HexColor>,
    quiet: Option<HexColor>,
    exited: Option<HexColor>,
}

/// The indexed colours 0 to 15.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Vec<HexColor>")]
struct Ansi([Rgb; 16]);

impl TryFrom<Vec<HexColor>> for Ansi {
    type Error = String;

    fn try_from(colors: Vec<HexColor>) -> Result<Self, String> {
        let count = colors.len();
        let colors: Vec<Rgb> = colors.into_iter().map(|c| c.0).collect();
        colors.try_into().map(Self).map_err(|_| format!("ansi must be a list of 16 colours, not of {count}"))
    }
}

impl ThemeFile {
    /// The theme: what the file does not say is as in the built-in one.
    pub(super) fn theme(self) -> Theme {
        let base = Theme::default();
        let or = |mine: Option<HexColor>, base: Rgb| mine.map_or(base, |c| c.0);
        Theme {
            fg: or(self.fg, base.fg),
            bg: or(self.bg, base.bg),
            cursor: or(self.cursor, base.cursor),
            selection_bg: or(self.selection_bg, base.selection_bg),
            ansi: self.ansi.map_or(base.ansi, |a| a.0),
            gap: or(self.gap, base.gap),
            header_bg: or(self.header_bg, base.header_bg),
            header_fg: or(self.header_fg, base.header_fg),
            accent: or(self.accent, base.accent),
            warning: or(self.warning, base.warning),
            running: or(self.running, base.running),
            quiet: or(self.quiet, base.quiet),
            exited: or(self.exited, base.exited),
        }
    }
}
