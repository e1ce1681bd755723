//! Which session a verb is about: `-t` as people write it becomes what the API takes.

use clap::Args;

use super::fail::{Fail, NO_TARGET};

/// How sessions are named on the command line, for the documents.
pub const TARGETS: &[(&str, &str)] = &[
    ("`dev`", "the session with this name"),
    ("`3`, `%3`", "the session with this number, unless one is called `3`"),
    ("`67e55044-10b1-426f-9247-bb680e5fe0c8`", "the session with this UUID"),
    ("`.`, or no `-t`", "inside a pane: the pane's own session, which `SYNK_SESSION` names; an error elsewhere"),
];

#[derive(Debug, Default, Args)]
pub struct TargetArgs {
    /// Name, number or UUID of a session; inside a pane its own if left out
    #[arg(short = 't', long = "target", value_name = "SESSION")]
    pub target: Option<String>,
}

impl TargetArgs {
    /// What the API takes for it.
    ///
    /// # Errors
    /// None is named, and this is not the inside of a pane.
    pub fn session(&self) -> Result<String, Fail> {
        session(self.target.as_deref().unwrap_or("."))
    }
}

/// What the API takes for a session as it is named on the command line.
///
/// # Errors
/// As [`TargetArgs::session`].
pub fn session(named: &str) -> Result<String, Fail> {
    let own = std::env::var("SYNK_SESSION").ok();
    resolve(named, own.as_deref())
}

fn resolve(named: &str, own: Option<&str>) -> Result<String, Fail> {
    if named == "." {
        let own = own.filter(|own| !own.is_empty()).map(str::to_owned);
        return own
            .ok_or_else(|| Fail::new(NO_TARGET, "which session? Say -t SESSION: this is not the inside of a pane"));
    }
    let number = named.strip_prefix('%').filter(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    Ok(number.unwrap_or(named).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_pass_and_numbers_lose_their_sign() {
        for (named, taken) in [("dev", "dev"), ("%7", "7"), ("7", "7"), ("%", "%"), ("%x", "%x"), ("../x", "../x")] {
            assert_eq!(resolve(named, Some("own")).as_deref(), Ok(taken));
        }
    }

    #[test]
    fn a_dot_is_the_panes_own_session() {
        assert_eq!(resolve(".", Some("67e5")).as_deref(), Ok("67e5"));
        for own in [None, Some("")] {
            let fail = resolve(".", own).unwrap_err();
            assert!(fail.code == NO_TARGET && fail.message.contains("-t"), "{fail:?}");
        }
    }
}
