//! What lies on a pane's cells without being part of them: selection, marks and cursor. Cheap enough to be made anew each frame.

use super::look::Look;
use super::metrics::CellMetrics;
use super::pipelines::{Fill, QuadInstance};
use super::scene::{PaneScene, Selection};
use crate::base::{PxRect, Rgb};
use crate::model::{CursorShape, Width};

/// A cursor that is to be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    pub quad: QuadInstance,
    /// The cell whose character is drawn in another colour, and that colour: only under a full block. The block then lies
    /// under the text; every other cursor lies over it.
    pub under: Option<([u32; 2], Rgb)>,
}

/// The cursor of a pane, if it is to be seen now.
pub fn cursor(scene: &PaneScene, look: &Look<'_>, m: &CellMetrics) -> Option<Cursor> {
    let (screen, at) = (&scene.screen, scene.screen.cursor);
    if !at.visible || !scene.cursor_on {
        return None;
    }
    let row = screen.rows.get(usize::from(at.line))?;
    let mut col = at.col.min(screen.size.cols() - 1);
    if row.cell(col).width == Width::Spacer && col > 0 && row.cell(col - 1).width == Width::Wide {
        col -= 1;
    }
    let cell = row.cell(col);
    let wide = cell.width == Width::Wide && row.cell(col + 1).width == Width::Spacer;
    let (color, text) = look.cursor(look.cell(&cell.style));
    let (w, h) = (m.cell.w * if wide { 2 } else { 1 }, m.cell.h);
    let (x, y) = ((u32::from(col) * m.cell.w) as i32, (u32::from(at.line) * h) as i32);
    let quad = |rect, fill| QuadInstance::new(rect, color, 255, fill);
    let solid = Fill::Solid { radius: 0 };
    let mut under = None;
    let quad = match at.shape {
        CursorShape::Block if scene.focused => {
            under = Some(([u32::from(col), u32::from(at.line)], text));
            quad(PxRect::new(x, y, w, h), solid)
        }
        CursorShape::Block => quad(PxRect::new(x, y, w, h), Fill::Hollow { thick: m.line }),
        CursorShape::Underline => {
            let thick = (2 * m.line).max(h / 9).min(h);
            let top = m.underline.min(h - thick);
            quad(PxRect::new(x, y + top as i32, w, thick), solid)
        }
        CursorShape::Bar => quad(PxRect::new(x, y, (m.cell.w / 5).max(m.line + 1).min(m.cell.w), h), solid),
    };
    Some(Cursor { quad, under })
}

/// Appends the rectangles of the marks and then of the selection, one a line.
pub fn selections(scene: &PaneScene, color: Rgb, m: &CellMetrics, out: &mut Vec<QuadInstance>) {
    let selection = scene.selection.iter().map(|selection| (selection, color));
    let marks = scene.marks.iter().map(|(cells, color)| (cells, *color));
    marks.chain(selection).for_each(|(cells, color)| ground(scene, cells, color, m, out));
}

fn ground(scene: &PaneScene, selection: &Selection, color: Rgb, m: &CellMetrics, out: &mut Vec<QuadInstance>) {
    let cols = scene.screen.size.cols();
    let (first, last) = (selection.from.line.min(selection.to.line), selection.from.line.max(selection.to.line));
    for line in first..=last.min((scene.screen.rows.len() as u16).saturating_sub(1)) {
        let (from, to) = selection.columns(line, cols);
        if from < to {
            let (x, y) = (u32::from(from) * m.cell.w, u32::from(line) * m.cell.h);
            let rect = PxRect::new(x as i32, y as i32, u32::from(to - from) * m.cell.w, m.cell.h);
            out.push(QuadInstance::solid(rect, color));
        }
    }
}
