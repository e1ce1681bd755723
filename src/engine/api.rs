//! The engine's public face: feed, resize, and what is true now.

use std::ops::Range;
use std::sync::Arc;

use alacritty_terminal::index::Point;
use alacritty_terminal::term::cell::Cell;

use super::effect::Effect;
use super::history::PageKeeper;
use super::options::EngineOptions;
use super::parser::Parser;
use super::snapshot::Snapshot;
use super::terminal::{Dispatch, Shape, Terminal};
use super::view::RowCache;
use crate::base::GridSize;
use crate::model::Modes;

/// A terminal that is fed a program's output and shows what it draws.
#[derive(Debug, Clone)]
pub struct Engine {
    pub(super) parser: Parser,
    pub(super) terminal: Terminal,
    pub(super) cache: RowCache,
    pub(super) changes: u64,
}

impl Engine {
    /// A blank terminal.
    pub fn new(size: GridSize, options: EngineOptions) -> Self {
        Self::from_parts(Parser::default(), Terminal::new(size, Arc::new(options)))
    }

    pub(super) fn from_parts(parser: Parser, terminal: Terminal) -> Self {
        Self { parser, terminal, cache: RowCache::default(), changes: 1 }
    }

    /// Reads output, cut anywhere, and appends what it asks for to `effects`. Time and memory are bounded by the size of
    /// `bytes` and of the screen, whatever the bytes are; but see [`Engine::feed_some`].
    pub fn feed(&mut self, mut bytes: &[u8], effects: &mut Vec<Effect>) {
        let from = effects.len();
        while !bytes.is_empty() {
            let read = self.read(bytes, effects, from);
            bytes = &bytes[read..];
        }
    }

    /// As [`Engine::feed`], but pauses when the output makes work out of proportion to its length (a few bytes can clear
    /// a whole screen): then some milliseconds are over and the caller may look after others first. It also pauses at the
    /// end of a synchronized update, where the picture is complete and may be shown before the next one is begun. Returns
    /// how many bytes were read, at least one if there are any; other output is read whole.
    pub fn feed_some(&mut self, bytes: &[u8], effects: &mut Vec<Effect>) -> usize {
        let from = effects.len();
        self.read(bytes, effects, from)
    }

    fn read(&mut self, bytes: &[u8], effects: &mut Vec<Effect>, from: usize) -> usize {
        let before = self.seen();
        // Either may show before the end.
        (self.terminal.screen.work, self.terminal.hidden.work) = (0, 0);
        let read = self.parser.advance(bytes, &mut Dispatch { terminal: &mut self.terminal, effects, from });
        self.note_changes(before);
        read
    }

    /// Gives the terminal another size. Text wraps anew; row numbers change, unless the size is the same.
    pub fn resize(&mut self, size: GridSize) {
        let before = self.seen();
        self.terminal.resize(size);
        self.note_changes(before);
    }

    /// Tells how large a cell is in pixels, for programs that ask; 0 for unknown.
    pub fn set_cell_px(&mut self, w: u16, h: u16) {
        self.terminal.cell_px = (w, h);
    }

    /// The size of a cell in pixels as it was told last.
    pub fn cell_px(&self) -> (u16, u16) {
        self.terminal.cell_px
    }

    /// The present size of the screen in cells.
    pub fn size(&self) -> GridSize {
        self.terminal.size
    }

    /// The modes that viewers and the encoding of input have to know.
    pub fn modes(&self) -> Modes {
        let mut modes = self.terminal.modes;
        modes.set(Modes::ALT_SCREEN, self.terminal.alt);
        modes.set_key_flags(self.terminal.screen.keys.flags());
        modes
    }

    /// Whether a program asked something of the input (key codes, reports of the mouse or of the focus) and the engine has
    /// not been told yet which one: see [`Engine::claim_input`].
    pub fn input_is_unclaimed(&mut self) -> bool {
        self.terminal.is_unclaimed()
    }

    /// Says which process group asked for what nobody has claimed yet; 0 where the system does not tell.
    pub fn claim_input(&mut self, group: u32) {
        self.terminal.claim(group);
    }

    /// The process groups that asked something of the input and have not taken it back, each once.
    pub fn input_owners(&mut self) -> Vec<u32> {
        self.terminal.owners()
    }

    /// Takes back what a process group asked of the input: it is gone and cannot do so itself.
    pub fn disown_input(&mut self, group: u32) {
        let before = self.seen();
        self.terminal.disown(group);
        self.note_changes(before);
    }

    /// The title in force; empty for none.
    pub fn title(&self) -> &str {
        &self.terminal.titles.title
    }

    /// Whether the program is in the middle of drawing a picture (synchronized update, mode 2026): viewers should be
    /// sent nothing until it is done, or until the caller has waited long enough and calls [`Engine::release_hold`].
    pub fn holds(&self) -> bool {
        self.terminal.switches.hold
    }

    /// Ends a synchronized update that lasts too long, as if the program had.
    pub fn release_hold(&mut self) {
        self.terminal.switches.hold = false;
    }

    /// A number that grows whenever anything changed that a viewer could see.
    pub fn changes(&self) -> u64 {
        self.changes
    }

    /// The whole state as a value.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot::of(&self.parser, &self.terminal)
    }

    /// An engine that goes on where `snapshot` was taken: fed the same bytes it does the same. Effects that were raised
    /// before are not raised again.
    pub fn restore(snapshot: Snapshot, options: EngineOptions) -> Self {
        let (parser, terminal) = snapshot.into_parts(Arc::new(options));
        Self::from_parts(parser, terminal)
    }

    /// The whole state as bytes, but for the pages of history that change no more: `keeper` gets each of them once. What
    /// [`Snapshot::from_parts`] makes of both is a snapshot.
    pub fn save(&mut self, keeper: &mut dyn PageKeeper) -> Vec<u8> {
        Snapshot::save(&self.parser, &mut self.terminal, keeper)
    }

    /// Gives up the whole state, which has to be saved: nothing is to be asked before [`Engine::refill`]. Returns about
    /// how many bytes were freed.
    pub fn shed(&mut self) -> usize {
        let Self { terminal, changes, .. } = self;
        let (options, cells) =
            (Arc::clone(&terminal.options), usize::from(terminal.size.cols()) * usize::from(terminal.size.lines()));
        let freed = terminal.history.cost() + 2 * cells * size_of::<Cell>();
        let blank = Self::from_parts(Parser::default(), Terminal::new(GridSize::clamped(1, 1), options));
        *self = Self { changes: *changes, ..blank };
        freed
    }

    /// Goes on with a state that was given up.
    pub fn refill(&mut self, snapshot: Snapshot) {
        let (parser, terminal) = snapshot.into_parts(Arc::clone(&self.terminal.options));
        *self = Self { changes: self.changes, ..Self::from_parts(parser, terminal) };
    }

    /// Whoever kept pages of history keeps them no more: the next [`Engine::save`] gives all of them again.
    pub fn forget_kept_pages(&mut self) {
        self.terminal.history.forget_kept();
    }

    /// The oldest page that the last [`Engine::save`] has named; those before it are needed no more.
    pub fn first_kept_page(&self) -> Option<u64> {
        self.terminal.history.first_kept()
    }

    fn seen(&self) -> Seen {
        let t = &self.terminal;
        Seen {
            size: t.size,
            epoch: t.epoch,
            cursor: t.screen.grid.cursor.point,
            visible: t.switches.cursor_visible,
            shape: t.shape,
            modes: self.modes(),
            history: t.history.rows(),
        }
    }

    fn note_changes(&mut self, before: Seen) {
        let rows = std::mem::take(&mut self.terminal.screen.changed);
        if rows || self.seen() != before {
            self.changes += 1;
        }
    }
}

/// What viewers see beside rows and colours.
#[derive(PartialEq)]
struct Seen {
    size: GridSize,
    epoch: u32,
    cursor: Point,
    visible: bool,
    shape: Shape,
    modes: Modes,
    history: Range<u64>,
}
