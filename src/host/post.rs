//! The place at which a host serves: found by itself, or given by its keeper.

use std::os::unix::net::UnixListener;

use crate::keeper::{Claim, ClaimError, ClaimPaths, Keeper};
use crate::protocol::path::HostPaths;

impl From<&HostPaths> for ClaimPaths {
    fn from(paths: &HostPaths) -> Self {
        let HostPaths { dir, own_dir, socket, lock, .. } = paths.clone();
        Self { dir, own_dir, socket, lock }
    }
}

/// A claim, with a listener once there is one.
#[derive(Debug)]
pub(super) struct Post {
    pub(super) claim: Claim,
    listener: Option<UnixListener>,
}

impl Post {
    /// Takes the place. `None` when another host has it.
    ///
    /// # Errors
    /// [`ClaimError`].
    pub(super) fn take(paths: &HostPaths, keeper: &Keeper) -> Result<Option<Self>, ClaimError> {
        let paths = ClaimPaths::from(paths);
        if let Some(post) = keeper.post() {
            let (claim, listener) = post.into_claim(&paths);
            return Ok(Some(Self { claim, listener: Some(listener) }));
        }
        Ok(Claim::take(&paths)?.map(|claim| Self { claim, listener: None }))
    }

    /// What there is to listen on. One from a keeper has connections waiting already.
    ///
    /// # Errors
    /// [`ClaimError`].
    pub(super) fn listen(mut self) -> Result<(Claim, UnixListener), ClaimError> {
        let listener = match self.listener {
            Some(listener) => listener,
            None => self.claim.bind()?,
        };
        Ok((self.claim, listener))
    }
}
