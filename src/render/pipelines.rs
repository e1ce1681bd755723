//! The two pipelines, quads and glyphs, and the shapes of what they read.

use bytemuck::{Pod, Zeroable};

use super::gpu::Gpu;
use crate::base::{PxRect, Rgb};

/// Distance between two views in the uniform buffer: the largest alignment that any device asks for.
pub const VIEW_STRIDE: u64 = 256;

/// Where and how a pane is drawn: `View` in shaders/view.wgsl.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Pod, Zeroable)]
pub struct View {
    pub target: [f32; 2],
    pub origin: [f32; 2],
    pub cell: [f32; 2],
    pub cursor: [u32; 2],
    pub cursor_text: [f32; 4],
    pub fade: [f32; 4],
}

/// A rectangle: `Quad` in shaders/quads.wgsl.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Pod, Zeroable)]
pub struct QuadInstance {
    pub at: [i32; 2],
    pub size: [u32; 2],
    pub color: [u8; 4],
    pub shape: u32,
}

/// How a quad is filled. The measures are pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fill {
    /// All of it, but for the corners if the radius is not 0.
    Solid {
        radius: u32,
    },
    Curly {
        thick: u32,
    },
    Dotted {
        thick: u32,
    },
    Dashed,
    Hollow {
        thick: u32,
    },
}

impl QuadInstance {
    pub fn new(rect: PxRect, color: Rgb, alpha: u8, fill: Fill) -> Self {
        let (kind, measure) = match fill {
            Fill::Solid { radius } => (0, radius),
            Fill::Curly { thick } => (1, thick),
            Fill::Dotted { thick } => (2, thick),
            Fill::Dashed => (3, 0),
            Fill::Hollow { thick } => (4, thick),
        };
        Self {
            at: [rect.x, rect.y],
            size: [rect.w, rect.h],
            color: [color.r, color.g, color.b, alpha],
            shape: kind | measure << 8,
        }
    }

    pub fn solid(rect: PxRect, color: Rgb) -> Self {
        Self::new(rect, color, 255, Fill::Solid { radius: 0 })
    }
}

/// A glyph in its cell: `Glyph` in shaders/glyphs.wgsl.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Pod, Zeroable)]
pub struct GlyphInstance {
    pub cell: [u16; 2],
    pub offset: [i16; 2],
    pub size: [u16; 2],
    pub at: [u16; 2],
    pub layer: u32,
    pub color: [u8; 4],
}

/// In [`GlyphInstance::layer`]: the picture is one in colour.
pub const IN_COLOR: u32 = 256;

/// A colour as shaders take it.
pub fn rgba(color: Rgb, alpha: f32) -> [f32; 4] {
    let part = |v: u8| f32::from(v) / 255.0;
    [part(color.r), part(color.g), part(color.b), alpha]
}

/// The pipelines, for one target format.
pub struct Pipelines {
    pub quads: wgpu::RenderPipeline,
    pub glyphs: wgpu::RenderPipeline,
    view_layout: wgpu::BindGroupLayout,
    atlas_layout: wgpu::BindGroupLayout,
}

impl Pipelines {
    pub fn new(gpu: &Gpu, format: wgpu::TextureFormat) -> Self {
        let device = &gpu.device;
        let view_layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("view"),
            entries: &[wgpu::BindGroupLayoutEntry {
                binding: 0,
                visibility: wgpu::ShaderStages::VERTEX_FRAGMENT,
                ty: wgpu::BindingType::Buffer {
                    ty: wgpu::BufferBindingType::Uniform,
                    has_dynamic_offset: true,
                    min_binding_size: wgpu::BufferSize::new(size_of::<View>() as u64),
                },
                count: None,
            }],
        });
        let texture = |binding| wgpu::BindGroupLayoutEntry {
            binding,
            visibility: wgpu::ShaderStages::FRAGMENT,
            ty: wgpu::BindingType::Texture {
                sample_type: wgpu::TextureSampleType::Float { filterable: false },
                view_dimension: wgpu::TextureViewDimension::D2Array,
                multisampled: false,
            },
            count: None,
        };
        let atlas_layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("glyphs"),
            entries: &[texture(0), texture(1)],
        });
        let quad = wgpu::vertex_attr_array![0 => Sint32x2, 1 => Uint32x2, 2 => Unorm8x4, 3 => Uint32];
        let glyph = wgpu::vertex_attr_array![
            0 => Uint16x2, 1 => Sint16x2, 2 => Uint16x2, 3 => Uint16x2, 4 => Uint32, 5 => Unorm8x4
        ];
        let view_source = include_str!("../../shaders/view.wgsl");
        let quad_source = [view_source, include_str!("../../shaders/quads.wgsl")].concat();
        let glyph_source = [view_source, include_str!("../../shaders/glyphs.wgsl")].concat();
        let make = |label, source: String, layouts: &[Option<&wgpu::BindGroupLayout>], stride, attributes: &[_]| {
            pipeline(gpu, &Parts { label, source, layouts, stride, attributes, format })
        };
        Self {
            quads: make("quads", quad_source, &[Some(&view_layout)], size_of::<QuadInstance>(), &quad),
            glyphs: make(
                "glyphs",
                glyph_source,
                &[Some(&view_layout), Some(&atlas_layout)],
                size_of::<GlyphInstance>(),
                &glyph,
            ),
            view_layout,
            atlas_layout,
        }
    }

    /// Binds one view of the buffer; which one is the dynamic offset.
    pub fn bind_views(&self, gpu: &Gpu, buffer: &wgpu::Buffer) -> wgpu::BindGroup {
        let size = wgpu::BufferSize::new(size_of::<View>() as u64);
        gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("view"),
            layout: &self.view_layout,
            entries: &[wgpu::BindGroupEntry {
                binding: 0,
                resource: wgpu::BindingResource::Buffer(wgpu::BufferBinding { buffer, offset: 0, size }),
            }],
        })
    }

    pub fn bind_atlas(&self, gpu: &Gpu, views: (&wgpu::TextureView, &wgpu::TextureView)) -> wgpu::BindGroup {
        let entry =
            |binding, view| wgpu::BindGroupEntry { binding, resource: wgpu::BindingResource::TextureView(view) };
        gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("glyphs"),
            layout: &self.atlas_layout,
            entries: &[entry(0, views.0), entry(1, views.1)],
        })
    }
}

struct Parts<'a> {
    label: &'a str,
    source: String,
    layouts: &'a [Option<&'a wgpu::BindGroupLayout>],
    stride: usize,
    attributes: &'a [wgpu::VertexAttribute],
    format: wgpu::TextureFormat,
}

fn pipeline(gpu: &Gpu, parts: &Parts<'_>) -> wgpu::RenderPipeline {
    let device = &gpu.device;
    let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some(parts.label),
        source: wgpu::ShaderSource::Wgsl(parts.source.as_str().into()),
    });
    let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
        label: Some(parts.label),
        bind_group_layouts: parts.layouts,
        ..Default::default()
    });
    let buffer = wgpu::VertexBufferLayout {
        array_stride: parts.stride as u64,
        step_mode: wgpu::VertexStepMode::Instance,
        attributes: parts.attributes,
    };
    let target = wgpu::ColorTargetState {
        format: parts.format,
        blend: Some(wgpu::BlendState::PREMULTIPLIED_ALPHA_BLENDING),
        write_mask: wgpu::ColorWrites::ALL,
    };
    device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
        label: Some(parts.label),
        layout: Some(&layout),
        vertex: wgpu::VertexState {
            module: &module,
            entry_point: Some("vs"),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            buffers: &[Some(buffer)],
        },
        primitive: wgpu::PrimitiveState { topology: wgpu::PrimitiveTopology::TriangleStrip, ..Default::default() },
        depth_stencil: None,
        multisample: wgpu::MultisampleState::default(),
        fragment: Some(wgpu::FragmentState {
            module: &module,
            entry_point: Some("fs"),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            targets: &[Some(target)],
        }),
        multiview_mask: None,
        cache: None,
    })
}
