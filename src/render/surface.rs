//! A window's surface: what is drawn on it is shown. Follows the window's size and survives what window systems do to
//! surfaces; when to draw is the caller's business.

use super::gpu::{Gpu, GpuError};
use crate::base::PxSize;

/// The surface of one window.
pub struct WindowSurface {
    surface: wgpu::Surface<'static>,
    config: wgpu::SurfaceConfiguration,
    view_format: wgpu::TextureFormat,
    max_side: u32,
    /// The configuration changed, or the window system says it no longer fits.
    stale: bool,
}

/// What came of asking for the next frame.
pub enum Acquired {
    /// Draw on it, then present it.
    Frame(Frame),
    /// Not now: ask again at the next occasion.
    TryAgain,
    /// The window cannot be seen, or has no area: draw when that changes.
    Hidden,
    /// The surface is gone: make another with [`Gpu::surface`], or a new [`Gpu`] where [`Gpu::is_lost`] says so.
    Lost,
}

/// One image of the window, to be drawn on and presented.
pub struct Frame {
    texture: wgpu::SurfaceTexture,
    view: wgpu::TextureView,
}

impl Frame {
    /// What to draw on.
    pub fn view(&self) -> &wgpu::TextureView {
        &self.view
    }

    /// Shows it, once what was submitted for it is drawn.
    pub fn present(self, gpu: &Gpu) {
        drop(self.view);
        gpu.queue.present(self.texture);
    }
}

impl WindowSurface {
    /// Chooses how the surface is used; it is configured with the first frame.
    pub(super) fn new(gpu: &Gpu, surface: wgpu::Surface<'static>, size: PxSize) -> Result<Self, GpuError> {
        let caps = gpu.capabilities(&surface);
        let (format, view_format) =
            choose_format(&caps.formats).ok_or_else(|| GpuError::NoSurface("it has no usable pixel format".into()))?;
        let config = wgpu::SurfaceConfiguration {
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT,
            format,
            color_space: wgpu::SurfaceColorSpace::Auto,
            width: size.w,
            height: size.h,
            present_mode: choose_present_mode(&caps.present_modes),
            desired_maximum_frame_latency: 1,
            alpha_mode: wgpu::CompositeAlphaMode::Auto,
            view_formats: if format == view_format { Vec::new() } else { vec![view_format] },
        };
        let mut made = Self { surface, config, view_format, max_side: gpu.max_side(), stale: true };
        made.resize(size);
        Ok(made)
    }

    /// The format of the frames' views: what a renderer for this window has to be made for.
    pub fn format(&self) -> wgpu::TextureFormat {
        self.view_format
    }

    /// The size that frames have: the window's, or the largest that the device can do.
    pub fn size(&self) -> PxSize {
        PxSize { w: self.config.width, h: self.config.height }
    }

    /// Follows the window; takes effect with the next frame.
    pub fn resize(&mut self, size: PxSize) {
        let (width, height) = (size.w.min(self.max_side), size.h.min(self.max_side));
        if (width, height) != (self.config.width, self.config.height) {
            (self.config.width, self.config.height) = (width, height);
            self.stale = true;
        }
    }

    /// The next image to draw on. Waits until the window system has one.
    pub fn acquire(&mut self, gpu: &Gpu) -> Acquired {
        use wgpu::CurrentSurfaceTexture as Current;
        if gpu.is_lost() {
            return Acquired::Lost;
        }
        if self.config.width == 0 || self.config.height == 0 {
            return Acquired::Hidden;
        }
        // The second round is for a surface that was out of date: once configured anew it has to be good.
        for _ in 0..2 {
            if self.stale {
                self.surface.configure(&gpu.device, &self.config);
                self.stale = false;
            }
            match self.surface.get_current_texture() {
                Current::Success(texture) => return self.frame(texture),
                Current::Suboptimal(texture) => {
                    self.stale = true;
                    return self.frame(texture);
                }
                Current::Outdated => self.stale = true,
                Current::Timeout => return Acquired::TryAgain,
                Current::Occluded => return Acquired::Hidden,
                Current::Lost => return Acquired::Lost,
                Current::Validation => {
                    self.stale = true;
                    return Acquired::TryAgain;
                }
            }
        }
        Acquired::TryAgain
    }

    fn frame(&self, texture: wgpu::SurfaceTexture) -> Acquired {
        let view = texture.texture.create_view(&wgpu::TextureViewDescriptor {
            label: Some("window"),
            format: Some(self.view_format),
            ..Default::default()
        });
        Acquired::Frame(Frame { texture, view })
    }
}

/// The format of the surface and of the views on it. Colours are written as they are, and blended as they are: a format
/// that would convert them is only taken with a view that does not.
fn choose_format(formats: &[wgpu::TextureFormat]) -> Option<(wgpu::TextureFormat, wgpu::TextureFormat)> {
    use wgpu::TextureFormat as F;
    let eight_bit = |f: &&F| matches!(f.remove_srgb_suffix(), F::Bgra8Unorm | F::Rgba8Unorm);
    let plain = formats.iter().filter(eight_bit).find(|f| !f.is_srgb());
    let any = plain.or_else(|| formats.iter().find(eight_bit)).or_else(|| formats.first())?;
    Some((*any, any.remove_srgb_suffix()))
}

/// Mailbox shows the newest frame without ever making the drawing wait; Fifo is always there.
fn choose_present_mode(modes: &[wgpu::PresentMode]) -> wgpu::PresentMode {
    if modes.contains(&wgpu::PresentMode::Mailbox) { wgpu::PresentMode::Mailbox } else { wgpu::PresentMode::Fifo }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wgpu::{PresentMode, TextureFormat as F};

    #[test]
    fn a_format_that_keeps_colours_as_they_are_wins() {
        let both = [F::Rgba16Float, F::Bgra8UnormSrgb, F::Bgra8Unorm];
        assert_eq!(choose_format(&both), Some((F::Bgra8Unorm, F::Bgra8Unorm)));
        assert_eq!(choose_format(&[F::Rgba8UnormSrgb]), Some((F::Rgba8UnormSrgb, F::Rgba8Unorm)));
        assert_eq!(choose_format(&[]), None);
    }

    #[test]
    fn mailbox_before_fifo() {
        assert_eq!(choose_present_mode(&[PresentMode::Fifo, PresentMode::Mailbox]), PresentMode::Mailbox);
        assert_eq!(choose_present_mode(&[PresentMode::Immediate, PresentMode::Fifo]), PresentMode::Fifo);
    }
}
