//! The title and its stack.

use crate::engine::kept::{Damaged, ensure, kept_struct};

/// Longest title kept, in bytes.
pub(super) const MAX_TITLE: usize = 1024;
/// Most titles on the stack; the oldest goes first.
const MAX_STACK: usize = 16;

/// The title in force (empty: none) and those saved with `CSI 22 t`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::engine) struct Titles {
    pub title: String,
    stack: Vec<String>,
    /// The title changed and nobody was told yet.
    pub(super) fresh: bool,
}

kept_struct!(Titles { title, stack, fresh });

impl Titles {
    /// Whether a snapshot's titles are such as this terminal keeps.
    pub(in crate::engine) fn check(&self) -> Result<(), Damaged> {
        let longest = self.stack.iter().chain([&self.title]).map(String::len).max();
        ensure(longest.is_none_or(|len| len <= MAX_TITLE), "a title no longer than one that is kept")?;
        ensure(self.stack.len() <= MAX_STACK, "no more titles than the stack has room for")
    }

    pub(super) fn set(&mut self, title: String) {
        self.title = title;
        self.fresh = true;
    }

    pub(super) fn push(&mut self) {
        if self.stack.len() == MAX_STACK {
            self.stack.remove(0);
        }
        self.stack.push(self.title.clone());
    }

    pub(super) fn pop(&mut self) {
        if let Some(title) = self.stack.pop() {
            self.set(title);
        }
    }

    /// No title and nothing saved; viewers are told if there was one.
    pub(super) fn reset(&mut self) {
        let fresh = self.fresh || !self.title.is_empty();
        *self = Self { fresh, ..Self::default() };
    }
}

/// Text of a program as one line of at most `max` bytes without control characters.
pub(super) fn one_line(bytes: &[u8], max: usize) -> String {
    let mut out = String::new();
    for c in String::from_utf8_lossy(bytes).chars().filter(|c| !c.is_control()) {
        if out.len() + c.len_utf8() > max {
            break;
        }
        out.push(c);
    }
    out.truncate(out.trim_end().len());
    out.trim_start().to_owned()
}
