//! Search through the API and by the command line, in real sessions.

mod support;
#[path = "support/user.rs"]
mod user;

use serde_json::json;
use support::api::Api;
use support::{PATIENCE, host};
use user::User;

/// 12,000 numbered lines, of which each hundredth but the first has a needle, and then a line that wraps.
const LINES: &str = "i=0; while [ $i -lt 12000 ]; do case $i in *00) echo \"$i a Needle\";; *) echo \"$i hay\";; esac; \
                     i=$((i+1)); done; printf '%070d needle in a wrapped line\\n' 1; echo done; exec cat";

fn filled(api: &mut Api, script: &str) {
    api.run("s", script);
    written(api, "\ndone");
}

fn written(api: &mut Api, text: &str) {
    let timeout_ms = PATIENCE.as_millis() as u64;
    api.call("wait_for", json!({"session_id": "s", "until": {"text": text}, "timeout_ms": timeout_ms}));
}

#[test]
fn matches_come_from_the_newest_on_and_a_search_goes_on() {
    let host = host();
    let mut api = Api::new(host.connect().unwrap());
    filled(&mut api, LINES);
    let mut params = json!({"session_id": "s", "text": "needle", "limit": 50});
    let (mut lines, mut replies) = (Vec::new(), 0);
    loop {
        let result = api.call("search_session", params.clone());
        for found in result["matches"].as_array().unwrap() {
            lines.push(found["line"].as_str().unwrap().to_owned());
            // Where it says that it stands, `read_screen` reads it.
            let rows = json!({"session_id": "s", "source": "history", "start": found["row"], "end": found["end_row"],
                              "join": true});
            let text = api.call("read_screen", rows)["text"].as_str().unwrap().to_owned();
            assert!(text.to_lowercase().contains("needle"), "{found}: {text}");
        }
        replies += 1;
        params["from"] = match result.get("next") {
            Some(next) => next.clone(),
            None => break,
        };
        // What is written meanwhile moves no place, but for where the screen begins.
        api.call("send_input", json!({"session_id": "s", "data": format!("more{replies}\r")}));
        written(&mut api, &format!("more{replies}\nmore{replies}\n"));
    }
    assert!(replies > 2, "{replies}");
    assert_eq!(lines.remove(0), format!("{:070} needle in a wrapped line", 1));
    assert_eq!(lines, (1..120).rev().map(|n| format!("{} a Needle", n * 100)).collect::<Vec<_>>());
    let down =
        api.call("search_session", json!({"session_id": "s", "text": "^1[0-9] hay$", "regex": true, "down": true}));
    let rows: Vec<_> = down["matches"].as_array().unwrap().iter().map(|m| m["matched"].as_str().unwrap()).collect();
    assert_eq!(rows, (10..20).map(|n| format!("{n} hay")).collect::<Vec<_>>());
    let exact = api.call("search_session", json!({"session_id": "s", "text": "Needle", "limit": 1000}));
    assert_eq!(exact["matches"].as_array().unwrap().len(), 119);
    let from = json!({"epoch": 77, "row": 3, "column": 0});
    let (code, field) = api.refused("search_session", json!({"session_id": "s", "text": "x", "from": from}));
    assert_eq!((code, field), (-32602, json!("from")));
}

#[test]
fn the_command_line_prints_rows_that_capture_takes() {
    let user = User::new();
    let script = "seq 3000; printf 'caf\\303\\251 \\033[31mr\\033[32med\\033[m\\n'; echo done; exec cat";
    user.ok(&["new", "-d", "-s", "s", "--", "sh", "-c", script]);
    user.ok(&["wait", "-t", "s", "--match", "^done$", "--timeout", "60"]);
    let found = user.ok(&["search", "-t", "s", "-n", "1", "--regex", "^17[0-9]7$"]);
    let (row, rest) = found.split_once(':').unwrap();
    assert_eq!(rest, "0:1797\n");
    assert_eq!(user.ok(&["capture", "-t", "s", "-S", row, "-E", row]), "1797\n");
    assert_eq!(
        user.ok(&["search", "-t", "s", "red"]).split_once(':').unwrap().1,
        "5:café red\n",
        "colours are no text"
    );
    // More than one reply has.
    assert_eq!(user.ok(&["search", "-t", "s", "--down", "-n", "2500", "-e", "^[0-9]+$"]).lines().count(), 2500);
    let result = user.json(&["search", "-t", "s", "-n", "2", "1797"]);
    assert_eq!((result["matches"][0]["matched"].as_str(), &result["next"]), (Some("1797"), &json!(null)));
    assert_eq!(user.fails(1, &["search", "-t", "s", "nothing like it"]), "");
    assert!(user.fails(2, &["search", "-t", "s", "-e", "("]).contains("regular expression"));
}
