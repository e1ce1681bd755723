//! Saved sessions: a window's grid as `sessions/NAME.ron`, to be opened with fresh programs in the same places.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::error::{ConfigError, FileError, Problem, Warning};
use super::saved_file::{FORMAT, FormatOf, SessionFile, WrittenFile};
use super::{read, write};
use crate::model::Layout;
use crate::model::session_kind::RemoteSession;

/// What a saved session holds: the panes in the order of their places, and how the window is divided among them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SavedSession {
    pub layout: Layout,
    /// 1 to [`crate::model::grid_layout::MAX_PANES`].
    pub panes: Vec<SavedPane>,
}

/// One pane of a saved session.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SavedPane {
    /// The session's name.
    pub name: String,
    /// The agent kind's id; [`crate::model::agent::SHELL`] for a plain shell.
    pub agent: String,
    /// The working directory.
    pub cwd: String,
    /// What the program called itself; to be recognised by, until the fresh one says its own.
    pub title: String,
    /// Program and arguments, where one was given in place of the agent's own command.
    pub command: Option<Vec<String>>,
    /// Variables for its program; a saved window has none.
    pub env: BTreeMap<String, String>,
    /// The session of another machine's host whose place it is: then it has no program of its own.
    pub remote: Option<RemoteSession>,
}

/// A saved session that was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    pub session: SavedSession,
    /// A newer synk wrote it and this one may not understand all of it: it must not be saved over, and [`save`] does
    /// not.
    pub read_only: bool,
    pub warnings: Vec<Warning>,
}

/// Saves a session under a name, in place of what this or an older synk saved there.
///
/// # Errors
/// A name that cannot be one; a session without panes or with too many; a file of that name that cannot be read or that
/// a newer synk wrote, which both stay as they are; the system's errors.
pub fn save(dir: &Path, name: &str, session: &SavedSession) -> Result<PathBuf, ConfigError> {
    let path = path_of(dir, name)?;
    let refuse = |problem| FileError { path: path.clone(), at: None, problem };
    if let Some(found) = open(&path)?.map(|(format, _)| format).filter(|&format| format > FORMAT) {
        return Err(refuse(Problem::Newer { found, known: FORMAT }).into());
    }
    let text = read::to_text(&WrittenFile::from(session)).map_err(|why| refuse(Problem::Content(why)))?;
    // What could not be opened again must not be saved: the caller's mistake is told now, not at the next start.
    let parsed = read::parse::<SessionFile>(&text).map_err(|(_, problem)| refuse(problem))?;
    SessionFile::session(parsed.value).map_err(|why| refuse(Problem::Content(why)))?;
    write::replace(&path, &text).map_err(|e| refuse(Problem::Io(format!("cannot be written: {e}"))))?;
    Ok(path)
}

/// Opens a saved session.
///
/// # Errors
/// A name that cannot be one or that nothing is saved under; a broken file, with line and column.
pub fn load(dir: &Path, name: &str) -> Result<Opened, ConfigError> {
    let path = path_of(dir, name)?;
    let opened = open(&path)?.map(|(_, opened)| opened);
    opened.ok_or_else(|| ConfigError::NoSuchSession { name: name.into(), known: list(dir) })
}

/// The names of all saved sessions, sorted; those of broken files too, so that nobody thinks them gone.
pub fn list(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let name_of = |file: String| file.strip_suffix(".ron").filter(|n| bad_name(n).is_none()).map(str::to_owned);
    let mut names: Vec<String> = entries.filter_map(|e| e.file_name().into_string().ok()).filter_map(name_of).collect();
    names.sort();
    names
}

/// Why a text cannot be the name of a saved session; `None` when it can.
pub(super) fn bad_name(name: &str) -> Option<&'static str> {
    if name.trim().is_empty() {
        Some("it has to have a character that shows")
    } else if name.trim() != name {
        Some("it must not begin or end with a blank")
    } else if name.contains('/') {
        Some("it must not hold a /")
    } else if name.starts_with(['.', '-']) {
        Some("it must not begin with . or -")
    } else if name.chars().any(char::is_control) {
        Some("it must not hold control characters")
    } else if name.chars().count() > 64 || name.len() > 240 {
        // Names of files end at 255 bytes (NAME_MAX).
        Some("it must have 64 characters at most")
    } else {
        None
    }
}

fn path_of(dir: &Path, name: &str) -> Result<PathBuf, ConfigError> {
    match bad_name(name) {
        Some(why) => Err(ConfigError::BadName { name: name.into(), why }),
        None => Ok(dir.join(format!("{name}.ron"))),
    }
}

fn format_of(path: &Path, text: &str) -> Result<u32, FileError> {
    let parsed = read::parse::<FormatOf>(text);
    let (at, problem) = match parsed {
        Ok(parsed) if parsed.value.format >= 1 => return Ok(parsed.value.format),
        Ok(_) => (None, Problem::Content("format must be 1 or more".into())),
        Err((at, problem)) => (Some(at), problem),
    };
    Err(FileError { path: path.to_owned(), at, problem })
}

/// The file's format and what it says, `None` when there is no such file.
fn open(path: &Path) -> Result<Option<(u32, Opened)>, FileError> {
    let Some(text) = read::read_text(path)? else { return Ok(None) };
    let format = format_of(path, &text)?;
    let parsed = read::parse::<SessionFile>(&text).map_err(|(at, problem)| {
        let problem = if format > FORMAT { Problem::Newer { found: format, known: FORMAT } } else { problem };
        FileError { path: path.to_owned(), at: Some(at), problem }
    })?;
    let warning = |(at, text)| Warning { path: path.to_owned(), at, text };
    let warnings = parsed.unknown.into_iter().map(warning).collect();
    let session = SessionFile::session(parsed.value);
    let session =
        session.map_err(|why| FileError { path: path.to_owned(), at: None, problem: Problem::Content(why) })?;
    Ok(Some((format, Opened { session, read_only: format > FORMAT, warnings })))
}

#[cfg(test)]
#[path = "saved_tests.rs"]
mod tests;
