//! Which chord asks for which action.

use super::action::Action;
use super::chord::Chord;
use super::key::KeyEvent;

/// A keymap. The default is made from the actions' own chords; a user's file changes entries of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keymap {
    entries: Vec<(Chord, Action)>,
}

impl Default for Keymap {
    fn default() -> Self {
        let mut map = Self { entries: Vec::new() };
        for action in Action::ALL {
            for text in action.default_chords() {
                if let Ok(chord) = text.parse() {
                    map.bind(chord, *action);
                }
            }
        }
        map
    }
}

impl Keymap {
    /// Gives a chord to an action, taking it from any other.
    pub fn bind(&mut self, chord: Chord, action: Action) {
        self.unbind(chord);
        self.entries.push((chord, action));
    }

    /// Leaves a chord to the programs in the panes.
    pub fn unbind(&mut self, chord: Chord) {
        self.entries.retain(|(c, _)| *c != chord);
    }

    pub fn get(&self, chord: Chord) -> Option<Action> {
        self.entries.iter().find(|(c, _)| *c == chord).map(|(_, a)| *a)
    }

    /// The action of a key: by what it means in the layout in force, else by where it lies on the keyboard, so that the
    /// chords work on layouts without Latin letters.
    pub fn action(&self, event: &KeyEvent) -> Option<Action> {
        self.get(event.chord()).or_else(|| self.get(Chord { mods: event.chord().mods, key: event.key })).or_else(|| {
            let latin = matches!(event.unshifted, super::key::Key::Char(c) if c.is_ascii());
            if latin { None } else { self.get(event.physical_chord()) }
        })
    }

    /// The chords of an action, in the order they were bound.
    pub fn chords(&self, action: Action) -> impl Iterator<Item = Chord> + '_ {
        self.entries.iter().filter(move |(_, a)| *a == action).map(|(c, _)| *c)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::key::{Key, Mods};

    #[test]
    fn every_default_chord_parses_and_belongs_to_one_action() {
        let map = Keymap::default();
        for action in Action::ALL {
            for text in action.default_chords() {
                let chord: Chord = text.parse().unwrap_or_else(|e| panic!("{action}: {e}"));
                assert_eq!(map.get(chord), Some(*action), "{text}");
            }
        }
    }

    #[test]
    fn a_chord_is_found_on_a_layout_without_latin_letters() {
        let mut event = KeyEvent::press(Key::Char('Е'), Mods::CTRL | Mods::SHIFT);
        event.unshifted = Key::Char('е');
        event.physical = Key::Char('t');
        assert_eq!(Keymap::default().action(&event), Some(Action::NewShell));
    }

    #[test]
    fn a_latin_layout_wins_over_the_keys_place() {
        // On a Dvorak layout the key at the place of "t" types "y".
        let mut event = KeyEvent::press(Key::Char('Y'), Mods::CTRL | Mods::SHIFT);
        event.physical = Key::Char('t');
        assert_eq!(Keymap::default().action(&event), None);
    }

    #[test]
    fn rebinding_takes_the_chord_away() {
        let mut map = Keymap::default();
        let chord = "ctrl+b".parse().unwrap();
        map.bind(chord, Action::KeyHelp);
        assert_eq!(map.get(chord), Some(Action::KeyHelp));
        map.unbind(chord);
        assert_eq!((map.get(chord), map.chords(Action::Broadcast).count()), (None, 0));
    }
}
