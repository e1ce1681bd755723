//! One pane on the device: what of its rows is there, and what has to be brought there again.

use std::ops::Range;
use std::sync::Arc;

use super::atlas::Pages;
use super::encode::{Encoded, Place, encode};
use super::fonts::Fonts;
use super::glyphs::GlyphCache;
use super::gpu::Gpu;
use super::look::Look;
use super::pipelines::{GlyphInstance, QuadInstance};
use super::rows::Rows;
use super::scene::PaneScene;
use crate::model::{Modes, Palette, Row, Theme};

/// Everything but the rows that decides what a pane's instances are: with another one, all rows are encoded anew.
#[derive(Debug, Clone, PartialEq)]
struct Basis {
    /// Counts the changes of theme and font.
    generation: u64,
    cols: u16,
    lines: usize,
    reversed: bool,
    palette: Arc<Palette>,
}

/// A row on the device.
struct Shown {
    row: Arc<Row>,
    pages: Pages,
    /// The frame in which it was encoded.
    since: u64,
    stale: bool,
}

/// What drawing a pane's rows needs.
pub struct Tools<'a> {
    pub gpu: &'a Gpu,
    pub fonts: &'a mut Fonts,
    pub glyphs: &'a mut GlyphCache,
    pub theme: &'a Theme,
}

/// A pane's state on the device.
pub struct Pane {
    basis: Option<Basis>,
    shown: Vec<Shown>,
    backs: Rows<QuadInstance>,
    lines: Rows<QuadInstance>,
    texts: Rows<GlyphInstance>,
    pictures: Rows<GlyphInstance>,
    /// The frame in which it was last part of a scene.
    pub last_seen: u64,
}

impl Pane {
    /// A pane of which nothing is on the device.
    pub fn new() -> Self {
        Self {
            basis: None,
            shown: Vec::new(),
            backs: Rows::new("backgrounds"),
            lines: Rows::new("lines"),
            texts: Rows::new("texts"),
            pictures: Rows::new("pictures"),
            last_seen: 0,
        }
    }

    /// Compares with what is on the device: marks the rows that changed, and keeps the pages of those that stay.
    pub fn compare(&mut self, scene: &PaneScene, glyphs: &mut GlyphCache, generation: u64) {
        self.last_seen = glyphs.now();
        let screen = &scene.screen;
        let basis = Basis {
            generation,
            cols: screen.size.cols(),
            lines: screen.rows.len(),
            reversed: screen.modes.has(Modes::REVERSE_SCREEN),
            palette: Arc::clone(&screen.palette),
        };
        if self.basis.as_ref() != Some(&basis) {
            self.shown.clear();
            let rows = screen.rows.iter().map(|row| Shown { row: Arc::clone(row), pages: 0, since: 0, stale: true });
            self.shown.extend(rows);
            self.backs.reset(screen.rows.len());
            self.lines.reset(screen.rows.len());
            self.texts.reset(screen.rows.len());
            self.pictures.reset(screen.rows.len());
            self.basis = Some(basis);
            return;
        }
        let mut stays = 0;
        for (shown, row) in self.shown.iter_mut().zip(&screen.rows) {
            if !Arc::ptr_eq(&shown.row, row) {
                // A host may send a row again that did not change.
                shown.stale |= *shown.row != **row;
                shown.row = Arc::clone(row);
            }
            shown.stale |= !glyphs.is_current(shown.pages, shown.since);
            if !shown.stale {
                stays |= shown.pages;
            }
        }
        glyphs.touch(stays);
    }

    /// Encodes and uploads the rows that [`Pane::compare`] marked; how many there were.
    pub fn update(&mut self, scene: &PaneScene, tools: &mut Tools<'_>, scratch: &mut Encoded) -> u32 {
        let screen = &scene.screen;
        let look = Look::new(tools.theme, &screen.palette, screen.modes.has(Modes::REVERSE_SCREEN));
        let metrics = tools.fonts.metrics();
        let mut changed = 0;
        for (line, shown) in self.shown.iter_mut().enumerate().filter(|(_, s)| s.stale) {
            let place = Place { look, metrics, line: line as u16, cols: screen.size.cols() };
            let (gpu, fonts, glyphs) = (tools.gpu, &mut *tools.fonts, &mut *tools.glyphs);
            encode(&shown.row, &place, scratch, |cluster| glyphs.get(gpu, fonts, &metrics, cluster));
            self.backs.set(line, &scratch.backs);
            self.lines.set(line, &scratch.lines);
            self.texts.set(line, &scratch.texts);
            self.pictures.set(line, &scratch.pictures);
            (shown.pages, shown.since, shown.stale) = (scratch.pages, tools.glyphs.now(), scratch.incomplete);
            changed += 1;
        }
        if changed > 0 {
            self.backs.upload(tools.gpu);
            self.lines.upload(tools.gpu);
            self.texts.upload(tools.gpu);
            self.pictures.upload(tools.gpu);
        }
        changed
    }

    /// Draws the backgrounds of the given rows that are not the pane's.
    pub fn draw_backs(&self, pass: &mut wgpu::RenderPass<'_>, rows: Range<usize>) {
        self.backs.draw(pass, rows);
    }

    /// Draws the lines under and through the text of the given rows.
    pub fn draw_lines(&self, pass: &mut wgpu::RenderPass<'_>, rows: Range<usize>) {
        self.lines.draw(pass, rows);
    }

    /// Draws the glyphs of the given rows that take the text's colour.
    pub fn draw_texts(&self, pass: &mut wgpu::RenderPass<'_>, rows: Range<usize>) {
        self.texts.draw(pass, rows);
    }

    /// Draws the glyphs of the given rows that have colours of their own.
    pub fn draw_pictures(&self, pass: &mut wgpu::RenderPass<'_>, rows: Range<usize>) {
        self.pictures.draw(pass, rows);
    }
}
