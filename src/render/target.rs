//! Drawing off screen: a texture that can be read back, and the image that comes out of it.

use std::fmt;
use std::io::BufWriter;
use std::path::Path;
use std::sync::mpsc;

use super::gpu::Gpu;
use crate::base::{PxSize, Rgb};

/// A texture to draw on without a window.
pub struct OffscreenTarget {
    texture: wgpu::Texture,
    view: wgpu::TextureView,
    size: PxSize,
}

/// The device did not give the pixels back: it is lost, or out of memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadError(String);

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the picture could not be read from the graphics device: {}", self.0)
    }
}

impl std::error::Error for ReadError {}

impl OffscreenTarget {
    /// What a renderer for off-screen targets has to be made for.
    pub const FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;

    /// A target of `size`, at least 1x1 and at most [`Gpu::max_side`] on each side.
    pub fn new(gpu: &Gpu, size: PxSize) -> Self {
        let max = gpu.max_side();
        let size = PxSize { w: size.w.clamp(1, max), h: size.h.clamp(1, max) };
        let texture = gpu.device.create_texture(&wgpu::TextureDescriptor {
            label: Some("off screen"),
            size: extent(size),
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: Self::FORMAT,
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::COPY_SRC,
            view_formats: &[],
        });
        let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
        Self { texture, view, size }
    }

    /// What to draw on.
    pub fn view(&self) -> &wgpu::TextureView {
        &self.view
    }

    /// Its size in pixels, which may be less than was asked for.
    pub fn size(&self) -> PxSize {
        self.size
    }

    /// Waits for the drawing and fetches the pixels.
    ///
    /// # Errors
    /// The device is lost or out of memory.
    pub fn read(&self, gpu: &Gpu) -> Result<Image, ReadError> {
        let row = self.size.w as usize * 4;
        let padded = row.next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT as usize);
        let buffer = gpu.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("read back"),
            size: (padded * self.size.h as usize) as u64,
            usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
            mapped_at_creation: false,
        });
        let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let layout =
            wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row: Some(padded as u32), rows_per_image: None };
        encoder.copy_texture_to_buffer(
            self.texture.as_image_copy(),
            wgpu::TexelCopyBufferInfo { buffer: &buffer, layout },
            extent(self.size),
        );
        gpu.queue.submit([encoder.finish()]);
        let (send, receive) = mpsc::channel();
        buffer.map_async(wgpu::MapMode::Read, .., move |result| {
            // The receiver is gone only if the wait below gave up.
            let _ = send.send(result);
        });
        gpu.wait(None);
        let mapped = receive.try_recv().map_err(|_| ReadError("it does not answer".into()))?;
        mapped.map_err(|e| ReadError(e.to_string()))?;
        let data = buffer.get_mapped_range(..).map_err(|e| ReadError(e.to_string()))?;
        let rgba = data.chunks_exact(padded).flat_map(|line| line[..row].iter().copied()).collect();
        Ok(Image { size: self.size, rgba })
    }
}

fn extent(size: PxSize) -> wgpu::Extent3d {
    wgpu::Extent3d { width: size.w, height: size.h, depth_or_array_layers: 1 }
}

/// A picture in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    pub size: PxSize,
    /// Red, green, blue and alpha of each pixel, row by row from the top, without padding.
    pub rgba: Vec<u8>,
}

impl Image {
    /// The colour of a pixel inside the picture.
    ///
    /// # Panics
    /// Outside of it.
    pub fn pixel(&self, x: u32, y: u32) -> Rgb {
        let at = (y as usize * self.size.w as usize + x as usize) * 4;
        Rgb::new(self.rgba[at], self.rgba[at + 1], self.rgba[at + 2])
    }

    /// Writes it as a PNG file, over one that is there.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write_png(&self, path: &Path) -> std::io::Result<()> {
        let file = BufWriter::new(std::fs::File::create(path)?);
        let mut encoder = png::Encoder::new(file, self.size.w, self.size.h);
        encoder.set_color(png::ColorType::Rgba);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&self.rgba)?;
        writer.finish()?;
        Ok(())
    }

    /// Reads a PNG file of 8-bit RGBA, such as [`Image::write_png`] writes.
    ///
    /// # Errors
    /// The file cannot be read, or is no such picture.
    pub fn read_png(path: &Path) -> std::io::Result<Self> {
        let file = std::io::BufReader::new(std::fs::File::open(path)?);
        let mut reader = png::Decoder::new(file).read_info()?;
        let info = reader.info();
        let size = PxSize { w: info.width, h: info.height };
        if (info.color_type, info.bit_depth) != (png::ColorType::Rgba, png::BitDepth::Eight) {
            return Err(std::io::Error::new(std::io::ErrorKind::InvalidData, "not a picture of 8-bit RGBA"));
        }
        let mut rgba = vec![0; size.w as usize * size.h as usize * 4];
        reader.next_frame(&mut rgba)?;
        Ok(Self { size, rgba })
    }
}
