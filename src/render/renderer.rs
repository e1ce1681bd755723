//! From a scene to pixels: finds out what changed on the device, brings it there, and draws. Decides nothing about what is
//! shown where.

use std::collections::HashMap;
use std::ops::Range;
use std::time::{Duration, Instant};

use super::chrome::{Chrome, Depth};
use super::encode::Encoded;
use super::fonts::{FontOptions, Fonts, NoFont};
use super::glyphs::GlyphCache;
use super::gpu::Gpu;
use super::look::Look;
use super::metrics::CellMetrics;
use super::overlay;
use super::pane::{Pane, Tools};
use super::pipelines::{Fill, Pipelines, QuadInstance, VIEW_STRIDE, View, rgba};
use super::scene::{PaneScene, Quad, Scene};
use super::uploads::Mirrored;
use crate::base::{PxRect, PxSize, Rgb};
use crate::model::{Modes, Theme};

/// Frames after which a pane that is in no scene any more is dropped from the device: long enough for a zoom and back.
const KEEP_FRAMES: u64 = 120;
/// No cell has this column and row.
const NOWHERE: [u32; 2] = [u32::MAX, u32::MAX];

/// What one frame cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FrameStats {
    /// Rows of cells that were encoded and written to the device.
    pub rows_uploaded: u32,
    /// Glyphs whose picture was made.
    pub glyphs_rasterised: u32,
    /// Clusters and lines of chrome text that were shaped.
    pub shaped: u32,
    /// From the call to the submission, without waiting for the frame before.
    pub cpu: Duration,
}

/// A view as it lies in the uniform buffer.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
struct PaddedView {
    view: View,
    padding: [[u8; 16]; (VIEW_STRIDE as usize - size_of::<View>()) / 16],
}

/// Where a pane's loose quads lie in their buffer.
struct PaneQuads {
    /// Its background.
    back: u32,
    /// Selection, and a block cursor.
    under_text: Range<u32>,
    /// A cursor of another shape.
    over_text: Range<u32>,
}

/// Draws scenes on targets of one format.
pub struct Renderer {
    fonts: Fonts,
    metrics: CellMetrics,
    glyphs: GlyphCache,
    pipelines: Pipelines,
    chrome: Chrome,
    panes: HashMap<u32, Pane>,
    theme: Theme,
    /// Counts the changes of theme and font: with each, all rows are made anew.
    generation: u64,
    views: Mirrored<PaddedView>,
    view_binding: Option<wgpu::BindGroup>,
    /// Of masks and of pictures.
    page_bindings: [wgpu::BindGroup; 2],
    quads: Mirrored<QuadInstance>,
    pane_quads: Vec<PaneQuads>,
    scratch: Encoded,
    last: Option<wgpu::SubmissionIndex>,
}

impl Renderer {
    /// A renderer for targets of `format`: [`super::WindowSurface::format`] or [`super::OffscreenTarget::FORMAT`].
    ///
    /// # Errors
    /// There is no font at all.
    pub fn new(gpu: &Gpu, format: wgpu::TextureFormat, options: &FontOptions) -> Result<Self, NoFont> {
        let fonts = Fonts::new(options)?;
        let mut glyphs = GlyphCache::new(gpu);
        let pipelines = Pipelines::new(gpu, format);
        let page_bindings = glyphs.views().map(|view| pipelines.bind_pages(gpu, view));
        glyphs.take_grown();
        Ok(Self {
            metrics: fonts.metrics(),
            fonts,
            glyphs,
            chrome: Chrome::new(gpu, format),
            panes: HashMap::new(),
            theme: Theme::default(),
            generation: 0,
            views: Mirrored::new("views", wgpu::BufferUsages::UNIFORM),
            view_binding: None,
            page_bindings,
            pipelines,
            quads: Mirrored::new("quads", wgpu::BufferUsages::VERTEX),
            pane_quads: Vec::new(),
            scratch: Encoded::default(),
            last: None,
        })
    }

    /// Size of a terminal cell in pixels.
    pub fn cell_size(&self) -> PxSize {
        self.metrics.cell
    }

    /// The fonts, for measuring chrome text.
    pub fn fonts(&mut self) -> &mut Fonts {
        &mut self.fonts
    }

    /// Changes the size of terminal text, in pixels, held within [`super::FONT_PX`].
    pub fn set_font(&mut self, px: f32) {
        let before = self.fonts.px();
        self.fonts.set_px(px);
        if self.fonts.px() != before {
            self.metrics = self.fonts.metrics();
            self.glyphs.clear();
            self.generation += 1;
        }
    }

    /// Draws a scene on a target and submits it. On a lost device nothing happens.
    pub fn draw(&mut self, gpu: &Gpu, target: &wgpu::TextureView, scene: &Scene, theme: &Theme) -> FrameStats {
        // One frame in flight: what the device has not drawn yet would only make this one late.
        if let Some(last) = self.last.take() {
            gpu.wait(Some(last));
        }
        if gpu.is_lost() {
            return FrameStats::default();
        }
        let start = Instant::now();
        if self.theme != *theme {
            self.theme = theme.clone();
            self.generation += 1;
        }
        let mut stats = FrameStats::default();
        let texture = target.texture().size();
        let size = PxSize { w: texture.width, h: texture.height };
        self.glyphs.begin();
        stats.rows_uploaded = self.update_panes(gpu, scene);
        let (below, above) = self.place_quads(scene);
        self.place_views(gpu, scene, size);
        self.quads.upload(gpu);
        let chrome = self.chrome.prepare(gpu, &mut self.fonts, size, &scene.below.texts, &scene.above.texts);
        if self.glyphs.take_grown() {
            self.page_bindings = self.glyphs.views().map(|view| self.pipelines.bind_pages(gpu, view));
        }
        let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("frame") });
        self.encode_pass(&mut encoder, target, scene, size, below, above);
        self.last = Some(gpu.queue.submit([encoder.finish()]));
        let made = self.glyphs.made();
        stats.glyphs_rasterised = made.rasterised;
        stats.shaped = made.shaped + chrome;
        stats.cpu = start.elapsed();
        stats
    }

    fn update_panes(&mut self, gpu: &Gpu, scene: &Scene) -> u32 {
        for pane in &scene.panes {
            let state = self.panes.entry(pane.key).or_insert_with(Pane::new);
            state.compare(pane, &mut self.glyphs, self.generation);
        }
        let mut tools = Tools { gpu, fonts: &mut self.fonts, glyphs: &mut self.glyphs, theme: &self.theme };
        let mut rows = 0;
        for pane in &scene.panes {
            if let Some(state) = self.panes.get_mut(&pane.key) {
                rows += state.update(pane, &mut tools, &mut self.scratch);
            }
        }
        let now = self.glyphs.now();
        self.panes.retain(|_, pane| now - pane.last_seen < KEEP_FRAMES);
        rows
    }

    /// Lists the quads that belong to no row; where those of the chrome lie, below and above.
    fn place_quads(&mut self, scene: &Scene) -> (Range<u32>, Range<u32>) {
        let quads = &mut self.quads.next;
        quads.extend(scene.below.rects.iter().map(chrome_quad));
        let below = 0..quads.len() as u32;
        self.pane_quads.clear();
        for pane in &scene.panes {
            let look = look(&self.theme, pane);
            let back = quads.len() as u32;
            quads.push(QuadInstance::solid(PxRect { x: 0, y: 0, ..pane.area }, look.background()));
            overlay::selections(pane, self.theme.selection_bg, &self.metrics, quads);
            let cursor = overlay::cursor(pane, &look, &self.metrics);
            quads.extend(cursor.filter(|c| c.under.is_some()).map(|c| c.quad));
            let over = quads.len() as u32;
            quads.extend(cursor.filter(|c| c.under.is_none()).map(|c| c.quad));
            let over_text = over..quads.len() as u32;
            self.pane_quads.push(PaneQuads { back, under_text: back + 1..over, over_text });
        }
        let first = quads.len() as u32;
        quads.extend(scene.above.rects.iter().map(chrome_quad));
        (below, first..quads.len() as u32)
    }

    /// Lists the views, the chrome's first, then one for each pane.
    fn place_views(&mut self, gpu: &Gpu, scene: &Scene, size: PxSize) {
        let cell = [self.metrics.cell.w as f32, self.metrics.cell.h as f32];
        let target = [size.w as f32, size.h as f32];
        let none = [0.0; 4];
        let chrome = View { target, origin: [0.0; 2], cell, cursor: NOWHERE, cursor_text: none, fade: none };
        let padded = |view| PaddedView { view, padding: bytemuck::Zeroable::zeroed() };
        self.views.next.push(padded(chrome));
        for pane in &scene.panes {
            let look = look(&self.theme, pane);
            let under = overlay::cursor(pane, &look, &self.metrics).and_then(|c| c.under);
            let (cursor, text) = under.unwrap_or((NOWHERE, Rgb::default()));
            self.views.next.push(padded(View {
                origin: [pane.area.x as f32, pane.area.y as f32],
                cursor,
                cursor_text: rgba(text, 1.0),
                fade: rgba(look.background(), if pane.dim { 0.5 } else { 0.0 }),
                ..chrome
            }));
        }
        if self.views.upload(gpu) || self.view_binding.is_none() {
            self.view_binding = self.views.buffer().map(|buffer| self.pipelines.bind_views(gpu, buffer));
        }
    }

    fn encode_pass(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        target: &wgpu::TextureView,
        scene: &Scene,
        size: PxSize,
        below: Range<u32>,
        above: Range<u32>,
    ) {
        let [r, g, b, _] = rgba(scene.background, 1.0).map(f64::from);
        let attachment = wgpu::RenderPassColorAttachment {
            view: target,
            depth_slice: None,
            resolve_target: None,
            ops: wgpu::Operations {
                load: wgpu::LoadOp::Clear(wgpu::Color { r, g, b, a: 1.0 }),
                store: wgpu::StoreOp::Store,
            },
        };
        let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            label: Some("frame"),
            color_attachments: &[Some(attachment)],
            ..Default::default()
        });
        let whole = PxRect::new(0, 0, scene.size.w.min(size.w), scene.size.h.min(size.h));
        if !clip(&mut pass, whole, whole) {
            return;
        }
        self.draw_chrome(&mut pass, below, Depth::Below);
        for (index, pane) in scene.panes.iter().enumerate() {
            if clip(&mut pass, pane.area, whole) {
                self.draw_pane(&mut pass, index, pane);
            }
        }
        clip(&mut pass, whole, whole);
        self.draw_chrome(&mut pass, above, Depth::Above);
    }

    fn draw_chrome(&self, pass: &mut wgpu::RenderPass<'_>, quads: Range<u32>, depth: Depth) {
        if !quads.is_empty() {
            pass.set_pipeline(&self.pipelines.quads);
            pass.set_bind_group(0, self.view_binding.as_ref(), &[0]);
            self.draw_quads(pass, quads);
        }
        self.chrome.draw(pass, depth);
    }

    fn draw_pane(&self, pass: &mut wgpu::RenderPass<'_>, index: usize, scene: &PaneScene) {
        let (Some(pane), Some(quads)) = (self.panes.get(&scene.key), self.pane_quads.get(index)) else { return };
        let rows = 0..scene.area.h.div_ceil(self.metrics.cell.h) as usize;
        let offset = (index as u32 + 1) * VIEW_STRIDE as u32;
        pass.set_pipeline(&self.pipelines.plain);
        pass.set_bind_group(0, self.view_binding.as_ref(), &[offset]);
        self.draw_quads(pass, quads.back..quads.back + 1);
        pane.draw_backs(pass, rows.clone());
        self.draw_quads(pass, quads.under_text.clone());
        pass.set_pipeline(&self.pipelines.quads);
        pane.draw_lines(pass, rows.clone());
        pass.set_pipeline(&self.pipelines.texts);
        pass.set_bind_group(1, &self.page_bindings[0], &[]);
        pane.draw_texts(pass, rows.clone());
        pass.set_pipeline(&self.pipelines.pictures);
        pass.set_bind_group(1, &self.page_bindings[1], &[]);
        pane.draw_pictures(pass, rows);
        if !quads.over_text.is_empty() {
            pass.set_pipeline(&self.pipelines.quads);
            self.draw_quads(pass, quads.over_text.clone());
        }
    }

    fn draw_quads(&self, pass: &mut wgpu::RenderPass<'_>, quads: Range<u32>) {
        let Some(buffer) = self.quads.buffer() else { return };
        if !quads.is_empty() {
            pass.set_vertex_buffer(0, buffer.slice(..));
            pass.draw(0..4, quads);
        }
    }
}

fn look<'a>(theme: &'a Theme, pane: &'a PaneScene) -> Look<'a> {
    Look::new(theme, &pane.screen.palette, pane.screen.modes.has(Modes::REVERSE_SCREEN))
}

fn chrome_quad(quad: &Quad) -> QuadInstance {
    QuadInstance::new(quad.rect, quad.color, quad.alpha, Fill::Solid { radius: quad.radius })
}

/// Restricts drawing to the part of `area` inside `whole`; false if there is none.
fn clip(pass: &mut wgpu::RenderPass<'_>, area: PxRect, whole: PxRect) -> bool {
    let (x, y) = (area.x.max(whole.x), area.y.max(whole.y));
    let (right, bottom) = (area.right().min(whole.right()), area.bottom().min(whole.bottom()));
    if right <= x || bottom <= y {
        return false;
    }
    pass.set_scissor_rect(x as u32, y as u32, (right - x) as u32, (bottom - y) as u32);
    true
}
