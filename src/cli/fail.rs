//! How a verb fails: one clear sentence and an exit code, on the terminal or, without one, as a native message.

use std::fmt;
use std::io::IsTerminal;
use std::process::ExitCode;

/// Why a verb failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fail {
    pub code: u8,
    pub message: String,
}

/// The operation failed.
pub const FAILED: u8 = 1;
/// No host answers.
pub const NO_HOST: u8 = 3;
/// There is no such session.
pub const NO_TARGET: u8 = 4;

impl Fail {
    pub fn new(code: u8, message: impl fmt::Display) -> Self {
        Self { code, message: message.to_string() }
    }

    /// The operation failed for the reason given.
    pub fn failed(message: impl fmt::Display) -> Self {
        Self::new(FAILED, message)
    }

    /// Tells the user, and gives the exit code.
    pub fn report(&self, graphical: bool) -> ExitCode {
        eprintln!("synk: {}", self.message);
        if graphical && !has_terminal() && has_display() {
            rfd::MessageDialog::new()
                .set_level(rfd::MessageLevel::Error)
                .set_title("synk")
                .set_description(&self.message)
                .show();
        }
        ExitCode::from(self.code)
    }
}

/// Whether anybody could read what is printed: a program started from a desktop has no terminal anywhere.
fn has_terminal() -> bool {
    std::io::stderr().is_terminal() || std::io::stdin().is_terminal() || std::fs::File::open("/dev/tty").is_ok()
}

fn has_display() -> bool {
    ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some_and(|v| !v.is_empty()))
}
