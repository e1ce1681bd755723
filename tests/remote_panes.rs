//! Panes of several machines in one grid: a session of another machine's host beside those of this one, over the real
//! OpenSSH and on a real X server.

#[path = "support/desktop.rs"]
mod desktop;
#[path = "support/process.rs"]
mod process;
#[path = "support/sshd.rs"]
mod sshd;
#[path = "support/user.rs"]
mod user;

use desktop::{Desktop, WINDOW, signal, until};
use serde_json::{Value, json};
use sshd::Sshd;
use user::User;

/// A colour that nothing else in a window has.
const PAINT: u32 = 0x00c8_1e5a;

/// The machine that is reached as `box`, with a session there.
fn machine() -> (User, Sshd) {
    let there = User::new();
    let sshd = Sshd::of(&there.path("home"), &there.path("run"));
    there.ok(&["new", "-d", "-s", "dev", "--", "sh"]);
    (there, sshd)
}

fn reaching(sshd: &Sshd) -> Vec<(String, String)> {
    let ssh = format!("ssh -F {}", sshd.client_config().display());
    vec![("SYNK_SSH".into(), ssh), ("SYNK_REMOTE_COMMAND".into(), env!("CARGO_BIN_EXE_synk").into())]
}

/// Waits until this is a line of the session there.
fn until_line(there: &User, line: &str) {
    let text = || there.ok(&["capture", "-t", "dev"]);
    until(&format!("the line {line:?} in the session of the other machine, which shows\n{}", text()), || {
        text().lines().any(|l| l == line).then_some(())
    });
}

fn session(there: &User) -> Value {
    there.sessions()[0].clone()
}

#[test]
fn a_window_shows_a_session_of_another_machine_beside_its_own() {
    let (there, sshd) = machine();
    let mut desktop = Desktop::new("Settings(cursor_blink: false)");
    desktop.vars = reaching(&sshd);
    let window = desktop.open(&[]);
    let own = desktop.until_sessions(1)[0].no;
    desktop.until_line(own, "$");
    let made = desktop.synk().args(["new", "--workspace", "default", "--remote", "box", "dev"]).output().unwrap();
    assert!(made.status.success(), "{}", user::stderr(&made));
    desktop.until_sessions(2);

    // It has the room of its pane, and one client.
    let shown = until("the window is there", || Some(session(&there)).filter(|s| s["clients"] == 1));
    until("the size of its pane", || (session(&there)["cols"].as_u64() < Some(80)).then_some(()));
    assert_eq!(shown["state"], "Running");
    window.keys(&["ctrl+shift+Right"]);
    window.line("echo there-$((6*7))");
    until_line(&there, "there-42");
    window.line(r"printf '\033[48;2;200;30;90m\033[2J\033[H'; sleep 1000");
    let right = (WINDOW.0 / 2, 100, WINDOW.0, WINDOW.1 - 100);
    until("its screen in the right half", || (window.pixels().count(right, PAINT) > 100_000).then_some(()));
    window.keys(&["ctrl+c"]);
    window.line("tput sgr0; clear; echo go-$((1+1))");
    until_line(&there, "go-2");

    // The connection is lost and comes back by itself; what was typed meanwhile is not lost.
    let cut = sshd.connections();
    sshd.cut();
    window.line("echo again-$((6*7))");
    until_line(&there, "again-42");
    assert!(sshd.connections().iter().all(|pid| !cut.contains(pid)));

    // Its own host is killed, which the other machine does not hear of.
    signal(desktop.host_pid(), "KILL");
    until("the host is back with both", || (desktop.sessions().len() == 2).then_some(()));
    window.line("echo still-$((6*7))");
    until_line(&there, "still-42");
    window.keys(&["ctrl+shift+Left"]);
    window.line("echo here-$((6*7))");
    desktop.until_line(own, "here-42");

    // The pane goes, the session does not.
    window.keys(&["ctrl+shift+Right", "ctrl+shift+w"]);
    desktop.until_sessions(1);
    until("nobody watches it", || (session(&there)["clients"] == 0).then_some(()));
    assert_eq!(session(&there)["state"], "Detached");
}

#[test]
fn a_host_keeps_the_place_of_a_session_and_no_more() {
    let user = User::new();
    let kept = user.json(&["new", "--workspace", "default", "--remote", "me@box:2222", "dev"]);
    assert_eq!((kept["name"].as_str(), kept["pane_index"].as_u64()), (Some("dev-1"), Some(0)));
    let place = || user.sessions().into_iter().find(|s| s["name"] == "dev-1").unwrap();
    let kind = json!({"Remote": {"host": "box", "port": 2222, "user": "me", "session": "dev"}});
    assert_eq!((&place()["type"], &place()["pid"], &place()["disconnected"]), (&kind, &Value::Null, &json!(true)));
    let list = user.ok(&["ls"]);
    assert!(list.contains("elsewhere") && list.contains("dev of me@box:2222"), "{list}");
    let text = user.ok(&["capture", "-t", "dev-1"]);
    assert!(text.contains("synk --host me@box:2222 attach dev"), "{text}");
    for verb in [&["send", "-t", "dev-1", "x"][..], &["reconnect", "-t", "dev-1"]] {
        let out = user.synk(verb);
        assert!(!out.status.success(), "{verb:?} is not for this host: {}", user::stderr(&out));
    }

    // It stays when the host is killed, and when everything has ended.
    let pid = user.json(&["status"])["pid"].as_u64().unwrap();
    signal(pid as u32, "KILL");
    until("another host", || (user.json(&["status"])["pid"] != pid).then_some(()));
    assert_eq!(place()["type"], kind);
    user.ok(&["daemon", "stop", "--yes"]);
    user.start_host();
    assert_eq!((&place()["type"], &place()["name"]), (&kind, &json!("dev-1")));
    let again = user.ok(&["capture", "-t", "dev-1"]);
    assert!(again.contains("attach dev") && !again.contains("restored"), "{again}");
    user.ok(&["kill", "-t", "dev-1"]);
    assert!(user.sessions().is_empty());

    for (machine, session, field) in [("b$x", "dev", "type.Remote.host"), ("box", "a\nb", "type.Remote.session")] {
        let why = user::stderr(&user.synk(&["new", "--remote", machine, session]));
        assert!(why.contains(field), "{why}");
    }
    user.fails(2, &["new", "--remote", "box"]);
}
