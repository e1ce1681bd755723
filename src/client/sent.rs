//! What was typed and sent, until the host says that it took it: one that is killed meanwhile may not have, and the next
//! one is sent it again, under the same numbers, and passes over what was taken. A plain value.

use std::collections::{HashMap, VecDeque};

use super::backlog::text;
use crate::base::SessionId;
use crate::protocol::NUMBERED_SINCE;
use crate::protocol::stream::ClientMessage;

/// Most text kept of one session, in bytes; the last piece is kept whatever its length. A host says within a quarter of a
/// second what it took: nobody types that much in that time, and of what a program types the oldest is dropped.
const MAX_BYTES: usize = 1 << 20;
/// Most pieces.
const MAX_PIECES: usize = 10_000;

/// The input of one client.
#[derive(Debug)]
pub struct Sent {
    /// What the client calls itself.
    client: u128,
    /// The host of the present connection can count.
    counts: bool,
    sessions: HashMap<SessionId, Line>,
}

/// The input of one client to one session.
#[derive(Debug, Default)]
struct Line {
    /// How many pieces there were.
    count: u64,
    /// The last of them, which the host may not have taken.
    kept: VecDeque<ClientMessage>,
    bytes: usize,
    /// The host of the present connection was told where the numbers go on.
    begun: bool,
}

impl Default for Sent {
    fn default() -> Self {
        Self { client: SessionId::new().as_u128(), counts: false, sessions: HashMap::new() }
    }
}

impl Sent {
    /// A connection stands, to a host that speaks this protocol.
    pub fn connected(&mut self, proto: u32) {
        self.counts = proto >= NUMBERED_SINCE;
        for line in self.sessions.values_mut() {
            line.begun = false;
            if !self.counts {
                // It would not know what was taken before.
                line.clear();
            }
        }
    }

    /// What is to be sent for this message to go to the session.
    pub fn send(&mut self, session: SessionId, message: ClientMessage) -> Vec<ClientMessage> {
        if !self.counts || text(&message).is_none() {
            return vec![message];
        }
        let mut out = self.again(session);
        let line = self.sessions.entry(session).or_default();
        line.push(message.clone());
        if !line.begun {
            line.begun = true;
            out.push(ClientMessage::Numbered { client: self.client, next: line.count });
        }
        out.push(message);
        out
    }

    /// What is to be sent again, before anything else is typed there: nothing if the host was told already.
    pub fn again(&mut self, session: SessionId) -> Vec<ClientMessage> {
        let client = self.client;
        let line = self.sessions.get_mut(&session).filter(|line| !line.begun && !line.kept.is_empty());
        line.map_or_else(Vec::new, |line| {
            line.begun = true;
            let next = line.taken() + 1;
            std::iter::once(ClientMessage::Numbered { client, next }).chain(line.kept.iter().cloned()).collect()
        })
    }

    /// Whether the host of the present connection says what it took: it does so within a quarter of a second.
    pub fn is_answered(&self) -> bool {
        self.counts
    }

    /// The sessions to which something is to be sent again.
    pub fn owed(&self) -> Vec<SessionId> {
        self.sessions.iter().filter(|(_, line)| !line.begun && !line.kept.is_empty()).map(|(id, _)| *id).collect()
    }

    /// The host took everything up to this piece.
    pub fn taken(&mut self, session: SessionId, upto: u64) {
        let Some(line) = self.sessions.get_mut(&session) else { return };
        while line.taken() < upto && !line.kept.is_empty() {
            line.drop_first();
        }
    }

    /// The client has left the session, or was made to: the host knows of no numbers there any more, and what it did not
    /// take comes to nothing.
    pub fn left(&mut self, session: SessionId) {
        if let Some(line) = self.sessions.get_mut(&session) {
            line.begun = false;
            line.clear();
        }
    }

    /// What is not known to be taken is not sent again.
    pub fn give_up(&mut self) {
        self.sessions.values_mut().for_each(Line::clear);
    }
}

impl Line {
    fn push(&mut self, message: ClientMessage) {
        self.count += 1;
        self.bytes += text(&message).map_or(0, str::len);
        self.kept.push_back(message);
        while self.kept.len() > 1 && (self.bytes > MAX_BYTES || self.kept.len() > MAX_PIECES) {
            self.drop_first();
        }
    }

    /// Up to which piece none is kept.
    fn taken(&self) -> u64 {
        self.count - self.kept.len() as u64
    }

    fn drop_first(&mut self) {
        let first = self.kept.pop_front();
        self.bytes -= first.as_ref().and_then(text).map_or(0, str::len);
    }

    fn clear(&mut self) {
        self.kept.clear();
        self.bytes = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Key, KeyEvent, Mods};

    fn sessions() -> (SessionId, SessionId) {
        (SessionId::from_u128(1), SessionId::from_u128(2))
    }

    fn paste(n: usize) -> ClientMessage {
        ClientMessage::Paste(n.to_string())
    }

    /// What is sent, with the name of the client left out: `#3` where it says that the next is the third.
    fn said(messages: Vec<ClientMessage>) -> String {
        let say = |message: ClientMessage| match message {
            ClientMessage::Numbered { next, .. } => format!("#{next}"),
            ClientMessage::Paste(text) => text,
            other => format!("{other:?}"),
        };
        messages.into_iter().map(say).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_was_not_taken_is_sent_again_under_its_numbers() {
        let (mut sent, (a, b)) = (Sent::default(), sessions());
        sent.connected(NUMBERED_SINCE);
        assert_eq!(said(sent.send(a, paste(1))), "#1 1");
        assert_eq!(said(sent.send(a, paste(2))), "2");
        assert_eq!(said(sent.send(b, paste(1))), "#1 1", "each session has its own numbers");
        assert_eq!(said(sent.send(a, paste(3))), "3");
        sent.taken(a, 1);
        sent.taken(b, 1);
        sent.connected(NUMBERED_SINCE);
        assert_eq!(sent.owed(), [a]);
        assert_eq!(said(sent.again(a)), "#2 2 3");
        assert_eq!((said(sent.again(a)), sent.owed()), (String::new(), vec![]), "once");
        assert_eq!(said(sent.send(a, paste(4))), "4");
        assert_eq!(said(sent.send(b, paste(2))), "#2 2");
        sent.connected(NUMBERED_SINCE);
        assert_eq!(said(sent.send(a, paste(5))), "#2 2 3 4 5", "what is typed comes behind it");
        sent.taken(a, u64::MAX);
        assert_eq!(said(sent.send(a, paste(6))), "6");
    }

    #[test]
    fn only_input_is_counted_and_only_where_the_host_counts() {
        let (mut sent, a) = (Sent::default(), sessions().0);
        sent.connected(NUMBERED_SINCE);
        assert_eq!(sent.send(a, ClientMessage::Credit), [ClientMessage::Credit]);
        let key = ClientMessage::Key(KeyEvent::press(Key::Char('x'), Mods::NONE));
        assert_eq!(sent.send(a, key.clone()).len(), 2);
        sent.connected(1);
        assert_eq!(sent.owed(), []);
        assert_eq!(sent.send(a, key.clone()), [key]);
        sent.connected(NUMBERED_SINCE);
        assert_eq!(said(sent.send(a, paste(2))), "#2 2", "what an older host got is nobody's to repeat");
    }

    #[test]
    fn what_was_left_or_given_up_is_not_sent_again() {
        let (mut sent, a) = (Sent::default(), sessions().0);
        sent.connected(NUMBERED_SINCE);
        sent.send(a, paste(1));
        sent.left(a);
        assert_eq!(said(sent.send(a, paste(2))), "#2 2", "and the host is told the number anew");
        sent.give_up();
        sent.connected(NUMBERED_SINCE);
        assert_eq!(sent.owed(), []);
    }

    #[test]
    fn what_is_kept_has_an_end() {
        let (mut sent, a) = (Sent::default(), sessions().0);
        sent.connected(NUMBERED_SINCE);
        sent.send(a, ClientMessage::Paste("x".repeat(2 * MAX_BYTES)));
        assert_eq!(sent.sessions[&a].kept.len(), 1, "the last one, whatever its length");
        (0..2 * MAX_PIECES).for_each(|n| drop(sent.send(a, paste(n))));
        let line = &sent.sessions[&a];
        assert!(line.kept.len() == MAX_PIECES && line.bytes <= MAX_BYTES);
        sent.connected(NUMBERED_SINCE);
        assert_eq!(said(sent.again(a)).split(' ').next(), Some("#10002"));
    }
}
