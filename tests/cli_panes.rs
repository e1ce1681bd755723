//! Verbs that type into sessions, look at them and wait for them, as a user's shell runs them, against a real host.

#[path = "support/user.rs"]
mod user;

use std::process::Output;

use serde_json::{Value, json};
use user::{User, stderr};

/// A session that shows every byte it is sent, control characters as `^X`, and takes pastes in brackets.
fn echo(user: &User, name: &str) {
    let script = "stty raw -echo; printf '\\033[?2004hready:'; exec cat -v";
    user.ok(&["new", "-d", "-s", name, "--", "sh", "-c", script]);
    shows(user, name, "ready:");
}

/// A session that runs a script and is there when it is done.
fn script(user: &User, name: &str, script: &str) {
    user.ok(&["new", "-d", "-s", name, "--", "sh", "-c", &format!("{script}; printf over; exec cat")]);
    shows(user, name, "over");
}

/// Waits until a session shows a text.
fn shows(user: &User, name: &str, text: &str) {
    let out = user.synk(&["wait", "-t", name, "--text", text, "--timeout", "60"]);
    assert!(out.status.success(), "{text:?}: {}; it shows\n{}", stderr(&out), user.ok(&["capture", "-t", name]));
}

fn done(out: &Output) {
    assert!(out.status.success() && out.stdout.is_empty(), "{}", stderr(out));
}

#[test]
fn text_is_typed_as_it_is() {
    let user = User::new();
    echo(&user, "dev");
    assert_eq!(user.ok(&["send", "-t", "dev", "two", "words"]), "");
    shows(&user, "dev", "ready:two words");
    user.ok(&["send", "-t", "dev", "--enter", "-", "x"]);
    shows(&user, "dev", "two words- x^M");
    done(&user.pipe(b"\xff\0\x03\x1b[200~\n", &["send", "-t", "dev", "-"]));
    shows(&user, "dev", "x^MM-^?^@^C^[[200~");
    assert_eq!(user.json(&["send", "-t", "dev", "--", "-n"]), json!({}));
    shows(&user, "dev", "-n");
    let much = user.pipe(&vec![b'x'; 1 << 20], &["send", "-t", "dev", "-"]);
    assert!(much.status.code() == Some(1) && stderr(&much).contains("KiB"), "{}", stderr(&much));
    user.fails(2, &["send", "-t", "dev"]);
}

#[test]
fn keys_are_pressed_by_their_names_or_none_of_them() {
    let user = User::new();
    echo(&user, "dev");
    user.ok(&["send-keys", "-t", "dev", "ctrl+c", "C-d", "x", "Up", "F5", "alt+x", "enter", "-"]);
    shows(&user, "dev", "ready:^C^Dx^[[A^[[15~^[x^M-");
    let said = user.fails(2, &["send-keys", "-t", "dev", "y", "echo hi", "Enter"]);
    assert!(said.contains("keys[1]") && said.contains("synk send"), "{said}");
    user.ok(&["send-keys", "-t", "dev", "z"]);
    shows(&user, "dev", "^M-z");
}

#[test]
fn pastes_stand_in_brackets_and_prompts_end_with_enter() {
    let user = User::new();
    echo(&user, "dev");
    done(&user.pipe("a\nb\u{1b}[201~".as_bytes(), &["paste", "-t", "dev", "-"]));
    shows(&user, "dev", "ready:^[[200~a^Mb[201~^[[201~");
    done(&user.pipe(b"one\ntwo\n", &["prompt", "-t", "dev", "-"]));
    shows(&user, "dev", "^[[200~one");
    shows(&user, "dev", "two^[[201~^M");
    let not_text = user.pipe(b"\xff", &["paste", "-t", "dev", "-"]);
    assert!(not_text.status.code() == Some(1) && stderr(&not_text).contains("UTF-8"), "{}", stderr(&not_text));
}

#[test]
fn a_broadcast_says_for_each_session_how_it_went() {
    let user = User::new();
    for name in ["a", "b", "c"] {
        echo(&user, name);
    }
    assert_eq!(user.ok(&["broadcast", "--except", "b", "--enter", "all"]), "a: ok\nc: ok\n");
    shows(&user, "a", "ready:all^M");
    shows(&user, "c", "ready:all^M");
    user.ok(&["new", "-d", "-s", "over", "--", "true"]);
    user.ok(&["wait", "-t", "over", "--exit"]);
    let out = user.synk(&["broadcast", "--to", "b,over,nobody", "--prompt", "hi"]);
    assert_eq!(out.status.code(), Some(1), "{}", stderr(&out));
    let said = String::from_utf8(out.stdout).unwrap();
    let lines: Vec<_> = said.lines().collect();
    assert!(lines.len() == 3 && lines[0] == "b: ok" && lines[1].starts_with("over: "), "{said}");
    shows(&user, "b", "ready:^[[200~hi^[[201~^M");
    let result = user.json(&["broadcast", "--to", "b", "--paste", "x"]);
    assert_eq!(result["sessions"][0]["name"], "b");
    user.ok(&["new", "-d", "-s", "pane", "--workspace", "default", "--", "sh", "-c", "stty raw -echo; exec cat -v"]);
    assert_eq!(user.ok(&["broadcast", "--to", "workspace:default", "grid"]), "pane: ok\n");
    user.fails(2, &["broadcast", "--to", "workspace:nowhere", "x"]);
    user.fails(4, &["broadcast", "--except", ".", "x"]);
}

#[test]
fn a_screen_its_history_and_parts_of_them_are_printed() {
    let user = User::new();
    script(&user, "dev", "seq 100; printf '%0100d\\n' 7");
    // 100 numbers, two rows of the long line, the last row; 24 of them on the screen.
    let screen: String = (80..=100).map(|n| format!("{n}\n")).collect();
    let long = format!("{}\n{:020}\n", "0".repeat(80), 7);
    assert_eq!(user.ok(&["capture", "-t", "dev"]), format!("{screen}{long}over\n"));
    assert_eq!(user.ok(&["capture-pane", "-p", "-t", "dev"]), user.ok(&["capturep", "-t", "dev"]));
    let all: String = (1..=100).map(|n| format!("{n}\n")).collect();
    assert_eq!(user.ok(&["capture", "-t", "dev", "--history"]), format!("{all}{long}over\n"));
    assert_eq!(user.ok(&["capture", "-t", "dev", "--history", "-J"]), format!("{all}{:0100}\nover\n", 7));
    assert_eq!(user.ok(&["capture", "-t", "dev", "-S", "-2", "-E", "0"]), "78\n79\n80\n");
    assert_eq!(user.ok(&["capture", "-t", "dev", "-S", "-", "-E", "-78"]), "1\n2\n");
    assert_eq!(user.ok(&["capture", "-t", "dev", "-E", "1"]), "80\n81\n");
    let result = user.json(&["capture", "-t", "dev"]);
    assert_eq!((&result["cols"], &result["rows"], &result["history_rows"]), (&json!(80), &json!(24), &json!(79)));
}

#[test]
fn colours_are_printed_where_they_are_asked_for_and_nothing_else_is_obeyed() {
    let user = User::new();
    script(&user, "dev", "printf '\\033]0;evil\\007\\033[1;31mred\\033[m \\033[5Gx\\033[2;1Hend '");
    let plain = user.ok(&["capture", "-t", "dev"]);
    assert!(plain.starts_with("red x\nend over\n") && !plain.contains('\u{1b}'), "{plain:?}");
    let ansi = user.ok(&["capture", "-t", "dev", "--ansi"]);
    assert!(ansi.contains("31mred\u{1b}["), "{ansi:?}");
    let sgr = ansi.split("\u{1b}").skip(1).all(|part| {
        let inside = part.strip_prefix('[').and_then(|part| part.split_once('m'));
        inside.is_some_and(|(codes, _)| codes.chars().all(|c| c.is_ascii_digit() || matches!(c, ';' | ':')))
    });
    assert!(sgr, "only colours: {ansi:?}");
    let cells = user.json(&["capture", "-t", "dev", "--cells"]);
    let run = &cells["cells"][0][0];
    assert_eq!((&run["text"], &run["fg"], &run["attrs"]), (&json!("red"), &json!("1"), &json!(["bold"])));
}

#[test]
fn what_the_last_command_wrote_is_printed_where_the_shell_marks_it() {
    let user = User::new();
    script(&user, "plain", "echo no marks");
    let said = user.fails(2, &["capture", "-t", "plain", "--last-output"]);
    assert!(said.contains("OSC 133"), "{said}");
    let marks = "PS0='\\[\\e]133;C\\a\\]'; PS1='\\[\\e]133;D;$?\\a\\e]133;A\\a\\]no sign \\[\\e]133;B\\a\\]'";
    let rc = user.path("home/rc");
    std::fs::write(&rc, marks).unwrap();
    user.ok(&["new", "-d", "-s", "bash", "--", "bash", "--rcfile", rc.to_str().unwrap(), "-i"]);
    user.ok(&["wait", "-t", "bash", "--prompt"]);
    user.ok(&["send", "-t", "bash", "--enter", "seq 3 5"]);
    user.ok(&["wait", "-t", "bash", "--prompt"]);
    assert_eq!(user.ok(&["capture", "-t", "bash", "--last-output"]), "3\n4\n5\n");
}

#[test]
fn each_thing_that_can_be_waited_for_is() {
    let user = User::new();
    user.ok(&["new", "-d", "-s", "sh"]);
    assert_eq!(user.ok(&["wait", "-t", "sh", "--prompt"]), "");
    user.ok(&["send", "-t", "sh", "--enter", "echo listening on port $((8000+80)); cat"]);
    let found = user.ok(&["wait", "-t", "sh", "--match", "on port [0-9]+", "--timeout", "60"]);
    assert_eq!(found, "on port 8080\n");
    user.ok(&["wait", "-t", "sh", "--quiet", "10"]);
    let error: Value = serde_json::from_str(
        &user.fails(124, &["--json", "wait", "-t", "sh", "--text", "never written", "--timeout", "0.01"]),
    )
    .unwrap();
    assert_eq!((&error["code"], &error["exit_code"]), (&json!(1004), &json!(124)));
    user.fails(124, &["wait", "-t", "sh", "--prompt", "--timeout", "0.2"]);
    user.ok(&["send-keys", "-t", "sh", "ctrl+c"]);
    user.ok(&["wait", "-t", "sh", "--prompt", "--timeout", "60"]);
    user.ok(&["send", "-t", "sh", "--enter", "exit 7"]);
    user.fails(7, &["wait", "-t", "sh", "--exit", "--code"]);
    assert_eq!(user.json(&["wait", "-t", "sh", "--exit"])["exit_code"], 7);
    assert!(user.ok(&["ls"]).contains("exited 7"));
    let said = user.fails(1, &["wait", "-t", "sh", "--text", "never written"]);
    assert!(said.contains("ended"), "{said}");
    user.fails(4, &["wait", "-t", "nobody", "--exit"]);
    let said = user.fails(2, &["wait", "-t", "sh", "--match", "("]);
    assert!(said.contains("regular expression"), "{said}");
}

#[test]
fn a_size_is_given_and_taken_back() {
    let user = User::new();
    let script = "trap 'stty size' WINCH; printf ready; while :; do sleep 0.01; done";
    user.ok(&["new", "-d", "-s", "dev", "-x", "90", "-y", "20", "--", "sh", "-c", script]);
    shows(&user, "dev", "ready");
    let resized = user.json(&["resize", "-t", "dev", "-x", "132", "-y", "43"]);
    assert_eq!((&resized["cols"], &resized["rows"]), (&json!(132), &json!(43)));
    shows(&user, "dev", "43 132");
    user.ok(&["resize-window", "-t", "dev", "-x", "100", "-y", "30"]);
    shows(&user, "dev", "30 100");
    user.ok(&["resize", "-t", "dev", "--follow"]);
    let said = user.fails(2, &["resize", "-t", "dev", "-x", "1", "-y", "30"]);
    assert!(said.contains("cols") && said.contains("1000"), "{said}");
}

#[test]
fn inside_a_pane_verbs_are_about_the_pane() {
    let user = User::new();
    let synk = env!("CARGO_BIN_EXE_synk");
    let script =
        format!("printf 'who am I\\n'; {synk} capture > seen; {synk} rename self; {synk} wait --text done; sleep 1000");
    let home = user.path("home");
    user.ok(&["new", "-d", "-s", "pane", "-c", home.to_str().unwrap(), "--", "sh", "-c", &script]);
    user.ok(&["wait", "-t", "%1", "--text", "who am I"]);
    while user.synk(&["has", "self"]).status.code() != Some(0) {
        std::thread::yield_now();
    }
    assert_eq!(std::fs::read_to_string(home.join("seen")).unwrap().lines().next(), Some("who am I"));
    user.fails(1, &["has", "pane"]);
}
