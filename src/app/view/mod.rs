//! The window's state as a draw list. Pure: the same state gives the same scene, and beside it the places that a click
//! can hit, so that what is hit is what was drawn.

mod compose;
mod help;
mod menus;
mod paint;
mod panes;
mod picture;
mod search;
mod words;

pub use paint::Measure;
pub(super) use panes::cursor_rect;
pub use picture::{Hit, Picture, Standing, View};
pub(super) use words::{chord_name, lost};

#[cfg(test)]
mod tests;
