//! Characters that are drawn instead of taken from a font: box drawing, blocks, braille and powerline. They fill their cell
//! exactly, so that they join without a seam at every size.

mod canvas;
mod draw;
mod lines;
mod shapes;

pub use draw::draw;

#[cfg(test)]
mod tests;
