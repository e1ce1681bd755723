//! Blocks, braille and powerline: areas rather than lines.

use super::canvas::Canvas;

/// Eighths of a length, to the nearest pixel, and at least one of them.
fn eighths(len: i32, n: i32) -> i32 {
    ((len * n + 4) / 8).max(1)
}

/// Block elements, U+2580 to U+259F.
pub fn block(ch: char, canvas: &mut Canvas) {
    let (w, h) = (canvas.w, canvas.h);
    let n = ch as i32;
    match ch {
        '\u{2580}' => canvas.fill((0, 0), (w, h - eighths(h, 4)), 255),
        '\u{2581}'..='\u{2588}' => canvas.fill((0, h - eighths(h, n - 0x2580)), (w, h), 255),
        '\u{2589}'..='\u{258f}' => canvas.fill((0, 0), (eighths(w, 0x2590 - n), h), 255),
        '\u{2590}' => canvas.fill((eighths(w, 4), 0), (w, h), 255),
        // Even tones: a pattern of dots would shimmer where cells meet.
        '\u{2591}' => canvas.fill((0, 0), (w, h), 64),
        '\u{2592}' => canvas.fill((0, 0), (w, h), 128),
        '\u{2593}' => canvas.fill((0, 0), (w, h), 191),
        '\u{2594}' => canvas.fill((0, 0), (w, eighths(h, 1)), 255),
        '\u{2595}' => canvas.fill((w - eighths(w, 1), 0), (w, h), 255),
        _ => quadrants(canvas, ch),
    }
}

/// U+2596 to U+259F: quarters of the cell.
fn quadrants(canvas: &mut Canvas, ch: char) {
    // Top left, top right, bottom left, bottom right from bit 0 on, in the order of the characters.
    const QUARTERS: [u8; 10] = [0b0100, 0b1000, 0b0001, 0b1101, 0b1001, 0b0111, 0b1011, 0b0010, 0b0110, 0b1110];
    let quarters = QUARTERS[(ch as usize - 0x2596) % QUARTERS.len()];
    let (w, h) = (canvas.w, canvas.h);
    let (x, y) = (eighths(w, 4), h - eighths(h, 4));
    let areas = [((0, 0), (x, y)), ((x, 0), (w, y)), ((0, y), (x, h)), ((x, y), (w, h))];
    for (bit, (from, to)) in areas.into_iter().enumerate() {
        if quarters & 1 << bit != 0 {
            canvas.fill(from, to, 255);
        }
    }
}

/// Braille patterns, U+2800 to U+28FF: dots in a raster that goes on from cell to cell.
pub fn braille(ch: char, canvas: &mut Canvas) {
    // Column and row of each bit's dot.
    const DOTS: [(i32, i32); 8] = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3)];
    let bits = ch as u32 & 255;
    let (w, h) = (canvas.w as f32, canvas.h as f32);
    let size = ((w / 2.0).min(h / 4.0) * 0.7).round().max(1.0);
    for (bit, (col, row)) in DOTS.into_iter().enumerate() {
        if bits & 1 << bit == 0 {
            continue;
        }
        let (x, y) = ((col as f32 + 0.5) * w / 2.0, (row as f32 + 0.5) * h / 4.0);
        if size < 4.0 {
            let (left, top) = ((x - size / 2.0).round() as i32, (y - size / 2.0).round() as i32);
            canvas.fill((left, top), (left + size as i32, top + size as i32), 255);
        } else {
            canvas.shape(|px, py| (px - x).hypot(py - y) <= size / 2.0);
        }
    }
}

/// The separators of status lines, U+E0B0 to U+E0B7: triangles and half circles, full and in outline.
pub fn powerline(ch: char, canvas: &mut Canvas) {
    let (w, h) = (canvas.w as f32, canvas.h as f32);
    let n = ch as u32 - 0xe0b0;
    let (left, outline, round) = (n & 2 != 0, n & 1 != 0, n & 4 != 0);
    let thick = canvas.light as f32;
    canvas.shape(|x, y| {
        // As pointing to the right; `away` is the height over the middle, from 0 to 1.
        let x = if left { w - x } else { x };
        let away = (2.0 * y / h - 1.0).abs();
        if round {
            let reach = (x / w).hypot(away);
            let inner = (x / (w - thick).max(0.1)).hypot(away * h / (h - 2.0 * thick).max(0.1));
            reach <= 1.0 && (!outline || inner >= 1.0)
        } else {
            // The distance to the slanted edge, measured across it.
            let inside = (w * (1.0 - away) - x) * h / h.hypot(2.0 * w);
            if outline { (0.0..=thick).contains(&inside) } else { inside >= 0.0 }
        }
    });
}
