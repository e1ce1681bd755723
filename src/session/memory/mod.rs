//! What has to outlive the host of a session: one shared memory, which the keeper holds too. A host that takes over finds
//! in it the state at some byte of the output, every byte since, and what else has changed the state meanwhile.
//!
//! ```text
//! header | events | ring of output | ring of input | label | pages of history | two slots for snapshots
//! '-------- mapped ---------------'  '-------------------- read and written ---------------------------'
//! ```
//!
//! Everything counts on from the beginning of the program: output by its bytes, events and pages by theirs. A snapshot
//! is written into the slot that does not count, and counts from one store of one number on; what it covers is given
//! back to the system. Every moment between two instructions leaves a memory that can be restored from.

mod events;
mod file;
mod image;
mod input;
mod keep;
mod restores;
mod ring;

pub use events::Event;
pub use file::{LAYOUT, Memory};
pub use image::Image;
pub use input::Note;
pub use keep::{Saved, Saving};
pub use ring::{AHEAD, Chunk, Inlet, Outlet, ends};
