//! What one viewer sees of one session: the rows of its viewport, the cursor and the modes that matter to a client.

use std::ops::{BitOr, BitOrAssign};
use std::sync::Arc;

use super::palette::Palette;
use super::row::Row;
use crate::base::GridSize;

/// The shape of the cursor (DECSCUSR).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(u8)]
pub enum CursorShape {
    #[default]
    Block = 0,
    Underline = 1,
    Bar = 2,
}

impl CursorShape {
    pub fn from_u8(n: u8) -> Option<Self> {
        Some(match n {
            0 => Self::Block,
            1 => Self::Underline,
            2 => Self::Bar,
            _ => return None,
        })
    }
}

/// Where the cursor stands in the viewport and how it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cursor {
    /// Row of the viewport, from 0; below the viewport's end when the viewer has scrolled it out of sight.
    pub line: u16,
    /// Column, from 0.
    pub col: u16,
    pub shape: CursorShape,
    pub blink: bool,
    /// False while the program hides it (DECTCEM) or it is scrolled out of sight.
    pub visible: bool,
}

/// The modes of a session that its viewers have to know: they decide what a wheel, a click or a paste means before the
/// host encodes it, and what `attach` sets on an outer terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Modes(u32);

/// Where the kitty protocol's flags lie among the bits, and which there are.
const KEY_FLAGS_AT: u32 = 17;
const KEY_FLAGS: u32 = 31;

impl Modes {
    pub const NONE: Self = Self(0);
    /// The alternate screen shows (47, 1047, 1049).
    pub const ALT_SCREEN: Self = Self(1);
    /// DECCKM.
    pub const APP_CURSOR: Self = Self(1 << 1);
    /// DECKPAM, 66.
    pub const APP_KEYPAD: Self = Self(1 << 2);
    /// 2004.
    pub const BRACKETED_PASTE: Self = Self(1 << 3);
    /// 1004.
    pub const FOCUS_EVENTS: Self = Self(1 << 4);
    /// 9.
    pub const MOUSE_X10: Self = Self(1 << 5);
    /// 1000.
    pub const MOUSE_CLICK: Self = Self(1 << 6);
    /// 1002.
    pub const MOUSE_DRAG: Self = Self(1 << 7);
    /// 1003.
    pub const MOUSE_MOTION: Self = Self(1 << 8);
    /// 1006.
    pub const MOUSE_SGR: Self = Self(1 << 9);
    /// 1007.
    pub const ALTERNATE_SCROLL: Self = Self(1 << 10);
    /// DECSCNM: the whole screen in reverse video.
    pub const REVERSE_SCREEN: Self = Self(1 << 11);
    /// 1005.
    pub const MOUSE_UTF8: Self = Self(1 << 12);
    /// 1015.
    pub const MOUSE_URXVT: Self = Self(1 << 13);
    /// 1016: as 1006, in pixels.
    pub const MOUSE_PIXELS: Self = Self(1 << 14);
    /// xterm's modifyOtherKeys at level 1.
    pub const OTHER_KEYS: Self = Self(1 << 15);
    /// xterm's modifyOtherKeys at level 2.
    pub const ALL_OTHER_KEYS: Self = Self(1 << 16);
    /// The kitty protocol's flag 1: keys that are no text are unambiguous escape codes.
    pub const KEY_CODES: Self = Self(1 << KEY_FLAGS_AT);
    /// Its flag 2: repeats and releases are told.
    pub const KEY_EVENTS: Self = Self(2 << KEY_FLAGS_AT);
    /// Its flag 4: escape codes also tell the shifted key and the key of the US layout.
    pub const KEY_ALTERNATES: Self = Self(4 << KEY_FLAGS_AT);
    /// Its flag 8: keys that are text are escape codes too.
    pub const ALL_KEY_CODES: Self = Self(8 << KEY_FLAGS_AT);
    /// Its flag 16: escape codes also tell the text.
    pub const KEY_TEXT: Self = Self(16 << KEY_FLAGS_AT);

    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The modes that make mouse reports; at most one is on.
    pub fn mouse_tracking() -> Self {
        Self::MOUSE_X10 | Self::MOUSE_CLICK | Self::MOUSE_DRAG | Self::MOUSE_MOTION
    }

    /// The modes that say how a mouse report is written; at most one is on.
    pub fn mouse_encodings() -> Self {
        Self::MOUSE_UTF8 | Self::MOUSE_SGR | Self::MOUSE_URXVT | Self::MOUSE_PIXELS
    }

    /// Whether the program wants the mouse for itself.
    pub fn wants_mouse(self) -> bool {
        self.any(Self::mouse_tracking())
    }

    /// Whether any of these is on.
    pub fn any(self, of: Self) -> bool {
        self.0 & of.0 != 0
    }

    /// The kitty protocol's flags in force, as the protocol numbers them: 0 to 31.
    pub fn key_flags(self) -> u8 {
        (self.0 >> KEY_FLAGS_AT & KEY_FLAGS) as u8
    }

    /// Puts other flags of the kitty protocol in force.
    pub fn set_key_flags(&mut self, flags: u8) {
        self.0 = self.0 & !(KEY_FLAGS << KEY_FLAGS_AT) | (u32::from(flags) & KEY_FLAGS) << KEY_FLAGS_AT;
    }

    pub fn set(&mut self, other: Self, on: bool) {
        self.0 = if on { self.0 | other.0 } else { self.0 & !other.0 };
    }

    pub fn bits(self) -> u32 {
        self.0
    }

    /// Unknown bits are kept: a newer host may know more modes than this client.
    pub fn from_bits(bits: u32) -> Self {
        Self(bits)
    }
}

impl BitOr for Modes {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Modes {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

/// What one viewer sees of one session at one moment.
///
/// Rows carry numbers: `top` is the number of the first row shown, counted from the first row the session ever had.
/// Numbers hold within one `epoch`; a resize (rows wrap anew) and a change between the primary and the alternate
/// screen begin another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Screen {
    pub size: GridSize,
    /// As many as `size` has lines.
    pub rows: Vec<Arc<Row>>,
    pub epoch: u32,
    pub top: u64,
    /// Rows of history that lie above the live screen and can be scrolled to.
    pub history: u32,
    /// How many rows the viewport is scrolled back; 0 is the live screen.
    pub offset: u32,
    pub cursor: Cursor,
    pub modes: Modes,
    pub palette: Arc<Palette>,
}

impl Screen {
    /// A blank screen: what every viewer holds before its first frame.
    pub fn blank(size: GridSize) -> Self {
        let blank = Arc::new(Row::default());
        Self {
            size,
            rows: vec![blank; usize::from(size.lines())],
            epoch: 0,
            top: 0,
            history: 0,
            offset: 0,
            cursor: Cursor::default(),
            modes: Modes::NONE,
            palette: Arc::default(),
        }
    }

    /// The text of the viewport, a line a row, blanks at the ends of rows left out.
    pub fn text(&self) -> String {
        let mut out = String::new();
        for row in &self.rows {
            out.push_str(row.text(0, self.size.cols()).trim_end());
            out.push('\n');
        }
        out
    }
}
