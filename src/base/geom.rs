//! Sizes and rectangles, in cells and in pixels; the two never mix.

/// Fewest columns of a terminal grid: at one column a wide character has no place.
pub const MIN_COLS: u16 = 2;
/// Most columns of a terminal grid.
pub const MAX_COLS: u16 = 1000;
/// Fewest lines of a terminal grid.
pub const MIN_LINES: u16 = 1;
/// Most lines of a terminal grid.
pub const MAX_LINES: u16 = 500;

/// The size of a terminal grid in cells, always within [`MIN_COLS`]..=[`MAX_COLS`] by
/// [`MIN_LINES`]..=[`MAX_LINES`]: there is no other way to make one than to clamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct GridSize {
    cols: u16,
    lines: u16,
}

impl GridSize {
    /// The size nearest to the one asked for that a grid can have.
    pub fn clamped(cols: u16, lines: u16) -> Self {
        Self { cols: cols.clamp(MIN_COLS, MAX_COLS), lines: lines.clamp(MIN_LINES, MAX_LINES) }
    }

    pub fn cols(self) -> u16 {
        self.cols
    }

    pub fn lines(self) -> u16 {
        self.lines
    }
}

impl Default for GridSize {
    /// The size every terminal program expects where nobody says otherwise.
    fn default() -> Self {
        Self { cols: 80, lines: 24 }
    }
}

/// A point in physical pixels, y downwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PxPoint {
    pub x: i32,
    pub y: i32,
}

/// A size in physical pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct PxSize {
    pub w: u32,
    pub h: u32,
}

/// A rectangle in physical pixels; it holds its left and top edge and not its right and bottom one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PxRect {
    pub x: i32,
    pub y: i32,
    pub w: u32,
    pub h: u32,
}

impl PxRect {
    pub fn new(x: i32, y: i32, w: u32, h: u32) -> Self {
        Self { x, y, w, h }
    }

    pub fn right(&self) -> i32 {
        self.x.saturating_add_unsigned(self.w)
    }

    pub fn bottom(&self) -> i32 {
        self.y.saturating_add_unsigned(self.h)
    }

    pub fn contains(&self, p: PxPoint) -> bool {
        p.x >= self.x && p.x < self.right() && p.y >= self.y && p.y < self.bottom()
    }

    /// The middle of the rectangle, rounded towards its top left.
    pub fn center(&self) -> PxPoint {
        PxPoint { x: self.x.saturating_add_unsigned(self.w / 2), y: self.y.saturating_add_unsigned(self.h / 2) }
    }

    /// The rectangle with `by` pixels taken from every side, empty rather than negative.
    pub fn inset(&self, by: u32) -> Self {
        let (dx, dy) = (by.min(self.w / 2), by.min(self.h / 2));
        Self {
            x: self.x.saturating_add_unsigned(dx),
            y: self.y.saturating_add_unsigned(dy),
            w: self.w - 2 * dx,
            h: self.h - 2 * dy,
        }
    }
}

/// Splits `total` into parts in proportion to `weights`, without gap or overlap: the parts' sum is `total`, and equal
/// weights give parts that differ by at most one. All-zero weights count as equal.
pub fn split(total: u32, weights: &[u32]) -> Vec<u32> {
    let sum: u64 = weights.iter().map(|&w| u64::from(w)).sum();
    let equal = sum == 0;
    let sum = if equal { weights.len() as u64 } else { sum };
    let mut seen = 0u64;
    let mut edge = 0u64;
    weights
        .iter()
        .map(|&w| {
            seen += if equal { 1 } else { u64::from(w) };
            let next = (u128::from(total) * u128::from(seen) / u128::from(sum)) as u64;
            let part = (next - edge) as u32;
            edge = next;
            part
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_out_of_range_is_clamped() {
        assert_eq!(GridSize::clamped(0, 0), GridSize { cols: 2, lines: 1 });
        assert_eq!(GridSize::clamped(u16::MAX, u16::MAX), GridSize { cols: 1000, lines: 500 });
    }

    #[test]
    fn parts_have_no_gap() {
        assert_eq!(split(100, &[1, 1, 1]), [33, 33, 34]);
        assert_eq!(split(7, &[0, 0]), [3, 4]);
        assert_eq!(split(10, &[3, 1]), [7, 3]);
        assert_eq!(
            split(u32::MAX, &[u32::MAX, u32::MAX]).iter().map(|&p| u64::from(p)).sum::<u64>(),
            u64::from(u32::MAX)
        );
        assert!(split(5, &[]).is_empty());
    }

    #[test]
    fn insetting_never_turns_inside_out() {
        assert_eq!(PxRect::new(0, 0, 3, 3).inset(9), PxRect::new(1, 1, 1, 1));
    }
}
