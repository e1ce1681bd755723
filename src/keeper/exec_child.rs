//! The last step before a program: a short life as `synk exec-child [--cwd DIR] [--nofile SOFT:HARD] -- PROGRAM ARGS...` between the
//! fork and the program itself, already on its PTY, where everything may be done that must not be done right behind a
//! fork, and where a dead network mount holds up nobody else. It leaves nothing of its host to the program: no
//! descriptor, no ignored signal, no raised limit.

use std::ffi::{OsStr, OsString};
use std::os::fd::BorrowedFd;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use rustix::io::{FdFlags, fcntl_setfd};
use rustix::process::{Resource, Rlimit, setrlimit};
use signal_hook::consts::{FORBIDDEN, SIGALRM, SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM};

use super::command::{CannotRun, Launch};
use super::limits;

/// The word behind the program's name that asks for this.
pub const VERB: &str = "exec-child";
/// What the process is called meanwhile, in the 15 bytes that Linux keeps of a name.
pub(super) const NAME: &str = "synk exec-child";

const CWD: &str = "--cwd";
const NOFILE: &str = "--nofile";
/// Above the numbers of all signals (signal(7)).
const SIGNALS: i32 = 65;
/// These have their default action already where a PTY was made for the program, and somebody may mean them.
const DEFAULT: [i32; 6] = [SIGALRM, SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM];

/// The command line that leads through here to a program.
pub(super) fn argv(synk: &Path, launch: &Launch) -> Vec<OsString> {
    let mut argv = vec![synk.into(), VERB.into(), CWD.into(), launch.cwd.clone().into()];
    if let Some(Rlimit { current, maximum }) = limits::usual() {
        let number = |limit: Option<u64>| limit.map_or_else(|| "unlimited".to_owned(), |limit| limit.to_string());
        argv.extend([NOFILE.into(), format!("{}:{}", number(current), number(maximum)).into()]);
    }
    argv.push("--".into());
    argv.extend_from_slice(&launch.argv);
    argv
}

/// Becomes the program that the arguments behind [`VERB`] name. Returns only where that fails.
pub fn run(args: impl Iterator<Item = OsString>) -> CannotRun {
    // Before anything else: whoever asks what runs on the terminal looks for this name.
    if let Err(e) = rustix::thread::set_name(c"synk exec-child") {
        log::debug!("the process keeps its name: {e}");
    }
    let cannot = |code, message| CannotRun { code, message };
    let Asked { cwd, nofile, program } = match parse(args) {
        Ok(asked) => asked,
        Err(why) => return cannot(126, format!("{VERB}: {why}")),
    };
    let Some((name, args)) = program.split_first() else {
        return cannot(126, format!("{VERB}: the command is empty"));
    };
    if let Some(cwd) = cwd
        && let Err(e) = std::env::set_current_dir(&cwd)
    {
        return cannot(126, format!("cannot enter {}: {e}", cwd.display()));
    }
    forget_signals();
    close_descriptors();
    if let Some(limit) = nofile
        && let Err(e) = setrlimit(Resource::Nofile, limit)
    {
        // It was the limit of this user before: only a limit lowered since by an administrator gets here.
        log::debug!("the limit of open files stays: {e}");
    }
    // With PATH of the environment, which is the program's own already, and an empty signal mask.
    let error = Command::new(name).args(args).exec();
    let code = if error.kind() == std::io::ErrorKind::NotFound { 127 } else { 126 };
    cannot(code, format!("{}: {error}", name.to_string_lossy()))
}

#[derive(Debug, Default, PartialEq)]
struct Asked {
    cwd: Option<PathBuf>,
    nofile: Option<Rlimit>,
    program: Vec<OsString>,
}

fn parse(mut args: impl Iterator<Item = OsString>) -> Result<Asked, &'static str> {
    let mut asked = Asked::default();
    loop {
        match args.next() {
            Some(arg) if arg == "--" => break,
            Some(arg) if arg == CWD => asked.cwd = Some(args.next().ok_or("--cwd takes a directory")?.into()),
            Some(arg) if arg == NOFILE => {
                let limit = args.next().as_deref().and_then(rlimit);
                asked.nofile = Some(limit.ok_or("--nofile takes SOFT:HARD, each a number or \"unlimited\"")?);
            }
            _ => return Err("expected [--cwd DIR] [--nofile SOFT:HARD] -- PROGRAM ARGS..."),
        }
    }
    asked.program = args.collect();
    Ok(asked)
}

fn rlimit(text: &OsStr) -> Option<Rlimit> {
    let (soft, hard) = text.to_str()?.split_once(':')?;
    let number = |text: &str| match text {
        "unlimited" => Some(None),
        number => number.parse().ok().map(Some),
    };
    Some(Rlimit { current: number(soft)?, maximum: number(hard)? })
}

/// A signal that was ignored stays ignored over exec, one with a handler gets its default action back (execve(2)).
fn forget_signals() {
    for signal in (1..SIGNALS).filter(|signal| !FORBIDDEN.contains(signal) && !DEFAULT.contains(signal)) {
        // Some numbers are no signals here.
        let _ = signal_hook::flag::register(signal, Arc::default());
    }
}

/// Sees to it that nothing but the terminal survives the exec. Closing at once could close what this process still uses.
fn close_descriptors() {
    let Ok(open) = std::fs::read_dir("/dev/fd") else { return };
    let numbers = open.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok());
    for number in numbers.filter(|number| *number > 2) {
        // SAFETY: the descriptor is listed as open, and nothing else runs in this process that could close it. Where it
        // is that of the listing itself, the flag is set a second time.
        let fd = unsafe { BorrowedFd::borrow_raw(number) };
        // One that is not open any more needs nothing.
        let _ = fcntl_setfd(fd, FdFlags::CLOEXEC);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(args: &[&str]) -> Result<Asked, &'static str> {
        parse(args.iter().map(OsString::from))
    }

    #[test]
    fn what_is_built_is_understood() {
        let argv_of = ["sh", "-c", "--nofile"].map(OsString::from).to_vec();
        let launch = Launch { argv: argv_of.clone(), cwd: "/tmp".into(), env: [].into() };
        let built = argv(Path::new("/bin/synk"), &launch);
        assert_eq!(built[..2], ["/bin/synk", "exec-child"]);
        let read = parse(built.into_iter().skip(2)).unwrap();
        assert_eq!((read.program, read.cwd), (argv_of, Some("/tmp".into())));
        let limit = Rlimit { current: Some(1024), maximum: None };
        assert_eq!(parsed(&["--nofile", "1024:unlimited", "--", "x"]).unwrap().nofile, Some(limit));
    }

    #[test]
    fn anything_else_is_refused() {
        for bad in [
            &["sh"][..],
            &[],
            &["--nofile"],
            &["--nofile", "1024", "--", "x"],
            &["--nofile", "a:b", "--", "x"],
            &["--cwd"],
        ] {
            assert!(parsed(bad).is_err(), "{bad:?}");
        }
        assert_eq!(run(["--".into()].into_iter()).code, 126);
    }
}
