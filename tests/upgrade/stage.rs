//! A host that runs from a program of its own, which can be put out of the way, and other programs to upgrade to.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::process::parent;
use crate::support::api::Api;
use crate::user::{User, stderr};

pub struct Stage {
    pub user: User,
    /// What the host was started from.
    pub program: PathBuf,
}

impl Stage {
    pub fn new() -> Self {
        let user = User::new();
        let program = user.path("synk");
        let stage = Self { user, program };
        copy(&stage.program);
        let out = stage.user.command(&stage.program).args(["daemon", "start"]).output().unwrap();
        assert!(out.status.success(), "{}", stderr(&out));
        stage
    }

    /// Another program of synk that can take over.
    pub fn another(&self, name: &str) -> PathBuf {
        let path = self.user.path(name);
        copy(&path);
        path
    }

    /// A program that does this, as a script of the shell; what follows it is synk itself.
    pub fn script(&self, name: &str, does: &str) -> PathBuf {
        let path = self.user.path(name);
        // Put there at once: it may lie where a program lies that runs.
        let fresh = self.user.path("fresh");
        let text = self.user.path("text of a program");
        fs::write(&text, format!("#!/bin/sh\n{does}\nexec {} \"$@\"\n", env!("CARGO_BIN_EXE_synk"))).unwrap();
        cp(&text, &fresh);
        fs::set_permissions(&fresh, fs::Permissions::from_mode(0o755)).unwrap();
        fs::rename(&fresh, &path).unwrap();
        path
    }

    /// Upgrades to this program, which has to fail; what was said.
    pub fn fails(&self, to: &Path) -> String {
        self.user.fails(1, &["upgrade", "--to", to.to_str().unwrap()])
    }

    pub fn api(&self) -> Api {
        Api::new(UnixStream::connect(self.user.socket()).expect("nobody is refused"))
    }

    pub fn status(&self) -> Value {
        self.api().call("get_status", json!({}))
    }

    /// The process ids of daemon and keeper.
    pub fn pids(&self) -> (u32, u32) {
        let daemon = u32::try_from(self.status()["pid"].as_u64().unwrap()).unwrap();
        (daemon, parent(daemon).unwrap())
    }
}

/// What a host says of itself, on a new connection; none where it goes away instead.
pub fn status(socket: &Path) -> Option<Value> {
    let mut stream = UnixStream::connect(socket).expect("nobody is refused");
    writeln!(stream, r#"{{"id":1,"method":"get_status"}}"#).ok()?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).ok()?;
    let reply: Value = serde_json::from_str(&line).ok()?;
    Some(reply["result"].clone())
}

/// What a process runs from.
pub fn program_of(pid: u32) -> PathBuf {
    fs::read_link(format!("/proc/{pid}/exe")).unwrap()
}

/// Another file of the program, put there at once.
fn copy(to: &Path) {
    let fresh = to.with_extension("fresh");
    cp(Path::new(env!("CARGO_BIN_EXE_synk")), &fresh);
    fs::rename(&fresh, to).unwrap();
}

/// By another process: what this one writes, a child that another thread is just starting has open for a moment, and then it
/// cannot be run.
fn cp(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg(from).arg(to).status().unwrap();
    assert!(copied.success(), "{copied}");
}
