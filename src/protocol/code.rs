//! Error codes: JSON-RPC's own, and synk's from 1001 on. One table, from which the schema and the page of the API come.

/// What the table says about one code.
#[derive(Debug)]
pub struct CodeInfo {
    pub code: i32,
    pub doc: &'static str,
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:literal;)+) => {
        $($(#[doc = $doc])+ pub const $name: i32 = $code;)+
        /// Every code.
        pub const CODES: &[CodeInfo] = &[$(CodeInfo { code: $code, doc: concat!($($doc),+) }),+];
    };
}

codes! {
    /// The line is not JSON, or not as JSON is taken here: nested too deeply, or with a name twice in an object.
    PARSE = -32700;
    /// The JSON is no request, or one that cannot be made on this connection.
    INVALID_REQUEST = -32600;
    /// There is no such method.
    METHOD_NOT_FOUND = -32601;
    /// The parameters are not the method's, or have values that cannot be.
    INVALID_PARAMS = -32602;
    /// Something failed that the request is not to blame for.
    INTERNAL = -32603;
    /// Session not found.
    SESSION_NOT_FOUND = 1001;
    /// Session exists: its name is taken.
    SESSION_EXISTS = 1002;
    /// Max sessions reached: the workspace's grid is full.
    MAX_SESSIONS = 1003;
    /// What was waited for did not happen in time.
    TIMED_OUT = 1004;
    /// Clients are attached, and nothing was forced.
    CLIENTS_ATTACHED = 1005;
    /// The session's program has ended, and takes no input.
    SESSION_STOPPED = 1006;
    /// Too much is asked at once; asking again later is right.
    BUSY = -32000;
    /// Host and client have no protocol version in common.
    VERSION = -32001;
}
