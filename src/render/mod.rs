//! Drawing: the device, the fonts and glyphs, and the one renderer that turns a [`Scene`] into pixels, in a window or off
//! screen. What a scene holds and where things stand in it is the caller's business; this folder knows neither windows
//! (but for their surface), nor sessions, nor the host.

pub mod gpu;
pub mod scene;
pub mod surface;
pub mod target;

pub use scene::{CellPos, Layer, PaneScene, Quad, Scene, Selection, TextLine};
