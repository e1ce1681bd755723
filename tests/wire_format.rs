//! The formats that hosts and clients of different builds speak: bytes of today lie in `tests/wire`, and every later
//! build has to read them, and to write the same. A new message is a new line at the end of its file; a line that is
//! there never changes.

#[path = "wire_format/screens.rs"]
mod screens;
#[path = "wire_format/upgrade.rs"]
mod upgrade;
#[path = "wire_format/workspaces.rs"]
mod workspaces;

use std::fmt::{Debug, Write};
use std::fs;
use std::path::Path;
use std::sync::Arc;

use synk::base::{GridSize, Rgb, SessionId, SessionNo};
use synk::model::board::Workspace;
use synk::model::frame::Scroll;
use synk::model::grid_layout::Weights;
use synk::model::{
    Attrs, BoardEvent, Cell, Color, Cursor, CursorShape, Frame, Key, KeyEvent, Layout, Modes, Mods, MouseButton,
    MouseEvent, MouseKind, NamedKey, Palette, Place, Press, Query, Row, Searched, SessionInfo, SessionKind,
    SessionState, Span, SpanKind, Style, Underline, ViewAt, Way, Width,
};
use synk::protocol::methods::{
    AttachParams, AttachSession, BroadcastInput, BroadcastParams, BroadcastResult, Client, ClientList, CreateParams,
    CreateSession, Created, Database, DeleteParams, DeleteSession, Delivered, DetachParams, DetachSession, Detached,
    Empty, GetMetrics, GetSession, GetStatus, Hello, HelloParams, HelloResult, InputKind, KeysParams, ListClients,
    ListSessions, Method, Metrics, NAMES, OpenParams, OpenWorkspace, Paste, PasteParams, PromptParams, ReadScreen,
    ReconnectSession, RenameParams, RenameSession, ResizeParams, ResizeTerminal, Saving, SendInput, SendInputParams,
    SendKeys, SendPrompt, SessionList, SessionParams, SetWeights, SetWeightsParams, Statistics, Status, StopHost,
    StreamFrames, Subscribe, SubscribeParams, Subscribed, TerminateSession, Unsubscribe, UnsubscribeParams, WaitFor,
    WaitForParams, WaitResult, WaitUntil, params,
};
use synk::protocol::rpc::{Error, Incoming, Request, Response, code};
use synk::protocol::shapes::{self, Session, SessionType};
use synk::protocol::stream::{ClientMessage, HostMessage, Message, encode, read_raw};

/// A file of lines as they were, and the lines as they are.
struct Wire {
    name: &'static str,
    old: Vec<String>,
    new: Vec<String>,
}

impl Wire {
    fn open(name: &'static str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wire").join(name);
        let old = fs::read_to_string(path).unwrap_or_default().lines().map(str::to_owned).collect();
        Self { name, old, new: Vec::new() }
    }

    /// Adds a line as it is now; returns what it was.
    fn line(&mut self, now: String) -> Option<&str> {
        self.new.push(now);
        self.old.get(self.new.len() - 1).map(String::as_str)
    }

    /// A message of the stream, as hexadecimal bytes.
    fn message<M: Message + Debug + PartialEq>(&mut self, message: M) {
        let hex = encode(SessionNo(7), &message).iter().fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").unwrap();
            hex
        });
        let Some(old) = self.line(hex) else { return };
        let bytes: Vec<u8> =
            (0..old.len()).step_by(2).map(|at| u8::from_str_radix(&old[at..at + 2], 16).unwrap()).collect();
        let raw = read_raw(&mut &bytes[..]).unwrap().unwrap();
        assert_eq!((raw.session, M::read(&raw)), (SessionNo(7), Ok(Some(message))), "{old}");
    }

    /// A method's parameters and its result.
    fn method<M: Method>(&mut self, params_now: M::Params, result: M::Result)
    where
        M::Params: Debug + PartialEq,
        M::Result: Debug + PartialEq,
    {
        let request = Request::new(1, M::NAME, serde_json::to_value(&params_now).unwrap());
        if let Some(old) = self.line(serde_json::to_string(&request).unwrap()) {
            let old = Request::parse(old).unwrap();
            assert_eq!((old.method.as_str(), params::<M>(old.params)), (M::NAME, Ok(params_now)));
        }
        let reply = Response::ok(1.into(), serde_json::to_value(&result).unwrap());
        if let Some(old) = self.line(serde_json::to_string(&reply).unwrap()) {
            let Incoming::Reply(old) = Incoming::parse(old).unwrap() else { panic!("not a reply: {old}") };
            assert_eq!(serde_json::from_value::<M::Result>(old.into_result().unwrap()).unwrap(), result);
        }
    }

    /// A change of the board.
    fn change(&mut self, change: BoardEvent) {
        let Some(old) = self.line(serde_json::to_string(&shapes::event(&change)).unwrap()) else { return };
        let Incoming::Event(event) = Incoming::parse(old).unwrap() else { panic!("not an event: {old}") };
        assert_eq!(shapes::change(event), Some(change));
    }

    /// All lines have been compared.
    fn end(self) {
        let now = Path::new(env!("CARGO_TARGET_TMPDIR")).join(self.name);
        if self.old != self.new {
            fs::write(&now, self.new.join("\n") + "\n").unwrap();
        }
        assert!(self.old == self.new, "tests/wire/{} is not what is written now: {}", self.name, now.display());
    }
}

fn place(row: u64) -> Place {
    Place { epoch: 3, row, col: 79 }
}

#[test]
fn what_clients_send_stays_as_it_is() {
    let mut wire = Wire::open("client-1.txt");
    let key = KeyEvent {
        key: Key::Char('Ä'),
        unshifted: Key::Unknown,
        physical: Key::Named(NamedKey::F12),
        mods: Mods::SHIFT | Mods::ALT,
        text: "Ä".into(),
        press: Press::Repeat,
    };
    let (kind, button, mods) = (MouseKind::Motion, MouseButton::Right, Mods::CTRL);
    let span = Span { from: place(5), to: place(1 << 40) };
    for message in [
        ClientMessage::Subscribe,
        ClientMessage::Unsubscribe,
        ClientMessage::Credit,
        ClientMessage::Key(key),
        ClientMessage::Mouse(MouseEvent { kind, button, mods, col: 1, line: 2, px: 300, py: 400 }),
        ClientMessage::Paste("zwei\nZeilen".into()),
        ClientMessage::Prompt("dö it".into()),
        ClientMessage::Focus(true),
        ClientMessage::Resize { size: GridSize::clamped(120, 40), cell_w: 9, cell_h: 18 },
        ClientMessage::View(ViewAt::Live),
        ClientMessage::View(ViewAt::Row { epoch: 1, top: 1 << 50 }),
        ClientMessage::Scroll(-3),
        ClientMessage::GetText { request: 4, span },
        ClientMessage::GetSpan { request: 5, place: place(9), kind: SpanKind::Word },
        ClientMessage::GetSpan { request: 6, place: place(9), kind: SpanKind::Line },
        ClientMessage::Detach,
        ClientMessage::Numbered { client: 0x0123_4567_89ab_cdef_0022_4466_88aa_ccee, next: 300 },
        ClientMessage::Search {
            request: 7,
            query: Query {
                text: "Nädel".into(),
                regex: true,
                from: Some(place(9)),
                way: Way::Down,
                most: 9,
                rows: 70_000,
            },
        },
        ClientMessage::Search {
            request: 8,
            query: Query { text: "x".into(), regex: false, from: None, way: Way::Up, most: 1, rows: u32::MAX },
        },
    ] {
        wire.message(message);
    }
    wire.end();
}

/// A frame with something of everything.
fn frame() -> Frame {
    let cell = |ch, style, width| Cell { ch, style, width };
    let loud = Style {
        fg: Color::Rgb(Rgb::new(1, 2, 3)),
        bg: Color::Indexed(200),
        underline_color: Color::Rgb(Rgb::new(4, 5, 6)),
        underline: Underline::Curly,
        attrs: Attrs::BOLD | Attrs::STRIKE,
    };
    let plain = Style::default();
    let mut full = Row::from("plain text");
    full.cells.extend([cell('中', loud, Width::Wide), cell(' ', loud, Width::Spacer), cell('字', plain, Width::Wide)]);
    full.cells.extend([cell(' ', plain, Width::Spacer), cell('半', loud, Width::Wide), cell('x', loud, Width::Narrow)]);
    full.marks = vec![(0, "\u{301}".into()), (9, "\u{302}\u{303}".into())];
    full.links = vec![(2, 4, Arc::from("http://one/")), (4, 7, Arc::from("http://two/"))];
    full.wrapped = true;
    let palette = Palette {
        indexed: [(1, Rgb::new(7, 8, 9)), (255, Rgb::new(0, 0, 0))].into(),
        fg: Some(Rgb::new(10, 11, 12)),
        bg: None,
        cursor: Some(Rgb::new(13, 14, 15)),
    };
    Frame {
        seq: 300,
        base: 299,
        size: GridSize::clamped(20, 6),
        epoch: 2,
        top: 1 << 33,
        history: 10_000,
        offset: 3,
        cursor: Cursor { line: 4, col: 7, shape: CursorShape::Bar, blink: true, visible: true },
        modes: Modes::ALT_SCREEN | Modes::BRACKETED_PASTE,
        palette: Some(Arc::new(palette)),
        scroll: Some(Scroll { first: 0, last: 5, by: -2 }),
        rows: vec![(0, Arc::new(Row::default())), (2, Arc::new(full)), (5, Arc::new(Row::from("$")))],
    }
}

#[test]
fn what_the_host_sends_stays_as_it_is() {
    let mut wire = Wire::open("host-1.txt");
    for message in [
        HostMessage::Frame(frame()),
        HostMessage::Frame(Frame { seq: 1, base: 0, palette: None, scroll: None, rows: Vec::new(), ..frame() }),
        HostMessage::Bell,
        HostMessage::Clipboard("kopiert".into()),
        HostMessage::Notify { title: "t".into(), body: "böse".into() },
        HostMessage::Text { request: 1, text: "ü\n".into() },
        HostMessage::Span { request: 2, span: Span { from: place(1), to: place(300) } },
        HostMessage::Gone,
        HostMessage::Detached,
        HostMessage::Taken(1 << 33),
        HostMessage::Found {
            request: 3,
            searched: Searched::Found { spans: vec![Span { from: place(1), to: place(300) }], next: Some(place(2)) },
        },
        HostMessage::Found { request: 4, searched: Searched::Found { spans: Vec::new(), next: None } },
        HostMessage::Found { request: 5, searched: Searched::Rewrapped },
        HostMessage::Found { request: 6, searched: Searched::Refused("nö".into()) },
    ] {
        wire.message(message);
    }
    wire.end();
}

fn session() -> SessionInfo {
    SessionInfo {
        id: "6f9619ff-8b86-4011-b42d-00c04fc964ff".parse::<SessionId>().unwrap(),
        no: SessionNo(4),
        name: "dev".into(),
        kind: SessionKind::Local,
        state: SessionState::Stopped,
        clients: 2,
        disconnected: false,
        active: true,
        agent: "claude".into(),
        title: "a title".into(),
        cwd: "/tmp".into(),
        foreground: "vim".into(),
        pid: Some(77),
        exit_code: Some(130),
        size: GridSize::clamped(100, 30),
        created_at_ms: 5,
        last_active_ms: 6,
    }
}

/// The methods that came after the first ones.
fn further_methods(wire: &mut Wire) {
    let (id, one) = (|| "dev".to_owned(), || Session::from(&session()));
    let client = Client {
        client_id: 3,
        client: "window".into(),
        pid: Some(8),
        connected_at: 9,
        sessions: vec![session().id.to_string()],
        workspace: Some("default".into()),
    };
    let delivered = Delivered {
        session_id: session().id.to_string(),
        name: "dev".into(),
        error: Some(Error::new(code::SESSION_STOPPED, "its program has ended".into())),
    };
    let wait = |until| WaitForParams { session_id: id(), until, timeout_ms: Some(5) };
    let waited = WaitResult { matched: Some("x".into()), exit_code: Some(0) };
    let events = || vec!["session:exit".to_owned()];
    let broadcast = BroadcastParams {
        text: "x".into(),
        kind: InputKind::Prompt,
        sessions: Some(vec![id()]),
        workspace: Some("default".into()),
        except: vec!["other".into()],
    };
    wire.method::<GetMetrics>(Empty {}, Metrics { requests: 1, descriptors: Some(2), ..Metrics::default() });
    wire.method::<ListClients>(Empty {}, ClientList { clients: vec![client] });
    wire.method::<GetSession>(SessionParams { session_id: id() }, one());
    wire.method::<RenameSession>(RenameParams { session_id: id(), name: "new".into() }, one());
    wire.method::<DeleteSession>(DeleteParams { session_id: id(), force: true }, Empty {});
    wire.method::<AttachSession>(AttachParams { session_id: id() }, one());
    wire.method::<DetachSession>(
        DetachParams { session_id: id(), client_id: Some(3), all: true },
        Detached { detached: 1 },
    );
    wire.method::<ResizeTerminal>(ResizeParams { session_id: id(), cols: Some(80), rows: Some(24) }, one());
    wire.method::<SendInput>(
        SendInputParams { session_id: id(), data: Some("ls".into()), data_b64: Some("bHM=".into()) },
        Empty {},
    );
    wire.method::<SendKeys>(KeysParams { session_id: id(), keys: vec!["ctrl+c".into()] }, Empty {});
    wire.method::<Paste>(PasteParams { session_id: id(), text: "x".into() }, Empty {});
    wire.method::<SendPrompt>(PromptParams { session_id: id(), text: "x".into() }, Empty {});
    wire.method::<BroadcastInput>(broadcast, BroadcastResult { sessions: vec![delivered] });
    let (read, screen) = screens::looked(session().id.to_string());
    wire.method::<ReadScreen>(read, screen);
    wire.method::<WaitFor>(wait(WaitUntil::Regex("x+".into())), waited);
    wire.method::<Subscribe>(
        SubscribeParams { events: Some(events()), session_id: Some(id()) },
        Subscribed { events: events() },
    );
    wire.method::<Unsubscribe>(
        UnsubscribeParams { events: Some(events()), session_id: Some(id()) },
        Subscribed { events: Vec::new() },
    );
    wire.method::<ReconnectSession>(SessionParams { session_id: id() }, Empty {});
}

/// What results have had since they came to be.
fn later_results(wire: &mut Wire) {
    let database = Database {
        path: "/x.db".into(),
        state: "later".into(),
        sessions: Some(5),
        notice: Some("it is locked".into()),
    };
    let statistics = Statistics { total: 4, active: 1, detached: 2, workspaces: 3 };
    let status_with = Status { statistics: Some(statistics), database: Some(database), ..status() };
    wire.method::<GetStatus>(Empty {}, status_with);
}

fn status() -> Status {
    Status { version: "0.1.0".into(), pid: 9, uptime_seconds: 10, num_sessions: 1, num_clients: 2, ..Status::default() }
}

#[test]
fn requests_and_results_stay_as_they_are() {
    let mut wire = Wire::open("rpc-1.txt");
    let weights = Weights { columns: vec![1, 2], rows: vec![3], last_row: vec![4] };
    let create = CreateParams {
        session_id: Some(session().id.to_string()),
        kind: SessionType::Local,
        name: Some("dev".into()),
        workspace: Some("default".into()),
        split: None,
        agent: Some("claude".into()),
        command: vec!["sh".into(), "-c".into()],
        project: Some("/src".into()),
        cwd: Some("/tmp".into()),
        env: [("A".to_owned(), "b".to_owned())].into(),
        cols: 100,
        rows: 30,
    };
    let created = Created {
        session_id: session().id.to_string(),
        no: 4,
        name: "dev".into(),
        pane_index: Some(1),
        notice: Some("elsewhere".into()),
    };
    let open = OpenParams { workspace: "default".into(), private: true, first_shell: false, cols: 90, rows: 20 };
    let set = SetWeightsParams { workspace: "default".into(), weights: (&weights).into() };
    wire.method::<Hello>(
        HelloParams { proto_min: 1, proto_max: 2, client: "cli".into(), env: Default::default() },
        HelloResult { proto: 1, version: "0.1.0".into(), pid: 9 },
    );
    wire.method::<GetStatus>(Empty {}, status());
    wire.method::<CreateSession>(create, created);
    wire.method::<ListSessions>(Empty {}, SessionList { sessions: vec![Session::from(&session())] });
    wire.method::<TerminateSession>(SessionParams { session_id: "4".into() }, Empty {});
    wire.method::<OpenWorkspace>(open, Empty {});
    wire.method::<SetWeights>(set, Empty {});
    wire.method::<StreamFrames>(Empty {}, Empty {});
    wire.method::<StopHost>(Empty {}, Empty {});
    further_methods(&mut wire);
    let refused = Response::error(1.into(), Error::new(code::SESSION_NOT_FOUND, "Session not found".into()));
    if let Some(old) = wire.line(serde_json::to_string(&refused).unwrap()) {
        assert_eq!(Incoming::parse(old).unwrap(), Incoming::Reply(refused));
    }
    let layout = Layout::Grid(weights);
    let workspace = Workspace { name: "default".into(), panes: vec![SessionNo(4)], layout };
    wire.change(BoardEvent::Session(session()));
    wire.change(BoardEvent::Removed(SessionNo(4)));
    wire.change(BoardEvent::Workspace(workspace));
    workspaces::first(&mut wire);
    later_results(&mut wire);
    workspaces::splits(&mut wire);
    wire.method::<GetStatus>(Empty {}, Status { keeper: Some(false), ..status() });
    let saving = Saving { path: "/x/sessions".into(), notice: Some("the disk is full".into()) };
    wire.method::<GetStatus>(Empty {}, Status { saving: Some(saving), ..status() });
    upgrade::all(&mut wire, status());
    screens::search(&mut wire);
    // Two lines for each, as many again for five of them, and seven that are no call with its result.
    assert_eq!(wire.new.len(), 2 * NAMES.len() + 17, "every method is here");
    wire.end();
}
