//! Where the output of the last command stands, told by the shell's marks (OSC 133 C and D). A place is a row number and
//! a column; when text wraps anew it is found again by its line of text. Rows that move within margins, or that are
//! inserted or deleted, take no place with them: shells mark what scrolls.

use alacritty_terminal::index::Column;
use alacritty_terminal::term::cell::Flags;

use super::state::Terminal;
use super::surface::Surface;
use crate::engine::effect::ShellMark;
use crate::engine::history::{Anchor, History};
use crate::engine::kept::{Damaged, ensure, kept_struct};

/// A place on the primary screen or above it; the number holds in the present epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::engine) struct Spot {
    pub row: u64,
    /// The column of the next character; the width of the screen behind a full row.
    pub col: usize,
}

/// The last command that ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) struct Command {
    from: Spot,
    /// None while it runs.
    to: Option<Spot>,
}

kept_struct!(Spot { row, col });
kept_struct!(Command { from, to });

impl Command {
    /// Whether a snapshot's command wrote above the row `end` of a screen of this width.
    pub(in crate::engine) fn check(&self, end: u64, cols: usize) -> Result<(), Damaged> {
        let inside = |spot: &Spot| spot.row < end && spot.col <= cols;
        ensure(inside(&self.from) && self.to.iter().all(inside), "a command's output on the screen or above it")
    }
}

impl Terminal {
    /// Notes where the shell is. Marks on the alternate screen are not the shell's.
    pub(super) fn mark_command(&mut self, mark: ShellMark) {
        if self.alt {
            return;
        }
        let here = self.spot();
        match mark {
            ShellMark::OutputStart => self.command = Some(Command { from: here, to: None }),
            ShellMark::Done { .. } => {
                if let Some(command) = self.command.as_mut().filter(|command| command.to.is_none()) {
                    command.to = Some(here);
                }
            }
            ShellMark::PromptStart | ShellMark::InputStart => {}
        }
    }

    /// From where to where the last command wrote; none without marks.
    pub(in crate::engine) fn last_output(&self) -> Option<(Spot, Spot)> {
        let Command { from, to } = self.command?;
        let to = to.unwrap_or_else(|| self.spot());
        // It cleared the screen: what it wrote before went to the history with the rest, or is gone.
        let top = Spot { row: self.history.rows().end, col: 0 };
        Some((if to < from { top.min(to) } else { from }, to))
    }

    /// Where the cursor of the primary screen stands.
    fn spot(&self) -> Spot {
        let screen = if self.alt { &self.hidden } else { &self.screen };
        let col = screen.col() + usize::from(screen.grid.cursor.input_needs_wrap);
        Spot { row: self.history.rows().end + screen.line() as u64, col }
    }
}

/// A command's places by its text, for the time that rows change their numbers.
pub(super) struct Held {
    from: Anchor,
    to: Option<Anchor>,
}

impl Command {
    pub(super) fn hold(&self, surface: &Surface, history: &History) -> Held {
        let anchor = |spot: Spot| anchor(spot, surface, history);
        Held { from: anchor(self.from), to: self.to.map(anchor) }
    }
}

impl Held {
    pub(super) fn release(self, surface: &Surface, history: &History) -> Command {
        let spot = |anchor: Anchor| spot(anchor, surface, history);
        Command { from: spot(self.from), to: self.to.map(spot) }
    }
}

fn cols(surface: &Surface) -> usize {
    surface.row(0).len()
}

/// For each row of the screen, whether its text goes on in the next.
fn wraps(surface: &Surface) -> impl Iterator<Item = bool> + '_ {
    let last = Column(cols(surface) - 1);
    (0..surface.notes.len()).map(move |line| surface.row(line)[last].flags.contains(Flags::WRAPLINE))
}

/// The rows behind the packed ones: the line and the cell that each begins with, and whether its text goes on.
fn starts<'a>(surface: &'a Surface, history: &'a History) -> impl Iterator<Item = (Anchor, bool)> + 'a {
    let cols = cols(surface) as u64;
    history.unpacked_wraps().into_iter().chain(wraps(surface)).scan(history.end(), move |next, wrapped| {
        let here = *next;
        *next =
            if wrapped { Anchor { cell: here.cell + cols, ..here } } else { Anchor { line: here.line + 1, cell: 0 } };
        Some((here, wrapped))
    })
}

fn anchor(spot: Spot, surface: &Surface, history: &History) -> Anchor {
    let packed_end = history.packed_end();
    let start = match spot.row.checked_sub(packed_end) {
        None => history.anchor(spot.row),
        Some(row) => starts(surface, history).nth(row as usize).map_or(history.end(), |(start, _)| start),
    };
    Anchor { cell: start.cell + spot.col as u64, ..start }
}

fn spot(anchor: Anchor, surface: &Surface, history: &History) -> Spot {
    let cols = cols(surface) as u64;
    if anchor < history.end() {
        return Spot { row: history.row_of(anchor), col: (anchor.cell % cols) as usize };
    }
    let mut last = Spot { row: history.packed_end(), col: 0 };
    for (row, (start, wrapped)) in (history.packed_end()..).zip(starts(surface, history)) {
        if start > anchor {
            break;
        }
        let col = if start.line == anchor.line { anchor.cell - start.cell } else { 0 };
        last = Spot { row, col: col.min(cols) as usize };
        if start.line == anchor.line && (col < cols || !wrapped) {
            break;
        }
    }
    last
}
