//! A cell's worth of coverage to draw on.

use crate::base::PxSize;
use crate::render::raster::Bitmap;

/// Points per pixel and direction that decide a slanted edge's coverage.
const SAMPLES: u32 = 8;

/// A mask as large as a cell. Coordinates are pixels from its top left.
pub struct Canvas {
    pub w: i32,
    pub h: i32,
    /// Thickness of a light line.
    pub light: i32,
    mask: Bitmap,
}

impl Canvas {
    /// An empty one for cells of this size.
    pub fn new(cell: PxSize) -> Self {
        // An eighth of the width is what box drawing has in most fonts.
        let light = ((cell.w + 4) / 8).max(1) as i32;
        Self { w: cell.w as i32, h: cell.h as i32, light, mask: Bitmap::mask(cell.w, cell.h) }
    }

    /// What was drawn.
    pub fn bitmap(self) -> Bitmap {
        self.mask
    }

    /// Fills the pixels from `x0`, `y0` up to and without `x1`, `y1` with a coverage.
    pub fn fill(&mut self, (x0, y0): (i32, i32), (x1, y1): (i32, i32), cover: u8) {
        for y in y0.max(0)..y1.min(self.h) {
            for x in x0.max(0)..x1.min(self.w) {
                self.mask.data[(y * self.w + x) as usize] = cover;
            }
        }
    }

    /// Adds a shape with slanted or round edges: `inside` says which points belong to it.
    pub fn shape(&mut self, inside: impl Fn(f32, f32) -> bool) {
        let step = 1.0 / SAMPLES as f32;
        let at = |pixel: i32, sample: u32| pixel as f32 + (sample as f32 + 0.5) * step;
        for y in 0..self.h {
            for x in 0..self.w {
                let points = (0..SAMPLES * SAMPLES).filter(|i| inside(at(x, i % SAMPLES), at(y, i / SAMPLES))).count();
                let cover = (points as u32 * 255 / (SAMPLES * SAMPLES)) as u8;
                let pixel = &mut self.mask.data[(y * self.w + x) as usize];
                *pixel = (*pixel).max(cover);
            }
        }
    }
}
