//! The DEC ANSI state machine (Paul Williams' <https://vt100.net/emu/dec_ansi_parser>, with UTF-8 in the ground state):
//! a plain value that cuts a byte stream into printable runs, controls and sequences. It gives them no meaning; that is
//! the dispatch's business. Held equal to the `vte` crate's parser by the tests.

mod ground;
mod machine;
mod params;
#[cfg(test)]
mod tests;
mod utf8;

pub(super) use machine::{Parser, Sink};
pub(super) use params::Params;
