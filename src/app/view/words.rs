//! How things are written in the window: paths, chords, status.

use crate::model::board::{SessionInfo, SessionState};
use crate::model::key::{Key, Mods};
use crate::model::{Chord, SessionKind};

/// A path with the user's home as `~`.
pub fn path(path: &str, home: Option<&str>) -> String {
    let home = home.map(|h| h.trim_end_matches('/')).filter(|h| !h.is_empty());
    match home.and_then(|home| path.strip_prefix(home)) {
        Some("") => "~".to_owned(),
        Some(rest) if rest.starts_with('/') => format!("~{rest}"),
        _ => path.to_owned(),
    }
}

/// A chord as keyboards are labelled: `Ctrl+Shift+T`.
pub fn chord_name(chord: Chord) -> String {
    let mods = [(Mods::CTRL, "Ctrl"), (Mods::ALT, "Alt"), (Mods::SHIFT, "Shift"), (Mods::SUPER, "Super")];
    let mut parts: Vec<String> =
        mods.into_iter().filter(|(bit, _)| chord.mods.has(*bit)).map(|(_, name)| name.to_owned()).collect();
    parts.push(match chord.key {
        Key::Char(c) => c.to_uppercase().collect(),
        Key::Named(key) => named(key.name()),
        Key::Unknown => "?".to_owned(),
    });
    parts.join("+")
}

fn named(name: &str) -> String {
    match name {
        "pageup" => "PageUp".into(),
        "pagedown" => "PageDown".into(),
        "left" => "←".into(),
        "right" => "→".into(),
        "up" => "↑".into(),
        "down" => "↓".into(),
        _ => {
            let mut chars = name.chars();
            chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
        }
    }
}

/// What a header says about a session whose link is lost or whose program has not been started since it was restored, and nothing for others.
pub fn lost(info: &SessionInfo) -> Option<&'static str> {
    let waits = || match info.kind {
        SessionKind::Serial(_) => "disconnected",
        SessionKind::Ssh(_) => "disconnected - Enter reconnects",
        SessionKind::Local => "restored - Enter starts it",
        SessionKind::Remote(_) => "not connected",
    };
    info.disconnected.then(waits)
}

/// What a header says about a session that has ended, and nothing for others.
pub fn ended(info: &SessionInfo) -> Option<String> {
    (info.state == SessionState::Stopped).then(|| match info.exit_code {
        Some(code) => format!("exited {code}"),
        None => "exited".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{SessionId, SessionNo};
    use crate::model::session_kind::SshTarget;

    #[test]
    fn home_is_a_tilde_only_where_it_is_home() {
        let home = Some("/home/u");
        let table = [("/home/u", "~"), ("/home/u/src", "~/src"), ("/home/user", "/home/user"), ("/", "/"), ("", "")];
        for (from, to) in table {
            assert_eq!(path(from, home), to);
        }
        assert_eq!(path("/root/x", Some("/root/")), "~/x");
        assert_eq!(path("/x", Some("/")), "/x");
    }

    #[test]
    fn a_lost_link_is_told_with_what_brings_it_back() {
        let mut info = SessionInfo::new(SessionId::new(), SessionNo(1), "box-1");
        info.kind = SessionKind::Ssh(SshTarget { host: "box".into(), ..SshTarget::default() });
        assert_eq!(lost(&info), None);
        info.disconnected = true;
        assert_eq!(lost(&info), Some("disconnected - Enter reconnects"));
        info.kind = SessionKind::Local;
        assert_eq!(lost(&info), Some("restored - Enter starts it"));
    }

    #[test]
    fn chords_read_like_keyboards() {
        let name = |text: &str| chord_name(text.parse().unwrap());
        assert_eq!(name("ctrl+shift+t"), "Ctrl+Shift+T");
        assert_eq!(name("shift+pageup"), "Shift+PageUp");
        assert_eq!(name("ctrl+shift+left"), "Ctrl+Shift+←");
        assert_eq!(name("ctrl+plus"), "Ctrl++");
        assert_eq!(name("f5"), "F5");
    }
}
