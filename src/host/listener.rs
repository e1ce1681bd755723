//! The thread that takes connections.

use std::io;
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::Arc;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::runtime::Host;
use super::tries::Tries;
use super::watch::Watch;
use crate::base::peer;
use crate::keeper::{Claim, Keeper};

/// How long to look at no connection while there is no descriptor for one: what cannot be taken is reported again and
/// again, and would be all that this process does.
const OUT_OF_DESCRIPTORS: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };

/// How long to wait once one of the host's files was removed: whoever removes one is about to remove the others, and to
/// make them again meanwhile would be in the way. Where they cannot be made, that is tried again, later and later.
const REMOVING: Duration = Duration::from_millis(200);

/// Takes connections until the other end of `stop` is closed, and sees to it that there is a socket to connect to.
pub(super) fn run(mut listener: UnixListener, claim: &mut Claim, stop: &UnixStream, host: &Arc<Host>, keeper: &Keeper) {
    if let Err(e) = listener.set_nonblocking(true) {
        log::error!("the listener cannot be set up: {e}");
        return;
    }
    let mut spare = spare();
    let mut refused = Refused::default();
    let mut files = Files { claim, keeper, stop, watch: None, tries: Tries::default() };
    if !files.keep(&mut listener) {
        return;
    }
    loop {
        let wait = files.wait();
        let mut fds = vec![PollFd::new(&listener, PollFlags::IN), PollFd::new(stop, PollFlags::IN)];
        fds.extend(files.watch.iter().map(|watch| PollFd::new(watch, PollFlags::IN)));
        let timed_out = match poll(&mut fds, wait.as_ref()) {
            Ok(ready) => ready == 0,
            Err(rustix::io::Errno::INTR) => false,
            Err(e) => {
                log::error!("waiting for connections failed: {e}");
                return;
            }
        };
        if !fds[1].revents().is_empty() {
            return;
        }
        if timed_out || fds.get(2).is_some_and(|watch| !watch.revents().is_empty()) {
            if !files.keep(&mut listener) {
                return;
            }
            continue;
        }
        match listener.accept() {
            Ok((socket, _)) => refused.tell(take(socket, host)),
            Err(e) if matches!(e.raw_os_error(), Some(code) if out_of_descriptors(code)) => {
                // With none left the connection could not even be refused, and would be reported for ever.
                refused.tell(Err(e));
                drop(spare.take());
                drop(listener.accept());
                spare = self::spare();
                if stopped_within(stop, OUT_OF_DESCRIPTORS) {
                    return;
                }
            }
            Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {}
            Err(e) => log::warn!("a connection could not be taken: {e}"),
        }
    }
}

fn watch(claim: &Claim) -> Option<Watch> {
    let dir = &claim.paths().dir;
    let watch = Watch::new(dir).inspect_err(|e| log::info!("the directory {} is not watched: {e}", dir.display()));
    watch.ok()
}

/// Sees to it that lock and socket are where clients look for them.
struct Files<'a> {
    claim: &'a mut Claim,
    keeper: &'a Keeper,
    stop: &'a UnixStream,
    watch: Option<Watch>,
    /// How often in a row they could not be made again.
    tries: Tries,
}

impl Files<'_> {
    /// Makes again what is missing of the host's files, and notices from now on when one of them is removed: the watch is a
    /// new one before it is looked, so that nothing goes missing unseen. Other files may come and go beside them as they
    /// like. False when the other end of `stop` was closed meanwhile.
    fn keep(&mut self, listener: &mut UnixListener) -> bool {
        loop {
            self.watch = watch(self.claim);
            if self.claim.is_whole() {
                if self.tries.went_well() {
                    log::warn!("the host's files are whole again");
                }
                return true;
            }
            if self.tries == Tries::default() && stopped_within(self.stop, timespec(REMOVING)) {
                return false;
            }
            match mend(self.claim) {
                Ok(Some(fresh)) => {
                    log::warn!("the socket {} was removed and is there again", self.claim.paths().socket.display());
                    *listener = fresh;
                }
                Ok(None) => {}
                Err(e) => {
                    if self.tries.failed() {
                        log::warn!("what was removed of the host's files cannot be made again now: {e}");
                    }
                    return true;
                }
            }
            if let Err(e) = self.keeper.renew(listener, self.claim) {
                log::warn!("the keeper still has what was removed: {e}");
            }
        }
    }

    /// How long to wait before [`Files::keep`] is to try again what failed; none where nothing did.
    fn wait(&self) -> Option<Timespec> {
        (self.tries != Tries::default()).then(|| timespec(self.tries.wait(REMOVING)))
    }
}

fn timespec(time: Duration) -> Timespec {
    // Fails after more years than there are.
    Timespec::try_from(time).unwrap_or(OUT_OF_DESCRIPTORS)
}

/// A listener in place of the one whose socket is gone.
fn mend(claim: &mut Claim) -> Result<Option<UnixListener>, String> {
    let fresh = claim.mend().map_err(|e| e.to_string())?;
    if let Some(fresh) = &fresh {
        fresh.set_nonblocking(true).map_err(|e| e.to_string())?;
    }
    Ok(fresh)
}

/// Waits, and says whether that is because the other end of `stop` was closed.
fn stopped_within(stop: &UnixStream, limit: Timespec) -> bool {
    poll(&mut [PollFd::new(stop, PollFlags::IN)], Some(&limit)).is_ok_and(|ready| ready > 0)
}

/// A descriptor to give up when there is no other.
fn spare() -> Option<std::fs::File> {
    std::fs::File::open("/dev/null").ok()
}

fn out_of_descriptors(code: i32) -> bool {
    use rustix::io::Errno;
    [Errno::MFILE, Errno::NFILE].iter().any(|errno| errno.raw_os_error() == code)
}

/// Connections that were refused one after the other. They come in floods: the first is told, the others are counted.
#[derive(Debug, Default)]
struct Refused(u64);

impl Refused {
    fn tell(&mut self, taken: io::Result<()>) {
        if let Err(e) = taken {
            if self.0 == 0 {
                log::warn!("a connection is refused: {e}");
            }
            self.0 += 1;
            return;
        }
        if self.0 > 1 {
            log::warn!("{} more connections were refused", self.0 - 1);
        }
        self.0 = 0;
    }
}

fn take(socket: UnixStream, host: &Arc<Host>) -> io::Result<()> {
    if !peer::is_ours(&socket) {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is another user's"));
    }
    socket.set_nonblocking(false)?;
    host.connect(socket)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::keeper::ClaimPaths;
    use crate::protocol::path::HostPaths;

    fn files<'a>(claim: &'a mut Claim, keeper: &'a Keeper, stop: &'a UnixStream) -> Files<'a> {
        Files { claim, keeper, stop, watch: None, tries: Tries::default() }
    }

    #[test]
    fn only_the_hosts_own_files_hold_up_connections() {
        let dir = tempfile::tempdir().unwrap();
        let paths = ClaimPaths::from(&HostPaths::in_dir(&dir.path().join("synk")).unwrap());
        let mut claim = Claim::take(&paths).unwrap().unwrap();
        let mut listener = claim.bind().unwrap();
        let (stop, open) = UnixStream::pair().unwrap();
        let keeper = Keeper::in_process(None);
        let mut files = files(&mut claim, &keeper, &stop);
        let other = paths.dir.join("other");
        fs::write(&other, "").unwrap();
        fs::remove_file(&other).unwrap();
        fs::remove_file(&paths.socket).unwrap();
        assert!(files.keep(&mut listener));
        UnixStream::connect(&paths.socket).unwrap();
        assert!(listener.accept().is_ok(), "the new socket is the one that is listened on");
        // With the other end of `stop` closed, to wait at all is to be told to stop.
        drop(open);
        fs::write(&other, "").unwrap();
        fs::remove_file(&other).unwrap();
        assert!(files.keep(&mut listener), "nothing of the host's is missing");
        fs::remove_file(&paths.lock).unwrap();
        assert!(!files.keep(&mut listener));
        assert!(!paths.lock.exists(), "who stops makes nothing again");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_directory_that_was_made_again_is_watched() {
        let dir = tempfile::tempdir().unwrap();
        let paths = ClaimPaths::from(&HostPaths::in_dir(&dir.path().join("synk")).unwrap());
        let mut claim = Claim::take(&paths).unwrap().unwrap();
        let mut listener = claim.bind().unwrap();
        let (stop, _open) = UnixStream::pair().unwrap();
        let keeper = Keeper::in_process(None);
        let mut files = files(&mut claim, &keeper, &stop);
        fs::remove_dir_all(&paths.dir).unwrap();
        assert!(files.keep(&mut listener));
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        let told = |watch: &Option<Watch>| poll(&mut [PollFd::new(watch.as_ref().unwrap(), PollFlags::IN)], Some(&now));
        assert_eq!(told(&files.watch), Ok(0));
        fs::remove_file(&paths.socket).unwrap();
        assert_eq!(told(&files.watch), Ok(1));
    }
}
