//! Where this very program lies, for whoever starts another process of it. It may be replaced while it runs.

use std::io;
use std::path::{Path, PathBuf};

/// The running program itself, whatever became of its file (proc(5)).
const RUNNING: &str = "/proc/self/exe";

/// The program as it is installed now: what was put in place of the running one, else the running one.
///
/// # Errors
/// The system does not tell where it is.
pub fn installed() -> io::Result<PathBuf> {
    let exe = replaced(std::env::current_exe()?);
    if exe.exists() { Ok(exe) } else { running() }
}

/// The program that runs, of the same version as this process: also where its file was replaced or removed.
///
/// # Errors
/// The system does not tell where it is.
pub fn running() -> io::Result<PathBuf> {
    // Whoever resolves it is a fork of this process, which is the same program.
    if Path::new(RUNNING).exists() { Ok(RUNNING.into()) } else { std::env::current_exe() }
}

/// The program at the place of one that was replaced while it ran: Linux marks the old one's path (proc(5)).
fn replaced(exe: PathBuf) -> PathBuf {
    let place = exe.to_str().and_then(|path| path.strip_suffix(" (deleted)")).map(PathBuf::from);
    place.filter(|place| !exe.exists() && place.exists()).unwrap_or(exe)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_replaced_program_is_started_from_its_place() {
        let dir = tempfile::tempdir().unwrap();
        let (new, old) = (dir.path().join("synk"), dir.path().join("synk (deleted)"));
        assert_eq!(replaced(old.clone()), old, "nothing was put in its place");
        fs::write(&new, "").unwrap();
        assert_eq!((replaced(old), replaced(new.clone())), (new.clone(), new));
    }

    #[test]
    fn this_program_is_found_both_ways() {
        let name = |path: PathBuf| fs::canonicalize(path).unwrap();
        assert_eq!(name(installed().unwrap()), name(running().unwrap()));
    }
}
