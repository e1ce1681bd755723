//! `vte::ansi::Processor` driving alacritty's `Term`, and its state in a form that ours can be compared with.

use alacritty_terminal::Term;
use alacritty_terminal::event::VoidListener;
use alacritty_terminal::grid::{Cursor, Dimensions, Grid};
use alacritty_terminal::index::{Column, Line, Point};
use alacritty_terminal::term::cell::{Cell, Flags};
use alacritty_terminal::term::{Config, TermMode};
use alacritty_terminal::vte::ansi::{Color, Processor, StdSyncHandler};

use crate::engine::Engine;
use crate::engine::terminal::{Links, Terminal};
use crate::model::Modes;

/// A cell without what is kept differently: tabs are no characters here, links are known by their target, and marks
/// are limited.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Plain {
    c: char,
    fg: Color,
    bg: Color,
    flags: Flags,
    marks: Vec<char>,
    underline: Option<Color>,
    link: Option<String>,
}

fn plain(cell: &Cell, links: Option<&Links>) -> Plain {
    let link = match links {
        Some(links) => links.target(cell).map(|uri| uri.to_string()),
        None => cell.hyperlink().map(|link| link.uri().to_owned()),
    };
    Plain {
        c: if cell.c == '\t' { ' ' } else { cell.c },
        fg: cell.fg,
        bg: cell.bg,
        flags: cell.flags,
        marks: cell.zerowidth().unwrap_or_default().iter().copied().take(16).collect(),
        underline: cell.underline_color(),
        link,
    }
}

/// A cursor: its place, its attributes, whether a wrap is due.
type Place = (Point, Plain, bool);

/// A whole state.
#[derive(Debug, PartialEq)]
pub(super) struct State {
    pub history: Vec<Vec<Plain>>,
    pub rows: Vec<Vec<Plain>>,
    cursor: Place,
    charsets: alacritty_terminal::grid::Charsets,
    saved: Place,
    alt: bool,
    modes: Vec<bool>,
}

fn place(cursor: &Cursor<Cell>, links: Option<&Links>) -> Place {
    (cursor.point, plain(&cursor.template, links), cursor.input_needs_wrap)
}

fn rows(grid: &Grid<Cell>, lines: std::ops::Range<i32>, links: Option<&Links>) -> Vec<Vec<Plain>> {
    lines.map(|l| grid[Line(l)][..].iter().map(|c| plain(c, links)).collect()).collect()
}

pub(super) struct Reference {
    processor: Processor<StdSyncHandler>,
    term: Term<VoidListener>,
}

struct Size(usize, usize);

impl Dimensions for Size {
    fn total_lines(&self) -> usize {
        self.1
    }
    fn screen_lines(&self) -> usize {
        self.1
    }
    fn columns(&self) -> usize {
        self.0
    }
}

impl Reference {
    pub(super) fn new(cols: usize, lines: usize) -> Self {
        let config = Config { scrolling_history: 100_000, kitty_keyboard: true, ..Config::default() };
        Self { processor: Processor::new(), term: Term::new(config, &Size(cols, lines), VoidListener) }
    }

    pub(super) fn feed(&mut self, bytes: &[u8]) {
        self.processor.advance(&mut self.term, bytes);
    }

    /// Resizes, and puts the cursor behind its character where alacritty leaves a wrap due in mid-row.
    pub(super) fn resize(&mut self, cols: usize, lines: usize) {
        self.term.resize(Size(cols, lines));
        let cursor = &mut self.term.grid_mut().cursor;
        if cursor.input_needs_wrap && cursor.point.column.0 < cols - 1 {
            cursor.input_needs_wrap = false;
            cursor.point.column += 1;
        }
    }

    pub(super) fn state(&self) -> State {
        let grid = self.term.grid();
        let mode = self.term.mode();
        let has = |m: TermMode| mode.contains(m);
        State {
            history: rows(grid, -(grid.history_size() as i32)..0, None),
            rows: rows(grid, 0..grid.screen_lines() as i32, None),
            cursor: place(&grid.cursor, None),
            charsets: grid.cursor.charsets,
            saved: place(&grid.saved_cursor, None),
            alt: has(TermMode::ALT_SCREEN),
            modes: vec![
                has(TermMode::LINE_WRAP),
                has(TermMode::ORIGIN),
                has(TermMode::INSERT),
                has(TermMode::SHOW_CURSOR),
                has(TermMode::APP_CURSOR),
                has(TermMode::APP_KEYPAD),
                has(TermMode::BRACKETED_PASTE),
                has(TermMode::DISAMBIGUATE_ESC_CODES),
                has(TermMode::REPORT_EVENT_TYPES),
                has(TermMode::REPORT_ALTERNATE_KEYS),
                has(TermMode::REPORT_ALL_KEYS_AS_ESC),
                has(TermMode::REPORT_ASSOCIATED_TEXT),
            ],
        }
    }
}

/// The rows above the primary screen as full rows of cells.
pub(super) fn history_of(t: &Terminal) -> Vec<Vec<Cell>> {
    let mut out = Vec::new();
    t.history.visit(t.history.rows(), |_, cells, wrapped| {
        let mut row = cells.to_vec();
        row.resize(t.cols(), Cell::default());
        if wrapped {
            row[t.cols() - 1].flags.insert(Flags::WRAPLINE);
        }
        out.push(row);
    });
    out
}

pub(super) fn ours(engine: &Engine) -> State {
    let t = &engine.terminal;
    let (grid, links) = (&t.screen.grid, Some(&t.links));
    let history = if t.alt { Vec::new() } else { history_of(t) };
    let (s, modes) = (t.switches, engine.modes());
    State {
        history: history.iter().map(|row| row.iter().map(|c| plain(c, links)).collect()).collect(),
        rows: rows(grid, 0..grid.screen_lines() as i32, links),
        cursor: place(&grid.cursor, links),
        charsets: grid.cursor.charsets,
        saved: place(&grid.saved_cursor, links),
        alt: t.alt,
        modes: vec![
            s.autowrap,
            s.origin,
            s.insert,
            s.cursor_visible,
            modes.has(Modes::APP_CURSOR),
            modes.has(Modes::APP_KEYPAD),
            modes.has(Modes::BRACKETED_PASTE),
            modes.has(Modes::KEY_CODES),
            modes.has(Modes::KEY_EVENTS),
            modes.has(Modes::KEY_ALTERNATES),
            modes.has(Modes::ALL_KEY_CODES),
            modes.has(Modes::KEY_TEXT),
        ],
    }
}

/// Panics with the first thing that differs.
pub(super) fn assert_same(ours: &State, theirs: &State, what: &str) {
    if ours == theirs {
        return;
    }
    let text = |row: &[Plain]| row.iter().map(|c| c.c).collect::<String>();
    let all = |state: &State| state.rows.iter().map(|r| text(r) + "|\n").collect::<String>();
    println!("ours:\n{}theirs:\n{}", all(ours), all(theirs));
    for (name, a, b) in [("history", &ours.history, &theirs.history), ("rows", &ours.rows, &theirs.rows)] {
        assert_eq!(a.len(), b.len(), "{what}: number of {name}");
        for (i, (a, b)) in a.iter().zip(b).enumerate() {
            for (col, (a, b)) in a.iter().zip(b).enumerate() {
                assert_eq!(a, b, "{what}: {name} {i}, {}", Column(col));
            }
        }
    }
    assert_eq!(ours.cursor, theirs.cursor, "{what}: cursor");
    assert_eq!(ours.saved, theirs.saved, "{what}: saved cursor");
    assert_eq!(ours, theirs, "{what}");
}
