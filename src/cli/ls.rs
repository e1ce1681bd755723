//! `synk ls`: the sessions as a table for people, or the API's result as it is.

use super::fail::Fail;
use super::far;
use super::table::{ago, table};
use super::verb::Context;
use crate::base::unix_ms;
use crate::protocol::methods::{Empty, ListSessions, SessionList};
use crate::protocol::shapes::{Session, SessionType};

pub fn run(cx: &Context) -> Result<(), Fail> {
    cx.ask::<ListSessions>(&Empty {}, |list| words(list, unix_ms())).map(drop)
}

const HEAD: [&str; 11] =
    ["NO", "NAME", "STATE", "CLIENTS", "SIZE", "CREATED", "ACTIVE", "WHAT", "PID", "DIRECTORY", "TITLE"];

fn words(list: &SessionList, now_ms: u64) -> String {
    if list.sessions.is_empty() {
        return "no sessions\n".into();
    }
    table(HEAD, &list.sessions.iter().map(|s| columns(s, now_ms)).collect::<Vec<_>>())
}

fn columns(s: &Session, now_ms: u64) -> [String; HEAD.len()] {
    let state = match s.exit_code {
        _ if matches!(s.kind, SessionType::Remote(_)) => "elsewhere".into(),
        _ if s.disconnected && s.kind.is_local() => "restored".into(),
        _ if s.disconnected => "disconnected".into(),
        Some(code) => format!("exited {code}"),
        None => s.state.to_lowercase(),
    };
    [
        s.no.to_string(),
        s.name.clone(),
        state,
        s.clients.to_string(),
        format!("{}x{}", s.cols, s.rows),
        ago(s.created_at, now_ms),
        if s.active { "now".into() } else { ago(s.last_active, now_ms) },
        far::shown(&s.kind).unwrap_or_else(|| s.agent.clone()),
        s.pid.map_or_else(|| "-".into(), |pid| pid.to_string()),
        s.cwd.clone(),
        s.title.clone(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::is_harmful;

    fn list(json: &str) -> SessionList {
        SessionList { sessions: vec![serde_json::from_str(json).unwrap()] }
    }

    #[test]
    fn nothing_a_program_wrote_reaches_the_terminal_unescaped() {
        let list = list(
            r#"{"session_id":"x","no":3,"name":"dev","state":"Stopped","cols":80,"rows":24,"exit_code":1,
            "agent":"shell","title":"evil\u001b[2J\u009b\u202e","cwd":"/a\nb"}"#,
        );
        let text = words(&list, 0);
        assert_eq!(text.lines().count(), 2, "{text}");
        assert!(text.contains("exited 1") && !text.replace('\n', "").contains(is_harmful), "{text:?}");
    }

    #[test]
    fn a_row_says_who_watches_and_since_when() {
        let list = list(
            r#"{"session_id":"x","no":3,"name":"dev","state":"Running","cols":80,"rows":24,"agent":"","clients":2,
            "created_at":1000,"last_active":61000,"type":{"Ssh":{"host":"box","user":"me"}},"pid":7,"cwd":"/"}"#,
        );
        let text = words(&list, 121_000);
        let row: Vec<_> = text.lines().last().unwrap().split("  ").map(str::trim).filter(|c| !c.is_empty()).collect();
        assert_eq!(row, ["3", "dev", "running", "2", "80x24", "2 min ago", "1 min ago", "ssh me@box", "7", "/"]);
    }

    #[test]
    fn no_sessions_say_so() {
        assert_eq!(words(&SessionList { sessions: Vec::new() }, 0), "no sessions\n");
    }
}
