//! The pipelines and the shapes of what they read. There are two for quads and two for glyphs, because on a software driver
//! the length of the fragment shader is what a frame costs.

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
    /// A rectangle of any kind; an `alpha` of 255 is opaque.
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

    /// An opaque rectangle.
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

/// A colour as shaders take it.
pub fn rgba(color: Rgb, alpha: f32) -> [f32; 4] {
    let part = |v: u8| f32::from(v) / 255.0;
    [part(color.r), part(color.g), part(color.b), alpha]
}

/// The pipelines, for one target format.
pub struct Pipelines {
    /// Opaque rectangles: of a quad's shape and alpha it sees nothing.
    pub plain: wgpu::RenderPipeline,
    /// Every quad.
    pub quads: wgpu::RenderPipeline,
    /// Glyphs that are masks, in the text's colour.
    pub texts: wgpu::RenderPipeline,
    /// Glyphs with colours of their own.
    pub pictures: wgpu::RenderPipeline,
    view_layout: wgpu::BindGroupLayout,
    page_layout: wgpu::BindGroupLayout,
}

impl Pipelines {
    /// Compiles the shaders; takes some milliseconds.
    pub fn new(gpu: &Gpu, format: wgpu::TextureFormat) -> Self {
        let (view_layout, page_layout) = layouts(gpu);
        let quad = wgpu::vertex_attr_array![0 => Sint32x2, 1 => Uint32x2, 2 => Unorm8x4, 3 => Uint32];
        let quads = Family {
            label: "quads",
            source: include_str!("../../shaders/quads.wgsl"),
            layouts: &[Some(&view_layout)],
            stride: size_of::<QuadInstance>(),
            attributes: &quad,
        };
        let glyph = wgpu::vertex_attr_array![
            0 => Uint16x2, 1 => Sint16x2, 2 => Uint16x2, 3 => Uint16x2, 4 => Uint32, 5 => Unorm8x4
        ];
        let glyphs = Family {
            label: "glyphs",
            source: include_str!("../../shaders/glyphs.wgsl"),
            layouts: &[Some(&view_layout), Some(&page_layout)],
            stride: size_of::<GlyphInstance>(),
            attributes: &glyph,
        };
        let blend = Some(wgpu::BlendState::PREMULTIPLIED_ALPHA_BLENDING);
        let target = |blend| wgpu::ColorTargetState { format, blend, write_mask: wgpu::ColorWrites::ALL };
        let [plain, quads] =
            quads.pipelines(gpu, [("vs_plain", "fs_plain", target(None)), ("vs", "fs", target(blend))]);
        let [texts, pictures] =
            glyphs.pipelines(gpu, [("vs", "fs_text", target(blend)), ("vs", "fs_picture", target(blend))]);
        Self { plain, quads, texts, pictures, view_layout, page_layout }
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

    /// Binds a sheet of glyph pages.
    pub fn bind_pages(&self, gpu: &Gpu, view: &wgpu::TextureView) -> wgpu::BindGroup {
        gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("glyphs"),
            layout: &self.page_layout,
            entries: &[wgpu::BindGroupEntry { binding: 0, resource: wgpu::BindingResource::TextureView(view) }],
        })
    }
}

/// The layouts of a view and of a sheet of glyph pages.
fn layouts(gpu: &Gpu) -> (wgpu::BindGroupLayout, wgpu::BindGroupLayout) {
    let make = |label, entry| {
        gpu.device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: Some(label), entries: &[entry] })
    };
    let view = wgpu::BindGroupLayoutEntry {
        binding: 0,
        visibility: wgpu::ShaderStages::VERTEX_FRAGMENT,
        ty: wgpu::BindingType::Buffer {
            ty: wgpu::BufferBindingType::Uniform,
            has_dynamic_offset: true,
            min_binding_size: wgpu::BufferSize::new(size_of::<View>() as u64),
        },
        count: None,
    };
    let page = wgpu::BindGroupLayoutEntry {
        binding: 0,
        visibility: wgpu::ShaderStages::FRAGMENT,
        ty: wgpu::BindingType::Texture {
            sample_type: wgpu::TextureSampleType::Float { filterable: false },
            view_dimension: wgpu::TextureViewDimension::D2Array,
            multisampled: false,
        },
        count: None,
    };
    (make("view", view), make("glyphs", page))
}

/// Pipelines that read the same instances.
struct Family<'a> {
    label: &'a str,
    source: &'a str,
    layouts: &'a [Option<&'a wgpu::BindGroupLayout>],
    stride: usize,
    attributes: &'a [wgpu::VertexAttribute],
}

impl Family<'_> {
    /// One pipeline for each pair of entry points.
    fn pipelines<const N: usize>(
        &self,
        gpu: &Gpu,
        variants: [(&str, &str, wgpu::ColorTargetState); N],
    ) -> [wgpu::RenderPipeline; N] {
        let device = &gpu.device;
        let source = [include_str!("../../shaders/view.wgsl"), self.source].concat();
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some(self.label),
            source: wgpu::ShaderSource::Wgsl(source.into()),
        });
        let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some(self.label),
            bind_group_layouts: self.layouts,
            ..Default::default()
        });
        let buffer = wgpu::VertexBufferLayout {
            array_stride: self.stride as u64,
            step_mode: wgpu::VertexStepMode::Instance,
            attributes: self.attributes,
        };
        let topology = wgpu::PrimitiveTopology::TriangleStrip;
        variants.map(|(vertex, fragment, target)| {
            device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
                label: Some(self.label),
                layout: Some(&layout),
                vertex: wgpu::VertexState {
                    module: &module,
                    entry_point: Some(vertex),
                    compilation_options: wgpu::PipelineCompilationOptions::default(),
                    buffers: &[Some(buffer.clone())],
                },
                primitive: wgpu::PrimitiveState { topology, ..Default::default() },
                depth_stencil: None,
                multisample: wgpu::MultisampleState::default(),
                fragment: Some(wgpu::FragmentState {
                    module: &module,
                    entry_point: Some(fragment),
                    compilation_options: wgpu::PipelineCompilationOptions::default(),
                    targets: &[Some(target)],
                }),
                multiview_mask: None,
                cache: None,
            })
        })
    }
}
