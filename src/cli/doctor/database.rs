//! The database of sessions: what the host says of it or, where none runs, how its file lies there.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::check::Check;
use crate::cli::table;
use crate::cli::verb::Context;
use crate::client::Absent;
use crate::config;
use crate::protocol::methods::{Database, Empty, GetStatus};

const DATABASE: &str = "database";

pub fn check(cx: &Context) -> Check {
    let status = cx.control(Absent::Fail).ok().and_then(|mut control| control.call::<GetStatus>(&Empty {}).ok());
    if let Some(status) = status {
        return told(status.database.as_ref());
    }
    match config::database(&config::settings_from_env(), |name| std::env::var_os(name)) {
        Ok(database) => lies(&database.path, fs::symlink_metadata(&database.path)),
        Err(e) => Check::warning(DATABASE, e.to_string(), "the host works without one, and forgets when it ends"),
    }
}

fn told(database: Option<&Database>) -> Check {
    let Some(Database { path, state, sessions, notice }) = database else {
        return Check::ok(DATABASE, "the host keeps none");
    };
    match (state.as_str(), notice) {
        ("ok", None) => Check::ok(DATABASE, format!("{path}, sessions in it: {}", sessions.unwrap_or_default())),
        ("ok", Some(notice)) => {
            Check::warning(DATABASE, notice, "what was in it is not in the new one; remove it or look into it")
        }
        (_, notice) => {
            let why = notice.as_deref().unwrap_or(state);
            Check::warning(DATABASE, format!("{path}: {why}"), "sessions go on without it; what they are is not kept")
        }
    }
}

fn lies(path: &Path, found: io::Result<Metadata>) -> Check {
    let shown = path.display();
    let without = "the next host works without it and keeps nothing";
    match found {
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            Check::ok(DATABASE, format!("{shown} is made when a host starts"))
        }
        Err(e) => Check::warning(DATABASE, format!("{shown}: {e}"), without),
        Ok(meta) if !meta.is_file() => Check::warning(DATABASE, format!("{shown} is no file"), without),
        Ok(meta) if meta.uid() != rustix::process::geteuid().as_raw() => {
            Check::warning(DATABASE, format!("{shown} is another user's"), without)
        }
        Ok(meta) => Check::ok(DATABASE, format!("{shown}, {}", table::bytes(meta.len()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::check::State;

    #[test]
    fn what_the_host_says_is_told() {
        let of = |state: &str, notice: Option<&str>| {
            let notice = notice.map(str::to_owned);
            told(Some(&Database { path: "/x.db".into(), state: state.into(), sessions: Some(3), notice }))
        };
        assert_eq!((told(None).state, of("ok", None).state), (State::Ok, State::Ok));
        for (state, notice) in [("ok", "was broken"), ("later", "is locked"), ("off", "a newer synk made it")] {
            let check = of(state, Some(notice));
            assert!(check.state == State::Warning && check.found.contains(notice), "{check:?}");
        }
    }

    #[test]
    fn without_a_host_the_file_is_looked_at_and_not_touched() {
        let dir = tempfile::tempdir().unwrap();
        let (path, link) = (dir.path().join("x.db"), dir.path().join("link.db"));
        let of = |path: &Path| lies(path, fs::symlink_metadata(path)).state;
        assert_eq!(of(&path), State::Ok);
        fs::write(&path, "").unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert_eq!([of(&path), of(&link), of(dir.path())], [State::Ok, State::Warning, State::Warning]);
    }
}
