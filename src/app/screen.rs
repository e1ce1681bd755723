//! The window's graphics: device, surface and renderer, made again when they are lost.

use std::sync::Arc;

use winit::event_loop::OwnedDisplayHandle;
use winit::window::Window;

use crate::base::PxSize;
use crate::model::Theme;
use crate::render::{Acquired, FontOptions, Fonts, Gpu, Renderer, Scene, WindowSurface};

/// What came of drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drawn {
    Yes,
    /// Not now: ask for a frame again.
    Later,
    /// The window cannot be seen; something will be said when it can.
    Hidden,
}

/// Everything that is needed to draw into one window.
pub struct Screen {
    window: Arc<Window>,
    display: OwnedDisplayHandle,
    gpu: Gpu,
    surface: WindowSurface,
    renderer: Renderer,
    font: FontOptions,
}

impl Screen {
    /// Makes a device that can draw into the window.
    ///
    /// # Errors
    /// A sentence for people: no adapter, no surface, no font.
    pub fn new(window: Arc<Window>, display: OwnedDisplayHandle, font: FontOptions) -> Result<Self, String> {
        let (gpu, surface) = device(&window, &display)?;
        let renderer = Renderer::new(&gpu, surface.format(), &font).map_err(|e| e.to_string())?;
        log::info!("drawing with {}", gpu.describe());
        Ok(Self { window, display, gpu, surface, renderer, font })
    }

    pub fn cell_size(&self) -> PxSize {
        self.renderer.cell_size()
    }

    pub fn fonts(&mut self) -> &mut Fonts {
        self.renderer.fonts()
    }

    /// Another size of terminal text, in physical pixels.
    pub fn set_font_px(&mut self, px: f32) {
        self.font.px = px;
        self.renderer.set_font(px);
    }

    /// The window has another size.
    pub fn resize(&mut self, size: PxSize) {
        self.surface.resize(size);
    }

    /// Draws a scene and shows it.
    ///
    /// # Errors
    /// The graphics are gone and cannot be had again; a sentence for people.
    pub fn draw(&mut self, scene: &Scene, theme: &Theme) -> Result<Drawn, String> {
        match self.surface.acquire(&self.gpu) {
            Acquired::Frame(frame) => {
                self.renderer.draw(&self.gpu, frame.view(), scene, theme);
                if self.gpu.is_lost() {
                    // Nothing was drawn: the image must not be shown as if it had been.
                    drop(frame);
                    self.rebuild()?;
                    return Ok(Drawn::Later);
                }
                self.window.pre_present_notify();
                frame.present(&self.gpu);
                Ok(Drawn::Yes)
            }
            Acquired::TryAgain => Ok(Drawn::Later),
            Acquired::Hidden => Ok(Drawn::Hidden),
            Acquired::Lost => {
                self.rebuild()?;
                Ok(Drawn::Later)
            }
        }
    }

    /// Makes anew what was lost: the surface alone, or all of it.
    fn rebuild(&mut self) -> Result<(), String> {
        if !self.gpu.is_lost()
            && let Ok(surface) = self.gpu.surface(Arc::clone(&self.window), inner_size(&self.window))
            && surface.format() == self.surface.format()
        {
            self.surface = surface;
            return Ok(());
        }
        log::warn!("the graphics device was lost; making another");
        let (gpu, surface) = device(&self.window, &self.display)?;
        self.renderer = Renderer::new(&gpu, surface.format(), &self.font).map_err(|e| e.to_string())?;
        (self.gpu, self.surface) = (gpu, surface);
        Ok(())
    }
}

fn device(window: &Arc<Window>, display: &OwnedDisplayHandle) -> Result<(Gpu, WindowSurface), String> {
    let display = Some(Box::new(display.clone()) as crate::render::DisplayHandle);
    Gpu::for_window(Arc::clone(window), display, inner_size(window)).map_err(|e| e.to_string())
}

/// The size of a window's inside.
pub fn inner_size(window: &Window) -> PxSize {
    let size = window.inner_size();
    PxSize { w: size.width, h: size.height }
}
