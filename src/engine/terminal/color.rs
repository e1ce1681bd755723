//! Colours that a program sets and asks for (OSC 4, 10 to 12, 104, 110 to 112).

use std::sync::Arc;

use super::state::Terminal;
use crate::base::Rgb;
use crate::model::Palette;

/// The three colours with numbers of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Special {
    Foreground,
    Background,
    Cursor,
}

/// OSC 10, 11 and 12 in this order.
const SPECIALS: [Special; 3] = [Special::Foreground, Special::Background, Special::Cursor];

impl Terminal {
    /// OSC 4: pairs of index and colour, or index and `?`. Returns the answers.
    pub(super) fn osc_indexed(&mut self, parts: &[&[u8]]) -> Vec<u8> {
        let mut reply = Vec::new();
        for pair in parts.chunks_exact(2) {
            let Some(index) = number(pair[0]).and_then(|n| u8::try_from(n).ok()) else { continue };
            if pair[1] == b"?" {
                let color = self.options.theme.indexed(&self.palette, index);
                reply.extend(answer(&format!("4;{index}"), color));
            } else if let Some(color) = parse_color(pair[1]) {
                self.change_palette(|palette| {
                    palette.indexed.insert(index, color);
                });
            }
        }
        reply
    }

    /// OSC 10, 11, 12: `parts` are colours or `?` for this number and the ones after it. Returns the answers.
    pub(super) fn osc_special(&mut self, first: usize, parts: &[&[u8]]) -> Vec<u8> {
        let mut reply = Vec::new();
        for (part, (n, special)) in parts.iter().zip(SPECIALS.into_iter().enumerate().skip(first - 10)) {
            if *part == b"?" {
                reply.extend(answer(&(n + 10).to_string(), self.special(special)));
            } else if let Some(color) = parse_color(part) {
                self.set_special(special, Some(color));
            }
        }
        reply
    }

    /// OSC 104: these indexes, or all of them.
    pub(super) fn osc_reset_indexed(&mut self, parts: &[&[u8]]) {
        if parts.first().is_none_or(|p| p.is_empty()) {
            self.change_palette(|palette| palette.indexed.clear());
            return;
        }
        for index in parts.iter().filter_map(|p| number(p)).filter_map(|n| u8::try_from(n).ok()) {
            self.change_palette(|palette| {
                palette.indexed.remove(&index);
            });
        }
    }

    /// OSC 110, 111, 112.
    pub(super) fn osc_reset_special(&mut self, number: usize) {
        if let Some(special) = number.checked_sub(110).and_then(|n| SPECIALS.get(n)) {
            self.set_special(*special, None);
        }
    }

    fn special(&self, special: Special) -> Rgb {
        let theme = &self.options.theme;
        match special {
            Special::Foreground => theme.fg_in(&self.palette),
            Special::Background => theme.bg_in(&self.palette),
            Special::Cursor => theme.cursor_in(&self.palette),
        }
    }

    fn set_special(&mut self, special: Special, color: Option<Rgb>) {
        self.change_palette(|palette| match special {
            Special::Foreground => palette.fg = color,
            Special::Background => palette.bg = color,
            Special::Cursor => palette.cursor = color,
        });
    }

    fn change_palette(&mut self, change: impl FnOnce(&mut Palette)) {
        // Viewers hold the palette they were sent: it is copied when it changes, and only then.
        change(Arc::make_mut(&mut self.palette));
        self.screen.changed = true;
    }
}

fn answer(what: &str, Rgb { r, g, b }: Rgb) -> Vec<u8> {
    format!("\x1b]{what};rgb:{r:02x}{r:02x}/{g:02x}{g:02x}/{b:02x}{b:02x}\x1b\\").into_bytes()
}

/// A decimal number without a sign.
pub(super) fn number(text: &[u8]) -> Option<usize> {
    if text.is_empty() || text.len() > 6 || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// `rgb:r/g/b` with 1 to 4 digits each, scaled, or `#rgb` to `#rrrrggggbbbb`, of which the high digits count
/// (XParseColor).
fn parse_color(text: &[u8]) -> Option<Rgb> {
    let text = std::str::from_utf8(text).ok()?;
    let hex = |part: &str| {
        let digits = (1..=4).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_hexdigit());
        digits.then(|| u32::from_str_radix(part, 16).ok()).flatten()
    };
    if let Some(digits) = text.strip_prefix('#') {
        if !digits.is_ascii() || !matches!(digits.len(), 3 | 6 | 9 | 12) {
            return None;
        }
        let each = digits.len() / 3;
        let high = |n: usize| Some((hex(&digits[n * each..][..each])? << 4 >> (4 * (each - 1))) as u8);
        return Some(Rgb::new(high(0)?, high(1)?, high(2)?));
    }
    let mut parts = text.strip_prefix("rgb:")?.split('/');
    let mut scaled = || {
        let part = parts.next()?;
        let most = (1 << (4 * part.len().min(4))) - 1;
        Some((hex(part)? * 255 / most) as u8)
    };
    let color = Rgb::new(scaled()?, scaled()?, scaled()?);
    parts.next().is_none().then_some(color)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_read_as_xparsecolor_reads_them() {
        for (text, color) in [
            ("rgb:ff/80/00", Some(Rgb::new(255, 128, 0))),
            ("rgb:f/8/0", Some(Rgb::new(255, 136, 0))),
            ("rgb:ffff/8000/0000", Some(Rgb::new(255, 127, 0))),
            ("#f80", Some(Rgb::new(0xf0, 0x80, 0))),
            ("#ff8000", Some(Rgb::new(255, 128, 0))),
            ("#ffff80000000", Some(Rgb::new(255, 128, 0))),
            ("rgb:", None),
            ("rgb:ff/80", None),
            ("rgb:ff/80/00/00", None),
            ("rgb:+f/80/00", None),
            ("rgb:fffff/0/0", None),
            ("#ff800", None),
            ("#é9", None),
            ("red", None),
            ("$(id)", None),
        ] {
            assert_eq!(parse_color(text.as_bytes()), color, "{text}");
        }
    }
}
