//! Another machine for tests: the real OpenSSH server on this one, with keys, configuration and port of its own, and a
//! configuration for the client in which it is called `box`.

#![allow(dead_code, reason = "every test file uses a part of it")]

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::process::children;
use tempfile::TempDir;

pub struct Sshd {
    dir: TempDir,
    server: Child,
}

impl Sshd {
    /// A machine that is known, whose user has these directories.
    pub fn of(home: &Path, run: &Path) -> Self {
        let [home, run] = [home, run].map(|dir| dir.to_str().unwrap());
        let sshd = Self::start(&[("HOME", home), ("XDG_RUNTIME_DIR", run), ("SHELL", "/bin/sh")]);
        sshd.trust();
        sshd
    }

    /// A machine whose programs have these variables.
    pub fn start(vars: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for key in ["host", "user"] {
            let file = dir.path().join(key);
            let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&file).status();
            assert!(
                made.expect("ssh-keygen; the tests need it: install the packages that `make setup` names").success()
            );
        }
        if rustix::process::geteuid().is_root() {
            // Where the server locks itself in before anybody has logged in.
            fs::create_dir_all("/run/sshd").unwrap();
        }
        // The port may be taken again before the server has it: then another one is tried.
        for _ in 0..10 {
            let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
            configure(dir.path(), port, vars);
            let log = fs::File::create(dir.path().join("log")).unwrap();
            let mut server = Command::new("/usr/sbin/sshd");
            server.args(["-D", "-e", "-f"]).arg(dir.path().join("sshd_config"));
            let mut server = server.stdin(Stdio::null()).stderr(log).spawn().expect("sshd cannot be started");
            let limit = Instant::now() + Duration::from_secs(20);
            while server.try_wait().unwrap().is_none() && Instant::now() < limit {
                if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                    return Self { dir, server };
                }
                std::thread::sleep(Duration::from_millis(10));
            }
        }
        panic!("sshd does not start: {}", fs::read_to_string(dir.path().join("log")).unwrap());
    }

    /// For `ssh -F`.
    pub fn client_config(&self) -> PathBuf {
        self.dir.path().join("config")
    }

    /// From now on the client knows this machine.
    pub fn trust(&self) {
        let key = fs::read_to_string(self.dir.path().join("host.pub")).unwrap();
        fs::write(self.dir.path().join("known"), format!("box {key}")).unwrap();
    }

    /// From now on the client does not know it.
    pub fn distrust(&self) {
        fs::write(self.dir.path().join("known"), "").unwrap();
    }

    /// The machine is switched off.
    pub fn stop(&mut self) {
        self.cut();
        let _ = self.server.kill();
        let _ = self.server.wait();
    }

    /// The processes that serve connections.
    pub fn connections(&self) -> Vec<u32> {
        children(self.server.id())
    }

    /// Cuts every connection, as a network does: without a word.
    pub fn cut(&self) {
        for pid in self.connections() {
            // One that has ended by now is cut too.
            let _ = Command::new("kill").args(["-KILL", &pid.to_string()]).stderr(Stdio::null()).status();
        }
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        self.stop();
    }
}

fn configure(dir: &Path, port: u16, vars: &[(&str, &str)]) {
    let at = |name: &str| dir.join(name).display().to_string();
    let set: Vec<String> = vars.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let set = if set.is_empty() { String::new() } else { format!("SetEnv {}\n", set.join(" ")) };
    let server = format!(
        "ListenAddress 127.0.0.1:{port}\nHostKey {}\nAuthorizedKeysFile {}\nPidFile none\nUsePAM no\nStrictModes no\n\
         PasswordAuthentication no\nPermitRootLogin yes\nPrintMotd no\n{set}",
        at("host"),
        at("user.pub"),
    );
    fs::write(dir.join("sshd_config"), server).unwrap();
    let client = format!(
        "Host box\n HostName 127.0.0.1\n HostKeyAlias box\n Port {port}\n IdentityFile {}\n IdentitiesOnly yes\n \
         IdentityAgent none\n UserKnownHostsFile {}\n GlobalKnownHostsFile none\n",
        at("user"),
        at("known"),
    );
    fs::write(dir.join("config"), client).unwrap();
}
