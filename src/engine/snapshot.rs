//! The whole state of an engine as a plain value: what a restore needs and nothing that only a running one has (ring
//! offsets, row notes, caches).

use std::ops::Range;
use std::sync::Arc;

use alacritty_terminal::grid::Cursor;
use alacritty_terminal::index::Line;
use alacritty_terminal::term::cell::Cell;

use super::history::History;
use super::options::EngineOptions;
use super::parser::Parser;
use super::terminal::{Command, KeyStack, Links, Owners, SavedState, Shape, Surface, Switches, Tabs, Terminal, Titles};
use crate::base::GridSize;
use crate::model::{Modes, Palette};

/// A state at some byte of a stream. Two engines that will do the same have equal snapshots.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    parser: Parser,
    size: GridSize,
    screen: Screen,
    hidden: Screen,
    alt: bool,
    history: History,
    epoch: u32,
    region: Range<usize>,
    tabs: Tabs,
    gl: usize,
    switches: Switches,
    modes: Modes,
    owners: Owners,
    shape: Shape,
    last_char: Option<char>,
    titles: Titles,
    palette: Arc<Palette>,
    links: Links,
    command: Option<Command>,
    cell_px: (u16, u16),
}

/// One of the two screens.
#[derive(Debug, Clone, PartialEq)]
struct Screen {
    rows: Vec<Vec<Cell>>,
    cursor: Cursor<Cell>,
    saved_cursor: Cursor<Cell>,
    saved: SavedState,
    keys: KeyStack,
}

impl Screen {
    fn of(surface: &Surface, size: GridSize) -> Self {
        Self {
            rows: (0..size.lines()).map(|l| surface.grid[Line(i32::from(l))][..].to_vec()).collect(),
            cursor: surface.grid.cursor.clone(),
            saved_cursor: surface.grid.saved_cursor.clone(),
            saved: surface.saved,
            keys: surface.keys.clone(),
        }
    }

    fn into_surface(self, size: GridSize) -> Surface {
        let mut surface = Surface::from_rows(size, self.rows);
        surface.grid.cursor = self.cursor;
        surface.grid.saved_cursor = self.saved_cursor;
        surface.saved = self.saved;
        surface.keys = self.keys;
        surface
    }
}

impl Snapshot {
    /// The size of the screen it was taken of.
    pub fn size(&self) -> GridSize {
        self.size
    }

    pub(super) fn of(parser: &Parser, t: &Terminal) -> Self {
        Self {
            parser: parser.settled(),
            size: t.size,
            screen: Screen::of(&t.screen, t.size),
            hidden: Screen::of(&t.hidden, t.size),
            alt: t.alt,
            history: t.history.clone(),
            epoch: t.epoch,
            region: t.region.clone(),
            tabs: t.tabs.clone(),
            gl: t.gl,
            switches: t.switches,
            modes: t.modes,
            owners: t.owners,
            shape: t.shape,
            last_char: t.last_char,
            titles: t.titles.clone(),
            palette: Arc::clone(&t.palette),
            links: t.links.clone(),
            command: t.command,
            cell_px: t.cell_px,
        }
    }

    pub(super) fn into_parts(self, options: Arc<EngineOptions>) -> (Parser, Terminal) {
        let mut history = self.history;
        history.set_limits(options.history_lines, options.history_bytes);
        let terminal = Terminal {
            size: self.size,
            screen: self.screen.into_surface(self.size),
            hidden: self.hidden.into_surface(self.size),
            alt: self.alt,
            history,
            epoch: self.epoch,
            region: self.region,
            tabs: self.tabs,
            gl: self.gl,
            switches: self.switches,
            modes: self.modes,
            owners: self.owners,
            shape: self.shape,
            last_char: self.last_char,
            titles: self.titles,
            palette: self.palette,
            links: self.links,
            command: self.command,
            cell_px: self.cell_px,
            options,
        };
        (self.parser, terminal)
    }
}
