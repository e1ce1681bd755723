//! A host behind its socket: there is one, it is its owner's alone, junk does not hurt it, and it ends in order.

mod support;

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::Shutdown;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use support::{Control, PATIENCE, Viewer, host, options, until};
use synk::base::SessionNo;
use synk::host::{Exit, serve};
use synk::model::{Board, Layout};
use synk::protocol::PROTO_MAX;
use synk::protocol::methods::{
    CreateParams, CreateSession, Empty, GetStatus, Hello, HelloParams, ListSessions, SetWeights, SetWeightsParams,
    StopHost, StreamFrames,
};
use synk::protocol::path::HostPaths;
use synk::protocol::stream::{ClientMessage, HostMessage, Message, encode, read_raw};

/// The variable that turns [`child`] into a host.
const DIR: &str = "SYNK_TEST_HOST_DIR";

fn paths(dir: &Path) -> HostPaths {
    HostPaths::in_dir(&dir.join("synk")).unwrap()
}

/// Not a test of its own: the body of the processes that other tests start. Says how serving ended.
#[test]
fn child() {
    let Some(dir) = std::env::var_os(DIR) else { return };
    let line = match serve(&paths(&PathBuf::from(dir)), options()) {
        Ok(exit) => format!("ended: {exit:?}\n"),
        Err(e) => format!("failed: {e}\n"),
    };
    std::fs::write(std::env::var_os("SYNK_TEST_HOST_OUT").unwrap(), line).unwrap();
}

/// A host in a process of its own.
struct Process {
    child: Child,
    out: tempfile::NamedTempFile,
}

impl Process {
    fn start(dir: &Path, with: impl FnOnce(&mut Command) -> &mut Command) -> Self {
        let out = tempfile::NamedTempFile::new().unwrap();
        std::fs::set_permissions(out.path(), std::fs::Permissions::from_mode(0o666)).unwrap();
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "child", "--nocapture"]).env(DIR, dir).env("SYNK_TEST_HOST_OUT", out.path());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Self { child: with(&mut command).spawn().unwrap(), out }
    }

    /// How serving ended.
    fn end(mut self) -> String {
        self.child.wait().unwrap();
        std::fs::read_to_string(self.out.path()).unwrap()
    }

    fn signal(&self, signal: rustix::process::Signal) {
        rustix::process::kill_process(rustix::process::Pid::from_child(&self.child), signal).unwrap();
    }
}

fn connect(dir: &Path) -> Control {
    Control::new(until("the host answers", || UnixStream::connect(paths(dir).socket).ok()))
}

#[test]
fn of_twenty_hosts_started_at_once_one_stays() {
    let dir = tempfile::tempdir().unwrap();
    let mut hosts: Vec<Process> = (0..20).map(|_| Process::start(dir.path(), |c| c)).collect();
    let mut control = connect(dir.path());
    let pid = control.call::<GetStatus>(Empty {}).unwrap().pid;
    let one = hosts.iter().position(|h| h.child.id() == pid).unwrap();
    let one = hosts.remove(one);
    for other in hosts {
        assert_eq!(other.end(), "ended: AlreadyRunning\n");
    }
    let mut windows: Vec<Control> = (0..20).map(|_| connect(dir.path())).collect();
    for window in &mut windows {
        window.open();
    }
    assert_eq!(control.call::<ListSessions>(Empty {}).unwrap().sessions.len(), 1, "one first shell");
    control.call::<StopHost>(Empty {}).unwrap();
    assert_eq!(one.end(), "ended: Stopped\n");
    assert!(!paths(dir.path()).socket.exists());
}

#[test]
fn a_killed_host_leaves_nothing_in_the_way_of_the_next() {
    let dir = tempfile::tempdir().unwrap();
    for _ in 0..3 {
        let first = Process::start(dir.path(), |c| c);
        connect(dir.path()).open();
        first.signal(rustix::process::Signal::KILL);
        assert_eq!(first.end(), "");
        assert!(paths(dir.path()).socket.exists(), "a stale socket");
    }
    let host = Process::start(dir.path(), |c| c);
    // The stale socket refuses connections until the new host has replaced it.
    connect(dir.path()).open();
    let paths = paths(dir.path());
    let mode = |path: &Path| std::fs::metadata(path).unwrap().mode() & 0o777;
    assert_eq!((mode(&paths.dir), mode(&paths.socket)), (0o700, 0o600));
    let mut control = connect(dir.path());
    control.run("trap '' HUP TERM; while :; do sleep 1; done");
    let begun = Instant::now();
    host.signal(rustix::process::Signal::TERM);
    assert_eq!(control.line(), None);
    assert_eq!(host.end(), "ended: Stopped\n");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert!(!paths.socket.exists());
}

#[test]
fn somebody_elses_directory_is_refused() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    // Another user's directory where the host's should be, and the same user's elsewhere.
    let dir = tempfile::tempdir().unwrap();
    std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
    let runtime = paths(dir.path()).dir;
    std::fs::create_dir(&runtime).unwrap();
    chown(&runtime, Some(1), Some(1)).unwrap();
    let nobody = |c: &mut Command| -> *mut Command { c.uid(65534).gid(65534) };
    let as_nobody = |dir: &Path| {
        let out = Process::start(dir, |c| {
            nobody(c);
            c
        });
        out.end()
    };
    // The test's own program may lie where only root can read it.
    let exe = std::env::current_exe().unwrap();
    let readable = exe.ancestors().skip(1).all(|d| d.metadata().is_ok_and(|m| m.mode() & 0o005 == 0o005));
    if readable {
        let said = as_nobody(dir.path());
        assert!(said.starts_with("failed: ") && said.contains("belongs to another user"), "{said}");
    }
    let said = match serve(&paths(dir.path()), options()) {
        Err(e) => e.to_string(),
        Ok(exit) => panic!("{exit:?}"),
    };
    assert!(said.contains("belongs to another user"), "{said}");
}

#[test]
fn another_user_is_refused_by_the_socket_too() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let host = Process::start(dir.path(), |c| c);
    let mut control = connect(dir.path());
    // One that answers has set all modes there are.
    control.call::<GetStatus>(Empty {}).unwrap();
    // Even where the modes would let them in.
    let paths = paths(dir.path());
    for (path, mode) in [(dir.path(), 0o755), (&*paths.dir, 0o755), (&*paths.socket, 0o666)] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }
    // On Linux each thread has its own user, and the socket knows that of the one that connected.
    let ask = |user: Option<u32>| {
        let asking = || {
            if let Some(id) = user {
                rustix::thread::set_thread_gid(rustix::process::Gid::from_raw(id)).unwrap();
                rustix::thread::set_thread_uid(rustix::process::Uid::from_raw(id)).unwrap();
            }
            let mut socket = UnixStream::connect(&paths.socket).unwrap();
            socket.set_read_timeout(Some(PATIENCE)).unwrap();
            // The host may have hung up already.
            let _ = socket.write_all(b"{\"id\":1,\"method\":\"get_status\"}\n");
            socket.read(&mut [0; 100]).unwrap_or_default()
        };
        std::thread::scope(|scope| scope.spawn(asking).join().unwrap())
    };
    assert_ne!(ask(None), 0);
    assert_eq!(ask(Some(65534)), 0);
    control.call::<StopHost>(Empty {}).unwrap();
    assert_eq!(host.end(), "ended: Stopped\n");
}

#[test]
fn junk_is_answered_or_ends_its_own_connection() {
    let host = host();
    let mut control = Control::new(host.connect().unwrap());
    for (line, code) in [
        ("", None),
        ("hello?", Some(-32700)),
        ("[]", Some(-32600)),
        ("{\"id\":1}", Some(-32600)),
        ("{\"id\":1,\"method\":\"no_such\"}", Some(-32601)),
        ("{\"id\":1,\"method\":\"terminate_session\"}", Some(-32602)),
        ("{\"id\":1,\"method\":\"create_session\",\"params\":{\"cols\":-1}}", Some(-32602)),
        ("{\"id\":1,\"method\":\"create_session\",\"params\":{\"env\":{\"A=B\":\"\"}}}", Some(-32602)),
        ("{\"id\":1,\"method\":\"create_session\",\"params\":{\"workspace\":\"none\"}}", Some(-32602)),
        ("{\"method\":\"get_status\"}", None),
    ] {
        control.send_line(line);
        if let Some(code) = code {
            let reply: Value = serde_json::from_str(&control.line().unwrap()).unwrap();
            assert_eq!(reply["error"]["code"], json!(code), "{line}");
        }
    }
    let deep = "[".repeat(100_000);
    control.send_line(&deep);
    assert!(control.line().unwrap().contains("-32700"));
    for bytes in [vec![b'x'; (1 << 20) + 1], b"\xff\xfe\n".to_vec()] {
        let other = Control::new(host.connect().unwrap());
        // The host may have closed before everything was written.
        let _ = (&mut other.socket()).write_all(&bytes);
        let mut said = String::new();
        let _ = BufReader::new(other.socket()).read_to_string(&mut said);
        assert!(said.is_empty() || said.contains("-32700"), "{said}");
    }
    for bytes in
        [&[0xff; 10][..], &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0], &encode(SessionNo(1), &ClientMessage::Focus(true))[..10]]
    {
        let mut stream = Control::new(host.connect().unwrap());
        stream.call::<StreamFrames>(Empty {}).unwrap();
        (&mut stream.socket()).write_all(bytes).unwrap();
        stream.socket().shutdown(Shutdown::Write).unwrap();
        // Closed with something unread, a socket is reset at the other end (unix(7)).
        let end = stream.socket().read(&mut [0; 64]);
        assert!(end.as_ref().map_or_else(|e| e.kind() == ErrorKind::ConnectionReset, |n| *n == 0), "{end:?}");
    }
    assert_eq!(control.call::<GetStatus>(Empty {}).unwrap().num_sessions, 0);
}

#[test]
fn a_reply_comes_after_the_half_close_and_then_the_end() {
    let host = host();
    let mut socket = host.connect().unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let line = "{\"id\":\"1\",\"method\":\"create_session\",\"params\":{\"name\":\"dev\",\"type\":\"Local\"}}\n";
    socket.write_all(line.as_bytes()).unwrap();
    socket.shutdown(Shutdown::Write).unwrap();
    let lines: Vec<String> = BufReader::new(socket).lines().map(Result::unwrap).collect();
    let reply: Value = serde_json::from_str(&lines[0]).unwrap();
    assert_eq!((lines.len(), &reply["id"], &reply["result"]["name"]), (1, &json!("1"), &json!("dev")));
    let mut control = Control::new(host.connect().unwrap());
    let again = control.create(CreateParams { name: Some("dev".into()), ..CreateParams::default() }).unwrap_err();
    assert_eq!(again.code, 1002);
}

#[test]
fn what_follows_a_call_for_the_stream_at_once_is_part_of_it() {
    let host = host();
    let mut control = Control::new(host.connect().unwrap());
    let no = control.run("echo here; cat").no;
    let mut bytes = b"{\"id\":1,\"method\":\"get_status\"}\n{\"id\":2,\"method\":\"stream_frames\"}\n".to_vec();
    bytes.extend(encode(SessionNo(no), &ClientMessage::Subscribe));
    bytes.extend(encode(SessionNo(99), &ClientMessage::Subscribe));
    let mut socket = host.connect().unwrap();
    socket.write_all(&bytes).unwrap();
    let mut reader = BufReader::new(socket);
    for id in [1, 2] {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&line).unwrap()["id"], json!(id));
    }
    let mut got = Vec::new();
    while got.len() < 2 {
        let raw = read_raw(&mut reader).unwrap().unwrap();
        got.push((raw.session.0, HostMessage::read(&raw).unwrap().unwrap()));
    }
    assert!(got.iter().any(|(n, m)| *n == no && matches!(m, HostMessage::Frame(f) if f.base == 0)));
    assert!(got.contains(&(99, HostMessage::Gone)));
    control.open();
    let refused = control.call::<StreamFrames>(Empty {}).unwrap_err();
    assert_eq!(refused.code, -32600);
}

#[test]
fn versions_are_agreed_on_and_weights_are_kept() {
    let host = host();
    let mut control = Control::new(host.connect().unwrap());
    let hello =
        |proto_min, proto_max| HelloParams { proto_min, proto_max, client: "test".into(), env: Default::default() };
    assert_eq!(control.call::<Hello>(hello(1, 99)).unwrap().proto, PROTO_MAX);
    assert_eq!(control.call::<Hello>(hello(1, 2)).unwrap().proto, 2, "an older client is spoken to as it can");
    assert!(control.call::<Hello>(hello(PROTO_MAX + 1, 99)).unwrap_err().message.contains("restart the older one"));
    control.open();
    control.shell().unwrap();
    let weights: SetWeightsParams =
        serde_json::from_value(json!({"workspace": "default", "weights": {"columns": [3, 1], "rows": [7]}})).unwrap();
    control.call::<SetWeights>(weights).unwrap();
    let kept = |board: &Board| matches!(&board.workspace.layout, Layout::Grid(weights) if weights.columns == [3, 1]);
    control.until("the new weights", kept);
    let mut other = Control::new(host.connect().unwrap());
    other.open();
    assert_eq!(other.board.workspace.layout, control.board.workspace.layout);
}

#[test]
fn connections_have_a_limit_and_give_their_place_back() {
    let host = host();
    let mut all: Vec<UnixStream> = Vec::new();
    while let Ok(socket) = host.connect() {
        all.push(socket);
        assert!(all.len() <= 256);
    }
    assert_eq!(all.len(), 256);
    drop(all);
    let mut control = Control::new(until("there is room again", || host.connect().ok()));
    until("the others are gone", || (control.call::<GetStatus>(Empty {}).unwrap().num_clients == 1).then_some(()));
}

#[test]
fn one_connection_too_many_is_told_so() {
    let dir = tempfile::tempdir().unwrap();
    let host = Process::start(dir.path(), |c| c);
    let mut first = connect(dir.path());
    let all: Vec<UnixStream> = (0..255).map(|_| UnixStream::connect(paths(dir.path()).socket).unwrap()).collect();
    until("all are in", || (first.call::<GetStatus>(Empty {}).unwrap().num_clients == 256).then_some(()));
    let mut line = String::new();
    BufReader::new(UnixStream::connect(paths(dir.path()).socket).unwrap()).read_line(&mut line).unwrap();
    assert!(line.contains("too many connections"), "{line:?}");
    drop(all);
    first.call::<StopHost>(Empty {}).unwrap();
    assert_eq!(host.end(), "ended: Stopped\n");
}

#[test]
fn a_host_that_was_started_without_care_for_children_sees_them_end() {
    let dir = tempfile::tempdir().unwrap();
    let out = tempfile::NamedTempFile::new().unwrap();
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' CHLD; exec \"$0\" --exact child"]).arg(std::env::current_exe().unwrap());
    command.env(DIR, dir.path()).env("SYNK_TEST_HOST_OUT", out.path()).stdout(Stdio::null());
    let host = Process { child: command.spawn().unwrap(), out };
    let mut control = connect(dir.path());
    control.open();
    let ends = ["sh", "-c", "exit 7"].map(str::to_owned).to_vec();
    let created = control.create(CreateParams { command: ends, ..CreateParams::default() }).unwrap();
    control.until("its end", |board| board.session(SessionNo(created.no)).is_some_and(|s| s.exit_code == Some(7)));
    control.call::<StopHost>(Empty {}).unwrap();
    assert_eq!(host.end(), "ended: Stopped\n");
}

#[test]
fn a_client_that_never_reads_is_no_burden() {
    let host = host();
    let mut control = Control::new(host.connect().unwrap());
    control.open();
    let no = control.board.workspace.panes[0];
    // It follows the board and asks without ever reading.
    let mut deaf = host.connect().unwrap();
    let open = "{\"id\":1,\"method\":\"open_workspace\",\"params\":{\"workspace\":\"default\"}}\n";
    deaf.write_all(open.as_bytes()).unwrap();
    let asking = std::thread::spawn(move || {
        let line = "{\"id\":2,\"method\":\"list_sessions\"}\n".repeat(1000);
        while deaf.write_all(line.as_bytes()).is_ok() {}
    });
    let mut viewer = Viewer::new(host.connect().unwrap());
    viewer.watch(no.0);
    viewer.type_text(no, "echo still-$((1+1))\n");
    viewer.until_text(no, "still-2");
    // The host stops reading from it or cuts it off; either way others go on, and the host ends in time.
    assert_eq!(control.call::<CreateSession>(CreateParams::default()).unwrap().no, no.0 + 1);
    drop(host);
    asking.join().unwrap();
}

#[test]
fn serving_twice_in_one_process_is_refused_in_words() {
    let dir = tempfile::tempdir().unwrap();
    let host = Process::start(dir.path(), |c| c);
    let mut control = connect(dir.path());
    assert_eq!(serve(&paths(dir.path()), options()).unwrap(), Exit::AlreadyRunning);
    control.call::<StopHost>(Empty {}).unwrap();
    assert_eq!(control.line(), None, "the end of the connection is the end of the host");
    assert_eq!(host.end(), "ended: Stopped\n");
}
