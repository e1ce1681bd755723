//! Reaching the host of another machine: OpenSSH runs `synk relay` there, and what goes in and out of that is a
//! connection to the host. `ssh` has one end of a socket pair for its input and output, so nothing here copies anything.
//!
//! Before the host's first byte comes a line of the relay's. Until then a start may fail for many reasons, of which the
//! user is told the one; and what the other machine's shell prints when it starts is passed over.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, bounded};

use super::connect::{Absent, ConnectError, Connector, watch};
use crate::base::harmless;
use crate::model::session_kind::SshTarget;
use crate::protocol::relay::{NO_HOST, READY};

/// The OpenSSH client's exit status when it could not connect or lost the connection (ssh(1), EXIT STATUS).
const SSH_FAILED: i32 = 255;
/// What shells end with where there is no such command (POSIX, Shell Command Language, 2.8.2).
const NOT_FOUND: i32 = 127;
/// Most that is read before the relay's line, in bytes: what a shell may print when it starts.
const PREAMBLE: usize = 64 << 10;
/// Most of a line on the standard error of `ssh` that is passed on as one, in bytes: the other machine may print without
/// a line end.
const MAX_WORDS: u64 = 4 << 10;
/// How long the last words of an `ssh` that has ended may take to arrive.
const LAST_WORDS: Duration = Duration::from_millis(500);
/// How long OpenSSH keeps a connection that nobody uses, in seconds.
const PERSIST: u32 = 60;
/// Longest path of a socket (unix(7)), less what OpenSSH needs: a hash of 40 digits and, while it is made, 17 characters
/// behind it.
const MAX_DIR: usize = 107 - "/ssh-".len() - 40 - 17;

/// Where another machine's host is and how it is reached.
#[derive(Debug, Clone)]
pub struct Remote {
    pub target: SshTarget,
    /// The OpenSSH client: a program and what it is always told.
    pub ssh: Vec<OsString>,
    /// The other machine's synk, as its shell finds it.
    pub synk: String,
    /// Where sockets of connections that are shared lie; must be the user's alone. None: nothing is shared.
    pub shared: Option<PathBuf>,
}

impl Remote {
    /// The directory for sockets of shared connections, made if it is missing; none if others may enter it: whoever gets
    /// to such a socket is logged in.
    pub fn shared_in(dir: &Path) -> Option<PathBuf> {
        if let Err(e) = DirBuilder::new().recursive(true).mode(0o700).create(dir) {
            log::info!("no connection is shared: {}: {e}", dir.display());
        }
        let meta = fs::symlink_metadata(dir).ok()?;
        let own = meta.is_dir() && meta.uid() == rustix::process::geteuid().as_raw() && meta.mode() & 0o077 == 0;
        own.then(|| dir.to_owned())
    }
}

/// A connector for another machine's host.
pub fn remote_connector(remote: Remote) -> Connector {
    Arc::new(move |absent| connect(&remote, absent))
}

fn connect(remote: &Remote, absent: Absent) -> Result<UnixStream, ConnectError> {
    let fail = |why: String| ConnectError::Remote { machine: remote.target.to_string(), why };
    let asks = has_terminal();
    let Started { mut near, said, ended } = start(remote, absent, asks).map_err(|e| {
        let program = remote.ssh.first().map(|p| p.to_string_lossy().into_owned()).unwrap_or_default();
        fail(format!("{program} cannot be started: {e}"))
    })?;
    if until_ready(&mut near).map_err(|e| fail(e.to_string()))? {
        said.log_the_rest();
        return Ok(near);
    }
    // Its output has ended, so it is about to.
    let status = ended.recv().ok();
    if status.and_then(|s| s.code()) == Some(NO_HOST) {
        return Err(ConnectError::Absent);
    }
    Err(fail(why(remote, status, &said.last(), asks)))
}

/// A running `ssh`.
struct Started {
    /// Our end of what it passes on.
    near: UnixStream,
    said: Words,
    /// Where its end will be told.
    ended: Receiver<ExitStatus>,
}

fn start(remote: &Remote, absent: Absent, asks: bool) -> io::Result<Started> {
    let (near, far) = UnixStream::pair()?;
    let out = far.try_clone()?;
    let (program, always) = remote.ssh.split_first().ok_or(io::ErrorKind::NotFound)?;
    let mut command = Command::new(program);
    command.args(always).args(options(remote.shared.as_deref(), asks)).args(remote.target.args());
    command.arg(format!("{} relay{}", remote.synk, if absent == Absent::Start { "" } else { " --no-start" }));
    command.stdin(OwnedFd::from(far)).stdout(OwnedFd::from(out)).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let said = child.stderr.take().map(|from| Words::listen(from, io::stderr())).unwrap_or_default();
    Ok(Started { near, said, ended: watch(child) })
}

/// What `ssh` is told beside the user's configuration.
fn options(shared: Option<&Path>, asks: bool) -> Vec<OsString> {
    let mut options: Vec<OsString> = vec!["-T".into()];
    let mut set = |option: String| options.extend(["-o".into(), option.into()]);
    // They are for sessions of people: a command of the configuration would stand in ours' place, and a port that is
    // forwarded is taken by the first connection already.
    set("RemoteCommand=none".into());
    set("ClearAllForwardings=yes".into());
    // A window that waits for a machine that was switched off should say so.
    set("ServerAliveInterval=15".into());
    if !asks {
        set("BatchMode=yes".into());
    }
    if let Some(dir) = shared.filter(|dir| dir.as_os_str().len() <= MAX_DIR).and_then(Path::to_str) {
        // Percent signs stand for something else there (ssh_config(5), TOKENS).
        set(format!("ControlPath=\"{}/ssh-%C\"", dir.replace('%', "%%")));
        set("ControlMaster=auto".into());
        set(format!("ControlPersist={PERSIST}"));
    }
    options
}

/// Whether `ssh` can ask somebody: for a password, or whether a key is right.
fn has_terminal() -> bool {
    let foreground = || -> io::Result<bool> {
        let terminal = File::open("/dev/tty")?;
        Ok(rustix::termios::tcgetpgrp(&terminal)? == rustix::process::getpgrp())
    };
    // In the background of a terminal, asking would stop it.
    foreground().unwrap_or(false) || std::env::var_os("SSH_ASKPASS").is_some_and(|v| !v.is_empty())
}

/// Reads up to the relay's line. False when there is none and the connection has ended.
fn until_ready(near: &mut UnixStream) -> io::Result<bool> {
    let mut line = Vec::new();
    for _ in 0..PREAMBLE {
        // One at a time: what stands behind the line is the host's.
        let mut byte = [0];
        if near.read(&mut byte)? == 0 {
            return Ok(false);
        }
        line.push(byte[0]);
        if line.ends_with(READY.as_bytes()) {
            return Ok(true);
        }
    }
    Err(io::Error::other("its shell prints without an end when it starts"))
}

/// Why there is no connection, for people.
fn why(remote: &Remote, status: Option<ExitStatus>, last: &str, asks: bool) -> String {
    let code = status.and_then(|status| status.code());
    let said = if last.is_empty() { String::new() } else { format!(" ({last})") };
    match code {
        Some(NOT_FOUND) => format!(
            "there is no `{}` there: install synk there, or say with SYNK_REMOTE_COMMAND where it is{said}",
            remote.synk
        ),
        Some(SSH_FAILED) if !asks => {
            format!(
                "{}. Nothing could be asked: where a password is needed, or the machine is not known yet, run \
                 `synk --host {} status` in a terminal first",
                if last.is_empty() { "the connection failed" } else { last },
                remote.target
            )
        }
        _ if !last.is_empty() => last.to_owned(),
        Some(code) => format!("ssh ended with status {code} and without a word"),
        None => "ssh was ended".to_owned(),
    }
}

/// What `ssh` says on its standard error: passed on as it comes, and the last of it kept. Once it is connected it goes to
/// the log: the terminal may show a session by then.
#[derive(Debug, Default)]
struct Words {
    last: Arc<Mutex<String>>,
    logged: Arc<AtomicBool>,
    over: Option<Receiver<()>>,
}

impl Words {
    fn listen(from: impl Read + Send + 'static, mut to: impl Write + Send + 'static) -> Self {
        let last = Arc::new(Mutex::new(String::new()));
        let (tell, over) = bounded::<()>(1);
        let (kept, logged) = (Arc::clone(&last), Arc::new(AtomicBool::new(false)));
        let log = Arc::clone(&logged);
        let listen = move || {
            let _tell = tell;
            let (mut from, mut line) = (BufReader::new(from), Vec::new());
            while matches!(from.by_ref().take(MAX_WORDS).read_until(b'\n', &mut line), Ok(1..)) {
                let words = std::mem::take(&mut line);
                let line = String::from_utf8_lossy(&words);
                let line = harmless(line.trim_end());
                if log.load(Ordering::Relaxed) {
                    log::info!("ssh: {line}");
                } else {
                    // Where the terminal has gone, what comes is still heard: a full pipe would hold up `ssh`.
                    let _ = writeln!(to, "{line}");
                }
                if !line.is_empty() {
                    *kept.lock().unwrap_or_else(PoisonError::into_inner) = line.into_owned();
                }
            }
        };
        if let Err(e) = thread::Builder::new().name("ssh-words".into()).spawn(listen) {
            log::warn!("what ssh says cannot be heard: {e}");
        }
        Self { last, logged, over: Some(over) }
    }

    fn log_the_rest(&self) {
        self.logged.store(true, Ordering::Relaxed);
    }

    /// The last line of one that has ended.
    fn last(&self) -> String {
        if let Some(over) = &self.over {
            // Its end is not awaited for long: a shared connection that stays behind may hold the pipe open.
            let _ = over.recv_timeout(LAST_WORDS);
        }
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    /// A machine whose `ssh` is this shell script; its last argument, what would be run there, is `$command`.
    fn remote(script: &str) -> Remote {
        let script = format!("for command; do :; done; {script}");
        Remote {
            target: SshTarget { host: "box".into(), ..SshTarget::default() },
            ssh: ["sh", "-c", &script, "ssh"].map(OsString::from).to_vec(),
            synk: "synk".into(),
            shared: None,
        }
    }

    fn refused(script: &str) -> String {
        remote_connector(remote(script))(Absent::Start).unwrap_err().to_string()
    }

    #[test]
    fn what_the_shell_prints_first_is_passed_over() {
        let script = format!("printf 'welcome to box\\n\\033[31mno newline{READY}'; exec cat");
        let mut socket = remote_connector(remote(&script))(Absent::Start).unwrap();
        socket.write_all(b"there and back").unwrap();
        socket.shutdown(std::net::Shutdown::Write).unwrap();
        let mut back = String::new();
        socket.read_to_string(&mut back).unwrap();
        assert_eq!(back, "there and back");
    }

    #[test]
    fn a_shell_that_prints_without_an_end_is_told() {
        assert!(refused("yes").contains("without an end"));
    }

    #[test]
    fn the_reason_is_told_and_what_to_do() {
        let lost =
            refused("echo warning >&2; echo 'ssh: connect to host box port 22: Connection refused' >&2; exit 255");
        assert!(lost.starts_with("box: ssh: connect to host box port 22: Connection refused"), "{lost}");
        let missing = refused("echo 'sh: 1: synk: not found' >&2; exit 127");
        assert!(missing.contains("there is no `synk` there") && missing.contains("SYNK_REMOTE_COMMAND"), "{missing}");
        assert!(refused("exit 1").contains("status 1"));
        assert!(refused("kill -9 $$").contains("was ended"));
        let evil = refused("printf 'x\\033[2Jy\\n' >&2; exit 1");
        assert!(evil.ends_with("x\u{fffd}[2Jy"), "{evil:?}");
        let none = Remote { ssh: vec!["/no/such/ssh".into()], ..remote("") };
        assert!(connect(&none, Absent::Start).unwrap_err().to_string().contains("/no/such/ssh cannot be started"));
    }

    /// A terminal that has gone.
    struct Gone;

    impl Write for Gone {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn words_are_heard_without_an_end_and_without_a_terminal() {
        let heard = |text: Vec<u8>| {
            let words = Words::listen(io::Cursor::new(text), Gone);
            assert!(words.over.as_ref().unwrap().recv().is_err(), "it has ended");
            words.last()
        };
        assert_eq!(heard(b"one\r\ntwo\n\n".to_vec()), "two");
        assert_eq!(heard(b"half".to_vec()), "half");
        assert_eq!(heard(vec![b'x'; 5 * MAX_WORDS as usize]).len(), MAX_WORDS as usize);
    }

    #[test]
    fn a_host_is_started_there_only_if_it_should_be() {
        let script = format!("case $command in *' relay --no-start') exit {NO_HOST};; esac; printf '{READY}'");
        assert!(matches!(connect(&remote(&script), Absent::Fail), Err(ConnectError::Absent)));
        assert!(connect(&remote(&script), Absent::Start).is_ok());
    }

    #[test]
    fn connections_are_shared_where_there_is_room_for_their_socket() {
        let words = |dir: &str, asks| {
            let options = options(Some(Path::new(dir)), asks);
            options.iter().map(|o| o.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
        };
        let shared = words("/run/user/7/100%/synk", true);
        assert!(shared.contains("ControlPath=\"/run/user/7/100%%/synk/ssh-%C\"") && !shared.contains("BatchMode"));
        assert!(!words(&format!("/{}", "x".repeat(60)), true).contains("Control"));
        assert!(words("/run", false).contains("BatchMode=yes"));
    }

    #[test]
    fn nothing_is_shared_in_a_directory_that_others_may_enter() {
        let dir = tempfile::tempdir().unwrap();
        let (open, link) = (dir.path().join("open"), dir.path().join("link"));
        assert_eq!(Remote::shared_in(&open), Some(open.clone()), "it is made");
        std::os::unix::fs::symlink(&open, &link).unwrap();
        assert_eq!(Remote::shared_in(&link), None);
        fs::set_permissions(&open, fs::Permissions::from_mode(0o750)).unwrap();
        assert_eq!(Remote::shared_in(&open), None);
    }

    #[test]
    fn an_ssh_that_ends_leaves_no_zombie() {
        let dir = tempfile::tempdir().unwrap();
        let pid = dir.path().join("pid");
        assert!(refused(&format!("echo $$ > {}; exit 1", pid.display())).contains("status 1"));
        let pid = fs::read_to_string(pid).unwrap();
        assert!(!Path::new(&format!("/proc/{}", pid.trim())).exists());
    }
}
