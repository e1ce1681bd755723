//! Where host and clients meet.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

/// Longest path of a Unix socket, in bytes, without its terminator (unix(7): `sun_path` is 108 bytes on Linux; macOS has
/// 104).
const MAX_SOCKET_PATH: usize = if cfg!(target_os = "linux") { 107 } else { 103 };

/// The paths of one host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPaths {
    /// The directory of the socket.
    pub dir: PathBuf,
    /// The directory is synk's own, for its owner alone: where others may enter it, it is closed to them. The directory
    /// of a socket that was asked for holds other things too.
    pub own_dir: bool,
    /// The socket that every client connects to.
    pub socket: PathBuf,
    /// Held by the host for as long as it lives.
    pub lock: PathBuf,
    /// Leads programs to the user's SSH agent.
    pub agent: PathBuf,
    /// What the host has to say.
    pub log: PathBuf,
}

/// The host's paths cannot be worked out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BadPath {
    /// Neither `XDG_RUNTIME_DIR` nor `HOME` is set.
    NoHome,
    /// The socket's path is longer than the system allows.
    TooLong(PathBuf),
    /// The socket that was asked for is not an absolute path to a file.
    NotAbsolute(PathBuf),
    /// The socket that was asked for has a name that its host needs for something else.
    Reserved(PathBuf),
}

impl fmt::Display for BadPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoHome => {
                f.write_str("neither XDG_RUNTIME_DIR nor HOME is set: set one of them to a directory of yours")
            }
            Self::TooLong(path) => {
                write!(
                    f,
                    "the socket path {} is longer than {MAX_SOCKET_PATH} bytes: choose a shorter one",
                    path.display()
                )
            }
            Self::NotAbsolute(path) => {
                write!(f, "the socket path {} does not lead to a file from / on: give its whole path", path.display())
            }
            Self::Reserved(path) => {
                write!(f, "the socket path {} ends as the host's other files do: choose another ending", path.display())
            }
        }
    }
}

impl std::error::Error for BadPath {}

impl HostPaths {
    /// The paths of the host that this process's variables name.
    ///
    /// # Errors
    /// [`BadPath`].
    pub fn from_env() -> Result<Self, BadPath> {
        Self::from_vars(|name| std::env::var_os(name))
    }

    /// The paths of the socket that `SYNK_SOCKET` names; without it those under `$XDG_RUNTIME_DIR/synk`, else under
    /// `$HOME/.local/state/synk`, whose log is always under the latter where there is a `HOME`. Where that is too long
    /// for a socket, they are in a directory of `/tmp` that is named after it.
    ///
    /// # Errors
    /// [`BadPath`] when there is no such directory or the socket's path is of no use.
    pub fn from_vars(var: impl Fn(&str) -> Option<OsString>) -> Result<Self, BadPath> {
        let asked = var("SYNK_SOCKET").filter(|v| !v.is_empty()).map(PathBuf::from);
        let usual = Self::usual(var);
        match (asked, usual) {
            // However the usual socket is named, its lock and its log are the usual ones.
            (Some(socket), Ok(usual)) if usual.socket == socket => Ok(usual),
            (Some(socket), _) => Self::of_socket(socket),
            (None, usual) => usual,
        }
    }

    /// The paths of the host with this socket; lock and log lie beside it.
    ///
    /// # Errors
    /// [`BadPath`] when no socket can be made there.
    pub fn of_socket(socket: PathBuf) -> Result<Self, BadPath> {
        match (socket.parent(), socket.file_name()) {
            (Some(dir), Some(name)) if socket.is_absolute() => {
                let beside = |ending: &str| {
                    let mut name = Path::new(name).file_stem().unwrap_or(name).to_owned();
                    name.push(ending);
                    dir.join(name)
                };
                if socket.as_os_str().len() > MAX_SOCKET_PATH {
                    return Err(BadPath::TooLong(socket));
                }
                let (lock, agent, log) = (beside(".lock"), beside(".agent"), beside(".log"));
                if socket == lock || socket == agent || socket == log {
                    return Err(BadPath::Reserved(socket));
                }
                Ok(Self { dir: dir.to_owned(), own_dir: false, lock, agent, log, socket })
            }
            _ => Err(BadPath::NotAbsolute(socket)),
        }
    }

    /// The paths of a host in a directory of its own.
    ///
    /// # Errors
    /// [`BadPath::TooLong`].
    pub fn in_dir(dir: &Path) -> Result<Self, BadPath> {
        Ok(Self { own_dir: true, log: dir.join("daemon.log"), ..Self::of_socket(dir.join("synk.sock"))? })
    }

    fn usual(var: impl Fn(&str) -> Option<OsString>) -> Result<Self, BadPath> {
        let dir_of = |name: &str| var(name).filter(|v| !v.is_empty()).map(PathBuf::from).filter(|p| p.is_absolute());
        let state = dir_of("XDG_STATE_HOME").or_else(|| dir_of("HOME").map(|home| home.join(".local/state")));
        let state = state.map(|dir| dir.join("synk"));
        let dir =
            dir_of("XDG_RUNTIME_DIR").map(|dir| dir.join("synk")).or_else(|| state.clone()).ok_or(BadPath::NoHome)?;
        let mut paths = match Self::in_dir(&dir) {
            Err(BadPath::TooLong(_)) => Self::in_dir(&short(&dir)),
            fits => fits,
        }?;
        if let Some(state) = state {
            paths.log = state.join("daemon.log");
        }
        Ok(paths)
    }
}

/// A short directory that stands for a long one. Not in anybody's way: whoever made it first owns it, and neither host
/// nor client uses one that is another user's.
fn short(dir: &Path) -> PathBuf {
    // FNV-1a, 64 bits: the same in every build.
    let hash = dir
        .as_os_str()
        .as_encoded_bytes()
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    PathBuf::from(format!("/tmp/synk-{hash:016x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(vars: &[(&str, &str)]) -> Result<HostPaths, BadPath> {
        HostPaths::from_vars(|name| vars.iter().find(|(n, _)| *n == name).map(|(_, v)| OsString::from(v)))
    }

    #[test]
    fn the_runtime_directory_comes_first() {
        let p = paths(&[("XDG_RUNTIME_DIR", "/run/user/7"), ("HOME", "/home/u")]).unwrap();
        assert_eq!(p.socket, PathBuf::from("/run/user/7/synk/synk.sock"));
        assert_eq!(p.log, PathBuf::from("/home/u/.local/state/synk/daemon.log"));
        let p = paths(&[("XDG_RUNTIME_DIR", ""), ("HOME", "/home/u")]).unwrap();
        assert_eq!(p.socket, PathBuf::from("/home/u/.local/state/synk/synk.sock"));
    }

    #[test]
    fn a_socket_that_is_asked_for_goes_before_all() {
        let p = paths(&[("SYNK_SOCKET", "/srv/me/work.sock"), ("HOME", "/home/u")]).unwrap();
        assert_eq!((p.socket.to_str(), p.lock.to_str()), (Some("/srv/me/work.sock"), Some("/srv/me/work.lock")));
        assert!(!p.own_dir && p.log.starts_with("/srv/me"), "{p:?}");
        assert!(paths(&[("SYNK_SOCKET", "/srv/me/work")]).is_ok(), "no home is needed");
        for bad in ["relative.sock", "/", "/x/.."] {
            assert!(matches!(paths(&[("SYNK_SOCKET", bad)]), Err(BadPath::NotAbsolute(_))), "{bad}");
        }
        for bad in ["/x/y.lock", "/x/y.agent", "/x/y.log"] {
            assert!(matches!(paths(&[("SYNK_SOCKET", bad)]), Err(BadPath::Reserved(_))), "{bad}");
        }
        let long = format!("/{}", "x".repeat(120));
        assert!(matches!(paths(&[("SYNK_SOCKET", &long)]), Err(BadPath::TooLong(_))));
    }

    #[test]
    fn the_usual_socket_is_the_usual_one_however_it_is_named() {
        let usual = paths(&[("XDG_RUNTIME_DIR", "/run/user/7"), ("HOME", "/home/u")]).unwrap();
        let named =
            [("XDG_RUNTIME_DIR", "/run/user/7"), ("HOME", "/home/u"), ("SYNK_SOCKET", "/run/user/7/synk/synk.sock")];
        assert_eq!(paths(&named), Ok(usual));
    }

    #[test]
    fn a_long_home_gets_a_short_directory_of_its_own() {
        let long = |end: &str| format!("/{}/{end}", "x".repeat(200));
        let of = |home: &str| paths(&[("HOME", home)]).unwrap();
        let (one, other) = (of(&long("one")), of(&long("other")));
        assert!(one.own_dir && one.dir.starts_with("/tmp") && one.socket.as_os_str().len() < 60, "{one:?}");
        assert_eq!(one, of(&long("one")));
        assert_ne!(one.dir, other.dir);
        assert!(one.log.starts_with(long("one")), "the log has room where it belongs");
    }

    #[test]
    fn without_a_home_there_is_a_clear_word() {
        assert_eq!(paths(&[]), Err(BadPath::NoHome));
        assert_eq!(paths(&[("HOME", "relative")]), Err(BadPath::NoHome));
    }
}
