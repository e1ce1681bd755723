//! Buffers that are small and made anew each frame, but written to the device only when they differ.

use bytemuck::Pod;

use super::gpu::Gpu;

/// A list that the device has a copy of.
pub struct Mirrored<T> {
    label: &'static str,
    usage: wgpu::BufferUsages,
    /// Fill this, then call [`Mirrored::upload`].
    pub next: Vec<T>,
    there: Vec<T>,
    buffer: Option<wgpu::Buffer>,
}

impl<T: Pod + PartialEq> Mirrored<T> {
    /// An empty list; `label` names the buffer for debuggers.
    pub fn new(label: &'static str, usage: wgpu::BufferUsages) -> Self {
        Self { label, usage, next: Vec::new(), there: Vec::new(), buffer: None }
    }

    /// The copy on the device; none before the first upload that is not empty.
    pub fn buffer(&self) -> Option<&wgpu::Buffer> {
        self.buffer.as_ref()
    }

    /// Brings `next` to the device if something else is there, and empties it. Whether the buffer is another one now.
    pub fn upload(&mut self, gpu: &Gpu) -> bool {
        let bytes: &[u8] = bytemuck::cast_slice(&self.next);
        let small = self.buffer.as_ref().is_none_or(|b| b.size() < bytes.len() as u64);
        let grown = small && !bytes.is_empty();
        if grown {
            self.buffer = Some(gpu.device.create_buffer(&wgpu::BufferDescriptor {
                label: Some(self.label),
                size: (bytes.len() as u64).next_power_of_two(),
                usage: self.usage | wgpu::BufferUsages::COPY_DST,
                mapped_at_creation: false,
            }));
        }
        if let Some(buffer) = &self.buffer
            && (grown || self.next != self.there)
        {
            gpu.queue.write_buffer(buffer, 0, bytes);
        }
        std::mem::swap(&mut self.next, &mut self.there);
        self.next.clear();
        grown
    }
}
