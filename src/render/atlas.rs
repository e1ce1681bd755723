//! Glyph pictures on the device: pages of a fixed size as layers of two array textures, masks and colour pictures. Grows
//! by a page, and gives up the page that was not used for longest when it may not grow. Who is on a page is the glyph
//! cache's business.

use super::gpu::Gpu;
use super::raster::Bitmap;
use super::shelves::Shelves;

/// Side of a page in pixels, where the device allows it.
const SIDE: u32 = 1024;
/// Most pages of masks (1 MiB each) and of colour pictures (4 MiB each). Together over two 4K screens' worth of pixels, so
/// that what is visible at once always fits. Their numbers have to fit a [`Pages`].
const MAX_MASKS: u32 = 16;
const MAX_COLORS: u32 = 8;

/// A page: masks come first, then colour pictures.
pub type Page = u8;

/// A set of pages, a bit each.
pub type Pages = u32;

/// Which page a colour layer is.
fn color_page(layer: u32) -> Page {
    (MAX_MASKS + layer) as Page
}

/// The place of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    pub page: Page,
    pub x: u16,
    pub y: u16,
}

impl Slot {
    /// The layer of its texture, and whether that is the one of colours.
    pub fn layer(self) -> (u32, bool) {
        let page = u32::from(self.page);
        if page >= MAX_MASKS { (page - MAX_MASKS, true) } else { (page, false) }
    }
}

/// One array texture.
struct Sheet {
    texture: wgpu::Texture,
    view: wgpu::TextureView,
    format: wgpu::TextureFormat,
    side: u32,
    max: u32,
    layers: Vec<Layer>,
}

struct Layer {
    shelves: Shelves,
    last_used: u64,
    /// The frame in which its pictures were given up, 0 if never.
    cleared: u64,
}

/// Both textures.
pub struct Atlas {
    masks: Sheet,
    colors: Sheet,
}

impl Atlas {
    /// Without a page yet, sized by what the device allows.
    pub fn new(gpu: &Gpu) -> Self {
        let limits = gpu.device.limits();
        let side = SIDE.min(limits.max_texture_dimension_2d);
        let sheet = |format, max: u32| Sheet::new(gpu, format, side, max.min(limits.max_texture_array_layers));
        Self {
            masks: sheet(wgpu::TextureFormat::R8Unorm, MAX_MASKS),
            colors: sheet(wgpu::TextureFormat::Rgba8Unorm, MAX_COLORS),
        }
    }

    /// The views of masks and colours. They change when a page is added: `insert` says so.
    pub fn views(&self) -> [&wgpu::TextureView; 2] {
        [&self.masks.view, &self.colors.view]
    }

    /// Puts a picture on a page in the frame `now`. What else changed is in the answer.
    pub fn insert(&mut self, gpu: &Gpu, bitmap: &Bitmap, now: u64) -> Inserted {
        if bitmap.color {
            let mut inserted = self.colors.insert(gpu, bitmap, now);
            inserted.slot.iter_mut().for_each(|s| s.page = color_page(u32::from(s.page)));
            inserted.cleared = inserted.cleared.map(|p| color_page(u32::from(p)));
            inserted
        } else {
            self.masks.insert(gpu, bitmap, now)
        }
    }

    /// Keeps these pages from being given up in the frame `now`.
    pub fn touch(&mut self, pages: Pages, now: u64) {
        let sheets = [(&mut self.masks, 0), (&mut self.colors, MAX_MASKS)];
        for (sheet, first) in sheets {
            for (layer, bit) in sheet.layers.iter_mut().zip(first..) {
                if pages & 1 << bit != 0 {
                    layer.last_used = now;
                }
            }
        }
    }

    /// The latest frame in which one of these pages was given up; 0 if none ever was.
    pub fn cleared_since(&self, pages: Pages) -> u64 {
        let masks = self.masks.layers.iter().zip(0..);
        let colors = self.colors.layers.iter().zip(MAX_MASKS..);
        masks.chain(colors).filter(|(_, bit)| pages & 1 << bit != 0).map(|(l, _)| l.cleared).max().unwrap_or(0)
    }

    /// Gives up every picture.
    pub fn clear(&mut self, now: u64) {
        for sheet in [&mut self.masks, &mut self.colors] {
            for layer in &mut sheet.layers {
                layer.shelves = Shelves::new(sheet.side);
                layer.cleared = now;
            }
        }
    }
}

/// What came of putting a picture on a page.
pub struct Inserted {
    /// `None`: every page is in use by what is visible now, or the picture is larger than a page.
    pub slot: Option<Slot>,
    /// The page whose pictures were given up for it.
    pub cleared: Option<Page>,
    /// The textures are new ones.
    pub grown: bool,
}

impl Sheet {
    /// The first layer is made when the first picture comes; until then the texture is a pixel.
    fn new(gpu: &Gpu, format: wgpu::TextureFormat, side: u32, max: u32) -> Self {
        let (texture, view) = make(gpu, format, 1, depth_for(1));
        Self { texture, view, format, side, max, layers: Vec::new() }
    }

    fn insert(&mut self, gpu: &Gpu, bitmap: &Bitmap, now: u64) -> Inserted {
        let mut inserted = Inserted { slot: None, cleared: None, grown: false };
        if bitmap.w > self.side || bitmap.h > self.side {
            return inserted;
        }
        let place = |layers: &mut [Layer]| {
            let each = layers.iter_mut().enumerate().rev();
            each.filter_map(|(i, l)| l.shelves.place(bitmap.w, bitmap.h).map(|at| (i, at))).next()
        };
        let mut found = place(&mut self.layers);
        if found.is_none() {
            if (self.layers.len() as u32) < self.max {
                self.grow(gpu);
                inserted.grown = true;
            } else if let Some(page) = self.clear_oldest(now) {
                inserted.cleared = Some(page as Page);
            }
            found = place(&mut self.layers);
        }
        let Some((layer, (x, y))) = found else { return inserted };
        self.layers[layer].last_used = now;
        self.write(gpu, bitmap, layer as u32, x, y);
        inserted.slot = Some(Slot { page: layer as Page, x: x as u16, y: y as u16 });
        inserted
    }

    /// Empties the page that was not used for longest, unless even that one is in use in the frame `now`.
    fn clear_oldest(&mut self, now: u64) -> Option<usize> {
        let oldest = (0..self.layers.len()).min_by_key(|&i| self.layers[i].last_used)?;
        let layer = &mut self.layers[oldest];
        if layer.last_used >= now {
            return None;
        }
        layer.shelves = Shelves::new(self.side);
        layer.cleared = now;
        Some(oldest)
    }

    /// Makes the texture one layer deeper and moves what was there; nothing is rasterised again.
    fn grow(&mut self, gpu: &Gpu) {
        let old = self.layers.len() as u32;
        self.layers.push(Layer { shelves: Shelves::new(self.side), last_used: 0, cleared: 0 });
        if old > 0 && self.texture.depth_or_array_layers() > old {
            return;
        }
        let (texture, view) = make(gpu, self.format, self.side, depth_for(old + 1));
        if old > 0 {
            let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            let size = wgpu::Extent3d { width: self.side, height: self.side, depth_or_array_layers: old };
            encoder.copy_texture_to_texture(self.texture.as_image_copy(), texture.as_image_copy(), size);
            // Writes to the old texture that are still queued run before this.
            gpu.queue.submit([encoder.finish()]);
        }
        (self.texture, self.view) = (texture, view);
    }

    fn write(&self, gpu: &Gpu, bitmap: &Bitmap, layer: u32, x: u32, y: u32) {
        let bytes = if bitmap.color { 4 } else { 1 };
        gpu.queue.write_texture(
            wgpu::TexelCopyTextureInfo {
                texture: &self.texture,
                mip_level: 0,
                origin: wgpu::Origin3d { x, y, z: layer },
                aspect: wgpu::TextureAspect::All,
            },
            &bitmap.data,
            wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row: Some(bitmap.w * bytes), rows_per_image: None },
            wgpu::Extent3d { width: bitmap.w, height: bitmap.h, depth_or_array_layers: 1 },
        );
    }
}

/// Layers to make where `layers` are wanted. wgpu's OpenGL layer takes one layer for no array, and multiples of six for
/// cubes, whatever the view says (gfx-rs/wgpu, `wgpu_hal::gles`, texture view dimensions).
fn depth_for(layers: u32) -> u32 {
    let depth = layers.max(2);
    if depth.is_multiple_of(6) { depth + 1 } else { depth }
}

fn make(gpu: &Gpu, format: wgpu::TextureFormat, side: u32, layers: u32) -> (wgpu::Texture, wgpu::TextureView) {
    let usage = wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST | wgpu::TextureUsages::COPY_SRC;
    let texture = gpu.device.create_texture(&wgpu::TextureDescriptor {
        label: Some("glyphs"),
        size: wgpu::Extent3d { width: side, height: side, depth_or_array_layers: layers },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format,
        usage,
        view_formats: &[],
    });
    let view = texture.create_view(&wgpu::TextureViewDescriptor {
        dimension: Some(wgpu::TextureViewDimension::D2Array),
        ..Default::default()
    });
    (texture, view)
}
