//! Text that somebody else chose, such as a program's title or a session's name, made safe for a terminal and for the eye:
//! nothing in it moves a cursor, begins a sequence or changes the order in which letters are read.

use std::borrow::Cow;

/// What stands for each character taken out: U+FFFD REPLACEMENT CHARACTER.
const REPLACEMENT: char = '\u{fffd}';

/// The characters of the general category Cf (format) beside the controls, and the line and paragraph separators (Zl,
/// Zp): DerivedGeneralCategory.txt of Unicode 16. Sorted.
const FORMAT: [(char, char); 21] = [
    ('\u{ad}', '\u{ad}'),
    ('\u{600}', '\u{605}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{6dd}', '\u{6dd}'),
    ('\u{70f}', '\u{70f}'),
    ('\u{890}', '\u{891}'),
    ('\u{8e2}', '\u{8e2}'),
    ('\u{180e}', '\u{180e}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{2028}', '\u{202e}'),
    ('\u{2060}', '\u{2064}'),
    ('\u{2066}', '\u{206f}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{fff9}', '\u{fffb}'),
    ('\u{110bd}', '\u{110bd}'),
    ('\u{110cd}', '\u{110cd}'),
    ('\u{13430}', '\u{1343f}'),
    ('\u{1bca0}', '\u{1bca3}'),
    ('\u{1d173}', '\u{1d17a}'),
    ('\u{e0001}', '\u{e0001}'),
    ('\u{e0020}', '\u{e007f}'),
];

/// Whether a terminal might obey this character (C0, DEL and C1 controls) or a reader be misled by it (bidirectional and
/// other format characters, line and paragraph separators).
pub fn is_harmful(c: char) -> bool {
    c.is_control() || (c >= FORMAT[0].0 && FORMAT.iter().any(|&(first, last)| (first..=last).contains(&c)))
}

/// The text on one line, with U+FFFD for each character that [`is_harmful`].
pub fn harmless(text: &str) -> Cow<'_, str> {
    if !text.contains(is_harmful) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|c| if is_harmful(c) { REPLACEMENT } else { c }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_of_any_script_stays_as_it_is() {
        for text in ["", "dev 3", "größe", "日本語", "שלום", "e\u{301}", "👍🏽"] {
            assert!(matches!(harmless(text), Cow::Borrowed(same) if same == text), "{text}");
        }
    }

    #[test]
    fn what_is_obeyed_or_misleads_is_replaced() {
        for c in ['\0', '\n', '\t', '\u{1b}', '\u{7f}', '\u{9b}', '\u{202e}', '\u{2066}', '\u{200d}', '\u{feff}'] {
            assert_eq!(harmless(&format!("a{c}b")), "a\u{fffd}b", "{c:?}");
        }
        assert_eq!(harmless("tag\u{e0041}\u{2028}"), "tag\u{fffd}\u{fffd}");
    }

    #[test]
    fn the_table_is_sorted() {
        assert!(FORMAT.windows(2).all(|pair| pair[0].1 < pair[1].0) && FORMAT.iter().all(|(a, b)| a <= b));
    }
}
