//! Searching the text of a session: what is asked, and what is found.

use super::span::{Place, Span};

/// Which way a search goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    /// To what is older: what begins before a place, the nearest first.
    Up,
    /// To what is newer: what begins at a place or behind it.
    Down,
}

/// What a viewer searches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// In any case of letters, unless there is a capital in it.
    pub text: String,
    /// It is a regular expression.
    pub regex: bool,
    /// From here on; `None` for the end that `way` leaves behind.
    pub from: Option<Place>,
    pub way: Way,
    /// Most to be found at once.
    pub most: u16,
    /// Most rows to go through; a host goes through no more than it can do at once anyway.
    pub rows: u32,
}

/// What one piece of a search came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Searched {
    /// What was found, in the order of the search, and from where to go on; without that, everything was searched.
    Found { spans: Vec<Span>, next: Option<Place> },
    /// The text was wrapped anew since the place was named, or another screen shows: search from an end.
    Rewrapped,
    /// It cannot be searched for: why not.
    Refused(String),
}
