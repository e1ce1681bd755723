//! How the programs of a host reach it, and through it the user's SSH agent.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::agent_link::AgentLink;
use crate::base::ClientId;
use crate::protocol::path::HostPaths;

/// The name of the variable in which a client brings its SSH agent, and a program finds it.
const AGENT: &str = "SSH_AUTH_SOCK";

/// Nothing, for a host inside another process: its programs have that one's agent.
#[derive(Debug, Default)]
pub(super) struct Reach {
    /// Where it listens.
    pub(super) socket: Option<PathBuf>,
    pub(super) agents: Option<AgentLink>,
}

impl Reach {
    /// Of a host that serves these paths, whose directory exists, in an environment of this process.
    pub(super) fn at(paths: &HostPaths) -> Self {
        let own = std::env::var_os(AGENT).map(PathBuf::from);
        let agents = AgentLink::new(paths.agent.clone(), own.as_deref());
        Self { socket: Some(paths.socket.clone()), agents: Some(agents) }
    }

    /// Takes what a client says of its environment.
    pub(super) fn greeted(&self, client: ClientId, env: &std::collections::BTreeMap<String, String>) {
        if let (Some(agents), Some(agent)) = (&self.agents, env.get(AGENT)) {
            agents.bring(Some(client), Path::new(OsStr::new(agent)));
        }
    }

    /// A client is gone.
    pub(super) fn left(&self, client: ClientId) {
        if let Some(agents) = &self.agents {
            agents.leave(client);
        }
    }

    /// Where programs find the agent, once there is one.
    pub(super) fn agent(&self) -> Option<PathBuf> {
        self.agents.as_ref()?.path().map(Path::to_owned)
    }
}
