//! Places and stretches of a session's text that stay the same while output goes on: scroll positions and selections.

/// Which part of a session a viewer looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ViewAt {
    /// The live screen, whatever comes.
    #[default]
    Live,
    /// The row with this number is the first of the viewport. In another epoch than the session's it means the nearest
    /// place there is.
    Row { epoch: u32, top: u64 },
}

/// One cell of a session's text; row numbers are those of [`crate::model::Screen::top`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    pub epoch: u32,
    pub row: u64,
    pub col: u16,
}

/// A stretch of text, both ends included, `from` not behind `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Span {
    pub from: Place,
    pub to: Place,
}

impl Span {
    /// The span between two places, in whichever order they come.
    pub fn between(a: Place, b: Place) -> Self {
        Self { from: a.min(b), to: a.max(b) }
    }

    /// The smallest span that holds both.
    pub fn union(self, other: Self) -> Self {
        Self { from: self.from.min(other.from), to: self.to.max(other.to) }
    }
}

/// What a span asked for around a place holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum SpanKind {
    /// A word: up to blanks, quotes and brackets.
    Word = 1,
    /// A whole line of text, however many rows it wraps over.
    Line = 2,
}

impl SpanKind {
    pub fn from_u8(n: u8) -> Option<Self> {
        [Self::Word, Self::Line].into_iter().find(|k| *k as u8 == n)
    }
}
