//! Sessions driven through the API: real shells and programs are typed into, read and waited for, on one socket.

mod support;

use std::net::Shutdown;

use serde_json::{Value, json};
use support::{Control, Viewer, host, until};
use synk::protocol::methods::{
    BroadcastInput, BroadcastParams, CreateParams, Created, Empty, InputKind, KeysParams, ListSessions, Method, Paste,
    PasteParams, PromptParams, ReadScreen, ReadScreenParams, ReadScreenResult, ResizeParams, ResizeTerminal,
    ScreenFormat, ScreenSource, SearchSession, SendInput, SendInputParams, SendKeys, SendPrompt, WaitFor,
    WaitForParams, WaitResult, WaitUntil,
};
use synk::protocol::rpc::Error;

fn input(c: &mut Control, session: &str, data: &str) {
    let params = SendInputParams { session_id: session.into(), data: Some(data.into()), data_b64: None };
    c.call::<SendInput>(params).unwrap();
}

fn keys(c: &mut Control, session: &str, keys: &[&str]) -> Result<(), Error> {
    let keys = keys.iter().map(|k| (*k).to_owned()).collect();
    c.call::<SendKeys>(KeysParams { session_id: session.into(), keys }).map(drop)
}

fn wait(c: &mut Control, session: &str, until: WaitUntil) -> Result<WaitResult, Error> {
    c.call::<WaitFor>(WaitForParams { session_id: session.into(), until, timeout_ms: Some(60_000) })
}

fn wait_text(c: &mut Control, session: &str, text: &str) {
    let waited = wait(c, session, WaitUntil::Text(text.into()));
    waited.unwrap_or_else(|e| panic!("{text:?}: {e}; on the screen is {:?}", self::text(c, session)));
}

fn read(c: &mut Control, session: &str, source: ScreenSource, format: ScreenFormat) -> ReadScreenResult {
    let session_id = session.into();
    let params = ReadScreenParams { session_id, source, format, start: None, end: None, join: false };
    c.call::<ReadScreen>(params).unwrap()
}

fn text(c: &mut Control, session: &str) -> String {
    read(c, session, ScreenSource::Screen, ScreenFormat::Text).text.unwrap()
}

/// A session that runs a command line of its own.
fn command(c: &mut Control, name: &str, command: &[&str]) -> Created {
    let command = command.iter().map(|word| (*word).to_owned()).collect();
    c.create(CreateParams { name: Some(name.into()), command, ..CreateParams::default() }).unwrap()
}

/// A shell as a user has it, interactive, in a session of this name.
fn shell(c: &mut Control, name: &str) -> Created {
    command(c, name, &[])
}

#[test]
fn four_sessions_take_a_command_each_and_say_what_came_of_it() {
    let host = host();
    let mut c = Control::new(host.connect().unwrap());
    let names = ["one", "two", "three", "four"];
    for name in names {
        shell(&mut c, name);
        // Typed ahead of the first prompt, which is not the answer.
        input(&mut c, name, &format!("echo {name}-$((6*7)); sleep 0.2; echo end-$((6*7))\r"));
    }
    for name in names {
        wait(&mut c, name, WaitUntil::Prompt).unwrap();
        let text = text(&mut c, name);
        assert!(text.contains(&format!("{name}-42\nend-42\n$")), "{text}");
    }
}

#[test]
fn bash_says_where_its_prompt_is_and_what_its_commands_wrote() {
    let host = host();
    let mut c = Control::new(host.connect().unwrap());
    let marks = "PS0='\\[\\e]133;C\\a\\]'; PS1='\\[\\e]133;D;$?\\a\\e]133;A\\a\\]no sign \\[\\e]133;B\\a\\]'";
    let dir = tempfile::tempdir().unwrap();
    let rc = dir.path().join("rc");
    std::fs::write(&rc, marks).unwrap();
    command(&mut c, "b", &["bash", "--rcfile", rc.to_str().unwrap(), "-i"]);
    wait(&mut c, "b", WaitUntil::Prompt).unwrap();
    let error = c.call::<ReadScreen>(ReadScreenParams {
        session_id: "b".into(),
        source: ScreenSource::LastCommand,
        format: ScreenFormat::Text,
        start: None,
        end: None,
        join: false,
    });
    assert_eq!(error.unwrap_err().data.unwrap()["field"], "source");
    for (line, output) in [("sleep 0.3; echo hi", "hi\n"), ("seq 3 5", "3\n4\n5\n"), ("seq 100", "")] {
        input(&mut c, "b", &format!("{line}\r"));
        wait(&mut c, "b", WaitUntil::Prompt).unwrap();
        let read = read(&mut c, "b", ScreenSource::LastCommand, ScreenFormat::Text);
        let text = read.text.unwrap();
        if output.is_empty() {
            assert_eq!(text, (1..=100).map(|n| format!("{n}\n")).collect::<String>());
        } else {
            assert_eq!(text, output);
        }
    }
}

#[test]
fn keys_arrive_as_a_keyboard_sends_them() {
    let host = host();
    let mut c = Control::new(host.connect().unwrap());
    command(&mut c, "k", &["sh", "-c", "stty raw -echo; printf ready; exec cat -vT"]);
    wait_text(&mut c, "k", "ready");
    let all =
        ["x", "X", "C-a", "ctrl+b", "M-x", "Enter", "S-Up", "F5", "alt+shift+left", "space", "tab", "BSpace", "NPage"];
    keys(&mut c, "k", &all).unwrap();
    wait_text(&mut c, "k", "readyxX^A^B^[x^M^[[1;2A^[[15~^[[1;4D ^I^?^[[6~");
    let error = keys(&mut c, "k", &["z", "nokey"]).unwrap_err();
    assert_eq!((error.code, &error.data.unwrap()["field"]), (-32602, &json!("keys[1]")));
    let params = SendInputParams { session_id: "k".into(), data: None, data_b64: Some("/wD+".into()) };
    c.call::<SendInput>(params).unwrap();
    wait_text(&mut c, "k", "M-^?^@M-~");
    assert!(!text(&mut c, "k").contains('z'), "a call with an unknown key presses none");
}

#[test]
fn pastes_are_bracketed_and_prompts_are_followed_by_enter() {
    let host = host();
    let mut c = Control::new(host.connect().unwrap());
    command(&mut c, "p", &["sh", "-c", "stty raw -echo; printf '\\033[?2004hready'; exec cat -v"]);
    wait_text(&mut c, "p", "ready");
    c.call::<Paste>(PasteParams { session_id: "p".into(), text: "a\nb\u{1b}[201~".into() }).unwrap();
    wait_text(&mut c, "p", "^[[200~a^Mb[201~^[[201~");
    for prompt in ["one", "two"] {
        c.call::<SendPrompt>(PromptParams { session_id: "p".into(), text: prompt.into() }).unwrap();
    }
    wait_text(&mut c, "p", "^[[200~one^[[201~^M^[[200~two^[[201~^M");
}

#[test]
fn a_program_that_does_not_read_takes_so_much_and_is_busy_then() {
    let host = host();
    let mut c = Control::new(host.connect().unwrap());
    command(&mut c, "deaf", &["sh", "-c", "stty raw -echo; printf ready; exec sleep 1000"]);
    wait_text(&mut c, "deaf", "ready");
    let data = "x".repeat(64 << 10);
    let error = until("the queue is full", || {
        let params = SendInputParams { session_id: "deaf".into(), data: Some(data.clone()), data_b64: None };
        c.call::<SendInput>(params).err()
    });
    assert_eq!(error.code, -32000);
    let error = c.call::<SendPrompt>(PromptParams { session_id: "deaf".into(), text: data }).unwrap_err();
    assert_eq!(error.code, -32000);
}

#[test]
fn a_pinned_size_beats_a_window_until_it_goes() {
    let host = host();
    let mut c = Control::new(host.connect().unwrap());
    let no = shell(&mut c, "s").no;
    let mut viewer = Viewer::new(host.connect().unwrap());
    let no = viewer.watch(no);
    viewer.resize(no, 100, 30);
    viewer.until(no, "the viewer's size", |m| m.screen.size.cols() == 100);
    let mut resize = |cols, rows| c.call::<ResizeTerminal>(ResizeParams { session_id: "s".into(), cols, rows });
    let session = resize(Some(132), Some(43)).unwrap();
    assert_eq!((session.cols, session.rows), (132, 43));
    viewer.type_text(no, "stty size\n");
    viewer.until_text(no, "43 132");
    viewer.resize(no, 90, 20);
    // What comes behind it on the same connection shows that it has come.
    viewer.type_text(no, "echo be''hind\n");
    viewer.until_text(no, "behind");
    let session = resize(None, None).unwrap();
    assert_eq!((session.cols, session.rows), (90, 20));
    viewer.type_text(no, "stty size\n");
    viewer.until_text(no, "20 90");
    assert_eq!(resize(Some(1), Some(1)).unwrap_err().code, -32602);
}

#[test]
fn a_broadcast_reaches_whoever_was_chosen_and_says_who_was_not() {
    let host = host();
    let mut c = Control::new(host.connect().unwrap());
    for name in ["a", "b", "c"] {
        shell(&mut c, name);
    }
    command(&mut c, "over", &["true"]);
    until("the desk knows that it is over", || {
        let session = c.call::<ListSessions>(Empty {}).unwrap().sessions.into_iter().find(|s| s.name == "over");
        session.filter(|s| s.state == "Stopped")
    });
    let broadcast = |text: &str, kind, sessions: Option<&[&str]>, except: &[&str]| BroadcastParams {
        text: text.into(),
        kind,
        sessions: sessions.map(|all| all.iter().map(|s| (*s).to_owned()).collect()),
        workspace: None,
        except: except.iter().map(|s| (*s).to_owned()).collect(),
    };
    let sent = c.call::<BroadcastInput>(broadcast("echo al''l\r", InputKind::Input, None, &["c"])).unwrap();
    let names: Vec<_> = sent.sessions.iter().map(|s| (s.name.as_str(), s.error.is_none())).collect();
    assert_eq!(names, [("a", true), ("b", true)]);
    for name in ["a", "b"] {
        wait_text(&mut c, name, "all\n");
    }
    let some = Some(&["c", "over", "nobody", "c"][..]);
    let sent = c.call::<BroadcastInput>(broadcast("echo promp''ted", InputKind::Prompt, some, &[])).unwrap();
    let codes: Vec<_> = sent.sessions.iter().map(|s| s.error.as_ref().map(|e| e.code)).collect();
    assert_eq!(codes, [None, Some(1006), Some(1001)]);
    wait_text(&mut c, "c", "prompted\n");
    assert!(!text(&mut c, "c").contains("all"));
    let wrong = c.call::<BroadcastInput>(broadcast("x", InputKind::Input, None, &["nobody"]));
    assert_eq!(wrong.unwrap_err().code, 1001);
}

#[test]
fn screens_are_read_as_text_with_colours_and_as_cells() {
    let host = host();
    let mut c = Control::new(host.connect().unwrap());
    let script = "printf '\\033]0;a title\\007plain \\033[1;31mred\\033[m \\033]8;;http://x/\\033\\\\link\\033]8;;\\033\\\\\\n'; \
                  printf '%0100d\\n' 7; seq 50; exec cat";
    command(&mut c, "r", &["sh", "-c", script]);
    wait_text(&mut c, "r", "\n50\n");
    let screen = read(&mut c, "r", ScreenSource::Screen, ScreenFormat::Text);
    assert_eq!((screen.cols, screen.rows, screen.title.as_str()), (80, 24, "a title"));
    assert_eq!((screen.cursor, screen.alternate, screen.truncated), ((0, 23), false, false));
    assert_eq!(screen.text.unwrap(), (28..=50).map(|n| format!("{n}\n")).collect::<String>() + "\n");
    let ansi = read(&mut c, "r", ScreenSource::History, ScreenFormat::Ansi).text.unwrap();
    assert!(ansi.starts_with("plain \u{1b}[0;1;31mred\u{1b}[0m link\n"), "{ansi:?}");
    let cells = read(&mut c, "r", ScreenSource::History, ScreenFormat::Cells).cells.unwrap();
    assert_eq!(cells.len(), 54);
    let red = &cells[0][1];
    assert_eq!((red.text.as_str(), red.width, red.fg.as_str(), &red.attrs[..]), ("red", 3, "1", &["bold".into()][..]));
    assert_eq!(cells[0].last().unwrap().link.as_deref(), Some("http://x/"));
    let mut part = |start, end, join| {
        let session_id = "r".into();
        let (source, format) = (ScreenSource::History, ScreenFormat::Text);
        let params = ReadScreenParams { session_id, source, format, start, end, join };
        c.call::<ReadScreen>(params).unwrap().text.unwrap()
    };
    assert_eq!(part(Some(-2), Some(0), false), "26\n27\n28\n");
    let first = i64::try_from(screen.history_rows).unwrap();
    assert_eq!(part(Some(1 - first), Some(2 - first), false), format!("{}\n{:020}\n", "0".repeat(80), 7));
    assert_eq!(part(Some(1 - first), Some(2 - first), true), format!("{:0100}\n", 7));
}

#[test]
fn a_reply_fits_a_line_and_a_stopped_session_stays_readable() {
    let host = host();
    let mut c = Control::new(host.connect().unwrap());
    command(
        &mut c,
        "l",
        &["sh", "-c", "i=0; while [ $i -lt 9000 ]; do printf '%0200d\\n' $i; i=$((i+1)); done; exit 3"],
    );
    assert_eq!(wait(&mut c, "l", WaitUntil::Exit).unwrap().exit_code, Some(3));
    for format in [ScreenFormat::Text, ScreenFormat::Ansi, ScreenFormat::Cells] {
        let read = read(&mut c, "l", ScreenSource::History, format);
        assert!(read.truncated, "{format:?}");
        let last = match read.text {
            Some(text) => {
                assert!(text.len() > 600_000, "{}", text.len());
                text.trim_end().lines().last().unwrap().to_owned()
            }
            None => read.cells.unwrap().iter().rev().find(|row| !row.is_empty()).unwrap()[0].text.clone(),
        };
        assert!(last.ends_with("8999"), "{format:?}: {last}");
    }
    let error = keys(&mut c, "l", &["x"]).unwrap_err();
    assert_eq!((error.code, error.message.as_str()), (1006, "the session's program has ended"));
    assert_eq!(wait(&mut c, "l", WaitUntil::Text("nowhere".into())).unwrap_err().code, 1006);
    wait_text(&mut c, "l", "8999");
}

#[test]
fn waits_end_with_what_they_wait_for_or_with_the_time() {
    let host = host();
    let mut c = Control::new(host.connect().unwrap());
    let mut typing = Control::new(host.connect().unwrap());
    shell(&mut c, "w");
    wait(&mut c, "w", WaitUntil::Prompt).unwrap();
    input(&mut typing, "w", "sleep 0.2; echo version 1.2.3; sleep 0.1; echo later\r");
    let met = wait(&mut c, "w", WaitUntil::Regex(r"^version (\d+\.)+\d+$".into())).unwrap();
    assert_eq!((met.matched.as_deref(), met.exit_code), (Some("version 1.2.3"), None));
    wait(&mut c, "w", WaitUntil::QuietMs(1500)).unwrap();
    assert!(text(&mut c, "w").contains("\nlater\n"));
    let params = WaitForParams { session_id: "w".into(), until: WaitUntil::Exit, timeout_ms: Some(30) };
    assert_eq!(c.call::<WaitFor>(params).unwrap_err().code, 1004);
    // A wait holds up no other request of its connection, and ends with its session.
    c.send_line(r#"{"id":"w","method":"wait_for","params":{"session_id":"w","until":"exit"}}"#);
    c.send_line(r#"{"id":"t","method":"terminate_session","params":{"session_id":"w"}}"#);
    let mut replies: Vec<Value> = (0..2).map(|_| serde_json::from_str(&c.line().unwrap()).unwrap()).collect();
    replies.sort_by_key(|reply| reply["id"].to_string());
    assert_eq!((&replies[0]["id"], &replies[0]["result"]), (&json!("t"), &json!({})));
    assert_eq!((&replies[1]["id"], &replies[1]["error"]["code"]), (&json!("w"), &json!(1001)));
}

#[test]
fn no_more_than_so_many_wait_and_those_that_went_away_do_not_count() {
    let host = host();
    let mut c = Control::new(host.connect().unwrap());
    shell(&mut c, "w");
    let line = r#"{"id":1,"method":"wait_for","params":{"session_id":"w","until":{"text":"never written"}}}"#;
    // More than a connection may have in flight: nothing is read of it any more, its end is noticed all the same.
    let mut waiting = Control::new(host.connect().unwrap());
    (0..70).for_each(|_| waiting.send_line(line));
    let quick =
        || WaitForParams { session_id: "w".into(), until: WaitUntil::Text("never".into()), timeout_ms: Some(0) };
    until("64 wait", || (c.call::<WaitFor>(quick()).unwrap_err().code == -32000).then_some(()));
    drop(waiting);
    until("they are gone", || (c.call::<WaitFor>(quick()).unwrap_err().code == 1004).then_some(()));
}

#[test]
fn whoever_writes_no_more_still_gets_what_is_owed() {
    let host = host();
    let mut c = Control::new(host.connect().unwrap());
    shell(&mut c, "w");
    let mut other = Control::new(host.connect().unwrap());
    other.send_line(r#"{"id":1,"method":"wait_for","params":{"session_id":"w","until":{"text":"it is over"}}}"#);
    other.send_line(r#"{"id":2,"method":"get_status"}"#);
    other.socket().shutdown(Shutdown::Write).unwrap();
    let id = |line: String| serde_json::from_str::<Value>(&line).unwrap()["id"].clone();
    assert_eq!(id(other.line().unwrap()), 2);
    input(&mut c, "w", "echo it is o''ver\r");
    assert_eq!(other.line().map(id), Some(json!(1)));
    assert_eq!(other.line(), None);
}

#[test]
fn every_method_names_a_session_that_is_not_there() {
    let host = host();
    let mut c = Control::new(host.connect().unwrap());
    for (method, more) in [
        (SendInput::NAME, json!({"data": "x"})),
        (SendKeys::NAME, json!({"keys": ["x"]})),
        (Paste::NAME, json!({"text": "x"})),
        (SendPrompt::NAME, json!({"text": "x"})),
        (ResizeTerminal::NAME, json!({"cols": 80, "rows": 24})),
        (ReadScreen::NAME, json!({})),
        (SearchSession::NAME, json!({"text": "x"})),
        (WaitFor::NAME, json!({"until": "exit"})),
    ] {
        let mut params = more;
        params["session_id"] = "nobody".into();
        c.send_line(&json!({"id": 1, "method": method, "params": params}).to_string());
        let reply: Value = serde_json::from_str(&c.line().unwrap()).unwrap();
        assert_eq!(reply["error"]["code"], 1001, "{method}");
    }
}

#[test]
fn a_flood_is_waited_for() {
    let host = host();
    let mut c = Control::new(host.connect().unwrap());
    command(&mut c, "flood", &["sh", "-c", "yes | head -c 50000000; echo all-done; exec cat"]);
    wait_text(&mut c, "flood", "all-done");
}
