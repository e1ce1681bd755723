//! The files under `~/.config/synk`: settings, keymap, themes, agents and saved sessions, and templates wherever they
//! lie, as values of the model.
//!
//! Laws: a file that a person edits is never written. A field that nobody knows is a warning with line and column and
//! the rest applies; a wrong type, value or syntax refuses the file with line and column and what was in force stays.
//! A saved session is written whole or not at all, and one that cannot be read is never written over. File shapes are
//! types of their own, frozen by the fixtures in `tests/wire/config`; RON is named nowhere else.

mod agents_file;
pub mod dirs;
mod error;
mod keymap_file;
mod layout_file;
mod load;
mod read;
pub mod saved;
mod saved_file;
mod settings;
pub mod template;
mod theme_file;
mod values;
mod write;

pub use agents_file::{builtin_agents, offered};
pub use dirs::{ConfigDirs, DatabasePath, database};
pub use error::{ConfigError, FileError, Position, Problem, Warning};
pub use load::{Loaded, load, load_from_env, settings_from_env};
pub use saved::{Opened, SavedPane, SavedSession};
pub use settings::{LogLevel, OnQuit, Settings};
pub use template::Template;
