//! What synk finds around itself: locale, terminal, graphics, the SSH client, the way to it from other machines.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::check::Check;
use crate::app;
use crate::config::{self, Loaded};

/// What programs in synk find in TERM.
const PANE_TERM: &str = "xterm-256color";
/// Where ncurses looks for descriptions of terminals, behind `TERMINFO` and `~/.terminfo` (terminfo(5); the places of
/// Debian, Fedora, Arch and macOS).
const TERMINFO: [&str; 4] = ["/etc/terminfo", "/lib/terminfo", "/usr/share/terminfo", "/usr/local/share/terminfo"];
/// What a program that SSH starts finds in PATH, as OpenSSH is built for Debian.
const SSH_PATH: [&str; 3] = ["/usr/local/bin", "/usr/bin", "/bin"];

pub fn checks() -> Vec<Check> {
    let var = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let text = |name: &str| var(name).map(|value| value.to_string_lossy().into_owned());
    let terminfo: Vec<PathBuf> = var("TERMINFO")
        .map(PathBuf::from)
        .into_iter()
        .chain(var("HOME").map(|home| PathBuf::from(home).join(".terminfo")))
        .chain(TERMINFO.map(PathBuf::from))
        .collect();
    let path = var("PATH");
    vec![
        settings(&config::load_from_env()),
        locale(text),
        terminal(text("TERM").as_deref(), &terminfo),
        panes(&terminfo),
        graphics(app::graphics().map_err(|e| e.to_string())),
        ssh(on_path(path.as_ref(), "ssh").map(|ssh| ssh_version(&ssh))),
        far(sshd(path.as_ref()), SSH_PATH.iter().any(|dir| Path::new(dir).join("synk").exists())),
    ]
}

/// Files that are refused are told at once in a window; a verb says nothing of them.
fn settings(loaded: &Loaded) -> Check {
    let errors = loaded.errors.iter().map(ToString::to_string);
    let said: Vec<_> = errors.chain(loaded.warnings.iter().map(ToString::to_string)).collect();
    match said.len() {
        0 => Check::ok("settings", "all of them are understood"),
        _ if loaded.errors.is_empty() => {
            Check::warning("settings", said.join("; "), "what is not understood is ignored")
        }
        _ => Check::failed("settings", said.join("; "), "until it is mended the defaults hold instead of the file"),
    }
}

/// The first of the variables that is set decides (POSIX, 8.2).
fn locale(var: impl Fn(&str) -> Option<String>) -> Check {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| Some((*name, var(name)?)));
    match set {
        Some((name, value)) if value.to_lowercase().replace('-', "").contains("utf8") => {
            Check::ok("locale", format!("{name}={value}"))
        }
        set => {
            let found = set.map_or_else(|| "none is set".into(), |(name, value)| format!("{name}={value} is no UTF-8"));
            Check::warning("locale", found, "programs will show ? for most letters: set LANG=C.UTF-8 where you log in")
        }
    }
}

fn terminal(term: Option<&str>, terminfo: &[PathBuf]) -> Check {
    match term {
        None | Some("dumb" | "unknown") => {
            let found = term.map_or_else(|| "TERM is not set".into(), |term| format!("TERM={term}"));
            Check::ok("terminal", format!("{found}: no terminal to attach in"))
        }
        Some(term) if is_described(term, terminfo) => Check::ok("terminal", format!("TERM={term}")),
        Some(term) => Check::warning(
            "terminal",
            format!("TERM={term} is not known here"),
            "install its description (Debian: ncurses-term), or set TERM=xterm-256color",
        ),
    }
}

fn panes(terminfo: &[PathBuf]) -> Check {
    if is_described(PANE_TERM, terminfo) {
        return Check::ok("panes", format!("programs find TERM={PANE_TERM}"));
    }
    let advice = "vim, less and htop need it: install it (Debian: ncurses-base)";
    Check::failed("panes", format!("{PANE_TERM}, which programs find in TERM, is not known here"), advice)
}

/// Whether a terminal has a description: in a directory of its first letter or, on macOS, of that letter's code.
fn is_described(term: &str, terminfo: &[PathBuf]) -> bool {
    let Some(first) = term.chars().next().filter(|_| !term.contains('/')) else { return false };
    let dirs = [first.to_string(), format!("{:x}", u32::from(first))];
    terminfo.iter().any(|place| dirs.iter().any(|dir| place.join(dir).join(term).exists()))
}

fn graphics(found: Result<String, String>) -> Check {
    match found {
        Ok(adapter) => Check::ok("graphics", adapter),
        Err(why) => Check::warning("graphics", why, "no window can be opened; everything else works without"),
    }
}

fn ssh(version: Option<Option<String>>) -> Check {
    match version {
        Some(Some(version)) => Check::ok("ssh", version),
        Some(None) => {
            Check::warning("ssh", "ssh does not tell its version", "SSH sessions need the OpenSSH client to work")
        }
        None => Check::warning(
            "ssh",
            "there is no ssh",
            "for SSH sessions and other machines' hosts install it (Debian: openssh-client)",
        ),
    }
}

/// Whether other machines can use this one's host: their `synk --host` runs `synk` here through SSH.
fn far(sshd: bool, found: bool) -> Check {
    match (sshd, found) {
        (false, _) => {
            Check::ok("from afar", "no SSH server is installed: this machine's host is for this machine alone")
        }
        (true, true) => Check::ok("from afar", "`synk --host` of other machines finds synk here"),
        (true, false) => Check::warning(
            "from afar",
            format!("synk is in none of {}", SSH_PATH.join(", ")),
            "`synk --host` of other machines may not find it: put it or a link to it into /usr/local/bin",
        ),
    }
}

fn sshd(path: Option<&OsString>) -> bool {
    // Not on the PATH of most users.
    Path::new("/usr/sbin/sshd").exists() || on_path(path, "sshd").is_some()
}

fn on_path(path: Option<&OsString>, program: &str) -> Option<PathBuf> {
    std::env::split_paths(path?).map(|dir| dir.join(program)).find(|file| file.is_file())
}

/// What `ssh -V` says on standard error.
fn ssh_version(ssh: &Path) -> Option<String> {
    let out = Command::new(ssh).arg("-V").stdin(Stdio::null()).output().ok()?;
    let said = String::from_utf8_lossy(&out.stderr).trim().to_owned();
    (out.status.success() && !said.is_empty()).then_some(said)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::check::State;
    use crate::config::ConfigDirs;

    #[test]
    fn the_first_locale_that_is_set_decides() {
        let of = |vars: &[(&str, &str)]| {
            let var = |name: &str| vars.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
            locale(var).state
        };
        assert_eq!(of(&[("LANG", "de_DE.UTF-8")]), State::Ok);
        assert_eq!(of(&[("LC_ALL", "C.utf8"), ("LANG", "C")]), State::Ok);
        assert_eq!(of(&[("LC_ALL", "C"), ("LANG", "C.UTF-8")]), State::Warning);
        assert_eq!(of(&[]), State::Warning);
    }

    #[test]
    fn files_that_are_refused_are_told() {
        let of = |text: &str| {
            let home = tempfile::tempdir().unwrap();
            let dirs = ConfigDirs::at(home.path().to_owned());
            std::fs::write(dirs.settings(), text).unwrap();
            settings(&config::load(&dirs))
        };
        assert_eq!(of("(font_size: 20)").state, State::Ok);
        assert_eq!(of("(fontsize: 20)").state, State::Warning);
        let refused = of("(font_size:");
        assert!(refused.state == State::Failed && refused.found.contains("synk.ron:1"), "{refused:?}");
    }

    #[test]
    fn terminals_are_looked_up() {
        let dir = tempfile::tempdir().unwrap();
        for file in ["x/xterm-256color", "66/foot"] {
            let file = dir.path().join(file);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, "").unwrap();
        }
        let places = [dir.path().to_owned()];
        assert_eq!(terminal(Some("foot"), &places).state, State::Ok);
        assert_eq!(terminal(Some("foo"), &places).state, State::Warning);
        assert_eq!(terminal(Some("../x/xterm-256color"), &places).state, State::Warning);
        assert_eq!(terminal(Some("dumb"), &places).state, State::Ok);
        assert_eq!((panes(&places).state, panes(&[]).state), (State::Ok, State::Failed));
    }

    #[test]
    fn programs_are_found_on_the_path() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("ssh"), "").unwrap();
        let path = std::env::join_paths(["/nowhere".as_ref(), dir.path()]).unwrap();
        assert_eq!(on_path(Some(&path), "ssh"), Some(dir.path().join("ssh")));
        assert_eq!((on_path(Some(&path), "sshd"), on_path(None, "ssh")), (None, None));
        assert_eq!([ssh(Some(Some("v".into()))), ssh(None)].map(|c| c.state), [State::Ok, State::Warning]);
        assert_eq!([far(false, false), far(true, true), far(true, false)].map(|c| c.state)[2], State::Warning);
    }
}
