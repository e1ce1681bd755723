//! What synk talks about, as pure values: no IO, no clock, no threads, no wire or file shapes.

pub mod action;
pub mod agent;
pub mod board;
pub mod cell;
pub mod chord;
pub mod frame;
pub mod grid_layout;
pub mod key;
pub mod key_names;
pub mod key_numbers;
pub mod keymap;
pub mod mouse;
pub mod palette;
pub mod row;
pub mod screen;
pub mod session_kind;
pub mod sgr;
pub mod span;
pub mod theme;

pub use action::{Action, Direction};
pub use board::{Board, BoardEvent, SessionInfo, SessionState};
pub use cell::{Attrs, Cell, Color, Style, Underline, Width};
pub use chord::{Chord, DetachKey};
pub use frame::Frame;
pub use key::{Key, KeyEvent, Mods, NamedKey, Press};
pub use keymap::Keymap;
pub use mouse::{MouseButton, MouseEvent, MouseKind};
pub use palette::Palette;
pub use row::Row;
pub use screen::{Cursor, CursorShape, Modes, Screen};
pub use session_kind::SessionKind;
pub use span::{Place, Span, SpanKind, ViewAt};
pub use theme::Theme;
