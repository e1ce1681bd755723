//! Which of the drawn characters is drawn by whom.

use super::canvas::Canvas;
use super::{lines, shapes};
use crate::render::metrics::CellMetrics;
use crate::render::raster::Bitmap;

/// The picture of a character that is drawn, on one cell; `None` for all others.
pub fn draw(ch: char, m: &CellMetrics) -> Option<Bitmap> {
    let mut canvas = Canvas::new(m.cell);
    match ch {
        '\u{2500}'..='\u{257f}' => lines::draw(ch, &mut canvas),
        '\u{2580}'..='\u{259f}' => shapes::block(ch, &mut canvas),
        '\u{2800}'..='\u{28ff}' => shapes::braille(ch, &mut canvas),
        '\u{e0b0}'..='\u{e0b7}' => shapes::powerline(ch, &mut canvas),
        _ => return None,
    }
    Some(canvas.bitmap())
}
