//! `synk clients`: who is connected to the host.

use super::fail::Fail;
use super::table::{ago, table};
use super::verb::Context;
use crate::base::unix_ms;
use crate::client::{Absent, read_result};
use crate::protocol::methods::{Client, ClientList, Empty, ListClients, ListSessions};
use crate::protocol::shapes::Session;

pub fn run(cx: &Context) -> Result<(), Fail> {
    let mut control = cx.control(Absent::Fail)?;
    // People know sessions by their names.
    let mut list =
        || read_result::<ListSessions>(cx.ask_twice::<ListSessions>(&mut control, &Empty {})?).map_err(Fail::from);
    let sessions = if cx.json { Vec::new() } else { list()?.sessions };
    cx.call::<ListClients>(&mut control, &Empty {}, |list| words(list, &sessions, unix_ms())).map(drop)
}

const HEAD: [&str; 6] = ["NO", "CLIENT", "PID", "CONNECTED", "WORKSPACE", "SESSIONS"];

fn words(list: &ClientList, sessions: &[Session], now_ms: u64) -> String {
    table(HEAD, &list.clients.iter().map(|c| columns(c, sessions, now_ms)).collect::<Vec<_>>())
}

fn columns(c: &Client, sessions: &[Session], now_ms: u64) -> [String; HEAD.len()] {
    let name = |id: &String| sessions.iter().find(|s| s.session_id == *id).map_or(id.clone(), |s| s.name.clone());
    let or_none = |text: Option<String>| text.filter(|t| !t.is_empty()).unwrap_or_else(|| "-".into());
    [
        c.client_id.to_string(),
        or_none(Some(c.client.clone())),
        or_none(c.pid.map(|pid| pid.to_string())),
        ago(c.connected_at, now_ms),
        or_none(c.workspace.clone()),
        or_none(Some(c.sessions.iter().map(name).collect::<Vec<_>>().join(", "))),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_has_its_row() {
        let json =
            r#"{"clients":[{"client_id":4,"client":"ter\u001bm","pid":77,"connected_at":1000,"sessions":["a","b"]}]}"#;
        let session = r#"{"session_id":"a","no":1,"name":"dev","state":"Running","cols":80,"rows":24}"#;
        let session = serde_json::from_str(session).unwrap();
        let text = words(&serde_json::from_str(json).unwrap(), &[session], 7_201_000);
        let row: Vec<_> = text.lines().last().unwrap().split("  ").map(str::trim).filter(|c| !c.is_empty()).collect();
        assert_eq!(row, ["4", "ter\u{fffd}m", "77", "2 h ago", "-", "dev, b"]);
    }
}
