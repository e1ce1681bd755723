//! Ground every layer stands on: ids, geometry, colours, time, waking a thread, where this program lies. Imports nothing
//! of synk.

pub mod clock;
pub mod color;
pub mod deadline;
pub mod geom;
mod harmless;
pub mod heap;
pub mod id;
pub mod lock;
pub mod peer;
mod point;
pub mod program;
#[cfg(test)]
pub mod random;
pub mod twofold;
pub mod wake;

pub use clock::unix_ms;
pub use color::Rgb;
pub use deadline::Deadlines;
pub use geom::{GridSize, PxPoint, PxRect, PxSize};
pub use harmless::{harmless, is_harmful};
pub use id::{ClientId, SessionId, SessionNo};
pub use point::point;
pub use twofold::Twofold;
pub use wake::Wake;
