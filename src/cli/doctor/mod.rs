//! `synk doctor`: what synk needs of this machine, and whether it is there. It starts nothing and changes nothing.

mod check;
mod database;
mod environment;
mod host;
mod run;
mod system;

pub use run::run;
