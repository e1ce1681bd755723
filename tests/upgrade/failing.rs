//! Programs that cannot take over, each in its way. Afterwards the host is what it was, and no session has ended.

use std::fs;
use std::path::Path;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use crate::process::parent;
use crate::stage::{Stage, program_of, status};
use crate::support::until;

/// A session that answers each line.
struct Session {
    pid: u64,
    said: u64,
}

impl Session {
    fn start(stage: &Stage) -> Self {
        let mut api = stage.api();
        api.run("it", "while read line; do echo \"got $line\"; [ $line = bye ] && exit 5; done");
        let pid = api.session("it")["pid"].as_u64().unwrap();
        Self { pid, said: 0 }
    }

    /// It is the same program, and hears and answers.
    fn goes_on(&mut self, stage: &Stage) {
        let mut api = stage.api();
        assert_eq!(api.session("it")["pid"], self.pid);
        self.said += 1;
        api.call("send_input", json!({"session_id": "it", "data": format!("{}\n", self.said)}));
        api.call("wait_for", json!({"session_id": "it", "until": {"text": format!("got {}", self.said)}}));
    }

    /// And how it ends is known exactly.
    fn ends(mut self, stage: &Stage) {
        self.goes_on(stage);
        let mut api = stage.api();
        api.call("send_input", json!({"session_id": "it", "data": "bye\n"}));
        let ended = api.call("wait_for", json!({"session_id": "it", "until": "exit"}));
        assert_eq!(ended["exit_code"], 5);
    }
}

/// What a program is refused for, and that nothing has changed.
fn is_refused(stage: &Stage, to: &Path, why: &str) {
    let before = stage.pids();
    let said = stage.fails(to);
    assert!(said.contains(why) && said.contains(to.to_str().unwrap()), "{said}");
    assert_eq!(stage.pids(), before);
    assert_eq!(stage.status()["upgrade"], json!(null));
}

pub fn refused() {
    let stage = Stage::new();
    let mut session = Session::start(&stage);
    is_refused(&stage, &stage.user.path("none"), "No such file");
    is_refused(&stage, &stage.user.path("home"), "it is no program");
    is_refused(&stage, &stage.script("fails", "echo out of order >&2; exit 1"), "says: out of order");
    is_refused(&stage, &stage.script("talks", "echo hello; exit 0"), "does not say what it can");
    let sed = format!("{} \"$@\" | sed 's/\"desk\":.1./\"desk\":[2]/'; exit 0", env!("CARGO_BIN_EXE_synk"));
    is_refused(&stage, &stage.script("forgetful", &sed), "cannot read version 1 of the desk (but 2)");
    let said = stage.user.fails(2, &["upgrade", "--host", "elsewhere"]);
    assert!(said.contains("where it is"), "{said}");
    session.goes_on(&stage);
    session.ends(&stage);
}

pub fn silent() {
    let stage = Stage::new();
    let session = Session::start(&stage);
    is_refused(&stage, &stage.script("hangs", "sleep 1000"), "did not say within 5 s");
    session.ends(&stage);
}

/// Fails to upgrade to this, and runs again from what it ran from.
fn goes_back(stage: &Stage, to: &Path, why: &str) {
    let ((before, keeper), ran) = (stage.pids(), program_of(stage.pids().1));
    let said = stage.fails(to);
    assert!(said.contains("is not used") && said.contains(why), "{said}");
    let after = stage.pids();
    assert!(after.0 != before && after.1 == keeper, "{after:?}");
    let name = |path: &Path| path.to_string_lossy().trim_end_matches(" (deleted)").to_owned();
    assert_eq!((name(&program_of(after.0)), name(&program_of(keeper))), (name(&ran), name(&ran)));
    assert_eq!(stage.status()["upgrade"]["stage"], "back");
    assert!(stage.user.ok(&["status"]).contains("is not used"));
}

/// A line of a script: as a daemon, and not to be checked, it does this.
fn as_daemon(does: &str) -> String {
    format!("[ \"$*\" = daemon ] && {does}")
}

pub fn ends() {
    let stage = Stage::new();
    let mut session = Session::start(&stage);
    goes_back(&stage, &stage.script("ends", &as_daemon("exit 3")), "3 times, at last so: exit code 3");
    session.goes_on(&stage);
    // Also one that lies where the program lay that runs: as an update puts it there.
    let place = stage.program.clone();
    goes_back(&stage, &stage.script("synk", &as_daemon("exit 4")), "exit code 4");
    assert!(fs::read(&place).unwrap().starts_with(b"#!/bin/sh"));
    session.goes_on(&stage);
    // And then one that can.
    let to = stage.another("good");
    stage.user.ok(&["upgrade", "--to", to.to_str().unwrap()]);
    let (daemon, keeper) = stage.pids();
    assert_eq!((program_of(daemon), program_of(keeper)), (to.clone(), to));
    session.ends(&stage);
}

pub fn never_up() {
    let stage = Stage::new();
    let session = Session::start(&stage);
    goes_back(&stage, &stage.script("waits", &as_daemon("exec sleep 1000")), "could not connect to it within 5 s");
    session.ends(&stage);
}

/// Waits until the daemon is another one, and is up.
fn until_another(stage: &Stage, before: u32) -> u32 {
    until("another daemon answers", || {
        let pid = status(&stage.user.socket())?["pid"].as_u64()?;
        u32::try_from(pid).ok().filter(|pid| *pid != before)
    })
}

pub fn goes_away() {
    let stage = Stage::new();
    let mut session = Session::start(&stage);
    let (before, keeper) = stage.pids();
    let to = stage.another("brief");
    let upgrade = stage.user.synk_command(&["upgrade", "--to", to.to_str().unwrap()]);
    let upgrade = { upgrade }.stderr(std::process::Stdio::piped()).spawn().unwrap();
    let daemon = until_another(&stage, before);
    fs::remove_file(&to).unwrap();
    let out = upgrade.wait_with_output().unwrap();
    let said = crate::user::stderr(&out);
    assert!(out.status.code() == Some(1) && said.contains("the keeper stays what it was"), "{out:?}");
    assert_eq!((stage.pids(), program_of(keeper)), ((daemon, keeper), stage.program.clone()));
    session.goes_on(&stage);
    // What it was told to start is not there: it starts what it is itself.
    kill(daemon);
    let next = until_another(&stage, daemon);
    assert_eq!((program_of(next), parent(next)), (stage.program.clone(), Some(keeper)));
    session.ends(&stage);
}

pub fn killed() {
    let stage = Stage::new();
    let session = Session::start(&stage);
    let (before, keeper) = stage.pids();
    let to = stage.another("good");
    let mut upgrade = stage.user.synk_command(&["upgrade", "--to", to.to_str().unwrap()]).spawn().unwrap();
    let first = until_another(&stage, before);
    kill(first);
    let second = until_another(&stage, first);
    assert!(upgrade.wait().unwrap().success());
    assert_eq!((stage.pids(), program_of(keeper)), ((second, keeper), to));
    session.ends(&stage);
}

fn kill(pid: u32) {
    kill_process(Pid::from_raw(pid.cast_signed()).unwrap(), Signal::KILL).unwrap();
}
