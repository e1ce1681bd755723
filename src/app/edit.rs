//! A text being written, with its cursor: the broadcast's compose line, a search. Steps over whole characters as people
//! see them.

use unicode_segmentation::UnicodeSegmentation;

use crate::model::key::{Key, KeyEvent, Mods, NamedKey};

/// Longest text that is taken, in bytes: far more than a prompt, far less than a message may have.
const MAX_TEXT: usize = 64 << 10;

/// A text and a place in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Edit {
    text: String,
    /// Byte offset, always at the start of a character as people see it or at the end.
    cursor: usize,
}

impl Edit {
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Byte offset of the cursor.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Puts text in at the cursor; line ends become `\n`, control characters but tabs are left out.
    pub fn insert(&mut self, text: &str) {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let text: String = text.chars().filter(|c| matches!(c, '\n' | '\t') || !c.is_control()).collect();
        if self.text.len() + text.len() <= MAX_TEXT {
            self.text.insert_str(self.cursor, &text);
            self.cursor += text.len();
        }
    }

    /// Takes an editing key; false where it means nothing here.
    pub fn key(&mut self, event: &KeyEvent) -> bool {
        let ctrl = event.mods.has(Mods::CTRL);
        let named = match event.key {
            Key::Named(named) => named,
            Key::Char(c) if ctrl => return self.control(c),
            _ => return self.type_text(event),
        };
        match named {
            NamedKey::Left => self.cursor = if ctrl { self.word_before() } else { self.before() },
            NamedKey::Right => self.cursor = if ctrl { self.word_after() } else { self.after() },
            NamedKey::Home => self.cursor = self.line_start(),
            NamedKey::End => self.cursor = self.line_end(),
            NamedKey::Up => self.vertical(true),
            NamedKey::Down => self.vertical(false),
            NamedKey::Backspace => self.delete(if ctrl { self.word_before() } else { self.before() }),
            NamedKey::Delete => self.delete(if ctrl { self.word_after() } else { self.after() }),
            _ => return self.type_text(event),
        }
        true
    }

    fn type_text(&mut self, event: &KeyEvent) -> bool {
        let types = !event.text.is_empty() && !event.text.chars().any(char::is_control);
        if types && !event.mods.has(Mods::CTRL) {
            self.insert(&event.text);
        }
        types
    }

    /// The shells' own editing keys.
    fn control(&mut self, c: char) -> bool {
        match c.to_ascii_lowercase() {
            'a' => self.cursor = self.line_start(),
            'e' => self.cursor = self.line_end(),
            'u' => self.delete(self.line_start()),
            'k' => self.delete(self.line_end()),
            'w' => self.delete(self.word_before()),
            _ => return false,
        }
        true
    }

    /// Deletes between the cursor and another place.
    fn delete(&mut self, other: usize) {
        let (from, to) = (self.cursor.min(other), self.cursor.max(other));
        self.text.replace_range(from..to, "");
        self.cursor = from;
    }

    fn before(&self) -> usize {
        self.text[..self.cursor].grapheme_indices(true).next_back().map_or(0, |(at, _)| at)
    }

    fn after(&self) -> usize {
        self.cursor + self.text[self.cursor..].graphemes(true).next().map_or(0, str::len)
    }

    fn word_before(&self) -> usize {
        self.text[..self.cursor].unicode_word_indices().next_back().map_or(0, |(at, _)| at)
    }

    fn word_after(&self) -> usize {
        let rest = &self.text[self.cursor..];
        rest.unicode_word_indices().next().map_or(self.text.len(), |(at, word)| self.cursor + at + word.len())
    }

    fn line_start(&self) -> usize {
        self.text[..self.cursor].rfind('\n').map_or(0, |at| at + 1)
    }

    fn line_end(&self) -> usize {
        self.text[self.cursor..].find('\n').map_or(self.text.len(), |at| self.cursor + at)
    }

    /// To the same column of the line above or below; to the very start or end where there is none.
    fn vertical(&mut self, up: bool) {
        let start = self.line_start();
        let column = self.text[start..self.cursor].graphemes(true).count();
        let (from, to) = if up {
            let Some(end) = start.checked_sub(1) else {
                self.cursor = 0;
                return;
            };
            (self.text[..end].rfind('\n').map_or(0, |at| at + 1), end)
        } else {
            let end = self.line_end();
            if end == self.text.len() {
                self.cursor = end;
                return;
            }
            let next = end + 1;
            (next, self.text[next..].find('\n').map_or(self.text.len(), |at| next + at))
        };
        let line = &self.text[from..to];
        self.cursor = from + line.grapheme_indices(true).nth(column).map_or(line.len(), |(at, _)| at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(text: &str, keys: &str) -> (String, usize) {
        let mut edit = Edit::default();
        edit.insert(text);
        for name in keys.split_whitespace() {
            let chord: crate::model::Chord = name.parse().unwrap();
            assert!(edit.key(&KeyEvent::press(chord.key, chord.mods)), "{name}");
        }
        (edit.text().to_owned(), edit.cursor())
    }

    #[test]
    fn keys_edit_the_text() {
        let table: &[(&str, &str, &str, usize)] = &[
            ("", "h i", "hi", 2),
            ("héllo", "left left backspace", "hélo", 4 - 1),
            ("ab", "home x", "xab", 1),
            ("one two", "ctrl+left delete", "one wo", 4),
            ("one two", "ctrl+w", "one ", 4),
            ("one two", "ctrl+left ctrl+left ctrl+right x", "onex two", 4),
            ("one\ntwo", "ctrl+u", "one\n", 4),
            ("one\ntwo", "home up end x", "onex\ntwo", 4),
            ("abc\nd\nefg", "up", "abc\nd\nefg", 5),
            ("abc\nd\nefg", "up up left down", "abc\nd\nefg", 4),
            ("abc", "up", "abc", 0),
            ("abc", "home down", "abc", 3),
            ("a👨‍👩‍👧b", "left backspace", "ab", 1),
            ("", "backspace delete left right up down home end", "", 0),
        ];
        for (text, keys, want, cursor) in table {
            assert_eq!(with(text, keys), ((*want).to_owned(), *cursor), "{text:?} {keys}");
        }
    }

    #[test]
    fn pasted_control_characters_stay_out() {
        let mut edit = Edit::default();
        edit.insert("a\x1b[31m\r\nb\tc\u{9b}");
        assert_eq!(edit.text(), "a[31m\nb\tc");
    }

    #[test]
    fn foreign_chords_are_not_taken() {
        let mut edit = Edit::default();
        assert!(!edit.key(&KeyEvent::press(Key::Char('q'), Mods::CTRL)));
        assert!(!edit.key(&KeyEvent::press(Key::Named(NamedKey::F5), Mods::NONE)));
        assert!(edit.is_empty());
    }
}
