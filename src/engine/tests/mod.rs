//! Laws of the whole engine: equal to vte and alacritty's terminal where those are right, like xterm where they are not,
//! exact under snapshots, bounded under hostile output.

mod differential;
mod laws;
mod reference;
mod restore;
mod same;
mod sound;
pub(super) mod steps;
mod streams;
