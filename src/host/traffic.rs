//! The numbers of a host that are not the desk's: requests, bytes, memory.

use std::fs;

use crate::protocol::methods::Metrics;
use crate::session::{Counter, Counters};

/// What control connections asked.
#[derive(Debug, Default)]
pub(super) struct Traffic {
    pub(super) requests: Counter,
    /// How many of them got an error.
    pub(super) errors: Counter,
}

impl Traffic {
    /// The desk's numbers with the others.
    pub(super) fn complete(&self, counters: &Counters, of_desk: Metrics) -> Metrics {
        Metrics {
            requests: self.requests.get(),
            errors: self.errors.get(),
            output_bytes: counters.output.get(),
            input_bytes: counters.input.get(),
            frames: counters.frames.get(),
            resident_bytes: resident(),
            descriptors: fs::read_dir("/proc/self/fd").ok().map(|entries| entries.count() as u64),
            ..of_desk
        }
    }
}

/// The resident memory, where there is a `/proc` that says it (proc(5): `VmRSS` in kB).
fn resident() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}
