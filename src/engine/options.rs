//! What an engine is told when it is made.

use crate::model::Theme;

/// The settings of one engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineOptions {
    /// Most lines of text kept above the screen; the oldest go first.
    pub history_lines: usize,
    /// Most bytes they may take; the oldest go first.
    pub history_bytes: usize,
    /// The colours that programs are told when they ask.
    pub theme: Theme,
    /// This machine's name: a working directory (OSC 7) is believed only if it names this host, `localhost` or none.
    pub host: String,
}

impl Default for EngineOptions {
    /// 50,000 lines, 16 MiB, synk's own theme, no host name.
    fn default() -> Self {
        Self { history_lines: 50_000, history_bytes: 16 * 1024 * 1024, theme: Theme::default(), host: String::new() }
    }
}
