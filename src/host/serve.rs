//! The two ways a host runs: as a process of its own behind a socket, and inside another one.

use std::fmt;
use std::io;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, OnceLock};
use std::thread;

use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::agent_link::AgentLink;
use super::call::Input;
use super::inherit::Inheritance;
use super::listener;
use super::options::HostOptions;
use super::post::Post;
use super::reach::Reach;
use super::runtime::Host;
use super::upgrade;
use crate::base::point;
use crate::keeper::{ClaimError, Keeper, News, limits};
use crate::protocol::path::HostPaths;

/// How serving ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Another host serves these paths already; nothing was done.
    AlreadyRunning,
    /// The host was told to end, and every session has ended.
    Stopped,
    /// This process was told to end, and its sessions stay with the keeper.
    Left,
}

/// Why a host cannot serve.
#[derive(Debug)]
pub enum HostError {
    Claim(ClaimError),
    /// The system has no thread, descriptor or signal handler left.
    Start(io::Error),
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Claim(e) => e.fmt(f),
            Self::Start(e) => write!(f, "the host cannot start: {e}"),
        }
    }
}

impl std::error::Error for HostError {}

impl From<ClaimError> for HostError {
    fn from(e: ClaimError) -> Self {
        Self::Claim(e)
    }
}

impl From<io::Error> for HostError {
    fn from(e: io::Error) -> Self {
        Self::Start(e)
    }
}

/// Serves until the host is told to end: by `stop_host`, SIGTERM, SIGINT or SIGHUP. Ends within five seconds after that.
/// With a keeper, signals end this process alone: everything is saved and nothing ends.
///
/// # Errors
/// [`HostError`] when the host cannot start.
pub fn serve(paths: &HostPaths, options: HostOptions) -> Result<Exit, HostError> {
    let keeper = options.keeper.clone();
    let Some(post) = Post::take(paths, &keeper)? else { return Ok(Exit::AlreadyRunning) };
    heed_children()?;
    limits::raise();
    let (stop_near, stop_far) = UnixStream::pair()?;
    let mut signals = Signals::new([SIGTERM, SIGINT, SIGHUP])?;
    let handle = signals.handle();
    let inheritance = Inheritance::find(&keeper);
    let (host, desk) = Host::start(options, Reach::at(paths), inheritance, Some(stop_near))?;
    heed_keeper(&host, &keeper);
    // Whoever can connect finds a host that knows what there is.
    let (mut claim, listening) = match post.listen() {
        Ok(listening) => listening,
        Err(e) => {
            host.tell(Input::Stop);
            // What it failed with is known.
            let _ = desk.join();
            return Err(e.into());
        }
    };
    let taker = {
        let (host, keeper) = (Arc::clone(&host), keeper.clone());
        thread::Builder::new().name("listen".into()).spawn(move || {
            listener::run(listening, &mut claim, &stop_far, &host, &keeper);
            claim
        })?
    };
    let (told, held) = (Arc::clone(&host), keeper.clone());
    thread::Builder::new().name("signals".into()).spawn(move || {
        signals.forever().for_each(|_| told.tell(if held.is_linked() { Input::Leave } else { Input::Stop }));
    })?;
    point("listening");
    keeper.serving();
    point("serving");
    log::info!("serving {}", paths.socket.display());
    let (desk, claim) = (desk.join(), taker.join());
    handle.close();
    let (Ok(stays), Ok(claim)) = (desk, claim) else {
        return Err(HostError::Start(io::Error::other("a thread of the host failed")));
    };
    if stays {
        claim.leave();
        return Ok(Exit::Left);
    }
    host.reach.agents.iter().for_each(AgentLink::remove);
    keeper.stop();
    // Last of all: from here on another host may serve.
    drop(claim);
    Ok(Exit::Stopped)
}

/// Has the desk know what becomes of the keeper.
fn heed_keeper(host: &Arc<Host>, keeper: &Keeper) {
    host.tell(Input::Keeper(keeper.is_linked()));
    let host = Arc::downgrade(host);
    keeper.listen(Arc::new(move |news| {
        let Some(host) = host.upgrade() else { return };
        match news {
            News::End => host.tell(Input::Stop),
            News::Gone => {
                log::warn!("the keeper is gone: sessions go on, and would end with this host");
                host.tell(Input::Keeper(false));
            }
            News::Upgrade(upgrade) => host.tell(Input::Upgrade(upgrade::status(upgrade))),
        }
    }));
}

/// A process that was started with SIGCHLD ignored inherits that, and the system would throw away how programs end. Any
/// handler undoes it; programs get the default back.
fn heed_children() -> io::Result<()> {
    static HANDLED: OnceLock<()> = OnceLock::new();
    if HANDLED.get().is_none() {
        signal_hook::flag::register(SIGCHLD, Arc::default())?;
        // Twice, by two threads at once, does no harm.
        HANDLED.get_or_init(|| ());
    }
    Ok(())
}

/// A host inside this process, with all its sessions; they end with this value.
#[derive(Debug)]
pub struct Embedded {
    host: Arc<Host>,
    desk: Option<thread::JoinHandle<bool>>,
}

/// Starts a host inside this process, without socket and lock.
///
/// # Errors
/// The system has no thread left.
pub fn embed(options: HostOptions) -> Result<Embedded, HostError> {
    heed_children()?;
    limits::raise();
    let (host, desk) = Host::start(options, Reach::default(), Inheritance::default(), None)?;
    Ok(Embedded { host, desk: Some(desk) })
}

impl Embedded {
    /// A new connection to the host: what connecting to its socket would be.
    ///
    /// # Errors
    /// The system has no descriptor or thread left, or there are too many connections.
    pub fn connect(&self) -> io::Result<UnixStream> {
        let (near, far) = UnixStream::pair()?;
        self.host.connect(far)?;
        Ok(near)
    }
}

impl Drop for Embedded {
    /// Ends every session as `stop_host` does, and waits for that.
    fn drop(&mut self) {
        self.host.tell(Input::Stop);
        if self.desk.take().is_some_and(|desk| desk.join().is_err()) {
            log::error!("the host inside this process failed");
        }
    }
}
