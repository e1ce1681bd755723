//! Reaching the host: connect to its socket, or start it and then connect. That there is only one host is the host's own
//! care (it holds a lock): here it is enough to try again until one answers.

use std::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, bounded};

use crate::base::{peer, program};
use crate::protocol::path::HostPaths;

/// What to do where no host answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absent {
    /// Start one.
    Start,
    /// Say so: a window that lost its host does not start another by itself, or `synk daemon stop` would have no end.
    Fail,
}

/// How a client gets a fresh connection to its host. Called from the thread that connects, as often as needed.
pub type Connector = Arc<dyn Fn(Absent) -> Result<UnixStream, ConnectError> + Send + Sync>;

/// How long a host may take from its start to its first answer. It takes some 10 ms; the rest is for loaded machines.
const START_LIMIT: Duration = Duration::from_secs(20);
/// Between two tries while the host starts.
const RETRY: Duration = Duration::from_millis(5);
/// How long to go on after our host failed: another window's may be on its way.
const LAST_HOPE: Duration = Duration::from_millis(500);
/// How long nobody has to answer after our host left the place to another before one is started again: the other one may
/// have been on its way out, with its socket closed and its programs still ending.
const LEFT: Duration = Duration::from_millis(150);
/// How much of the log is looked at for the reason of a failed start, in bytes.
const LOG_TAIL: u64 = 8 << 10;

/// Why there is no connection to a host.
#[derive(Debug)]
pub enum ConnectError {
    /// The socket is there and cannot be used.
    Socket { path: PathBuf, error: io::Error },
    /// Somebody else listens at the socket.
    Foreign { path: PathBuf },
    /// The host could not be started.
    Start { command: PathBuf, error: io::Error },
    /// The host's log cannot be written.
    Log { path: PathBuf, error: io::Error },
    /// The host ended before it answered.
    Ended { status: ExitStatus, why: String, log: PathBuf },
    /// The host runs but does not answer.
    Silent { log: PathBuf },
    /// Another machine's host cannot be reached.
    Remote { machine: String, why: String },
    /// No host answers, and none was to be started.
    Absent,
    /// The host inside this process is gone.
    Gone,
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Socket { path, error } => write!(f, "cannot connect to {}: {error}", path.display()),
            Self::Foreign { path } => {
                write!(f, "the socket {} is another user's: choose another one with SYNK_SOCKET", path.display())
            }
            Self::Start { command, error } => write!(f, "cannot start the host {}: {error}", command.display()),
            Self::Log { path, error } => write!(f, "cannot write the host's log {}: {error}", path.display()),
            Self::Ended { status, why, log } if why.is_empty() => {
                write!(f, "the host did not start ({status}); its log is {}", log.display())
            }
            Self::Ended { why, .. } => write!(f, "the host did not start: {why}"),
            Self::Silent { log } => write!(
                f,
                "the host was started and does not answer after {} s; its log is {}",
                START_LIMIT.as_secs(),
                log.display()
            ),
            Self::Remote { machine, why } => write!(f, "{machine}: {why}"),
            Self::Absent => f.write_str("no host is running"),
            Self::Gone => f.write_str("the host inside this process is gone"),
        }
    }
}

impl std::error::Error for ConnectError {}

/// A connector for the host at these paths.
pub fn host_connector(paths: HostPaths) -> Connector {
    Arc::new(move |absent| match (running_host(&paths)?, absent) {
        (Some(socket), _) => Ok(socket),
        (None, Absent::Start) => start_and_connect(&paths),
        (None, Absent::Fail) => Err(ConnectError::Absent),
    })
}

/// Connects to a host that runs already; `None` where none does.
///
/// # Errors
/// [`ConnectError::Socket`] when the socket cannot be used, [`ConnectError::Foreign`] when it is not ours to use.
pub fn running_host(paths: &HostPaths) -> Result<Option<UnixStream>, ConnectError> {
    match UnixStream::connect(&paths.socket) {
        // What is typed must not go to anybody else, wherever the socket lies.
        Ok(socket) if peer::is_ours(&socket) => Ok(Some(socket)),
        Ok(_) => Err(ConnectError::Foreign { path: paths.socket.clone() }),
        // No socket, or one that a host left behind when it was killed.
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => Ok(None),
        Err(error) => Err(ConnectError::Socket { path: paths.socket.clone(), error }),
    }
}

fn start_and_connect(paths: &HostPaths) -> Result<UnixStream, ConnectError> {
    let mut log = open_log(&paths.log)?;
    let said_before = log.seek(SeekFrom::End(0)).unwrap_or(0);
    connect_started(paths, said_before, || start(&paths.socket, &log).map(watch))
}

/// Starts a host with `start`, again where it has to be, and connects to whichever answers. `start` returns where the
/// host's end will be told.
fn connect_started(
    paths: &HostPaths,
    said_before: u64,
    mut start: impl FnMut() -> Result<Receiver<ExitStatus>, ConnectError>,
) -> Result<UnixStream, ConnectError> {
    let mut ended = start()?;
    let deadline = Instant::now() + START_LIMIT;
    let mut end: Option<(ExitStatus, Instant)> = None;
    while Instant::now() < deadline {
        if let Some(socket) = running_host(paths)? {
            return Ok(socket);
        }
        match end {
            Some((status, at)) if status.success() && at.elapsed() > LEFT => {
                end = None;
                ended = start()?;
            }
            Some((status, at)) if !status.success() && at.elapsed() > LAST_HOPE => {
                let why = last_line(&paths.log, said_before);
                return Err(ConnectError::Ended { status, why, log: paths.log.clone() });
            }
            Some(_) => thread::sleep(RETRY),
            None => match ended.recv_timeout(RETRY) {
                Ok(status) => end = Some((status, Instant::now())),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => thread::sleep(RETRY),
            },
        }
    }
    Err(ConnectError::Silent { log: paths.log.clone() })
}

fn open_log(path: &Path) -> Result<File, ConnectError> {
    let open = || {
        if let Some(dir) = path.parent() {
            DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
        }
        OpenOptions::new().create(true).append(true).mode(0o600).open(path)
    };
    open().map_err(|error| ConnectError::Log { path: path.to_owned(), error })
}

/// Starts the host, by way of its keeper, in a session of its own, so that it outlives this process and the terminal it was started from.
fn start(socket: &Path, log: &File) -> Result<Child, ConnectError> {
    let exe = program::installed().map_err(|error| ConnectError::Start { command: "synk".into(), error })?;
    let fail = |error| ConnectError::Start { command: exe.clone(), error };
    let mut command = Command::new(&exe);
    // The title that `ps` shows is `synk keeper`, wherever the program lies.
    command.arg0("synk").arg("keeper").stdin(Stdio::null());
    // It is to listen where this client looks for it, whatever said so.
    command.env("SYNK_SOCKET", socket);
    command.stdout(log.try_clone().map_err(fail)?).stderr(log.try_clone().map_err(fail)?);
    // Not where this window happened to be started: the host would keep that file system busy.
    let home = std::env::var_os("HOME").map(PathBuf::from).filter(|home| home.is_dir());
    command.current_dir(home.unwrap_or_else(|| "/".into()));
    // SAFETY: setsid is async-signal-safe and the closure neither allocates nor takes a lock, which is all that may be
    // done between fork and exec.
    unsafe { command.pre_exec(|| rustix::process::setsid().map(drop).map_err(io::Error::from)) };
    command.spawn().map_err(fail)
}

/// Waits for the host, or for `ssh`, on a thread, so that it never stays behind as a zombie of this window.
pub(super) fn watch(mut child: Child) -> Receiver<ExitStatus> {
    let (tell, ended) = bounded(1);
    let spawned = thread::Builder::new().name("host-wait".into()).spawn(move || {
        if let Ok(status) = child.wait() {
            let _ = tell.send(status);
        }
    });
    if let Err(e) = spawned {
        log::warn!("cannot watch the host that was started: {e}");
    }
    ended
}

/// The last line the host wrote since `from`: it says why it gave up.
fn last_line(log: &Path, from: u64) -> String {
    let read = || -> io::Result<String> {
        let mut file = fs::File::open(log)?;
        let end = file.seek(SeekFrom::End(0))?;
        file.seek(SeekFrom::Start(from.max(end.saturating_sub(LOG_TAIL))))?;
        let mut bytes = Vec::new();
        file.take(LOG_TAIL).read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    let text = read().unwrap_or_default();
    text.lines().rev().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixListener;

    fn paths(dir: &Path) -> HostPaths {
        HostPaths::in_dir(dir).unwrap()
    }

    #[test]
    fn a_missing_and_a_stale_socket_mean_that_no_host_runs() {
        let dir = tempfile::tempdir().unwrap();
        let paths = paths(dir.path());
        assert!(running_host(&paths).unwrap().is_none());
        let listener = UnixListener::bind(&paths.socket).unwrap();
        assert!(running_host(&paths).unwrap().is_some());
        drop(listener);
        assert!(paths.socket.exists() && running_host(&paths).unwrap().is_none());
    }

    #[test]
    fn a_host_that_left_the_place_to_one_that_ends_is_started_again() {
        let dir = tempfile::tempdir().unwrap();
        let paths = paths(dir.path());
        let mut listener = None;
        let mut starts = 0;
        let connected = connect_started(&paths, 0, || {
            starts += 1;
            if starts == 3 {
                listener = Some(UnixListener::bind(&paths.socket).unwrap());
            }
            Ok(watch(Command::new("true").spawn().unwrap()))
        });
        assert!(connected.is_ok() && starts == 3, "{connected:?} after {starts} starts");
    }

    #[test]
    fn a_host_that_fails_is_not_started_again() {
        let dir = tempfile::tempdir().unwrap();
        let mut starts = 0;
        let connected = connect_started(&paths(dir.path()), 0, || {
            starts += 1;
            Ok(watch(Command::new("false").spawn().unwrap()))
        });
        assert!(matches!(connected, Err(ConnectError::Ended { .. })) && starts == 1, "{connected:?}");
    }

    #[test]
    fn the_reason_is_the_last_line_since_the_start() {
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("daemon.log");
        fs::write(&log, "old trouble\n").unwrap();
        let from = fs::metadata(&log).unwrap().len();
        assert_eq!(last_line(&log, from), "");
        fs::write(&log, "old trouble\nfirst\nno place for a socket\n\n").unwrap();
        assert_eq!(last_line(&log, from), "no place for a socket");
    }
}
