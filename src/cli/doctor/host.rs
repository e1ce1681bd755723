//! The host, and the files where it is met.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;

use super::check::Check;
use crate::cli::fail::{Fail, NO_HOST, PROTOCOL};
use crate::cli::verb::Context;
use crate::client::{Absent, Control};
use crate::protocol::methods::{Empty, GetStatus, HelloResult};

const HOST: &str = "host";
const DIRECTORY: &str = "directory";
const SOCKET: &str = "socket";

pub fn checks(cx: &Context) -> Vec<Check> {
    let paths = match cx.paths() {
        Ok(paths) => paths,
        Err(fail) => return vec![Check::failed(HOST, fail.message, "without a place for its socket no host can run")],
    };
    let hello = cx.connect(Absent::Fail).and_then(|socket| {
        let (mut control, hello) = Control::open(socket, "cli")?;
        Ok((hello, control.call::<GetStatus>(&Empty {})?.keeper))
    });
    vec![
        host(hello, env!("CARGO_PKG_VERSION")),
        directory(&paths.dir, paths.own_dir, fs::symlink_metadata(&paths.dir)),
        socket(&paths.socket, fs::symlink_metadata(&paths.socket)),
    ]
}

fn host(hello: Result<(HelloResult, Option<bool>), Fail>, own: &str) -> Check {
    match hello {
        Ok((hello, Some(false))) => Check::warning(
            HOST,
            format!("synk {} runs, pid {}, without a keeper", hello.version, hello.pid),
            "its sessions would end with it; `synk daemon stop` ends both, and `synk daemon start` makes a host with one",
        ),
        Ok((hello, _)) if hello.version == own => Check::ok(HOST, format!("synk {own} runs, pid {}", hello.pid)),
        Ok((hello, _)) => Check::warning(
            HOST,
            format!("synk {} runs, pid {}, and this is {own}", hello.version, hello.pid),
            "both understand each other; `synk daemon stop` ends its sessions and it, and the next one is of this version",
        ),
        Err(fail) if fail.code == NO_HOST => Check::ok(HOST, "none runs; `synk` and `synk new` start one"),
        Err(fail) if fail.code == PROTOCOL => Check::failed(HOST, fail.message, "use the synk that started it"),
        Err(fail) => Check::failed(HOST, fail.message, "what it has to say is in its log"),
    }
}

/// `own` is synk's own directory, which nobody else may enter.
fn directory(path: &Path, own: bool, found: io::Result<Metadata>) -> Check {
    let shown = path.display();
    let meta = match found {
        Ok(meta) => meta,
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            return Check::ok(DIRECTORY, format!("{shown} is made when a host starts"));
        }
        Err(e) => return Check::failed(DIRECTORY, format!("{shown}: {e}"), "it has to be a directory of yours"),
    };
    let mode = meta.mode() & 0o7777;
    if !meta.is_dir() {
        Check::failed(DIRECTORY, format!("{shown} is no directory"), "remove what is in the way")
    } else if own && meta.uid() != rustix::process::geteuid().as_raw() {
        Check::failed(DIRECTORY, format!("{shown} is another user's"), "set XDG_RUNTIME_DIR to a directory of yours")
    } else if own && mode & 0o077 != 0 {
        let advice = format!("the next host closes it to others; now: chmod 700 {shown}");
        Check::warning(DIRECTORY, format!("{shown} is open to others (mode {mode:o})"), advice)
    } else {
        Check::ok(DIRECTORY, format!("{shown}, mode {mode:o}"))
    }
}

fn socket(path: &Path, found: io::Result<Metadata>) -> Check {
    let shown = path.display();
    let meta = match found {
        Ok(meta) => meta,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Check::ok(SOCKET, format!("{shown} is not there yet")),
        Err(e) => return Check::failed(SOCKET, format!("{shown}: {e}"), "it has to be in a directory of yours"),
    };
    let mode = meta.mode() & 0o7777;
    if !meta.file_type().is_socket() {
        Check::failed(SOCKET, format!("{shown} is no socket"), "remove what is in the way")
    } else if meta.uid() != rustix::process::geteuid().as_raw() {
        Check::failed(SOCKET, format!("{shown} is another user's"), "choose another one with --socket or SYNK_SOCKET")
    } else if mode & 0o077 != 0 {
        Check::failed(SOCKET, format!("{shown} is open to others (mode {mode:o})"), format!("chmod 600 {shown}"))
    } else {
        Check::ok(SOCKET, format!("{shown}, mode {mode:o}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::check::State;
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::net::UnixListener;

    #[test]
    fn another_version_is_a_warning_and_none_is_none() {
        let hello = |version: &str| Ok((HelloResult { proto: 1, version: version.into(), pid: 7 }, Some(true)));
        assert_eq!(host(hello("1.0"), "1.0").state, State::Ok);
        let other = host(hello("0.9"), "1.0");
        assert!(other.state == State::Warning && other.found.contains("0.9") && other.found.contains("1.0"));
        let alone = host(hello("1.0").map(|(hello, _)| (hello, Some(false))), "1.0");
        assert!(alone.state == State::Warning && alone.found.contains("without a keeper"));
        assert_eq!(host(Err(Fail::new(NO_HOST, "none")), "1").state, State::Ok);
        assert_eq!(host(Err(Fail::new(PROTOCOL, "old")), "1").state, State::Failed);
        assert_eq!(host(Err(Fail::failed("silent")), "1").state, State::Failed);
    }

    #[test]
    fn files_that_others_could_use_are_told() {
        let dir = tempfile::tempdir().unwrap();
        let set = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        let of = |path: &Path| directory(path, true, fs::symlink_metadata(path)).state;
        set(dir.path(), 0o700);
        assert_eq!(of(dir.path()), State::Ok);
        set(dir.path(), 0o755);
        assert_eq!(of(dir.path()), State::Warning);
        assert_eq!(directory(dir.path(), false, fs::symlink_metadata(dir.path())).state, State::Ok);
        let (path, link) = (dir.path().join("s"), dir.path().join("link"));
        std::os::unix::fs::symlink(dir.path(), &link).unwrap();
        assert_eq!((of(&dir.path().join("none")), of(&link)), (State::Ok, State::Failed));
        let of = |path: &Path| socket(path, fs::symlink_metadata(path)).state;
        assert_eq!(of(&path), State::Ok);
        let listener = UnixListener::bind(&path).unwrap();
        set(&path, 0o600);
        assert_eq!(of(&path), State::Ok);
        set(&path, 0o666);
        assert_eq!((of(&path), of(dir.path())), (State::Failed, State::Failed));
        drop(listener);
    }
}
