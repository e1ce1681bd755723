//! Box drawing, U+2500 to U+257F: arms from the middle of the cell to its edges.

use super::canvas::Canvas;

/// How strong an arm is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Arm {
    None,
    Light,
    Heavy,
    Double,
}

/// The arms of each character from U+2500 on, to the left, right, top and bottom: 1 light, 2 heavy, 3 double. Those that
/// are not made of arms (dashes, arcs, diagonals) have none here.
const ARMS: [&[u8; 4]; 128] = [
    b"1100", b"2200", b"0011", b"0022", b"0000", b"0000", b"0000", b"0000", b"0000", b"0000", b"0000", b"0000",
    b"0101", b"0201", b"0102", b"0202", b"1001", b"2001", b"1002", b"2002", b"0110", b"0210", b"0120", b"0220",
    b"1010", b"2010", b"1020", b"2020", b"0111", b"0211", b"0121", b"0112", b"0122", b"0221", b"0212", b"0222",
    b"1011", b"2011", b"1021", b"1012", b"1022", b"2021", b"2012", b"2022", b"1101", b"2101", b"1201", b"2201",
    b"1102", b"2102", b"1202", b"2202", b"1110", b"2110", b"1210", b"2210", b"1120", b"2120", b"1220", b"2220",
    b"1111", b"2111", b"1211", b"2211", b"1121", b"1112", b"1122", b"2121", b"1221", b"2112", b"1212", b"2221",
    b"2212", b"2122", b"1222", b"2222", b"0000", b"0000", b"0000", b"0000", b"3300", b"0033", b"0301", b"0103",
    b"0303", b"3001", b"1003", b"3003", b"0310", b"0130", b"0330", b"3010", b"1030", b"3030", b"0311", b"0133",
    b"0333", b"3011", b"1033", b"3033", b"3301", b"1103", b"3303", b"3310", b"1130", b"3330", b"3311", b"1133",
    b"3333", b"0000", b"0000", b"0000", b"0000", b"0000", b"0000", b"0000", b"1000", b"0010", b"0100", b"0001",
    b"2000", b"0020", b"0200", b"0002", b"1200", b"0012", b"2100", b"0021",
];

/// Draws one of U+2500 to U+257F.
pub fn draw(ch: char, canvas: &mut Canvas) {
    match ch {
        '\u{2504}'..='\u{2507}' => dashes(canvas, ch as u32 - 0x2504, 3),
        '\u{2508}'..='\u{250b}' => dashes(canvas, ch as u32 - 0x2508, 4),
        '\u{254c}'..='\u{254f}' => dashes(canvas, ch as u32 - 0x254c, 2),
        '\u{256d}' => arc(canvas, 1.0, 1.0),
        '\u{256e}' => arc(canvas, -1.0, 1.0),
        '\u{256f}' => arc(canvas, -1.0, -1.0),
        '\u{2570}' => arc(canvas, 1.0, -1.0),
        '\u{2571}' => diagonals(canvas, true, false),
        '\u{2572}' => diagonals(canvas, false, true),
        '\u{2573}' => diagonals(canvas, true, true),
        _ => {
            let arm = |digit: u8| [Arm::None, Arm::Light, Arm::Heavy, Arm::Double][usize::from(digit - b'0')];
            let [left, right, up, down] = ARMS[(ch as usize - 0x2500) & 127].map(arm);
            let (x, y) = (Axis::new(canvas.w, canvas.light), Axis::new(canvas.h, canvas.light));
            for (from, to, band) in pieces(left, right, up, down, &x, &y) {
                canvas.fill((from, band.0), (to, band.1), 255);
            }
            for (from, to, band) in pieces(up, down, left, right, &y, &x) {
                canvas.fill((band.0, from), (band.1, to), 255);
            }
        }
    }
}

/// One direction of the cell: its length, and where a light line across it runs in the middle.
struct Axis {
    len: i32,
    light: i32,
    /// The light line's edges.
    low: i32,
    high: i32,
}

impl Axis {
    fn new(len: i32, light: i32) -> Self {
        let low = (len - light).max(0) / 2;
        Self { len, light, low, high: low + light }
    }

    fn middle(&self) -> i32 {
        self.low + self.light / 2
    }

    /// How much wider a heavy line is than a light one, on each side: at least three times as wide at small sizes, where a
    /// pixel more would not be seen.
    fn heavier(&self) -> i32 {
        (self.light + 1) / 2
    }

    /// The edges of a line across this axis.
    fn band(&self, arm: Arm) -> (i32, i32) {
        let more = if arm == Arm::Heavy { self.heavier() } else { 0 };
        (self.low - more, self.high + more)
    }
}

/// A rectangle along an axis: from, to, and its edges across.
type Piece = (i32, i32, (i32, i32));

/// The rectangles of the two arms along an axis, `back` towards its start and `on` towards its end, where `near` and `far`
/// are the arms across: towards the start and the end of the other axis.
fn pieces(back: Arm, on: Arm, near: Arm, far: Arm, along: &Axis, across: &Axis) -> Vec<Piece> {
    let mut out = Vec::with_capacity(4);
    for (arm, opposite, forwards) in [(back, on, false), (on, back, true)] {
        let mut add = |inner: i32, band| {
            out.push(if forwards { (inner, along.len, band) } else { (0, inner, band) });
        };
        match arm {
            Arm::None => {}
            Arm::Double => {
                let l = along.light;
                add(double_end(near, far, along, forwards), (across.low - l, across.low));
                add(double_end(far, near, along, forwards), (across.high, across.high + l));
            }
            single => add(single_end(opposite, near, far, along, forwards), across.band(single)),
        }
    }
    out
}

/// Where a single line begins or ends in the middle of the cell.
fn single_end(opposite: Arm, near: Arm, far: Arm, along: &Axis, forwards: bool) -> i32 {
    let double = (near == Arm::Double, far == Arm::Double);
    match (near.max(far), double) {
        (Arm::None, _) => along.middle(),
        (Arm::Double, _) if opposite != Arm::None => along.middle(),
        // It only touches the nearer of two lines that go on to both sides.
        (Arm::Double, (true, true)) => {
            if forwards {
                along.high
            } else {
                along.low
            }
        }
        // It turns the corner on the outside.
        (Arm::Double, _) => outer(along, along.light, forwards),
        (Arm::Heavy, _) => outer(along, along.heavier(), forwards),
        _ => outer(along, 0, forwards),
    }
}

/// Where one of two parallel lines begins or ends: `near` is the arm across on its side, `far` the one on the other side.
fn double_end(near: Arm, far: Arm, along: &Axis, forwards: bool) -> i32 {
    match (near, far) {
        (Arm::None, Arm::None) => along.middle(),
        (Arm::Double, _) => {
            if forwards {
                along.high
            } else {
                along.low
            }
        }
        (Arm::None, Arm::Double) => outer(along, along.light, forwards),
        _ => outer(along, 0, forwards),
    }
}

/// The edge of the middle band, `more` pixels wider, that lies farther from where the arm goes.
fn outer(along: &Axis, more: i32, forwards: bool) -> i32 {
    if forwards { along.low - more } else { along.high + more }
}

/// Dashed lines; `kind` is light or heavy in bit 0, horizontal or vertical in bit 1.
fn dashes(canvas: &mut Canvas, kind: u32, count: i32) {
    let (x, y) = (Axis::new(canvas.w, canvas.light), Axis::new(canvas.h, canvas.light));
    let weight = if kind & 1 == 0 { Arm::Light } else { Arm::Heavy };
    let vertical = kind & 2 != 0;
    let (along, across) = if vertical { (&y, &x) } else { (&x, &y) };
    let band = across.band(weight);
    let gap = (along.len / (count * 3)).max(1);
    for i in 0..count {
        let (from, to) = (i * along.len / count + gap / 2, (i + 1) * along.len / count - (gap - gap / 2));
        if vertical {
            canvas.fill((band.0, from), (band.1, to), 255);
        } else {
            canvas.fill((from, band.0), (to, band.1), 255);
        }
    }
}

/// A quarter of a circle between two light arms, towards `dx` and `dy` (1 or -1), and the straight rest of the longer arm.
fn arc(canvas: &mut Canvas, dx: f32, dy: f32) {
    let (x, y) = (Axis::new(canvas.w, canvas.light), Axis::new(canvas.h, canvas.light));
    let half = canvas.light as f32 / 2.0;
    let middle = (x.low as f32 + half, y.low as f32 + half);
    let room = |axis: &Axis, middle: f32, d: f32| if d > 0.0 { axis.len as f32 - middle } else { middle };
    // The last pixel is straight, to meet the neighbour's line as it is.
    let radius = (room(&x, middle.0, dx).min(room(&y, middle.1, dy)) - 1.0).max(0.0);
    let center = (middle.0 + dx * radius, middle.1 + dy * radius);
    canvas.shape(|px, py| {
        let (ox, oy) = ((px - center.0) * dx, (py - center.1) * dy);
        if ox <= 0.0 && oy <= 0.0 {
            ((ox * ox + oy * oy).sqrt() - radius).abs() <= half
        } else {
            (ox > 0.0 && (py - middle.1).abs() <= half && oy < 0.0)
                || (oy > 0.0 && (px - middle.0).abs() <= half && ox < 0.0)
        }
    });
}

/// Lines from corner to corner: `rising` from the bottom left, `falling` from the top left.
fn diagonals(canvas: &mut Canvas, rising: bool, falling: bool) {
    let (w, h) = (canvas.w as f32, canvas.h as f32);
    let half = canvas.light as f32 / 2.0;
    let length = w.hypot(h);
    canvas.shape(|x, y| {
        let from_falling = (h * x - w * y).abs() / length;
        let from_rising = (h * x + w * y - w * h).abs() / length;
        (falling && from_falling <= half) || (rising && from_rising <= half)
    });
}
