//! How many cells a character takes: `unicode-width`'s answers, looked up in one step.

use std::sync::OnceLock;

use unicode_width::UnicodeWidthChar;

/// The answers for the first plane, which has nearly all text: 2 bits a character.
static TABLE: OnceLock<Box<[u8]>> = OnceLock::new();

/// What the table says of a character without a width.
const NONE: u8 = 3;

/// One sign of Khmer would be three cells wide; no terminal has more than two for a character.
fn known(c: char) -> Option<usize> {
    c.width().map(|w| w.min(2))
}

fn table() -> Box<[u8]> {
    let mut table = vec![0u8; 0x1_0000 / 4];
    for code in 0..0x1_0000u32 {
        let width = char::from_u32(code).and_then(known).map_or(NONE, |w| w as u8);
        table[(code >> 2) as usize] |= width << (2 * (code & 3));
    }
    table.into()
}

/// 0 for marks, 1, 2, or none for a control.
#[inline]
pub(super) fn width(c: char) -> Option<usize> {
    let code = c as u32;
    match TABLE.get_or_init(table).get((code >> 2) as usize) {
        Some(four) => match four >> (2 * (code & 3)) & 3 {
            NONE => None,
            width => Some(usize::from(width)),
        },
        None => known(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_says_what_unicode_width_says() {
        let all = (0..=u32::from(char::MAX)).filter_map(char::from_u32);
        let wrong: Vec<_> = all.filter(|&c| width(c) != known(c)).map(|c| (c, c.width())).collect();
        assert_eq!(wrong, []);
    }
}
