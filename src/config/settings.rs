//! `synk.ron`: the settings and their file shape.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use serde::Deserialize;

use super::values::{DetachKeyText, Shown};
use crate::model::{Chord, Key, Mods};

/// What closing a window with live sessions does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub enum OnQuit {
    /// Ask in the window.
    #[default]
    Ask,
    /// The sessions go on without a window.
    Keep,
    /// The sessions end.
    Stop,
}

/// What is logged: this and what is worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub enum LogLevel {
    Off,
    Error,
    #[default]
    Warn,
    Info,
    Debug,
    Trace,
}

impl LogLevel {
    /// Its name in `SYNK_LOG`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

/// The settings; [`Settings::default`] is what holds without a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The family of the terminal's font; the system's monospace font where there is none.
    pub font_family: Option<String>,
    /// Pixels at scale factor 1, 6 to 96.
    pub font_size: f32,
    /// The theme's name: a file in `themes/` without `.ron`. `synk` is built in.
    pub theme: String,
    /// Whether cursors blink; programs that ask for a steady one get it anyhow.
    pub cursor_blink: bool,
    /// Most lines of history of one session, 0 to 1,000,000; the oldest go first.
    pub history_lines: u32,
    /// Most bytes of history of one session, 0 to 1 GiB; the oldest lines go first.
    pub history_bytes: u32,
    /// What closing the window does.
    pub ask_on_quit: OnQuit,
    /// The host's socket, an absolute path; `SYNK_SOCKET` goes before it. In the runtime directory where it is missing.
    pub socket_path: Option<PathBuf>,
    /// The host's database, an absolute path; `SYNK_DATABASE` goes before it. Under the user's data where it is missing.
    pub database_path: Option<PathBuf>,
    /// What is logged; `SYNK_LOG` goes before it.
    pub log_level: LogLevel,
    /// How many seconds a session stays whose program has ended and that no client is attached to; 0 is for ever.
    pub clean_up_stopped_s: u32,
    /// How many seconds one stays whose program runs and that no client is attached to; 0 is for ever.
    pub clean_up_detached_s: u32,
    /// How many seconds a session rests that no client watches until it gives up its own memory; 0 is never.
    pub hibernate_after_s: u32,
    /// How many days the database keeps a session that has ended; 0 is for ever.
    pub keep_ended_days: u32,
    /// How many seconds a change of a session may wait to be saved to the disk, up to a day; 0 saves no sessions.
    pub save_every_s: u32,
    /// How many states of a session are kept on the disk, 1 to 100: the newest that is whole comes back.
    pub saved_states: u32,
    /// Saved sessions come back when the host starts and finds nothing of them running.
    pub restore_on_start: bool,
    /// Detaches an attached terminal; pressed twice it goes to the program.
    pub detach_key: Chord,
    /// The title of an attached terminal follows the session's.
    pub attach_title: bool,
    /// What programs put into the clipboard goes to the clipboard of an attached terminal.
    pub attach_clipboard: bool,
}

/// The name of the built-in theme.
pub(super) const BUILTIN_THEME: &str = "synk";

impl Default for Settings {
    fn default() -> Self {
        Self {
            font_family: None,
            font_size: 15.0,
            theme: BUILTIN_THEME.into(),
            cursor_blink: true,
            history_lines: 50_000,
            history_bytes: 16 * 1024 * 1024,
            ask_on_quit: OnQuit::Ask,
            socket_path: None,
            database_path: None,
            log_level: LogLevel::Warn,
            clean_up_stopped_s: 60,
            clean_up_detached_s: 0,
            hibernate_after_s: 60,
            keep_ended_days: 30,
            save_every_s: 5,
            saved_states: 10,
            restore_on_start: true,
            detach_key: Chord { mods: Mods::CTRL, key: Key::Char('\\') },
            attach_title: true,
            attach_clipboard: true,
        }
    }
}

/// The shape of `synk.ron`: every field may be missing.
#[derive(Debug, Deserialize)]
#[serde(rename = "Settings", deny_unknown_fields)]
pub(super) struct SettingsFile {
    #[serde(default)]
    font_family: Option<Shown>,
    #[serde(default)]
    font_size: Option<FontSize>,
    #[serde(default)]
    theme: Option<ThemeName>,
    #[serde(default)]
    cursor_blink: Option<bool>,
    #[serde(default)]
    history_lines: Option<HistoryLines>,
    #[serde(default)]
    history_bytes: Option<HistoryBytes>,
    #[serde(default)]
    ask_on_quit: Option<OnQuit>,
    #[serde(default)]
    socket_path: Option<WholePath>,
    #[serde(default)]
    database_path: Option<WholePath>,
    #[serde(default)]
    log_level: Option<LogLevel>,
    #[serde(default)]
    clean_up_stopped_s: Option<u32>,
    #[serde(default)]
    clean_up_detached_s: Option<u32>,
    #[serde(default)]
    hibernate_after_s: Option<u32>,
    #[serde(default)]
    keep_ended_days: Option<u32>,
    #[serde(default)]
    save_every_s: Option<SaveEvery>,
    #[serde(default)]
    saved_states: Option<SavedStates>,
    #[serde(default)]
    restore_on_start: Option<bool>,
    #[serde(default)]
    detach_key: Option<DetachKeyText>,
    #[serde(default)]
    attach_title: Option<bool>,
    #[serde(default)]
    attach_clipboard: Option<bool>,
}

impl SettingsFile {
    /// The settings of this file; what it does not say is as without it.
    pub(super) fn settings(self) -> Settings {
        let default = Settings::default();
        Settings {
            font_family: self.font_family.map(|f| f.0),
            font_size: self.font_size.map_or(default.font_size, |s| s.0),
            theme: self.theme.map_or(default.theme, |t| t.0),
            cursor_blink: self.cursor_blink.unwrap_or(default.cursor_blink),
            history_lines: self.history_lines.map_or(default.history_lines, |h| h.0),
            history_bytes: self.history_bytes.map_or(default.history_bytes, |h| h.0),
            ask_on_quit: self.ask_on_quit.unwrap_or(default.ask_on_quit),
            socket_path: self.socket_path.map(|p| p.0),
            database_path: self.database_path.map(|p| p.0),
            log_level: self.log_level.unwrap_or(default.log_level),
            clean_up_stopped_s: self.clean_up_stopped_s.unwrap_or(default.clean_up_stopped_s),
            clean_up_detached_s: self.clean_up_detached_s.unwrap_or(default.clean_up_detached_s),
            hibernate_after_s: self.hibernate_after_s.unwrap_or(default.hibernate_after_s),
            keep_ended_days: self.keep_ended_days.unwrap_or(default.keep_ended_days),
            save_every_s: self.save_every_s.map_or(default.save_every_s, |s| s.0),
            saved_states: self.saved_states.map_or(default.saved_states, |s| s.0),
            restore_on_start: self.restore_on_start.unwrap_or(default.restore_on_start),
            detach_key: self.detach_key.map_or(default.detach_key, |k| k.0.0),
            attach_title: self.attach_title.unwrap_or(default.attach_title),
            attach_clipboard: self.attach_clipboard.unwrap_or(default.attach_clipboard),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(try_from = "f32")]
struct FontSize(f32);

impl TryFrom<f32> for FontSize {
    type Error = String;

    fn try_from(size: f32) -> Result<Self, String> {
        if (6.0..=96.0).contains(&size) {
            Ok(Self(size))
        } else {
            Err(format!("font_size must be from 6 to 96 pixels, not {size}"))
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(try_from = "u64")]
struct HistoryLines(u32);

impl TryFrom<u64> for HistoryLines {
    type Error = String;

    fn try_from(lines: u64) -> Result<Self, String> {
        within("history_lines", lines, 0..=1_000_000).map(Self)
    }
}

#[derive(Debug, Deserialize)]
#[serde(try_from = "u64")]
struct HistoryBytes(u32);

impl TryFrom<u64> for HistoryBytes {
    type Error = String;

    fn try_from(bytes: u64) -> Result<Self, String> {
        within("history_bytes", bytes, 0..=1 << 30).map(Self)
    }
}

#[derive(Debug, Deserialize)]
#[serde(try_from = "u64")]
struct SaveEvery(u32);

impl TryFrom<u64> for SaveEvery {
    type Error = String;

    fn try_from(seconds: u64) -> Result<Self, String> {
        within("save_every_s", seconds, 0..=24 * 60 * 60).map(Self)
    }
}

#[derive(Debug, Deserialize)]
#[serde(try_from = "u64")]
struct SavedStates(u32);

impl TryFrom<u64> for SavedStates {
    type Error = String;

    fn try_from(states: u64) -> Result<Self, String> {
        within("saved_states", states, 1..=100).map(Self)
    }
}

fn within(field: &str, value: u64, range: RangeInclusive<u32>) -> Result<u32, String> {
    let (least, most) = (range.start(), range.end());
    let small = u32::try_from(value).ok().filter(|value| range.contains(value));
    small.ok_or_else(|| format!("{field} must be from {least} to {most}, not {value}"))
}

/// What is meant must not depend on where synk was started.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
struct WholePath(PathBuf);

impl TryFrom<String> for WholePath {
    type Error = String;

    fn try_from(path: String) -> Result<Self, String> {
        let whole = PathBuf::from(&path);
        if whole.is_absolute() && whole.file_name().is_some() && !path.contains('\0') {
            Ok(Self(whole))
        } else {
            Err(format!("expected the path of a file that begins with /, not {path:?}"))
        }
    }
}

/// A theme's name is a file's name, so it must not lead elsewhere.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
struct ThemeName(String);

impl TryFrom<String> for ThemeName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        if super::saved::bad_name(&name).is_none() {
            Ok(Self(name))
        } else {
            Err(format!("theme must be the name of a file in themes/ without its .ron, not {name:?}"))
        }
    }
}
