//! Identities. A session has two: a UUID that never changes and means the same on every machine, and a small
//! number that is handy on the binary stream and for people, valid for the life of one host.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

/// The lasting identity of a session: a version 4 UUID (RFC 9562).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId(Uuid);

impl SessionId {
    /// A new random id.
    pub fn new() -> Self {
        Self(Uuid::new_v4())
    }

    pub fn from_u128(value: u128) -> Self {
        Self(Uuid::from_u128(value))
    }

    pub fn as_u128(self) -> u128 {
        self.0.as_u128()
    }
}

impl Default for SessionId {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The text was not a UUID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadSessionId;

impl fmt::Display for BadSessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a session id: expected a UUID such as 67e55044-10b1-426f-9247-bb680e5fe0c8")
    }
}

impl std::error::Error for BadSessionId {}

impl FromStr for SessionId {
    type Err = BadSessionId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::try_parse(text).map(Self).map_err(|_| BadSessionId)
    }
}

/// A session's number within one host's life, from 1 upwards, never reused while the host lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionNo(pub u32);

impl fmt::Display for SessionNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// One client connection of the host, from 1 upwards, never reused while the host lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClientId(pub u64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_printed_id_reads_back_as_itself() {
        let id = SessionId::new();
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(SessionId::from_u128(id.as_u128()), id);
    }

    #[test]
    fn text_that_is_no_uuid_is_refused() {
        assert_eq!("../x".parse::<SessionId>(), Err(BadSessionId));
    }
}
