use super::draw;
use crate::base::PxSize;
use crate::render::metrics::CellMetrics;
use crate::render::raster::Bitmap;

fn cell(w: u32, h: u32) -> CellMetrics {
    CellMetrics { cell: PxSize { w, h }, baseline: h * 3 / 4, line: 1, underline: h - 1, strike: h / 2 }
}

fn picture(ch: char, m: &CellMetrics) -> Bitmap {
    let bitmap = draw(ch, m).expect("it is drawn");
    assert_eq!((bitmap.w, bitmap.h, bitmap.left, bitmap.top), (m.cell.w, m.cell.h, 0, 0));
    bitmap
}

fn column(b: &Bitmap, x: u32) -> Vec<u8> {
    (0..b.h).map(|y| b.data[(y * b.w + x) as usize]).collect()
}

fn row(b: &Bitmap, y: u32) -> Vec<u8> {
    b.data[(y * b.w) as usize..((y + 1) * b.w) as usize].to_vec()
}

const SIZES: [(u32, u32); 7] = [(1, 1), (2, 5), (7, 14), (8, 17), (9, 18), (10, 19), (33, 71)];

#[test]
fn only_their_ranges_are_drawn() {
    let m = cell(8, 16);
    for ch in ['a', '\u{24ff}', '\u{25a0}', '\u{27ff}', '\u{2900}', '\u{e0af}', '\u{e0b8}'] {
        assert!(draw(ch, &m).is_none(), "{ch:?}");
    }
}

#[test]
fn every_character_but_the_empty_braille_shows_something_at_every_size() {
    let all = ('\u{2500}'..='\u{259f}').chain('\u{2801}'..='\u{28ff}').chain('\u{e0b0}'..='\u{e0b7}');
    for ch in all {
        for (w, h) in SIZES.into_iter().skip(2) {
            assert!(picture(ch, &cell(w, h)).data.iter().any(|&c| c > 60), "{ch} at {w}x{h}");
        }
    }
}

/// The right edge of what goes on to the right has to be the left edge of what comes from the left, and so downwards.
#[test]
fn neighbours_join_without_a_seam() {
    let to_the_right = ['─', '┌', '└', '├', '┬', '┴', '┼', '╭', '╰', '╶', '╓', '╟'];
    let from_the_left = ['─', '┐', '┘', '┤', '┬', '┴', '┼', '╮', '╯', '╴', '╖', '╢'];
    let down = ['│', '┌', '┐', '├', '┤', '┬', '┼', '╭', '╮', '╷', '╒', '╤'];
    let up = ['│', '└', '┘', '├', '┤', '┴', '┼', '╰', '╯', '╵', '╘', '╧'];
    for (w, h) in SIZES.into_iter().skip(2) {
        let m = cell(w, h);
        let edge = column(&picture('─', &m), 0);
        for (a, b) in to_the_right.into_iter().zip(from_the_left) {
            assert_eq!(column(&picture(a, &m), w - 1), edge, "{a} at {w}x{h}");
            assert_eq!(column(&picture(b, &m), 0), edge, "{b} at {w}x{h}");
        }
        let edge = row(&picture('│', &m), 0);
        for (a, b) in down.into_iter().zip(up) {
            assert_eq!(row(&picture(a, &m), h - 1), edge, "{a} at {w}x{h}");
            assert_eq!(row(&picture(b, &m), 0), edge, "{b} at {w}x{h}");
        }
    }
}

#[test]
fn double_and_heavy_lines_join_too() {
    for (w, h) in SIZES.into_iter().skip(2) {
        let m = cell(w, h);
        for (straight, ends) in [('═', "╔╚╠╦╩╬╒╘╞╤╧╪"), ('━', "┏┗┣┳┻╋┍┕┝┯┷┿╺╼")]
        {
            let edge = column(&picture(straight, &m), 0);
            for ch in ends.chars() {
                assert_eq!(column(&picture(ch, &m), w - 1), edge, "{ch} at {w}x{h}");
            }
        }
        for (straight, ends) in [('║', "╔╗╠╣╦╬╓╖╟╢╥╫"), ('┃', "┏┓┣┫┳╋┎┒┠┨┰╂╻╽")]
        {
            let edge = row(&picture(straight, &m), 0);
            for ch in ends.chars() {
                assert_eq!(row(&picture(ch, &m), h - 1), edge, "{ch} at {w}x{h}");
            }
        }
    }
}

#[test]
fn halves_and_quarters_fill_the_cell_between_them() {
    for (w, h) in SIZES.into_iter().skip(1) {
        let m = cell(w, h);
        for parts in ["▀▄", "▌▐", "▘▝▖▗", "▛▗", "▜▖", "▙▝", "▟▘", "▚▞"] {
            let mut sum = vec![0u32; (w * h) as usize];
            for ch in parts.chars() {
                sum.iter_mut().zip(&picture(ch, &m).data).for_each(|(s, &c)| *s += u32::from(c));
            }
            assert!(sum.iter().all(|&s| s == 255), "{parts} at {w}x{h}");
        }
    }
}

/// `#` is covered. Corners are where mistakes hide.
#[test]
fn corners_of_double_lines_are_open_where_they_should_be() {
    let show = |ch| {
        let b = picture(ch, &cell(7, 7));
        (0..7)
            .map(|y| row(&b, y).iter().map(|&c| if c > 0 { '#' } else { '.' }).collect::<String>())
            .collect::<Vec<_>>()
    };
    assert_eq!(show('╔'), [".......", ".......", "..#####", "..#....", "..#.###", "..#.#..", "..#.#.."]);
    assert_eq!(show('╬'), ["..#.#..", "..#.#..", "###.###", ".......", "###.###", "..#.#..", "..#.#.."]);
    assert_eq!(show('╤'), [".......", ".......", "#######", ".......", "#######", "...#...", "...#..."]);
    assert_eq!(show('┏'), [".......", ".......", "..#####", "..#####", "..#####", "..###..", "..###.."]);
}
