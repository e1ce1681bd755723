//! Answers to queries. The whole list: DA1, DA2, DSR 5 and 6, DECRQM, XTVERSION, CSI 14, 16 and 18 t, the kitty
//! protocol's flags, XTQMODKEYS 4, and the colours of [`super::color`]. Numbers are written anew; no byte of a query and
//! no text a program has set is ever in an answer.

use super::state::Terminal;
use crate::model::Modes;

/// The version as one number that grows with each release, for DA2.
fn version_number() -> u32 {
    env!("CARGO_PKG_VERSION").split('.').fold(0, |all, part| all * 100 + part.parse::<u32>().unwrap_or(0))
}

impl Terminal {
    /// DA1: a VT102, which claims nothing that is not built.
    pub(super) fn primary_attributes(&self) -> String {
        "\x1b[?6c".to_owned()
    }

    /// DA2: kind 0, our version, no cartridge.
    pub(super) fn secondary_attributes(&self) -> String {
        format!("\x1b[>0;{};0c", version_number())
    }

    /// XTVERSION.
    pub(super) fn version(&self) -> String {
        concat!("\x1bP>|synk(", env!("CARGO_PKG_VERSION"), ")\x1b\\").to_owned()
    }

    /// DSR: 5 asks whether all is well, 6 for the cursor (from the top margin on under DECOM).
    pub(super) fn status(&self, what: u16) -> Option<String> {
        match what {
            5 => Some("\x1b[0n".to_owned()),
            6 => {
                let top = if self.switches.origin { self.region.start } else { 0 };
                let line = self.screen.line().saturating_sub(top);
                Some(format!("\x1b[{};{}R", line + 1, self.screen.col() + 1))
            }
            _ => None,
        }
    }

    /// DECRQM: 1 on, 2 off, 0 unknown.
    pub(super) fn mode_report(&self, mode: u16, private: bool) -> String {
        let (mark, state) = if private { ("?", self.private_mode(mode)) } else { ("", self.ansi_mode(mode)) };
        let state = state.map_or(0, |on| if on { 1 } else { 2 });
        format!("\x1b[{mark}{mode};{state}$y")
    }

    /// `CSI ? u`: the kitty protocol's flags in force.
    pub(super) fn key_flags(&self) -> String {
        format!("\x1b[?{}u", self.screen.keys.flags())
    }

    /// XTQMODKEYS of modifyOtherKeys, the only one that is built.
    pub(super) fn other_keys_level(&self) -> String {
        let levels = [Modes::OTHER_KEYS, Modes::ALL_OTHER_KEYS];
        let level = levels.iter().position(|level| self.modes.has(*level)).map_or(0, |at| at + 1);
        format!("\x1b[>4;{level}m")
    }

    /// CSI 14, 16, 18 t: the size of the screen and of a cell in pixels, as far as a window has said, and in cells.
    pub(super) fn size_report(&self, what: u16) -> Option<String> {
        let (w, h) = (u32::from(self.cell_px.0), u32::from(self.cell_px.1));
        let (cols, lines) = (u32::from(self.size.cols()), u32::from(self.size.lines()));
        match what {
            14 if w > 0 && h > 0 => Some(format!("\x1b[4;{};{}t", h * lines, w * cols)),
            16 if w > 0 && h > 0 => Some(format!("\x1b[6;{h};{w}t")),
            18 => Some(format!("\x1b[8;{lines};{cols}t")),
            _ => None,
        }
    }
}
