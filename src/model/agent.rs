//! The kinds of program a pane can be started with: agents, and the plain shell.

use crate::base::Rgb;

/// One kind of agent as `agents.ron` describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentKind {
    /// The key in files and on the API: `claude`, `gemini`, `codex`, `shell`.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// The command, looked up on PATH; `$SHELL` stands for the user's shell.
    pub command: String,
    pub args: Vec<String>,
    pub badge: Badge,
}

/// The mark of an agent in its pane's header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Badge {
    /// One to three characters.
    pub text: String,
    pub color: Rgb,
}

/// The id of the plain shell, which is always offered.
pub const SHELL: &str = "shell";
