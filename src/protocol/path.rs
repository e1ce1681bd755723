//! Where host and clients meet.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

/// Longest path of a Unix socket on Linux, in bytes, without its terminator (unix(7): `sun_path` is 108 bytes).
const MAX_SOCKET_PATH: usize = 107;

/// The paths of one host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPaths {
    /// The directory of the others, for its owner alone.
    pub dir: PathBuf,
    /// The socket that every client connects to.
    pub socket: PathBuf,
    /// Held by the host for as long as it lives.
    pub lock: PathBuf,
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
}

impl fmt::Display for BadPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoHome => {
                f.write_str("neither XDG_RUNTIME_DIR nor HOME is set: set one of them to a directory of yours")
            }
            Self::TooLong(path) => write!(
                f,
                "the socket path {} is longer than {MAX_SOCKET_PATH} bytes: set XDG_RUNTIME_DIR to a shorter directory",
                path.display()
            ),
        }
    }
}

impl std::error::Error for BadPath {}

impl HostPaths {
    /// The paths under `$XDG_RUNTIME_DIR/synk`, else under `$HOME/.local/state/synk`; the log is always under the latter
    /// where there is a `HOME`.
    ///
    /// # Errors
    /// [`BadPath`] when there is no such directory or the socket's path would be too long.
    pub fn from_env() -> Result<Self, BadPath> {
        Self::from_vars(|name| std::env::var_os(name))
    }

    /// As [`HostPaths::from_env`] with the variables given.
    ///
    /// # Errors
    /// As [`HostPaths::from_env`].
    pub fn from_vars(var: impl Fn(&str) -> Option<OsString>) -> Result<Self, BadPath> {
        let dir_of = |name: &str| var(name).filter(|v| !v.is_empty()).map(PathBuf::from).filter(|p| p.is_absolute());
        let state = dir_of("XDG_STATE_HOME").or_else(|| dir_of("HOME").map(|home| home.join(".local/state")));
        let state = state.map(|dir| dir.join("synk"));
        let dir =
            dir_of("XDG_RUNTIME_DIR").map(|dir| dir.join("synk")).or_else(|| state.clone()).ok_or(BadPath::NoHome)?;
        let socket = dir.join("synk.sock");
        if socket.as_os_str().len() > MAX_SOCKET_PATH {
            return Err(BadPath::TooLong(socket));
        }
        let log = state.unwrap_or_else(|| dir.clone()).join("daemon.log");
        Ok(Self { lock: dir.join("synk.lock"), socket, log, dir })
    }
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
    fn no_home_and_a_long_home_are_told_apart() {
        assert_eq!(paths(&[]), Err(BadPath::NoHome));
        assert_eq!(paths(&[("HOME", "relative")]), Err(BadPath::NoHome));
        let long = format!("/{}", "x".repeat(120));
        assert!(matches!(paths(&[("HOME", &long)]), Err(BadPath::TooLong(_))));
    }
}
