//! The binary stream: what a connection speaks after the reply to `stream_frames`.
//!
//! Every message is `{u32 length, u16 kind, u32 session, payload}`, little-endian; the length counts what follows it.
//! A kind that is not known is skipped; the payload of a kind never changes, a new shape is a new kind. The session is
//! its number, 0 where a message belongs to none.

use std::io::{self, Read, Write};

use super::codec::{Malformed, Reader, Writer};
use super::frame_wire;
use super::stream_values::{
    read_key_event, read_mouse_event, read_place, read_query, read_searched, read_span, write_key_event,
    write_mouse_event, write_place, write_query, write_searched, write_span,
};
use crate::base::{GridSize, SessionNo};
use crate::model::frame::Frame;
use crate::model::key::KeyEvent;
use crate::model::mouse::MouseEvent;
use crate::model::search::{Query, Searched};
use crate::model::span::{Place, Span, SpanKind, ViewAt};

/// Longest message in bytes, without its length. A full frame of the largest screen with a colour of its own in every
/// cell has about 10 MiB.
pub const MAX_MESSAGE: usize = 16 << 20;

/// What a client sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientMessage {
    /// Send frames of this session, first a full one; the client has credit for one frame.
    Subscribe,
    /// Send no more frames.
    Unsubscribe,
    /// The client has left the session: it is none of its clients until it subscribes again.
    Detach,
    /// One frame was taken in and the next may come.
    Credit,
    Key(KeyEvent),
    Mouse(MouseEvent),
    /// Text to paste: the host removes control characters and brackets it where the program asked for that.
    Paste(String),
    /// A prompt: pasted, then Enter as a write of its own.
    Prompt(String),
    /// The pane gained or lost the keyboard.
    Focus(bool),
    /// The viewport's size in cells and the size of a cell in pixels.
    Resize {
        size: GridSize,
        cell_w: u16,
        cell_h: u16,
    },
    /// Show this part of the session instead; answered by a frame.
    View(ViewAt),
    /// Scroll by rows, back in history where negative; answered by a frame.
    Scroll(i32),
    /// The text of a span, answered by [`HostMessage::Text`] with the same request number.
    GetText {
        request: u32,
        span: Span,
    },
    /// The word, line or the like around a place, answered by [`HostMessage::Span`].
    GetSpan {
        request: u32,
        place: Place,
        kind: SpanKind,
    },
    /// From here on the client numbers its keys, pastes and prompts to this session, on from `next`; `client` is what it
    /// calls itself, the same after it has connected again. What was taken under the same number already is passed over.
    /// Answered by [`HostMessage::Taken`]. From protocol 2 on.
    Numbered {
        client: u128,
        next: u64,
    },
    /// A piece of a search, answered by [`HostMessage::Found`] with the same request number. From protocol 3 on.
    Search {
        request: u32,
        query: Query,
    },
}

/// What the host sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostMessage {
    Frame(Frame),
    Bell,
    /// A program wants this in the clipboard (OSC 52).
    Clipboard(String),
    /// A program wants the user's attention (OSC 9, 777).
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
    /// There is no such session, or no longer: no more messages about it will come.
    Gone,
    /// Somebody detached this client from the session, which lives on: no more messages about it will come, unless the
    /// client subscribes again.
    Detached,
    /// All numbered input up to this one was taken, or comes to nothing; none was at 0.
    Taken(u64),
    Found {
        request: u32,
        searched: Searched,
    },
}

mod kind {
    pub const SUBSCRIBE: u16 = 1;
    pub const UNSUBSCRIBE: u16 = 2;
    pub const CREDIT: u16 = 3;
    pub const KEY: u16 = 4;
    pub const MOUSE: u16 = 5;
    pub const PASTE: u16 = 6;
    pub const PROMPT: u16 = 7;
    pub const FOCUS: u16 = 8;
    pub const RESIZE: u16 = 9;
    pub const VIEW: u16 = 10;
    pub const SCROLL: u16 = 11;
    pub const GET_TEXT: u16 = 12;
    pub const GET_SPAN: u16 = 13;
    pub const DETACH: u16 = 14;
    pub const NUMBERED: u16 = 15;
    pub const SEARCH: u16 = 16;

    pub const FRAME: u16 = 101;
    pub const BELL: u16 = 102;
    pub const CLIPBOARD: u16 = 103;
    pub const NOTIFY: u16 = 104;
    pub const TEXT: u16 = 105;
    pub const SPAN: u16 = 106;
    pub const GONE: u16 = 107;
    pub const DETACHED: u16 = 108;
    pub const TAKEN: u16 = 109;
    pub const FOUND: u16 = 110;
}

/// A message as it came, not yet understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raw {
    pub kind: u16,
    pub session: SessionNo,
    pub payload: Vec<u8>,
}

/// Reads the next message. `Ok(None)` is the end of the stream; half a message before it is dropped.
///
/// # Errors
/// [`io::ErrorKind::InvalidData`] when the length is impossible: the stream can only be closed. Else the reader's.
pub fn read_raw(reader: &mut impl Read) -> io::Result<Option<Raw>> {
    let mut head = [0; 10];
    match reader.read_exact(&mut head) {
        Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let [l0, l1, l2, l3, k0, k1, s0, s1, s2, s3] = head;
    let length = u32::from_le_bytes([l0, l1, l2, l3]) as usize;
    if !(6..=MAX_MESSAGE).contains(&length) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, format!("a message of {length} bytes")));
    }
    // Grown as the bytes come: a length alone takes no memory.
    let mut payload = Vec::new();
    reader.by_ref().take(length as u64 - 6).read_to_end(&mut payload)?;
    if payload.len() != length - 6 {
        return Ok(None);
    }
    let session = SessionNo(u32::from_le_bytes([s0, s1, s2, s3]));
    Ok(Some(Raw { kind: u16::from_le_bytes([k0, k1]), session, payload }))
}

/// Writes one message in one write.
///
/// # Errors
/// The writer's.
pub fn write_message(writer: &mut impl Write, session: SessionNo, message: &impl Message) -> io::Result<()> {
    writer.write_all(&encode(session, message))
}

/// One message as bytes.
pub fn encode(session: SessionNo, message: &impl Message) -> Vec<u8> {
    let mut w = Writer { bytes: vec![0; 10] };
    let kind = message.write(&mut w);
    debug_assert!(w.bytes.len() - 4 <= MAX_MESSAGE, "a message of {} bytes, which nobody would read", w.bytes.len());
    let length = (w.bytes.len() - 4) as u32;
    w.bytes[0..4].copy_from_slice(&length.to_le_bytes());
    w.bytes[4..6].copy_from_slice(&kind.to_le_bytes());
    w.bytes[6..10].copy_from_slice(&session.0.to_le_bytes());
    w.bytes
}

/// A message of one direction of the stream.
pub trait Message: Sized {
    /// Appends the payload and returns the kind.
    fn write(&self, w: &mut Writer) -> u16;

    /// Understands a message; `Ok(None)` for a kind this build does not know.
    ///
    /// # Errors
    /// [`Malformed`] when the payload is not of its kind.
    fn read(raw: &Raw) -> Result<Option<Self>, Malformed>;
}

impl Message for ClientMessage {
    fn write(&self, w: &mut Writer) -> u16 {
        match self {
            Self::Subscribe => kind::SUBSCRIBE,
            Self::Unsubscribe => kind::UNSUBSCRIBE,
            Self::Detach => kind::DETACH,
            Self::Credit => kind::CREDIT,
            Self::Key(event) => {
                write_key_event(w, event);
                kind::KEY
            }
            Self::Mouse(event) => {
                write_mouse_event(w, event);
                kind::MOUSE
            }
            Self::Paste(text) => {
                w.bytes.extend_from_slice(text.as_bytes());
                kind::PASTE
            }
            Self::Prompt(text) => {
                w.bytes.extend_from_slice(text.as_bytes());
                kind::PROMPT
            }
            Self::Focus(on) => {
                w.u8(u8::from(*on));
                kind::FOCUS
            }
            Self::Resize { size, cell_w, cell_h } => {
                for n in [size.cols(), size.lines(), *cell_w, *cell_h] {
                    w.u16(n);
                }
                kind::RESIZE
            }
            Self::View(at) => {
                match at {
                    ViewAt::Live => w.u8(0),
                    ViewAt::Row { epoch, top } => {
                        w.u8(1);
                        w.u32(*epoch);
                        w.varint(*top);
                    }
                }
                kind::VIEW
            }
            Self::Scroll(rows) => {
                w.u32(*rows as u32);
                kind::SCROLL
            }
            Self::GetText { request, span } => {
                w.u32(*request);
                write_span(w, span);
                kind::GET_TEXT
            }
            Self::GetSpan { request, place, kind } => {
                w.u32(*request);
                write_place(w, place);
                w.u8(*kind as u8);
                self::kind::GET_SPAN
            }
            Self::Numbered { client, next } => {
                w.bytes.extend_from_slice(&client.to_le_bytes());
                w.varint(*next);
                kind::NUMBERED
            }
            Self::Search { request, query } => {
                w.u32(*request);
                write_query(w, query);
                kind::SEARCH
            }
        }
    }

    fn read(raw: &Raw) -> Result<Option<Self>, Malformed> {
        let r = &mut Reader::new(&raw.payload);
        Ok(Some(match raw.kind {
            kind::SUBSCRIBE => Self::Subscribe,
            kind::UNSUBSCRIBE => Self::Unsubscribe,
            kind::DETACH => Self::Detach,
            kind::CREDIT => Self::Credit,
            kind::KEY => Self::Key(read_key_event(r)?),
            kind::MOUSE => Self::Mouse(read_mouse_event(r)?),
            kind::PASTE => Self::Paste(r.rest_str()?.to_owned()),
            kind::PROMPT => Self::Prompt(r.rest_str()?.to_owned()),
            kind::FOCUS => Self::Focus(r.u8()? != 0),
            kind::RESIZE => {
                let size = GridSize::clamped(r.u16()?, r.u16()?);
                Self::Resize { size, cell_w: r.u16()?, cell_h: r.u16()? }
            }
            kind::VIEW => Self::View(match r.u8()? {
                0 => ViewAt::Live,
                _ => ViewAt::Row { epoch: r.u32()?, top: r.varint()? },
            }),
            kind::SCROLL => Self::Scroll(r.u32()? as i32),
            kind::GET_TEXT => Self::GetText { request: r.u32()?, span: read_span(r)? },
            kind::GET_SPAN => Self::GetSpan {
                request: r.u32()?,
                place: read_place(r)?,
                kind: SpanKind::from_u8(r.u8()?).ok_or(Malformed("an unknown kind of span"))?,
            },
            kind::NUMBERED => {
                let mut low = || r.u32().map(u128::from);
                let client = low()? | low()? << 32 | low()? << 64 | low()? << 96;
                Self::Numbered { client, next: r.varint()? }
            }
            kind::SEARCH => Self::Search { request: r.u32()?, query: read_query(r)? },
            _ => return Ok(None),
        }))
    }
}

impl Message for HostMessage {
    fn write(&self, w: &mut Writer) -> u16 {
        match self {
            Self::Frame(frame) => {
                frame_wire::write_frame(w, frame);
                kind::FRAME
            }
            Self::Bell => kind::BELL,
            Self::Clipboard(text) => {
                w.bytes.extend_from_slice(text.as_bytes());
                kind::CLIPBOARD
            }
            Self::Notify { title, body } => {
                w.str(title);
                w.str(body);
                kind::NOTIFY
            }
            Self::Text { request, text } => {
                w.u32(*request);
                w.bytes.extend_from_slice(text.as_bytes());
                kind::TEXT
            }
            Self::Span { request, span } => {
                w.u32(*request);
                write_span(w, span);
                kind::SPAN
            }
            Self::Gone => kind::GONE,
            Self::Detached => kind::DETACHED,
            Self::Taken(upto) => {
                w.varint(*upto);
                kind::TAKEN
            }
            Self::Found { request, searched } => {
                w.u32(*request);
                write_searched(w, searched);
                kind::FOUND
            }
        }
    }

    fn read(raw: &Raw) -> Result<Option<Self>, Malformed> {
        let r = &mut Reader::new(&raw.payload);
        Ok(Some(match raw.kind {
            kind::FRAME => Self::Frame(frame_wire::read_frame(r)?),
            kind::BELL => Self::Bell,
            kind::CLIPBOARD => Self::Clipboard(r.rest_str()?.to_owned()),
            kind::NOTIFY => Self::Notify { title: r.str()?.to_owned(), body: r.str()?.to_owned() },
            kind::TEXT => Self::Text { request: r.u32()?, text: r.rest_str()?.to_owned() },
            kind::SPAN => Self::Span { request: r.u32()?, span: read_span(r)? },
            kind::GONE => Self::Gone,
            kind::DETACHED => Self::Detached,
            kind::TAKEN => Self::Taken(r.varint()?),
            kind::FOUND => Self::Found { request: r.u32()?, searched: read_searched(r)? },
            _ => return Ok(None),
        }))
    }
}

#[cfg(test)]
#[path = "stream_tests.rs"]
mod tests;
