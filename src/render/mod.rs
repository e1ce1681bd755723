//! Drawing: the device, the fonts and glyphs, and the one renderer that turns a [`Scene`] into pixels, in a window or off
//! screen. What a scene holds and where things stand in it is the caller's business; this folder knows neither windows
//! (but for their surface), nor sessions, nor the host.

mod atlas;
mod boxes;
mod chrome;
mod encode;
mod fonts;
mod glyphs;
mod gpu;
mod look;
mod metrics;
mod overlay;
mod pane;
mod pipelines;
mod raster;
mod renderer;
mod rows;
pub mod scene;
mod shelves;
mod surface;
mod target;
mod uploads;

pub use fonts::{FONT_PX, FontOptions, Fonts, NoFont};
pub use gpu::{DisplayHandle, Gpu, GpuError};
pub use metrics::CellMetrics;
pub use renderer::{FrameStats, Renderer};
pub use scene::{CellPos, Layer, PaneScene, Quad, Scene, Selection, TextLine};
pub use surface::{Acquired, Frame, WindowSurface};
pub use target::{Image, OffscreenTarget, ReadError};
