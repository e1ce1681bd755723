//! The environment a program starts with: the host's own, without what belongs to the terminal the host was started in,
//! and with what a program needs to know about this one.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use portable_pty::CommandBuilder;
use rustix::fs::{Access, access};

use super::daemon::LINK;

/// Variables by name.
pub type Vars = BTreeMap<OsString, OsString>;

/// What `PATH` is where there is none: the directories every Unix has.
const DEFAULT_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// Variables of the terminal, the multiplexer or the agent that the host happens to have been started from. Inherited,
/// they would make programs believe that they run there.
const FOREIGN: &[&str] = &[
    "TMUX",
    "TMUX_PANE",
    "STY",
    "CLAUDECODE",
    "WINDOWID",
    "COLUMNS",
    "LINES",
    "TERMCAP",
    "VTE_VERSION",
    "TERM_SESSION_ID",
    // A host that was started in a pane of another host.
    SESSION,
    PANE,
    SOCKET,
    PROJECT,
    LINK,
];

/// The same, by how their names begin.
const FOREIGN_PREFIXES: &[&str] =
    &["ZELLIJ", "KITTY_", "GHOSTTY_", "WEZTERM_", "ALACRITTY_", "KONSOLE_", "ITERM_", "LC_TERMINAL", "TERM_PROGRAM"];

const SESSION: &str = "SYNK_SESSION";
const PANE: &str = "SYNK_PANE";
const SOCKET: &str = "SYNK_SOCKET";
const PROJECT: &str = "SYNK_PROJECT";
/// Where programs reach the user's SSH agent (ssh-agent(1)).
const AGENT: &str = "SSH_AUTH_SOCK";

/// What a program is told about the session it runs in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// The session's UUID: `SYNK_SESSION`.
    pub session: String,
    /// The session's number on its host: `SYNK_PANE`.
    pub pane: u32,
    /// Where its host listens, if it does: `SYNK_SOCKET`.
    pub socket: Option<PathBuf>,
    /// The directory of the project it was made for: `SYNK_PROJECT`.
    pub project: Option<String>,
    /// Where the user's SSH agent is reached, if not where the host's variables say.
    pub agent: Option<PathBuf>,
}

/// What every program of one host starts from.
#[derive(Debug, Clone)]
pub struct Base {
    /// The variables of the host, as it was started.
    pub vars: Vars,
    /// The user's shell, an absolute path to something executable.
    pub shell: PathBuf,
    /// The user's home, or `/` where there is none.
    pub home: PathBuf,
}

impl Base {
    /// From the given variables: the shell is `SHELL`, else the user's entry in the password database, else `/bin/sh`;
    /// the home is `HOME`, else that entry's, else `/`.
    pub fn from_vars(vars: Vars) -> Self {
        let shell = vars.get(OsStr::new("SHELL")).map(PathBuf::from).filter(|path| is_program(path));
        let home = vars.get(OsStr::new("HOME")).map(PathBuf::from).filter(|path| path.is_absolute());
        Self {
            shell: shell.unwrap_or_else(shell_of_user),
            // Reads HOME of this process first; where that differs from `vars` it is as good an answer as any.
            home: home.or_else(std::env::home_dir).filter(|path| path.is_absolute()).unwrap_or_else(|| "/".into()),
            vars,
        }
    }

    /// From this process's own variables.
    pub fn from_env() -> Self {
        Self::from_vars(std::env::vars_os().collect())
    }
}

/// The shell of the user's entry in the password database where it can be run, else `/bin/sh`.
fn shell_of_user() -> PathBuf {
    let mut command = CommandBuilder::new_default_prog();
    command.env_remove("SHELL");
    let shell = PathBuf::from(command.get_shell());
    if is_program(&shell) { shell } else { "/bin/sh".into() }
}

fn is_program(path: &Path) -> bool {
    path.is_absolute() && path.is_file() && access(path, Access::EXEC_OK).is_ok()
}

/// The environment of a program at this place. `extra` is what the caller asked for and wins over everything but what
/// says which session of which host it is.
pub fn environment(base: &Base, place: &Place, extra: &Vars) -> Vars {
    let mut vars: Vars =
        base.vars.iter().filter(|(name, _)| !is_foreign(name)).map(|(n, v)| (n.clone(), v.clone())).collect();
    let mut set = |name: &str, value: &OsStr| vars.insert(name.into(), value.to_owned());
    set("TERM", "xterm-256color".as_ref());
    set("COLORTERM", "truecolor".as_ref());
    set("TERM_PROGRAM", "synk".as_ref());
    set("TERM_PROGRAM_VERSION", env!("CARGO_PKG_VERSION").as_ref());
    set("SHELL", base.shell.as_os_str());
    set("HOME", base.home.as_os_str());
    if let Some(agent) = &place.agent {
        set(AGENT, agent.as_os_str());
    }
    if let Some(project) = &place.project {
        set(PROJECT, project.as_ref());
    }
    vars.entry("PATH".into()).or_insert_with(|| DEFAULT_PATH.into());
    vars.extend(extra.iter().map(|(name, value)| (name.clone(), value.clone())));
    vars.insert(SESSION.into(), place.session.clone().into());
    vars.insert(PANE.into(), place.pane.to_string().into());
    match &place.socket {
        Some(socket) => vars.insert(SOCKET.into(), socket.clone().into()),
        None => vars.remove(OsStr::new(SOCKET)),
    };
    vars
}

fn is_foreign(name: &OsStr) -> bool {
    FOREIGN.iter().any(|own| name == *own)
        || FOREIGN_PREFIXES.iter().any(|prefix| name.as_bytes().starts_with(prefix.as_bytes()))
}

/// Whether the system can carry this variable: a name without `=` and NUL, a value without NUL.
pub fn is_valid(name: &OsStr, value: &OsStr) -> bool {
    let name = name.as_bytes();
    !name.is_empty() && !name.contains(&b'=') && !name.contains(&0) && !value.as_bytes().contains(&0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vars(pairs: &[(&str, &str)]) -> Vars {
        pairs.iter().map(|(n, v)| (OsString::from(n), OsString::from(v))).collect()
    }

    #[test]
    fn what_belongs_to_another_terminal_is_gone() {
        let foreign = [
            ("TMUX", "x"),
            ("ZELLIJ_SESSION_NAME", "x"),
            ("KITTY_PID", "1"),
            ("COLUMNS", "80"),
            ("CLAUDECODE", "1"),
            ("TERM_PROGRAM_SESSION", "x"),
            ("SYNK_SOCKET", "/of/another"),
            ("SYNK_PROJECT", "/of/another"),
        ];
        let own = [("LANG", "C"), ("TERM", "dumb"), ("TERM_PROGRAM", "other"), ("HOME", "/root")];
        let base = Base::from_vars(vars(&[&foreign[..], &own[..]].concat()));
        let place = Place { session: "some-id".into(), pane: 7, ..Place::default() };
        let env = environment(&base, &place, &vars(&[("LANG", "de"), ("SYNK_SESSION", "forged")]));
        let get = |name: &str| env.get(OsStr::new(name)).and_then(|v| v.to_str());
        for (gone, _) in foreign {
            assert_eq!(get(gone), None, "{gone}");
        }
        assert_eq!(
            (get("LANG"), get("TERM"), get("COLORTERM"), get("TERM_PROGRAM")),
            (Some("de"), Some("xterm-256color"), Some("truecolor"), Some("synk"))
        );
        assert_eq!((get("SYNK_SESSION"), get("SYNK_PANE")), (Some("some-id"), Some("7")));
        assert_eq!((get("PATH"), get("SSH_AUTH_SOCK")), (Some(DEFAULT_PATH), None));
    }

    #[test]
    fn a_program_is_told_where_it_is() {
        let base = Base::from_vars(vars(&[("SSH_AUTH_SOCK", "/gone"), ("HOME", "/root")]));
        let place = Place {
            session: "some-id".into(),
            pane: 3,
            socket: Some("/run/synk.sock".into()),
            project: Some("/src/x".into()),
            agent: Some("/run/synk.agent".into()),
        };
        let forged = vars(&[("SYNK_SOCKET", "x"), ("SYNK_PANE", "x"), ("SSH_AUTH_SOCK", "/asked/for")]);
        let env = environment(&base, &place, &vars(&[]));
        let get = |env: &Vars, name: &str| env.get(OsStr::new(name)).and_then(|v| v.to_str()).map(str::to_owned);
        assert_eq!(get(&env, "SYNK_SOCKET").as_deref(), Some("/run/synk.sock"));
        assert_eq!(get(&env, "SYNK_PROJECT").as_deref(), Some("/src/x"));
        assert_eq!(get(&env, "SSH_AUTH_SOCK").as_deref(), Some("/run/synk.agent"));
        let env = environment(&base, &place, &forged);
        assert_eq!(
            (get(&env, "SYNK_SOCKET"), get(&env, "SYNK_PANE")),
            (Some("/run/synk.sock".into()), Some("3".into()))
        );
        assert_eq!(get(&env, "SSH_AUTH_SOCK").as_deref(), Some("/asked/for"));
    }

    #[test]
    fn without_shell_and_home_there_is_still_one() {
        for bad in ["", "relative", "/does/not/exist", "/etc/passwd", "/bin"] {
            let base = Base::from_vars(vars(&[("SHELL", bad), ("HOME", "relative")]));
            assert!(is_program(&base.shell), "{bad}: {}", base.shell.display());
            assert!(base.home.is_absolute());
        }
    }

    #[test]
    fn names_and_values_that_the_system_cannot_carry_are_told() {
        let ok = |n: &str, v: &str| is_valid(n.as_ref(), v.as_ref());
        assert!(ok("A", "=b"));
        assert!(!ok("", "b") && !ok("A=", "b") && !ok("A\0", "b") && !ok("A", "\0"));
    }
}
