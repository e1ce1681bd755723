//! `synk ls`: the sessions as a table for people, or the API's result as it is.

use super::fail::Fail;
use super::verb::control;
use crate::protocol::methods::{Empty, ListSessions, SessionList};
use crate::protocol::shapes::Session;

pub fn run(json: bool) -> Result<(), Fail> {
    let list = control()?.call::<ListSessions>(&Empty {}).map_err(Fail::failed)?;
    if json {
        println!("{}", serde_json::to_string(&list).map_err(Fail::failed)?);
    } else {
        print!("{}", table(&list));
    }
    Ok(())
}

const HEAD: [&str; 7] = ["NO", "NAME", "STATE", "AGENT", "PID", "DIRECTORY", "TITLE"];

fn table(list: &SessionList) -> String {
    if list.sessions.is_empty() {
        return "no sessions\n".into();
    }
    let rows: Vec<[String; HEAD.len()]> = list.sessions.iter().map(columns).collect();
    let mut widths = HEAD.map(str::len);
    for row in &rows {
        for (width, text) in widths.iter_mut().zip(row) {
            *width = (*width).max(text.chars().count());
        }
    }
    let line = |cells: [&str; HEAD.len()]| {
        let cells: Vec<_> = cells.iter().zip(widths).map(|(text, width)| format!("{text:width$}")).collect();
        format!("{}\n", cells.join("  ").trim_end())
    };
    let body = rows.iter().map(|row| line(row.each_ref().map(String::as_str)));
    std::iter::once(line(HEAD)).chain(body).collect()
}

fn columns(s: &Session) -> [String; HEAD.len()] {
    let state = match s.exit_code {
        Some(code) => format!("exited {code}"),
        None => s.state.clone(),
    };
    let pid = s.pid.map_or_else(|| "-".into(), |pid| pid.to_string());
    [s.no.to_string(), harmless(&s.name), state, harmless(&s.agent), pid, harmless(&s.cwd), harmless(&s.title)]
}

/// Text that a program chose, without what a terminal would obey.
fn harmless(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_a_program_wrote_reaches_the_terminal_unescaped() {
        let json = r#"{"id":"x","no":3,"name":"dev","state":"stopped","cols":80,"rows":24,"exit_code":1,
            "agent":"shell","title":"evil\u001b[2J\u009b","cwd":"/a\nb"}"#;
        let list = SessionList { sessions: vec![serde_json::from_str(json).unwrap()] };
        let text = table(&list);
        assert_eq!(text.lines().count(), 2, "{text}");
        assert!(text.contains("exited 1") && !text.contains('\u{1b}') && !text.contains('\u{9b}'), "{text:?}");
    }

    #[test]
    fn no_sessions_say_so() {
        assert_eq!(table(&SessionList { sessions: Vec::new() }), "no sessions\n");
    }
}
