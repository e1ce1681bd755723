//! Which input of which client was taken. A client that lost its host sends again what it has not heard of, under the same
//! numbers, and what is known here is not taken twice. A plain value, kept in the session's memory together with the input.

/// Names one piece of a client's input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// What the client calls itself; the same after it has connected again.
    pub client: u128,
    /// The client counts what it sends to a session, from 1.
    pub sequence: u64,
}

/// What is known of one client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    pub client: u128,
    /// The highest number that was taken.
    pub last: u64,
    /// What was not, of those before it: the lowest bit is the one right before. A prompt waits its turn while keys go by.
    pub missing: u128,
}

/// The receipts of one session.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Receipts(Vec<Entry>);

impl Receipts {
    /// Clients remembered; of more, those that were silent longest are forgotten. It would take as many others that type
    /// within the seconds in which one looks for its host.
    pub(super) const MOST: usize = 22;

    /// From the client that was silent longest to the one heard last.
    pub(super) fn from_entries(entries: Vec<Entry>) -> Self {
        Self(entries)
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.0
    }

    /// Whether this was taken. True also for what is so old that nobody knows: rather not at all than twice.
    pub fn has(&self, receipt: Receipt) -> bool {
        self.0.iter().find(|entry| entry.client == receipt.client).is_some_and(|entry| entry.has(receipt.sequence))
    }

    /// This is taken.
    pub fn note(&mut self, receipt: Receipt) {
        let Receipt { client, sequence } = receipt;
        let at = self.0.iter().position(|entry| entry.client == client);
        let mut entry = at.map_or(Entry { client, last: 0, missing: 0 }, |at| self.0.remove(at));
        if at.is_none() && self.0.len() >= Self::MOST {
            self.0.remove(0);
        }
        entry.note(sequence);
        self.0.push(entry);
    }

    /// Everything of this client up to here was taken; 0 while nothing was.
    pub fn upto(&self, client: u128) -> u64 {
        let entry = self.0.iter().find(|entry| entry.client == client);
        entry.map_or(0, |entry| match entry.missing {
            0 => entry.last,
            missing => entry.last.saturating_sub(u64::from(u128::BITS - missing.leading_zeros()) + 1),
        })
    }
}

impl Entry {
    fn has(&self, sequence: u64) -> bool {
        match self.last.checked_sub(sequence) {
            None => false,
            Some(0) => true,
            Some(back) => back > u64::from(u128::BITS) || self.missing & (1 << (back - 1)) == 0,
        }
    }

    fn note(&mut self, sequence: u64) {
        let bits = u64::from(u128::BITS);
        match sequence.checked_sub(self.last) {
            // The one that was the last is not missing; those between are.
            Some(ahead @ 1..) => {
                let shifted = if ahead < bits { self.missing << ahead } else { 0 };
                let between = if ahead > bits { u128::MAX } else { (1u128 << (ahead - 1)) - 1 };
                self.missing = shifted | between;
                self.last = sequence;
            }
            _ => {
                let back = self.last - sequence;
                if (1..=bits).contains(&back) {
                    self.missing &= !(1 << (back - 1));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::random::{Random, seeds};

    fn receipt(client: u128, sequence: u64) -> Receipt {
        Receipt { client, sequence }
    }

    #[test]
    fn what_was_taken_is_known_and_nothing_else_is() {
        for seed in seeds(200) {
            let mut random = Random::new(seed);
            let (mut receipts, mut taken) = (Receipts::default(), Vec::new());
            let mut next = 0;
            for _ in 0..400 {
                // Never so far apart that what is between is forgotten.
                next += 1 + if random.below(9) == 0 { random.below(3) as u64 } else { 0 };
                let missing: Vec<u64> = (1..=next).filter(|n| !taken.contains(n)).collect();
                let late = missing.iter().copied().find(|n| *n + 100 < next).or_else(|| Some(random.pick(&missing)));
                for sequence in late.into_iter().chain([next]) {
                    receipts.note(receipt(1, sequence));
                    taken.push(sequence);
                }
                for sequence in 1..=next + 2 {
                    let known = receipts.has(receipt(1, sequence));
                    assert_eq!(known, taken.contains(&sequence), "seed {seed}: {sequence} of {next}");
                }
                let upto = (1..).take_while(|n| taken.contains(n)).last().unwrap_or(0);
                assert_eq!(receipts.upto(1), upto, "seed {seed}, {next}");
                assert!(!receipts.has(receipt(2, 1)) && receipts.upto(2) == 0);
            }
        }
    }

    #[test]
    fn what_is_too_old_to_know_is_not_taken_twice() {
        let mut receipts = Receipts::default();
        for sequence in [1, 100, 1000] {
            receipts.note(receipt(1, sequence));
        }
        assert!(receipts.has(receipt(1, 1)) && receipts.has(receipt(1, 871)) && !receipts.has(receipt(1, 872)));
        assert!(!receipts.has(receipt(1, 999)) && receipts.has(receipt(1, 1000)) && !receipts.has(receipt(1, 1001)));
    }

    #[test]
    fn whoever_was_silent_longest_is_forgotten_first() {
        let mut receipts = Receipts::default();
        for client in 0..Receipts::MOST as u128 {
            receipts.note(receipt(client, 1));
        }
        receipts.note(receipt(0, 2));
        receipts.note(receipt(99, 1));
        assert_eq!(receipts.entries().len(), Receipts::MOST);
        assert!(receipts.has(receipt(0, 2)) && !receipts.has(receipt(1, 1)) && receipts.has(receipt(2, 1)));
    }
}

#[cfg(test)]
#[path = "receipts_law_tests.rs"]
mod law_tests;
