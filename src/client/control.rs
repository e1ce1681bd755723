//! The control connection: requests as lines, replies by their number, events in between. The blocking [`Control`] is
//! what command-line verbs use; a window's [`super::Link`] starts with one and then reads on a thread of its own.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use serde_json::Value;

use super::guard::Guard;
use crate::protocol::line::read_line;
use crate::protocol::methods::{Hello, HelloParams, HelloResult, Method};
use crate::protocol::rpc::{self, Incoming, Request};
use crate::protocol::{PROTO_MAX, PROTO_MIN};

/// How long the greeting may take. It takes well under a millisecond; the rest is for machines that swap.
const GREETING: Duration = Duration::from_secs(10);

/// Why a call has no result.
#[derive(Debug)]
pub enum CallError {
    /// The connection broke before the reply.
    Io(io::Error),
    /// The host closed the connection before the reply.
    Closed,
    /// Something accepted the connection and did not greet.
    Silent,
    /// The host refused; its message is for people.
    Refused(rpc::Error),
    /// The reply is not what the method promises.
    Strange(String),
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(e) => write!(f, "the connection to the host broke: {e}"),
            Self::Closed => f.write_str("the host closed the connection"),
            Self::Silent => write!(f, "the host does not answer within {} s", GREETING.as_secs()),
            Self::Refused(e) => e.fmt(f),
            Self::Strange(what) => write!(f, "the host answered something this build does not understand: {what}"),
        }
    }
}

impl std::error::Error for CallError {}

impl From<io::Error> for CallError {
    fn from(e: io::Error) -> Self {
        Self::Io(e)
    }
}

/// One control connection, used by one thread: a call writes its request and waits for the reply.
#[derive(Debug)]
pub struct Control {
    socket: UnixStream,
    reader: BufReader<UnixStream>,
    next_id: u64,
}

impl Control {
    /// Takes a fresh connection, says what the client is (`window`, `terminal`, `cli`) and agrees on the protocol.
    ///
    /// # Errors
    /// [`CallError`]; [`CallError::Refused`] when host and client have no version in common.
    pub fn open(socket: UnixStream, client: &str) -> Result<(Self, HelloResult), CallError> {
        let reader = BufReader::new(socket.try_clone()?);
        let mut control = Self { socket, reader, next_id: 1 };
        control.socket.set_read_timeout(Some(GREETING))?;
        let brings = matches!(client, "window" | "terminal") && is_here(&control.socket);
        let env = if brings { agent() } else { BTreeMap::new() };
        let hello = HelloParams { proto_min: PROTO_MIN, proto_max: PROTO_MAX, client: client.to_owned(), env };
        let hello = control.call::<Hello>(&hello);
        control.socket.set_read_timeout(None)?;
        match hello {
            Err(CallError::Io(e)) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                if let Some(guard) = Guard::of(&control.socket) {
                    guard.doubt();
                }
                Err(CallError::Silent)
            }
            hello => Ok((control, hello?)),
        }
    }

    /// Calls a method and waits for its result; events that come before it are dropped.
    ///
    /// # Errors
    /// [`CallError`].
    pub fn call<M: Method>(&mut self, params: &M::Params) -> Result<M::Result, CallError> {
        read_result::<M>(self.ask::<M>(params)?)
    }

    /// As [`Control::call`], with the result as the host wrote it: fields that this build does not know are in it.
    ///
    /// # Errors
    /// [`CallError`], but for the host's refusal, which is the answer.
    pub fn ask<M: Method>(&mut self, params: &M::Params) -> Result<Answer, CallError> {
        let id = self.next_id;
        self.next_id += 1;
        self.socket.write_all(&request_line::<M>(id, params)?)?;
        loop {
            match self.incoming()?.ok_or(CallError::Closed)? {
                Incoming::Reply(reply) if reply.id == id => return Ok(reply.into_result()),
                Incoming::Reply(_) | Incoming::Event(_) => {}
            }
        }
    }

    /// Waits for the next reply or event; `None` when the host has closed the connection.
    ///
    /// # Errors
    /// [`CallError`].
    pub fn incoming(&mut self) -> Result<Option<Incoming>, CallError> {
        let Some(line) = read_line(&mut self.reader)? else { return Ok(None) };
        Incoming::parse(&line).map(Some).map_err(|e| CallError::Strange(e.to_string()))
    }

    /// The connection for writing, and the reader with what it has already read.
    pub fn into_parts(self) -> (UnixStream, BufReader<UnixStream>) {
        (self.socket, self.reader)
    }
}

/// The user's SSH agent, as this process knows it. Only clients that somebody sits before bring it: it is to be there
/// for as long as they are.
fn agent() -> BTreeMap<String, String> {
    let path = std::env::var("SSH_AUTH_SOCK").ok().filter(|path| path.starts_with('/'));
    path.map(|path| ("SSH_AUTH_SOCK".to_owned(), path)).into_iter().collect()
}

/// Whether the host is one of this machine with a socket of its own: elsewhere a path of here is another thing's.
fn is_here(socket: &UnixStream) -> bool {
    socket.peer_addr().is_ok_and(|peer| peer.as_pathname().is_some())
}

/// A request as a line, its newline included.
pub(super) fn request_line<M: Method>(id: u64, params: &M::Params) -> Result<Vec<u8>, CallError> {
    let strange = |e: serde_json::Error| CallError::Strange(e.to_string());
    let params = serde_json::to_value(params).map_err(strange)?;
    let mut line = serde_json::to_vec(&Request::new(id, M::NAME, params)).map_err(strange)?;
    line.push(b'\n');
    Ok(line)
}

/// What a reply holds: the result, not yet understood, or the host's error.
pub type Answer = Result<Value, rpc::Error>;

/// Understands the result of a call to `M`.
///
/// # Errors
/// [`CallError::Refused`] for an error of the host, [`CallError::Strange`] for a result of another shape.
pub fn read_result<M: Method>(result: Answer) -> Result<M::Result, CallError> {
    let value = result.map_err(CallError::Refused)?;
    serde_json::from_value(value).map_err(|e| CallError::Strange(format!("{}: {e}", M::NAME)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::methods::{Empty, GetStatus};
    use crate::protocol::rpc::{Error, Response, code};
    use serde_json::json;
    use std::thread;

    fn host(answers: Vec<String>) -> UnixStream {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        thread::spawn(move || {
            let mut reader = BufReader::new(theirs.try_clone().unwrap());
            for answer in answers {
                read_line(&mut reader).unwrap();
                theirs.write_all(answer.as_bytes()).unwrap();
            }
        });
        ours
    }

    fn hello() -> String {
        r#"{"jsonrpc":"2.0","id":1,"result":{"proto":1,"version":"x","pid":7}}"#.to_owned() + "\n"
    }

    #[test]
    fn a_reply_is_found_behind_events_and_other_replies() {
        let status = json!({"version": "x", "pid": 7, "uptime_seconds": 1, "num_sessions": 2, "num_clients": 1});
        let reply = serde_json::to_string(&Response::ok(2.into(), status)).unwrap();
        let noise = "{\"jsonrpc\":\"2.0\",\"method\":\"pool:status\"}\n{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n";
        let (mut control, hello) = Control::open(host(vec![hello(), format!("{noise}{reply}\n")]), "test").unwrap();
        assert_eq!(hello.pid, 7);
        assert_eq!(control.call::<GetStatus>(&Empty {}).unwrap().num_sessions, 2);
    }

    #[test]
    fn a_refusal_keeps_its_words_and_a_closed_connection_is_told() {
        let refusal = Response::error(2.into(), Error::new(code::MAX_SESSIONS, "Max sessions reached (12)".into()));
        let line = serde_json::to_string(&refusal).unwrap() + "\n";
        let (mut control, _) = Control::open(host(vec![hello(), line]), "test").unwrap();
        let error = control.call::<GetStatus>(&Empty {}).unwrap_err();
        assert_eq!(error.to_string(), "Max sessions reached (12)");
        assert!(matches!(control.call::<GetStatus>(&Empty {}), Err(CallError::Closed | CallError::Io(_))));
    }
}
