//! The output of sessions on its way to connections that subscribed to it, and how much of it may wait there.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Weak};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::outbox::Outbox;
use super::redraw::redraw;
use super::runtime::Host;
use crate::base::{ClientId, SessionId, SessionNo};
use crate::model::Screen;
use crate::protocol::events::{self, Gap, SessionOutput, Written};
use crate::session::message::Message;
use crate::session::{Drain, Taken};

/// Most bytes of output that wait for a client before some are left out.
const MAX_OUTPUT: usize = 4 << 20;
/// Most bytes of one event: in base64 it fits a line.
const MAX_EVENT: usize = 256 << 10;

/// Some of a session's output that waits for a client.
#[derive(Debug)]
pub(super) struct Piece {
    session: SessionNo,
    session_id: SessionId,
    offset: u64,
    bytes: Vec<u8>,
    gap: Option<Gap>,
}

impl Piece {
    /// The event as a line.
    pub(super) fn line(&self) -> String {
        events::line::<SessionOutput>(&Written {
            session_id: self.session_id.to_string(),
            no: self.session.0,
            offset: self.offset,
            data_b64: STANDARD.encode(&self.bytes),
            gap: self.gap,
        })
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Appends what follows it, if it has room.
    fn append(&mut self, offset: u64, bytes: &[u8]) -> bool {
        let fits = self.gap.is_none() && self.bytes.len() + bytes.len() <= MAX_EVENT;
        let follows = self.offset + self.bytes.len() as u64 == offset;
        if fits && follows {
            self.bytes.extend_from_slice(bytes);
        }
        fits && follows
    }
}

/// What waits of a connection's subscriptions to output.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    waiting: VecDeque<Piece>,
    bytes: usize,
    /// Those that were refused, and want to hear when there is room.
    starved: Vec<Arc<TapDrain>>,
}

impl Pieces {
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    fn push(&mut self, piece: Piece) {
        self.bytes += piece.len();
        self.waiting.push_back(piece);
    }

    /// False when too much waits.
    fn take(&mut self, drain: &Arc<TapDrain>, offset: u64, bytes: &[u8]) -> bool {
        if self.bytes + bytes.len() > MAX_OUTPUT {
            self.starved.push(Arc::clone(drain));
            return false;
        }
        let last = self.waiting.iter_mut().rfind(|piece| piece.session == drain.session);
        if last.is_some_and(|piece| piece.append(offset, bytes)) {
            self.bytes += bytes.len();
        } else {
            self.push(drain.piece(offset, bytes.to_vec(), None));
        }
        true
    }

    /// The next to be written.
    pub(super) fn pop(&mut self) -> Option<Piece> {
        let piece = self.waiting.pop_front()?;
        self.bytes -= piece.len();
        Some(piece)
    }

    /// Who is to be told that everything was written, if it was.
    pub(super) fn relieved(&mut self) -> Vec<Arc<TapDrain>> {
        if self.waiting.is_empty() { std::mem::take(&mut self.starved) } else { Vec::new() }
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

/// Where the output of one session goes for one connection. It keeps neither alive.
pub(super) struct TapDrain {
    client: ClientId,
    session: SessionNo,
    session_id: SessionId,
    outbox: Weak<Outbox>,
    host: Weak<Host>,
    /// Itself, for the list of those that were refused.
    own: Weak<Self>,
}

impl fmt::Debug for TapDrain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TapDrain").field("client", &self.client).field("session", &self.session).finish_non_exhaustive()
    }
}

impl TapDrain {
    pub(super) fn new(
        client: ClientId,
        session: SessionNo,
        session_id: SessionId,
        outbox: &Arc<Outbox>,
        host: &Arc<Host>,
    ) -> Arc<Self> {
        let (outbox, host) = (Arc::downgrade(outbox), Arc::downgrade(host));
        Arc::new_cyclic(|own| Self { client, session, session_id, outbox, host, own: own.clone() })
    }

    fn piece(&self, offset: u64, bytes: Vec<u8>, gap: Option<Gap>) -> Piece {
        Piece { session: self.session, session_id: self.session_id, offset, bytes, gap }
    }

    /// Everything was written: the session may go on. Waits for room in its inbox, on the connection's own thread.
    pub(super) fn relieved(&self) {
        if let Some(handle) = self.host.upgrade().and_then(|host| host.session(self.session)) {
            handle.send(Message::Drained(self.client));
        }
    }
}

impl Drain for TapDrain {
    fn take(&self, offset: u64, bytes: &[u8]) -> Taken {
        let (Some(outbox), Some(own)) = (self.outbox.upgrade(), self.own.upgrade()) else { return Taken::Gone };
        match outbox.output(|pieces| pieces.take(&own, offset, bytes)) {
            None => Taken::Gone,
            Some(true) => Taken::Yes,
            Some(false) => Taken::Full,
        }
    }

    fn skip(&self, from: u64, to: u64, screen: &Screen) {
        if let Some(outbox) = self.outbox.upgrade() {
            let drawn = redraw(screen).into_bytes();
            let pieces = drawn.chunks(MAX_EVENT).map(|part| self.piece(to, part.to_vec(), Some(Gap { from, to })));
            outbox.output(|waiting| pieces.for_each(|piece| waiting.push(piece)));
        }
    }

    fn is_open(&self) -> bool {
        self.outbox.upgrade().is_some_and(|outbox| outbox.output(|_| ()).is_some())
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixStream;

    use super::*;
    use crate::base::GridSize;
    use crate::engine::{Engine, EngineOptions};
    use crate::model::ViewAt;
    use crate::protocol::line::MAX_LINE;
    use crate::protocol::rpc::Request;

    /// The largest screen, each of its cells in a colour of its own.
    fn colourful() -> Screen {
        let size = GridSize::clamped(u16::MAX, u16::MAX);
        let mut engine = Engine::new(size, EngineOptions::default());
        let cells = u32::from(size.cols()) * u32::from(size.lines());
        let cell = |n: u32| {
            let [_, r, g, b] = n.to_be_bytes();
            format!("\x1b[38;2;{r};{g};{b};48;2;{b};{r};{g}mx")
        };
        let text: String = (0..cells).map(cell).collect();
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            let taken = engine.feed_some(rest, &mut Vec::new());
            rest = &rest[taken..];
        }
        engine.view(ViewAt::Live)
    }

    #[test]
    fn a_screen_that_fits_no_line_comes_in_several_events() {
        let outbox = Arc::new(Outbox::new(UnixStream::pair().unwrap().0));
        let tap = Arc::new_cyclic(|own| TapDrain {
            client: ClientId(1),
            session: SessionNo(1),
            session_id: SessionId::new(),
            outbox: Arc::downgrade(&outbox),
            host: Weak::new(),
            own: Weak::clone(own),
        });
        let screen = colourful();
        tap.skip(3, 5, &screen);
        let lines = outbox.output(|pieces| std::iter::from_fn(|| pieces.pop()).map(|p| p.line()).collect::<Vec<_>>());
        let mut drawn = Vec::new();
        for line in lines.unwrap() {
            assert!(line.len() < MAX_LINE, "{}", line.len());
            let event: Request = serde_json::from_str(&line).unwrap();
            let written: Written = serde_json::from_value(event.params).unwrap();
            assert_eq!((written.offset, written.gap), (5, Some(Gap { from: 3, to: 5 })));
            drawn.extend(STANDARD.decode(written.data_b64).unwrap());
        }
        assert!(drawn == redraw(&screen).into_bytes(), "{} bytes", drawn.len());
        assert!(drawn.len() > 10 * MAX_LINE);
    }
}
