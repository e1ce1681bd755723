//! Instances of a pane on the device, row by row: each row has a place of its own in one buffer, so that a changed row is
//! one small write.

use std::ops::Range;

use bytemuck::Pod;

use super::gpu::Gpu;

/// Rows get room in steps of this many instances: a row that grows a little stays where it is.
const STEP: usize = 16;

/// Rows of instances, here and on the device.
pub struct Rows<T> {
    label: &'static str,
    /// Room of each row.
    stride: usize,
    counts: Vec<u32>,
    data: Vec<T>,
    dirty: Vec<bool>,
    buffer: Option<wgpu::Buffer>,
}

impl<T: Pod> Rows<T> {
    /// No rows; `label` names the buffer for debuggers.
    pub fn new(label: &'static str) -> Self {
        Self { label, stride: 0, counts: Vec::new(), data: Vec::new(), dirty: Vec::new(), buffer: None }
    }

    /// Sets the number of rows; all of them are empty afterwards.
    pub fn reset(&mut self, rows: usize) {
        self.counts.clear();
        self.counts.resize(rows, 0);
        self.dirty.clear();
        self.dirty.resize(rows, false);
        self.data.clear();
        self.data.resize(rows * self.stride, T::zeroed());
    }

    /// Replaces a row.
    pub fn set(&mut self, row: usize, instances: &[T]) {
        if instances.len() > self.stride {
            self.widen(instances.len().next_multiple_of(STEP));
        }
        let at = row * self.stride;
        self.data[at..at + instances.len()].copy_from_slice(instances);
        self.counts[row] = instances.len() as u32;
        self.dirty[row] = true;
    }

    fn widen(&mut self, stride: usize) {
        let mut data = vec![T::zeroed(); self.counts.len() * stride];
        for (row, &count) in self.counts.iter().enumerate() {
            let (from, to, count) = (row * self.stride, row * stride, count as usize);
            data[to..to + count].copy_from_slice(&self.data[from..from + count]);
        }
        self.dirty.fill(true);
        (self.data, self.stride) = (data, stride);
    }

    /// Brings the changed rows to the device, neighbours in one write.
    pub fn upload(&mut self, gpu: &Gpu) {
        let wanted = size_of_val(self.data.as_slice()) as u64;
        if wanted == 0 {
            return;
        }
        if self.buffer.as_ref().is_none_or(|b| b.size() < wanted) {
            self.buffer = Some(gpu.device.create_buffer(&wgpu::BufferDescriptor {
                label: Some(self.label),
                size: wanted,
                usage: wgpu::BufferUsages::VERTEX | wgpu::BufferUsages::COPY_DST,
                mapped_at_creation: false,
            }));
            self.dirty.fill(true);
        }
        let Some(buffer) = &self.buffer else { return };
        let mut row = 0;
        while let Some(first) = (row..self.dirty.len()).find(|&r| self.dirty[r]) {
            let end = (first..self.dirty.len()).find(|&r| !self.dirty[r]).unwrap_or(self.dirty.len());
            let bytes = bytemuck::cast_slice(&self.data[first * self.stride..end * self.stride]);
            gpu.queue.write_buffer(buffer, (first * self.stride * size_of::<T>()) as u64, bytes);
            row = end;
        }
        self.dirty.fill(false);
    }

    /// Draws the given rows, a strip of four corners for each instance.
    pub fn draw(&self, pass: &mut wgpu::RenderPass<'_>, rows: Range<usize>) {
        let Some(buffer) = &self.buffer else { return };
        pass.set_vertex_buffer(0, buffer.slice(..));
        for row in rows.start..rows.end.min(self.counts.len()) {
            let (first, count) = ((row * self.stride) as u32, self.counts[row]);
            if count > 0 {
                pass.draw(0..4, first..first + count);
            }
        }
    }
}
