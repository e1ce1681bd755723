//! Who wants a program's output as it is. A tap that cannot take more is passed over, so that it slows nobody; when it can
//! again it is told which bytes it missed, and what the screen shows instead.

use std::sync::Arc;

use super::message::{Drain, Taken};
use crate::base::ClientId;
use crate::engine::Engine;
use crate::model::ViewAt;

#[derive(Debug)]
struct Tap {
    client: ClientId,
    drain: Arc<dyn Drain>,
    /// Since this byte it has been passed over.
    missed: Option<u64>,
}

/// The taps of one session.
#[derive(Debug, Default)]
pub(super) struct Taps {
    list: Vec<Tap>,
    /// Bytes that the program has written.
    written: u64,
}

impl Taps {
    pub(super) fn add(&mut self, client: ClientId, drain: Arc<dyn Drain>) {
        self.list.retain(|tap| tap.drain.is_open());
        if self.list.iter().all(|tap| tap.client != client) {
            self.list.push(Tap { client, drain, missed: None });
        }
    }

    /// The program has written so much before.
    pub(super) fn begin(&mut self, written: u64) {
        self.written = written;
    }

    pub(super) fn remove(&mut self, client: ClientId) {
        self.list.retain(|tap| tap.client != client);
    }

    /// The program wrote this.
    pub(super) fn output(&mut self, bytes: &[u8]) {
        let offset = self.written;
        self.written += bytes.len() as u64;
        self.list.retain_mut(|tap| {
            if tap.missed.is_some() {
                return tap.drain.is_open();
            }
            match tap.drain.take(offset, bytes) {
                Taken::Yes => true,
                Taken::Full => {
                    tap.missed = Some(offset);
                    true
                }
                Taken::Gone => false,
            }
        });
    }

    /// This client can take more.
    pub(super) fn drained(&mut self, client: ClientId, engine: &mut Engine) {
        for tap in self.list.iter_mut().filter(|tap| tap.client == client) {
            if let Some(from) = tap.missed.take() {
                tap.drain.skip(from, self.written, &engine.view(ViewAt::Live));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::base::GridSize;
    use crate::engine::EngineOptions;
    use crate::model::Screen;

    /// Takes three bytes, then no more until it is emptied.
    #[derive(Debug, Default)]
    struct Small(Mutex<(Vec<u8>, Vec<Skipped>)>);

    type Skipped = (u64, u64, String);

    impl Drain for Small {
        fn take(&self, offset: u64, bytes: &[u8]) -> Taken {
            let mut held = self.0.lock().unwrap();
            match held.0.len() {
                99 => Taken::Gone,
                n if n + bytes.len() > 3 => Taken::Full,
                _ => {
                    assert_eq!(offset % 10, u64::from(bytes[0]));
                    held.0.extend(bytes);
                    Taken::Yes
                }
            }
        }

        fn skip(&self, from: u64, to: u64, screen: &Screen) {
            self.0.lock().unwrap().1.push((from, to, screen.text().trim_end().to_owned()));
        }

        fn is_open(&self) -> bool {
            self.0.lock().unwrap().0.len() != 99
        }
    }

    #[test]
    fn a_tap_that_is_full_misses_a_stretch_and_is_told_which() {
        let (mut taps, small) = (Taps::default(), Arc::new(Small::default()));
        let mut engine = Engine::new(GridSize::clamped(10, 2), EngineOptions::default());
        engine.feed_some(b"now", &mut Vec::new());
        taps.output(&[7; 2]);
        taps.add(ClientId(1), small.clone());
        taps.add(ClientId(1), small.clone());
        for bytes in [&[2, 3][..], &[4, 5], &[6], &[7, 8, 9]] {
            taps.output(bytes);
        }
        assert_eq!(*small.0.lock().unwrap(), (vec![2, 3], vec![]));
        small.0.lock().unwrap().0.clear();
        taps.drained(ClientId(1), &mut engine);
        taps.output(&[0, 1, 2]);
        assert_eq!(*small.0.lock().unwrap(), (vec![0, 1, 2], vec![(4, 10, "now".to_owned())]));
        taps.drained(ClientId(1), &mut engine);
        assert_eq!(small.0.lock().unwrap().1.len(), 1, "nothing was missed since");
        small.0.lock().unwrap().0 = vec![0; 99];
        taps.output(&[3]);
        assert!(taps.list.is_empty());
    }
}
