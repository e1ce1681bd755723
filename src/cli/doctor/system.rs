//! What the system leaves to its users: PTYs, open files, and life after they have logged out.

use std::fs;
use std::path::Path;

use rustix::process::{Resource, getrlimit};
use rustix::pty::{OpenptFlags, openpt};

use super::check::Check;

/// Fewer PTYs than this are soon used up: a window has 12 panes.
const FEW_PTYS: u64 = 64;
/// Fewer open files than this are soon used up: a session has five, a client two.
const FEW_FILES: u64 = 1024;

pub fn checks() -> Vec<Check> {
    let number = |path: &str| fs::read_to_string(path).ok()?.trim().parse().ok();
    let opened = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).map(drop).map_err(|e| e.to_string());
    let user = std::env::var("USER").or_else(|_| std::env::var("LOGNAME")).unwrap_or_default();
    vec![
        ptys(opened, number("/proc/sys/kernel/pty/max"), number("/proc/sys/kernel/pty/nr")),
        files(getrlimit(Resource::Nofile).maximum),
        linger(
            Path::new("/run/systemd/system").exists(),
            &user,
            Path::new("/var/lib/systemd/linger").join(&user).is_file(),
        ),
    ]
}

fn ptys(opened: Result<(), String>, most: Option<u64>, used: Option<u64>) -> Check {
    let counts = most.zip(used);
    match (opened, counts) {
        (Err(why), _) => Check::failed(
            "ptys",
            format!("none can be opened: {why}"),
            "no session can be made: /dev/ptmx has to be there and open to you, and /dev/pts mounted",
        ),
        (Ok(()), Some((most, used))) if most.saturating_sub(used) < FEW_PTYS => Check::warning(
            "ptys",
            format!("{used} of {most} are used"),
            "each session takes one: raise kernel.pty.max, or end what is not needed",
        ),
        (Ok(()), Some((most, used))) => Check::ok("ptys", format!("{used} of {most} are used")),
        (Ok(()), None) => Check::ok("ptys", "one can be opened"),
    }
}

/// `limit` is the most that the host can have, none where there is no limit.
fn files(limit: Option<u64>) -> Check {
    match limit {
        Some(limit) if limit < FEW_FILES => Check::warning(
            "open files",
            format!("at most {limit}"),
            format!("that is enough for few sessions: raise the hard limit (limits.conf(5)) to {FEW_FILES} or more"),
        ),
        Some(limit) => Check::ok("open files", format!("at most {limit}")),
        None => Check::ok("open files", "no limit"),
    }
}

fn linger(systemd: bool, user: &str, lingers: bool) -> Check {
    match (systemd, lingers) {
        (false, _) => Check::ok("logout", "no systemd: nothing ends the host when you log out"),
        (true, true) => Check::ok("logout", "the host and its socket stay when you log out"),
        (true, false) => Check::warning(
            "logout",
            "when you log out everywhere, systemd removes the runtime directory with the host's socket",
            format!("for sessions that outlive it: loginctl enable-linger {user}"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::check::State;

    #[test]
    fn scarce_ptys_and_files_are_told() {
        let of = |opened, most, used| ptys(opened, most, used).state;
        assert_eq!(of(Ok(()), Some(4096), Some(10)), State::Ok);
        assert_eq!(of(Ok(()), Some(100), Some(90)), State::Warning);
        assert_eq!(of(Ok(()), None, Some(1)), State::Ok);
        assert_eq!(of(Err("no".into()), Some(4096), Some(10)), State::Failed);
        assert_eq!(
            [files(Some(256)), files(Some(1024)), files(None)].map(|c| c.state)[..2],
            [State::Warning, State::Ok]
        );
    }

    #[test]
    fn who_lingers_has_nothing_to_do() {
        let states = [linger(false, "me", false), linger(true, "me", true), linger(true, "me", false)].map(|c| c.state);
        assert_eq!(states, [State::Ok, State::Ok, State::Warning]);
    }
}
