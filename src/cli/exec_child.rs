//! `synk exec-child`: what stands between a PTY and its program. No verb of people, and read before all others: the
//! environment it runs in is the program's, and what is said there is not meant for it.

use std::process::ExitCode;

use crate::keeper::exec_child;

/// Becomes the program, if that is what this process was started for. What comes back is why it could not.
pub fn run() -> Option<ExitCode> {
    let mut args = std::env::args_os().skip(1);
    if args.next()? != exec_child::VERB {
        return None;
    }
    let why = exec_child::run(args);
    eprintln!("synk: {why}");
    Some(ExitCode::from(u8::try_from(why.code).unwrap_or(126)))
}
