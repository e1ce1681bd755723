//! Every way out of `synk attach` puts the terminal back and says why.

#[path = "support/process.rs"]
mod process;
mod support;
#[path = "support/terminal.rs"]
mod terminal;
#[path = "support/user.rs"]
mod user;

use std::time::Instant;

use process::kill_host;
use rustix::process::{Signal, kill_process};
use support::{Control, PATIENCE};
use synk::model::{Modes, SessionState};
use synk::protocol::methods::{
    DetachParams, DetachSession, Empty, GetStatus, ListSessions, SessionParams, TerminateSession,
};
use terminal::Terminal;
use user::User;

/// A terminal on a session whose program has set what there is to set.
fn attached(user: &User, control: &mut Control) -> Terminal {
    let set =
        "printf '\\033]2;t\\007\\033[?1003h\\033[?1006h\\033[?1004h\\033[?25l\\033=\\033[5 q\\033[?2004hset'; exec cat";
    control.run_as("dev", set);
    let mut terminal = Terminal::start(user, &["attach", "-t", "dev"], 80, 24);
    terminal.until_text("set");
    let on = Modes::MOUSE_MOTION | Modes::FOCUS_EVENTS | Modes::APP_KEYPAD | Modes::ALT_SCREEN;
    terminal.until("the modes", |screen| screen.modes.has(on) && !screen.cursor.visible);
    terminal
}

#[test]
fn detached_by_its_key() {
    let (user, mut control) = terminal::user();
    let mut terminal = attached(&user, &mut control);
    terminal.send("\x1c");
    assert_eq!(terminal.ended().code(), Some(0));
    terminal.until_text("[detached from dev]");
    terminal.assert_put_back();
    let list = control.call::<ListSessions>(Empty {}).unwrap();
    let state = SessionState::from_name(&list.sessions[0].state);
    assert!(state.is_some_and(|s| s != SessionState::Stopped), "it lives on");
}

#[test]
fn ended_by_its_program() {
    let (user, mut control) = terminal::user();
    control.run_as("short", "read -r x; exit 3");
    let mut terminal = Terminal::start(&user, &["attach", "-t", "short"], 80, 24);
    terminal.until("the alternate screen", |screen| screen.modes.has(Modes::ALT_SCREEN));
    terminal.send("\r");
    assert_eq!(terminal.ended().code(), Some(0));
    terminal.until_text("[exited with code 3]");
    terminal.assert_put_back();
    let late = Terminal::start(&user, &["attach", "-t", "short"], 80, 24).ended();
    assert_eq!(late.code(), Some(1), "there is nothing to attach to any more");
}

#[test]
fn ended_by_somebody_else() {
    let (user, mut control) = terminal::user();
    let mut terminal = attached(&user, &mut control);
    control.call::<TerminateSession>(SessionParams { session_id: "dev".into() }).unwrap();
    assert_eq!(terminal.ended().code(), Some(0));
    terminal.assert_put_back();
}

#[test]
fn detached_by_another_client() {
    let (user, mut control) = terminal::user();
    let mut terminal = attached(&user, &mut control);
    support::until("the host counts it", || {
        let list = control.call::<ListSessions>(Empty {}).unwrap();
        (list.sessions[0].clients == 1).then_some(())
    });
    let all = DetachParams { session_id: "dev".into(), client_id: None, all: true };
    assert_eq!(control.call::<DetachSession>(all).unwrap().detached, 1);
    assert_eq!(terminal.ended().code(), Some(0));
    terminal.until_text("[detached by another client]");
    terminal.assert_put_back();
}

#[test]
fn signals_put_the_terminal_back() {
    let (user, mut control) = terminal::user();
    let mut first = attached(&user, &mut control);
    for signal in [Signal::TERM, Signal::INT, Signal::HUP] {
        let mut terminal = Terminal::start(&user, &["attach", "-t", "dev"], 80, 24);
        terminal.until_text("set");
        kill_process(terminal.pid(), signal).unwrap();
        assert_eq!(terminal.ended().code(), Some(1), "{signal:?}");
        terminal.assert_put_back();
    }
    first.send("alive");
    first.until_text("alive");
}

#[test]
fn a_host_that_is_killed_leaves_a_terminal_that_works() {
    let (user, mut control) = terminal::user();
    let host = control.call::<GetStatus>(Empty {}).unwrap().pid;
    let mut terminal = attached(&user, &mut control);
    kill_host(host);
    assert_eq!(terminal.ended().code(), Some(1));
    terminal.until_text("synk: no host is running");
    terminal.assert_put_back();
    assert_eq!(Terminal::start(&user, &["attach"], 80, 24).ended().code(), Some(3), "no host runs any more");
}

#[test]
fn a_terminal_that_is_closed_ends_it() {
    let (user, mut control) = terminal::user();
    let mut child = attached(&user, &mut control).close();
    let end = Instant::now() + PATIENCE;
    while child.try_wait().unwrap().is_none() {
        assert!(Instant::now() < end, "it lives on without a terminal");
        std::thread::yield_now();
    }
}

#[test]
fn being_stopped_and_continued_draws_everything_anew() {
    let (user, mut control) = terminal::user();
    let mut terminal = attached(&user, &mut control);
    kill_process(terminal.pid(), Signal::STOP).unwrap();
    // What a shell does with a terminal in the meantime.
    terminal.engine.feed(b"\x1b[2J\x1b[Hgarbage", &mut Vec::new());
    kill_process(terminal.pid(), Signal::CONT).unwrap();
    terminal.until("the screen and no garbage", |s| s.text().contains("set") && !s.text().contains("garbage"));
}

#[test]
fn what_cannot_be_attached_is_refused_in_words() {
    let (user, mut control) = terminal::user();
    let made = control.run_as("dev", "cat");
    let refused = |vars: &[(&str, &str)], target: &str| {
        let mut terminal = Terminal::start_with(&user, &["attach", "-t", target], 80, 24, vars);
        let code = terminal.ended().code();
        (code, terminal.text())
    };
    let (code, text) = refused(&[], "nobody");
    assert!(code == Some(4) && text.contains("no session \"nobody\""), "{code:?} {text}");
    let (code, text) = refused(&[("SYNK_SESSION", &made.session_id)], "dev");
    assert!(code == Some(1) && text.contains("cannot show itself"), "{code:?} {text}");
    let (code, text) = refused(&[("TERM", "dumb")], "dev");
    assert!(code == Some(1) && text.contains("TERM"), "{code:?} {text}");
    let out =
        user.command(env!("CARGO_BIN_EXE_synk")).args(["attach", "-t", "dev"]).env("TERM", "xterm").output().unwrap();
    assert_eq!(out.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&out.stderr).contains("needs a terminal"), "{out:?}");
}

#[test]
fn a_session_is_named_as_for_every_other_call() {
    let (user, mut control) = terminal::user();
    let first = control.run_as("first", "printf 'the number'; exec cat");
    control.run_as(&first.no.to_string(), "printf 'the name'; exec cat");
    let shows = |target: &str, text: &str| {
        Terminal::start(&user, &["attach", "-t", target], 80, 24).until_text(text);
    };
    shows(&first.no.to_string(), "the name");
    shows(&first.session_id, "the number");
    shows("first", "the number");
}

#[test]
fn a_new_session_is_shown_where_it_was_made() {
    let (user, mut control) = terminal::user();
    let new = ["new", "-s", "fresh", "--", "sh", "-c", "echo is shown; read -r x; exit 5"];
    let mut terminal = Terminal::start(&user, &new, 80, 24);
    terminal.until_text("is shown");
    let mut again = Terminal::start(&user, &["new", "-A", "-s", "fresh"], 80, 24);
    again.until_text("is shown");
    again.send("\r");
    for mut terminal in [terminal, again] {
        assert_eq!(terminal.ended().code(), Some(0));
        terminal.until_text("[exited with code 5]");
    }
    // Without a terminal nothing is made.
    let out = user.synk(&["new", "-s", "nowhere"]);
    assert_eq!(out.status.code(), Some(1), "{out:?}");
    let list = control.call::<ListSessions>(Empty {}).unwrap();
    assert!(list.sessions.iter().all(|s| s.name != "nowhere"));
}
