use super::*;
use crate::base::PxSize;
use crate::model::{Color, Palette, Style, Theme};
use crate::render::atlas::Slot;

/// Encodes as line 2 of a screen of 10 columns with cells of 10x20; what was asked for, and the result.
fn encoded(row: &Row) -> (Vec<(char, Option<String>, u8)>, Encoded) {
    let (theme, palette) = (Theme::default(), Palette::default());
    let metrics = CellMetrics { cell: PxSize { w: 10, h: 20 }, baseline: 15, line: 1, underline: 17, strike: 10 };
    let place = Place { look: Look::new(&theme, &palette, false), metrics, line: 2, cols: 10 };
    let (mut asked, mut out) = (Vec::new(), Encoded::default());
    encode(row, &place, &mut out, |c| {
        asked.push((c.ch, c.marks.map(String::from), c.cells));
        let slot = Slot { page: 3, x: 0, y: 0 };
        (c.ch != '!').then_some(Glyph { slot, w: 8, h: 12, left: 1, top: 3 })
    });
    (asked, out)
}

fn rect(q: &QuadInstance) -> (i32, i32, u32, u32) {
    (q.at[0], q.at[1], q.size[0], q.size[1])
}

fn styled(text: &str, style: Style) -> Row {
    let cells = text.chars().map(|ch| Cell { ch, style, width: Width::Narrow }).collect();
    Row { cells, ..Row::default() }
}

#[test]
fn blanks_ask_for_nothing_and_pages_are_noted() {
    let (asked, out) = encoded(&Row::from("a b"));
    assert_eq!(asked, [('a', None, 1), ('b', None, 1)]);
    assert_eq!((out.backs.len(), out.lines.len(), out.texts.len(), out.pages), (0, 0, 2, 1 << 3));
    assert_eq!((out.texts[1].cell, out.texts[1].offset, out.incomplete), ([2, 2], [1, 3], false));
}

#[test]
fn a_glyph_without_room_makes_the_row_incomplete() {
    let (_, out) = encoded(&Row::from("a!"));
    assert!(out.incomplete && out.texts.len() == 1);
}

#[test]
fn neighbours_of_one_colour_share_a_rectangle() {
    let mut row = styled("aaabb", Style { bg: Color::Indexed(1), ..Style::default() });
    row.cells[3].style.bg = Color::Indexed(2);
    row.cells[4].style.bg = Color::Indexed(2);
    let (_, out) = encoded(&row);
    let backs: Vec<_> = out.backs.iter().map(rect).collect();
    assert_eq!(backs, [(0, 40, 30, 20), (30, 40, 20, 20)]);
}

#[test]
fn lines_run_through_blanks_and_stop_at_gaps() {
    let mut row = styled("a b c", Style { underline: Underline::Single, ..Style::default() });
    row.cells[3].style.underline = Underline::None;
    let (_, out) = encoded(&row);
    let lines: Vec<_> = out.lines.iter().map(rect).collect();
    assert_eq!(lines, [(0, 57, 30, 1), (40, 57, 10, 1)]);
}

#[test]
fn every_kind_of_underline_stays_in_its_cell() {
    for n in 1..=5 {
        let underline = Underline::from_u8(n).expect("there are five");
        let (_, out) = encoded(&styled("x", Style { underline, ..Style::default() }));
        assert!(!out.lines.is_empty());
        for (_, y, _, h) in out.lines.iter().map(rect) {
            assert!(y >= 40 && y as u32 + h <= 60, "{underline:?}");
        }
    }
}

#[test]
fn hidden_text_keeps_its_background() {
    let style = Style { bg: Color::Indexed(1), attrs: Attrs::HIDDEN, ..Style::default() };
    let (asked, out) = encoded(&styled("secret", style));
    assert!(asked.is_empty() && out.backs.len() == 1);
}

#[test]
fn a_wide_character_needs_its_other_half() {
    let mut row = Row::from("漢 字x..... 末");
    row.cells.truncate(10);
    for (col, width) in [(0, Width::Wide), (1, Width::Spacer), (2, Width::Wide), (9, Width::Wide)] {
        row.cells[col].width = width;
    }
    let wide: Vec<_> = encoded(&row).0.into_iter().filter(|(c, ..)| !c.is_ascii()).map(|(.., n)| n).collect();
    assert_eq!(wide, [2, 1]);
    row.cells[9].ch = '末';
    assert_eq!(encoded(&row).0.last().map(|(.., n)| *n), Some(1), "the last column has no room");
}

#[test]
fn marks_go_with_their_character_even_over_a_blank() {
    let mut row = Row::from("e .");
    row.marks = vec![(0, "\u{301}".into()), (1, "\u{308}".into())];
    let (asked, _) = encoded(&row);
    assert_eq!(asked[0], ('e', Some("\u{301}".into()), 1));
    assert_eq!(asked[1], (' ', Some("\u{308}".into()), 1));
}

#[test]
fn a_row_longer_than_the_screen_is_cut() {
    let (asked, _) = encoded(&Row::from("0123456789abc"));
    assert_eq!(asked.len(), 10);
}
