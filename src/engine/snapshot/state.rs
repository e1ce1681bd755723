//! The state as a value. Every struct that has a part of it is taken apart field by field: a new field does not compile
//! until somebody has said whether it is kept.

use std::ops::Range;
use std::sync::Arc;

use alacritty_terminal::grid::Cursor;
use alacritty_terminal::index::Line;
use alacritty_terminal::term::cell::Cell;

use crate::base::GridSize;
use crate::engine::EngineOptions;
use crate::engine::history::{FindPage, History, put_rows, take_rows};
use crate::engine::kept::{Damaged, Kept, Source, ensure};
use crate::engine::parser::Parser;
use crate::engine::terminal::{
    Command, KeyStack, Links, Owners, SavedState, Shape, Surface, Switches, Tabs, Terminal, Titles,
};
use crate::model::{Modes, Palette};

/// A state at some byte of a stream. Two engines that will do the same have equal snapshots.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    parser: Parser,
    size: GridSize,
    screen: Screen,
    hidden: Screen,
    alt: bool,
    pub(super) history: History,
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
        // Notes, the blank row and the rest are made again, or count what one feed does.
        let Surface { grid, notes: _, saved, keys, changed: _, work: _, blank: _ } = surface;
        Self {
            rows: (0..size.lines()).map(|l| grid[Line(i32::from(l))][..].to_vec()).collect(),
            cursor: grid.cursor.clone(),
            saved_cursor: grid.saved_cursor.clone(),
            saved: *saved,
            keys: keys.clone(),
        }
    }

    fn into_surface(self, size: GridSize) -> Surface {
        let Self { rows, cursor, saved_cursor, saved, keys } = self;
        let mut surface = Surface::from_rows(size, rows);
        (surface.grid.cursor, surface.grid.saved_cursor) = (cursor, saved_cursor);
        (surface.saved, surface.keys) = (saved, keys);
        surface
    }

    fn put(&self, out: &mut Vec<u8>) {
        let Self { rows, cursor, saved_cursor, saved, keys } = self;
        put_rows(rows.iter().map(Vec::as_slice), out);
        cursor.put(out);
        saved_cursor.put(out);
        saved.put(out);
        keys.put(out);
    }

    fn read(from: &mut Source, size: GridSize) -> Result<Self, Damaged> {
        let (cols, lines) = (usize::from(size.cols()), usize::from(size.lines()));
        let rows = take_rows(from, lines, cols)?;
        let (cursor, saved_cursor): (Cursor<Cell>, Cursor<Cell>) = (Kept::read(from)?, Kept::read(from)?);
        for cursor in [&cursor, &saved_cursor] {
            let inside = cursor.point.line < lines as i32 && cursor.point.column < cols;
            ensure(inside, "a cursor on the screen")?;
        }
        let wraps = cursor.input_needs_wrap && cursor.point.column.0 + 1 != cols;
        ensure(!wraps, "a wrap that is due in the last column")?;
        let saved = SavedState::read(from)?;
        ensure(saved.gl < 2, "G0 or G1")?;
        Ok(Self { rows, cursor, saved_cursor, saved, keys: Kept::read(from)? })
    }
}

impl Snapshot {
    /// The size of the screen it was taken of.
    pub fn size(&self) -> GridSize {
        self.size
    }

    pub(in crate::engine) fn of(parser: &Parser, terminal: &Terminal) -> Self {
        Self::with(parser, terminal, terminal.history.clone())
    }

    /// All but the history, which may be large.
    pub(super) fn without_history(parser: &Parser, terminal: &Terminal) -> Self {
        Self::with(parser, terminal, History::new(usize::from(terminal.size.cols()), 0, 0))
    }

    fn with(parser: &Parser, terminal: &Terminal, history: History) -> Self {
        let Terminal {
            size,
            screen,
            hidden,
            alt,
            history: _,
            epoch,
            region,
            tabs,
            gl,
            switches,
            modes,
            owners,
            shape,
            last_char,
            titles,
            palette,
            links,
            command,
            cell_px,
            options: _,
        } = terminal;
        Self {
            parser: parser.settled(),
            size: *size,
            screen: Screen::of(screen, *size),
            hidden: Screen::of(hidden, *size),
            alt: *alt,
            history,
            epoch: *epoch,
            region: region.clone(),
            tabs: tabs.clone(),
            gl: *gl,
            switches: *switches,
            modes: *modes,
            owners: *owners,
            shape: *shape,
            last_char: *last_char,
            titles: titles.clone(),
            palette: Arc::clone(palette),
            links: links.clone(),
            command: *command,
            cell_px: *cell_px,
        }
    }

    pub(in crate::engine) fn into_parts(self, options: Arc<EngineOptions>) -> (Parser, Terminal) {
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

    /// With this history, whatever the snapshot's own is.
    pub(super) fn put(&self, history: &History, whole: bool, out: &mut Vec<u8>) {
        let Self {
            parser,
            size,
            screen,
            hidden,
            alt,
            history: _,
            epoch,
            region,
            tabs,
            gl,
            switches,
            modes,
            owners,
            shape,
            last_char,
            titles,
            palette,
            links,
            command,
            cell_px,
        } = self;
        size.put(out);
        parser.put(out);
        screen.put(out);
        hidden.put(out);
        alt.put(out);
        history.put(whole, out);
        epoch.put(out);
        region.put(out);
        tabs.put(out);
        gl.put(out);
        switches.put(out);
        modes.put(out);
        owners.put(out);
        shape.put(out);
        last_char.put(out);
        titles.put(out);
        palette.as_ref().put(out);
        links.put(out);
        command.put(out);
        cell_px.put(out);
    }

    pub(super) fn read(from: &mut Source, find: FindPage) -> Result<Self, Damaged> {
        let size = GridSize::read(from)?;
        let out = Self {
            size,
            parser: Parser::take_sound(from)?,
            screen: Screen::read(from, size)?,
            hidden: Screen::read(from, size)?,
            alt: Kept::read(from)?,
            history: History::read(from, usize::from(size.cols()), find)?,
            epoch: Kept::read(from)?,
            region: Kept::read(from)?,
            tabs: Kept::read(from)?,
            gl: Kept::read(from)?,
            switches: Kept::read(from)?,
            modes: Kept::read(from)?,
            owners: Kept::read(from)?,
            shape: Kept::read(from)?,
            last_char: Kept::read(from)?,
            titles: Kept::read(from)?,
            palette: Arc::new(Kept::read(from)?),
            links: Kept::read(from)?,
            command: Kept::read(from)?,
            cell_px: Kept::read(from)?,
        };
        out.check()?;
        Ok(out)
    }

    /// What has to hold between the parts, as it does in every engine.
    fn check(&self) -> Result<(), Damaged> {
        let (cols, lines) = (usize::from(self.size.cols()), usize::from(self.size.lines()));
        let Range { start, end } = self.region;
        let margins = start < end && end <= lines && end - start >= lines.min(2);
        ensure(margins, "margins on the screen, with two lines between them")?;
        ensure(self.gl < 2, "G0 or G1")?;
        self.tabs.check(cols)?;
        self.titles.check()?;
        let rows_end = self.history.rows().end + lines as u64;
        self.command.map_or(Ok(()), |command| command.check(rows_end, cols))
    }
}
