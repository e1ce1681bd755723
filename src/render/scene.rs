//! The draw list: everything that one frame shows, as plain values. Not a widget tree and not retained: the caller makes
//! one whenever something changed; the renderer finds out what that changed on the device.

use std::sync::Arc;

use crate::base::{PxPoint, PxRect, PxSize, Rgb};
use crate::model::Screen;

/// One frame. Drawn in this order: `background`, `below`, `panes`, `above`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Scene {
    /// The size of the target in physical pixels.
    pub size: PxSize,
    /// Fills the target before anything else.
    pub background: Rgb,
    /// Pane headers, frames, dividers.
    pub below: Layer,
    pub panes: Vec<PaneScene>,
    /// Prompts, the command bar, key help: whatever lies over panes.
    pub above: Layer,
}

/// One pane's text area.
#[derive(Debug, Clone, PartialEq)]
pub struct PaneScene {
    /// The same for the same pane in every frame, and no other pane's: what is on the device is kept by it. The session
    /// number will do.
    pub key: u32,
    /// Where the grid of cells is drawn, from its top left, in physical pixels. A grid that is larger is clipped; where it
    /// is smaller, the rest shows the pane's background.
    pub area: PxRect,
    pub screen: Arc<Screen>,
    /// Without focus a block cursor is hollow.
    pub focused: bool,
    /// The phase of a blinking cursor: false hides it. True for cursors that do not blink.
    pub cursor_on: bool,
    pub selection: Option<Selection>,
    /// Cells with another ground, under the selection; later ones lie over earlier ones.
    pub marks: Vec<(Selection, Rgb)>,
    /// Draws everything half way towards the pane's background.
    pub dim: bool,
}

/// A cell of the viewport.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct CellPos {
    /// Row of the viewport, from 0.
    pub line: u16,
    /// Column, from 0.
    pub col: u16,
}

/// The selected cells of a viewport. Both ends are part of it and may come in either order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selection {
    pub from: CellPos,
    pub to: CellPos,
    /// A rectangle with the two ends as corners, instead of running text between them.
    pub block: bool,
}

impl Selection {
    /// The selected columns of a line of a viewport that is `cols` wide: first, and the one behind the last. Empty where
    /// nothing is selected.
    pub fn columns(&self, line: u16, cols: u16) -> (u16, u16) {
        let (a, b) = (self.from.min(self.to), self.from.max(self.to));
        if line < a.line || line > b.line {
            return (0, 0);
        }
        let (first, last) = if self.block {
            (a.col.min(b.col), a.col.max(b.col))
        } else {
            (if line == a.line { a.col } else { 0 }, if line == b.line { b.col } else { u16::MAX })
        };
        let end = last.saturating_add(1).min(cols);
        if first < end { (first, end) } else { (0, 0) }
    }
}

/// Rectangles, and over all of them lines of text.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Layer {
    /// Later ones lie over earlier ones.
    pub rects: Vec<Quad>,
    pub texts: Vec<TextLine>,
}

/// A filled rectangle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quad {
    pub rect: PxRect,
    pub color: Rgb,
    /// 255 is opaque.
    pub alpha: u8,
    /// Radius of its corners in physical pixels, at most half its shorter side.
    pub radius: u32,
}

/// One line of chrome text.
#[derive(Debug, Clone, PartialEq)]
pub struct TextLine {
    /// Top left of the line box, which is as high as `Fonts::line_height` says for `px`.
    pub pos: PxPoint,
    /// Nothing is drawn outside.
    pub clip: PxRect,
    /// A line break ends it: what follows is not drawn.
    pub text: String,
    /// Font size in physical pixels.
    pub px: f32,
    pub color: Rgb,
    pub bold: bool,
    /// The terminals' font instead of the interface's.
    pub mono: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(line: u16, col: u16) -> CellPos {
        CellPos { line, col }
    }

    #[test]
    fn running_text_is_selected_to_the_ends_of_lines_between() {
        let s = Selection { from: at(3, 2), to: at(1, 5), block: false };
        let of = |line| s.columns(line, 10);
        assert_eq!([of(0), of(1), of(2), of(3), of(4)], [(0, 0), (5, 10), (0, 10), (0, 3), (0, 0)]);
    }

    #[test]
    fn a_block_has_the_same_columns_on_each_line() {
        let s = Selection { from: at(1, 7), to: at(2, 4), block: true };
        assert_eq!([s.columns(1, 10), s.columns(2, 10), s.columns(2, 6)], [(4, 8), (4, 8), (4, 6)]);
    }

    #[test]
    fn a_selection_beyond_the_last_column_selects_nothing_there() {
        let s = Selection { from: at(0, 12), to: at(1, 0), block: false };
        assert_eq!([s.columns(0, 10), s.columns(1, 10)], [(0, 0), (0, 1)]);
    }
}
