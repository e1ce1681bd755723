//! The file on its disk: who may use it, and how it is put aside. Nothing here reads what is in it.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, Metadata, OpenOptions, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::process::geteuid;

use super::trouble::Trouble;
use crate::base::lock;

/// What SQLite puts beside a database: its log, the index to that, and the journal of file systems that have neither.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// What tells a file from others, whatever its name: its device and its number there.
type FileId = (u64, u64);

fn id(meta: &Metadata) -> FileId {
    (meta.dev(), meta.ino())
}

/// The file, held against other hosts for as long as this value lives: two of them would each take the other's sessions
/// for ones that have ended.
#[derive(Debug)]
pub(super) struct Place {
    /// Without symbolic links on the way.
    pub(super) path: PathBuf,
    file: FileId,
    _lock: File,
}

impl Place {
    /// Takes the file, making it and its directory where there is none. `own_dir` says that the directory is synk's: it
    /// is closed to others. One that was chosen stays as it is.
    ///
    /// # Errors
    /// [`Trouble::Later`] while another host has it, and where it cannot be made; [`Trouble::Refused`] where others
    /// could have put it there.
    pub(super) fn take(asked: &Path, own_dir: bool) -> Result<Self, Trouble> {
        let (Some(dir), Some(name)) = (asked.parent(), asked.file_name()) else {
            return Err(Trouble::Refused(format!("{} is not the path of a file", asked.display())));
        };
        let dir = prepare_directory(dir, own_dir)?;
        let path = dir.join(name);
        // A file of its own, because closing any descriptor of the database would give up SQLite's locks on it (POSIX).
        let lock = with(&path, ".lock");
        let taken = lock::take(&lock).map_err(|e| Trouble::file("lock", &lock, &e))?;
        let lock = taken.ok_or_else(|| Trouble::Later("another host uses it".into()))?;
        for beside in BESIDE {
            check_file(&with(&path, beside))?;
        }
        let file = check_file(&path)?.map_or_else(|| make(&path), Ok)?;
        Ok(Self { path, file, _lock: lock })
    }

    /// Whether the file is where it was: one that somebody removed can still be written, and nobody would find it.
    pub(super) fn is_whole(&self) -> bool {
        fs::symlink_metadata(&self.path).is_ok_and(|there| id(&there) == self.file)
    }

    /// Puts the file aside, and what belongs to it, and makes a new one. Where it is now.
    ///
    /// # Errors
    /// [`Trouble::Later`]: it could not be moved, and is where it was.
    pub(super) fn put_aside(&mut self, now_ms: u64) -> Result<PathBuf, Trouble> {
        let seconds = now_ms / 1000;
        let names =
            std::iter::once(format!(".broken-{seconds}")).chain((2..).map(|n| format!(".broken-{seconds}-{n}")));
        let free = names.map(|ending| with(&self.path, &ending)).find(|aside| fs::symlink_metadata(aside).is_err());
        let aside = free.unwrap_or_default();
        let rename = |from: &Path, to: &Path| match fs::rename(from, to) {
            Err(e) if e.kind() != ErrorKind::NotFound => Err(Trouble::file("put aside", from, &e)),
            _ => Ok(()),
        };
        // The log first: a database without its log is whole in itself, the log of another one is poison to a new one.
        for beside in BESIDE {
            rename(&with(&self.path, beside), &with(&aside, beside))?;
        }
        rename(&self.path, &aside)?;
        self.file = make(&self.path)?;
        Ok(aside)
    }
}

/// With these rights from the first moment on; SQLite gives what it puts beside it the same.
fn make(path: &Path) -> Result<FileId, Trouble> {
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    made.and_then(|file| Ok(id(&file.metadata()?))).map_err(|e| Trouble::file("make", path, &e))
}

/// A path with this behind its name.
fn with(path: &Path, ending: &str) -> PathBuf {
    let mut whole = OsString::from(path);
    whole.push(ending);
    whole.into()
}

/// The directory without symbolic links on the way, made where it is missing.
fn prepare_directory(dir: &Path, own: bool) -> Result<PathBuf, Trouble> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(dir);
    made.map_err(|e| Trouble::file("make the directory", dir, &e))?;
    let looked = dir.canonicalize().and_then(|dir| Ok((fs::metadata(&dir)?, dir)));
    let (meta, dir) = looked.map_err(|e| Trouble::file("look at", dir, &e))?;
    let refused = |why: &str| Err(Trouble::Refused(format!("the directory {} {why}", dir.display())));
    if meta.uid() != geteuid().as_raw() {
        return refused("belongs to another user");
    }
    if own && meta.mode() & 0o077 != 0 {
        let closed = fs::set_permissions(&dir, Permissions::from_mode(0o700));
        closed.map_err(|e| Trouble::file("protect", &dir, &e))?;
    } else if meta.mode() & 0o022 != 0 {
        return refused("can be changed by other users");
    }
    Ok(dir)
}

/// What is there, if anything is; a file that others may read or write is closed to them.
fn check_file(path: &Path) -> Result<Option<FileId>, Trouble> {
    let meta = match fs::symlink_metadata(path) {
        Ok(meta) => meta,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(Trouble::file("look at", path, &e)),
    };
    let refused = |why: &str| Err(Trouble::Refused(format!("{} {why}", path.display())));
    if meta.file_type().is_symlink() {
        return refused("is a symbolic link");
    }
    if !meta.is_file() {
        return refused("is not a file");
    }
    if meta.uid() != geteuid().as_raw() {
        return refused("belongs to another user");
    }
    if meta.mode() & 0o077 != 0 {
        let closed = fs::set_permissions(path, Permissions::from_mode(0o600));
        closed.map_err(|e| Trouble::file("protect", path, &e))?;
    }
    Ok(Some(id(&meta)))
}

#[cfg(test)]
#[path = "place_tests.rs"]
mod tests;
