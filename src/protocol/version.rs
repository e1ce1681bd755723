//! Which protocols this build speaks: what both sides of `hello` compare.

/// The oldest protocol this build speaks.
pub const PROTO_MIN: u32 = 1;
/// The newest protocol this build speaks.
pub const PROTO_MAX: u32 = SEARCH_SINCE;
/// The first protocol in which input has numbers.
pub const NUMBERED_SINCE: u32 = 2;
/// The first protocol in which the stream can search.
pub const SEARCH_SINCE: u32 = 3;
