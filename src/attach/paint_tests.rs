//! The painter against a model of a terminal: a row of cells that understands CUP, SGR, EL, ED and text. How it looks on a
//! real engine is tested in `tests/attach.rs`.

use super::*;
use crate::model::{Attrs, Color};

fn picture(lines: &[&str]) -> Picture {
    Picture {
        cols: 10,
        rows: lines.iter().map(|text| Arc::new(Row::from(*text))).collect(),
        cursor: Some((0, 0)),
        shape: CursorShape::Block,
        blink: false,
        palette: Arc::default(),
        reverse: false,
    }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap().replace('\x1b', "^")
}

#[test]
fn only_what_differs_is_written() {
    let mut painter = Painter::default();
    let first = text(painter.paint(picture(&["one", "two"])));
    assert_eq!(first, "^[?2026h^[?25l^[0m^[H^[2J^[1;1H^[0mone^[2;1Htwo^[0m^[0 q^[1;1H^[?25h^[?2026l", "{first}");
    assert_eq!(text(painter.paint(picture(&["one", "two"]))), "");
    assert_eq!(text(painter.paint(picture(&["one", "tao"]))), "^[?2026h^[?25l^[2;2H^[0ma^[0m^[1;1H^[?25h^[?2026l");
    assert_eq!(text(painter.paint(picture(&["one", "t"]))), "^[?2026h^[?25l^[2;2H^[0m^[K^[0m^[1;1H^[?25h^[?2026l");
    let moved = Picture { cursor: Some((1, 4)), ..picture(&["one", "t"]) };
    assert_eq!(text(painter.paint(moved.clone())), "^[2;5H", "a cursor that moves is all");
    assert_eq!(text(painter.paint(Picture { cursor: None, ..moved.clone() })), "^[?25l");
    assert_eq!(text(painter.paint(moved.clone())), "^[2;5H^[?25h");
    assert_eq!(text(painter.paint(Picture { shape: CursorShape::Bar, ..moved })), "^[6 q^[2;5H");
    painter.forget();
    assert!(text(painter.paint(picture(&["one", "t"]))).contains("^[2J"));
}

#[test]
fn another_palette_is_another_picture_and_blanks_are_painted_in_it() {
    let mut painter = Painter::default();
    painter.paint(picture(&["a"]));
    let palette = Palette { bg: Some(crate::base::Rgb::new(0, 0, 95)), ..Palette::default() };
    let out = text(painter.paint(Picture { palette: Arc::new(palette), ..picture(&["a"]) }));
    assert!(out.contains("^[0;48;5;17ma         "), "{out}");
}

#[test]
fn control_characters_never_get_out() {
    let mut row = Row::from("a\u{1b}[2J\u{9b}b");
    row.marks.push((0, "\u{1b}]0;x\u{7}".into()));
    let mut evil = picture(&["x"]);
    evil.rows[0] = Arc::new(row);
    let out = text(Painter::default().paint(evil));
    assert!(!out.contains("^]") && !out.contains('\u{7}') && !out.contains('\u{9b}'), "{out}");
    assert_eq!(out.matches("^[2J").count(), 1, "the one of its own: {out}");
}

/// What a terminal of one row shows after these bytes: the characters by column, wide ones with a `_` behind.
fn show(columns: &mut [char], bytes: &str) {
    let (mut at, mut rest) = (0, bytes);
    while let Some(ch) = rest.chars().next() {
        rest = &rest[ch.len_utf8()..];
        if ch == '^' {
            let end = rest.find(|c: char| c.is_ascii_alphabetic()).unwrap();
            let (params, last) = (&rest[1..end], &rest[end..=end]);
            match last {
                "H" => at = params.split(';').nth(1).map_or(0, |n| n.parse::<usize>().unwrap() - 1),
                "K" => columns[at..].fill(' '),
                "J" => columns.fill(' '),
                _ => {}
            }
            rest = &rest[end + 1..];
            continue;
        }
        if columns[at] == '_' {
            columns[at - 1] = ' ';
        }
        let wide = ch >= '\u{1100}';
        for offset in 0..=usize::from(wide) {
            if columns.get(at + offset + 1) == Some(&'_') {
                columns[at + offset + 1] = ' ';
            }
            columns[at + offset] = if offset == 0 { ch } else { '_' };
        }
        at += 1 + usize::from(wide);
    }
}

#[test]
fn halves_of_wide_characters_never_stay() {
    let wide =
        |ch| [Cell { ch, width: Width::Wide, ..Cell::BLANK }, Cell { ch: ' ', width: Width::Spacer, ..Cell::BLANK }];
    let narrow = |ch| Cell { ch, ..Cell::BLANK };
    // Every row of six cells made of these parts, one after another on the same painter.
    let mut rows: Vec<Vec<Cell>> = vec![Vec::new()];
    for _ in 0..5 {
        let parts: [&[Cell]; 5] = [&[narrow('a')], &[narrow(' ')], &wide('漢'), &wide('字')[..1], &wide('🚀')];
        rows = rows.iter().flat_map(|row| parts.iter().map(|part| [row, *part].concat())).collect();
    }
    let mut painter = Painter::default();
    let mut columns = vec![' '; 6];
    for (i, cells) in rows.iter().enumerate().step_by(7) {
        let mut row = Row { cells: cells[..cells.len().min(6)].to_vec(), ..Row::default() };
        row.trim();
        let expected: Vec<char> = (0..6)
            .map(|col| match drawn(&row, col, 6).0 {
                Cell { width: Width::Spacer, .. } => '_',
                cell => cell.ch,
            })
            .collect();
        let next = Picture { cols: 6, rows: vec![Arc::new(row)], ..picture(&[]) };
        show(&mut columns, &text(painter.paint(next)).replace("^[?2026h", "").replace(" q", "q"));
        assert_eq!(columns, expected, "row {i}");
    }
}

#[test]
fn styles_follow_the_cells() {
    let mut row = Row::from("ab");
    row.cells[1].style.fg = Color::Indexed(1);
    row.cells[1].style.attrs = Attrs::BOLD;
    let mut styled = picture(&["x"]);
    styled.rows[0] = Arc::new(row);
    let out = text(Painter::default().paint(styled));
    assert!(out.contains("^[0ma^[0;1;31mb^[0m"), "{out}");
}
