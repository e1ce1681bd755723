//! What to start, and whether it can be started: looked at before the fork, because what goes wrong behind it can only
//! be told in the words of a panicking child.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};

use super::environ::Vars;

/// A program to start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launch {
    /// The program and its arguments; never empty. A program without a slash is looked up on `PATH` of `env`.
    pub argv: Vec<OsString>,
    /// The working directory, which exists.
    pub cwd: PathBuf,
    /// The whole environment.
    pub env: Vars,
}

/// Why a program cannot be run, in words for the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CannotRun {
    /// 127 when there is no such program, 126 when there is and it cannot be executed, as shells have it.
    pub code: i32,
    pub message: String,
}

impl fmt::Display for CannotRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for CannotRun {}

impl CannotRun {
    fn missing(name: &OsStr, why: &str) -> Self {
        Self { code: 127, message: format!("{}: {why}", name.to_string_lossy()) }
    }

    fn not_executable(name: &OsStr, why: &str) -> Self {
        Self { code: 126, message: format!("{}: {why}", name.to_string_lossy()) }
    }
}

impl Launch {
    /// Checks that the program is there and can be executed.
    ///
    /// # Errors
    /// [`CannotRun`] with the reason.
    pub fn check(&self) -> Result<(), CannotRun> {
        let nothing = OsString::new();
        let name = self.argv.first().unwrap_or(&nothing);
        if self.argv.iter().any(|arg| arg.as_bytes().contains(&0)) {
            return Err(CannotRun::missing(OsStr::new("synk"), "the command holds a NUL character"));
        }
        if name.is_empty() {
            return Err(CannotRun::missing(OsStr::new("synk"), "the command is empty"));
        }
        if name.as_bytes().contains(&b'/') {
            return check_file(name, &self.cwd.join(name));
        }
        let path = self.env.get(OsStr::new("PATH")).map_or(OsStr::new(""), OsString::as_os_str);
        let mut found = Err(CannotRun::missing(name, "command not found"));
        for dir in std::env::split_paths(path) {
            match check_file(name, &self.cwd.join(dir).join(name)) {
                Ok(()) => return Ok(()),
                // Something that is there and cannot be run says more than its absence from the rest of PATH.
                Err(e) if e.code == 126 => found = Err(e),
                Err(_) => {}
            }
        }
        found
    }
}

fn check_file(name: &OsStr, path: &Path) -> Result<(), CannotRun> {
    match path.metadata() {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Err(CannotRun::missing(name, "no such file")),
        Err(e) => Err(CannotRun::not_executable(name, &e.to_string())),
        Ok(meta) if meta.is_dir() => Err(CannotRun::not_executable(name, "is a directory")),
        // Opening a pipe would wait for ever.
        Ok(meta) if !meta.is_file() => Err(CannotRun::not_executable(name, "is not a program")),
        Ok(_) if access(path, Access::EXEC_OK).is_err() => Err(CannotRun::not_executable(name, "not executable")),
        Ok(_) => check_interpreter(name, path),
    }
}

/// A script whose interpreter is missing fails only in `exec`, with an error that names the script.
fn check_interpreter(name: &OsStr, path: &Path) -> Result<(), CannotRun> {
    // Longest first line that Linux looks at (BINPRM_BUF_SIZE).
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(256).read_to_end(&mut head));
    let Some(line) = read.ok().and_then(|_| head.strip_prefix(b"#!")) else { return Ok(()) };
    let line = line.split(|&b| b == b'\n').next().unwrap_or_default().trim_ascii();
    let interpreter = line.split(|&b| b == b' ' || b == b'\t').next().unwrap_or_default();
    let interpreter = Path::new(OsStr::from_bytes(interpreter));
    if interpreter.as_os_str().is_empty() || interpreter.exists() {
        return Ok(());
    }
    Err(CannotRun::not_executable(name, &format!("its interpreter {} does not exist", interpreter.display())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn check(program: &str, cwd: &Path, path: &str) -> Result<(), i32> {
        let env = [("PATH".into(), path.into())].into();
        let launch = Launch { argv: vec![program.into()], cwd: cwd.into(), env };
        launch.check().map_err(|e| e.code)
    }

    #[test]
    fn programs_are_found_as_a_shell_finds_them() {
        let dir = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str, mode| {
            let path = dir.path().join(name);
            std::fs::write(&path, text).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        };
        file("plain", "", 0o644);
        file("script", "#!/bin/sh\n", 0o755);
        file("orphan", "#! /no/such/interpreter -x\n", 0o755);
        std::fs::create_dir(dir.path().join("folder")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(dir.path().join("socket")).unwrap();
        let at = |program: &str| check(program, dir.path(), dir.path().to_str().unwrap());
        assert_eq!((at("script"), at("./script"), at("/bin/sh")), (Ok(()), Ok(()), Ok(())));
        assert_eq!((at("plain"), at("./plain"), at("folder"), at("orphan")), (Err(126), Err(126), Err(126), Err(126)));
        assert_eq!(at("./socket"), Err(126), "neither is it opened, which would hang with a pipe");
        assert_eq!((at("absent"), at("./absent"), at(""), at("a\0b")), (Err(127), Err(127), Err(127), Err(127)));
        assert_eq!(check("script", dir.path(), "/no/such/directory"), Err(127));
    }
}
