//! What a host can be told when it starts.

use std::time::Duration;

use crate::engine::EngineOptions;
use crate::keeper::Base;

/// The settings of a host.
#[derive(Debug, Clone)]
pub struct HostOptions {
    /// Of every session's terminal: how much history it keeps, say.
    pub engine: EngineOptions,
    /// What programs start from: variables, shell and home.
    pub base: Base,
    /// How long a session's output has to be quiet for its status to be.
    pub quiet: Duration,
}

impl Default for HostOptions {
    /// This machine's name, this process's own environment, and a status that is quiet after a second.
    fn default() -> Self {
        // Programs name the machine beside the directory they report; one of another machine must not be believed.
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        let engine = EngineOptions { host, ..EngineOptions::default() };
        Self { engine, base: Base::from_env(), quiet: Duration::from_secs(1) }
    }
}
