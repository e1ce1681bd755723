//! The door for whoever wants programs on PTYs, and wants them to outlive this process: a keeper at the other end of a
//! link, or none, and then they are this process's own children.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use super::child::{self, Child};
use super::claim::{Claim, ClaimPaths, FileId};
use super::command::Launch;
use super::fate::Told;
use super::link::{Link, News};
use super::probe::Spawner;
use super::pty::{Master, WindowSize};
use super::spawn::{Spawned, spawn};
use super::wire::{self, Line, Parts, Reply, Request};
use crate::base::program;

/// What starts programs and holds them. Clones are the same one.
#[derive(Debug, Clone)]
pub struct Keeper {
    /// The synk that programs are started by.
    program: Option<Arc<PathBuf>>,
    link: Option<Arc<Linked>>,
}

#[derive(Debug)]
struct Linked {
    link: Link,
    /// What came with the greeting, until it is taken.
    post: Mutex<Option<Post>>,
    desk: Option<OwnedFd>,
    epoch: u64,
    crashes: u32,
}

/// The place at which a daemon serves, from its keeper.
#[derive(Debug)]
pub struct Post {
    lock: OwnedFd,
    listener: OwnedFd,
    made: FileId,
}

impl Post {
    /// The claim, which the keeper goes on holding too, and the listener.
    pub fn into_claim(self, paths: &ClaimPaths) -> (Claim, UnixListener) {
        (Claim::shared(paths, self.lock, self.made), self.listener.into())
    }
}

/// What is held under a key, once more in this process.
#[derive(Debug)]
pub struct Taken {
    /// None where the session stood on nothing any more.
    pub master: Option<Master>,
    /// None where no program was started.
    pub child: Option<Arc<Child>>,
    pub memory: Option<OwnedFd>,
}

impl Keeper {
    /// One that starts programs as children of this process, through the synk that lies at `program`. Without, they
    /// start directly, with what this process has of ignored signals and limits.
    pub fn in_process(program: Option<PathBuf>) -> Self {
        Self { program: program.map(Arc::new), link: None }
    }

    /// The keeper at the other end of this socket; where it is gone, as [`Keeper::in_process`].
    ///
    /// # Errors
    /// The system has no thread left, or the keeper does not answer as one.
    pub fn linked(socket: OwnedFd, program: Option<PathBuf>) -> io::Result<Self> {
        let link = Link::start(socket)?;
        let hello = Request::Hello { proto_min: wire::PROTO, proto_max: wire::PROTO };
        let (reply, fds) = link.ask(&hello, Vec::new())?;
        let Reply::Hello { epoch, crashes, made, .. } = reply else { return Err(odd()) };
        let mut fds = fds.into_iter();
        let (Some(lock), Some(listener)) = (fds.next(), fds.next()) else { return Err(odd()) };
        let post = Mutex::new(Some(Post { lock, listener, made }));
        let linked = Linked { link, post, desk: fds.next(), epoch, crashes };
        Ok(Self { program: program.map(Arc::new), link: Some(Arc::new(linked)) })
    }

    /// Whether programs outlive this process.
    pub fn is_linked(&self) -> bool {
        self.link().is_some()
    }

    /// The link, while the keeper lives.
    fn link(&self) -> Option<&Link> {
        self.link.as_ref().map(|linked| &linked.link).filter(|link| link.is_up())
    }

    /// The place to serve at, once; none where this process has to find its own.
    pub fn post(&self) -> Option<Post> {
        let mut post = self.link.as_ref()?.post.lock().unwrap_or_else(PoisonError::into_inner);
        post.take()
    }

    /// The memory that stays while daemons come and go, if there is any.
    ///
    /// # Errors
    /// There is no descriptor left.
    pub fn desk_memory(&self) -> io::Result<Option<OwnedFd>> {
        self.link.as_ref().and_then(|linked| linked.desk.as_ref()).map(OwnedFd::try_clone).transpose()
    }

    /// Which daemon of its keeper this one is, from 1 upwards; 0 without a keeper.
    pub fn epoch(&self) -> u64 {
        self.link.as_ref().map_or(0, |linked| linked.epoch)
    }

    /// How many daemons before this one crashed within a minute.
    pub fn crashes(&self) -> u32 {
        self.link.as_ref().map_or(0, |linked| linked.crashes)
    }

    /// Who is told what happens to the keeper. Called on a thread that must not be blocked.
    pub fn listen(&self, listener: Arc<dyn Fn(News) + Send + Sync>) {
        if let Some(linked) = &self.link {
            linked.link.listen(listener);
        }
    }

    /// Starts `launch` on a PTY of its own, of this size from the first moment; [`Launch::check`] comes first. The memory
    /// is held beside it. A program of the same key must have ended.
    ///
    /// # Errors
    /// The system has no PTY, no descriptor or no process left, or the program went away since it was checked.
    pub fn spawn(
        &self,
        key: u128,
        launch: &Launch,
        size: WindowSize,
        memory: Option<BorrowedFd<'_>>,
    ) -> io::Result<Spawned> {
        let program = self.program.as_ref().map(|path| path.as_path());
        if let Some(link) = self.link() {
            match spawn_there(link, key, launch, size, memory) {
                // It has gone this very moment.
                Err(e) if e.kind() == io::ErrorKind::NotConnected => {}
                spawned => return spawned,
            }
        }
        let spawned = spawn(launch, size, program)?;
        Spawner::this_thread(program).await_name(spawned.child.pid());
        Ok(spawned)
    }

    /// Holds a terminal that no program of the keeper's stands behind, or memory, or both; in place of what was held under
    /// the key. Nothing where there is no keeper.
    ///
    /// # Errors
    /// There is no descriptor left, here or there.
    pub fn deposit(&self, key: u128, master: Option<&Master>, memory: Option<BorrowedFd<'_>>) -> io::Result<()> {
        let Some(link) = self.link() else { return Ok(()) };
        let parts = Parts { terminal: master.is_some(), memory: memory.is_some() };
        let all = master.map(AsFd::as_fd).into_iter().chain(memory);
        let fds = all.map(|fd| fd.try_clone_to_owned()).collect::<io::Result<_>>()?;
        match link.ask(&Request::Deposit { key, parts }, fds) {
            // It has gone this very moment.
            Err(e) if e.kind() == io::ErrorKind::NotConnected => Ok(()),
            answer => answer.map(drop),
        }
    }

    /// Lets go of what is held under a key, if anything is: no signal reaches its program from here on. Never waits.
    pub fn forget(&self, key: u128) {
        if let Some(link) = self.link() {
            link.forget(key);
            link.tell(&Request::Forget { key });
        }
    }

    /// What is held: nothing without a keeper.
    ///
    /// # Errors
    /// The keeper does not answer as one.
    pub fn held(&self) -> io::Result<Vec<Line>> {
        let Some(link) = self.link() else { return Ok(Vec::new()) };
        match link.ask(&Request::List, Vec::new())? {
            (Reply::Held(lines), _) => Ok(lines),
            _ => Err(odd()),
        }
    }

    /// What is held under a key.
    ///
    /// # Errors
    /// Nothing is, or there is no descriptor left.
    pub fn take(&self, held: &Line) -> io::Result<Taken> {
        let link = self.present()?;
        let fate = held.pid.map(|_| link.adopt(held.key));
        let (reply, fds) = link.ask(&Request::Take { key: held.key }, Vec::new())?;
        let Reply::Taken(Parts { terminal, memory }) = reply else { return Err(odd()) };
        let mut fds = fds.into_iter();
        let mut next = |is_there: bool| is_there.then(|| fds.next().ok_or_else(odd)).transpose();
        let (master, memory) = (next(terminal)?.map(Master::new).transpose()?, next(memory)?);
        if let (Some(fate), Some(exit)) = (&fate, held.exit) {
            fate.tell(Told::Exit(exit));
        }
        let pid = held.pid.and_then(child::pid);
        let child = pid.zip(fate).map(|(pid, fate)| Arc::new(Child::kept(pid, fate)));
        Ok(Taken { master, child, memory })
    }

    /// Tells the keeper of what was made in place of files that somebody removed.
    ///
    /// # Errors
    /// There is no descriptor left, here or there.
    pub fn renew(&self, listener: &UnixListener, claim: &Claim) -> io::Result<()> {
        let (Some(link), Some(made)) = (self.link(), claim.made()) else { return Ok(()) };
        let fds = vec![listener.as_fd().try_clone_to_owned()?, claim.lock().try_clone_to_owned()?];
        link.ask(&Request::Listener { made }, fds).map(drop)
    }

    /// Clients can connect to this process.
    pub fn serving(&self) {
        if let Some(link) = self.link() {
            link.tell(&Request::Serving);
        }
    }

    /// What the keeper would leave to another program in its place, as a memory that holds it.
    ///
    /// # Errors
    /// There is no keeper, or it is one of a release that cannot be another program.
    pub fn state(&self) -> io::Result<OwnedFd> {
        let (_, fds) = self.present()?.ask(&Request::State, Vec::new())?;
        fds.into_iter().next().ok_or_else(odd)
    }

    /// Has daemons started from this program from here on, which is this file, and then the keeper become it; if its
    /// daemon does not do, it goes back. This process has to end next. [`News::Upgrade`] tells later ones what came of it.
    ///
    /// # Errors
    /// The keeper refuses, or there is none.
    pub fn upgrade(&self, program: PathBuf, file: FileId) -> io::Result<()> {
        self.present()?.ask(&Request::Upgrade { program, file }, Vec::new()).map(drop)
    }

    fn present(&self) -> io::Result<&Link> {
        self.link().ok_or_else(|| io::Error::other("there is no keeper"))
    }

    /// This process ends for good, and the keeper after it. From here on listener and lock are this process's alone.
    pub fn stop(&self) {
        if let Some(link) = self.link()
            && let Err(e) = link.ask(&Request::Stop, Vec::new())
        {
            log::warn!("the keeper was not told of the end: {e}");
        }
    }
}

fn odd() -> io::Error {
    io::Error::other("the keeper does not answer as one")
}

fn spawn_there(
    link: &Link,
    key: u128,
    launch: &Launch,
    size: WindowSize,
    memory: Option<BorrowedFd<'_>>,
) -> io::Result<Spawned> {
    let memory = memory.map(|memory| memory.try_clone_to_owned()).transpose()?;
    // Before it is started: it may end at once.
    let fate = link.expect(key);
    let request = Request::Spawn { key, launch: launch.clone(), size };
    let (reply, fds) = link.ask(&request, memory.into_iter().collect()).inspect_err(|_| link.forget(key))?;
    let started = || {
        let (Reply::Spawned { pid }, Some(master)) = (reply, fds.into_iter().next()) else { return Err(odd()) };
        Ok((child::pid(pid).ok_or_else(odd)?, Arc::new(Master::new(master)?)))
    };
    let (pid, master) = started().inspect_err(|_| {
        link.forget(key);
        link.tell(&Request::Forget { key });
    })?;
    Spawner::keeper(program::running().ok().as_deref()).await_name(pid);
    Ok(Spawned { master, child: Arc::new(Child::kept(pid, fate)) })
}
