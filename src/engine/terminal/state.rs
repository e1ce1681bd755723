//! The whole state of a terminal, and what resets it.

use std::ops::Range;
use std::sync::Arc;

use super::asked::Owners;
use super::command::Command;
use super::link::Links;
use super::surface::{SavedState, Surface};
use super::tabs::Tabs;
use super::title::Titles;
use crate::base::GridSize;
use crate::engine::EngineOptions;
use crate::engine::history::History;
use crate::engine::kept::kept_struct;
use crate::model::{CursorShape, Modes, Palette};

/// Modes that only the dispatch needs; what viewers see is in [`Modes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) struct Switches {
    /// DECAWM.
    pub autowrap: bool,
    /// DECOM: lines count from the top margin.
    pub origin: bool,
    /// IRM.
    pub insert: bool,
    /// LNM: a line feed returns the carriage too.
    pub newline: bool,
    /// DECTCEM.
    pub cursor_visible: bool,
    /// 2026: the program is in the middle of drawing a picture.
    pub hold: bool,
}

kept_struct!(Switches { autowrap, origin, insert, newline, cursor_visible, hold });

impl Default for Switches {
    fn default() -> Self {
        Self { autowrap: true, origin: false, insert: false, newline: false, cursor_visible: true, hold: false }
    }
}

/// How the cursor looks (DECSCUSR, mode 12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::engine) struct Shape {
    pub shape: CursorShape,
    pub blink: bool,
}

kept_struct!(Shape { shape, blink });

/// A terminal: two screens, the history of the primary one, and all modes.
#[derive(Debug, Clone)]
pub(in crate::engine) struct Terminal {
    pub size: GridSize,
    /// The screen that shows.
    pub screen: Surface,
    /// The one that does not.
    pub hidden: Surface,
    /// The alternate screen shows.
    pub alt: bool,
    pub history: History,
    /// Grows when row numbers begin to mean something else; after the last number comes the first.
    pub epoch: u32,
    /// The lines between the margins (DECSTBM): at least two, or the whole screen.
    pub region: Range<usize>,
    pub tabs: Tabs,
    /// Which of G0 and G1 is in use (SI, SO).
    pub gl: usize,
    pub switches: Switches,
    /// What viewers see of the modes, but for the alternate screen and the flags of the kitty protocol.
    pub modes: Modes,
    pub owners: Owners,
    pub shape: Shape,
    /// The last printed character, for REP.
    pub last_char: Option<char>,
    pub titles: Titles,
    pub palette: Arc<Palette>,
    pub links: Links,
    /// The last command that the shell marked.
    pub command: Option<Command>,
    /// The size of a cell in pixels; 0 until a window says.
    pub cell_px: (u16, u16),
    pub options: Arc<EngineOptions>,
}

impl Terminal {
    pub(in crate::engine) fn new(size: GridSize, options: Arc<EngineOptions>) -> Self {
        Self {
            size,
            screen: Surface::new(size),
            hidden: Surface::new(size),
            alt: false,
            history: History::new(usize::from(size.cols()), options.history_lines, options.history_bytes),
            epoch: 0,
            region: 0..usize::from(size.lines()),
            tabs: Tabs::new(usize::from(size.cols())),
            gl: 0,
            switches: Switches::default(),
            modes: Modes::ALTERNATE_SCROLL,
            owners: Owners::default(),
            shape: Shape::default(),
            last_char: None,
            titles: Titles::default(),
            palette: Arc::default(),
            links: Links::default(),
            command: None,
            cell_px: (0, 0),
            options,
        }
    }

    #[inline]
    pub(in crate::engine) fn cols(&self) -> usize {
        usize::from(self.size.cols())
    }

    #[inline]
    pub(in crate::engine) fn lines(&self) -> usize {
        usize::from(self.size.lines())
    }

    /// RIS: everything as at the beginning but the size and the identity of the session. The history goes too, as with
    /// `reset` and ED 3; link numbers go on, so that cells of the past never show a link of the future.
    pub(super) fn reset(&mut self) {
        if self.alt {
            self.swap_screens();
        }
        let lines = self.lines();
        for surface in [&mut self.screen, &mut self.hidden] {
            surface.grid.cursor = Default::default();
            surface.grid.saved_cursor = Default::default();
            surface.saved = SavedState::default();
            surface.clear_rows(0..lines);
        }
        self.reset_keys();
        self.history.clear();
        self.region = 0..lines;
        self.tabs = Tabs::new(self.cols());
        self.gl = 0;
        self.switches = Switches::default();
        self.modes = Modes::ALTERNATE_SCROLL;
        self.shape = Shape::default();
        self.last_char = None;
        self.titles.reset();
        self.command = None;
        self.palette = Arc::default();
    }

    /// DECSTR: the modes and the cursor's attributes as at the beginning; nothing on the screen changes, and the cursor
    /// stays where it is.
    pub(super) fn soft_reset(&mut self) {
        let Switches { newline, hold, .. } = self.switches;
        self.switches = Switches { newline, hold, ..Switches::default() };
        self.modes.set(Modes::APP_CURSOR | Modes::APP_KEYPAD, false);
        self.reset_keys();
        self.region = 0..self.lines();
        self.gl = 0;
        let cursor = &mut self.screen.grid.cursor;
        cursor.template = Default::default();
        cursor.charsets = Default::default();
        self.screen.grid.saved_cursor = Default::default();
        self.screen.saved = SavedState::default();
        self.shape = Shape::default();
    }
}
