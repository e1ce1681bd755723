//! Character sets: ASCII and DEC special graphics in G0 to G3, of which SI and SO choose G0 or G1.

use alacritty_terminal::vte::ansi::{CharsetIndex, StandardCharset};

use super::state::Terminal;

/// The four sets in the order of their numbers.
pub(in crate::engine) const SETS: [CharsetIndex; 4] =
    [CharsetIndex::G0, CharsetIndex::G1, CharsetIndex::G2, CharsetIndex::G3];

impl Terminal {
    /// The set that printed characters go through.
    #[inline]
    pub(super) fn charset(&self) -> StandardCharset {
        self.screen.grid.cursor.charsets[SETS[self.gl]]
    }

    /// SCS: `( ) * +` name the set, `0` and `B` what it becomes. Other sets are not built and change nothing.
    pub(super) fn designate(&mut self, intermediate: u8, name: u8) {
        let Some(set) = b"()*+".iter().position(|&b| b == intermediate) else { return };
        let charset = match name {
            b'B' => StandardCharset::Ascii,
            b'0' => StandardCharset::SpecialCharacterAndLineDrawing,
            _ => return,
        };
        self.screen.grid.cursor.charsets[SETS[set]] = charset;
    }
}
