//! What one check found, in words for people and as JSON.

use serde_json::{Value, json};

use crate::base::harmless;

/// How it stands with something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Ok,
    /// synk works, but something may not be as it could.
    Warning,
    /// Something does not work.
    Failed,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "failed",
        }
    }
}

/// What was looked at, what was found, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    pub name: &'static str,
    pub state: State,
    pub found: String,
    pub advice: Option<String>,
}

impl Check {
    pub fn ok(name: &'static str, found: impl Into<String>) -> Self {
        Self { name, state: State::Ok, found: found.into(), advice: None }
    }

    pub fn warning(name: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { name, state: State::Warning, found: found.into(), advice: Some(advice.into()) }
    }

    pub fn failed(name: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { name, state: State::Failed, found: found.into(), advice: Some(advice.into()) }
    }

    /// A line, and one below it for what to do.
    pub fn words(&self) -> String {
        let line = format!("{:<8} {:<12} {}\n", self.state.name(), self.name, harmless(&self.found));
        let advice = self.advice.iter().map(|advice| format!("{:22}{}\n", "", harmless(advice)));
        std::iter::once(line).chain(advice).collect()
    }

    pub fn as_json(&self) -> Value {
        json!({ "name": self.name, "state": self.state.name(), "found": self.found, "advice": self.advice })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_says_what_it_found_and_what_to_do() {
        assert_eq!(Check::ok("host", "runs").words(), "ok       host         runs\n");
        let text = Check::failed("socket", "bad\u{1b}", "mend it").words();
        assert_eq!(text, "failed   socket       bad\u{fffd}\n                      mend it\n");
        assert_eq!(Check::ok("x", "y").as_json(), json!({"name": "x", "state": "ok", "found": "y", "advice": null}));
    }
}
