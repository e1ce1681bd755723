//! Rows of a screen as the API gives them: text, text with SGR sequences, or runs of cells. Of what a program wrote,
//! only characters get through; what controls a terminal is made here.

use crate::base::SessionId;
use crate::model::sgr::Sgr;
use crate::model::{self, Attrs, Color, Palette, Row, Style, Underline, Width};
use crate::protocol::line::MAX_LINE;
use crate::protocol::methods::{CellRun, CursorShape, ReadScreenResult, ScreenFormat};
use crate::session::ask::ScreenRead;

/// Bytes of a reply's line that are kept for all but the text: the title alone is 6 KiB at most, as JSON.
pub(super) const REST: usize = 16 << 10;
/// What stands for a control character, should one be in a cell.
const CONTROL: char = '\u{fffd}';

pub(super) fn result(session: SessionId, read: ScreenRead, format: ScreenFormat, join: bool) -> ReadScreenResult {
    let ScreenRead { reading, size, cursor, alternate, title, history } = read;
    let rows: Vec<&Row> = reading.rows.iter().map(|row| &**row).collect();
    let lines = Lines { rows: &rows, cols: size.cols(), join };
    let (mut text, mut cells) = (None, None);
    let room = MAX_LINE - REST;
    let cut = match format {
        ScreenFormat::Text => lines.last(room, Lines::text, |line| escaped(line) + 2).into_text(&mut text),
        ScreenFormat::Ansi => lines.last(room, Lines::ansi, |line| escaped(line) + 2).into_text(&mut text),
        ScreenFormat::Cells => lines.last(room, Lines::runs, |runs| weight(runs)).into_cells(&mut cells),
    };
    ReadScreenResult {
        session_id: session.to_string(),
        cols: size.cols(),
        rows: size.lines(),
        cursor: (cursor.col, cursor.line),
        cursor_shape: cursor.visible.then_some(match cursor.shape {
            model::CursorShape::Block => CursorShape::Block,
            model::CursorShape::Underline => CursorShape::Underline,
            model::CursorShape::Bar => CursorShape::Bar,
        }),
        alternate,
        title,
        history_rows: history,
        text,
        cells,
        truncated: cut || reading.cut,
    }
}

/// A text without what controls a terminal.
pub(super) fn shown(text: &str) -> String {
    text.replace(char::is_control, "\u{fffd}")
}

/// Bytes of a text within a JSON string.
pub(super) fn escaped(text: &str) -> usize {
    let more = |byte: u8| match byte {
        b'"' | b'\\' => 1,
        0..0x20 => 5,
        _ => 0,
    };
    text.len() + text.bytes().map(more).sum::<usize>()
}

/// Bytes of runs as JSON, at most.
fn weight(runs: &[CellRun]) -> usize {
    let run = |run: &CellRun| {
        let attrs = run.attrs.iter().map(|a| a.len() + 3).sum::<usize>();
        let link = run.link.as_deref().map_or(0, |link| escaped(link) + 10);
        escaped(&run.text) + run.fg.len() + run.bg.len() + attrs + link + 64
    };
    runs.iter().map(run).sum::<usize>() + 3
}

/// Rows that are to become lines.
struct Lines<'a> {
    rows: &'a [&'a Row],
    cols: u16,
    join: bool,
}

/// The last lines that had room, the last one first.
struct Kept<T> {
    lines: Vec<T>,
    cut: bool,
}

impl Kept<String> {
    fn into_text(self, text: &mut Option<String>) -> bool {
        let mut out = String::new();
        for line in self.lines.iter().rev() {
            out.push_str(line);
            out.push('\n');
        }
        *text = Some(out);
        self.cut
    }
}

impl Kept<Vec<CellRun>> {
    fn into_cells(mut self, cells: &mut Option<Vec<Vec<CellRun>>>) -> bool {
        self.lines.reverse();
        *cells = Some(self.lines);
        self.cut
    }
}

impl Lines<'_> {
    /// The last lines, made by `make`, as far as there is room by their `weight`.
    fn last<T>(&self, room: usize, make: fn(&Self, &[&Row]) -> T, weight: impl Fn(&T) -> usize) -> Kept<T> {
        let (mut kept, mut used, mut end) = (Vec::new(), 0, self.rows.len());
        while end > 0 {
            let before = self.rows[..end - 1].iter().rev();
            let wrapped = if self.join { before.take_while(|row| row.wrapped).count() } else { 0 };
            let start = end - 1 - wrapped;
            let line = make(self, &self.rows[start..end]);
            used += weight(&line);
            if used > room {
                return Kept { lines: kept, cut: true };
            }
            kept.push(line);
            end = start;
        }
        Kept { lines: kept, cut: false }
    }

    fn text(&self, rows: &[&Row]) -> String {
        let mut text = Row::lines(rows, self.cols, true);
        text.truncate(text.trim_end_matches(['\n', ' ']).len());
        shown(&text)
    }

    fn ansi(&self, rows: &[&Row]) -> String {
        let mut out = String::new();
        let (mut style, palette) = (Style::default(), Palette::default());
        self.cells(rows, |text, _, now, _| {
            if now != style {
                Sgr::FULL.write(&mut out, &now, &palette, false);
                style = now;
            }
            out.push_str(text);
        });
        if style != Style::default() {
            Sgr::FULL.write(&mut out, &Style::default(), &palette, false);
        }
        out
    }

    fn runs(&self, rows: &[&Row]) -> Vec<CellRun> {
        let mut runs: Vec<(Style, CellRun)> = Vec::new();
        self.cells(rows, |text, width, style, link| match runs.last_mut() {
            Some((last, run)) if *last == style && run.link.as_deref() == link => {
                run.text.push_str(text);
                run.width = run.width.saturating_add(width);
            }
            _ => runs.push((style, run(text, width, style, link))),
        });
        runs.into_iter().map(|(_, run)| run).collect()
    }

    /// Visits the cells of rows that are one line: text, width, style, link.
    fn cells(&self, rows: &[&Row], mut visit: impl FnMut(&str, u16, Style, Option<&str>)) {
        let mut text = String::new();
        for (i, row) in rows.iter().enumerate() {
            for (col, cell) in (0..self.cols).zip(&row.cells) {
                if cell.width == Width::Spacer {
                    continue;
                }
                text.clear();
                let marks = row.marks_at(col).unwrap_or_default();
                let shown = std::iter::once(cell.ch).chain(marks.chars());
                text.extend(shown.map(|c| if c.is_control() { CONTROL } else { c }));
                let width = if cell.width == Width::Wide { 2 } else { 1 };
                visit(&text, width, cell.style, row.link_at(col).map(|link| &**link));
            }
            if let Some(next) = rows.get(i + 1) {
                (0..row.missing(Some(next), 0, self.cols)).for_each(|_| visit(" ", 1, Style::default(), None));
            }
        }
    }
}

fn run(text: &str, width: u16, style: Style, link: Option<&str>) -> CellRun {
    let mut attrs: Vec<&str> = ATTRS.iter().filter(|(attr, _)| style.attrs.has(*attr)).map(|(_, n)| *n).collect();
    attrs.extend(match style.underline {
        Underline::None => None,
        Underline::Single => Some("underline"),
        Underline::Double => Some("double_underline"),
        Underline::Curly => Some("curly_underline"),
        Underline::Dotted => Some("dotted_underline"),
        Underline::Dashed => Some("dashed_underline"),
    });
    CellRun {
        text: text.to_owned(),
        width,
        fg: name(style.fg),
        bg: name(style.bg),
        attrs: attrs.into_iter().map(str::to_owned).collect(),
        link: link.map(str::to_owned),
    }
}

/// Attributes and their names.
const ATTRS: [(Attrs, &str); 6] = [
    (Attrs::BOLD, "bold"),
    (Attrs::DIM, "dim"),
    (Attrs::ITALIC, "italic"),
    (Attrs::REVERSE, "reverse"),
    (Attrs::HIDDEN, "hidden"),
    (Attrs::STRIKE, "strike"),
];

fn name(color: Color) -> String {
    match color {
        Color::Default => "default".into(),
        Color::Indexed(n) => n.to_string(),
        Color::Rgb(c) => format!("#{:02x}{:02x}{:02x}", c.r, c.g, c.b),
    }
}

#[cfg(test)]
#[path = "screen_text_tests.rs"]
mod tests;
