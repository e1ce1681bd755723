//! Colours as red, green and blue, and the 256 indexed colours of a terminal.

use std::fmt;
use std::str::FromStr;

/// An opaque sRGB colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Rgb {
    pub r: u8,
    pub g: u8,
    pub b: u8,
}

impl Rgb {
    pub const fn new(r: u8, g: u8, b: u8) -> Self {
        Self { r, g, b }
    }

    pub const fn from_u32(rgb: u32) -> Self {
        Self { r: (rgb >> 16) as u8, g: (rgb >> 8) as u8, b: rgb as u8 }
    }

    pub const fn to_u32(self) -> u32 {
        (self.r as u32) << 16 | (self.g as u32) << 8 | self.b as u32
    }

    /// The colour `part` of 255 of the way from this one to `other`.
    pub fn mix(self, other: Self, part: u8) -> Self {
        let one = |a: u8, b: u8| {
            let (a, b, p) = (u32::from(a), u32::from(b), u32::from(part));
            ((a * (255 - p) + b * p + 127) / 255) as u8
        };
        Self { r: one(self.r, other.r), g: one(self.g, other.g), b: one(self.b, other.b) }
    }
}

impl fmt::Display for Rgb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:06x}", self.to_u32())
    }
}

/// The text was not a colour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadColor;

impl fmt::Display for BadColor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a colour: expected #rrggbb, such as #1e90ff")
    }
}

impl std::error::Error for BadColor {}

impl FromStr for Rgb {
    type Err = BadColor;

    /// Reads `#rrggbb`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let hex = text.strip_prefix('#').filter(|h| h.len() == 6 && h.bytes().all(|b| b.is_ascii_hexdigit()));
        let value = hex.and_then(|h| u32::from_str_radix(h, 16).ok()).ok_or(BadColor)?;
        Ok(Self::from_u32(value))
    }
}

/// The colour xterm gives to index 16 to 255: a 6x6x6 cube (levels 0, 95, 135, 175, 215, 255), then 24 greys from 8 in
/// steps of 10 (xterm's 256colres.h). `None` for the first 16, which are the theme's.
pub fn indexed(index: u8) -> Option<Rgb> {
    let level = |n: u8| if n == 0 { 0 } else { 55 + 40 * n };
    match index {
        0..=15 => None,
        16..=231 => {
            let n = index - 16;
            Some(Rgb::new(level(n / 36), level(n / 6 % 6), level(n % 6)))
        }
        232..=255 => {
            let grey = 8 + 10 * (index - 232);
            Some(Rgb::new(grey, grey, grey))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cube_and_the_greys_are_xterms() {
        assert_eq!(indexed(15), None);
        assert_eq!(indexed(16), Some(Rgb::new(0, 0, 0)));
        assert_eq!(indexed(196), Some(Rgb::new(255, 0, 0)));
        assert_eq!(indexed(231), Some(Rgb::new(255, 255, 255)));
        assert_eq!(indexed(255), Some(Rgb::new(238, 238, 238)));
    }

    #[test]
    fn a_colour_prints_and_reads_back() {
        let c = Rgb::new(1, 144, 255);
        assert_eq!(c.to_string().parse(), Ok(c));
        for bad in ["", "#12345", "#+12345", "1e90ff", "#1e90fg"] {
            assert_eq!(bad.parse::<Rgb>(), Err(BadColor), "{bad}");
        }
    }

    #[test]
    fn mixing_reaches_both_ends() {
        let (a, b) = (Rgb::new(0, 10, 20), Rgb::new(200, 100, 0));
        assert_eq!((a.mix(b, 0), a.mix(b, 255)), (a, b));
    }
}
