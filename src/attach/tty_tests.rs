//! A real terminal line is put back on the ways out that no other test can take.

use std::sync::mpsc;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::LocalModes;

use super::*;

const FAREWELL: &[u8] = b"farewell";

/// Both ends of a terminal.
fn pair() -> (OwnedFd, OwnedFd) {
    let far = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&far).unwrap();
    unlockpt(&far).unwrap();
    let name = ptsname(&far, Vec::new()).unwrap();
    let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::NOCTTY;
    (far, open(name, flags, Mode::empty()).unwrap())
}

fn is_raw(fd: &OwnedFd) -> bool {
    !tcgetattr(fd).unwrap().local_modes.contains(LocalModes::ICANON)
}

#[test]
fn a_panic_puts_it_back_before_it_is_told() {
    const NAME: &str = "panics on purpose";
    let (far, near) = pair();
    let line = near.try_clone().unwrap();
    let (tell, told) = mpsc::channel();
    let (before, watched, from_hook) = (panic::take_hook(), line.try_clone().unwrap(), tell.clone());
    panic::set_hook(Box::new(move |info| match thread::current().name() {
        Some(NAME) => from_hook.send(is_raw(&watched)).unwrap(),
        _ => before(info),
    }));
    let watched = line.try_clone().unwrap();
    let run = move || {
        let tty = Tty::on(near, FAREWELL.to_vec()).unwrap();
        tell.send(is_raw(&watched)).unwrap();
        // Where panics do not unwind nothing is dropped.
        std::mem::forget(tty);
        panic!("{NAME}");
    };
    assert!(thread::Builder::new().name(NAME.into()).spawn(run).unwrap().join().is_err());
    assert_eq!((told.recv(), told.recv()), (Ok(true), Ok(false)), "raw, and no longer when the message is written");
    assert!(!is_raw(&line));
    let mut bytes = [0; 64];
    let n = rustix::io::read(&far, &mut bytes).unwrap();
    assert_eq!(&bytes[..n], FAREWELL);
}

#[test]
fn whoever_drops_it_puts_it_back_once() {
    let (far, near) = pair();
    let line = near.try_clone().unwrap();
    let tty = Tty::on(near, FAREWELL.to_vec()).unwrap();
    assert!(is_raw(&line));
    tty.leave(b"", b"", Duration::ZERO, |_| true);
    drop(tty);
    assert!(!is_raw(&line));
    let mut bytes = [0; 64];
    let n = rustix::io::read(&far, &mut bytes).unwrap();
    assert_eq!(&bytes[..n], FAREWELL, "once");
}
