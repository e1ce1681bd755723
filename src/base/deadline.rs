//! Ordered timers as a value. It has no thread: the loop that owns it waits until [`Deadlines::next`] and takes what
//! is due.

use std::time::Instant;

/// A set of deadlines, at most one per key. A handful of keys is usual, so a small vector beats a heap.
#[derive(Debug, Clone)]
pub struct Deadlines<K> {
    entries: Vec<(Instant, K)>,
}

impl<K> Default for Deadlines<K> {
    fn default() -> Self {
        Self { entries: Vec::new() }
    }
}

impl<K: PartialEq> Deadlines<K> {
    /// Sets the deadline of `key`, in place of any it had.
    pub fn set(&mut self, key: K, at: Instant) {
        self.cancel(&key);
        self.entries.push((at, key));
    }

    /// Sets the deadline of `key` only if it has none that is earlier.
    pub fn set_earlier(&mut self, key: K, at: Instant) {
        if self.get(&key).is_none_or(|old| old > at) {
            self.set(key, at);
        }
    }

    /// Forgets the deadline of `key`; without one nothing happens.
    pub fn cancel(&mut self, key: &K) {
        self.entries.retain(|(_, k)| k != key);
    }

    pub fn get(&self, key: &K) -> Option<Instant> {
        self.entries.iter().find(|(_, k)| k == key).map(|(at, _)| *at)
    }

    /// When the loop has to wake up: `None` means that nothing is pending and it may sleep for ever.
    pub fn next(&self) -> Option<Instant> {
        self.entries.iter().map(|(at, _)| *at).min()
    }

    /// Takes out the earliest key whose time has come.
    pub fn take_due(&mut self, now: Instant) -> Option<K> {
        let (index, _) =
            self.entries.iter().enumerate().filter(|(_, (at, _))| *at <= now).min_by_key(|(_, (at, _))| *at)?;
        Some(self.entries.remove(index).1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn deadlines_come_due_in_order_and_once() {
        let now = Instant::now();
        let ms = Duration::from_millis;
        let mut d = Deadlines::default();
        d.set("b", now + ms(20));
        d.set("a", now + ms(10));
        d.set("b", now + ms(30));
        d.set_earlier("a", now + ms(40));
        assert_eq!(d.next(), Some(now + ms(10)));
        assert_eq!(d.take_due(now), None);
        assert_eq!(d.take_due(now + ms(50)), Some("a"));
        assert_eq!(d.take_due(now + ms(50)), Some("b"));
        assert_eq!((d.take_due(now + ms(50)), d.next()), (None, None));
    }
}
