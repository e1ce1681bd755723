//! What programs are told and given: who they are, where their host and the user's SSH agent are, no descriptor but
//! their own. And where the host is found, whatever became of its files.

#[path = "support/process.rs"]
mod process;
mod support;
#[path = "support/user.rs"]
mod user;

use std::fs;
use std::io::Write;
use std::os::fd::AsRawFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;

use support::{Control, Viewer, host, until};
use synk::base::{SessionNo, peer};
use synk::protocol::methods::{CreateParams, Empty, GetStatus, Hello, HelloParams, ListSessions};
use user::User;

/// An agent of which no more is wanted than its name.
fn fake_agent(path: &Path, name: &'static str) {
    let listener = UnixListener::bind(path).unwrap();
    std::thread::spawn(move || {
        for mut socket in listener.incoming().flatten() {
            let _ = socket.write_all(format!("agent-{name}\n").as_bytes());
        }
    });
}

/// A window's greeting, with the agent that it brings.
fn greet(socket: &Path, agent: &Path) -> Control {
    let mut control = Control::new(UnixStream::connect(socket).unwrap());
    let env = [("SSH_AUTH_SOCK".to_owned(), agent.to_str().unwrap().to_owned())].into();
    let hello = HelloParams { proto_min: 1, proto_max: 1, client: "window".into(), env };
    control.call::<Hello>(hello).unwrap();
    control
}

#[test]
fn programs_are_told_which_session_of_which_host_they_are() {
    let user = User::new();
    user.start_host();
    let mut control = Control::new(UnixStream::connect(user.socket()).unwrap());
    let script = "echo \"$SYNK_SESSION|$SYNK_PANE|$SYNK_SOCKET|$SYNK_PROJECT|$PWD|\"; cat";
    let project = user.path("home").to_str().unwrap().to_owned();
    let command = ["sh", "-c", script].map(str::to_owned).to_vec();
    let params =
        CreateParams { command, project: Some(project.clone()), cols: 300, rows: 5, ..CreateParams::default() };
    let made = control.create(params).unwrap();
    let mut viewer = Viewer::new(UnixStream::connect(user.socket()).unwrap());
    let no = viewer.watch(made.no);
    let socket = user.socket();
    viewer.until_text(no, &format!("{}|{}|{}|{project}|{project}|", made.session_id, made.no, socket.display()));
    let refused = control.create(CreateParams { project: Some("relative".into()), ..CreateParams::default() });
    assert_eq!(refused.unwrap_err().data.unwrap()["field"], "project");
}

#[test]
fn the_host_may_open_more_files_than_programs() {
    let user = User::new();
    let mut start = user.command("prlimit");
    let started = start.args(["--nofile=300:4000", env!("CARGO_BIN_EXE_synk"), "daemon", "start"]).status().unwrap();
    assert!(started.success());
    let mut control = Control::new(UnixStream::connect(user.socket()).unwrap());
    let pid = control.call::<GetStatus>(Empty {}).unwrap().pid;
    let limits = fs::read_to_string(format!("/proc/{pid}/limits")).unwrap();
    let files: Vec<_> =
        limits.lines().find_map(|line| line.strip_prefix("Max open files")).unwrap().split_whitespace().collect();
    assert_eq!(files, ["4000", "4000", "files"]);
    let made = control.run("echo \"$(ulimit -Sn), $(ulimit -Hn) at most\"; cat");
    let mut viewer = Viewer::new(UnixStream::connect(user.socket()).unwrap());
    let no = viewer.watch(made.no);
    viewer.until_text(no, "300, 4000 at most");
}

#[test]
fn programs_ignore_and_block_no_signal_that_the_host_was_started_with() {
    let user = User::new();
    // Those that a terminal's own programs use are the shell's business; of the others none is left as it is here.
    let script = "trap '' USR1 USR2 TSTP TTIN TTOU PIPE WINCH VTALRM; \"$0\" daemon start";
    let started = user.command("sh").args(["-c", script, env!("CARGO_BIN_EXE_synk")]).status().unwrap();
    assert!(started.success());
    let mut control = Control::new(UnixStream::connect(user.socket()).unwrap());
    let made = control.run("exec grep -E 'Sig(Blk|Ign)' /proc/self/status");
    let mut viewer = Viewer::new(UnixStream::connect(user.socket()).unwrap());
    let no = viewer.watch(made.no);
    // What is ignored is said last.
    viewer.until(no, "both are told", |m| masks(&m.screen.text()).len() == 2);
    // 32 and 33 belong to the C library, which has its own children ignore them and lets nobody change that (signal(7)).
    let own: Vec<u64> = masks(&viewer.text(no)).iter().map(|mask| mask & !(3 << 31)).collect();
    assert_eq!(own, [0, 0], "{}", viewer.text(no));
}

/// The masks of signals that a screen tells, those that are there to their last digit.
fn masks(text: &str) -> Vec<u64> {
    let words = text.split_whitespace().filter(|word| word.len() == 16);
    words.filter_map(|word| u64::from_str_radix(word, 16).ok()).collect()
}

#[test]
fn a_program_that_cannot_be_executed_says_so_and_ends_as_a_shell_has_it() {
    let user = User::new();
    let exec = |args: &[&str]| user.synk(&[&["exec-child"], args].concat());
    for (args, code, said) in [
        (&["--", "/no/such"][..], 127, "synk: /no/such: "),
        (&["--", "/etc/passwd"], 126, "synk: /etc/passwd: "),
        (&["--cwd", "/no/such", "--", "sh"], 126, "synk: cannot enter /no/such: "),
        (&["sh"], 126, "synk: exec-child: expected "),
    ] {
        let out = exec(args);
        let words = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(out.status.code() == Some(code) && words.starts_with(said) && words.lines().count() == 1, "{words}");
    }
    let out = exec(&["--cwd", "/usr", "--nofile", "77:99", "--", "sh", "-c", "pwd; ulimit -Sn; ulimit -Hn; exit 7"]);
    assert_eq!((out.status.code(), &*out.stdout), (Some(7), &b"/usr\n77\n99\n"[..]));
}

#[test]
fn programs_have_no_descriptor_of_the_host() {
    // One that every child of this process would have.
    let file = fs::File::open("/dev/null").unwrap();
    let open = rustix::io::dup(&file).unwrap();
    assert!(rustix::io::fcntl_getfd(&open).unwrap().is_empty(), "{} is inheritable", open.as_raw_fd());
    let host = host();
    let mut control = Control::new(host.connect().unwrap());
    // Sessions beside it: their terminals are open in the host too.
    let numbers: Vec<u32> = (0..5).map(|_| control.run("exec cat").no).collect();
    let mut viewer = Viewer::new(host.connect().unwrap());
    for no in &numbers {
        let no = viewer.watch(*no);
        // Once it answers, it has done with the files that every program opens to be loaded.
        viewer.type_text(no, "up\n");
        viewer.until_text(no, "up\nup");
    }
    let sessions = control.call::<ListSessions>(Empty {}).unwrap().sessions;
    for pid in sessions.iter().map(|s| s.pid.unwrap()) {
        let open = fs::read_dir(format!("/proc/{pid}/fd")).unwrap();
        let mut open: Vec<String> = open.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        open.sort();
        assert_eq!(open, ["0", "1", "2"]);
    }
}

#[test]
fn a_program_reaches_the_agent_of_whoever_came_last() {
    let mut user = User::new();
    for name in ["own", "first", "second"] {
        fake_agent(&user.path(name), name);
    }
    user.vars.push(("SSH_AUTH_SOCK".into(), user.path("own").to_str().unwrap().into()));
    user.start_host();
    let mut control = Control::new(UnixStream::connect(user.socket()).unwrap());
    // One program, started once: only what its variable leads to changes.
    let no = control.run("while read x; do socat -u \"UNIX-CONNECT:$SSH_AUTH_SOCK\" -; done").no;
    let mut viewer = Viewer::new(UnixStream::connect(user.socket()).unwrap());
    let no = viewer.watch(no);
    let asked = |viewer: &mut Viewer, name: &str| {
        viewer.type_text(no, "\n");
        viewer.until_text(no, &format!("agent-{name}"));
    };
    asked(&mut viewer, "own");
    let _first = greet(&user.socket(), &user.path("first"));
    asked(&mut viewer, "first");
    let second = greet(&user.socket(), &user.path("second"));
    let useless = greet(&user.socket(), &user.path("absent"));
    asked(&mut viewer, "second");
    drop((second, useless));
    let link = user.path("run/synk/synk.agent");
    let first = user.path("first");
    until("the link is back where it was", || (fs::read_link(&link).unwrap() == first).then_some(()));
}

#[test]
fn a_host_is_where_the_variable_or_the_settings_say() {
    let mut user = User::new();
    fs::create_dir(user.path("my")).unwrap();
    let socket = user.path("my/work.sock");
    let settings = user.path("home/.config/synk/synk.ron");
    fs::write(settings, format!("(socket_path: {:?}, log_level: Info)", user.path("my/set.sock"))).unwrap();
    // The settings first, then what goes before them.
    user.start_host();
    assert!(!user.socket().exists());
    let mut control = Control::new(UnixStream::connect(user.path("my/set.sock")).unwrap());
    // Said once it can be reached, so maybe a moment later.
    let log = || fs::read_to_string(user.path("my/set.log")).unwrap();
    until("the level of the log is Info", || log().contains("serving ").then_some(()));
    assert!(user.synk(&["daemon", "stop"]).status.success());
    assert_eq!(control.line(), None);
    user.vars.push(("SYNK_SOCKET".into(), socket.to_str().unwrap().into()));
    user.start_host();
    let mut control = Control::new(UnixStream::connect(&socket).unwrap());
    assert_eq!(control.call::<GetStatus>(Empty {}).unwrap().num_sessions, 0);
    assert!(user.path("my/work.lock").exists());
}

#[test]
fn a_home_too_long_for_a_socket_gets_one_elsewhere() {
    let mut user = User::new();
    let home = user.path(&"h".repeat(200));
    fs::create_dir(&home).unwrap();
    user.vars.extend([("HOME".into(), home.to_str().unwrap().into()), ("XDG_RUNTIME_DIR".into(), String::new())]);
    user.start_host();
    let out = user.synk(&["ls"]);
    assert_eq!(String::from_utf8_lossy(&out.stdout), "no sessions\n", "{}", String::from_utf8_lossy(&out.stderr));
    assert!(home.join(".local/state/synk/daemon.log").exists());
    assert!(user.synk(&["daemon", "stop"]).status.success());
}

#[test]
fn a_host_whose_files_are_removed_is_reached_again() {
    let user = User::new();
    user.start_host();
    let mut control = Control::new(UnixStream::connect(user.socket()).unwrap());
    control.run("exec cat");
    let pid = control.call::<GetStatus>(Empty {}).unwrap().pid;
    for gone in ["run/synk", "run"] {
        fs::remove_dir_all(user.path(gone)).unwrap();
        let socket = until("the socket is there again", || UnixStream::connect(user.socket()).ok());
        let status = Control::new(socket).call::<GetStatus>(Empty {}).unwrap();
        assert_eq!((status.pid, status.num_sessions), (pid, 1));
        // Clients still find out who looks after the host: whoever listened last.
        until("the keeper has the new socket", || {
            let socket = UnixStream::connect(user.socket()).ok()?;
            let listens = peer::process(&socket)?.as_raw_pid().cast_unsigned();
            (Some(listens) == process::parent(pid)).then_some(())
        });
    }
    fs::remove_file(user.path("run/synk/synk.lock")).unwrap();
    until("the lock is there again", || user.path("run/synk/synk.lock").exists().then_some(()));
    // One that is started now sees that the place is taken.
    let out = user.synk(&["daemon"]);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    assert_eq!(control.call::<GetStatus>(Empty {}).unwrap().pid, pid);
    // Not a test of the session, but that it is alive: what is typed comes back.
    let mut viewer = Viewer::new(UnixStream::connect(user.socket()).unwrap());
    let no = SessionNo(1);
    viewer.watch(no.0);
    viewer.type_text(no, "still-here\n");
    viewer.until_text(no, "still-here\nstill-here");
}

#[test]
fn a_host_whose_files_cannot_be_made_again_at_first_is_reached_later() {
    let user = User::new();
    user.start_host();
    let mut control = Control::new(UnixStream::connect(user.socket()).unwrap());
    let pid = control.call::<GetStatus>(Empty {}).unwrap().pid;
    fs::rename(user.path("run/synk"), user.path("aside")).unwrap();
    fs::write(user.path("run/synk"), "something else").unwrap();
    let log = || fs::read_to_string(user.path("home/.local/state/synk/daemon.log")).unwrap();
    until("it is told", || log().contains("cannot be made again").then_some(()));
    fs::remove_file(user.path("run/synk")).unwrap();
    let socket = until("the socket is there again", || UnixStream::connect(user.socket()).ok());
    assert_eq!(Control::new(socket).call::<GetStatus>(Empty {}).unwrap().pid, pid);
    assert_eq!(log().matches("cannot be made again").count(), 1, "once: {}", log());
}
