//! The terminal engine: bytes of a program in, screens out; keys and pastes in, bytes for the program out.

pub mod key_code;
pub mod paste;
