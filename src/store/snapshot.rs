//! What a session's terminal was at a moment.

/// How many snapshots of one session are kept.
pub const KEPT: usize = 10;

/// One snapshot. What is in it is up to who makes it, and so is compressing it: the bytes are kept as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Unix time in milliseconds.
    pub taken_at_ms: u64,
    /// The screen.
    pub terminal_buffer: Vec<u8>,
    /// The history above it.
    pub scrollback: Vec<u8>,
}
