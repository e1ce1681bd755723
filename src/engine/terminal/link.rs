//! Hyperlinks (OSC 8). A cell carries only a link's number; the targets stand here, under a budget, so that no output
//! can fill the memory with them.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use alacritty_terminal::term::cell::{Cell, Hyperlink};

use crate::engine::kept::{Damaged, Kept, Source, ensure, put_varint};

/// Longest target kept, in bytes; a longer one is no link (the limit that VTE and iTerm2 use).
pub(super) const MAX_URI: usize = 2083;
/// Most bytes of targets kept in one session; the oldest go first.
const MAX_BYTES: usize = 4 * 1024 * 1024;
/// What a target costs beside its bytes, estimated.
const OVERHEAD: usize = 128;

/// The links of one session, numbered in the order they came.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::engine) struct Links {
    /// The number of the first target kept.
    first: u64,
    targets: VecDeque<Arc<str>>,
    numbers: HashMap<Arc<str>, u64>,
    bytes: usize,
}

impl Kept for Links {
    fn put(&self, out: &mut Vec<u8>) {
        let Self { first, targets, numbers: _, bytes: _ } = self;
        first.put(out);
        put_varint(out, targets.len() as u64);
        targets.iter().for_each(|target| target.to_string().put(out));
    }

    fn read(from: &mut Source) -> Result<Self, Damaged> {
        let mut links = Self { first: Kept::read(from)?, ..Self::default() };
        ensure(links.first < 1 << 62, "link numbers that can be counted on from")?;
        for _ in 0..from.len()? {
            links.add(&String::read(from)?);
        }
        Ok(links)
    }
}

impl Links {
    /// What a cell has to carry to be part of a link to `uri`. A target still kept gets the same number again.
    pub(super) fn open(&mut self, uri: &str) -> Hyperlink {
        let number = self.numbers.get(uri).copied().unwrap_or_else(|| self.add(uri));
        Hyperlink::new(Some(number), String::new())
    }

    fn add(&mut self, uri: &str) -> u64 {
        let number = self.first + self.targets.len() as u64;
        let target: Arc<str> = uri.into();
        self.bytes += target.len() + OVERHEAD;
        self.targets.push_back(Arc::clone(&target));
        self.numbers.insert(target, number);
        while self.bytes > MAX_BYTES {
            let Some(oldest) = self.targets.pop_front() else { break };
            self.bytes -= oldest.len() + OVERHEAD;
            self.numbers.remove(&oldest);
            self.first += 1;
        }
        number
    }

    /// The target of a cell's link, if it has one that is still kept.
    pub(in crate::engine) fn target(&self, cell: &Cell) -> Option<&Arc<str>> {
        let number: u64 = cell.hyperlink()?.id().parse().ok()?;
        self.targets.get(usize::try_from(number.checked_sub(self.first)?).ok()?)
    }
}
