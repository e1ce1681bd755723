//! `synk completions`: what a shell needs to complete synk's command line.

use clap::CommandFactory;
use clap_complete::Shell;

use super::args::Cli;
use super::fail::Fail;
use super::out;

pub fn run(shell: Shell) -> Result<(), Fail> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "synk", &mut script);
    out::print(&String::from_utf8(script).map_err(Fail::failed)?)
}
