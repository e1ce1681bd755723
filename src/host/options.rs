//! What a host can be told when it starts.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use crate::engine::EngineOptions;
use crate::keeper::{Base, Keeper};
use crate::protocol::limits::HALF_MESSAGE;
use crate::store::StoreOptions;

/// The settings of a host.
#[derive(Debug, Clone)]
pub struct HostOptions {
    /// Of every session's terminal: how much history it keeps, say.
    pub engine: EngineOptions,
    /// What programs start from: variables, shell and home.
    pub base: Base,
    /// What starts them.
    pub keeper: Keeper,
    /// How long a session's output has to be quiet for its status to be.
    pub quiet: Duration,
    /// How long a session rests, watched by nobody, until only its shared memory has its screen and history; it never
    /// comes to that without.
    pub hibernate: Option<Duration>,
    /// The OpenSSH client: a program and what it is always told.
    pub ssh: Vec<OsString>,
    pub clean_up: CleanUp,
    /// Where it is written down which sessions there are; nowhere without.
    pub database: Option<StoreOptions>,
    /// Where sessions are saved, for when nothing of them runs any more; nowhere without.
    pub archive: Option<ArchiveOptions>,
    /// How long the rest of a message may take once it has begun to come.
    pub half_message: Duration,
}

/// How sessions are saved to a disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveOptions {
    /// An absolute path.
    pub dir: PathBuf,
    /// How long a change may wait.
    pub every: Duration,
    /// How many states of each session are kept, at least 1.
    pub states: usize,
    /// What is saved of sessions that do not run comes back when the host starts.
    pub restore: bool,
    /// How long that is kept which nothing was saved of any more; for ever without.
    pub keep: Option<Duration>,
}

/// When sessions go by themselves. None is never.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CleanUp {
    /// How long a session stays whose program has ended and that no client is attached to.
    pub stopped: Option<Duration>,
    /// How long one stays whose program runs and that no client is attached to.
    pub detached: Option<Duration>,
}

impl Default for CleanUp {
    /// A minute for those whose program has ended; the others stay.
    fn default() -> Self {
        Self { stopped: Some(Duration::from_secs(60)), detached: None }
    }
}

impl Default for HostOptions {
    /// This machine's name, this process's own environment, programs started directly, a status that is quiet after
    /// a second, sessions that hibernate after a minute, and no database.
    fn default() -> Self {
        // Programs name the machine beside the directory they report; one of another machine must not be believed.
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        let engine = EngineOptions { host, ..EngineOptions::default() };
        Self {
            engine,
            base: Base::from_env(),
            keeper: Keeper::in_process(None),
            quiet: Duration::from_secs(1),
            hibernate: Some(Duration::from_secs(60)),
            ssh: vec!["ssh".into()],
            clean_up: CleanUp::default(),
            database: None,
            archive: None,
            half_message: HALF_MESSAGE,
        }
    }
}
