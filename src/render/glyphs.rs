//! The glyph cache: from a cluster and a face to a picture on the device, made once.

use std::collections::HashMap;

use super::atlas::{Atlas, Page, Pages, Slot};
use super::boxes;
use super::fonts::{Face, Fonts};
use super::gpu::Gpu;
use super::metrics::CellMetrics;
use super::raster::{Bitmap, Rasterizer};

/// A picture of a cluster on the device. Without height or width where there is nothing to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glyph {
    pub slot: Slot,
    pub w: u16,
    pub h: u16,
    /// Where its top left lies, in pixels from the top left of its first cell.
    pub left: i16,
    pub top: i16,
}

impl Glyph {
    const BLANK: Self = Self { slot: Slot { page: 0, x: 0, y: 0 }, w: 0, h: 0, left: 0, top: 0 };

    /// There is nothing to draw.
    pub fn is_blank(&self) -> bool {
        self.w == 0 || self.h == 0
    }

    /// The page that has to stay for this glyph to be right.
    pub fn pages(&self) -> Pages {
        if self.is_blank() { 0 } else { 1 << self.slot.page }
    }
}

/// What a picture is made for. The cluster is a character and what combines with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cluster<'a> {
    pub ch: char,
    pub marks: Option<&'a str>,
    pub face: Face,
    /// How many cells it may fill, 1 or 2.
    pub cells: u8,
}

impl Cluster<'_> {
    /// Which of the eight tables it is in.
    fn table(&self) -> usize {
        usize::from(self.face.bold) | usize::from(self.face.italic) << 1 | usize::from(self.cells > 1) << 2
    }
}

/// How much a frame had to make anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Made {
    pub rasterised: u32,
    pub shaped: u32,
}

const ASCII: std::ops::Range<u32> = 0x20..0x7f;

/// One table for each face and width.
#[derive(Default)]
struct Table {
    /// Indexed by character minus the first of [`ASCII`]; empty until the first one comes.
    ascii: Vec<Option<Glyph>>,
    chars: HashMap<char, Glyph>,
    clusters: HashMap<Box<str>, Glyph>,
}

/// The cache. Every glyph that it gives is good until its page is given up: [`GlyphCache::is_current`].
pub struct GlyphCache {
    atlas: Atlas,
    rasterizer: Rasterizer,
    tables: [Table; 8],
    scratch: String,
    now: u64,
    made: Made,
    grown: bool,
}

impl GlyphCache {
    /// An empty cache with an atlas of its own.
    pub fn new(gpu: &Gpu) -> Self {
        Self {
            atlas: Atlas::new(gpu),
            rasterizer: Rasterizer::new(),
            tables: Default::default(),
            scratch: String::new(),
            now: 1,
            made: Made::default(),
            grown: false,
        }
    }

    /// Begins a frame: from here on no page is given up that is touched or asked from.
    pub fn begin(&mut self) {
        self.now += 1;
        self.made = Made::default();
    }

    /// The number of the present frame.
    pub fn now(&self) -> u64 {
        self.now
    }

    /// What had to be made since the frame began.
    pub fn made(&self) -> Made {
        self.made
    }

    /// The views of masks and colours.
    pub fn views(&self) -> [&wgpu::TextureView; 2] {
        self.atlas.views()
    }

    /// Whether the views are other ones than when this was last asked.
    pub fn take_grown(&mut self) -> bool {
        std::mem::take(&mut self.grown)
    }

    /// Keeps the pages of what stays on screen.
    pub fn touch(&mut self, pages: Pages) {
        self.atlas.touch(pages, self.now);
    }

    /// Whether glyphs from these pages, asked for in the frame `since`, are still where they were.
    pub fn is_current(&self, pages: Pages, since: u64) -> bool {
        self.atlas.cleared_since(pages) <= since
    }

    /// Forgets everything: the font or its size changed.
    pub fn clear(&mut self) {
        self.tables = Default::default();
        self.now += 1;
        self.atlas.clear(self.now);
    }

    /// The picture of a cluster. `None` when what is visible already fills the atlas: try again in another frame.
    pub fn get(&mut self, gpu: &Gpu, fonts: &mut Fonts, m: &CellMetrics, cluster: Cluster<'_>) -> Option<Glyph> {
        let table = &self.tables[cluster.table()];
        let ascii = (cluster.ch as u32).checked_sub(ASCII.start).map(|i| i as usize);
        let known = match cluster.marks {
            Some(marks) => {
                self.scratch.clear();
                self.scratch.push(cluster.ch);
                self.scratch.push_str(marks);
                table.clusters.get(self.scratch.as_str()).copied()
            }
            None => match ascii.and_then(|i| table.ascii.get(i)) {
                Some(glyph) => *glyph,
                None => table.chars.get(&cluster.ch).copied(),
            },
        };
        if let Some(glyph) = known {
            self.atlas.touch(glyph.pages(), self.now);
            return Some(glyph);
        }
        let glyph = self.make(gpu, fonts, m, cluster)?;
        let table = &mut self.tables[cluster.table()];
        match cluster.marks {
            Some(_) => drop(table.clusters.insert(self.scratch.as_str().into(), glyph)),
            None if ASCII.contains(&(cluster.ch as u32)) => {
                table.ascii.resize(ASCII.len(), None);
                table.ascii[(cluster.ch as u32 - ASCII.start) as usize] = Some(glyph);
            }
            None => drop(table.chars.insert(cluster.ch, glyph)),
        }
        Some(glyph)
    }

    fn make(&mut self, gpu: &Gpu, fonts: &mut Fonts, m: &CellMetrics, cluster: Cluster<'_>) -> Option<Glyph> {
        let bitmap = self.draw(fonts, m, cluster);
        self.made.rasterised += 1;
        if bitmap.w == 0 || bitmap.h == 0 {
            return Some(Glyph::BLANK);
        }
        let inserted = self.atlas.insert(gpu, &bitmap, self.now);
        self.grown |= inserted.grown;
        if let Some(page) = inserted.cleared {
            self.forget(page);
        }
        Some(Glyph {
            slot: inserted.slot?,
            w: bitmap.w as u16,
            h: bitmap.h as u16,
            left: bitmap.left as i16,
            top: bitmap.top as i16,
        })
    }

    fn draw(&mut self, fonts: &mut Fonts, m: &CellMetrics, cluster: Cluster<'_>) -> Bitmap {
        if cluster.marks.is_none()
            && let Some(bitmap) = boxes::draw(cluster.ch, m)
        {
            return bitmap;
        }
        self.made.shaped += 1;
        let mut one = [0; 4];
        let text = if cluster.marks.is_some() { self.scratch.as_str() } else { cluster.ch.encode_utf8(&mut one) };
        self.rasterizer.cluster(fonts, text, cluster.face, cluster.cells)
    }

    fn forget(&mut self, page: Page) {
        let stays = |g: &Glyph| g.is_blank() || g.slot.page != page;
        for table in &mut self.tables {
            for glyph in &mut table.ascii {
                *glyph = glyph.filter(stays);
            }
            table.chars.retain(|_, g| stays(g));
            table.clusters.retain(|_, g| stays(g));
        }
    }
}
