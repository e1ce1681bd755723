//! A small client for the host's tests: calls on one connection, screens on another. It knows the protocol and nothing
//! of the host's inside. It waits for conditions; a wait that takes [`PATIENCE`] is a failure.

#![allow(dead_code, reason = "every test file uses a part of it")]

pub mod api;
pub mod check;

use std::collections::{HashMap, VecDeque};
use std::io::{BufReader, Write};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use serde_json::Value;
use synk::base::{GridSize, SessionNo};
use synk::host::{Embedded, HostOptions, embed};
use synk::keeper::Keeper;
use synk::model::{Board, BoardEvent, Key, KeyEvent, Mods, NamedKey, Screen};
use synk::protocol::line::read_line;
use synk::protocol::methods::{
    CreateParams, CreateSession, Created, DEFAULT_WORKSPACE, Empty, Method, OpenParams, OpenWorkspace, StreamFrames,
};
use synk::protocol::rpc::{Error, Incoming, Request};
use synk::protocol::shapes;
use synk::protocol::stream::{ClientMessage, HostMessage, Message, read_raw, write_message};

/// Longest wait for anything: a loaded machine is slow, and a failure may take its time.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until `done`, looking again whenever `wait` returns.
pub fn until<T>(what: &str, mut step: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = step() {
            return found;
        }
        assert!(Instant::now() < end, "gave up waiting: {what}");
    }
}

/// Options whose shell and prompt are the same on every machine.
pub fn options() -> HostOptions {
    let mut options = HostOptions::default();
    options.base.shell = "/bin/sh".into();
    options.base.home = "/".into();
    for (name, value) in [("PS1", "$ "), ("LANG", "C.UTF-8"), ("HISTFILE", "")] {
        options.base.vars.insert(name.into(), value.into());
    }
    options.base.vars.remove(std::ffi::OsStr::new("ENV"));
    options.keeper = Keeper::in_process(Some(env!("CARGO_BIN_EXE_synk").into()));
    options
}

/// A host in this process.
pub fn host() -> Embedded {
    embed(options()).unwrap()
}

/// A control connection.
pub struct Control {
    reader: BufReader<UnixStream>,
    last: u64,
    /// Events that came while a reply was awaited.
    events: VecDeque<BoardEvent>,
    pub board: Board,
}

impl Control {
    pub fn new(socket: UnixStream) -> Self {
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Self { reader: BufReader::new(socket), last: 0, events: VecDeque::new(), board: Board::default() }
    }

    pub fn socket(&self) -> &UnixStream {
        self.reader.get_ref()
    }

    pub fn send_line(&mut self, line: &str) {
        self.reader.get_mut().write_all(format!("{line}\n").as_bytes()).unwrap();
    }

    /// The next line, which is a message of the API; `None` at the end of the connection.
    pub fn line(&mut self) -> Option<String> {
        self.line_for("the next message")
    }

    /// As [`Control::line`], for somebody who waits for this.
    pub fn line_for(&mut self, what: &str) -> Option<String> {
        let line = read_line(&mut self.reader).unwrap_or_else(|e| panic!("gave up waiting: {what}: {e}"));
        line.inspect(|line| drop(check::message(line)))
    }

    pub fn call<M: Method>(&mut self, params: M::Params) -> Result<M::Result, Error> {
        let result = self.reply(M::NAME, serde_json::to_value(params).unwrap());
        result.map(|value| serde_json::from_value(value).unwrap())
    }

    /// Calls a method with parameters as they are; the result.
    pub fn ask(&mut self, method: &str, params: Value) -> Value {
        self.reply(method, params).unwrap()
    }

    fn reply(&mut self, method: &str, params: Value) -> Result<Value, Error> {
        self.last += 1;
        self.send_line(&serde_json::to_string(&Request::new(self.last, method, params)).unwrap());
        loop {
            let line = self.line_for(method).expect("the host closed the connection");
            match Incoming::parse(&line).unwrap() {
                Incoming::Reply(reply) => {
                    check::reply(method, &line);
                    assert_eq!(reply.id, Value::from(self.last));
                    return reply.into_result();
                }
                Incoming::Event(event) => self.events.extend(shapes::change(event)),
            }
        }
    }

    /// Opens the default workspace and returns when its first shell is there.
    pub fn open(&mut self) {
        let workspace = DEFAULT_WORKSPACE.into();
        let params = OpenParams { workspace, private: false, first_shell: true, cols: 80, rows: 24 };
        self.call::<OpenWorkspace>(params).unwrap();
        self.until("the default workspace has a pane", |board| !board.workspace.panes.is_empty());
    }

    /// Takes events until the board is as wanted.
    pub fn until(&mut self, what: &str, done: impl Fn(&Board) -> bool) {
        until(what, || {
            for event in self.events.drain(..) {
                self.board.apply(event);
            }
            if done(&self.board) {
                return Some(());
            }
            let line = read_line(&mut self.reader).unwrap_or_else(|e| panic!("{what}: {e}; {:#?}", self.board));
            let line = line.expect("the host closed the connection");
            check::message(&line);
            match Incoming::parse(&line).unwrap() {
                Incoming::Event(event) => self.events.extend(shapes::change(event)),
                Incoming::Reply(reply) => panic!("a reply that nobody asked for: {reply:?}"),
            }
            None
        });
    }

    pub fn create(&mut self, params: CreateParams) -> Result<Created, Error> {
        self.call::<CreateSession>(params)
    }

    /// A session that runs this shell script.
    pub fn run(&mut self, script: &str) -> Created {
        let command = vec!["/bin/sh".into(), "-c".into(), script.into()];
        self.create(CreateParams { command, ..CreateParams::default() }).unwrap()
    }

    /// As [`Control::run`], with a name.
    pub fn run_as(&mut self, name: &str, script: &str) -> Created {
        let command = vec!["/bin/sh".into(), "-c".into(), script.into()];
        let name = Some(name.into());
        self.create(CreateParams { name, command, ..CreateParams::default() }).unwrap()
    }

    /// A plain shell in the default workspace.
    pub fn shell(&mut self) -> Result<Created, Error> {
        let workspace = Some(DEFAULT_WORKSPACE.into());
        self.create(CreateParams { workspace, ..CreateParams::default() })
    }
}

/// What a viewer holds of one session.
#[derive(Debug)]
pub struct Mirror {
    pub screen: Screen,
    pub seq: u64,
    pub frames: usize,
    pub gone: bool,
    pub other: Vec<HostMessage>,
}

impl Default for Mirror {
    fn default() -> Self {
        Self { screen: Screen::blank(GridSize::default()), seq: 0, frames: 0, gone: false, other: Vec::new() }
    }
}

/// A frame connection.
pub struct Viewer {
    reader: BufReader<UnixStream>,
    pub mirrors: HashMap<SessionNo, Mirror>,
    /// Whether frames are answered with credit.
    pub gives_credit: bool,
}

impl Viewer {
    pub fn new(socket: UnixStream) -> Self {
        let mut control = Control::new(socket);
        control.call::<StreamFrames>(Empty {}).unwrap();
        Self { reader: control.reader, mirrors: HashMap::new(), gives_credit: true }
    }

    pub fn socket(&self) -> &UnixStream {
        self.reader.get_ref()
    }

    pub fn send(&mut self, no: SessionNo, message: &ClientMessage) {
        write_message(self.reader.get_mut(), no, message).unwrap();
    }

    pub fn watch(&mut self, no: u32) -> SessionNo {
        self.send(SessionNo(no), &ClientMessage::Subscribe);
        self.mirrors.entry(SessionNo(no)).or_default();
        SessionNo(no)
    }

    pub fn resize(&mut self, no: SessionNo, cols: u16, lines: u16) {
        let size = GridSize::clamped(cols, lines);
        self.send(no, &ClientMessage::Resize { size, cell_w: 8, cell_h: 16 });
    }

    /// Types a text, key by key; a line feed is Enter.
    pub fn type_text(&mut self, no: SessionNo, text: &str) {
        for c in text.chars() {
            let key = if c == '\n' { Key::Named(NamedKey::Enter) } else { Key::Char(c) };
            self.send(no, &ClientMessage::Key(KeyEvent::press(key, Mods::NONE)));
        }
    }

    pub fn ctrl(&mut self, no: SessionNo, c: char) {
        self.send(no, &ClientMessage::Key(KeyEvent::press(Key::Char(c), Mods::CTRL)));
    }

    /// Takes one message from the host.
    pub fn step(&mut self) {
        assert!(self.try_step(), "the host closed the stream");
    }

    /// Takes one message from the host. False when the stream has ended.
    pub fn try_step(&mut self) -> bool {
        self.read().unwrap()
    }

    fn read(&mut self) -> std::io::Result<bool> {
        let Some(raw) = read_raw(&mut self.reader)? else { return Ok(false) };
        let no = raw.session;
        let mirror = self.mirrors.entry(no).or_default();
        match HostMessage::read(&raw).unwrap().expect("a kind of message that this build does not know") {
            HostMessage::Frame(frame) => {
                frame.apply(&mut mirror.screen, mirror.seq).unwrap();
                mirror.seq = frame.seq;
                mirror.frames += 1;
                if self.gives_credit {
                    self.send(no, &ClientMessage::Credit);
                }
            }
            HostMessage::Gone => mirror.gone = true,
            other => mirror.other.push(other),
        }
        Ok(true)
    }

    pub fn until(&mut self, no: SessionNo, what: &str, done: impl Fn(&Mirror) -> bool) {
        until(what, || {
            let mirror = self.mirrors.entry(no).or_default();
            if done(mirror) {
                return Some(());
            }
            match self.read() {
                Ok(true) => None,
                Ok(false) => panic!("{what}: the host closed the stream; {no} showed:\n{}", self.text(no)),
                Err(e) => panic!("{what}: {e}; {no} shows:\n{}", self.text(no)),
            }
        });
    }

    /// Waits until the screen holds a text.
    pub fn until_text(&mut self, no: SessionNo, text: &str) {
        self.until(no, &format!("{text:?} on the screen of {no}"), |m| m.screen.text().contains(text));
    }

    pub fn text(&self, no: SessionNo) -> String {
        self.mirrors[&no].screen.text()
    }
}
