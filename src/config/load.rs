//! All settings at once: what holds, what has no effect, what was refused.

use std::path::{Path, PathBuf};

use super::agents_file::{AgentsFile, builtin_agents};
use super::dirs::ConfigDirs;
use super::error::{ConfigError, FileError, Problem, Warning};
use super::keymap_file::KeymapFile;
use super::read;
use super::settings::{BUILTIN_THEME, Settings, SettingsFile};
use super::theme_file::ThemeFile;
use crate::model::agent::AgentKind;
use crate::model::{Keymap, Theme};

/// What the files say. [`Loaded::default`] is what holds without any.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    pub settings: Settings,
    pub keymap: Keymap,
    pub theme: Theme,
    pub agents: Vec<AgentKind>,
    /// What has no effect, in the files that were taken.
    pub warnings: Vec<Warning>,
    /// The files that were refused; for each of them what was in force before still is.
    pub errors: Vec<ConfigError>,
}

impl Default for Loaded {
    fn default() -> Self {
        Self {
            settings: Settings::default(),
            keymap: Keymap::default(),
            theme: Theme::default(),
            agents: builtin_agents(),
            warnings: Vec::new(),
            errors: Vec::new(),
        }
    }
}

/// Reads all files; a missing one is as good as an empty one. Never fails: what is refused is in [`Loaded::errors`].
pub fn load(dirs: &ConfigDirs) -> Loaded {
    let mut loaded = Loaded::default();
    loaded.reload(dirs);
    loaded
}

/// As [`load`] where the environment says; without a home directory the defaults hold and the error says so.
pub fn load_from_env() -> Loaded {
    match ConfigDirs::from_env() {
        Ok(dirs) => load(&dirs),
        Err(error) => Loaded { errors: vec![error], ..Loaded::default() },
    }
}

/// The settings alone, where the environment says; what is refused there is told by [`load_from_env`].
pub fn settings_from_env() -> Settings {
    let file = ConfigDirs::from_env().ok().and_then(|dirs| read::read_file(&dirs.settings(), &mut Vec::new()).ok()?);
    file.map(SettingsFile::settings).unwrap_or_default()
}

impl Loaded {
    /// Reads all files again. A file that is refused leaves its part as it is now: the last good state.
    pub fn reload(&mut self, dirs: &ConfigDirs) {
        self.warnings.clear();
        self.errors.clear();
        self.take(&dirs.settings(), |now: &mut Self, file: Option<SettingsFile>| {
            now.settings = file.map(SettingsFile::settings).unwrap_or_default();
            Ok(())
        });
        self.take(&dirs.keymap(), |now, file: Option<KeymapFile>| {
            now.keymap = file.map(KeymapFile::keymap).unwrap_or_default();
            Ok(())
        });
        self.take(&dirs.agents(), |now, file: Option<AgentsFile>| {
            let mut kinds = builtin_agents();
            file.unwrap_or_default().over(&mut kinds).map_err(|id| format!("the agent {id:?} names no command"))?;
            now.agents = kinds;
            Ok(())
        });
        let theme = theme_path(dirs, &self.settings.theme);
        self.take(&theme, |now, file: Option<ThemeFile>| match file {
            None if now.settings.theme != BUILTIN_THEME => {
                Err(format!("there is no such theme; {BUILTIN_THEME} is built in"))
            }
            file => {
                now.theme = file.unwrap_or_default().theme();
                Ok(())
            }
        });
    }

    /// Reads one file and hands it on; whichever of the two refuses it, the error is kept.
    fn take<T: serde::de::DeserializeOwned>(
        &mut self,
        path: &Path,
        apply: impl FnOnce(&mut Self, Option<T>) -> Result<(), String>,
    ) {
        let mut warnings = Vec::new();
        let refuse = |why| FileError { path: path.to_owned(), at: None, problem: Problem::Content(why) };
        let done = read::read_file(path, &mut warnings).and_then(|file| apply(self, file).map_err(refuse));
        match done {
            Ok(()) => self.warnings.append(&mut warnings),
            Err(error) => self.errors.push(error.into()),
        }
    }
}

fn theme_path(dirs: &ConfigDirs, name: &str) -> PathBuf {
    dirs.themes().join(format!("{name}.ron"))
}

#[cfg(test)]
#[path = "load_tests.rs"]
mod tests;
