//! Templates: a workspace with its panes as a person writes it down, for `synk up FILE`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;
use serde::de::{Deserializer, Error};

use super::error::{FileError, Problem, Warning};
use super::layout_file::{self, SplitFile};
use super::read;
use super::saved::{SavedPane, SavedSession};
use super::saved_file::{self, RemoteFile};
use crate::model::Layout;
use crate::model::agent::SHELL;

/// What a template says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// The workspace's name.
    pub name: String,
    /// Its panes; their directories are as the file has them, empty where it has none.
    pub session: SavedSession,
    pub warnings: Vec<Warning>,
}

/// The shape of a template.
#[derive(Debug, Deserialize)]
#[serde(rename = "Workspace", deny_unknown_fields)]
struct TemplateFile {
    name: String,
    #[serde(default, deserialize_with = "layout_file::split")]
    layout: Option<SplitFile>,
    #[serde(deserialize_with = "panes")]
    panes: Vec<PaneFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PaneFile {
    #[serde(default)]
    name: String,
    #[serde(default = "shell")]
    agent: String,
    /// A program and its arguments.
    #[serde(default, deserialize_with = "saved_file::command")]
    command: Option<Vec<String>>,
    #[serde(default)]
    cwd: String,
    #[serde(default)]
    env: BTreeMap<String, String>,
    #[serde(default)]
    remote: Option<RemoteFile>,
}

impl PaneFile {
    /// It says of a session of another machine what only a program of here has.
    fn is_twofold(&self) -> bool {
        let said = self.command.is_some() || !self.cwd.is_empty() || !self.env.is_empty() || self.agent != SHELL;
        self.remote.is_some() && said
    }
}

fn shell() -> String {
    SHELL.to_owned()
}

fn panes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<PaneFile>, D::Error> {
    let panes: Vec<PaneFile> = saved_file::panes(deserializer)?;
    let mut names = BTreeSet::new();
    let mut named = panes.iter().map(|pane| &pane.name).filter(|name| !name.is_empty());
    match named.find(|name| !names.insert(*name)) {
        Some(twice) => {
            Err(D::Error::custom(format_args!("two panes are named {twice:?}: sessions have names of their own")))
        }
        None => Ok(panes),
    }
}

/// Reads a template.
///
/// # Errors
/// There is no such file; it is broken, with line and column.
pub fn load(path: &Path) -> Result<Template, FileError> {
    let refuse = |at, problem| FileError { path: path.to_owned(), at, problem };
    let Some(text) = read::read_text(path)? else {
        return Err(refuse(None, Problem::Io("there is no such file".into())));
    };
    let parsed = read::parse::<TemplateFile>(&text).map_err(|(at, problem)| refuse(Some(at), problem))?;
    let TemplateFile { name, layout, panes } = parsed.value;
    if let Some(at) = panes.iter().position(PaneFile::is_twofold) {
        let why =
            format!("pane {}: what another machine's session runs is not said here, so remote stands alone", at + 1);
        return Err(refuse(None, Problem::Content(why)));
    }
    let pane = |pane: PaneFile| {
        let PaneFile { name, agent, command, cwd, env, remote } = pane;
        let remote = remote.map(|RemoteFile(remote)| remote);
        SavedPane { name, agent, cwd, title: String::new(), command, env, remote }
    };
    let panes = panes.into_iter().map(pane).collect();
    let session = match layout {
        None => SavedSession { layout: Layout::default(), panes },
        Some(split) => {
            let (tree, panes) = split.arrange(panes).map_err(|why| refuse(None, Problem::Content(why)))?;
            SavedSession { layout: Layout::Split(tree), panes }
        }
    };
    let warning = |(at, text)| Warning { path: path.to_owned(), at, text };
    Ok(Template { name, session, warnings: parsed.unknown.into_iter().map(warning).collect() })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn read(text: &str) -> Result<Template, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.ron");
        fs::write(&path, text).unwrap();
        load(&path).map_err(|e| e.to_string().replace(&format!("{}:", path.display()), ""))
    }

    #[test]
    fn panes_come_in_the_order_of_the_layout() {
        let text = r#"Workspace(
            name: "w",
            layout: Rows([
                (of: Pane(2), weight: 3),
                (of: Columns([(of: Pane(3)), (of: Pane(1))])),
            ]),
            panes: [(name: "a", agent: "claude"), (name: "b", command: ["make", "run"], env: {"PORT": "80"}), (cwd: "~/x")],
            colour: "red",
        )"#;
        let template = read(text).unwrap();
        let names: Vec<_> = template.session.panes.iter().map(|pane| pane.name.as_str()).collect();
        assert_eq!(names, ["b", "", "a"]);
        let Layout::Split(tree) = &template.session.layout else { panic!() };
        assert_eq!((tree.panes(), template.session.panes[0].env["PORT"].as_str()), (3, "80"));
        assert_eq!(
            (template.session.panes[1].agent.as_str(), template.session.panes[1].cwd.as_str()),
            ("shell", "~/x")
        );
        assert!(template.warnings.len() == 1 && template.warnings[0].text.contains("colour"));
        let far = read(r#"(name: "w", panes: [(remote: (host: "box", user: "me", session: "dev"))])"#).unwrap();
        let remote = far.session.panes[0].remote.as_ref().unwrap();
        assert_eq!((remote.machine.to_string().as_str(), remote.session.as_str()), ("me@box", "dev"));
        assert_eq!(read(r#"(name: "w", panes: [()])"#).unwrap().session.layout, Layout::default());
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (text, said) in [
            ("(name: \"w\", panes: [])", "1 to 12, not of 0"),
            ("(name: \"w\",\n panes: [(command: [])])", "2:"),
            ("(name: \"w\",\n panes: [(name: \"a\"), (name: \"a\")])", "two panes are named \"a\""),
            ("(name: \"w\",\n layout: Columns([(of: Pane(1))]), panes: [()])", "at least two parts"),
            ("(name: \"w\",\n layout: Columns([(of: Pane(1)), (of: Pane(3))]), panes: [(), ()])", "2 is missing"),
            ("(name: \"w\",\n layout: Columns([(of: Pane(1)), (of: Pane(2))]), panes: [()])", "panes has 1"),
            ("(name: \"w\",\n layout: Columns([(of: Pane(0)), (of: Pane(1))]), panes: [(), ()])", "from 1 on"),
            ("(name: \"w\",\n layout: Columns([(of: Pane(1), weight: 0), (of: Pane(2))]), panes: [(), ()])", "weights"),
            ("(name: \"w\",\n panes: [(remote: (host: \"-x\", session: \"a\"))])", "2:"),
            ("(panes: [()])", "name is missing"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(said), "{text}: {error}");
            assert!(error.trim().starts_with(|c: char| c.is_ascii_digit()) || said == "panes has 1", "{error}");
        }
        let both = read(r#"(name: "w", panes: [(), (remote: (host: "box", session: "dev"), cwd: "/")])"#).unwrap_err();
        assert!(both.contains("pane 2") && both.contains("remote stands alone"), "{both}");
        assert!(load(Path::new("/nowhere/t.ron")).unwrap_err().to_string().contains("no such file"));
    }
}
