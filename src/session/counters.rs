//! What all sessions of a host did, in numbers. Counted where it happens, read by whoever asks.

use std::sync::atomic::{AtomicU64, Ordering};

/// A number that only grows.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    pub fn add(&self, n: usize) {
        // Nothing else is read because of it: the order does not matter.
        self.0.fetch_add(n as u64, Ordering::Relaxed);
    }

    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Since the host began.
#[derive(Debug, Default)]
pub struct Counters {
    /// Bytes that programs wrote.
    pub output: Counter,
    /// Bytes for programs, of keys, pastes and the like.
    pub input: Counter,
    /// Frames for viewers.
    pub frames: Counter,
}
