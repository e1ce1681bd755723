//! Requests that are malformed or meant to hurt, hundreds of them, against a host in a process of its own: each gets an
//! error or the end of its connection, and afterwards the host answers as before and holds nothing more than before.

#[path = "support/process.rs"]
mod process;
mod support;
#[path = "support/user.rs"]
mod user;

use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;

use boon::{Compiler, Schemas};
use process::held;
use serde_json::{Map, Value, json};
use support::{Control, PATIENCE, check, until};
use synk::protocol::line::MAX_LINE;
use synk::protocol::methods::{CreateParams, Empty, GetStatus, ListClients, Method, StreamFrames};
use synk::protocol::schema;
use user::User;

/// A host, and what it holds.
struct Target {
    user: User,
    control: Control,
    pid: u32,
    held: [usize; 2],
}

impl Target {
    fn new() -> Self {
        let user = User::new();
        user.start_host();
        let mut control = Control::new(UnixStream::connect(user.socket()).unwrap());
        let pid = control.call::<GetStatus>(Empty {}).unwrap().pid;
        until("the one that started it is gone", || {
            (control.call::<ListClients>(Empty {}).unwrap().clients.len() == 1).then_some(())
        });
        let held = held(pid);
        Self { user, control, pid, held }
    }

    fn connect(&self) -> UnixStream {
        let socket = UnixStream::connect(self.user.socket()).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        socket
    }

    /// Everything that the host says to these bytes, until it closes the connection.
    fn say(&self, bytes: &[u8]) -> String {
        let mut socket = self.connect();
        // The host may have closed before everything was written.
        let _ = socket.write_all(bytes).and_then(|()| socket.shutdown(Shutdown::Write));
        let mut said = Vec::new();
        let _ = socket.read_to_end(&mut said);
        String::from_utf8(said).unwrap()
    }

    /// The error codes of what it says; a result is none.
    fn refused(&self, bytes: &[u8]) -> Vec<i64> {
        let said = self.say(bytes);
        let show = || String::from_utf8_lossy(&bytes[..bytes.len().min(300)]).into_owned();
        let code = |line: &str| {
            let reply = check::message(line);
            assert!(reply.is_array() || reply["error"].is_object(), "{} was not refused: {line}", show());
            reply["error"]["code"].as_i64().unwrap_or_default()
        };
        said.lines().map(code).collect()
    }

    /// It answers, and holds nothing more than at first.
    fn assert_unharmed(mut self) {
        let status = self.control.call::<GetStatus>(Empty {}).unwrap();
        assert_eq!((status.pid, status.num_sessions), (self.pid, 0));
        until("it holds what it held", || (held(self.pid) <= self.held).then_some(()));
    }
}

/// Lines that are not JSON.
fn lines() -> Vec<(Vec<u8>, i64)> {
    let mut all: Vec<(Vec<u8>, i64)> = Vec::new();
    let mut add = |bytes: &[u8], code| all.push((bytes.to_vec(), code));
    for text in [
        "{",
        "}",
        "[",
        "nul",
        "'x'",
        "{\"id\":1",
        "{\"id\":1,}",
        "{id:1}",
        "NaN",
        "1e999",
        "-",
        "\"\\ud800\"",
        "\"\\x\"",
        "{\"a\":1}{\"b\":2}",
        "\u{0}",
        "\u{1b}[2J",
        "GET / HTTP/1.1",
        "{\"id\":1,\"id\":2,\"method\":\"get_status\"}",
        "{\"method\":\"get_status\",\"method\":\"stop_host\",\"id\":1}",
        "/* */ {}",
        "\u{feff}{}",
        "--",
        "<xml/>",
        "\"open",
        "{\"id\":1,\"method\":\"get_status\",\"params\":{\"a\":1,\"a\":1}}",
        "[1,2",
        "{\"a\":\"\n",
        "0x10",
        "01",
        "+1",
        ".5",
    ] {
        add(text.as_bytes(), -32700);
    }
    for deep in ["[", "{\"a\":", "[{\"a\":"] {
        add(deep.repeat(100_000).as_bytes(), -32700);
        add(format!("{{\"id\":1,\"method\":\"get_status\",\"params\":{}", deep.repeat(65)).as_bytes(), -32700);
    }
    let closed =
        format!("{{\"id\":1,\"method\":\"get_status\",\"params\":{{\"a\":{}{}}}}}", "[".repeat(99), "]".repeat(99));
    add(closed.as_bytes(), -32700);
    for bytes in
        [&b"\xff"[..], b"\xc0\x80", b"{\"id\":\"\xed\xa0\x80\",\"method\":\"x\"}", b"\xf4\x90\x80\x80", b"\x80\x80\x80"]
    {
        add(bytes, -32700);
    }
    add(&vec![b'x'; MAX_LINE + 1], -32700);
    add(&vec![b' '; MAX_LINE + 1], -32700);
    all
}

/// Lines that are JSON and no requests, or requests that cannot be met.
fn requests() -> Vec<(Vec<u8>, i64)> {
    let mut all: Vec<(Vec<u8>, i64)> = Vec::new();
    let mut add = |bytes: &[u8], code| all.push((bytes.to_vec(), code));
    for text in [
        "1",
        "true",
        "null",
        "\"get_status\"",
        "{}",
        "[]",
        "{\"id\":1}",
        "{\"method\":null}",
        "{\"method\":[\"x\"]}",
        "{\"params\":{}}",
    ] {
        add(text.as_bytes(), -32600);
    }
    for id in ["true", "[]", "{}", "1.5", "1e400", "-0.1", "18446744073709551616", &format!("\"{}\"", "i".repeat(129))]
    {
        let code = if id == "1e400" { -32700 } else { -32600 };
        add(format!("{{\"id\":{id},\"method\":\"get_status\"}}").as_bytes(), code);
    }
    for name in [
        "",
        " ",
        "fly",
        "get_status ",
        "GET_STATUS",
        "get status",
        "../get_status",
        "__proto__",
        "session:fly",
        "\u{202e}sutats_teg",
        "\\u0000",
        "\\u001b]0;x",
        "rpc.discover",
        &"m".repeat(100_000),
    ] {
        add(format!("{{\"id\":1,\"method\":\"{name}\"}}").as_bytes(), -32601);
    }
    let one = "{\"id\":1,\"method\":\"get_status\"}";
    add(format!("[{}]", vec![one; 65].join(",")).as_bytes(), -32600);
    add(format!("[{}]", vec!["1"; 100_000].join(",")).as_bytes(), -32600);
    all
}

/// A value of the wrong kind for each field of each method, and each field that must be there left out.
fn wrong_fields() -> Vec<(String, Value)> {
    let document = schema();
    let place = "http://synk.test/schema.json";
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    compiler.add_resource(place, document.clone()).unwrap();
    let odd = [
        json!(null),
        json!(true),
        json!(-1),
        json!(1.5),
        json!(1e300),
        json!(u64::MAX),
        json!(70_000),
        json!("x"),
        json!([]),
        json!([null]),
        json!({}),
        json!({"x": []}),
        json!([[[]]]),
    ];
    let mut all = Vec::new();
    for (method, entry) in document["methods"].as_object().unwrap() {
        let to = entry["params"]["$ref"].as_str().unwrap();
        let index = compiler.compile(&format!("{place}{to}"), &mut schemas).unwrap();
        let shape = document.pointer(to.trim_start_matches('#')).unwrap();
        let required: Vec<&str> =
            shape["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let base: Map<String, Value> =
            required.iter().map(|name| ((*name).to_owned(), plausible(&shape["properties"][name]))).collect();
        let mut add = |params: Value| {
            if schemas.validate(&params, index).is_err() {
                all.push((method.clone(), params));
            }
        };
        for field in shape["properties"].as_object().into_iter().flatten().map(|(field, _)| field) {
            for value in &odd {
                let mut params = base.clone();
                params.insert(field.clone(), value.clone());
                add(Value::Object(params));
            }
        }
        for missing in &required {
            let mut params = base.clone();
            params.remove(*missing);
            add(Value::Object(params));
        }
        [json!([]), json!([1]), json!("x"), json!(1), json!(true)].into_iter().for_each(add);
    }
    all
}

/// A value that a field could have.
fn plausible(field: &Value) -> Value {
    match field["type"].as_str() {
        Some("string") => json!("nobody"),
        Some("integer") => json!(1),
        Some("array") => json!([]),
        None if field["$ref"].as_str().is_some_and(|to| to.ends_with("WaitUntil")) => json!("exit"),
        _ => json!({}),
    }
}

#[test]
fn junk_gets_an_error_and_fields_of_the_wrong_kind_are_named() {
    let target = Target::new();
    let lines = [lines(), requests()].concat();
    for (bytes, code) in &lines {
        let codes = target.refused(&[bytes, &b"\n"[..]].concat());
        let show = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]);
        // One that is too long may be cut off while it still writes, and its reply lost with that.
        assert!(codes == [*code] || codes.is_empty() && bytes.len() > MAX_LINE, "{show}: {codes:?}");
        // Half of it is nothing that could be answered.
        assert!(target.refused(&bytes[..bytes.len() / 2]).len() <= 1, "{show}");
    }
    let wrong = wrong_fields();
    for (method, params) in &wrong {
        let line = json!({"id": 1, "method": method, "params": params}).to_string() + "\n";
        let said = target.say(line.as_bytes());
        let reply = check::message(said.trim_end());
        let error = &reply["error"];
        assert!(matches!(error["code"].as_i64(), Some(-32602 | -32601)), "{line} {said}");
        assert!(error["data"]["field"].is_string() && error["data"]["expected"].is_string(), "{line} {said}");
    }
    assert!(lines.len() * 2 + wrong.len() >= 300, "{} and {}", lines.len(), wrong.len());
    target.assert_unharmed();
}

#[test]
fn streams_of_nonsense_end() {
    let target = Target::new();
    let begin = format!("{{\"id\":1,\"method\":\"{}\"}}\n", StreamFrames::NAME);
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    for round in 0..200_u32 {
        let mut bytes = begin.clone().into_bytes();
        // The length that it says, up to 4 GB, is seldom the one that it has.
        let length = [u32::MAX, u32::MAX / 2, 0, 1, 5, 6, 7, 1 << 24, 40, round][round as usize % 10];
        bytes.extend(length.to_le_bytes());
        for _ in 0..round % 97 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            bytes.push((random >> 33) as u8);
        }
        let said = String::from_utf8_lossy(&{
            let mut socket = target.connect();
            let _ = socket.write_all(&bytes).and_then(|()| socket.shutdown(Shutdown::Write));
            let mut said = Vec::new();
            let _ = socket.read_to_end(&mut said);
            said
        })
        .into_owned();
        assert!(said.starts_with('{'), "{round}: {said}");
    }
    target.assert_unharmed();
}

/// Names are labels: whatever they look like, they lead nowhere.
#[test]
fn names_and_values_that_look_dangerous_do_nothing() {
    let mut target = Target::new();
    let files = |user: &User| {
        let find = user.command("find").arg(user.path("")).output().unwrap();
        String::from_utf8(find.stdout).unwrap().lines().count()
    };
    let before = files(&target.user);
    for name in [
        "../x",
        "a/../../b",
        "/etc/passwd",
        "-rf",
        "--help",
        "$(id)",
        "`id`",
        "; id",
        "%s%n",
        "CON",
        "a\u{2215}b",
        "*",
        "~",
        "\u{202e}x",
        "😀",
    ] {
        let made = target.control.create(CreateParams {
            name: Some(name.into()),
            command: vec!["cat".into()],
            ..CreateParams::default()
        });
        let id = made.unwrap().session_id;
        let session = target.control.ask("get_session", json!({"session_id": name}));
        assert_eq!((&session["name"], &session["session_id"]), (&json!(name), &json!(id)));
        assert_eq!(target.control.ask("terminate_session", json!({"session_id": name})), json!({}));
    }
    assert_eq!(files(&target.user), before, "no name became a file");
    let long = "x".repeat(4096);
    for (field, value) in [
        ("name", json!("")),
        ("name", json!(" x")),
        ("name", json!("a\nb")),
        ("name", json!("a\u{1b}]0;x\u{7}")),
        ("name", json!("a\u{0}")),
        ("name", json!("\u{9b}31m")),
        ("name", json!(long)),
        ("session_id", json!("../x")),
        ("session_id", json!("")),
        ("agent", json!("a\tb")),
        ("agent", json!(long)),
        ("project", json!("relative")),
        ("project", json!("/a\u{0}")),
        ("workspace", json!("../none")),
        ("cols", json!(1)),
        ("cols", json!(1001)),
        ("rows", json!(0)),
        ("rows", json!(501)),
        ("env", json!({"A=B": "x"})),
        ("env", json!({"": "x"})),
        ("env", json!({"A": "\u{0}"})),
    ] {
        let line = json!({"id": 1, "method": "create_session", "params": {field: value}}).to_string() + "\n";
        assert_eq!(target.refused(line.as_bytes()), [-32602], "{line}");
    }
    // A place that is not there is told, and the session stands elsewhere; so is a program.
    for params in [
        json!({"cwd": "../../etc"}),
        json!({"cwd": long}),
        json!({"cwd": "/\u{0}"}),
        json!({"command": ["/\u{0}"]}),
        json!({"command": ["", "x"]}),
        json!({"command": [long]}),
    ] {
        let made = target.control.ask("create_session", params.clone());
        assert!(made["notice"].is_string(), "{params} {made}");
        target.control.ask("terminate_session", json!({"session_id": made["session_id"]}));
    }
    target.assert_unharmed();
}
