//! Clients find their host again: the real program as window, as attached terminal and on the command line, while the
//! host is killed and another one takes its place. That one does not know the sessions of the first, so what is seen here
//! is that a client comes back to its workspace and works in what is new there.

#[path = "support/desktop.rs"]
mod desktop;
mod support;
#[path = "support/terminal.rs"]
mod terminal;
#[path = "support/user.rs"]
mod user;

use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Stdio};

use desktop::{Desktop, WINDOW};
use rustix::process::{Pid, Signal, kill_process};
use support::until;
use synk::protocol::methods::{Empty, GetStatus};
use terminal::Terminal;
use user::User;

/// Colour of the built-in theme.
const WARNING: u32 = 0xe5_a1_3a;

/// A host that a test runs itself.
struct Host(Child);

impl Host {
    fn of_desktop(desktop: &Desktop) -> Self {
        Self(desktop.synk().arg("daemon").stderr(Stdio::null()).spawn().unwrap())
    }

    fn of_user(user: &User) -> Self {
        Self(user.synk_command(&["daemon"]).stderr(Stdio::null()).spawn().unwrap())
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Kills a host, and waits until its place is free.
fn kill(pid: u32, socket: &Path) {
    kill_process(Pid::from_raw(pid as i32).unwrap(), Signal::KILL).unwrap();
    until("the killed host is gone", || UnixStream::connect(socket).is_err().then_some(()));
}

#[test]
fn a_window_comes_back_to_its_workspace_by_itself() {
    let desktop = Desktop::new("Settings(cursor_blink: false)");
    let window = desktop.open(&[]);
    let first = desktop.until_sessions(1);
    desktop.until_line(first[0].no, "$");
    kill(desktop.host_pid(), &desktop.path("run/synk/synk.sock"));
    let _host = Host::of_desktop(&desktop);
    desktop::until("another host answers", || desktop.control());
    let made = desktop.synk().args(["new", "-d", "--workspace", "default"]).output().unwrap();
    assert!(made.status.success());
    let second = desktop.until_sessions(1);
    assert_ne!(first[0].session_id, second[0].session_id);
    // Without a key that was pressed for it: the window watches the session, and what is typed goes there.
    desktop::until("the window watches it", || (desktop.sessions()[0].clients > 0).then_some(()));
    let banner = (0, 0, WINDOW.0, 24);
    desktop::until("nothing is said any more", || (window.pixels().count(banner, WARNING) == 0).then_some(()));
    window.line("echo back-$((6*7))");
    desktop.until_line(second[0].no, "back-42");
}

#[test]
fn a_terminal_says_that_the_session_is_gone_that_no_host_has_any_more() {
    let (user, mut control) = terminal::user();
    control.run_as("dev", "echo here; exec cat");
    let mut terminal = Terminal::start(&user, &["attach", "-t", "dev"], 80, 24);
    terminal.until_text("here");
    kill(control.call::<GetStatus>(Empty {}).unwrap().pid, &user.socket());
    let _host = Host::of_user(&user);
    assert_eq!(terminal.ended().code(), Some(0));
    terminal.until_text("[the session was ended]");
    terminal.assert_put_back();
}

#[test]
fn a_terminal_keeps_its_picture_and_can_be_left_while_the_host_is_away() {
    let (user, mut control) = terminal::user();
    control.run_as("dev", "echo here; exec cat");
    let mut terminal = Terminal::start(&user, &["attach", "-t", "dev"], 80, 24);
    terminal.until_text("here");
    kill(control.call::<GetStatus>(Empty {}).unwrap().pid, &user.socket());
    terminal.until("the mark", |screen| screen.text().contains("reconnecting") && screen.text().contains("here"));
    terminal.send("\x1c");
    assert_eq!(terminal.ended().code(), Some(0));
    terminal.until_text("[detached from dev]");
    terminal.assert_put_back();
}
