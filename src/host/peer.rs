//! One connection: a thread that reads its requests, and one that writes what is owed to it.

use std::io::{self, BufReader};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::thread;

use serde::Serialize;
use serde_json::{Value, json};

use super::batch::BatchId;
use super::call::{Call, Form, Input, Ticket};
use super::hung_up;
use super::outbox::Outbox;
use super::patience::{self, Patient};
use super::runtime::Host;
use super::stream;
use crate::base::{ClientId, peer};
use crate::protocol::alias::Alias;
use crate::protocol::limits::MAX_BATCH;
use crate::protocol::line::read_line;
use crate::protocol::methods::{self, HelloParams, HelloResult, Method};
use crate::protocol::rpc::{Asked, Error, Request, Response, code};
use crate::protocol::{PROTO_MAX, PROTO_MIN};

/// Longest name of a client, in characters.
const MAX_CLIENT: usize = 64;

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

/// What to do after a line.
enum Next {
    Line,
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
        self.host.connected(
            self.client,
            peer::process(&socket).map(|pid| pid.as_raw_pid().cast_unsigned()),
            Arc::clone(&self.outbox),
        );
        let mut reader = Patient::new(socket, self.host.half_message);
        loop {
            match self.next(&mut reader) {
                Next::Line => {}
                Next::Stream => {
                    stream::run(self.client, &mut reader, &self.outbox, &self.host);
                    break;
                }
                Next::End => break,
            }
        }
        // What is owed is written after the client's half-close, then the connection ends; at once if nobody is there who
        // could read it.
        self.outbox.finish();
        hung_up::wait(self.outbox.socket());
        self.outbox.close();
        self.host.disconnected(self.client);
    }

    fn next(&mut self, reader: &mut BufReader<Patient>) -> Next {
        let line = match patience::begin(reader) {
            Ok(true) => read_line(reader),
            Ok(false) | Err(_) => return Next::End,
        };
        let text = match line {
            Ok(Some(text)) => text,
            Ok(None) => return Next::End,
            Err(e) => {
                if matches!(e.kind(), io::ErrorKind::InvalidData | io::ErrorKind::TimedOut) {
                    let right = "UTF-8 that ends within 1 MiB and two minutes, and does not pause for 10 s";
                    let error = Error::about(code::PARSE, e.to_string(), "line", right);
                    self.refuse(None, Response::error(Value::Null, error));
                }
                return Next::End;
            }
        };
        if text.trim().is_empty() {
            return Next::Line;
        }
        match Asked::parse(&text, MAX_BATCH) {
            Ok(Asked::One(request)) => self.request(request, None),
            Ok(Asked::Batch(requests)) => self.batch(requests),
            Err(response) => self.refuse(None, *response),
        }
    }

    /// Answers what is no request.
    fn refuse(&self, batch: Option<BatchId>, response: Response) -> Next {
        if !self.begin() {
            return Next::End;
        }
        let (id, error) = (response.id.clone(), response.into_result());
        self.answer(Ticket { client: self.client, id: Some(id), form: Form { batch, alias: None } }, error);
        Next::Line
    }

    /// A request has come. False when the connection is closed.
    fn begin(&self) -> bool {
        self.host.traffic.requests.add(1);
        self.outbox.begin()
    }

    fn answer(&self, ticket: Ticket, result: Result<Value, Error>) {
        self.host.traffic.errors.add(usize::from(result.is_err()));
        self.outbox.answer(ticket, result);
    }

    fn batch(&mut self, requests: Vec<Result<Request, Box<Response>>>) -> Next {
        let batch = Some(self.outbox.begin_batch(requests.len()));
        for request in requests {
            let next = match request {
                Ok(request) => self.request(request, batch),
                Err(response) => self.refuse(batch, *response),
            };
            if !matches!(next, Next::Line) {
                return next;
            }
        }
        Next::Line
    }

    fn request(&mut self, request: Request, batch: Option<BatchId>) -> Next {
        if !self.begin() {
            return Next::End;
        }
        let Request { id, mut method, mut params, .. } = request;
        let mut ticket = Ticket { client: self.client, id, form: Form { batch, alias: None } };
        if let Some((alias, meant)) = Alias::find(&method) {
            ticket.form.alias = Some(alias);
            method = meant.to_owned();
            params = match alias.params(params) {
                Ok(params) => params,
                Err(error) => {
                    self.answer(ticket, Err(error));
                    return Next::Line;
                }
            };
        }
        match method.as_str() {
            methods::Hello::NAME => match self.hello(params) {
                Ok((name, result)) => self.host.tell(Input::Named(ticket, name, result)),
                Err(error) => self.answer(ticket, Err(error)),
            },
            methods::StreamFrames::NAME => return self.stream_frames(ticket, params),
            _ => match Call::parse(&method, params) {
                Ok(call) => {
                    if matches!(call, Call::Subscribe(_)) {
                        self.outbox.subscribes(ticket.form.alias);
                    }
                    self.follows |= matches!(call, Call::Open(_) | Call::Subscribe(_));
                    self.host.tell(Input::Call(ticket, call));
                }
                Err(error) => self.answer(ticket, Err(error)),
            },
        }
        Next::Line
    }

    /// What a client is called, and what it is answered. The desk does that: a client is greeted by a host that works.
    fn hello(&self, params: Value) -> Result<(String, Value), Error> {
        let params = methods::params::<methods::Hello>(params)?;
        if params.client.chars().count() > MAX_CLIENT || params.client.contains(char::is_control) {
            return Err(Error::field("client", format!("at most {MAX_CLIENT} characters, none a control character")));
        }
        let result = hello(&params)?;
        self.host.reach.greeted(self.client, &params.env);
        Ok((params.client, result))
    }

    fn stream_frames(&mut self, ticket: Ticket, params: Value) -> Next {
        let why = if self.follows {
            "events come on this connection: open another one for the stream"
        } else if ticket.form.batch.is_some() || ticket.id.is_none() {
            "the stream begins behind a reply of its own: ask for it alone, with an id"
        } else {
            ""
        };
        let result = match methods::params::<methods::StreamFrames>(params) {
            Ok(_) if !why.is_empty() => {
                Err(Error::about(code::INVALID_REQUEST, why, "method", "a connection of its own for the stream"))
            }
            Ok(empty) => Ok(json!(empty)),
            Err(error) => Err(error),
        };
        // What comes behind this reply is binary: the replies to earlier requests go before it.
        let next = if result.is_err() {
            Next::Line
        } else if self.outbox.wait_answered(1) {
            Next::Stream
        } else {
            return Next::End;
        };
        self.answer(ticket, result);
        next
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
