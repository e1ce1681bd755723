//! What a window is started with, and why one may not start.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use crate::client::Connector;
use crate::config::Settings;
use crate::model::agent::AgentKind;
use crate::model::session_kind::SshTarget;
use crate::model::{Keymap, Theme};

/// How another machine's host is reached.
pub type Dial = Box<dyn Fn(&SshTarget) -> Connector>;

/// Everything a window needs to know from its starter.
pub struct AppOptions {
    /// How to reach the host.
    pub connector: Connector,
    /// How to reach those of other machines.
    pub dial: Dial,
    pub start: Start,
    pub settings: Settings,
    pub keymap: Keymap,
    pub theme: Theme,
    /// The agent kinds that can be started: badges of all are known, those in `offered` are in the list.
    pub agents: Vec<AgentKind>,
    /// The ids of the agents whose command was found.
    pub offered: Vec<String>,
    /// Where saved sessions lie; none where there is no place for them.
    pub sessions_dir: Option<PathBuf>,
    /// The name to save under; that of the saved session which was opened, or the workspace's.
    pub saved_name: String,
    /// The host goes on when the window closes, so that sessions can keep running.
    pub host_stays: bool,
    /// What the user should be told when the window opens: files that were refused, say.
    pub notices: Vec<String>,
    /// The user's home, shown as `~`.
    pub home: Option<PathBuf>,
    /// The machine whose sessions are shown, if it is not this one.
    pub machine: Option<String>,
}

/// Which grid the window shows and what it starts in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    pub workspace: String,
    /// The workspace and its sessions end with the window.
    pub private: bool,
    /// Started in the first pane once the window is connected.
    pub command: Option<Command>,
}

/// A program for the first pane.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Command {
    /// The program and its arguments.
    pub argv: Vec<String>,
    pub cwd: Option<PathBuf>,
    pub env: BTreeMap<String, String>,
}

/// Why a window cannot be shown. Each is one sentence for people.
#[derive(Debug)]
pub enum AppError {
    /// There is no display to show it on.
    NoDisplay(String),
    /// There is a display and it makes no window.
    NoWindow(String),
    /// Nothing can draw into the window.
    NoGraphics(String),
}

impl fmt::Display for AppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoDisplay(why) => write!(
                f,
                "there is no display to open a window on (neither WAYLAND_DISPLAY nor DISPLAY leads to one): {why}"
            ),
            Self::NoWindow(why) => write!(f, "the display made no window: {why}"),
            Self::NoGraphics(why) => write!(f, "nothing can draw into the window: {why}"),
        }
    }
}

impl std::error::Error for AppError {}
