//! Laws of the whole engine: equal to vte and alacritty's terminal where those are right, like xterm where they are not,
//! exact under snapshots, bounded under hostile output.

pub(super) mod random;
