//! A user for tests: a home and a runtime directory of their own, and the real program run as they would run it. What
//! was started in it ends with it.

#![allow(dead_code, reason = "every test file uses a part of it")]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use synk::client::Control;
use synk::protocol::methods::{Empty, StopHost};
use tempfile::TempDir;

pub struct User {
    dir: TempDir,
    /// What this user's programs have beside the usual variables.
    pub vars: Vec<(String, String)>,
}

impl User {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        for name in ["run", "home/.config/synk"] {
            fs::create_dir_all(dir.path().join(name)).unwrap();
        }
        Self { dir, vars: Vec::new() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn socket(&self) -> PathBuf {
        self.path("run/synk/synk.sock")
    }

    /// A program with this user's environment.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.stdin(Stdio::null()).env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", self.path("home")).env("XDG_RUNTIME_DIR", self.path("run"));
        command.env("SHELL", "/bin/sh").env("LANG", "C.UTF-8").env("PS1", "$ ");
        command.envs(self.vars.iter().map(|(name, value)| (name, value)));
        command
    }

    /// The program, not yet started.
    pub fn synk_command(&self, args: &[&str]) -> Command {
        let mut command = self.command(env!("CARGO_BIN_EXE_synk"));
        command.args(args);
        command
    }

    /// Runs the program to its end.
    pub fn synk(&self, args: &[&str]) -> Output {
        self.synk_command(args).output().unwrap()
    }

    /// Runs the program, which has to succeed; what it printed.
    pub fn ok(&self, args: &[&str]) -> String {
        let out = self.synk(args);
        assert!(out.status.success(), "synk {args:?}: {:?} {}", out.status.code(), stderr(&out));
        String::from_utf8(out.stdout).unwrap()
    }

    /// As [`User::ok`], with `--json`: the result.
    pub fn json(&self, args: &[&str]) -> Value {
        let text = self.ok(&[&["--json"], args].concat());
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("synk --json {args:?}: {e}: {text}"))
    }

    /// Runs the program, which has to fail with this exit code; what it said on standard error.
    pub fn fails(&self, code: i32, args: &[&str]) -> String {
        let out = self.synk(args);
        assert_eq!(out.status.code(), Some(code), "synk {args:?}: {}", stderr(&out));
        stderr(&out)
    }

    /// Runs the program with this as standard input.
    pub fn pipe(&self, input: &[u8], args: &[&str]) -> Output {
        let mut command = self.synk_command(args);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // One that refuses its arguments reads nothing.
        let _ = child.stdin.take().unwrap().write_all(input);
        child.wait_with_output().unwrap()
    }

    /// The host's sessions.
    pub fn sessions(&self) -> Vec<Value> {
        self.json(&["ls"])["sessions"].as_array().unwrap().clone()
    }

    /// One request on a connection of its own; the reply.
    pub fn request(&self, line: &str) -> Value {
        let mut socket = UnixStream::connect(self.socket()).unwrap();
        writeln!(socket, "{line}").unwrap();
        socket.shutdown(Shutdown::Write).unwrap();
        let mut reply = String::new();
        BufReader::new(socket).read_line(&mut reply).unwrap();
        serde_json::from_str(&reply).unwrap()
    }

    /// Starts this user's host.
    pub fn start_host(&self) {
        self.ok(&["daemon", "start"]);
    }
}

/// What a program said on standard error.
pub fn stderr(out: &Output) -> String {
    String::from_utf8_lossy(&out.stderr).into_owned()
}

impl Drop for User {
    fn drop(&mut self) {
        let asked = self.vars.iter().find(|(name, _)| name == "SYNK_SOCKET").map(|(_, path)| path.into());
        let socket = asked.unwrap_or_else(|| self.socket());
        let Ok((mut control, hello)) = UnixStream::connect(socket).map_err(drop).and_then(|socket| {
            socket.set_read_timeout(Some(Duration::from_secs(20))).map_err(drop)?;
            Control::open(socket, "test").map_err(drop)
        }) else {
            return;
        };
        let _ = control.call::<StopHost>(&Empty {});
        let limit = Instant::now() + Duration::from_secs(10);
        while PathBuf::from(format!("/proc/{}", hello.pid)).exists() && Instant::now() < limit {
            std::thread::yield_now();
        }
    }
}
