//! `synk relay`: a connection to this machine's host over standard input and output. It is what `synk --host` has OpenSSH
//! run on the other machine, and of use to nobody else.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::net::Shutdown;
use std::os::fd::AsFd;
use std::thread;

use clap::Args;

use super::fail::{Fail, NO_HOST};
use super::passing;
use super::verb::Context;
use crate::client::Absent;
use crate::protocol::relay::READY;

/// Most that is passed on at once, in bytes: what a pipe holds (pipe(7)).
const BUFFER: usize = 64 << 10;

#[derive(Debug, Args)]
pub struct RelayArgs {
    /// Fail where no host runs instead of starting one
    #[arg(long)]
    no_start: bool,
}

pub fn run(cx: &Context, args: &RelayArgs) -> Result<(), Fail> {
    let absent = if args.no_start { Absent::Fail } else { Absent::Start };
    let mut from_host = match cx.connect(absent) {
        // Whoever asked says it.
        Err(fail) if fail.code == NO_HOST => return Err(Fail::silent(NO_HOST)),
        socket => socket?,
    };
    let mut to_host = from_host.try_clone().map_err(Fail::failed)?;
    // Without the buffers that the library has for people.
    let file = |fd: &dyn AsFd| fd.as_fd().try_clone_to_owned().map(File::from).map_err(Fail::failed);
    let (mut input, mut output) = (file(&io::stdin())?, file(&io::stdout())?);
    let passed = output.write_all(READY.as_bytes());
    let feed = move || {
        if let Err(e) = pass(&mut input, &mut to_host) {
            log::info!("what comes in cannot be passed on: {e}");
        }
        // The host may have answers left.
        let _ = to_host.shutdown(Shutdown::Write);
    };
    thread::Builder::new().name("relay-in".into()).spawn(feed).map_err(Fail::failed)?;
    match passed.and_then(|()| pass(&mut from_host, &mut output)) {
        // Nobody reads any more: that is the other way in which this ends.
        Err(e) if e.kind() != ErrorKind::BrokenPipe => Err(Fail::failed(format!("the connection broke: {e}"))),
        _ => Ok(()),
    }
}

/// Passes on what comes when it comes, to the end or until nobody takes it. `io::copy` leaves it to the system, which was
/// seen to keep the first bytes until more came.
fn pass(from: &mut (impl Read + AsFd), to: &mut (impl Write + AsFd)) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER];
    while passing::wait(from, to)? {
        match from.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(n) => to.write_all(&buffer[..n])?,
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}
