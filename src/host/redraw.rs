//! A screen as the sequences that draw it on any terminal: for those that read a program's output as it is and missed
//! some of it. The list of sequences is fixed; nothing that a program wrote is passed on but its text.

use std::fmt::Write;

use crate::model::cell::{Cell, Style, Width};
use crate::model::sgr::Sgr;
use crate::model::{Palette, Row, Screen};

/// Clears the terminal, draws the screen and puts the cursor where it was.
pub(super) fn redraw(screen: &Screen) -> String {
    // SGR 0, cursor home, erase display.
    let mut out = String::from("\x1b[0m\x1b[H\x1b[2J");
    for (line, row) in screen.rows.iter().enumerate().filter(|(_, row)| !row.cells.is_empty()) {
        // Writing into a String does not fail.
        let _ = write!(out, "\x1b[{};1H", line + 1);
        draw_row(&mut out, row);
    }
    let cursor = &screen.cursor;
    let _ = write!(out, "\x1b[{};{}H", cursor.line + 1, cursor.col + 1);
    out += if cursor.visible { "\x1b[?25h" } else { "\x1b[?25l" };
    out
}

fn draw_row(out: &mut String, row: &Row) {
    let (mut style, palette) = (Style::default(), Palette::default());
    for (col, cell) in row.cells.iter().enumerate().filter(|(_, cell)| cell.width != Width::Spacer) {
        if cell.style != style {
            style = cell.style;
            Sgr::FULL.write(out, &style, &palette, false);
        }
        let Cell { ch, .. } = *cell;
        out.push(if ch.is_control() { ' ' } else { ch });
        let marks = u16::try_from(col).ok().and_then(|col| row.marks_at(col)).unwrap_or_default();
        out.extend(marks.chars().filter(|c| !c.is_control()));
    }
    if style != Style::default() {
        out.push_str("\x1b[0m");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::GridSize;
    use crate::engine::{Engine, EngineOptions};
    use crate::model::ViewAt;

    #[test]
    fn a_screen_that_is_drawn_again_is_the_same() {
        let mut shown = Vec::new();
        let mut text =
            "\x1b[1;4:3;38;2;1;2;3;48;5;200mloud\x1b[0m plain 中文e\u{301}\r\n\r\n\x1b[7mlast\x1b[3;3H".to_owned();
        for _ in 0..2 {
            let mut engine = Engine::new(GridSize::clamped(30, 4), EngineOptions::default());
            engine.feed_some(text.as_bytes(), &mut Vec::new());
            let screen = engine.view(ViewAt::Live);
            text = redraw(&screen);
            shown.push((screen.rows.clone(), screen.cursor));
        }
        assert_eq!(shown[0], shown[1]);
    }
}
