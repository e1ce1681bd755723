//! From a cluster of characters to a bitmap that fits its cells. Keeps nothing: the glyph cache does.

use cosmic_text::{SwashCache, SwashContent, SwashImage};

use super::fonts::{Face, Fonts, Shaped};
use super::metrics::CellMetrics;

/// The picture of a glyph.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bitmap {
    /// Where its left edge lies, in pixels from the left of its first cell.
    pub left: i32,
    /// Where its top lies, in pixels down from the top of its cells.
    pub top: i32,
    pub w: u32,
    pub h: u32,
    /// Four bytes a pixel, premultiplied, instead of one of coverage.
    pub color: bool,
    pub data: Vec<u8>,
}

impl Bitmap {
    /// A mask of `w` by `h` pixels that covers nothing.
    pub fn mask(w: u32, h: u32) -> Self {
        Self { w, h, data: vec![0; w as usize * h as usize], ..Self::default() }
    }
}

/// A glyph's image and where it belongs, in pixels from the cells' top left.
struct Piece {
    x: i32,
    y: i32,
    image: SwashImage,
}

/// Makes bitmaps from clusters.
pub struct Rasterizer {
    swash: SwashCache,
}

impl Rasterizer {
    /// One without anything prepared.
    pub fn new() -> Self {
        Self { swash: SwashCache::new() }
    }

    /// The picture of `text`, one cluster, on `cells` cells (1 or 2). A character that no font has becomes a hollow box.
    pub fn cluster(&mut self, fonts: &mut Fonts, text: &str, face: Face, cells: u8) -> Bitmap {
        let m = fonts.metrics();
        let span = m.cell.w * u32::from(cells);
        let mut emoji = prefers_emoji(text, cells);
        let mut px = fonts.px();
        let mut shaped = fonts.shape_cluster(text, face, emoji, px);
        if emoji && shaped.missing {
            emoji = false;
            shaped = fonts.shape_cluster(text, face, false, px);
        }
        if shaped.missing {
            return missing(&m, span);
        }
        // A font of another family has other widths. Small differences look better than a change of size.
        if !shaped.own_family && shaped.advance > span as f32 * 1.1 {
            px *= span as f32 / shaped.advance;
            shaped = fonts.shape_cluster(text, face, emoji, px);
        }
        let mut pieces = self.pieces(fonts, &shaped, &m, span);
        if let Some(scale) = too_large(&pieces, &m, span) {
            shaped = fonts.shape_cluster(text, face, emoji, px * scale);
            pieces = self.pieces(fonts, &shaped, &m, span);
        }
        let mut bitmap = compose(&pieces, &m, span);
        if bitmap.color {
            center(&mut bitmap, &m, span);
        } else if face.bold && fonts.fakes_bold() {
            embolden(&mut bitmap);
        }
        bitmap
    }

    fn pieces(&mut self, fonts: &mut Fonts, shaped: &Shaped, m: &CellMetrics, span: u32) -> Vec<Piece> {
        // Text of the terminal's own font starts where its cell starts; other fonts' glyphs stand in the middle.
        let dx = if shaped.own_family { 0 } else { ((span as f32 - shaped.advance) / 2.0).round() as i32 };
        let mut pieces = Vec::with_capacity(shaped.glyphs.len());
        for glyph in &shaped.glyphs {
            let Some(image) = self.swash.get_image_uncached(&mut fonts.system, glyph.cache_key) else { continue };
            let mut x = dx + glyph.x + image.placement.left;
            let y = m.baseline as i32 + glyph.y - image.placement.top;
            // A mark that its font places behind the character, for want of a better place, belongs over it.
            if !pieces.is_empty() && x >= span as i32 {
                x -= span as i32;
            }
            pieces.push(Piece { x, y, image });
        }
        pieces
    }
}

/// Whether a cluster means a colour picture: it says so, or it is one of those that are pictures unless they say otherwise
/// (in a terminal those are two cells wide).
fn prefers_emoji(text: &str, cells: u8) -> bool {
    if text.contains('\u{fe0f}') {
        return true;
    }
    let pictures = |c: char| c >= '\u{1f000}' || (cells == 2 && ('\u{2300}'..='\u{2bff}').contains(&c));
    !text.contains('\u{fe0e}') && text.chars().next().is_some_and(pictures)
}

/// The scale at which a colour picture fits its cells, where it does not yet.
fn too_large(pieces: &[Piece], m: &CellMetrics, span: u32) -> Option<f32> {
    let color = pieces.iter().filter(|p| p.image.content == SwashContent::Color);
    let (w, h) = color.fold((0, 0), |(w, h), p| (w.max(p.image.placement.width), h.max(p.image.placement.height)));
    let scale = (span as f32 / w.max(1) as f32).min(m.cell.h as f32 / h.max(1) as f32);
    (scale < 1.0).then_some(scale)
}

/// Lays the pieces over each other. What hangs over the cells by more than half a cell is cut off.
fn compose(pieces: &[Piece], m: &CellMetrics, span: u32) -> Bitmap {
    let (over_x, over_y) = (m.cell.w as i32 / 2, m.cell.h as i32 / 2);
    let clip = (-over_x, -over_y, span as i32 + over_x, m.cell.h as i32 + over_y);
    let mut bounds: Option<(i32, i32, i32, i32)> = None;
    for p in pieces {
        let (w, h) = (p.image.placement.width as i32, p.image.placement.height as i32);
        let one = (p.x.max(clip.0), p.y.max(clip.1), (p.x + w).min(clip.2), (p.y + h).min(clip.3));
        if one.0 < one.2 && one.1 < one.3 {
            let all = bounds.unwrap_or(one);
            bounds = Some((all.0.min(one.0), all.1.min(one.1), all.2.max(one.2), all.3.max(one.3)));
        }
    }
    let Some((left, top, right, bottom)) = bounds else { return Bitmap::default() };
    let (w, h) = ((right - left) as u32, (bottom - top) as u32);
    let color = pieces.iter().any(|p| p.image.content == SwashContent::Color);
    let bytes = if color { 4 } else { 1 };
    let mut out = Bitmap { left, top, w, h, color, data: vec![0; w as usize * h as usize * bytes] };
    for p in pieces {
        paint(&mut out, p);
    }
    out
}

fn paint(out: &mut Bitmap, piece: &Piece) {
    let (iw, ih) = (piece.image.placement.width as i32, piece.image.placement.height as i32);
    let rows = (out.top.max(piece.y))..((out.top + out.h as i32).min(piece.y + ih));
    let cols = (out.left.max(piece.x))..((out.left + out.w as i32).min(piece.x + iw));
    let over = |a: u8, b: u8, cover: u8| (u32::from(a) + u32::from(b) * (255 - u32::from(cover)) / 255).min(255) as u8;
    for y in rows {
        for x in cols.clone() {
            let from = ((y - piece.y) * iw + x - piece.x) as usize;
            let to = ((y - out.top) * out.w as i32 + x - out.left) as usize;
            let data = &piece.image.data;
            let is_color = piece.image.content == SwashContent::Color;
            if out.color {
                let source = if is_color { premultiplied(&data[from * 4..from * 4 + 4]) } else { [data[from]; 4] };
                for (dst, src) in out.data[to * 4..to * 4 + 4].iter_mut().zip(source) {
                    *dst = over(src, *dst, source[3]);
                }
            } else {
                out.data[to] = over(data[from], out.data[to], data[from]);
            }
        }
    }
}

fn premultiplied(rgba: &[u8]) -> [u8; 4] {
    let by = |c: u8| ((u32::from(c) * u32::from(rgba[3]) + 127) / 255) as u8;
    [by(rgba[0]), by(rgba[1]), by(rgba[2]), rgba[3]]
}

/// Puts a colour picture in the middle of its cells: its font's baseline means little beside another font's text.
fn center(bitmap: &mut Bitmap, m: &CellMetrics, span: u32) {
    bitmap.left = (span as i32 - bitmap.w as i32) / 2;
    bitmap.top = (m.cell.h as i32 - bitmap.h as i32) / 2;
}

/// Draws a mask twice, a pixel apart.
fn embolden(bitmap: &mut Bitmap) {
    let (w, h) = (bitmap.w as usize, bitmap.h as usize);
    let mut out = Bitmap { left: bitmap.left, top: bitmap.top, ..Bitmap::mask(bitmap.w + 1, bitmap.h) };
    for y in 0..h {
        for x in 0..=w {
            let at = |x: usize| if x < w { bitmap.data[y * w + x] } else { 0 };
            out.data[y * (w + 1) + x] = at(x).max(if x > 0 { at(x - 1) } else { 0 });
        }
    }
    *bitmap = out;
}

/// What shows in place of a character that no font has.
fn missing(m: &CellMetrics, span: u32) -> Bitmap {
    let height = (m.baseline * 3 / 4).max(1);
    let inset = m.line.min(span / 4);
    let w = (span - 2 * inset).max(1);
    let mut out = Bitmap { left: inset as i32, top: (m.baseline - height) as i32, ..Bitmap::mask(w, height) };
    for y in 0..height {
        for x in 0..w {
            let edge = x < m.line || y < m.line || x + m.line >= w || y + m.line >= height;
            out.data[(y * w + x) as usize] = if edge { 255 } else { 0 };
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::fonts::FontOptions;

    fn fonts(files: &[&str]) -> Fonts {
        let files = files.iter().map(|f| format!("/usr/share/fonts/truetype/{f}").into()).collect();
        Fonts::new(&FontOptions { family: None, px: 16.0, files }).expect("the test fonts are installed")
    }

    const MONO: &str = "dejavu/DejaVuSansMono.ttf";
    const PLAIN: Face = Face { bold: false, italic: false };

    #[test]
    fn letters_stand_on_the_baseline_inside_their_cell() {
        let mut fonts = fonts(&[MONO]);
        let m = fonts.metrics();
        let bitmap = Rasterizer::new().cluster(&mut fonts, "H", PLAIN, 1);
        assert_eq!(bitmap.top + bitmap.h as i32, m.baseline as i32);
        assert!(bitmap.left >= 0 && bitmap.left + bitmap.w as i32 <= m.cell.w as i32 && !bitmap.color);
    }

    #[test]
    fn colour_pictures_fit_one_cell_and_two() {
        let mut fonts = fonts(&[MONO, "noto/NotoColorEmoji.ttf"]);
        let cell = fonts.metrics().cell;
        for cells in [1, 2] {
            let b = Rasterizer::new().cluster(&mut fonts, "\u{1f600}", PLAIN, cells);
            let span = cell.w * u32::from(cells);
            assert!(b.color && b.w <= span && b.h <= cell.h && b.w * 3 > span * 2, "{cells}: {} x {}", b.w, b.h);
        }
        assert!(!Rasterizer::new().cluster(&mut fonts, "\u{263a}\u{fe0e}", PLAIN, 1).color);
        assert!(Rasterizer::new().cluster(&mut fonts, "\u{263a}\u{fe0f}", PLAIN, 2).color);
    }

    #[test]
    fn what_no_font_has_is_a_box() {
        let mut fonts = fonts(&[MONO]);
        for cells in [1, 2] {
            let b = Rasterizer::new().cluster(&mut fonts, "\u{6f22}", PLAIN, cells);
            assert!(b.w + 2 >= fonts.metrics().cell.w * u32::from(cells) && b.data.contains(&255));
        }
    }

    #[test]
    fn bold_is_made_where_no_face_has_it() {
        let mut fonts = fonts(&[MONO]);
        let plain = Rasterizer::new().cluster(&mut fonts, "l", PLAIN, 1);
        let bold = Rasterizer::new().cluster(&mut fonts, "l", Face { bold: true, italic: false }, 1);
        let ink = |b: &Bitmap| b.data.iter().map(|&c| u32::from(c)).sum::<u32>();
        assert!(bold.w == plain.w + 1 && ink(&bold) > ink(&plain));
    }

    #[test]
    fn a_pile_of_marks_ends_half_a_cell_beyond() {
        let mut fonts = fonts(&[MONO]);
        let m = fonts.metrics();
        let pile = format!("a{}", "\u{301}\u{323}\u{488}".repeat(20));
        let b = Rasterizer::new().cluster(&mut fonts, &pile, PLAIN, 1);
        assert!(b.top >= -(m.cell.h as i32) / 2 && b.w <= 2 * m.cell.w && b.h <= 2 * m.cell.h);
    }
}
