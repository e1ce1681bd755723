//! One connection: a thread that reads its requests, and one that writes what is owed to it.

use std::io::{self, BufReader};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::thread;

use serde::Serialize;
use serde_json::{Value, json};

use super::call::{Call, Input, Ticket};
use super::outbox::Outbox;
use super::runtime::{Host, response};
use super::stream;
use crate::base::ClientId;
use crate::protocol::line::read_line;
use crate::protocol::methods::{self, Empty, HelloParams, HelloResult, Method};
use crate::protocol::rpc::{Error, Request, Response, code};
use crate::protocol::{PROTO_MAX, PROTO_MIN};

/// Starts the threads of a connection.
///
/// # Errors
/// The system has no thread or descriptor left; then nothing was started that would tell the host of its end.
pub(super) fn start(client: ClientId, socket: UnixStream, host: &Arc<Host>) -> io::Result<()> {
    let outbox = Arc::new(Outbox::new(socket.try_clone()?));
    let writing = Arc::clone(&outbox);
    thread::Builder::new().name(format!("out {}", client.0)).spawn(move || writing.run())?;
    let peer = Peer { client, outbox: Arc::clone(&outbox), host: Arc::clone(host), follows: false };
    let reading = thread::Builder::new().name(format!("peer {}", client.0)).spawn(move || peer.run(socket));
    reading.map(drop).inspect_err(|_| outbox.close())
}

/// A message as a line, without its end.
pub(super) fn line(message: &impl Serialize) -> String {
    // Every message of the protocol can be written; an empty line would be a bug of it, and readers skip it.
    serde_json::to_string(message).unwrap_or_default()
}

/// A reply as a line; empty for a request that wants none.
pub(super) fn reply_line(id: Option<Value>, result: Result<Value, Error>) -> String {
    response(id, result).map(|response| line(&response)).unwrap_or_default()
}

/// What to do after a request.
enum Next {
    Request,
    /// The connection is a binary stream from here on.
    Stream,
    End,
}

struct Peer {
    client: ClientId,
    outbox: Arc<Outbox>,
    host: Arc<Host>,
    /// Events come on this connection.
    follows: bool,
}

impl Peer {
    fn run(mut self, socket: UnixStream) {
        self.host.connected(self.client, Arc::clone(&self.outbox));
        let mut reader = BufReader::new(socket);
        loop {
            match self.next(&mut reader) {
                Next::Request => {}
                Next::Stream => {
                    stream::run(self.client, &mut reader, &self.outbox, &self.host);
                    self.outbox.close();
                    break;
                }
                Next::End => break,
            }
        }
        // What is owed is written after the client's half-close, then the connection ends.
        self.outbox.wait_answered(0);
        self.outbox.finish();
        self.host.disconnected(self.client);
    }

    fn next(&mut self, reader: &mut BufReader<UnixStream>) -> Next {
        let text = match read_line(reader) {
            Ok(Some(text)) => text,
            Ok(None) => return Next::End,
            Err(e) => {
                if e.kind() == io::ErrorKind::InvalidData && self.outbox.begin() {
                    let error = Error::new(code::PARSE, e.to_string());
                    self.outbox.reply(line(&Response::error(Value::Null, error)));
                }
                return Next::End;
            }
        };
        if text.trim().is_empty() {
            return Next::Request;
        }
        if !self.outbox.begin() {
            return Next::End;
        }
        match Request::parse(&text) {
            Ok(request) => self.request(request),
            Err(response) => {
                self.outbox.reply(line(&*response));
                Next::Request
            }
        }
    }

    fn request(&mut self, request: Request) -> Next {
        let Request { id, method, params, .. } = request;
        match method.as_str() {
            methods::Hello::NAME => self.outbox.reply(reply_line(id, self.hello(params))),
            methods::StreamFrames::NAME => return self.stream_frames(id),
            _ => match Call::parse(&method, params) {
                Ok(call) => {
                    self.follows |= matches!(call, Call::Open(_));
                    self.host.tell(Input::Call(Ticket { client: self.client, id }, call));
                }
                Err(error) => self.outbox.reply(reply_line(id, Err(error))),
            },
        }
        Next::Request
    }

    fn hello(&self, params: Value) -> Result<Value, Error> {
        let params = methods::params::<methods::Hello>(params)?;
        let result = hello(&params)?;
        self.host.reach.greeted(self.client, &params.env);
        Ok(result)
    }

    fn stream_frames(&mut self, id: Option<Value>) -> Next {
        if self.follows {
            let why = "events come on this connection: open another one for the stream".to_owned();
            self.outbox.reply(reply_line(id, Err(Error::new(code::INVALID_REQUEST, why))));
            return Next::Request;
        }
        if id.is_none() {
            self.outbox.reply(String::new());
            return Next::Request;
        }
        // What comes behind this reply is binary: the replies to earlier requests go before it.
        if !self.outbox.wait_answered(1) {
            return Next::End;
        }
        self.outbox.reply(reply_line(id, Ok(json!(Empty {}))));
        Next::Stream
    }
}

fn hello(params: &HelloParams) -> Result<Value, Error> {
    let (proto_min, proto_max) = (params.proto_min, params.proto_max);
    let proto = proto_max.min(PROTO_MAX);
    if proto < proto_min.max(PROTO_MIN) {
        let message = format!(
            "this host speaks protocol {PROTO_MIN} to {PROTO_MAX}, the client {proto_min} to {proto_max}: restart the older one"
        );
        return Err(Error::new(code::VERSION, message));
    }
    Ok(json!(HelloResult { proto, version: env!("CARGO_PKG_VERSION").to_owned(), pid: std::process::id() }))
}
