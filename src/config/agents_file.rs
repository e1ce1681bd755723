//! `agents.ron`: the built-in kinds of agent, the user's over them, and which of them this machine has.

use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde::Deserialize;

use super::read;
use super::values::{HexColor, Pairs, Shown};
use crate::base::Rgb;
use crate::model::agent::{AgentKind, Badge, SHELL};

/// The kinds that synk knows by itself.
const BUILTIN: &str = include_str!("../../assets/agents.ron");

/// The shape of `agents.ron`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename = "Agents", deny_unknown_fields, default)]
pub(super) struct AgentsFile {
    agents: Pairs<AgentId, AgentFile>,
}

/// One kind: what is missing stays as it was, or is made from the id where the kind is new.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct AgentFile {
    name: Option<Shown>,
    command: Option<Shown>,
    args: Option<Vec<Argument>>,
    badge: Option<BadgeFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BadgeFile {
    text: BadgeText,
    color: HexColor,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "String")]
struct AgentId(String);

impl TryFrom<String> for AgentId {
    type Error = String;

    fn try_from(id: String) -> Result<Self, String> {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
        if !id.is_empty() && id.len() <= 32 && id.chars().all(fits) {
            Ok(Self(id))
        } else {
            Err(format!("an agent's id has 1 to 32 small letters, digits, - and _, not {id:?}"))
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
struct BadgeText(String);

impl TryFrom<String> for BadgeText {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if (1..=3).contains(&text.chars().count()) && !text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            Ok(Self(text))
        } else {
            Err(format!("a badge has one to three characters, not {text:?}"))
        }
    }
}

/// One argument of a command: anything that the system can hand to a program.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
struct Argument(String);

impl TryFrom<String> for Argument {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.contains('\0') { Err("an argument cannot hold the character NUL") } else { Ok(Self(text)) }
    }
}

impl AgentsFile {
    /// Lays this file over the kinds there are: known ones change, new ones go before the shell, which stays last.
    ///
    /// # Errors
    /// The id of a new kind that names no command.
    pub(super) fn over(self, kinds: &mut Vec<AgentKind>) -> Result<(), String> {
        let mut out = kinds.clone();
        for (AgentId(id), file) in self.agents.0 {
            let at = match out.iter().position(|k| k.id == id) {
                Some(at) => at,
                None if file.command.is_none() => return Err(id),
                None => {
                    let at = out.iter().position(|k| k.id == SHELL).unwrap_or(out.len());
                    out.insert(at, fresh(id));
                    at
                }
            };
            file.apply(&mut out[at]);
        }
        *kinds = out;
        Ok(())
    }
}

/// A kind of which nothing but the id is known.
fn fresh(id: String) -> AgentKind {
    let text = id.chars().take(2).collect::<String>().to_uppercase();
    let badge = Badge { text, color: Rgb::from_u32(0x88_88_88) };
    AgentKind { name: id.clone(), command: String::new(), args: Vec::new(), badge, id }
}

impl AgentFile {
    fn apply(self, kind: &mut AgentKind) {
        if let Some(name) = self.name {
            kind.name = name.0;
        }
        if let Some(command) = self.command {
            kind.command = command.0;
        }
        if let Some(args) = self.args {
            kind.args = args.into_iter().map(|a| a.0).collect();
        }
        if let Some(badge) = self.badge {
            kind.badge = Badge { text: badge.text.0, color: badge.color.0 };
        }
    }
}

/// The kinds of agent that synk knows by itself, the shell last.
pub fn builtin_agents() -> Vec<AgentKind> {
    let mut kinds = Vec::new();
    // A test holds the built-in file valid; without it there would still be the shell.
    if let Ok(parsed) = read::parse::<AgentsFile>(BUILTIN) {
        let _ = parsed.value.over(&mut kinds);
    }
    if kinds.iter().all(|k| k.id != SHELL) {
        kinds.push(AgentKind { command: "$SHELL".into(), ..fresh(SHELL.into()) });
    }
    kinds
}

/// The kinds whose command this machine has, in their order; the shell always. `path` is the value of `PATH`.
pub fn offered<'a>(agents: &'a [AgentKind], path: Option<&OsStr>) -> Vec<&'a AgentKind> {
    agents.iter().filter(|kind| kind.id == SHELL || on_path(&kind.command, path)).collect()
}

fn on_path(command: &str, path: Option<&OsStr>) -> bool {
    if command == "$SHELL" {
        return true;
    }
    if command.contains('/') {
        return is_program(Path::new(command));
    }
    // An empty entry of PATH means the working directory, which is the host's and not the user's: left out.
    path.is_some_and(|path| std::env::split_paths(path).any(|dir| dir.is_absolute() && is_program(&dir.join(command))))
}

fn is_program(path: &Path) -> bool {
    path.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_file_is_whole() {
        let parsed = read::parse::<AgentsFile>(BUILTIN).unwrap_or_else(|e| panic!("{e:?}"));
        assert!(parsed.unknown.is_empty(), "{:?}", parsed.unknown);
        let kinds = builtin_agents();
        let ids: Vec<_> = kinds.iter().map(|k| (k.id.as_str(), k.command.as_str())).collect();
        assert_eq!(ids, [("claude", "claude"), ("gemini", "gemini"), ("codex", "codex"), ("shell", "$SHELL")]);
    }

    #[test]
    fn an_agent_is_offered_when_its_command_can_be_run() {
        let dir = tempfile::tempdir().unwrap();
        let kinds = builtin_agents();
        let names = |path: Option<&OsStr>| offered(&kinds, path).iter().map(|k| k.id.clone()).collect::<Vec<_>>();
        assert_eq!(names(None), ["shell"]);
        std::fs::write(dir.path().join("codex"), "#!/bin/sh\n").unwrap();
        std::fs::create_dir(dir.path().join("claude")).unwrap();
        let path = std::env::join_paths([Path::new("/nonexistent"), dir.path()]).unwrap();
        assert_eq!(names(Some(&path)), ["shell"], "a file that is not executable, a directory");
        std::fs::set_permissions(dir.path().join("codex"), PermissionsExt::from_mode(0o755)).unwrap();
        assert_eq!(names(Some(&path)), ["codex", "shell"]);
    }

    #[test]
    fn the_users_file_changes_fields_and_adds_kinds() {
        let over = |text: &str| {
            let mut kinds = builtin_agents();
            let file = read::parse::<AgentsFile>(text).map_err(|(at, p)| format!("{at} {p}"))?.value;
            file.over(&mut kinds).map(|()| kinds)
        };
        let text = r##"(agents: {"claude": (args: ["-c"]), "aider": (command: "aider"), "shell": (name: "sh")})"##;
        let kinds = over(text).unwrap();
        let ids: Vec<_> = kinds.iter().map(|k| k.id.as_str()).collect();
        assert_eq!(ids, ["claude", "gemini", "codex", "aider", "shell"]);
        assert_eq!((kinds[0].command.as_str(), &kinds[0].args[..]), ("claude", &["-c".to_owned()][..]));
        assert_eq!(
            (kinds[3].name.as_str(), kinds[3].badge.text.as_str(), kinds[4].name.as_str()),
            ("aider", "AI", "sh")
        );
        assert_eq!(over(r#"(agents: {"aider": (name: "x")})"#), Err("aider".into()));
        for bad in [
            r##"(agents: {"a": (command: "")})"##,
            r##"(agents: {"a/b": (command: "x")})"##,
            r##"(agents: {"a": (command: "x", badge: (text: "four", color: "#123456"))})"##,
            r##"(agents: {"a": (command: "x", badge: (text: "f", color: "red"))})"##,
            r##"(agents: {"a": (command: "x"), "a": (command: "y")})"##,
        ] {
            assert!(over(bad).is_err(), "{bad}");
        }
    }
}
