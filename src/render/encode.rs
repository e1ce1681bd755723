//! From a row of cells to what the pipelines draw. Pure: where glyphs come from is a parameter.

use super::atlas::Pages;
use super::fonts::Face;
use super::glyphs::{Cluster, Glyph};
use super::look::Look;
use super::metrics::CellMetrics;
use super::pipelines::{Fill, GlyphInstance, QuadInstance};
use crate::base::{PxRect, Rgb};
use crate::model::{Attrs, Cell, Row, Underline, Width};

/// A row as instances. Kept and reused: encoding allocates nothing once it has grown.
#[derive(Debug, Default)]
pub struct Encoded {
    /// Backgrounds other than the pane's.
    pub backs: Vec<QuadInstance>,
    /// Lines under and through text.
    pub lines: Vec<QuadInstance>,
    /// Glyphs in the text's colour, and those with colours of their own.
    pub texts: Vec<GlyphInstance>,
    pub pictures: Vec<GlyphInstance>,
    /// The pages that its glyphs are on.
    pub pages: Pages,
    /// A glyph was not to be had: the row has to be encoded again.
    pub incomplete: bool,
}

/// Where a row stands and how its cells look.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    pub look: Look<'a>,
    pub metrics: CellMetrics,
    /// Its line in the viewport.
    pub line: u16,
    /// Columns of the screen.
    pub cols: u16,
}

/// A run of cells that share a background or a line.
struct Run<K> {
    key: K,
    from: u16,
    to: u16,
}

/// Extends the run by a column, or begins another and gives back the one that ended.
fn extend<K: PartialEq>(run: &mut Option<Run<K>>, key: Option<K>, col: u16) -> Option<Run<K>> {
    match (run.as_mut(), key) {
        (Some(open), Some(key)) if open.key == key && open.to == col => {
            open.to += 1;
            None
        }
        (_, key) => std::mem::replace(run, key.map(|key| Run { key, from: col, to: col + 1 })),
    }
}

/// Encodes a row into `out`; `glyph` gives the picture of a cluster, or `None` where there is no room for it now.
pub fn encode(row: &Row, place: &Place<'_>, out: &mut Encoded, mut glyph: impl FnMut(Cluster<'_>) -> Option<Glyph>) {
    out.backs.clear();
    out.lines.clear();
    out.texts.clear();
    out.pictures.clear();
    (out.pages, out.incomplete) = (0, false);
    let cols = place.cols.min(row.cells.len() as u16);
    let mut back: Option<Run<Rgb>> = None;
    let mut under: Option<Run<(Underline, Rgb)>> = None;
    let mut strike: Option<Run<Rgb>> = None;
    for (col, cell) in (0..cols).zip(&row.cells) {
        let colors = place.look.cell(&cell.style);
        let own_back = (colors.bg != place.look.background()).then_some(colors.bg);
        if let Some(run) = extend(&mut back, own_back, col) {
            push_back(out, place, &run);
        }
        let line = (cell.style.underline != Underline::None).then_some((cell.style.underline, colors.underline));
        if let Some(run) = extend(&mut under, line, col) {
            push_underline(out, place, &run);
        }
        let through = cell.style.attrs.has(Attrs::STRIKE).then_some(colors.fg);
        if let Some(run) = extend(&mut strike, through, col) {
            push_strike(out, place, &run);
        }
        if let Some(cluster) = cluster(row, cell, col, place.cols) {
            match glyph(cluster) {
                Some(glyph) => push_glyph(out, place, col, colors.fg, cell, glyph),
                None => out.incomplete = true,
            }
        }
    }
    back.iter().for_each(|run| push_back(out, place, run));
    under.iter().for_each(|run| push_underline(out, place, run));
    strike.iter().for_each(|run| push_strike(out, place, run));
}

/// What is to be seen in a cell, if anything.
fn cluster<'a>(row: &'a Row, cell: &Cell, col: u16, cols: u16) -> Option<Cluster<'a>> {
    let marks = row.marks_at(col);
    let blank = matches!(cell.ch, ' ' | '\u{a0}') || cell.ch.is_control();
    if cell.width == Width::Spacer || cell.style.attrs.has(Attrs::HIDDEN) || (blank && marks.is_none()) {
        return None;
    }
    // A wide character whose other half was overwritten, or has no room, is drawn in one cell.
    let has_room = cell.width == Width::Wide && col + 1 < cols && row.cell(col + 1).width == Width::Spacer;
    let face = Face { bold: cell.style.attrs.has(Attrs::BOLD), italic: cell.style.attrs.has(Attrs::ITALIC) };
    let ch = if cell.ch.is_control() { ' ' } else { cell.ch };
    Some(Cluster { ch, marks, face, cells: if has_room { 2 } else { 1 } })
}

fn push_glyph(out: &mut Encoded, place: &Place<'_>, col: u16, fg: Rgb, cell: &Cell, glyph: Glyph) {
    if glyph.is_blank() {
        return;
    }
    out.pages |= glyph.pages();
    let (layer, in_color) = glyph.slot.layer();
    let faint = in_color && cell.style.attrs.has(Attrs::DIM);
    let list = if in_color { &mut out.pictures } else { &mut out.texts };
    list.push(GlyphInstance {
        cell: [col, place.line],
        offset: [glyph.left, glyph.top],
        size: [glyph.w, glyph.h],
        at: [glyph.slot.x, glyph.slot.y],
        layer,
        color: [fg.r, fg.g, fg.b, if faint { 140 } else { 255 }],
    });
}

/// The pixels of a run of cells, `top` and `h` within the row.
fn span<K>(place: &Place<'_>, run: &Run<K>, top: u32, h: u32) -> PxRect {
    let cell = place.metrics.cell;
    let y = u32::from(place.line) * cell.h + top;
    PxRect::new((u32::from(run.from) * cell.w) as i32, y as i32, u32::from(run.to - run.from) * cell.w, h)
}

fn push_back(out: &mut Encoded, place: &Place<'_>, run: &Run<Rgb>) {
    out.backs.push(QuadInstance::solid(span(place, run, 0, place.metrics.cell.h), run.key));
}

fn push_strike(out: &mut Encoded, place: &Place<'_>, run: &Run<Rgb>) {
    out.lines.push(QuadInstance::solid(span(place, run, place.metrics.strike, place.metrics.line), run.key));
}

fn push_underline(out: &mut Encoded, place: &Place<'_>, run: &Run<(Underline, Rgb)>) {
    let m = &place.metrics;
    let (kind, color) = run.key;
    // Lines that need more height than is below the text reach up to it rather than out of the cell.
    let from_bottom = |height: u32| m.underline.min(m.cell.h.saturating_sub(height));
    let mut line = |top, h, fill| out.lines.push(QuadInstance::new(span(place, run, top, h), color, 255, fill));
    let solid = Fill::Solid { radius: 0 };
    match kind {
        Underline::None => {}
        Underline::Single => line(m.underline, m.line, solid),
        Underline::Double => {
            let top = from_bottom(3 * m.line);
            line(top, m.line, solid);
            line(top + 2 * m.line, m.line, solid);
        }
        Underline::Curly => {
            let h = (m.line + 3).max(m.cell.h / 6).min(m.cell.h);
            line(from_bottom(h), h, Fill::Curly { thick: m.line });
        }
        Underline::Dotted => line(m.underline, m.line, Fill::Dotted { thick: m.line }),
        Underline::Dashed => line(m.underline, m.line, Fill::Dashed),
    }
}

#[cfg(test)]
mod tests;
