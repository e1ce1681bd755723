//! Real shells behind a real host: what is typed comes back, what is written arrives, nothing is lost with a client.

mod support;

use std::path::Path;
use std::time::{Duration, Instant};

use support::{Control, Viewer, host, options, until};
use synk::base::SessionNo;
use synk::host::embed;
use synk::model::SessionState;
use synk::protocol::methods::{
    CreateParams, DEFAULT_WORKSPACE, Empty, GetStatus, ListSessions, OpenParams, OpenWorkspace, SessionParams,
    TerminateSession,
};
use synk::protocol::stream::{ClientMessage, HostMessage};

#[test]
fn twelve_shells_echo_their_own_text_and_the_thirteenth_is_refused() {
    let host = host();
    let mut control = Control::new(host.connect().unwrap());
    control.open();
    for _ in 1..12 {
        control.shell().unwrap();
    }
    let error = control.shell().unwrap_err();
    assert_eq!((error.code, error.message.as_str()), (1003, "Max sessions reached (12)"));
    control.until("twelve panes", |board| board.workspace.panes.len() == 12);
    let panes = control.board.workspace.panes.clone();
    let mut viewer = Viewer::new(host.connect().unwrap());
    for no in &panes {
        viewer.watch(no.0);
    }
    for no in &panes {
        viewer.type_text(*no, &format!("echo own-$(({}+1000))\n", no.0));
    }
    for no in &panes {
        viewer.until_text(*no, &format!("own-{}", no.0 + 1000));
    }
    // One prompt reaches all of them, and Enter comes behind it.
    for no in &panes {
        viewer.send(*no, &ClientMessage::Prompt("echo all-$((6*7))".into()));
    }
    for no in &panes {
        viewer.until_text(*no, "all-42");
    }
}

#[test]
fn losing_a_client_in_the_middle_of_output_loses_nothing() {
    let host = host();
    let mut control = Control::new(host.connect().unwrap());
    control.open();
    let no = control.board.workspace.panes[0];
    let mut viewer = Viewer::new(host.connect().unwrap());
    viewer.watch(no.0);
    viewer.type_text(no, "i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done; echo al''l-done\n");
    viewer.until_text(no, "line 1");
    // As after kill -9: both connections are gone, with a frame on its way.
    drop((viewer, control));
    let mut control = Control::new(host.connect().unwrap());
    control.open();
    assert_eq!(control.board.workspace.panes, [no]);
    let mut viewer = Viewer::new(host.connect().unwrap());
    viewer.watch(no.0);
    viewer.until_text(no, "all-done");
    assert!(viewer.text(no).contains("line 19999\nall-done"));
    viewer.type_text(no, "echo $i\n");
    viewer.until_text(no, "20000\n");
}

#[test]
fn two_viewers_get_equal_screens_and_a_slow_one_one_frame() {
    let host = host();
    let mut control = Control::new(host.connect().unwrap());
    let no = SessionNo(control.run("read x; seq 1 30000; echo the-end; cat").no);
    let mut viewers = [(); 3].map(|()| Viewer::new(host.connect().unwrap()));
    viewers[2].gives_credit = false;
    for viewer in &mut viewers {
        viewer.watch(no.0);
        viewer.until(no, "the first frame", |m| m.frames > 0);
    }
    viewers[0].type_text(no, "\n");
    for viewer in &mut viewers[..2] {
        viewer.until_text(no, "the-end");
    }
    assert_eq!(viewers[0].mirrors[&no].screen, viewers[1].mirrors[&no].screen);
    // The one that gave no credit was sent nothing meanwhile, and one frame brings it up to date.
    assert_eq!(viewers[2].mirrors[&no].frames, 1);
    viewers[2].send(no, &ClientMessage::Credit);
    viewers[2].step();
    assert_eq!(viewers[2].mirrors[&no].frames, 2);
    assert_eq!(viewers[2].mirrors[&no].screen, viewers[0].mirrors[&no].screen);
}

#[test]
fn output_before_the_end_and_the_exit_code_are_exact() {
    let host = host();
    let mut control = Control::new(host.connect().unwrap());
    control.open();
    let mut viewer = Viewer::new(host.connect().unwrap());
    for round in 0..30 {
        let script = format!("seq 1 2000; printf last-{round}; exit {round}");
        let no = viewer.watch(control.run(&script).no);
        viewer.until_text(no, &format!("last-{round}"));
        control.until("the exit code", |board| {
            board.session(no).is_some_and(|s| (s.state, s.exit_code) == (SessionState::Stopped, Some(round)))
        });
        assert!(viewer.text(no).contains(&format!("2000\nlast-{round}")));
    }
    let no = SessionNo(control.run("kill -9 $$").no);
    control.until("the signal", |board| board.session(no).is_some_and(|s| s.exit_code == Some(128 + 9)));
    // One that stays in the background and keeps the terminal does not keep the session from ending.
    let no = viewer.watch(control.run("trap '' HUP; sleep 30 & echo left; exit 4").no);
    control.until("the end", |board| board.session(no).is_some_and(|s| s.exit_code == Some(4)));
    viewer.until_text(no, "left");
    let session_id = no.to_string();
    control.call::<TerminateSession>(SessionParams { session_id }).unwrap();
    viewer.until(no, "no more", |m| m.gone);
}

#[test]
fn what_cannot_be_run_says_so_on_its_screen() {
    let host = host();
    let mut control = Control::new(host.connect().unwrap());
    control.open();
    let mut viewer = Viewer::new(host.connect().unwrap());
    for (command, code, words) in [
        ("no-such-command-anywhere", 127, "no-such-command-anywhere: command not found"),
        ("/etc/passwd", 126, "/etc/passwd: not executable"),
        ("/etc", 126, "/etc: is a directory"),
        ("", 127, "the command is empty"),
    ] {
        let created = control.create(CreateParams { command: vec![command.into()], ..size() }).unwrap();
        assert!(created.notice.unwrap().contains(words));
        let no = viewer.watch(created.no);
        viewer.until_text(no, words);
        control.until("its end", |board| {
            board.session(no).is_some_and(|s| (s.state, s.exit_code) == (SessionState::Stopped, Some(code)))
        });
    }
    let created = control.create(CreateParams { cwd: Some("/gone/for/good".into()), ..size() }).unwrap();
    let words = "the directory /gone/for/good does not exist; started in /";
    assert_eq!(created.notice.as_deref(), Some(words));
    let no = viewer.watch(created.no);
    viewer.until_text(no, words);
    viewer.type_text(no, "echo in-$PWD\n");
    viewer.until_text(no, "in-/\n");
}

fn size() -> CreateParams {
    CreateParams { cols: 80, rows: 24, ..CreateParams::default() }
}

#[test]
fn programs_get_a_clean_environment_and_only_their_terminal() {
    let mut options = options();
    for (name, value) in [("TMUX", "x"), ("LANG", "C"), ("COLUMNS", "1"), ("TERM", "dumb")] {
        options.base.vars.insert(name.into(), value.into());
    }
    options.base.vars.remove(std::ffi::OsStr::new("HOME"));
    let host = embed(options).unwrap();
    let mut control = Control::new(host.connect().unwrap());
    let env = [("MINE".to_owned(), "yes".to_owned())].into();
    let script = "echo $TERM,$COLORTERM,$TERM_PROGRAM,$TMUX,$COLUMNS,$LANG,$HOME,$MINE,$SYNK_SESSION; \
                  echo fds; ls -C /proc/$$/fd; stty size; echo end; cat";
    let command = vec!["/bin/sh".into(), "-c".into(), script.into()];
    let created = control.create(CreateParams { command, env, cols: 100, rows: 30, ..size() }).unwrap();
    let mut viewer = Viewer::new(host.connect().unwrap());
    let no = viewer.watch(created.no);
    viewer.until_text(no, "end");
    let text = viewer.text(no);
    let expected = format!("xterm-256color,truecolor,synk,,,C,/,yes,{}", created.session_id);
    assert!(text.replace('\n', "").contains(&expected), "{text}");
    assert!(text.contains("fds\n0  1  2\n"), "{text}");
    assert!(text.contains("30 100"), "{text}");
}

#[test]
fn a_storm_of_resizes_is_one_signal() {
    let host = host();
    let mut control = Control::new(host.connect().unwrap());
    let script =
        "n=0; trap 'n=$((n+1)); echo winch-$n $(stty size)' WINCH; echo ready; while :; do read x; echo got-$x; done";
    let mut viewer = Viewer::new(host.connect().unwrap());
    let no = viewer.watch(control.run(script).no);
    viewer.until_text(no, "ready");
    for cols in 30..=70 {
        viewer.resize(no, cols, 20);
    }
    viewer.until_text(no, "winch-1 20 70");
    viewer.type_text(no, "x\n");
    viewer.until_text(no, "got-x");
    assert!(!viewer.text(no).contains("winch-2"), "{}", viewer.text(no));
    assert_eq!((viewer.mirrors[&no].screen.size.cols(), viewer.mirrors[&no].screen.size.lines()), (70, 20));
}

#[test]
fn the_smallest_and_the_largest_screen_work() {
    let host = host();
    let mut control = Control::new(host.connect().unwrap());
    let mut viewer = Viewer::new(host.connect().unwrap());
    let no = viewer.watch(control.run("while read x; do echo $(stty size) $x; seq 1 600; echo end-$x; done").no);
    for (n, (cols, lines, real)) in [
        (1, 1, (2, 1)),
        (1000, 500, (1000, 500)),
        (u16::MAX, u16::MAX, (1000, 500)),
        (0, 0, (2, 1)),
        (80, 24, (80, 24)),
    ]
    .into_iter()
    .enumerate()
    {
        viewer.resize(no, cols, lines);
        let sized = |m: &support::Mirror| (m.screen.size.cols(), m.screen.size.lines()) == real;
        viewer.until(no, &format!("the size {real:?}"), sized);
        viewer.type_text(no, &format!("{n}\n"));
        if real.0 > 20 {
            viewer.until_text(no, &format!("end-{n}"));
        }
    }
    assert!(viewer.text(no).contains("\n600\nend-4"));
}

#[test]
fn ctrl_c_stops_a_flood_at_once() {
    let host = host();
    let mut control = Control::new(host.connect().unwrap());
    control.open();
    let no = control.board.workspace.panes[0];
    let mut viewer = Viewer::new(host.connect().unwrap());
    viewer.watch(no.0);
    viewer.until_text(no, "$");
    viewer.type_text(no, "seq 1 1000000000\n");
    viewer.until(no, "the flood runs", |m| m.screen.top > 20_000);
    viewer.ctrl(no, 'c');
    viewer.type_text(no, "echo stop''ped\n");
    viewer.until_text(no, "stopped");
    control.until("it is quiet", |board| board.session(no).is_some_and(|s| !s.active));
}

#[test]
fn a_session_that_is_ended_goes_at_once_and_its_programs_after_it() {
    let dir = tempfile::tempdir().unwrap();
    let pids = |name: &str| -> Option<String> {
        std::fs::read_to_string(dir.path().join(name)).ok().filter(|t| t.ends_with('\n'))
    };
    let host = host();
    let mut control = Control::new(host.connect().unwrap());
    control.open();
    let at = dir.path().display();
    let polite = control
        .run(&format!("trap 'echo saved > {at}/saved; exit' HUP; echo $$ > {at}/a; while :; do sleep 0.05; done"));
    let deaf = control.run(&format!("trap '' HUP TERM INT; echo $$ > {at}/b; while :; do sleep 1; done"));
    let (a, b) = (until("a runs", || pids("a")), until("b runs", || pids("b")));
    for created in [&polite, &deaf] {
        let session_id = created.name.clone();
        control.call::<TerminateSession>(SessionParams { session_id }).unwrap();
    }
    let left = control.call::<ListSessions>(Empty {}).unwrap().sessions;
    assert_eq!(left.iter().map(|s| s.no).collect::<Vec<_>>(), [1]);
    let begun = Instant::now();
    let alive = |pid: &str| Path::new(&format!("/proc/{}", pid.trim())).exists();
    until("the polite one saves and goes", || (pids("saved").is_some() && !alive(&a)).then_some(()));
    assert!(alive(&b), "the deaf one has its three seconds");
    until("the deaf one is killed", || (!alive(&b)).then_some(()));
    assert!(begun.elapsed() >= Duration::from_secs(2), "{:?}", begun.elapsed());
    let error = control.call::<TerminateSession>(SessionParams { session_id: deaf.session_id }).unwrap_err();
    assert_eq!(error.code, 1001);
}

#[test]
fn the_board_follows_what_a_session_does() {
    let host = host();
    let mut control = Control::new(host.connect().unwrap());
    control.open();
    let no = control.board.workspace.panes[0];
    control.until("nobody watches", |board| board.session(no).is_some_and(|s| s.state == SessionState::Detached));
    let mut viewer = Viewer::new(host.connect().unwrap());
    viewer.watch(no.0);
    control.until("somebody watches", |board| board.session(no).is_some_and(|s| s.state == SessionState::Running));
    viewer.type_text(no, "cd /usr; printf '\\033]2;my title\\007'; sleep 1000\n");
    control.until("title, directory and program", |board| {
        board.session(no).is_some_and(|s| s.title == "my title" && s.cwd == "/usr" && s.foreground == "sleep")
    });
    control.until("it is quiet", |board| board.session(no).is_some_and(|s| !s.active));
    viewer.ctrl(no, 'c');
    control.until("the shell is back", |board| board.session(no).is_some_and(|s| s.foreground.is_empty()));
    let silent = CreateParams { command: vec!["sleep".into(), "1000".into()], ..CreateParams::default() };
    let silent = SessionNo(control.create(silent).unwrap().no);
    control.until("what was asked for runs", |board| board.session(silent).is_some_and(|s| s.foreground == "sleep"));
    viewer.type_text(no, "printf '\\a\\033]9;look\\007\\033]52;c;aGFsbG8=\\007'\n");
    let wanted = [
        HostMessage::Bell,
        HostMessage::Notify { title: String::new(), body: "look".into() },
        HostMessage::Clipboard("hallo".into()),
    ];
    viewer.until(no, "bell, notice and clipboard", |m| wanted.iter().all(|w| m.other.contains(w)));
    drop(viewer);
    control
        .until("nobody watches any more", |board| board.session(no).is_some_and(|s| s.state == SessionState::Detached));
}

#[test]
fn a_private_workspace_ends_with_its_window() {
    let host = host();
    let mut watcher = Control::new(host.connect().unwrap());
    watcher.open();
    let mut control = Control::new(host.connect().unwrap());
    let params = OpenParams { workspace: "own".into(), private: true, first_shell: true, cols: 80, rows: 24 };
    control.call::<OpenWorkspace>(params).unwrap();
    let created = control.create(CreateParams { workspace: Some("own".into()), ..size() }).unwrap();
    assert_eq!(created.pane_index, Some(0));
    watcher.until("it is on the board", |board| board.session(SessionNo(created.no)).is_some());
    drop(control);
    watcher.until("it is gone", |board| board.session(SessionNo(created.no)).is_none());
    let status = watcher.call::<GetStatus>(Empty {}).unwrap();
    assert_eq!((status.num_sessions, status.num_clients), (1, 1));
    assert_eq!(DEFAULT_WORKSPACE, watcher.board.workspace.name);
}
