//! A path to the user's SSH agent that stays the same while agents come and go: a link beside the socket. Programs are
//! given the link's path; each window and each attached terminal that brings an agent has it point there, so that a
//! session that was made days ago reaches the agent of the connection that looks at it now.

use std::fs;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::process::geteuid;

use crate::base::ClientId;

/// The link, and who brought which agent.
#[derive(Debug)]
pub(super) struct AgentLink {
    link: PathBuf,
    /// Locked for a moment only: an agent's file may lie where the system takes its time to look at it.
    known: Mutex<All>,
    /// Links made so far: each gets another name until it is in its place.
    made: AtomicU64,
}

/// Those that brought an agent, the last one last.
#[derive(Debug, Default, Clone)]
struct All {
    list: Vec<Known>,
    /// How often the list has changed.
    version: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Known {
    /// None for the agent that the host itself was started with.
    client: Option<ClientId>,
    agent: PathBuf,
}

impl AgentLink {
    /// A link at this path. It points to the agent that the host was started with, if there is one; one that an earlier
    /// host left behind is gone.
    pub(super) fn new(link: PathBuf, own: Option<&Path>) -> Self {
        let this = Self { link, known: Mutex::default(), made: AtomicU64::new(0) };
        this.remove();
        if let Some(own) = own {
            this.bring(None, own);
        }
        this
    }

    /// The link's path, once it points to something.
    pub(super) fn path(&self) -> Option<&Path> {
        fs::symlink_metadata(&self.link).is_ok().then_some(&*self.link)
    }

    /// A client brought its agent. One that cannot be used changes nothing: variables that outlive their agent are
    /// common, and no reason to refuse a client.
    pub(super) fn bring(&self, client: Option<ClientId>, agent: &Path) {
        if let Err(why) = self.check(agent) {
            log::info!("the SSH agent {} is not used: {why}", agent.display());
            return;
        }
        let mut all = self.lock();
        all.list.retain(|k| k.client != client);
        all.list.push(Known { client, agent: agent.to_owned() });
        all.version += 1;
        drop(all);
        self.choose();
    }

    /// A client is gone, and perhaps its agent with it: the one that was brought last and is still there takes over.
    pub(super) fn leave(&self, client: ClientId) {
        let mut all = self.lock();
        let before = all.list.len();
        all.list.retain(|k| k.client != Some(client));
        if all.list.len() == before {
            return;
        }
        all.version += 1;
        drop(all);
        self.choose();
    }

    /// Points to the agent that was brought last and is still there. Whoever finds the list changed meanwhile chooses
    /// again, so that the link is right once nobody chooses any more.
    fn choose(&self) {
        let mut all = self.lock().clone();
        loop {
            if let Some(last) = all.list.iter().rev().find(|k| self.check(&k.agent).is_ok()) {
                self.point_to(&last.agent);
            }
            let now = self.lock();
            if now.version == all.version {
                return;
            }
            all = now.clone();
        }
    }

    fn lock(&self) -> MutexGuard<'_, All> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The host ends.
    pub(super) fn remove(&self) {
        // There may be none.
        let _ = fs::remove_file(&self.link);
    }

    fn check(&self, agent: &Path) -> Result<(), String> {
        if !agent.is_absolute() {
            return Err("its path is not absolute".into());
        }
        if agent == self.link {
            return Err("it is the link that leads to it".into());
        }
        let meta = fs::metadata(agent).map_err(|e| e.to_string())?;
        if !meta.file_type().is_socket() {
            return Err("it is not a socket".into());
        }
        if meta.uid() != geteuid().as_raw() {
            return Err("it belongs to another user".into());
        }
        Ok(())
    }

    /// In one step, so that no program finds the link missing.
    fn point_to(&self, agent: &Path) {
        if fs::read_link(&self.link).is_ok_and(|to| to == agent) {
            return;
        }
        let fresh = self.link.with_extension(format!("agent-new{}", self.made.fetch_add(1, Ordering::Relaxed)));
        let _ = fs::remove_file(&fresh);
        let pointed = std::os::unix::fs::symlink(agent, &fresh).and_then(|()| fs::rename(&fresh, &self.link));
        if let Err(e) = pointed {
            log::warn!("the link {} to the SSH agent cannot be set: {e}", self.link.display());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixListener;

    fn target(link: &AgentLink) -> Option<PathBuf> {
        link.path().and_then(|path| fs::read_link(path).ok())
    }

    #[test]
    fn the_link_follows_whoever_came_last_and_is_there() {
        let dir = tempfile::tempdir().unwrap();
        let agent = |name: &str| {
            let path = dir.path().join(name);
            let listener = UnixListener::bind(&path).unwrap();
            (path, listener)
        };
        let ((own, _own), (first, _first), (second, _second)) = (agent("own"), agent("first"), agent("second"));
        let link = AgentLink::new(dir.path().join("synk.agent"), Some(&own));
        assert_eq!(target(&link).as_deref(), Some(&*own));
        link.bring(Some(ClientId(1)), &first);
        link.bring(Some(ClientId(2)), &second);
        assert_eq!(target(&link).as_deref(), Some(&*second));
        link.leave(ClientId(3));
        assert_eq!(target(&link).as_deref(), Some(&*second), "a client without an agent changes nothing");
        link.leave(ClientId(2));
        assert_eq!(target(&link).as_deref(), Some(&*first));
        fs::remove_file(&own).unwrap();
        link.leave(ClientId(1));
        assert_eq!(target(&link).as_deref(), Some(&*first), "the last one known, since the host's own is gone");
    }

    #[test]
    fn many_that_come_and_go_at_once_leave_the_link_to_who_is_left() {
        let dir = tempfile::tempdir().unwrap();
        let link = AgentLink::new(dir.path().join("synk.agent"), None);
        let agents: Vec<_> = (1..=4).map(|n| dir.path().join(format!("agent {n}"))).collect();
        let _open: Vec<_> = agents.iter().map(|path| UnixListener::bind(path).unwrap()).collect();
        std::thread::scope(|scope| {
            for (n, agent) in (1..).zip(&agents) {
                let link = &link;
                scope.spawn(move || {
                    for _ in 0..200 {
                        link.bring(Some(ClientId(n)), agent);
                        link.leave(ClientId(n));
                    }
                    link.bring(Some(ClientId(n)), agent);
                });
            }
        });
        let last = link.lock().list.last().map(|last| last.agent.clone());
        assert_eq!((target(&link), link.lock().list.len()), (last, 4));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 5, "nothing lies about but the agents and the link");
    }

    #[test]
    fn what_is_no_agent_of_this_user_is_not_linked_to() {
        let dir = tempfile::tempdir().unwrap();
        let link = AgentLink::new(dir.path().join("synk.agent"), None);
        fs::write(dir.path().join("file"), "").unwrap();
        for bad in ["relative".into(), dir.path().join("absent"), dir.path().join("file"), dir.path().to_owned()] {
            link.bring(Some(ClientId(1)), &bad);
            assert_eq!(link.path(), None, "{}", bad.display());
        }
        let (agent, loops) = (dir.path().join("agent"), dir.path().join("synk.agent"));
        let _listener = UnixListener::bind(&agent).unwrap();
        link.bring(Some(ClientId(1)), &agent);
        // As from a program in a pane.
        link.bring(Some(ClientId(2)), &loops);
        assert_eq!(target(&link).as_deref(), Some(&*agent));
        if geteuid().is_root() {
            std::os::unix::fs::chown(&agent, Some(1), Some(1)).unwrap();
            assert!(link.check(&agent).unwrap_err().contains("another user"));
        }
    }
}
