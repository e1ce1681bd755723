//! The claim to be the host of a user: the runtime directory, the lock in it, and the socket. There is at most one host
//! for one set of paths, however many are started at once: who holds the lock is it, and only it touches the socket. A
//! keeper and its daemon hold one claim together: the lock is the open file's (flock(2)), whichever process has it.

use std::fmt;
use std::fs::{self, DirBuilder, File, Metadata, Permissions};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use rustix::process::geteuid;

use crate::base::lock;

/// Where a claim is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimPaths {
    /// The directory of the socket.
    pub dir: PathBuf,
    /// The directory is synk's own, for its owner alone; one that was asked for holds other things too.
    pub own_dir: bool,
    /// The socket that every client connects to.
    pub socket: PathBuf,
    /// Locked for as long as the claim is held.
    pub lock: PathBuf,
}

/// Why this process cannot be the host, apart from another one being it.
#[derive(Debug)]
pub enum ClaimError {
    /// The runtime directory is not safe to use.
    Directory {
        path: PathBuf,
        why: String,
    },
    /// Something that is not a socket lies where the socket should be.
    NotASocket(PathBuf),
    /// Another host took the place while this one's lock was missing.
    Replaced(PathBuf),
    Io {
        what: &'static str,
        path: PathBuf,
        error: io::Error,
    },
}

impl fmt::Display for ClaimError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory { path, why } => {
                write!(f, "the directory {} {why}: the host's socket needs another one", path.display())
            }
            Self::Replaced(path) => write!(f, "another host has taken {}", path.display()),
            Self::NotASocket(path) => write!(f, "{} is not a socket: move it away", path.display()),
            Self::Io { what, path, error } => write!(f, "cannot {what} {}: {error}", path.display()),
        }
    }
}

impl std::error::Error for ClaimError {}

/// What tells a file from others, whatever its name: its device and its number there.
pub type FileId = (u64, u64);

fn id(meta: &Metadata) -> FileId {
    (meta.dev(), meta.ino())
}

/// The lock, held as long as this value lives; the socket goes with it.
#[derive(Debug)]
pub struct Claim {
    lock: File,
    paths: ClaimPaths,
    /// The socket that this claim made: nothing else is ever removed.
    made: Option<FileId>,
}

impl Claim {
    /// Takes the lock. `None` when another host holds it.
    ///
    /// # Errors
    /// [`ClaimError`].
    pub fn take(paths: &ClaimPaths) -> Result<Option<Self>, ClaimError> {
        prepare_directory(&paths.dir, paths.own_dir)?;
        let lock = take_lock(&paths.lock)?;
        Ok(lock.map(|lock| Self { lock, paths: paths.clone(), made: None }))
    }

    /// The claim of another process that hands it over: both hold it from here on, and it ends with the last of them.
    pub fn shared(paths: &ClaimPaths, lock: OwnedFd, made: FileId) -> Self {
        Self { lock: lock.into(), paths: paths.clone(), made: Some(made) }
    }

    /// Takes what another process that shares this claim made in place of what somebody removed.
    pub fn replace(&mut self, lock: OwnedFd, made: FileId) {
        (self.lock, self.made) = (lock.into(), Some(made));
    }

    /// Leaves lock and socket to whoever shares them.
    pub fn leave(mut self) {
        self.made = None;
    }

    /// The lock, for whoever is to share it.
    pub fn lock(&self) -> BorrowedFd<'_> {
        self.lock.as_fd()
    }

    /// The socket that was made for it, if one was.
    pub fn made(&self) -> Option<FileId> {
        self.made
    }

    /// Where this claim is made.
    pub fn paths(&self) -> &ClaimPaths {
        &self.paths
    }

    /// Whether lock and socket are where they were made.
    pub fn is_whole(&self) -> bool {
        self.has_lock() && self.has_socket()
    }

    fn has_lock(&self) -> bool {
        self.lock.metadata().is_ok_and(|ours| is_at(&self.paths.lock, id(&ours)))
    }

    fn has_socket(&self) -> bool {
        self.made.is_some_and(|made| is_at(&self.paths.socket, made))
    }

    /// Makes again what somebody removed of directory, lock and socket: without the lock another host could start,
    /// without the socket nobody reaches this one. A listener where there is a new socket.
    ///
    /// # Errors
    /// [`ClaimError`]; [`ClaimError::Replaced`] when another host was quicker.
    pub fn mend(&mut self) -> Result<Option<UnixListener>, ClaimError> {
        prepare_directory(&self.paths.dir, self.paths.own_dir)?;
        if !self.has_lock() {
            let lock = &self.paths.lock;
            self.lock = take_lock(lock)?.ok_or_else(|| ClaimError::Replaced(lock.clone()))?;
        }
        if self.has_socket() { Ok(None) } else { self.bind().map(Some) }
    }

    /// Makes the socket, in place of one that a host left behind which is no more.
    ///
    /// # Errors
    /// [`ClaimError`].
    pub fn bind(&mut self) -> Result<UnixListener, ClaimError> {
        let path = &self.paths.socket;
        let io = |what| failed(what, path);
        match fs::symlink_metadata(path) {
            Ok(meta) if !meta.file_type().is_socket() => return Err(ClaimError::NotASocket(path.clone())),
            Ok(_) => fs::remove_file(path).map_err(io("remove the old socket"))?,
            Err(e) if e.kind() == io::ErrorKind::NotFound => {}
            Err(e) => return Err(io("look at the socket")(e)),
        }
        let listener = UnixListener::bind(path).map_err(io("make the socket"))?;
        self.made = Some(id(&fs::symlink_metadata(path).map_err(io("look at the socket"))?));
        // Nobody else can reach it before: the directory is its owner's alone.
        fs::set_permissions(path, Permissions::from_mode(0o600)).map_err(io("protect the socket"))?;
        Ok(listener)
    }
}

impl Drop for Claim {
    /// The socket goes before the lock does, so that nobody removes the next host's.
    fn drop(&mut self) {
        let socket = &self.paths.socket;
        if self.has_socket()
            && let Err(e) = fs::remove_file(socket)
        {
            log::warn!("the socket {} could not be removed: {e}", socket.display());
        }
    }
}

fn failed(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> ClaimError + use<> {
    let path = path.to_owned();
    move |error| ClaimError::Io { what, path, error }
}

/// Whether this very file is at the path.
fn is_at(path: &Path, file: FileId) -> bool {
    fs::symlink_metadata(path).is_ok_and(|there| id(&there) == file)
}

/// Opens the lock and takes it; `None` when another process holds it.
fn take_lock(path: &Path) -> Result<Option<File>, ClaimError> {
    loop {
        let lock = lock::open(path).map_err(failed("open the lock", path))?;
        if !lock::hold(&lock).map_err(failed("take the lock", path))? {
            return Ok(None);
        }
        // A lock that somebody removed in between keeps nobody out: the next host would make another.
        let ours = lock.metadata().map_err(failed("look at the lock", path))?;
        if is_at(path, id(&ours)) {
            return Ok(Some(lock));
        }
    }
}

/// Makes the directory, or checks that nobody else can change what is in the one there. One of synk's own is this
/// user's alone; one that the user chose holds other things, and who may look at them is the user's affair.
fn prepare_directory(path: &Path, own: bool) -> Result<(), ClaimError> {
    let io = |what| failed(what, path);
    let bad = |why: &str| ClaimError::Directory { path: path.to_owned(), why: why.to_owned() };
    if let Some(parent) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(parent).map_err(io("make the directory of"))?;
    }
    match DirBuilder::new().mode(0o700).create(path) {
        Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err(io("make the directory")(e)),
        _ => {}
    }
    let look = if own { fs::symlink_metadata(path) } else { fs::metadata(path) };
    let meta = look.map_err(io("look at the directory"))?;
    if meta.file_type().is_symlink() {
        return Err(bad("is a symbolic link"));
    }
    if !meta.is_dir() {
        return Err(bad("is not a directory"));
    }
    if meta.uid() != geteuid().as_raw() {
        return Err(bad("belongs to another user"));
    }
    if !own && meta.mode() & 0o022 != 0 {
        return Err(bad("can be changed by other users"));
    }
    if own && meta.mode() & 0o077 != 0 {
        fs::set_permissions(path, Permissions::from_mode(0o700)).map_err(io("protect the directory"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(dir: &Path) -> ClaimPaths {
        let dir = dir.join("synk");
        ClaimPaths { socket: dir.join("synk.sock"), lock: dir.join("synk.lock"), dir, own_dir: true }
    }

    /// A program that another test starts may hold a lock for the moment between its fork and its exec.
    fn until_free(paths: &ClaimPaths) {
        while Claim::take(paths).unwrap().is_none() {
            std::thread::yield_now();
        }
    }

    #[test]
    fn there_is_one_claim_and_it_cleans_up() {
        let dir = tempfile::tempdir().unwrap();
        let paths = paths(dir.path());
        let mut claim = Claim::take(&paths).unwrap().unwrap();
        let listener = claim.bind().unwrap();
        assert!(Claim::take(&paths).unwrap().is_none());
        let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
        assert_eq!((mode(&paths.dir), mode(&paths.socket), mode(&paths.lock)), (0o700, 0o600, 0o600));
        drop((listener, claim));
        assert!(!paths.socket.exists());
        until_free(&paths);
    }

    #[test]
    fn a_shared_claim_ends_with_the_last_that_holds_it() {
        let dir = tempfile::tempdir().unwrap();
        let paths = paths(dir.path());
        let mut first = Claim::take(&paths).unwrap().unwrap();
        let _listener = first.bind().unwrap();
        let share = |claim: &Claim| (claim.lock().try_clone_to_owned().unwrap(), claim.made().unwrap());
        let (lock, made) = share(&first);
        let mut second = Claim::shared(&paths, lock, made);
        first.leave();
        assert!(second.is_whole() && Claim::take(&paths).unwrap().is_none());
        // What one makes again is the other's too.
        let (lock, made) = share(&second);
        let mut third = Claim::shared(&paths, lock, made);
        fs::remove_dir_all(&paths.dir).unwrap();
        let _again = second.mend().unwrap().unwrap();
        let (lock, made) = share(&second);
        third.replace(lock, made);
        second.leave();
        assert!(third.is_whole() && Claim::take(&paths).unwrap().is_none());
        drop(third);
        assert!(!paths.socket.exists());
        until_free(&paths);
    }

    #[test]
    fn a_socket_left_behind_is_replaced_and_anything_else_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let paths = paths(dir.path());
        fs::create_dir(&paths.dir).unwrap();
        fs::set_permissions(&paths.dir, Permissions::from_mode(0o755)).unwrap();
        drop(UnixListener::bind(&paths.socket).unwrap());
        let mut claim = Claim::take(&paths).unwrap().unwrap();
        claim.bind().unwrap();
        assert_eq!(fs::metadata(&paths.dir).unwrap().mode() & 0o777, 0o700);
        drop(claim);
        fs::write(&paths.socket, "precious").unwrap();
        let mut claim = Claim::take(&paths).unwrap().unwrap();
        assert!(matches!(claim.bind(), Err(ClaimError::NotASocket(_))));
        drop(claim);
        assert_eq!(fs::read_to_string(&paths.socket).unwrap(), "precious");
    }

    #[test]
    fn what_took_the_place_of_our_socket_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let paths = paths(dir.path());
        let mut claim = Claim::take(&paths).unwrap().unwrap();
        let _ours = claim.bind().unwrap();
        fs::rename(&paths.socket, dir.path().join("aside")).unwrap();
        let _other = UnixListener::bind(&paths.socket).unwrap();
        drop(claim);
        assert!(paths.socket.exists());
    }

    #[test]
    fn a_directory_that_is_not_ours_alone_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let paths = paths(dir.path());
        std::os::unix::fs::symlink(dir.path(), &paths.dir).unwrap();
        let error = Claim::take(&paths).unwrap_err();
        assert!(matches!(error, ClaimError::Directory { .. }), "{error}");
        fs::remove_file(&paths.dir).unwrap();
        fs::write(&paths.dir, "").unwrap();
        assert!(matches!(Claim::take(&paths), Err(ClaimError::Directory { .. })));
    }

    #[test]
    fn a_directory_that_was_chosen_is_checked_and_left_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let (socket, lock) = (dir.path().join("my.sock"), dir.path().join("my.lock"));
        let chosen = ClaimPaths { dir: dir.path().to_owned(), own_dir: false, socket, lock };
        let set = |mode| fs::set_permissions(dir.path(), Permissions::from_mode(mode)).unwrap();
        for mode in [0o777, 0o1777, 0o770] {
            set(mode);
            let error = Claim::take(&chosen).unwrap_err().to_string();
            assert!(error.contains("other users"), "{error}");
        }
        set(0o755);
        Claim::take(&chosen).unwrap().unwrap().bind().unwrap();
        assert_eq!(fs::metadata(dir.path()).unwrap().mode() & 0o777, 0o755);
    }

    #[test]
    fn what_was_removed_is_made_again_and_keeps_others_out() {
        let dir = tempfile::tempdir().unwrap();
        let paths = paths(dir.path());
        let mut claim = Claim::take(&paths).unwrap().unwrap();
        let first = claim.bind().unwrap();
        assert!(claim.mend().unwrap().is_none(), "nothing is missing");
        fs::remove_dir_all(&paths.dir).unwrap();
        let second = claim.mend().unwrap().unwrap();
        assert!(Claim::take(&paths).unwrap().is_none());
        drop(first);
        std::os::unix::net::UnixStream::connect(&paths.socket).unwrap();
        fs::remove_file(&paths.lock).unwrap();
        assert!(claim.mend().unwrap().is_none(), "the socket is there");
        assert!(Claim::take(&paths).unwrap().is_none());
        fs::remove_file(&paths.lock).unwrap();
        let other = Claim::take(&paths).unwrap().unwrap();
        assert!(matches!(claim.mend(), Err(ClaimError::Replaced(_))));
        drop((second, other));
    }
}
