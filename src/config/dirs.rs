//! Where the files are.

use std::ffi::OsString;
use std::path::PathBuf;

use super::error::ConfigError;
use super::settings::Settings;

/// The directory of synk's files and what lies where in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigDirs {
    root: PathBuf,
}

impl ConfigDirs {
    /// The files under `$XDG_CONFIG_HOME/synk`, else under `$HOME/.config/synk`.
    ///
    /// # Errors
    /// [`ConfigError::NoHome`] when neither variable holds an absolute path.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::from_vars(|name| std::env::var_os(name))
    }

    /// As [`ConfigDirs::from_env`] with the variables given.
    ///
    /// # Errors
    /// As [`ConfigDirs::from_env`].
    pub fn from_vars(var: impl Fn(&str) -> Option<OsString>) -> Result<Self, ConfigError> {
        let absolute = |name: &str| var(name).map(PathBuf::from).filter(|p| p.is_absolute());
        let config = absolute("XDG_CONFIG_HOME").or_else(|| absolute("HOME").map(|home| home.join(".config")));
        Ok(Self::at(config.ok_or(ConfigError::NoHome)?.join("synk")))
    }

    /// The files in this very directory.
    pub fn at(root: PathBuf) -> Self {
        Self { root }
    }

    pub fn settings(&self) -> PathBuf {
        self.root.join("synk.ron")
    }

    pub fn keymap(&self) -> PathBuf {
        self.root.join("keymap.ron")
    }

    pub fn agents(&self) -> PathBuf {
        self.root.join("agents.ron")
    }

    /// The directory of themes, one file each.
    pub fn themes(&self) -> PathBuf {
        self.root.join("themes")
    }

    /// The directory of saved sessions, one file each.
    pub fn sessions(&self) -> PathBuf {
        self.root.join("sessions")
    }
}

/// Where the host's database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabasePath {
    pub path: PathBuf,
    /// The directory is synk's own; that of a path that was chosen holds other things too.
    pub own_dir: bool,
}

/// The host's database: where `SYNK_DATABASE` says, else the settings, else `$XDG_DATA_HOME/synk/sessions.db`, else that
/// under `$HOME/.local/share`.
///
/// # Errors
/// [`ConfigError::NoHome`] when nothing of this is an absolute path.
pub fn database(settings: &Settings, var: impl Fn(&str) -> Option<OsString>) -> Result<DatabasePath, ConfigError> {
    let absolute = |name: &str| var(name).map(PathBuf::from).filter(|p| p.is_absolute());
    if let Some(path) = absolute("SYNK_DATABASE").or_else(|| settings.database_path.clone()) {
        return Ok(DatabasePath { path, own_dir: false });
    }
    let data = absolute("XDG_DATA_HOME").or_else(|| absolute("HOME").map(|home| home.join(".local/share")));
    Ok(DatabasePath { path: data.ok_or(ConfigError::NoHome)?.join("synk/sessions.db"), own_dir: true })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn the_database_is_where_the_nearest_word_says() {
        let vars = |pairs: &'static [(&str, &str)]| {
            move |name: &str| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| OsString::from(v))
        };
        let set = Settings { database_path: Some("/set.db".into()), ..Settings::default() };
        let all = &[("SYNK_DATABASE", "/env.db"), ("HOME", "/home/u")];
        let at = |path: &str, own_dir| Ok(DatabasePath { path: path.into(), own_dir });
        assert_eq!(database(&set, vars(all)), at("/env.db", false));
        assert_eq!(database(&set, vars(&[("SYNK_DATABASE", "relative")])), at("/set.db", false));
        let usual = |vars| database(&Settings::default(), vars);
        assert_eq!(usual(vars(&[("HOME", "/home/u")])), at("/home/u/.local/share/synk/sessions.db", true));
        assert_eq!(usual(vars(&[("XDG_DATA_HOME", "/d"), ("HOME", "/h")])), at("/d/synk/sessions.db", true));
        assert_eq!(database(&Settings::default(), vars(&[])), Err(ConfigError::NoHome));
    }

    fn dirs(vars: &[(&str, &str)]) -> Result<ConfigDirs, ConfigError> {
        ConfigDirs::from_vars(|name| vars.iter().find(|(n, _)| *n == name).map(|(_, v)| OsString::from(v)))
    }

    #[test]
    fn xdg_comes_before_home() {
        let d = dirs(&[("XDG_CONFIG_HOME", "/cfg"), ("HOME", "/home/u")]).unwrap();
        assert_eq!(d.settings(), Path::new("/cfg/synk/synk.ron"));
        let d = dirs(&[("XDG_CONFIG_HOME", ""), ("HOME", "/home/u")]).unwrap();
        assert_eq!(d.sessions(), Path::new("/home/u/.config/synk/sessions"));
    }

    #[test]
    fn without_a_home_there_is_a_clear_word() {
        for vars in [&[][..], &[("HOME", "")], &[("HOME", "relative")]] {
            let error = dirs(vars).unwrap_err();
            assert_eq!(error, ConfigError::NoHome);
            assert!(error.to_string().contains("set HOME"), "{error}");
        }
    }
}
