//! What goes into a session's core and what comes out of it: one enum per receiver.

use std::sync::Arc;
use std::time::Instant;

use super::ask::{Answer, Ask, Refusal, Reply};
use super::memory::{Chunk, Event, Note};
use super::receipts::Receipt;
use crate::base::{ClientId, GridSize};
use crate::keeper::Exit;
use crate::keeper::probe::Probed;
use crate::model::{Frame, KeyEvent, MouseEvent, Place, Query, Screen, Searched, Span, SpanKind, ViewAt};

/// What a core is told.
#[derive(Debug)]
pub enum Message {
    /// From the thread that waits for the program.
    Exited(Exit),
    /// From a connection: a client wants to watch or to type. Comes before anything else from that client.
    Attach(ClientId, Arc<dyn Outlet>),
    /// From a connection: the client is gone.
    Detach(ClientId),
    /// From the host: a client is to watch no longer, which it is told; its requests come to nothing from here on.
    Expel(ClientId),
    /// From a connection: a client's request.
    Client(ClientId, Request),
    /// From the host: this client wants what the program writes, as it is. Asked twice it changes nothing.
    Tap(ClientId, Arc<dyn Drain>),
    /// From the host: it wants that no longer.
    Untap(ClientId),
    /// From a connection: the client has taken in what was sent to its drain, which had refused more.
    Drained(ClientId),
    /// From the host: a question through the API.
    Ask(Ask, Reply),
    /// From the shell around the core: the answer to [`Effect::Probe`].
    Probed(Probed),
    /// From the shell around the core: whether the bytes of [`Effect::Submit`] were taken.
    Submitted(bool),
    /// From the shell around the core, the answer to [`Effect::LookWritten`]: when the last of the input was written;
    /// `None` while some of it waits.
    Written(Option<Instant>),
    /// From the host: a client wants the session's link back.
    Relink,
    /// From the shell around the core: the link is back.
    Relinked,
    /// From the shell around the core: it cannot be had, for this reason.
    NotRelinked(String),
    /// The session is off the board: viewers are told, nothing more is sent.
    Close,
}

/// What a core is told by its reader, over a channel of its own that holds little, so that a flood waits in the kernel.
#[derive(Debug)]
pub enum Output {
    /// It lies in the ring of the session's memory.
    Chunk(Chunk),
    /// Everything the program wrote up to its end was read.
    Drained,
}

/// What a client asks of one session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Frames, beginning with a full one; carries credit for one.
    Subscribe,
    /// No more frames.
    Unsubscribe,
    /// From here on keys, pastes and prompts count on from this number, under this name of the client: what was taken
    /// under it already is passed over. [`Update::Taken`] follows, at once and after more was taken.
    Numbered {
        client: u128,
        next: u64,
    },
    /// The client has left, and may come back.
    Detach,
    /// One frame was taken in and the next may come.
    Credit,
    Key(KeyEvent),
    Mouse(MouseEvent),
    Paste(String),
    /// Pasted, then Enter as a write of its own.
    Prompt(String),
    /// The viewer's pane gained or lost the keyboard.
    Focus(bool),
    /// The viewport's size and the size of its cells in pixels.
    Resize {
        size: GridSize,
        cell_w: u16,
        cell_h: u16,
    },
    /// Look at this part from now on.
    View(ViewAt),
    /// Scroll by rows, back in history where negative.
    Scroll(i32),
    GetText {
        request: u32,
        span: Span,
    },
    GetSpan {
        request: u32,
        place: Place,
        kind: SpanKind,
    },
    /// A piece of a search, answered by [`Update::Found`].
    Search {
        request: u32,
        query: Query,
    },
}

/// What one viewer of a session is sent.
#[derive(Debug, Clone, PartialEq)]
pub enum Update {
    /// The viewer had credit for it.
    Frame(Frame),
    Bell,
    /// A program wants this in the clipboard.
    Clipboard(String),
    /// A program or the session itself wants the user's attention.
    Notify {
        title: String,
        body: String,
    },
    Text {
        request: u32,
        text: String,
    },
    Span {
        request: u32,
        span: Span,
    },
    Found {
        request: u32,
        searched: Searched,
    },
    /// All numbered input of this client was taken up to this one, or comes to nothing.
    Taken(u64),
    /// The session is no more.
    Gone,
    /// Somebody detached this viewer; nothing more comes.
    Detached,
}

/// Where a viewer's updates go. Taking one never blocks and never fails: a viewer that is gone ignores it.
pub trait Outlet: Send + Sync + std::fmt::Debug {
    fn send(&self, update: Update);
}

/// Where a program's output goes as it is. Nothing here blocks.
pub trait Drain: Send + Sync + std::fmt::Debug {
    /// Takes bytes; the first of them is the session's byte `offset`.
    fn take(&self, offset: u64, bytes: &[u8]) -> Taken;
    /// Bytes were left out, because they were refused: from this one to that one, and this is the screen behind them.
    fn skip(&self, from: u64, to: u64, screen: &Screen);
    /// Whether anybody takes anything here any more.
    fn is_open(&self) -> bool;
}

/// What a drain says to bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    Yes,
    /// It holds more than enough; [`Message::Drained`] follows when it does not any more.
    Full,
    /// Nobody is there.
    Gone,
}

/// Which part of a prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Paste(Option<Receipt>),
    /// The whole of a prompt without text, with its receipt; else the end of one.
    Enter(Option<Receipt>),
}

impl Part {
    /// What is written down in one with it.
    pub(super) fn note(self) -> Note {
        match self {
            Self::Paste(receipt) => Note { receipt, enter_owed: Some(true) },
            Self::Enter(receipt) => Note { receipt, enter_owed: Some(false) },
        }
    }
}

/// What a core wants done.
#[derive(Debug)]
pub enum Effect {
    /// Input for the program, one logical write. Also of none at all, for its receipt.
    Write(Vec<u8>, Option<Receipt>),
    /// Input for the program that was asked for: the reply says how it went.
    WriteAsked(Vec<u8>, Reply),
    /// A part of a prompt for the program: its paste, with what receipt it has, or its Enter; [`Message::Submitted`]
    /// follows at once.
    Submit(Vec<u8>, Part),
    /// Find out when the input was written; [`Message::Written`] follows at once.
    LookWritten,
    /// The answer to a question.
    Answer(Reply, Result<Answer, Refusal>),
    /// A reply of the terminal to the program.
    Reply(Vec<u8>),
    /// The terminal has a new size.
    Resize { size: GridSize, cell_w: u16, cell_h: u16 },
    /// Something for one viewer.
    Send(Arc<dyn Outlet>, Update),
    /// What others see of the session has changed.
    Report(Facts),
    /// What all viewers were sent just now, for those who do not watch.
    News(Update),
    /// Ask the system about the program in the foreground, and which of these process groups are gone; the answer is
    /// [`Message::Probed`].
    Probe(Vec<u32>),
    /// Bring back what the session stood on; [`Message::Relinked`] follows once it is there.
    Relink,
    /// The state has changed without output: write that down, behind the output so far.
    Keep(Event),
    /// Nothing more is to be done, ever.
    End,
}

/// What the others see of a session.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// Output came within the quiet period.
    pub active: bool,
    pub title: String,
    /// Empty while nobody knows.
    pub cwd: String,
    /// Name of the program in the foreground; empty while that is the shell the session was started with.
    pub foreground: String,
    pub size: GridSize,
    /// The clients attached, by their numbers.
    pub viewers: Vec<ClientId>,
    /// The link that the session stands on is lost.
    pub disconnected: bool,
    /// How the program ended, if it has.
    pub exit_code: Option<i32>,
}
