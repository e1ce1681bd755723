//! Who decides how large a session is: one of the viewers that have a viewport. As a value, with the time passed in.
//!
//! The owner is the viewer that typed last; another one takes over by typing once the owner has been silent for
//! [`SILENCE`], so that two people at one session do not tear at its size.

use std::time::{Duration, Instant};

use crate::base::{ClientId, GridSize};

/// How long the owner has to be silent before somebody else's typing takes the size over.
pub const SILENCE: Duration = Duration::from_secs(1);

/// A viewport: its size in cells, and the size of a cell in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Viewport {
    pub size: GridSize,
    pub cell_w: u16,
    pub cell_h: u16,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    client: ClientId,
    viewport: Viewport,
    typed: Option<Instant>,
}

/// The viewports of a session and their owner.
#[derive(Debug, Clone, Default)]
pub struct SizeOwner {
    entries: Vec<Entry>,
    owner: Option<ClientId>,
    /// The size that was asked for, whoever watches.
    pinned: Option<GridSize>,
}

impl SizeOwner {
    /// A viewer's viewport is new or has changed.
    pub fn resize(&mut self, client: ClientId, viewport: Viewport) {
        match self.entries.iter_mut().find(|e| e.client == client) {
            Some(entry) => entry.viewport = viewport,
            None => self.entries.push(Entry { client, viewport, typed: None }),
        }
        self.owner.get_or_insert(client);
    }

    /// A viewer typed.
    pub fn typed(&mut self, client: ClientId, now: Instant) {
        let Some(entry) = self.entries.iter_mut().find(|e| e.client == client) else { return };
        entry.typed = Some(now);
        if self.owner == Some(client) {
            return;
        }
        let owner = self.entries.iter().find(|e| Some(e.client) == self.owner);
        if owner.and_then(|o| o.typed).is_none_or(|typed| now.saturating_duration_since(typed) >= SILENCE) {
            self.owner = Some(client);
        }
    }

    /// A viewer is gone. Its size goes to whoever of the others typed last.
    pub fn leave(&mut self, client: ClientId) {
        self.entries.retain(|e| e.client != client);
        if self.owner == Some(client) {
            self.owner = self.entries.iter().max_by_key(|e| e.typed).map(|e| e.client);
        }
    }

    /// The size stays this one from now on; or, with `None`, it is the owner's again.
    pub fn pin(&mut self, size: Option<GridSize>) {
        self.pinned = size;
    }

    /// The viewport that counts; none while no viewer has one and none is pinned, and the size stays as it is.
    pub fn viewport(&self) -> Option<Viewport> {
        let owners = self.entries.iter().find(|e| Some(e.client) == self.owner).map(|e| e.viewport);
        match self.pinned {
            Some(size) => Some(owners.map_or(Viewport { size, cell_w: 0, cell_h: 0 }, |v| Viewport { size, ..v })),
            None => owners,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: ClientId = ClientId(1);
    const B: ClientId = ClientId(2);

    fn port(cols: u16) -> Viewport {
        Viewport { size: GridSize::clamped(cols, 10), cell_w: 8, cell_h: 16 }
    }

    #[test]
    fn the_one_that_types_owns_the_size_after_a_silence() {
        let (mut owner, t) = (SizeOwner::default(), Instant::now());
        assert_eq!(owner.viewport(), None);
        owner.resize(A, port(80));
        owner.resize(B, port(40));
        assert_eq!(owner.viewport(), Some(port(80)));
        owner.typed(A, t);
        owner.typed(B, t + Duration::from_millis(900));
        assert_eq!(owner.viewport(), Some(port(80)));
        owner.typed(B, t + SILENCE);
        assert_eq!(owner.viewport(), Some(port(40)));
        owner.resize(B, port(50));
        assert_eq!(owner.viewport(), Some(port(50)));
        owner.leave(B);
        assert_eq!(owner.viewport(), Some(port(80)));
        owner.leave(A);
        assert_eq!(owner.viewport(), None);
    }

    #[test]
    fn a_pinned_size_beats_every_viewer_until_it_goes() {
        let (mut owner, t) = (SizeOwner::default(), Instant::now());
        let pinned = GridSize::clamped(132, 43);
        owner.pin(Some(pinned));
        assert_eq!(owner.viewport(), Some(Viewport { size: pinned, cell_w: 0, cell_h: 0 }));
        owner.resize(A, port(80));
        owner.typed(A, t);
        assert_eq!(owner.viewport(), Some(Viewport { size: pinned, ..port(80) }));
        owner.pin(None);
        assert_eq!(owner.viewport(), Some(port(80)));
    }

    #[test]
    fn one_without_a_viewport_never_owns_it() {
        let (mut owner, t) = (SizeOwner::default(), Instant::now());
        owner.resize(A, port(80));
        owner.typed(B, t);
        assert_eq!(owner.viewport(), Some(port(80)));
    }
}
