//! `keymap.ron`: what it changes of the default keymap.

use serde::Deserialize;

use super::values::{ActionName, ChordText, Pairs};
use crate::model::Keymap;

/// The shape of `keymap.ron`.
#[derive(Debug, Deserialize)]
#[serde(rename = "Keymap", deny_unknown_fields)]
pub(super) struct KeymapFile {
    /// Chords to leave to the programs in the panes.
    #[serde(default)]
    unbind: Vec<ChordText>,
    /// Chords and the actions they ask for.
    #[serde(default)]
    bind: Pairs<ChordText, ActionName>,
}

impl KeymapFile {
    /// The default keymap with this file over it. First what is unbound, then what is bound, wherever they stand.
    pub(super) fn keymap(self) -> Keymap {
        let mut map = Keymap::default();
        for chord in self.unbind {
            map.unbind(chord.0);
        }
        for (chord, action) in self.bind.0 {
            map.bind(chord.0, action.0);
        }
        map
    }
}
