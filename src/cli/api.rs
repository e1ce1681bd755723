//! `synk api`: what programs that speak to the host themselves have to know.

use super::fail::Fail;
use super::out;
use crate::protocol;

/// Prints the JSON Schema, on as many lines as it is read on. It is this build's: no host is asked.
pub fn schema() -> Result<(), Fail> {
    out::print(&format!("{:#}\n", protocol::schema()))
}
