//! How much of everything a connection may ask for. What is longer or deeper than a line may be stands with the readers
//! of lines ([`super::line`], [`super::json`]).

use std::time::Duration;

/// Longest text of a request's id, in characters.
pub const MAX_ID: usize = 128;
/// Most requests of a batch.
pub const MAX_BATCH: usize = 64;
/// Most requests of one connection that wait for their reply; it is read no further until one of them has it.
pub const MAX_IN_FLIGHT: usize = 64;
/// Most connections at a time.
pub const MAX_CONNECTIONS: usize = 256;
/// How long nothing may come of a message that has begun to come.
pub const HALF_MESSAGE: Duration = Duration::from_secs(10);
/// How long a message may take in all once it has begun to come: a large one over a slow link takes a while.
pub const WHOLE_MESSAGE: Duration = Duration::from_secs(120);
