//! What a person typed while their host was away: kept in order, for the sessions that it was meant for.

use crate::base::SessionId;
use crate::model::Press;
use crate::protocol::stream::ClientMessage;

/// More than anybody types in the ten seconds this takes at most, and than a program does with a key each millisecond.
const MAX_MESSAGES: usize = 10_000;
/// Most of their text, in bytes.
const MAX_BYTES: usize = 64 << 10;

/// Input that waits for a host.
#[derive(Debug, Default)]
pub struct Backlog {
    waiting: Vec<(SessionId, ClientMessage)>,
    bytes: usize,
    full: bool,
}

impl Backlog {
    /// Keeps input for a session; true if it will be sent. What is no input means nothing later, and once something had no
    /// room, nothing that was typed after it is kept: an Enter without its text would be another command.
    pub fn push(&mut self, session: SessionId, message: ClientMessage) -> bool {
        let Some(bytes) = text(&message).map(str::len) else { return false };
        self.full |= self.waiting.len() >= MAX_MESSAGES || bytes > MAX_BYTES - self.bytes;
        if !self.full {
            self.bytes += bytes;
            self.waiting.push((session, message));
        }
        !self.full
    }

    /// Whether something had no room.
    pub fn is_full(&self) -> bool {
        self.full
    }

    /// All that waits, in the order in which it was typed; from then on there is room again.
    pub fn take(&mut self) -> Vec<(SessionId, ClientMessage)> {
        std::mem::take(self).waiting
    }
}

/// Whether somebody would miss this message: a release does nothing by itself.
pub fn is_typed(message: &ClientMessage) -> bool {
    text(message).is_some() && !matches!(message, ClientMessage::Key(event) if event.press == Press::Release)
}

/// The text of input; `None` for what is no input. The pointer's is none: it was about a picture that has gone.
pub(super) fn text(message: &ClientMessage) -> Option<&str> {
    match message {
        ClientMessage::Key(event) => Some(&event.text),
        ClientMessage::Paste(text) | ClientMessage::Prompt(text) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Key, KeyEvent, Mods};

    fn key(c: char) -> ClientMessage {
        ClientMessage::Key(KeyEvent::press(Key::Char(c), Mods::NONE))
    }

    fn session(n: u128) -> SessionId {
        SessionId::from_u128(n)
    }

    #[test]
    fn input_waits_in_order_and_nothing_else_does() {
        let (mut backlog, a, b) = (Backlog::default(), session(1), session(2));
        assert!(backlog.push(a, key('x')) && backlog.push(b, ClientMessage::Paste("text".into())));
        assert!(!backlog.push(a, ClientMessage::Scroll(3)) && !backlog.push(a, ClientMessage::Credit));
        assert!(backlog.push(a, key('y')) && !backlog.is_full());
        assert_eq!(backlog.take(), [(a, key('x')), (b, ClientMessage::Paste("text".into())), (a, key('y'))]);
        assert_eq!(backlog.take(), []);
    }

    #[test]
    fn what_comes_after_something_that_had_no_room_is_not_kept() {
        let (mut backlog, a) = (Backlog::default(), session(1));
        assert!(backlog.push(a, key('x')));
        assert!(!backlog.push(a, ClientMessage::Paste("x".repeat(MAX_BYTES))), "one byte is taken");
        assert!(!backlog.push(a, key('y')) && backlog.is_full());
        assert_eq!(backlog.take().len(), 1);
        assert!((0..MAX_MESSAGES).all(|_| backlog.push(a, key('z'))) && !backlog.push(a, key('z')));
    }

    #[test]
    fn a_release_is_not_missed() {
        let ClientMessage::Key(event) = key('x') else { panic!() };
        let release = ClientMessage::Key(KeyEvent { press: Press::Release, ..event });
        assert!(is_typed(&key('x')) && is_typed(&ClientMessage::Prompt(String::new())) && !is_typed(&release));
        assert!(!is_typed(&ClientMessage::Subscribe));
    }
}
