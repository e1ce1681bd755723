//! Places rectangles on a square page, in rows of like height. Knows no pixels.

/// The free space of one page.
#[derive(Debug)]
pub struct Shelves {
    side: u32,
    shelves: Vec<Shelf>,
    /// Where the next shelf begins.
    bottom: u32,
}

#[derive(Debug)]
struct Shelf {
    y: u32,
    h: u32,
    /// Where the next rectangle begins.
    x: u32,
}

/// Shelves are as high as a multiple of this, so that glyphs of nearly the same height share them.
const STEP: u32 = 4;

impl Shelves {
    /// An empty page of `side` by `side` pixels.
    pub fn new(side: u32) -> Self {
        Self { side, shelves: Vec::new(), bottom: 0 }
    }

    /// A free place for `w` by `h` pixels: its left and top. `None` when there is none on this page.
    pub fn place(&mut self, w: u32, h: u32) -> Option<(u32, u32)> {
        if w > self.side || h > self.side {
            return None;
        }
        let fits = |s: &&mut Shelf| s.h >= h && s.h < h + 2 * STEP && self.side - s.x >= w;
        if let Some(shelf) = self.shelves.iter_mut().filter(fits).min_by_key(|s| s.h) {
            let at = (shelf.x, shelf.y);
            shelf.x += w;
            return Some(at);
        }
        let height = h.next_multiple_of(STEP).min(self.side - self.bottom);
        if height < h {
            return None;
        }
        let at = (0, self.bottom);
        self.shelves.push(Shelf { y: self.bottom, h: height, x: w });
        self.bottom += height;
        Some(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_overlaps_and_nothing_sticks_out() {
        let mut shelves = Shelves::new(64);
        let mut taken = [[false; 64]; 64];
        let mut placed = 0;
        let mut n = 7u32;
        for _ in 0..400 {
            n = n.wrapping_mul(1_103_515_245).wrapping_add(12345);
            let (w, h) = (1 + (n >> 16) % 9, 1 + (n >> 24) % 13);
            let Some((x, y)) = shelves.place(w, h) else { continue };
            placed += 1;
            for row in &mut taken[y as usize..(y + h) as usize] {
                for cell in &mut row[x as usize..(x + w) as usize] {
                    assert!(!*cell);
                    *cell = true;
                }
            }
        }
        assert!(placed > 60, "{placed}");
    }

    #[test]
    fn what_is_larger_than_the_page_has_no_place() {
        let mut shelves = Shelves::new(16);
        assert_eq!(shelves.place(17, 1), None);
        assert_eq!(shelves.place(16, 16), Some((0, 0)));
        assert_eq!(shelves.place(1, 1), None);
    }
}
