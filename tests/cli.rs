//! The program as a user's shell sees it: real processes, a real host, its own directories.

#[path = "support/user.rs"]
mod user;

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;
use user::{User, stderr};

/// Waits for a condition; the limit is only there so that a failure ends.
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let limit = Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(Instant::now() < limit, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn alive(pid: &Value) -> bool {
    Path::new(&format!("/proc/{pid}")).exists()
}

#[test]
fn a_host_is_started_asked_and_stopped() {
    let user = User::new();
    assert_eq!(user.synk(&["daemon", "status"]).status.code(), Some(3));
    assert_eq!(user.synk(&["ls"]).status.code(), Some(3));
    assert!(user.ok(&["daemon", "start"]).contains("started"));
    assert!(user.ok(&["daemon", "start"]).contains("runs already"));
    let status: Value = serde_json::from_str(&user.ok(&["daemon", "status", "--json"])).unwrap();
    let pid = &status["pid"];
    let title = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap();
    assert_eq!(title, b"synk\0daemon\0", "the title that ps shows");
    assert_eq!(std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap(), "synk daemon\n");
    user.ok(&["daemon", "stop", "--yes"]);
    until("the host is gone", || !alive(pid));
    assert!(!user.path("run/synk/synk.sock").exists());
}

#[test]
fn twenty_at_once_make_one_host_and_one_first_shell() {
    let user = User::new();
    let starts: Vec<_> =
        (0..20).map(|_| user.synk_command(&["daemon", "start"]).stdout(Stdio::null()).spawn().unwrap()).collect();
    for mut start in starts {
        assert!(start.wait().unwrap().success());
    }
    // What a window asks first, from twenty of them.
    let open = r#"{"id":1,"method":"open_workspace","params":{"workspace":"default"}}"#;
    std::thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(|| assert!(user.request(open)["result"].is_object()));
        }
    });
    assert_eq!(user.sessions().len(), 1);
    let runtime = user.path("run").into_os_string().into_string().unwrap();
    let processes = |title: &[u8]| {
        let all = std::fs::read_dir("/proc").unwrap().flatten().filter(|process| {
            let read = |name: &str| std::fs::read(process.path().join(name)).unwrap_or_default();
            read("cmdline") == title && String::from_utf8_lossy(&read("environ")).contains(&runtime)
        });
        all.count()
    };
    assert_eq!(processes(b"synk\0daemon\0"), 1);
    until("the keepers that came too late are gone", || processes(b"synk\0keeper\0") == 1);
}

#[test]
fn sessions_are_listed_and_killed() {
    let user = User::new();
    user.ok(&["daemon", "start"]);
    for name in ["one", "two"] {
        let line = format!(r#"{{"id":1,"method":"create_session","params":{{"name":"{name}"}}}}"#);
        assert!(user.request(&line)["result"]["session_id"].is_string());
    }
    assert!(user.ok(&["ls"]).contains("one"));
    let sessions = user.sessions();
    assert_eq!(sessions.iter().map(|s| s["name"].as_str().unwrap()).collect::<Vec<_>>(), ["one", "two"]);
    let pid = &sessions[0]["pid"];
    assert!(alive(pid) && sessions[0]["exit_code"].is_null());
    user.ok(&["kill", "one"]);
    until("the shell has ended", || !alive(pid));
    until("the session is off the list", || user.sessions().len() == 1);
    let missing = user.synk(&["kill", "nobody", "two"]);
    assert_eq!(missing.status.code(), Some(4), "{}", stderr(&missing));
    assert!(stderr(&missing).contains("nobody"));
    until("the others are killed all the same", || user.sessions().is_empty());
}

#[test]
fn stopping_with_sessions_wants_to_be_told() {
    let user = User::new();
    user.ok(&["daemon", "start"]);
    user.request(r#"{"id":1,"method":"create_session"}"#);
    let out = user.synk(&["daemon", "stop"]);
    assert_eq!(out.status.code(), Some(1));
    assert!(stderr(&out).contains("--yes"), "{}", stderr(&out));
    assert_eq!(user.sessions().len(), 1);
}

#[test]
fn without_a_display_there_is_one_clear_sentence() {
    let user = User::new();
    let out = user.synk(&[]);
    let said = stderr(&out);
    assert_eq!((out.status.code(), said.lines().count()), (Some(1), 1), "{said}");
    assert!(said.contains("display") && !said.contains("panic"), "{said}");
}

#[test]
fn without_a_home_the_sentence_names_the_variable() {
    let user = User::new();
    let out = user.synk_command(&["ls"]).env_remove("HOME").env_remove("XDG_RUNTIME_DIR").output().unwrap();
    assert_eq!(out.status.code(), Some(1));
    assert!(stderr(&out).contains("HOME"), "{}", stderr(&out));
}

#[test]
fn a_runtime_directory_that_cannot_be_used_is_named() {
    let user = User::new();
    std::fs::write(user.path("run/synk"), "in the way").unwrap();
    let out = user.synk(&["daemon", "start"]);
    assert_eq!(out.status.code(), Some(1));
    assert!(stderr(&out).contains("run/synk"), "{}", stderr(&out));
}

#[test]
fn a_saved_session_that_is_broken_or_missing_is_named_and_kept() {
    let user = User::new();
    let dir = user.path("home/.config/synk/sessions");
    std::fs::create_dir_all(&dir).unwrap();
    let half = "(\n  version: 1,\n  panes: [\n";
    std::fs::write(dir.join("dev.ron"), half).unwrap();
    let out = user.synk(&["open", "dev"]);
    let said = stderr(&out);
    assert_eq!(out.status.code(), Some(1));
    assert!(said.contains("dev.ron:") && said.contains("4:"), "file, line and column are named: {said}");
    assert_eq!(std::fs::read_to_string(dir.join("dev.ron")).unwrap(), half);
    let out = user.synk(&["open", "nothing"]);
    assert!(stderr(&out).contains("nothing"), "{}", stderr(&out));
    assert_eq!(user.synk(&["open", "../x"]).status.code(), Some(1));
}

#[test]
fn a_picture_is_drawn_without_a_display() {
    let user = User::new();
    user.ok(&["daemon", "start"]);
    let line =
        r#"{"id":1,"method":"create_session","params":{"workspace":"default","command":["echo","in the picture"]}}"#;
    user.request(line);
    let file = user.path("shot.png");
    user.ok(&["shot", "--size", "640x400", "--out", file.to_str().unwrap()]);
    let decoder = png::Decoder::new(std::io::BufReader::new(std::fs::File::open(&file).unwrap()));
    let mut reader = decoder.read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    assert_eq!((info.width, info.height), (640, 400));
    let colours: std::collections::HashSet<_> = pixels.chunks(info.color_type.samples()).collect();
    assert!(colours.len() > 20, "text is anti-aliased, a blank picture is not: {} colours", colours.len());
}

#[test]
fn a_socket_on_the_command_line_is_another_host() {
    let user = User::new();
    let socket = user.path("run/other.sock");
    let socket = socket.to_str().unwrap();
    user.ok(&["daemon", "start"]);
    let made = user.ok(&["-S", socket, "new", "-d", "-s", "there"]);
    assert_eq!(made, "there\n");
    assert!(user.sessions().is_empty());
    assert!(user.ok(&["ls", "--socket", socket]).contains("there"));
    assert!(user.synk_command(&["ls"]).env("SYNK_SOCKET", socket).output().unwrap().stdout.starts_with(b"NO"));
    // In front of the command; behind it, -S is the command's own.
    assert_eq!(user.synk(&["ls", "-S", socket]).status.code(), Some(2));
    user.ok(&["-S", socket, "daemon", "stop", "--yes"]);
    assert_eq!(user.synk(&["-S", socket, "ls"]).status.code(), Some(3));
}

#[test]
fn help_is_there_for_every_verb() {
    let user = User::new();
    for verb in [&["open"][..], &["ls"], &["kill"], &["daemon"], &["daemon", "start"], &["daemon", "stop"], &["shot"]] {
        let text = user.ok(&[verb, &["--help"]].concat());
        assert!(text.contains("Usage: synk"), "{text}");
    }
    assert_eq!(user.synk(&["frobnicate"]).status.code(), Some(2));
}
