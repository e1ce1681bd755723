//! What connects a client that shows screens, a window or an attached terminal, to its host: one connection for calls and
//! events, one for the binary stream. Everything that comes is handed, from the reader threads, to one callback;
//! everything that goes is queued.

use std::fmt;
use std::io::{self, BufReader};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::thread;

use super::connect::{Absent, ConnectError, Connector};
use super::control::{Answer, CallError, Control, request_line};
use super::guard::Guard;
use super::outbox::Outbox;
use crate::base::SessionNo;
use crate::model::BoardEvent;
use crate::protocol::line::read_line;
use crate::protocol::methods::{Empty, HelloResult, Method, StreamFrames};
use crate::protocol::rpc::Incoming;
use crate::protocol::shapes;
use crate::protocol::stream::{ClientMessage, HostMessage, Message, encode, read_raw};

/// What such a client hears from its host.
#[derive(Debug)]
pub enum Update {
    /// The connection stands.
    Connected { link: Link, hello: HelloResult },
    /// The reply to the call with this number.
    Reply { id: u64, result: Answer },
    /// Something about the sessions or the grid changed.
    Board(BoardEvent),
    /// A message of the binary stream.
    Message(SessionNo, HostMessage),
    /// There is no connection, or no longer; nothing more comes from this attempt but another of these.
    Lost(Lost),
}

/// Why there is no connection.
#[derive(Debug)]
pub enum Lost {
    Connect(ConnectError),
    Hello(CallError),
    /// The host closed the connection, as it does when it ends.
    Closed,
    /// What came makes no sense.
    Broken(String),
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(e) => e.fmt(f),
            Self::Hello(e) => e.fmt(f),
            Self::Closed => f.write_str("the host closed the connection"),
            Self::Broken(what) => write!(f, "the connection to the host broke: {what}"),
        }
    }
}

impl std::error::Error for Lost {}

/// Receives updates with the number of the attempt they belong to, on whichever thread they come up.
pub type Deliver = Arc<dyn Fn(u32, Update) + Send + Sync>;

/// The sending side of a standing connection. Dropping it closes both connections once what is queued is written.
#[derive(Debug)]
pub struct Link {
    control: Outbox,
    stream: Outbox,
    /// Who looks after a host that hangs.
    guard: Option<Guard>,
}

impl Link {
    /// Connects on a thread of its own; the outcome is delivered under the number `attempt`. What `absent` says happens
    /// where no host answers; `client` is what the client calls itself.
    ///
    /// # Errors
    /// The thread cannot be started.
    pub fn start(
        connector: Connector,
        absent: Absent,
        client: &'static str,
        attempt: u32,
        deliver: Deliver,
    ) -> io::Result<()> {
        let run = move || {
            if let Err(lost) = connect(&connector, absent, client, attempt, &deliver) {
                deliver(attempt, Update::Lost(lost));
            }
        };
        thread::Builder::new().name("link".into()).spawn(run).map(drop)
    }

    /// Calls a method under a number of the caller's choice; the reply comes as [`Update::Reply`] with that number.
    pub fn call<M: Method>(&self, id: u64, params: &M::Params) {
        match request_line::<M>(id, params) {
            Ok(line) => self.control.send(line),
            Err(e) => log::error!("the parameters of {} cannot be written: {e}", M::NAME),
        }
    }

    /// The host does not answer: tells its keeper, if it has one that can be told.
    pub fn doubt(&self) {
        if let Some(guard) = &self.guard {
            guard.doubt();
        }
    }

    /// Sends a message about a session.
    pub fn send(&self, no: SessionNo, message: &ClientMessage) {
        self.stream.send(encode(no, message));
    }
}

fn connect(connector: &Connector, absent: Absent, client: &str, attempt: u32, deliver: &Deliver) -> Result<(), Lost> {
    let open = || -> Result<(Control, HelloResult), Lost> {
        Control::open(connector(absent).map_err(Lost::Connect)?, client).map_err(Lost::Hello)
    };
    let (control, hello) = open()?;
    let (mut stream, _) = open()?;
    stream.call::<StreamFrames>(&Empty {}).map_err(Lost::Hello)?;
    let (control, control_reader) = control.into_parts();
    let (stream, stream_reader) = stream.into_parts();
    let broken = |e: io::Error| Lost::Broken(e.to_string());
    let guard = Guard::of(&control);
    let link = Link {
        guard,
        control: Outbox::start("control-out", control).map_err(broken)?,
        stream: Outbox::start("stream-out", stream).map_err(broken)?,
    };
    deliver(attempt, Update::Connected { link, hello });
    let to = Arc::clone(deliver);
    let read = move || to(attempt, Update::Lost(read_stream(stream_reader, |update| to(attempt, update))));
    thread::Builder::new().name("stream-in".into()).spawn(read).map_err(broken)?;
    Err(read_control(control_reader, |update| deliver(attempt, update)))
}

/// What a failed read means. A host that ends with something unread resets its connections instead of closing them.
fn ended(error: &io::Error) -> Lost {
    match error.kind() {
        io::ErrorKind::ConnectionReset => Lost::Closed,
        _ => Lost::Broken(error.to_string()),
    }
}

/// Delivers replies and events until the connection ends; returns why it did.
fn read_control(mut reader: BufReader<UnixStream>, deliver: impl Fn(Update)) -> Lost {
    loop {
        let line = match read_line(&mut reader) {
            Ok(Some(line)) => line,
            Ok(None) => return Lost::Closed,
            Err(e) => return ended(&e),
        };
        match Incoming::parse(&line) {
            Ok(Incoming::Reply(reply)) => {
                let id = reply.id.as_u64().unwrap_or(0);
                deliver(Update::Reply { id, result: reply.into_result() });
            }
            // Events that this build does not know are nobody's business.
            Ok(Incoming::Event(event)) => {
                if let Some(change) = shapes::change(event) {
                    deliver(Update::Board(change));
                }
            }
            Err(e) => return Lost::Broken(e.to_string()),
        }
    }
}

/// Delivers stream messages until the connection ends; returns why it did.
fn read_stream(mut reader: BufReader<UnixStream>, deliver: impl Fn(Update)) -> Lost {
    loop {
        let raw = match read_raw(&mut reader) {
            Ok(Some(raw)) => raw,
            Ok(None) => return Lost::Closed,
            Err(e) => return ended(&e),
        };
        match HostMessage::read(&raw) {
            Ok(Some(message)) => deliver(Update::Message(raw.session, message)),
            Ok(None) => {}
            Err(e) => return Lost::Broken(e.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::methods::{GetStatus, Hello};
    use crate::protocol::rpc::{Request, Response};
    use crate::protocol::stream::write_message;
    use crossbeam_channel::unbounded;
    use serde_json::json;
    use std::io::Write;
    use std::time::Duration;

    /// Answers every request with its own method's name, but for the greeting, until the stream is asked for.
    fn serve(mut socket: UnixStream) {
        let mut reader = BufReader::new(socket.try_clone().unwrap());
        while let Ok(Some(line)) = read_line(&mut reader) {
            let request = Request::parse(&line).unwrap();
            let result = match request.method.as_str() {
                Hello::NAME => json!({"proto": 1, "version": "v", "pid": 1}),
                StreamFrames::NAME => json!({}),
                other => json!(other),
            };
            let reply = serde_json::to_string(&Response::ok(request.id.unwrap(), result)).unwrap();
            socket.write_all(format!("{reply}\n").as_bytes()).unwrap();
            if request.method == StreamFrames::NAME {
                let raw = read_raw(&mut reader).unwrap().unwrap();
                assert_eq!(ClientMessage::read(&raw).unwrap(), Some(ClientMessage::Subscribe));
                write_message(&mut socket, raw.session, &HostMessage::Bell).unwrap();
                return;
            }
        }
    }

    #[test]
    fn calls_and_messages_go_out_and_come_back_and_the_end_is_told() {
        let connector: Connector = Arc::new(|_| {
            let (ours, theirs) = UnixStream::pair().unwrap();
            thread::spawn(move || serve(theirs));
            Ok(ours)
        });
        let (tell, told) = unbounded();
        let deliver: Deliver = Arc::new(move |attempt, update| tell.send((attempt, update)).unwrap_or_default());
        Link::start(connector, Absent::Start, "test", 4, deliver).unwrap();
        let next = || told.recv_timeout(Duration::from_secs(10)).unwrap();
        let (4, Update::Connected { link, hello }) = next() else { panic!("not connected") };
        assert_eq!(hello.proto, 1);
        link.call::<GetStatus>(77, &Empty {});
        let (_, Update::Reply { id, result }) = next() else { panic!("no reply") };
        assert_eq!((id, result), (77, Ok(json!("get_status"))));
        link.send(SessionNo(9), &ClientMessage::Subscribe);
        assert!(matches!(next(), (4, Update::Message(SessionNo(9), HostMessage::Bell))));
        assert!(matches!(next(), (4, Update::Lost(Lost::Closed))), "the stream has ended");
    }

    #[test]
    fn a_host_that_ends_with_something_unread_has_closed_the_connection() {
        let reset = || {
            let (ours, theirs) = UnixStream::pair().unwrap();
            (&ours).write_all(b"unread").unwrap();
            drop(theirs);
            BufReader::new(ours)
        };
        assert!(matches!(read_control(reset(), |_| {}), Lost::Closed));
        assert!(matches!(read_stream(reset(), |_| {}), Lost::Closed));
    }

    #[test]
    fn a_failed_connection_says_why() {
        let (tell, told) = unbounded();
        let deliver: Deliver = Arc::new(move |_, update| tell.send(update).unwrap_or_default());
        Link::start(Arc::new(|_| Err(ConnectError::Gone)), Absent::Fail, "test", 1, deliver).unwrap();
        assert!(matches!(told.recv_timeout(Duration::from_secs(10)), Ok(Update::Lost(Lost::Connect(_)))));
    }
}
