//! What goes into the window's core and what comes out of it.

use std::path::PathBuf;

use super::arrange::Geometry;
use crate::base::{PxPoint, SessionNo};
use crate::client::{Answer, Loss};
use crate::config::SavedSession;
use crate::model::board::BoardEvent;
use crate::model::key::{KeyEvent, Mods};
use crate::model::mouse::{MouseButton, MouseKind};
use crate::model::session_kind::SshTarget;
use crate::protocol::methods::{
    CreateParams, OpenParams, SessionParams, SetWeightsParams, SwapParams, UpdateLayoutParams,
};
use crate::protocol::stream::{ClientMessage, HostMessage};

/// What happens to a window.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    Key(KeyEvent),
    /// Text that an input method is composing and has not finished; empty when it stopped.
    Composing(String),
    /// Text that an input method has finished.
    Composed(String),
    Pointer(Pointer),
    /// The wheel turned by this many columns and rows, to the left and up where negative.
    Wheel {
        turned: (f32, f32),
        mods: Mods,
        at: PxPoint,
    },
    /// The window or its text has another size.
    Geometry(Geometry),
    /// The window gained or lost the keyboard.
    Focused(bool),
    /// The window system wants the window closed.
    CloseAsked,
    /// A connection stands, with this protocol; the attempt's number tells it from older ones.
    Connected(u32, u32),
    /// There is no connection, or no longer, and why.
    Lost(u32, Loss),
    Reply(u32, u64, Answer),
    Board(u32, BoardEvent),
    Message(u32, SessionNo, HostMessage),
    /// One of those five, from another machine's host.
    Far(SshTarget, Box<Event>),
    /// What was asked of a clipboard with [`Effect::ReadClipboard`].
    Clipboard(u32, Result<String, String>),
    /// What came of [`Effect::Save`]: where it lies now, or why it could not be written.
    Saved(Result<PathBuf, String>),
    /// A frame is about to be drawn from the present state.
    Drawing,
    /// The frame that was asked for could not be drawn; `hidden`: nobody can see the window.
    NotDrawn {
        hidden: bool,
    },
    /// A deadline of the core may have come.
    Tick,
}

/// A button or a movement of the pointer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pointer {
    pub kind: MouseKind,
    pub button: MouseButton,
    pub mods: Mods,
    pub at: PxPoint,
}

/// What the window has to do for its core.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Connect under this number; start a host where none answers if `start`.
    Connect {
        attempt: u32,
        start: bool,
    },
    /// Call the host under this number.
    Call(u64, Call),
    Send(SessionNo, ClientMessage),
    /// One of those three, about another machine's host; its connection is made as it is needed.
    Far(SshTarget, Box<Effect>),
    /// Another machine's host is not needed any more.
    LeaveFar(SshTarget),
    /// The host does not answer: have it looked after.
    Doubt,
    /// Draw a frame as soon as the window system wants one.
    Draw,
    ReadClipboard(u32, Clip),
    WriteClipboard(Clip, String),
    /// Another text size in logical pixels; answered by [`Event::Geometry`].
    FontSize(f32),
    /// The pointer stands on something else.
    Cursor(CursorKind),
    /// Write the workspace to a file; answered by [`Event::Saved`].
    Save {
        name: String,
        session: SavedSession,
    },
    /// Draw the user's eyes to this window.
    Attention,
    Exit,
}

/// A call to the host.
#[derive(Debug, Clone, PartialEq)]
pub enum Call {
    ListWorkspaces,
    Open(OpenParams),
    Create(CreateParams),
    Terminate(SessionParams),
    SetWeights(SetWeightsParams),
    UpdateLayout(UpdateLayoutParams),
    SwapPanes(SwapParams),
}

/// The two clipboards of X11 and Wayland.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clip {
    Clipboard,
    /// What was last selected; the middle button pastes it.
    Primary,
}

/// What the pointer looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CursorKind {
    #[default]
    Arrow,
    Text,
    Hand,
    ResizeColumns,
    ResizeRows,
}
