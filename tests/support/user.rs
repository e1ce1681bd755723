//! A user for tests: a home and a runtime directory of their own, and the real program run as they would run it. What
//! was started in it ends with it.

#![allow(dead_code, reason = "every test file uses a part of it")]

use std::fs;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

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

    /// Runs the program to its end.
    pub fn synk(&self, args: &[&str]) -> Output {
        self.command(env!("CARGO_BIN_EXE_synk")).args(args).output().unwrap()
    }

    /// Starts this user's host.
    pub fn start_host(&self) {
        let out = self.synk(&["daemon", "start"]);
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    }
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
