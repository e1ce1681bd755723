//! What methods that look at screens take and give.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScreenSource {
    /// What the screen shows.
    #[default]
    Screen,
    /// The history and the screen below it, from `start` to `end`.
    History,
    /// What the last command wrote, where the shell marks commands (OSC 133).
    LastCommand,
}

/// In which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScreenFormat {
    /// Plain text, a line a row, trailing blanks removed.
    #[default]
    Text,
    /// Text with SGR sequences for colours and attributes.
    Ansi,
    /// Runs of cells with their style.
    Cells,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReadScreenParams {
    pub session_id: String,
    #[serde(default)]
    pub source: ScreenSource,
    #[serde(default)]
    pub format: ScreenFormat,
    /// First row: 0 is the screen's first, -1 the one above it. All of the history if it is missing. Only for `history`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<i64>,
    /// Last row, counted in the same way; the screen's last if it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<i64>,
    /// Rows that the terminal wrapped become one line again.
    #[serde(default)]
    pub join: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReadScreenResult {
    pub session_id: String,
    pub cols: u16,
    pub rows: u16,
    /// The cursor's column and row on the screen, from 0.
    pub cursor: (u16, u16),
    /// None while the program hides it.
    pub cursor_shape: Option<CursorShape>,
    /// The program draws on the alternate screen.
    pub alternate: bool,
    pub title: String,
    /// How many rows of history lie above the screen.
    pub history_rows: u64,
    /// The text, for `text` and `ansi`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The rows, for `cells`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cells: Option<Vec<Vec<CellRun>>>,
    /// There is more than the 10,000 rows and 1 MiB that a reply may have: these are the last rows.
    #[serde(default)]
    pub truncated: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CursorShape {
    Block,
    Underline,
    Bar,
}

/// Cells of one style, side by side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CellRun {
    pub text: String,
    /// How many columns they take.
    pub width: u16,
    /// `default`, a palette index such as `4`, or `#rrggbb`.
    pub fg: String,
    pub bg: String,
    /// Such as `bold`, `italic`, `underline`, `strike`, `dim`, `reverse`, `hidden`; underlines also `double_underline`,
    /// `curly_underline`, `dotted_underline`, `dashed_underline`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attrs: Vec<String>,
    /// Where it links to (OSC 8).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SearchParams {
    pub session_id: String,
    /// What to search for, in any case of letters unless there is a capital in it; 1,000 bytes at most.
    pub text: String,
    /// It is a regular expression (syntax of the Rust crate regex), which matches within a line of text.
    #[serde(default)]
    pub regex: bool,
    /// From where to go on: `next` of the search before. From the newest text on if it is missing, or the oldest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<SearchPlace>,
    /// From old to new; from new to old if it is missing.
    #[serde(default)]
    pub down: bool,
    /// Most matches of one reply, 1,000 at the utmost; 100 if it is missing.
    #[serde(default = "usual_limit")]
    pub limit: u16,
}

fn usual_limit() -> u16 {
    100
}

/// A place in the text. It holds while output goes on, until the text is wrapped anew or another screen shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SearchPlace {
    pub epoch: u32,
    pub row: u64,
    pub column: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SearchResult {
    pub session_id: String,
    /// In the order of the search.
    pub matches: Vec<SearchMatch>,
    /// From where to go on; missing when everything was searched. A reply may have it without any match: one call
    /// searches some 20,000 rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<SearchPlace>,
}

/// Something that was found; rows are counted as `read_screen` counts them, columns from 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SearchMatch {
    /// Where it begins: 0 is the screen's first row, -1 the one above it.
    pub row: i64,
    pub column: u16,
    /// Where its last cell is.
    pub end_row: i64,
    pub end_column: u16,
    /// What matched; of more than 1,000 bytes the beginning.
    pub matched: String,
    /// The line of text that it is part of, wrapped rows joined; of a long one the surroundings.
    pub line: String,
}

/// The condition waited for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WaitUntil {
    /// The program has ended.
    Exit,
    /// The shell shows its prompt: by its marks (OSC 133), else by the look of the cursor's row.
    Prompt,
    /// This text is on the screen; rows that wrap are one line.
    Text(String),
    /// This regular expression (syntax of the Rust crate regex) matches a line of the screen: rows that wrap are one.
    Regex(String),
    /// Nothing was written by the program, nor to it, for so many milliseconds.
    QuietMs(u64),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WaitForParams {
    pub session_id: String,
    pub until: WaitUntil,
    /// Milliseconds until error 1004; no end if it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WaitResult {
    /// What matched, for `text` and `regex`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matched: Option<String>,
    /// How the program ended, if it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
}
