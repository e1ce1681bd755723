//! Recordings of real programs give the same cells in synk's engine as in tmux. `tests/tools/record.py` made both: the
//! recordings, and the screens of tmux at several places of each.

#[path = "tools/tmux_screen.rs"]
mod tmux_screen;

use std::fs;
use std::path::{Path, PathBuf};

use synk::base::GridSize;
use synk::engine::{Engine, EngineOptions};
use synk::model::cell::Width;
use synk::model::{Color, Modes, Row, Screen, Style, Underline, ViewAt};
use tmux_screen::Drawn;

const COLS: u16 = 80;
const LINES: u16 = 24;

fn dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings")
}

/// A screen of tmux after so many bytes of a recording.
struct Expected {
    bytes: usize,
    column: u16,
    line: u16,
    cursor: bool,
    alternate: bool,
    rows: Vec<Vec<Drawn>>,
}

/// Reads a file of screens: a head (`bytes N column N line N cursor 0|1 alternate 0|1`) before the lines of each.
fn expected(name: &str) -> Vec<Expected> {
    let text = fs::read_to_string(dir().join(format!("{name}.expected"))).unwrap();
    let lines: Vec<&str> = text.split('\n').collect();
    let screens = lines.chunks_exact(usize::from(LINES) + 1).map(|lines| {
        let mut words = lines[0].split(' ').skip(1).step_by(2).map(|n| n.parse::<usize>().unwrap());
        let mut next = || words.next().unwrap();
        Expected {
            bytes: next(),
            column: next() as u16,
            line: next() as u16,
            cursor: next() == 1,
            alternate: next() == 1,
            rows: tmux_screen::lines(&lines[1..].join("\n")),
        }
    });
    screens.collect()
}

/// A row of synk's as a capture of tmux has it.
fn drawn(row: &Row) -> Vec<Drawn> {
    let mut out: Vec<Drawn> = Vec::new();
    for (col, cell) in row.cells.iter().enumerate().filter(|(_, cell)| cell.width != Width::Spacer) {
        let text = format!("{}{}", cell.ch, row.marks_at(col as u16).unwrap_or_default());
        out.push((text, seen(cell.style)));
    }
    while out.last().is_some_and(|(text, style)| text == " " && *style == Style::default()) {
        out.pop();
    }
    out
}

/// A look without what tmux does not keep: the colour of a line that is not there.
fn seen(style: Style) -> Style {
    let underline_color = if style.underline == Underline::None { Color::Default } else { style.underline_color };
    Style { underline_color, ..style }
}

/// Where two screens differ, in words; `None` when they are the same.
fn difference(screen: &Screen, expected: &Expected) -> Option<String> {
    for (line, (row, theirs)) in screen.rows.iter().zip(&expected.rows).enumerate() {
        let theirs: Vec<Drawn> = theirs.iter().map(|(text, style)| (text.clone(), seen(*style))).collect();
        let ours = drawn(row);
        if ours == theirs {
            continue;
        }
        let at = ours.iter().zip(&theirs).take_while(|(a, b)| a == b).count();
        let text = |row: &[Drawn]| row.iter().map(|(text, _)| text.as_str()).collect::<String>();
        return Some(format!(
            "line {line}, character {at}: synk has {:?}, tmux {:?}\nsynk: {}\ntmux: {}",
            ours.get(at),
            theirs.get(at),
            text(&ours),
            text(&theirs),
        ));
    }
    // Behind the last column both wait to wrap; tmux counts that as a column.
    let ours = (screen.cursor.col, screen.cursor.line, screen.cursor.visible, screen.modes.has(Modes::ALT_SCREEN));
    let theirs = (expected.column.min(COLS - 1), expected.line, expected.cursor, expected.alternate);
    (ours != theirs).then(|| format!("(column, line, visible, alternate): synk {ours:?}, tmux {theirs:?}"))
}

/// Feeds a recording in pieces of `piece` bytes and compares every screen there is one of tmux for.
fn compare(name: &str, piece: usize) {
    let bytes = fs::read(dir().join(format!("{name}.raw"))).unwrap();
    let mut engine = Engine::new(GridSize::clamped(COLS, LINES), EngineOptions::default());
    let (mut fed, mut wrong, mut effects) = (0, Vec::new(), Vec::new());
    let screens = expected(name);
    assert!(screens.len() > 8 && screens.last().is_some_and(|s| s.bytes == bytes.len()), "{name}: whole file");
    for screen in screens {
        for piece in bytes[fed..screen.bytes].chunks(piece) {
            engine.feed(piece, &mut effects);
        }
        fed = screen.bytes;
        if let Some(difference) = difference(&engine.view(ViewAt::Live), &screen) {
            wrong.push(format!("{name} after {fed} bytes: {difference}"));
        }
    }
    assert!(wrong.is_empty(), "{} screens differ:\n{}\n", wrong.len(), wrong.join("\n"));
}

macro_rules! recordings {
    ($($name:ident),+) => {$(
        #[test]
        fn $name() {
            // As it is read from a PTY, and cut everywhere.
            compare(stringify!($name), 4096);
            compare(stringify!($name), 1);
        }
    )+};
}

recordings!(vim, less, htop, tmux, mc, build);

#[test]
fn a_difference_of_one_cell_is_told() {
    let capture = "ab\u{1b}[1;31mc\u{1b}[0m  \n\u{e}q\u{f}漢x\u{301}";
    let expected = |capture: &str| Expected {
        bytes: 0,
        column: 3,
        line: 1,
        cursor: true,
        alternate: false,
        rows: tmux_screen::lines(capture),
    };
    let mut engine = Engine::new(GridSize::clamped(8, 2), EngineOptions::default());
    engine.feed("ab\u{1b}[1;31mc\u{1b}[m\r\n─漢x\u{301}\u{1b}[2;4H".as_bytes(), &mut Vec::new());
    let screen = engine.view(ViewAt::Live);
    assert_eq!(difference(&screen, &expected(capture)), None);
    for other in
        [capture.replace("31", "32"), capture.replace("1;", ""), capture.replace('x', "y"), capture.replace('q', "x")]
    {
        assert!(difference(&screen, &expected(&other)).is_some(), "{other:?}");
    }
    let elsewhere = Expected { column: 4, ..expected(capture) };
    assert!(difference(&screen, &elsewhere).is_some());
}
