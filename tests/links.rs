//! Sessions on other machines and on serial lines, with the real OpenSSH and with pairs of terminals for lines.

#[path = "support/process.rs"]
mod process;
#[path = "support/sshd.rs"]
mod sshd;
mod support;

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use sshd::Sshd;
use support::{Control, Viewer, host, options, until};
use synk::base::SessionNo;
use synk::host::embed;
use synk::model::{Board, SessionInfo, SessionState};
use synk::protocol::methods::{CreateParams, DEFAULT_WORKSPACE, ReconnectSession, SessionParams};
use synk::protocol::shapes::{FlowControl, Parity, SerialShape, SessionType, SshShape};

fn ssh(host: &str) -> SessionType {
    SessionType::Ssh(SshShape { host: host.into(), port: None, user: None })
}

fn params(kind: SessionType) -> CreateParams {
    CreateParams { kind, workspace: Some(DEFAULT_WORKSPACE.into()), ..CreateParams::default() }
}

fn info(board: &Board, no: SessionNo) -> &SessionInfo {
    board.session(no).unwrap()
}

/// Whether the board has the session by now, and it is like that.
fn is(board: &Board, no: SessionNo, holds: impl Fn(&SessionInfo) -> bool) -> bool {
    board.session(no).is_some_and(holds)
}

#[test]
fn an_ssh_session_asks_works_is_lost_and_comes_back() {
    let sshd = Sshd::start(&[("HOME", "/")]);
    let config = sshd.client_config().display().to_string();
    let mut options = options();
    options.ssh = ["ssh", "-F", &config].map(Into::into).to_vec();
    let host = embed(options).unwrap();
    let mut control = Control::new(host.connect().unwrap());
    control.open();
    let made = control.create(params(ssh("box"))).unwrap();
    assert_eq!(made.name, "box-1");
    let mut viewer = Viewer::new(host.connect().unwrap());
    let no = viewer.watch(made.no);
    // The key is not known yet, and the session is where that is asked and answered.
    viewer.until_text(no, "continue connecting");
    viewer.type_text(no, "yes\n");
    // The other machine's shell, told apart from what was typed.
    viewer.type_text(no, "echo fa''r-$((6*7)) $TERM\n");
    viewer.until_text(no, "far-42 xterm-256color");
    control.until("it is connected", |board| is(board, no, |s| !s.disconnected && s.pid.is_some()));
    let before = info(&control.board, no).clone();
    assert_eq!(before.cwd, "", "a directory of here would be another thing there");

    sshd.cut();
    control.until("the lost link is told", |board| is(board, no, |s| s.disconnected));
    viewer.until_text(no, "Enter connects again");
    assert_ne!(info(&control.board, no).state, SessionState::Stopped);
    assert_eq!(info(&control.board, no).exit_code, None);
    // Nothing that is typed now is kept for whoever is there later.
    viewer.type_text(no, "echo lo''st\n");
    control.until("the link is back", |board| is(board, no, |s| !s.disconnected));
    viewer.type_text(no, "echo ba''ck-$((6*7))\n");
    viewer.until_text(no, "back-42");
    let after = info(&control.board, no);
    assert_eq!((after.id, &after.name), (before.id, &before.name));
    assert_ne!(after.pid, before.pid);
    assert!(viewer.text(no).contains("far-42") && !viewer.text(no).contains("lost"), "{}", viewer.text(no));
    assert_eq!(control.board.workspace.panes.len(), 2);

    sshd.cut();
    control.until("the link is lost again", |board| is(board, no, |s| s.disconnected));
    control.call::<ReconnectSession>(SessionParams { session_id: "box-1".into() }).unwrap();
    control.until("the API brings it back too", |board| is(board, no, |s| !s.disconnected));
    viewer.type_text(no, "exit 130\n");
    control.until("an end is an end", |board| is(board, no, |s| s.state == SessionState::Stopped));
    assert_eq!((info(&control.board, no).exit_code, info(&control.board, no).disconnected), (Some(130), false));
    let error = control.call::<ReconnectSession>(SessionParams { session_id: "1".into() }).unwrap_err();
    assert_eq!((error.code, &error.data.unwrap()["field"]), (-32602, &"session_id".into()));
}

#[test]
fn a_machine_that_is_not_there_can_be_tried_again() {
    let host = host();
    let mut control = Control::new(host.connect().unwrap());
    control.open();
    let to = SshShape { host: "127.0.0.1".into(), port: Some(1), user: None };
    let made = control.create(params(SessionType::Ssh(to))).unwrap();
    let no = SessionNo(made.no);
    control.until("it says so", |board| is(board, no, |s| s.disconnected));
    let mut viewer = Viewer::new(host.connect().unwrap());
    viewer.watch(made.no);
    viewer.until_text(no, "Enter connects again");
    assert!(viewer.text(no).contains("Connection refused"), "{}", viewer.text(no));
    viewer.type_text(no, "\n");
    viewer.until(no, "it is tried again", |m| m.screen.text().matches("Connection refused").count() == 2);
    let error = control.create(params(ssh("-oProxyCommand=touch x"))).unwrap_err();
    assert_eq!((error.code, &error.data.unwrap()["field"]), (-32602, &"type.Ssh.host".into()));
}

/// Two ends of a line, until it is dropped: that is the plug being pulled.
struct Line(Child);

impl Line {
    fn plug_in(dir: &Path) -> Self {
        let end = |name: &str| format!("pty,raw,echo=0,link={}", dir.join(name).display());
        let socat = Command::new("socat").args([end("A"), end("B")]).stdin(Stdio::null()).spawn();
        let socat = socat.expect("socat; the tests need it: install the packages that `make setup` names");
        until("both ends are there", || (dir.join("A").exists() && dir.join("B").exists()).then_some(()));
        Self(socat)
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        // Asked to end, it removes the links.
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}

/// How many descriptors of this process are on a device, even on one that is gone.
fn opened(device: &Path) -> usize {
    let links = fs::read_dir("/proc/self/fd").unwrap().flatten().filter_map(|fd| fs::read_link(fd.path()).ok());
    // The name of one that is gone is followed by a word that says so (proc_pid_fd(5)).
    links.filter(|link| link.to_str().and_then(|name| name.split(' ').next()) == device.to_str()).count()
}

fn serial(device: &Path) -> SerialShape {
    SerialShape {
        device: device.to_str().unwrap().into(),
        baud: 9600,
        data_bits: 8,
        parity: Parity::None,
        stop_bits: 1,
        flow_control: FlowControl::None,
    }
}

#[test]
fn a_serial_line_is_read_written_unplugged_and_plugged_in_again() {
    let host = host();
    let mut control = Control::new(host.connect().unwrap());
    control.open();
    let dir = tempfile::tempdir().unwrap();
    let (near, far) = (dir.path().join("A"), dir.path().join("B"));
    let missing = control.create(params(SessionType::Serial(serial(&near)))).unwrap_err();
    assert_eq!((missing.code, &missing.data.as_ref().unwrap()["field"]), (-32602, &"type.Serial".into()));
    assert!(missing.message.contains("cannot be opened: No such file"), "{missing}");
    assert_eq!(control.board.workspace.panes.len(), 1, "nothing stays of it");

    let line = Line::plug_in(dir.path());
    let odd = SerialShape { parity: Parity::Odd, ..serial(&near) };
    let refused = control.create(params(SessionType::Serial(odd))).unwrap_err();
    assert!(refused.message.contains("refuses parity odd"), "{refused}");
    let made = control.create(params(SessionType::Serial(serial(&near)))).unwrap();
    assert_eq!(made.name, "A-1");
    let mut viewer = Viewer::new(host.connect().unwrap());
    let no = viewer.watch(made.no);
    let talk = |viewer: &mut Viewer, word: &str| {
        // A device that sends back what it is sent, in other words.
        let mut device = fs::OpenOptions::new().read(true).write(true).open(&far).unwrap();
        std::io::Write::write_all(&mut device, format!("ready {word}\r\n").as_bytes()).unwrap();
        viewer.until_text(no, &format!("ready {word}"));
        viewer.type_text(no, "hi\n");
        let mut said = [0; 3];
        std::io::Read::read_exact(&mut device, &mut said).unwrap();
        assert_eq!(&said, b"hi\r");
        device
    };
    let name = fs::canonicalize(&near).unwrap();
    assert!(opened(&name) > 0);
    let device = talk(&mut viewer, "one");
    control.until("it is connected", |board| is(board, no, |s| !s.disconnected));
    assert_eq!(info(&control.board, no).pid, None);

    drop((line, device));
    control.until("it is unplugged", |board| is(board, no, |s| s.disconnected));
    viewer.until_text(no, "synk: disconnected");
    // While somebody has it open, the kernel does not give its name to the device that is plugged in next.
    until("the device is let go", || (opened(&name) == 0).then_some(()));
    viewer.type_text(no, "\n");
    viewer.until_text(no, "cannot be opened");
    let line = Line::plug_in(dir.path());
    control.until("it is back by itself", |board| is(board, no, |s| !s.disconnected));
    let device = talk(&mut viewer, "two");
    assert!(viewer.text(no).contains("ready one"), "what was there stays");
    drop((device, line));
    control.until("it is unplugged again", |board| is(board, no, |s| s.disconnected));
    // It ends although it waits for its line.
    control.call::<synk::protocol::methods::TerminateSession>(SessionParams { session_id: "A-1".into() }).unwrap();
    control.until("it is gone", |board| board.session(no).is_none());
}
