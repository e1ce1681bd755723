//! The geometry of one cell in whole pixels: where its text stands and where its lines run.

use crate::base::PxSize;

/// What a font says about itself, in parts of its size (1.0 is one em); heights upwards from the baseline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FontShape {
    /// Width of a digit.
    pub advance: f32,
    pub ascent: f32,
    /// Below the baseline, so negative.
    pub descent: f32,
    pub leading: f32,
    /// Middle of the underline and its thickness.
    pub underline: (f32, f32),
    /// Middle of the line through the text.
    pub strike: f32,
}

/// Thinnest line, in parts of the font's size.
const MIN_THICKNESS: f32 = 0.055;

/// The measures of a cell, in pixels from its top.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CellMetrics {
    pub cell: PxSize,
    /// The row of pixels that letters stand on starts here.
    pub baseline: u32,
    /// Thickness of underlines, strikes, box drawing lines; at least 1.
    pub line: u32,
    /// Top of a single underline.
    pub underline: u32,
    /// Top of the line through the text.
    pub strike: u32,
}

impl CellMetrics {
    /// The cell of a font at a size in pixels. Whole pixels, so that every column and row starts on one and a glyph looks
    /// the same wherever it stands.
    pub fn new(font: &FontShape, px: f32) -> Self {
        let w = (font.advance * px).round().max(1.0) as u32;
        let text = (font.ascent - font.descent) * px;
        let h = (text + font.leading * px).ceil().max(1.0);
        // What rounding adds is shared between top and bottom.
        let baseline = (font.ascent * px + (h - text) / 2.0).round().clamp(1.0, h);
        // Many fonts' own thickness vanishes at the size of a terminal's text.
        let line = (font.underline.1.max(MIN_THICKNESS) * px).round().max(1.0);
        let from_baseline = |middle: f32| baseline - middle * px - line / 2.0;
        // Clear of the letters' feet, and inside the cell.
        let last = (h - line).max(0.0);
        let underline = from_baseline(font.underline.0).round().max(baseline + 1.0).min(last);
        let strike = from_baseline(font.strike).round().clamp(0.0, last);
        Self {
            cell: PxSize { w, h: h as u32 },
            baseline: baseline as u32,
            line: line as u32,
            underline: underline as u32,
            strike: strike as u32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// DejaVu Sans Mono.
    const FONT: FontShape = FontShape {
        advance: 0.602,
        ascent: 0.928,
        descent: -0.236,
        leading: 0.0,
        underline: (-0.085, 0.044),
        strike: 0.3,
    };

    #[test]
    fn a_cell_holds_its_text() {
        let m = CellMetrics::new(&FONT, 16.0);
        assert_eq!((m.cell, m.baseline), (PxSize { w: 10, h: 19 }, 15));
        assert!(m.underline > m.baseline && m.underline + m.line <= m.cell.h);
        assert!(m.strike > 5 && m.strike < m.baseline);
    }

    #[test]
    fn every_size_gives_a_cell_with_its_lines_inside() {
        for px in 1..200 {
            let m = CellMetrics::new(&FONT, px as f32);
            assert!(m.cell.w >= 1 && m.line >= 1 && m.baseline <= m.cell.h, "{px}: {m:?}");
            assert!(m.underline + m.line <= m.cell.h && m.strike + m.line <= m.cell.h, "{px}: {m:?}");
        }
    }
}
