//! Rows that have left the primary screen, kept as whole lines of text under a budget of lines and bytes.
//!
//! The newest row stays a row of cells, because what happens at the top of the screen can still change it. Older ones
//! are packed (text, runs of equal style) without loss, so a taller or wider window gets them back as they were: a
//! packed row costs about a byte a cell where a row of the grid costs 24, and packing it while it is still in the
//! processor's cache is cheaper than moving it twice. Packed lines keep the width they had; they are wrapped to another
//! one when they are looked at.

mod cells;
mod keep;
mod line;
mod pack;
mod page;
mod store;
mod text;
mod unpack;

pub use keep::{FindPage, PageKeeper};

pub(super) use cells::{put_rows, take_rows};
pub(super) use store::{Anchor, History};
pub(super) use unpack::{NO_TEXT, put_marked};
