//! The text of the window's chrome, through glyphon: few glyphs, any font and size, laid out only when it changed. Terminal
//! text does not come here.

use cosmic_text::{Buffer, Color, Metrics, SwashCache};
use glyphon::{Cache, ColorMode, PrepareError, Resolution, TextArea, TextAtlas, TextBounds, TextRenderer, Viewport};

use super::fonts::Fonts;
use super::gpu::Gpu;
use super::scene::TextLine;
use crate::base::PxSize;

/// The texts below and above the panes, each with vertices of its own: a clock in a header does not lay out a prompt.
pub struct Chrome {
    viewport: Viewport,
    atlas: TextAtlas,
    swash: SwashCache,
    layers: [Layer; 2],
}

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    Below = 0,
    Above = 1,
}

struct Layer {
    renderer: TextRenderer,
    texts: Vec<TextLine>,
    /// One for each text.
    buffers: Vec<Buffer>,
    stale: bool,
}

impl Chrome {
    /// For targets of `format`, which has to keep colours as they are.
    pub fn new(gpu: &Gpu, format: wgpu::TextureFormat) -> Self {
        let cache = Cache::new(&gpu.device);
        let viewport = Viewport::new(&gpu.device, &cache);
        // Colours are blended as they are given, like everything else here.
        let mut atlas = TextAtlas::with_color_mode(&gpu.device, &gpu.queue, &cache, format, ColorMode::Web);
        let layers = [0, 1].map(|_| Layer {
            renderer: TextRenderer::new(&mut atlas, &gpu.device, wgpu::MultisampleState::default(), None),
            texts: Vec::new(),
            buffers: Vec::new(),
            stale: false,
        });
        Self { viewport, atlas, swash: SwashCache::new(), layers }
    }

    /// Lays out what changed, for a target of `size`; how many lines had to be shaped.
    pub fn prepare(
        &mut self,
        gpu: &Gpu,
        fonts: &mut Fonts,
        size: PxSize,
        below: &[TextLine],
        above: &[TextLine],
    ) -> u32 {
        let resolution = Resolution { width: size.w, height: size.h };
        if self.viewport.resolution() != resolution {
            self.viewport.update(&gpu.queue, resolution);
            self.layers.iter_mut().for_each(|l| l.stale = true);
        }
        let mut shaped = 0;
        for (layer, texts) in self.layers.iter_mut().zip([below, above]) {
            if layer.texts != texts {
                shaped += layer.shape(fonts, texts);
            }
        }
        if self.place_stale(gpu, fonts).is_err() {
            // The atlas is full of what was shown once. Forget that, and lay out both layers again: the forgetting makes
            // room at the cost of glyphs that the other layer still shows.
            self.atlas.trim();
            self.layers.iter_mut().for_each(|l| l.stale = true);
            if let Err(e) = self.place_stale(gpu, fonts) {
                log::warn!("the window's texts do not fit the device: {e}");
            }
        }
        shaped
    }

    fn place_stale(&mut self, gpu: &Gpu, fonts: &mut Fonts) -> Result<(), PrepareError> {
        for layer in self.layers.iter_mut().filter(|l| l.stale) {
            let areas = layer.texts.iter().zip(&layer.buffers).map(|(text, buffer)| area(text, buffer));
            layer.renderer.prepare(
                &gpu.device,
                &gpu.queue,
                &mut fonts.system,
                &mut self.atlas,
                &self.viewport,
                areas,
                &mut self.swash,
            )?;
            layer.stale = false;
        }
        Ok(())
    }

    /// Draws a layer's texts.
    pub fn draw(&self, pass: &mut wgpu::RenderPass<'_>, depth: Depth) {
        let layer = &self.layers[depth as usize];
        if layer.texts.is_empty() {
            return;
        }
        if let Err(e) = layer.renderer.render(&self.atlas, &self.viewport, pass) {
            // Only glyphs that were given up since they were prepared lead here, and that is prevented above.
            log::error!("chrome text: {e}");
        }
    }
}

impl Layer {
    /// Takes over `texts`, shaping those that were not there before; how many those are.
    fn shape(&mut self, fonts: &mut Fonts, texts: &[TextLine]) -> u32 {
        let mut old: Vec<Option<(TextLine, Buffer)>> =
            self.texts.drain(..).zip(self.buffers.drain(..)).map(Some).collect();
        let mut shaped = 0;
        for text in texts {
            let same = |known: &TextLine| {
                (known.text == text.text && known.px == text.px) && (known.bold, known.mono) == (text.bold, text.mono)
            };
            let known = old.iter_mut().find(|o| o.as_ref().is_some_and(|(t, _)| same(t))).and_then(Option::take);
            let buffer = known.map(|(_, buffer)| buffer).unwrap_or_else(|| {
                shaped += 1;
                let mut buffer = Buffer::new_empty(Metrics::new(1.0, 1.0));
                fonts.lay_out(&mut buffer, &text.text, text.px, text.mono, text.bold);
                buffer
            });
            self.buffers.push(buffer);
        }
        self.texts.extend_from_slice(texts);
        self.stale = true;
        shaped
    }
}

fn area<'a>(text: &TextLine, buffer: &'a Buffer) -> TextArea<'a> {
    TextArea {
        buffer,
        left: text.pos.x as f32,
        top: text.pos.y as f32,
        scale: 1.0,
        bounds: TextBounds {
            left: text.clip.x,
            top: text.clip.y,
            right: text.clip.right(),
            bottom: text.clip.bottom(),
        },
        default_color: Color::rgb(text.color.r, text.color.g, text.color.b),
        custom_glyphs: &[],
    }
}
