//! The `synk` program: everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    synk::cli::main()
}
