//! A screen as `tmux capture-pane -e -p -N` writes it: text with SGR sequences, a line each.

use synk::base::Rgb;
use synk::model::{Attrs, Color, Style, Underline};

/// A character (with what combines with it) and its look; the right half of a wide one is not there.
pub type Drawn = (String, Style);

/// What tmux 3.3 puts in place of the line drawing characters of a VT100 between SO and SI.
const LINE_DRAWING: &[(char, char)] = &[
    ('`', '◆'),
    ('a', '▒'),
    ('f', '°'),
    ('g', '±'),
    ('j', '┘'),
    ('k', '┐'),
    ('l', '┌'),
    ('m', '└'),
    ('n', '┼'),
    ('o', '⎺'),
    ('p', '⎻'),
    ('q', '─'),
    ('r', '⎼'),
    ('s', '⎽'),
    ('t', '├'),
    ('u', '┤'),
    ('v', '┴'),
    ('w', '┬'),
    ('x', '│'),
    ('y', '≤'),
    ('z', '≥'),
    ('{', 'π'),
    ('|', '≠'),
    ('}', '£'),
    ('~', '·'),
];

/// Reads the lines of a capture. The look goes on from line to line: tmux writes only what changes.
pub fn lines(capture: &str) -> Vec<Vec<Drawn>> {
    let (mut style, mut drawing) = (Style::default(), false);
    capture.lines().map(|line| read_line(line, &mut style, &mut drawing)).collect()
}

fn read_line(line: &str, style: &mut Style, drawing: &mut bool) -> Vec<Drawn> {
    let mut out: Vec<Drawn> = Vec::new();
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => {
                assert_eq!(chars.next(), Some('['), "only CSI is expected in {line:?}");
                let sequence: String = chars.by_ref().take_while(|c| *c != 'm').collect();
                apply(style, &sequence);
            }
            '\u{e}' => *drawing = true,
            '\u{f}' => *drawing = false,
            c if combines(c) => out.last_mut().expect("a mark needs a character").0.push(c),
            c => {
                let drawn = LINE_DRAWING.iter().find(|(from, _)| *drawing && *from == c).map_or(c, |(_, to)| *to);
                out.push((drawn.to_string(), *style));
            }
        }
    }
    while out.last().is_some_and(|(text, style)| text == " " && *style == Style::default()) {
        out.pop();
    }
    out
}

fn combines(c: char) -> bool {
    unicode_width::UnicodeWidthChar::width(c) == Some(0)
}

/// Applies one SGR sequence of those that tmux writes.
fn apply(style: &mut Style, sequence: &str) {
    let mut codes = sequence.split(';').map(|code| {
        let mut parts = code.split(':').map(|n| n.parse::<u32>().unwrap_or(0));
        (parts.next().unwrap_or(0), parts.collect::<Vec<_>>())
    });
    while let Some((code, parts)) = codes.next() {
        let mut next = || codes.next().map_or(0, |(n, _)| n);
        match code {
            0 => *style = Style::default(),
            1 => style.attrs |= Attrs::BOLD,
            2 => style.attrs |= Attrs::DIM,
            3 => style.attrs |= Attrs::ITALIC,
            4 => style.underline = parts.first().map_or(Underline::Single, |n| Underline::from_u8(*n as u8).unwrap()),
            // synk's cells do not blink.
            5 => {}
            7 => style.attrs |= Attrs::REVERSE,
            8 => style.attrs |= Attrs::HIDDEN,
            9 => style.attrs |= Attrs::STRIKE,
            30..=37 => style.fg = Color::Indexed((code - 30) as u8),
            39 => style.fg = Color::Default,
            40..=47 => style.bg = Color::Indexed((code - 40) as u8),
            49 => style.bg = Color::Default,
            90..=97 => style.fg = Color::Indexed((code - 82) as u8),
            100..=107 => style.bg = Color::Indexed((code - 92) as u8),
            38 | 48 | 58 => {
                let color = match next() {
                    5 => Color::Indexed(next() as u8),
                    2 => Color::Rgb(Rgb::new(next() as u8, next() as u8, next() as u8)),
                    other => panic!("colour of kind {other} in {sequence:?}"),
                };
                match code {
                    38 => style.fg = color,
                    48 => style.bg = color,
                    _ => style.underline_color = color,
                }
            }
            other => panic!("tmux wrote SGR {other} in {sequence:?}"),
        }
    }
}
