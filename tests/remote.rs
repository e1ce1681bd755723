//! Another machine's host, over the real OpenSSH: `synk --host`.

#[path = "support/process.rs"]
mod process;
#[path = "support/sshd.rs"]
mod sshd;
#[path = "support/user.rs"]
mod user;

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Output, Stdio};

use serde_json::Value;
use sshd::Sshd;
use user::User;

const STATUS: &[u8] = b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"get_status\"}\n";

/// The user here and the user there, who is reached as `box`.
fn both() -> (User, User, Sshd) {
    let (mut here, there) = (User::new(), User::new());
    let sshd = Sshd::of(&there.path("home"), &there.path("run"));
    here.vars.push(("SYNK_SSH".into(), format!("ssh -F {}", sshd.client_config().display())));
    here.vars.push(("SYNK_REMOTE_COMMAND".into(), env!("CARGO_BIN_EXE_synk").into()));
    (here, there, sshd)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn ok(out: &Output) -> String {
    assert!(out.status.success(), "{}", text(&out.stderr));
    text(&out.stdout)
}

#[test]
fn verbs_reach_the_host_of_another_machine() {
    let (here, there, mut sshd) = both();
    let none = here.synk(&["--host", "box", "status"]);
    assert_eq!(none.status.code(), Some(3), "{}", text(&none.stderr));
    assert!(!there.socket().exists(), "asking starts nothing");

    let made = here.synk(&["--host", "box", "new", "-d", "-s", "far", "--workspace", "default", "--", "sleep", "1000"]);
    assert_eq!(ok(&made), "far\n");
    assert!(there.socket().exists() && !here.socket().exists());
    let list: Value = serde_json::from_str(&ok(&here.synk(&["ls", "--json", "--host", "box"]))).unwrap();
    let session = &list["sessions"][0];
    assert_eq!((session["name"].as_str(), session["cwd"].as_str()), (Some("far"), there.path("home").to_str()));
    assert_eq!(list, serde_json::from_str::<Value>(&ok(&there.synk(&["ls", "--json"]))).unwrap());
    let pid = session["pid"].as_u64().unwrap();
    let environment = text(&std::fs::read(format!("/proc/{pid}/environ")).unwrap());
    assert!(environment.contains(&format!("SYNK_SOCKET={}", there.socket().display())), "{environment}");
    let relative = here.synk(&["--host", "box", "new", "-d", "-c", "sub"]);
    assert!(relative.status.code() == Some(2) && text(&relative.stderr).contains("whole path"));

    // One connection carries them all.
    let shared = std::fs::read_dir(here.path("run/synk")).unwrap();
    assert_eq!(shared.filter(|e| e.as_ref().unwrap().file_name().to_string_lossy().starts_with("ssh-")).count(), 1);

    let picture = here.path("far.png");
    ok(&here.synk(&["--host", "box", "shot", "--out", picture.to_str().unwrap()]));
    assert!(std::fs::read(picture).unwrap().starts_with(b"\x89PNG"));
    ok(&here.synk(&["--host", "box", "daemon", "stop", "--yes"]));
    assert!(!there.socket().exists());
    sshd.stop();
    let gone = here.synk(&["--host", "box", "ls"]);
    let why = text(&gone.stderr);
    assert!(gone.status.code() == Some(1) && why.contains("box: ") && why.contains("Connection refused"), "{why}");
}

#[test]
fn a_machine_without_synk_and_one_that_is_not_known_are_told() {
    let (mut here, _there, sshd) = both();
    sshd.distrust();
    // Nobody can be asked: this test has no terminal of its own.
    let mut unasked = here.command("setsid");
    unasked.args(["-w", env!("CARGO_BIN_EXE_synk"), "--host", "box", "ls"]);
    let why = text(&unasked.output().unwrap().stderr);
    assert!(why.contains("Host key verification failed") && why.contains("in a terminal first"), "{why}");
    sshd.trust();
    here.vars.retain(|(name, _)| name != "SYNK_REMOTE_COMMAND");
    here.vars.push(("SYNK_REMOTE_COMMAND".into(), "no-such-synk".into()));
    let out = here.synk(&["--host", "box", "ls"]);
    let why = text(&out.stderr);
    assert!(out.status.code() == Some(1) && why.contains("there is no `no-such-synk` there"), "{why}");
}

#[test]
fn a_relay_keeps_the_half_close_and_ends_with_either_side() {
    let user = User::new();
    let relay = |args: &[&str]| {
        let mut command = user.command(env!("CARGO_BIN_EXE_synk"));
        command.arg("relay").args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    };
    let none = relay(&["--no-start"]).wait_with_output().unwrap();
    assert_eq!((none.status.code(), text(&none.stdout)), (Some(3), String::new()));

    let mut asked = relay(&[]);
    let mut input = asked.stdin.take().unwrap();
    input.write_all(STATUS).unwrap();
    drop(input);
    let out = asked.wait_with_output().unwrap();
    assert!(out.status.success(), "{}", text(&out.stderr));
    let said = text(&out.stdout);
    let (first, answer) = said.split_once('\n').unwrap();
    assert!(first == "synk relay ready" && answer.contains("\"num_sessions\":0"), "{said}");

    let mut held = relay(&[]);
    let (mut input, mut output) = (held.stdin.take().unwrap(), BufReader::new(held.stdout.take().unwrap()));
    output.read_line(&mut String::new()).unwrap();
    input.write_all(STATUS).unwrap();
    let mut answer = String::new();
    output.read_line(&mut answer).unwrap();
    assert!(answer.contains("num_sessions"), "answered while more may come: {answer}");
    assert!(user.synk(&["daemon", "stop", "-y"]).status.success());
    assert_eq!(output.read(&mut [0]).unwrap(), 0, "its input is still open");
    assert!(held.wait().unwrap().success());
}

#[test]
fn a_relay_that_nobody_hears_any_more_ends_though_an_answer_is_owed() {
    let user = User::new();
    user.ok(&["new", "-d", "-s", "stays", "--", "cat"]);
    let mut command = user.command(env!("CARGO_BIN_EXE_synk"));
    let mut relay = command.arg("relay").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let wait = b"{\"id\":1,\"method\":\"wait_for\",\"params\":{\"session_id\":\"stays\",\"until\":\"exit\"}}\n";
    relay.stdin.take().unwrap().write_all(&[STATUS, wait].concat()).unwrap();
    let mut output = BufReader::new(relay.stdout.take().unwrap());
    for expected in ["synk relay ready", "num_sessions"] {
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        assert!(line.contains(expected), "{line}");
    }
    drop(output);
    assert!(relay.wait().unwrap().success());
}
