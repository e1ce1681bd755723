//! Keeper, daemon and programs as real processes: who may be killed, what stays, what ends with what.

#[path = "support/process.rs"]
mod process;
mod support;
#[path = "support/user.rs"]
mod user;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::net::UnixStream;
use std::path::Path;

use process::{lives, parent};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use support::{Control, Viewer, until};
use synk::base::SessionNo;
use synk::protocol::methods::{Empty, GetMetrics, GetStatus, ListSessions, Status};
use user::{User, stderr};

/// A user with a host that was started as windows start it; the host's process id and its keeper's.
fn host() -> (User, u32, u32) {
    let user = User::new();
    user.start_host();
    let pid = status(&user).pid;
    (user, pid, parent(pid).unwrap())
}

fn connect(user: &User) -> Control {
    Control::new(UnixStream::connect(user.socket()).unwrap())
}

fn status(user: &User) -> Status {
    connect(user).call::<GetStatus>(Empty {}).unwrap()
}

fn signal(pid: u32, signal: Signal) {
    kill_process(Pid::from_raw(pid.cast_signed()).unwrap(), signal).unwrap();
}

fn until_gone(what: &str, pid: u32) {
    until(what, || (!lives(pid)).then_some(()));
}

/// The exit code of a session, once it has one.
fn exit_code(control: &mut Control, no: u32) -> i32 {
    until("the program has ended", || {
        let sessions = control.call::<ListSessions>(Empty {}).unwrap().sessions;
        sessions.iter().find(|s| s.no == no).unwrap().exit_code
    })
}

#[test]
fn each_process_is_called_what_it_is() {
    let (_user, daemon, keeper) = host();
    for (pid, name, title) in [(daemon, "synk daemon\n", "synk\0daemon\0"), (keeper, "synk keeper\n", "synk\0keeper\0")]
    {
        assert_eq!(fs::read_to_string(format!("/proc/{pid}/comm")).unwrap(), name);
        assert_eq!(fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap(), title);
    }
}

#[test]
fn a_daemon_that_is_killed_comes_back_and_refuses_nobody() {
    let (user, first, keeper) = host();
    let mut before = first;
    // With SIGTERM it ends by itself, and with nothing else.
    for signo in [Signal::KILL, Signal::TERM] {
        signal(before, signo);
        // Nobody is refused, whenever they come; those that come when it is gone are all served.
        let early: Vec<_> = (0..20).map(|_| UnixStream::connect(user.socket()).unwrap()).collect();
        until_gone("the daemon is gone", before);
        let late: Vec<_> = (0..20).map(|_| connect(&user)).collect();
        for mut control in late {
            let now = control.call::<GetStatus>(Empty {}).unwrap();
            assert!(now.pid != before && now.keeper == Some(true), "{now:?}");
        }
        drop(early);
        before = status(&user).pid;
        assert_eq!(parent(before), Some(keeper), "the same keeper's");
    }
    assert!(user.ok(&["status"]).contains(&format!("pid {before}")));
}

#[test]
fn programs_end_as_they_end_by_themselves() {
    let (user, _, keeper) = host();
    let mut control = connect(&user);
    for (script, code) in [("exit 0", 0), ("exit 7", 7), ("kill -9 $$", 137), ("printf last; exit 3", 3)] {
        let made = control.run(script);
        assert_eq!(exit_code(&mut control, made.no), code, "{script}");
    }
    let made = control.run("exec cat");
    let sessions = control.call::<ListSessions>(Empty {}).unwrap().sessions;
    let pid = sessions.iter().find(|s| s.no == made.no).unwrap().pid.unwrap();
    assert_eq!(parent(pid), Some(keeper));
    // While it is being loaded it opens and closes others of its own.
    until("the program has three descriptors", || {
        let open =
            fs::read_dir(format!("/proc/{pid}/fd")).unwrap().filter_map(|fd| fd.ok()?.file_name().into_string().ok());
        let open: BTreeSet<String> = open.collect();
        open.iter().eq(["0", "1", "2"]).then_some(())
    });
    let environ = fs::read(format!("/proc/{pid}/environ")).unwrap();
    assert!(!String::from_utf8_lossy(&environ).contains("SYNK_KEEPER"));
    assert!(sessions.iter().all(|s| s.foreground.is_empty() || !s.foreground.contains("synk")), "{sessions:?}");
}

#[test]
fn when_the_keeper_is_killed_everything_goes_on() {
    let (user, daemon, keeper) = host();
    let mut control = connect(&user);
    let made = control.run("while read line; do [ \"$line\" = bye ] && exit 5; echo \"got $line\"; done");
    let mut viewer = Viewer::new(UnixStream::connect(user.socket()).unwrap());
    let no = viewer.watch(made.no);
    viewer.type_text(no, "one\n");
    viewer.until_text(no, "got one");
    assert!(!user.ok(&["status"]).contains("no keeper"));
    signal(keeper, Signal::KILL);
    until("the daemon knows", || (status(&user).keeper == Some(false)).then_some(()));
    assert_eq!(status(&user).pid, daemon);
    assert!(user.ok(&["status"]).contains("no keeper: sessions would end with the host"));
    viewer.type_text(no, "two\n");
    viewer.until_text(no, "got two");
    // New ones are the daemon's own.
    let own = control.run("read x; exit 9");
    let own_no = viewer.watch(own.no);
    viewer.type_text(own_no, "\n");
    assert_eq!(exit_code(&mut control, own.no), 9);
    // How it ended was for its keeper to know. Some systems tell others too, and never is it made up.
    viewer.type_text(no, "bye\n");
    let code = exit_code(&mut control, made.no);
    assert!([5, -1].contains(&code), "{code}");
    // One keeper at a time: the daemon holds the place.
    let out = user.synk(&["keeper"]);
    assert!(out.status.success(), "{}", stderr(&out));
    assert_eq!(status(&user).pid, daemon);
    user.ok(&["daemon", "stop", "--yes"]);
    until_gone("the daemon is gone", daemon);
    assert!(!user.socket().exists());
}

#[test]
fn to_stop_is_to_end_all_three() {
    let (user, daemon, keeper) = host();
    let mut control = connect(&user);
    control.run("trap '' HUP; exec cat");
    let program = control.call::<ListSessions>(Empty {}).unwrap().sessions[0].pid.unwrap();
    user.ok(&["daemon", "stop", "--yes"]);
    // It returns when the place is free.
    assert!(!user.socket().exists());
    let lock = fs::File::open(user.path("run/synk/synk.lock")).unwrap();
    rustix::fs::flock(&lock, rustix::fs::FlockOperation::NonBlockingLockExclusive).unwrap();
    drop(lock);
    for (what, pid) in [("the daemon", daemon), ("the keeper", keeper), ("the program", program)] {
        until_gone(what, pid);
    }
    user.start_host();
    assert_ne!(status(&user).pid, daemon);
}

#[test]
fn a_signal_to_the_keeper_ends_everything_too() {
    let (user, daemon, keeper) = host();
    let mut control = connect(&user);
    control.run("exec cat");
    let program = control.call::<ListSessions>(Empty {}).unwrap().sessions[0].pid.unwrap();
    signal(keeper, Signal::TERM);
    for (what, pid) in [("the daemon", daemon), ("the keeper", keeper), ("the program", program)] {
        until_gone(what, pid);
    }
    assert!(!user.socket().exists());
}

#[test]
fn a_session_goes_on_when_its_daemon_is_killed() {
    let (user, _, keeper) = host();
    let mut control = connect(&user);
    let place = json!({"workspace": "work"});
    control.ask("create_workspace", place);
    let line = "while read line; do seen=\"$seen+$line\"; echo \"seen$seen\"; done";
    let command = ["/bin/sh", "-c", line];
    let made = control.ask("create_session", json!({"name": "a", "command": command, "workspace": "work"}));
    let pid = |control: &mut Control| control.call::<ListSessions>(Empty {}).unwrap().sessions[0].pid;
    let program = pid(&mut control);
    let mut seen = String::from("seen");
    for n in 1..=3 {
        control.ask("send_input", json!({"session_id": made["session_id"], "data": format!("{n}\n")}));
        seen.push_str(&format!("+{n}"));
        control.ask("wait_for", json!({"session_id": made["session_id"], "until": {"text": seen}}));
        control.ask("rename_session", json!({"session_id": made["session_id"], "name": format!("name {n}")}));
        signal(status(&user).pid, Signal::KILL);
        control = connect(&user);
        assert_eq!(pid(&mut control), program);
        let session = control.ask("get_session", json!({"session_id": format!("name {n}")}));
        assert_eq!((&session["session_id"], &session["no"]), (&made["session_id"], &made["no"]));
        let space = control.ask("get_workspace", json!({"workspace": "work"}));
        assert_eq!(space["panes"], json!([made["no"]]));
    }
    // One that is ended does not come back with the next daemon, and the keeper holds nothing of it.
    control.ask("terminate_session", json!({"session_id": made["session_id"]}));
    signal(status(&user).pid, Signal::KILL);
    assert_eq!(status(&user).num_sessions, 0);
    let left = || fs::read_dir(format!("/proc/{keeper}/fd")).unwrap().any(|fd| is_terminal(&fd.unwrap().path()));
    until("the keeper holds no terminal any more", || (!left()).then_some(()));
}

#[test]
#[cfg(debug_assertions)]
fn daemons_that_are_killed_while_they_restore_a_session_cost_no_screen() {
    let mut user = User::new();
    let (once, log) = (user.path("once"), user.path("home/.local/state/synk/daemon.log"));
    user.vars.push(("SYNK_KILL_AT".into(), "restore".into()));
    user.vars.push(("SYNK_KILL_ONCE".into(), once.display().to_string()));
    user.start_host();
    let mut control = connect(&user);
    let seen =
        json!({"session_id": control.run("echo still there; exec cat").session_id, "until": {"text": "still there"}});
    control.ask("wait_for", seen.clone());
    signal(status(&user).pid, Signal::KILL);
    // Each daemon finds the file, removes it and is killed, until one leaves the session for later.
    until("a daemon stands before it restores what others have ended over", || {
        fs::write(&once, "").unwrap();
        fs::read_to_string(&log).unwrap().contains("sessions go on in a moment").then_some(())
    });
    let _ = fs::remove_file(&once);
    connect(&user).ask("wait_for", seen);
    let errors = fs::read_to_string(&log).unwrap();
    assert!(!errors.contains(" ERROR]"), "{errors}");
}

#[test]
fn sessions_can_be_read_and_ended_before_they_go_on() {
    let (user, _, keeper) = host();
    let mut control = connect(&user);
    // Much to parse again, so that the last of them takes its time.
    let script = "seq 1 8000; echo \"here $0\"; trap '' HUP; exec cat";
    let made: Vec<_> = (0..30).map(|_| control.run(script).session_id).collect();
    for id in &made {
        control.ask("wait_for", json!({"session_id": id, "until": {"text": "here /bin/sh"}}));
    }
    let programs = process::children(keeper).len();
    assert_eq!(programs, made.len() + 1);
    let before = status(&user).pid;
    signal(before, Signal::KILL);
    until_gone("the daemon is gone", before);
    let mut control = connect(&user);
    let read = control.ask("read_screen", json!({"session_id": made[29]}));
    assert!(read["text"].as_str().unwrap().contains("here /bin/sh"), "{read}");
    for id in &made {
        control.ask("terminate_session", json!({"session_id": id}));
    }
    until("the programs have ended", || (process::children(keeper).len() == 1).then_some(()));
    assert_eq!(status(&user).num_sessions, 0);
}

fn is_terminal(fd: &Path) -> bool {
    fs::read_link(fd).is_ok_and(|to| to.ends_with("ptmx"))
}

#[test]
fn a_killed_daemon_starts_again_from_the_program_that_lies_there_now() {
    let user = User::new();
    let program = user.path("synk");
    fs::copy(env!("CARGO_BIN_EXE_synk"), &program).unwrap();
    let run = |args: &[&str]| assert!(user.command(&program).args(args).output().unwrap().status.success());
    run(&["daemon", "start"]);
    let first = status(&user).pid;
    // Replaced, as an update does it; and then removed altogether.
    fs::remove_file(&program).unwrap();
    fs::copy(env!("CARGO_BIN_EXE_synk"), &program).unwrap();
    signal(first, Signal::KILL);
    until_gone("the daemon is gone", first);
    let second = status(&user).pid;
    assert_eq!(fs::read_link(format!("/proc/{second}/exe")).unwrap(), program);
    // Nobody finds it under another name, and it runs all the same.
    fs::rename(&program, user.path("elsewhere")).unwrap();
    let mut control = connect(&user);
    let made = control.run("exit 3");
    assert_eq!(exit_code(&mut control, made.no), 3);
    signal(second, Signal::KILL);
    until_gone("the daemon is gone", second);
    let second = status(&user).pid;
    fs::remove_file(user.path("elsewhere")).unwrap();
    let mut control = connect(&user);
    let made = control.run("exit 4");
    assert_eq!(exit_code(&mut control, made.no), 4);
    signal(second, Signal::KILL);
    until_gone("the daemon is gone", second);
    let mut control = connect(&user);
    assert_eq!(control.ask("get_status", json!({}))["keeper"], true);
    let made = control.run("exit 6");
    assert_eq!(exit_code(&mut control, made.no), 6);
}

#[test]
fn a_daemon_by_hand_has_no_keeper_and_ends_with_its_sessions() {
    let user = User::new();
    let mut daemon = user.synk_command(&["daemon"]).spawn().unwrap();
    until("it serves", || UnixStream::connect(user.socket()).ok());
    let mut control = connect(&user);
    assert_eq!(status(&user).keeper, Some(false));
    let made = control.run("exec cat");
    let program = control.call::<ListSessions>(Empty {}).unwrap().sessions[0].pid.unwrap();
    assert_eq!((made.no, parent(program)), (1, Some(daemon.id())));
    let mut viewer = Viewer::new(UnixStream::connect(user.socket()).unwrap());
    viewer.watch(made.no);
    viewer.type_text(SessionNo(1), "up\n");
    viewer.until_text(SessionNo(1), "up\nup");
    signal(daemon.id(), Signal::TERM);
    assert!(daemon.wait().unwrap().success());
    until_gone("the program", program);
    assert!(!user.socket().exists());
}

#[test]
fn a_daemon_that_hangs_is_followed_by_another_once_somebody_waits_for_it() {
    let (user, daemon, keeper) = host();
    let mut control = connect(&user);
    control.run("exec cat");
    let pid = |control: &mut Control| control.call::<ListSessions>(Empty {}).unwrap().sessions[0].pid;
    let program = pid(&mut control);
    // One that only seems to hang is left alone: this word is as good as none.
    let before = control.call::<GetMetrics>(Empty {}).unwrap().connections;
    signal(keeper, Signal::USR1);
    until("the keeper has asked", || {
        (control.call::<GetMetrics>(Empty {}).unwrap().connections > before).then_some(())
    });
    until("it is answered", || (control.call::<GetStatus>(Empty {}).unwrap().num_clients == 1).then_some(()));
    assert_eq!(status(&user).pid, daemon);

    signal(daemon, Signal::STOP);
    let out = user.synk(&["status"]);
    assert!(!out.status.success() && stderr(&out).contains("does not answer"), "{}", stderr(&out));
    until_gone("the daemon that hangs", daemon);
    let mut control = connect(&user);
    assert_ne!(status(&user).pid, daemon);
    assert_eq!((pid(&mut control), parent(program.unwrap())), (program, Some(keeper)), "the program goes on");
}
