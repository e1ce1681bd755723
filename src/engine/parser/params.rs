//! Numeric parameters of a control sequence, with subparameters.

use crate::engine::kept::{Damaged, Kept, Source, ensure};

/// Most parameters and subparameters of one sequence together, as in `vte`; a sequence with more is ignored.
pub(in crate::engine) const MAX_PARAMS: usize = 32;

/// The parameters of one sequence: `38:2:1;4` is the groups `[38, 2, 1]` and `[4]`.
#[derive(Debug, Clone, Default)]
pub(in crate::engine) struct Params {
    values: [u16; MAX_PARAMS],
    len: u8,
    /// Bit n: value n goes on with the group of the value before it.
    joined: u32,
    /// The next value goes on with the group of the last one.
    join_next: bool,
}

impl PartialEq for Params {
    /// What lies behind the end is left over from earlier sequences and means nothing.
    fn eq(&self, other: &Self) -> bool {
        self.values() == other.values() && self.joined == other.joined && self.join_next == other.join_next
    }
}

impl Eq for Params {}

impl Kept for Params {
    fn put(&self, out: &mut Vec<u8>) {
        let Self { values: _, len: _, joined, join_next } = self;
        self.values().to_vec().put(out);
        joined.put(out);
        join_next.put(out);
    }

    fn read(from: &mut Source) -> Result<Self, Damaged> {
        let values: Vec<u16> = Kept::read(from)?;
        ensure(values.len() <= MAX_PARAMS, "no more parameters than a sequence can have")?;
        let mut out = Self { joined: Kept::read(from)?, join_next: Kept::read(from)?, ..Self::default() };
        out.values[..values.len()].copy_from_slice(&values);
        out.len = values.len() as u8;
        Ok(out)
    }
}

impl Params {
    #[inline]
    pub(super) fn clear(&mut self) {
        self.len = 0;
        self.joined = 0;
        self.join_next = false;
    }

    #[inline]
    pub(super) fn is_full(&self) -> bool {
        usize::from(self.len) == MAX_PARAMS
    }

    /// Adds a value, and says whether a colon follows it. The caller has asked whether there is room.
    #[inline]
    pub(super) fn push(&mut self, value: u16, colon: bool) {
        let at = usize::from(self.len);
        self.values[at] = value;
        self.joined |= u32::from(self.join_next) << at;
        self.join_next = colon;
        self.len += 1;
    }

    #[inline]
    fn values(&self) -> &[u16] {
        &self.values[..usize::from(self.len)]
    }

    /// The first number of group `index`, or `default` where it is missing or 0.
    #[inline]
    pub(in crate::engine) fn get(&self, index: usize, default: u16) -> u16 {
        if self.joined == 0 {
            // Nearly every sequence: values and groups are the same.
            return self.values().get(index).copied().filter(|n| *n != 0).unwrap_or(default);
        }
        self.groups().nth(index).map(|g| g[0]).filter(|n| *n != 0).unwrap_or(default)
    }

    /// The groups in order; each has at least one value.
    #[inline]
    pub(in crate::engine) fn groups(&self) -> Groups<'_> {
        Groups { params: self, at: 0 }
    }
}

/// Iterates over the groups of [`Params`].
#[derive(Debug, Clone)]
pub(in crate::engine) struct Groups<'a> {
    params: &'a Params,
    at: usize,
}

impl<'a> Iterator for Groups<'a> {
    type Item = &'a [u16];

    #[inline]
    fn next(&mut self) -> Option<&'a [u16]> {
        let values = self.params.values();
        let from = self.at;
        if from >= values.len() {
            return None;
        }
        let mut to = from + 1;
        while to < values.len() && self.params.joined >> to & 1 == 1 {
            to += 1;
        }
        self.at = to;
        Some(&values[from..to])
    }
}
