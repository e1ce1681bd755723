//! The brush of the view: rectangles and lines of text in logical sizes, and texts cut to fit.

use crate::app::arrange::Geometry;
use crate::base::{PxPoint, PxRect, Rgb};
use crate::model::Theme;
use crate::render::{Fonts, Layer, Quad, TextLine};

/// Tells how wide a line of chrome text is, in physical pixels.
pub trait Measure {
    fn width(&mut self, text: &str, px: f32, mono: bool, bold: bool) -> u32;
}

impl Measure for Fonts {
    fn width(&mut self, text: &str, px: f32, mono: bool, bold: bool) -> u32 {
        self.measure(text, px, mono, bold)
    }
}

/// How a text looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ink {
    /// Physical pixels.
    pub px: f32,
    pub color: Rgb,
    pub bold: bool,
    pub mono: bool,
}

/// Collects one layer.
pub struct Paint<'a> {
    pub geometry: &'a Geometry,
    pub theme: &'a Theme,
    pub measure: &'a mut dyn Measure,
    pub layer: Layer,
}

impl Paint<'_> {
    pub fn px(&self, logical: f32) -> u32 {
        self.geometry.px(logical)
    }

    /// Interface text, `step` logical pixels larger than usual.
    pub fn ink(&self, color: Rgb, step: f32) -> Ink {
        Ink { px: self.geometry.ui_px() + (step * self.geometry.scale).round(), color, bold: false, mono: false }
    }

    /// The theme's text colour for what matters less.
    pub fn faint(&self) -> Rgb {
        self.theme.header_fg.mix(self.theme.header_bg, 90)
    }

    pub fn fill(&mut self, rect: PxRect, color: Rgb, radius: f32) {
        self.veil(rect, color, radius, 255);
    }

    pub fn veil(&mut self, rect: PxRect, color: Rgb, radius: f32, alpha: u8) {
        if rect.w > 0 && rect.h > 0 {
            let radius = self.px(radius).min(rect.w / 2).min(rect.h / 2);
            self.layer.rects.push(Quad { rect, color, alpha, radius });
        }
    }

    pub fn width(&mut self, text: &str, ink: Ink) -> u32 {
        self.measure.width(text, ink.px, ink.mono, ink.bold)
    }

    pub fn line_height(&self, ink: Ink) -> u32 {
        Fonts::line_height(ink.px)
    }

    /// Text from the left of `room`, in its vertical middle, cut with an ellipsis to fit; returns its width.
    pub fn text(&mut self, room: PxRect, text: &str, ink: Ink) -> u32 {
        let shown = self.cut(text, room.w, ink, false);
        let width = self.width(&shown, ink).min(room.w);
        self.put(room, room.x, shown, ink);
        width
    }

    /// Text to the right end of `room`, cut at its left; returns its width.
    pub fn text_right(&mut self, room: PxRect, text: &str, ink: Ink) -> u32 {
        let shown = self.cut(text, room.w, ink, true);
        let width = self.width(&shown, ink).min(room.w);
        self.put(room, room.right().saturating_sub_unsigned(width), shown, ink);
        width
    }

    /// Text in the middle of `room`.
    pub fn text_center(&mut self, room: PxRect, text: &str, ink: Ink) {
        let shown = self.cut(text, room.w, ink, false);
        let width = self.width(&shown, ink).min(room.w);
        self.put(room, room.x.saturating_add_unsigned((room.w - width) / 2), shown, ink);
    }

    fn put(&mut self, room: PxRect, x: i32, text: String, ink: Ink) {
        if text.is_empty() || room.w == 0 {
            return;
        }
        let height = self.line_height(ink);
        let y = room.y + (i64::from(room.h) - i64::from(height)).div_euclid(2) as i32;
        let Ink { px, color, bold, mono } = ink;
        self.layer.texts.push(TextLine { pos: PxPoint { x, y }, clip: room, text, px, color, bold, mono });
    }

    /// The text, or as much of it as fits with an ellipsis: its beginning, or its end where the end says more.
    pub fn cut(&mut self, text: &str, room: u32, ink: Ink, keep_end: bool) -> String {
        let line = text.lines().next().unwrap_or_default();
        if self.width(line, ink) <= room {
            return line.to_owned();
        }
        let chars: Vec<char> = line.chars().collect();
        let shown = |n: usize| -> String {
            if keep_end {
                std::iter::once('…').chain(chars[chars.len() - n..].iter().copied()).collect()
            } else {
                chars[..n].iter().copied().chain(std::iter::once('…')).collect()
            }
        };
        // Widths grow with the number of characters, but for rare ligatures: bisection is close enough, and the clip
        // takes care of the rest.
        let (mut fits, mut too_many) = (0, chars.len());
        while fits + 1 < too_many {
            let middle = (fits + too_many) / 2;
            if self.width(&shown(middle), ink) <= room { fits = middle } else { too_many = middle }
        }
        if fits == 0 { String::new() } else { shown(fits) }
    }

    /// A small filled label with its text, from the left of `room`; returns its width.
    pub fn chip(&mut self, room: PxRect, text: &str, back: Rgb, ink: Ink) -> u32 {
        let pad = self.px(5.0);
        let (w, h) = (self.width(text, ink) + 2 * pad, self.line_height(ink) + self.px(2.0));
        if w > room.w || h > room.h {
            return 0;
        }
        let y = room.y.saturating_add_unsigned((room.h - h) / 2);
        let rect = PxRect::new(room.x, y, w, h);
        self.fill(rect, back, 4.0);
        self.text_center(rect, text, ink);
        w
    }
}

/// A part of a rectangle: without `left` pixels at its left and `right` at its right.
pub fn shrink(rect: PxRect, left: u32, right: u32) -> PxRect {
    let left = left.min(rect.w);
    let right = right.min(rect.w - left);
    PxRect { x: rect.x.saturating_add_unsigned(left), w: rect.w - left - right, ..rect }
}

/// Black or white, whichever reads better on a colour (ITU-R BT.601 luma).
pub fn on(color: Rgb) -> Rgb {
    let luma = 299 * u32::from(color.r) + 587 * u32::from(color.g) + 114 * u32::from(color.b);
    if luma > 128_000 { Rgb::new(0x10, 0x12, 0x16) } else { Rgb::new(0xff, 0xff, 0xff) }
}
