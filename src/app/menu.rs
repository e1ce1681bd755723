//! Questions and lists that lie over the panes: one chosen entry, moved by keys or pointed at.

use crate::base::{Rgb, SessionNo};
use crate::model::key::{Key, KeyEvent, NamedKey, Press};

/// What a menu decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The window closes and sessions live.
    Quit,
    /// A program runs in the pane that is to be closed.
    ClosePane(SessionNo),
    /// Which agent to start.
    Launch,
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub label: String,
    /// Smaller, behind or below it.
    pub detail: String,
    pub badge: Option<(String, Rgb)>,
    /// Something is lost by choosing it.
    pub danger: bool,
}

/// A title, some lines, and entries of which one is chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Menu {
    pub purpose: Purpose,
    pub title: String,
    pub body: Vec<String>,
    pub items: Vec<Item>,
    pub selected: usize,
}

/// What a key or a click did to a menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Picked {
    /// It is still open.
    Nothing,
    Cancelled,
    Chosen(usize),
}

impl Menu {
    /// Takes a key: arrows and Tab move, Enter chooses, Escape cancels, a first letter chooses the one entry that it
    /// begins or moves through those that it begins, a digit chooses by place.
    pub fn key(&mut self, event: &KeyEvent) -> Picked {
        use crate::model::key::Mods;
        let n = self.items.len();
        if event.press == Press::Release || n == 0 {
            return Picked::Nothing;
        }
        let back = event.mods.has(Mods::SHIFT);
        let step = match event.key {
            Key::Named(NamedKey::Escape) => return Picked::Cancelled,
            Key::Named(NamedKey::Enter | NamedKey::KpEnter) => return Picked::Chosen(self.selected),
            Key::Named(NamedKey::Tab) => {
                if back {
                    n - 1
                } else {
                    1
                }
            }
            Key::Named(NamedKey::Right | NamedKey::Down) => 1,
            Key::Named(NamedKey::Left | NamedKey::Up) => n - 1,
            Key::Char(c) if event.mods.without_locks().without(Mods::SHIFT) == Mods::NONE => return self.letter(c),
            _ => 0,
        };
        self.selected = (self.selected + step) % n;
        Picked::Nothing
    }

    fn letter(&mut self, c: char) -> Picked {
        if let Some(place) = c.to_digit(10).and_then(|d| (d as usize).checked_sub(1)) {
            return if place < self.items.len() { Picked::Chosen(place) } else { Picked::Nothing };
        }
        let begins = |item: &Item| item.label.chars().next().is_some_and(|f| f.to_lowercase().eq(c.to_lowercase()));
        let matching: Vec<usize> = (0..self.items.len()).filter(|i| begins(&self.items[*i])).collect();
        match matching[..] {
            [] => Picked::Nothing,
            [one] => Picked::Chosen(one),
            [first, ..] => {
                self.selected = matching.iter().copied().find(|i| *i > self.selected).unwrap_or(first);
                Picked::Nothing
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Chord;

    fn menu() -> Menu {
        let item = |label: &str| Item { label: label.into(), detail: String::new(), badge: None, danger: false };
        Menu {
            purpose: Purpose::Quit,
            title: String::new(),
            body: Vec::new(),
            items: ["Keep running", "Save and stop", "Stop without saving", "Cancel"].map(item).to_vec(),
            selected: 0,
        }
    }

    #[test]
    fn every_way_to_an_entry_works() {
        let table: &[(&str, Picked)] = &[
            ("enter", Picked::Chosen(0)),
            ("tab enter", Picked::Chosen(1)),
            ("shift+tab enter", Picked::Chosen(3)),
            ("right down left enter", Picked::Chosen(1)),
            ("left enter", Picked::Chosen(3)),
            ("escape", Picked::Cancelled),
            ("k", Picked::Chosen(0)),
            ("shift+c", Picked::Chosen(3)),
            ("s enter", Picked::Chosen(1)),
            ("s s enter", Picked::Chosen(2)),
            ("s s s enter", Picked::Chosen(1)),
            ("x", Picked::Nothing),
            ("3", Picked::Chosen(2)),
            ("9", Picked::Nothing),
            ("ctrl+k", Picked::Nothing),
        ];
        for (keys, want) in table {
            let mut menu = menu();
            let mut last = Picked::Nothing;
            for name in keys.split_whitespace() {
                let chord: Chord = name.parse().unwrap();
                last = menu.key(&KeyEvent::press(chord.key, chord.mods));
            }
            assert_eq!(last, *want, "{keys}");
        }
    }
}
