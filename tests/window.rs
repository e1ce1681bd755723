//! The window as a person has it: the real program on a real X server, driven by keys and pointer.

#[path = "support/desktop.rs"]
mod desktop;
#[path = "support/process.rs"]
mod process;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use desktop::{ACCENT, Desktop, WHOLE, WINDOW, activity, until};

/// Nothing moves by itself, so that pictures can be compared.
const STEADY: &str = "Settings(cursor_blink: false)";
/// Colours of the built-in theme.
const WARNING: u32 = 0xe5_a1_3a;
const ENDED: u32 = 0xe0_6c_75;
/// The middle of a pane of a grid.
fn middle(columns: i32, rows: i32, index: i32) -> (i32, i32) {
    let (w, h) = (WINDOW.0 as i32 / columns, WINDOW.1 as i32 / rows);
    (index % columns * w + w / 2, index / columns * h + h / 2)
}

#[test]
fn twelve_shells_each_have_their_own_text_and_a_thirteenth_is_refused() {
    let desktop = Desktop::new(STEADY);
    let window = desktop.open(&[]);
    desktop.until_sessions(1);
    for n in 1..=12 {
        if n > 1 {
            window.keys(&["ctrl+shift+t"]);
        }
        let no = desktop.until_sessions(n)[n - 1].no;
        desktop.until_line(no, "$");
        // The new pane has the keyboard.
        window.line(&format!("echo mine-$(({n}+100))"));
        desktop.until_line(no, &format!("mine-{}", n + 100));
    }
    let sessions = desktop.sessions();
    let sized = |s: &synk::protocol::shapes::Session| s.cols > 20 && s.cols < 36 && s.rows > 8 && s.rows < 14;
    until("all panes have the size of a 4x3 grid", || desktop.sessions().iter().all(sized).then_some(()));

    window.keys(&["ctrl+shift+t"]);
    until("the refusal is shown", || (window.pixels().count(WHOLE, ENDED) > 10).then_some(()));
    assert_eq!(desktop.sessions().len(), 12);

    window.pointer(middle(4, 3, 5), &["click", "1"]);
    window.line("echo clicked-$((3*5))");
    desktop.until_line(sessions[5].no, "clicked-15");

    window.keys(&["ctrl+b"]);
    until("the compose line is open", || (window.pixels().count(WHOLE, WARNING) > 3000).then_some(()));
    window.type_text("echo all-$((40+2))");
    assert!(!desktop.text(sessions[3].no).contains("all-"), "nothing is sent before Enter");
    window.keys(&["Return"]);
    for session in &sessions {
        desktop.until_line(session.no, "all-42");
    }
    // Disarmed: what is typed now goes to one pane again.
    window.line("echo one-$((1+1))");
    desktop.until_line(sessions[5].no, "one-2");
    assert!(!desktop.text(sessions[4].no).contains("one-"));
}

#[test]
fn focus_zoom_and_dividers() {
    let desktop = Desktop::new(STEADY);
    let window = desktop.open(&[]);
    desktop.until_sessions(1);
    window.keys(&["ctrl+shift+t"]);
    let sessions = desktop.until_sessions(2);
    let (left, right) = (sessions[0].no, sessions[1].no);
    desktop.until_line(left, "$");
    desktop.until_line(right, "$");
    let cols = |no: u32| desktop.sessions().iter().find(|s| s.no == no).unwrap().cols;
    let half = until("both panes have half of the window", || {
        let (a, b) = (cols(left), cols(right));
        (a.abs_diff(b) <= 1 && a < 70).then_some(a)
    });

    window.keys(&["ctrl+shift+Left"]);
    window.line("echo left");
    desktop.until_line(left, "left");
    window.keys(&["ctrl+shift+Right"]);
    window.line("echo right");
    desktop.until_line(right, "right");

    window.keys(&["ctrl+shift+Return"]);
    until("the zoomed pane has the whole window", || (cols(right) > 2 * half - 5).then_some(()));
    assert_eq!(cols(left), half, "the hidden pane keeps its size");
    window.keys(&["ctrl+shift+Return"]);
    until("the grid is back", || (cols(right).abs_diff(half) <= 1).then_some(()));

    let (x, y) = (WINDOW.0 as i32 / 2, WINDOW.1 as i32 / 2);
    window.pointer((x, y), &["mousedown", "1"]);
    window.pointer((x + 100, y), &[]);
    window.pointer((x + 200, y), &["mouseup", "1"]);
    until("the divider was dragged", || (cols(left) > half + 15 && cols(right) < half - 15).then_some(()));
    let moved = (cols(left), cols(right));
    // Another window shows the same division: it is the host's, not the window's.
    drop(window);
    let _window = desktop.open(&[]);
    until("a new window divides alike", || ((cols(left), cols(right)) == moved).then_some(()));
}

#[test]
fn the_window_goes_from_workspace_to_workspace() {
    let desktop = Desktop::new(STEADY);
    let window = desktop.open(&[]);
    let first = desktop.until_sessions(1)[0].no;
    desktop.until_line(first, "$");
    window.keys(&["ctrl+shift+alt+Next"]);
    window.line("echo alone");
    desktop.until_line(first, "alone");
    for words in [&["workspace", "new", "work"][..], &["new", "-d", "--workspace", "work"]] {
        assert!(desktop.synk().args(words).output().unwrap().status.success(), "{words:?}");
    }
    let second = desktop.until_sessions(2)[1].no;
    desktop.until_line(second, "$");
    let watched = |no: u32| desktop.sessions().iter().find(|s| s.no == no).unwrap().clients;
    window.keys(&["ctrl+shift+alt+Next"]);
    until("the other workspace is shown", || (watched(second) == 1 && watched(first) == 0).then_some(()));
    window.line("echo second");
    desktop.until_line(second, "second");
    window.keys(&["ctrl+shift+alt+Prior"]);
    until("the first one is back", || (watched(first) == 1 && watched(second) == 0).then_some(()));
    window.line("echo first");
    desktop.until_line(first, "first");
    assert!(!desktop.text(second).contains("first"));
}

#[test]
fn text_is_selected_copied_and_pasted() {
    let desktop = Desktop::new(STEADY);
    let window = desktop.open(&[]);
    let no = desktop.until_sessions(1)[0].no;
    desktop.until_line(no, "$");
    window.line("clear; echo alpha beta gamma");
    desktop.until_line(no, "alpha beta gamma");
    // The second row of the screen, some characters in: cells of 9x18 pixels or so, from (14, 37) on.
    let session = &desktop.sessions()[0];
    let (w, h) = ((WINDOW.0 as i32 - 28) / i32::from(session.cols), (WINDOW.1 as i32 - 48) / i32::from(session.rows));
    let row = desktop.text(no).lines().position(|l| l == "alpha beta gamma").unwrap() as i32;
    let cell = |col: i32| (14 + col * w + w / 2, 37 + row * h + h / 2);

    window.pointer(cell(7), &["click", "--repeat", "2", "--delay", "40", "1"]);
    until("the word is selected", || (window.pixels().count(WHOLE, 0x35_50_7a) > 100).then_some(()));
    window.type_text("echo word-");
    window.pointer(cell(30), &["click", "2"]);
    until("the word is pasted", || desktop.text(no).contains("echo word-beta").then_some(()));
    window.keys(&["Return"]);
    desktop.until_line(no, "word-beta");

    // From the middle of the a to the middle of the t: the cells between.
    window.pointer((cell(0).0 - w / 2 + 1, cell(0).1), &["mousedown", "1"]);
    window.pointer((cell(5).0 - w / 2 + 1, cell(5).1), &["mouseup", "1"]);
    until("it is selected", || (window.pixels().count(WHOLE, 0x35_50_7a) > 100).then_some(()));
    window.keys(&["ctrl+shift+c"]);
    window.type_text("echo copied-");
    window.keys(&["ctrl+shift+v"]);
    until("it is pasted", || desktop.text(no).contains("echo copied-alpha").then_some(()));
    window.keys(&["Return"]);
    desktop.until_line(no, "copied-alpha");
}

/// Keys and pointer of a real keyboard and mouse, in a program that asked for all of it.
#[test]
fn a_program_that_asks_gets_releases_modifiers_and_the_mouse() {
    let desktop = Desktop::new(STEADY);
    let window = desktop.open(&[]);
    let no = desktop.until_sessions(1)[0].no;
    desktop.until_line(no, "$");
    // What it shows goes on in the next row where a row is full.
    let shown = || desktop.text(no).replace('\n', "");
    let shows = |text: &str| until(&format!("{text:?} behind {:?}", shown()), || shown().contains(text).then_some(()));
    window.line(r"clear; stty -echo -icanon; printf '\033[>27u\033[?1003;1006h'; echo re''ady; cat -v");
    shows("ready");
    window.keys(&["ctrl+c"]);
    // The modifier's own events count it; xdotool lets go of it first.
    shows("^[[57442;5u^[[99;5u^[[57442;1:3u^[[99;1:3u");
    window.keys(&["a"]);
    shows("^[[97;;97u^[[97;1:3u");
    let session = &desktop.sessions()[0];
    let (w, h) = ((WINDOW.0 as i32 - 28) / i32::from(session.cols), (WINDOW.1 as i32 - 48) / i32::from(session.rows));
    let cell = |col: i32, row: i32| (14 + col * w + w / 2, 37 + row * h + h / 2);
    window.pointer(cell(20, 10), &["click", "3"]);
    shows("^[[<2;21;11M^[[<2;21;11m");
    window.pointer(
        cell(30, 12),
        &["mousedown", "1", "mousemove_relative", "--", &(2 * w).to_string(), "0", "mouseup", "1"],
    );
    shows("^[[<0;31;13M^[[<32;33;13M^[[<0;33;13m");
    window.pointer(cell(30, 12), &["click", "5"]);
    shows("^[[<65;31;13M");
    // With Shift it is the window's: a double click selects a word.
    window.pointer(cell(0, 0), &["keydown", "shift", "click", "--repeat", "2", "--delay", "40", "1", "keyup", "shift"]);
    until("the word is selected", || (window.pixels().count(WHOLE, 0x35_50_7a) > 100).then_some(()));
}

/// AltGr, a dead key, and keys in other places than on a US keyboard, typed into a program that has asked for the kitty
/// protocol's flags 1 and 4.
#[test]
fn a_german_keyboard_types_german() {
    let desktop = Desktop::new(STEADY);
    let window = desktop.open(&[]);
    let no = desktop.until_sessions(1)[0].no;
    desktop.until_line(no, "$");
    window.line(r"clear; stty raw -echo; printf '\033[>5uready.'; cat -v");
    desktop.until_line(no, "ready.");
    assert!(desktop.command("setxkbmap").arg("de").status().is_ok_and(|status| status.success()));
    desktop.xdotool(&["keydown", "ISO_Level3_Shift", "key", "q", "keyup", "ISO_Level3_Shift"]);
    window.keys(&["dead_acute", "e", "udiaeresis", "ctrl+z", "ctrl+udiaeresis", "alt+shift+less", "period"]);
    // cat -v writes the two bytes of é as M-CM-), and of ü as M-CM-<.
    let want = "ready.@M-CM-)M-CM-<^[[122::121;5u^[[252::91;5u^[[60:62;4u.";
    until(&format!("{want:?}; it shows {:?}", desktop.text(no)), || desktop.text(no).contains(want).then_some(()));
}

#[test]
fn closing_the_window_asks_and_does_as_it_is_told() {
    let desktop = Desktop::new(STEADY);
    let mut window = desktop.open(&[]);
    desktop.until_sessions(1);
    window.keys(&["ctrl+shift+t"]);
    let ids: Vec<String> = desktop.until_sessions(2).into_iter().map(|s| s.session_id).collect();
    // The veil of the prompt darkens the focused pane's frame.
    let asked = |window: &desktop::Window<'_>| {
        until("the prompt", || (window.pixels().count((0, 0, WINDOW.0, 200), ACCENT) == 0).then_some(()));
    };
    window.keys(&["ctrl+shift+q"]);
    asked(&window);
    window.keys(&["Escape"]);
    until("the prompt is gone", || (window.pixels().count(WHOLE, ACCENT) > 500).then_some(()));
    assert!(window.is_open());

    window.keys(&["ctrl+shift+q"]);
    asked(&window);
    window.keys(&["k"]);
    assert_eq!(window.until_closed(), 0);
    let kept: Vec<String> = desktop.sessions().into_iter().map(|s| s.session_id).collect();
    assert_eq!(kept, ids, "the sessions go on");

    let mut window = desktop.open(&[]);
    window.keys(&["ctrl+shift+q"]);
    asked(&window);
    window.keys(&["s", "Return"]);
    assert_eq!(window.until_closed(), 0);
    let saved = fs::read_to_string(desktop.path("home/.config/synk/sessions/default.ron")).unwrap();
    assert_eq!(saved.matches("agent:").count(), 2, "{saved}");
    desktop.until_sessions(0);

    let mut window = desktop.open(&[]);
    let fresh = desktop.until_sessions(1);
    assert!(!ids.contains(&fresh[0].session_id));
    window.keys(&["ctrl+shift+q"]);
    asked(&window);
    // With the pointer: the third of four entries, which stand 36 pixels apart.
    window.pointer((WINDOW.0 as i32 / 2, WINDOW.1 as i32 / 2 + 55), &["click", "1"]);
    assert_eq!(window.until_closed(), 0);
    desktop.until_sessions(0);
}

#[test]
fn a_killed_window_loses_nothing_and_the_next_one_shows_it_within_a_second() {
    let desktop = Desktop::new(STEADY);
    let window = desktop.open(&[]);
    desktop.until_sessions(1);
    for n in 2..=12 {
        window.keys(&["ctrl+shift+t"]);
        desktop.until_sessions(n);
    }
    window.keys(&["ctrl+b"]);
    window.line("for i in $(seq 1000000); do echo tick-$i; sleep 0.01; done");
    let before = desktop.sessions();
    let ticks = |no: u32| {
        let text = desktop.text(no);
        text.lines().filter_map(|l| l.strip_prefix("tick-")?.parse::<u32>().ok()).max().unwrap_or(0)
    };
    for session in &before {
        until("its output", || (ticks(session.no) > 0).then_some(()));
    }
    window.kill();
    let at: Vec<u32> = before.iter().map(|s| ticks(s.no)).collect();
    for (session, at) in before.iter().zip(at) {
        until("it goes on without a window", || (ticks(session.no) > at).then_some(()));
    }
    let start = Instant::now();
    let window = desktop.open(&[]);
    // Twelve headers with the dot of a session that runs.
    until("the panes are shown", || (window.pixels().count(WHOLE, 0x7b_c2_75) > 12 * 30).then_some(()));
    let took = start.elapsed();
    let after = desktop.sessions();
    let same = |(a, b): (&synk::protocol::shapes::Session, &synk::protocol::shapes::Session)| {
        (&a.session_id, a.pid) == (&b.session_id, b.pid)
    };
    assert!(before.len() == after.len() && before.iter().zip(&after).all(same));
    eprintln!("twelve panes were shown after {took:?}");
    // A second of the window's own time; how long the machine takes beside it is not the window's.
    let ticks = activity(window.pid()).1;
    assert!(ticks < 100, "{ticks} hundredths of a second of processor time, {took:?} in all");
}

#[test]
fn an_idle_window_and_its_host_do_nothing_at_all() {
    let desktop = Desktop::new(&STEADY.replace(')', ", save_every_s: 1)"));
    let window = desktop.open(&[]);
    desktop.until_sessions(1);
    window.keys(&["ctrl+shift+t"]);
    for session in desktop.until_sessions(2) {
        desktop.until_line(session.no, "$");
    }
    let (window_pid, host_pid) = (window.pid(), desktop.host_pid());
    let keeper_pid = process::keeper(host_pid).unwrap();
    let all = || [window_pid, host_pid, keeper_pid].map(activity);
    // A while without anything: what was under way is done, and saved. Then ten seconds of it.
    let quiet_for = |time: Duration| {
        let before = all();
        std::thread::sleep(time);
        (before, all())
    };
    until("everything is quiet", || {
        let (before, after) = quiet_for(Duration::from_secs(3));
        (before == after).then_some(())
    });
    let (before, after) = quiet_for(Duration::from_secs(10));
    assert_eq!(before, after, "context switches and clock ticks of window, host and keeper");
}

#[test]
fn a_lost_host_is_told_and_another_started_when_the_user_wants_it() {
    let desktop = Desktop::new(STEADY);
    let window = desktop.open(&[]);
    desktop.until_sessions(1);
    let host = desktop.host_pid();
    process::kill_host(host);
    let banner = (0, 0, WINDOW.0, 24);
    until("the banner", || (window.pixels().count(banner, WARNING) > 10_000).then_some(()));
    assert!(desktop.control().is_none(), "no host is started unasked");
    window.keys(&["Return"]);
    assert_ne!(desktop.host_pid(), host);
    until("the banner is gone", || (window.pixels().count(banner, WARNING) == 0).then_some(()));
    let no = desktop.until_sessions(1)[0].no;
    desktop.until_line(no, "$");
    window.line("echo back");
    desktop.until_line(no, "back");
}

#[test]
fn an_agent_on_the_path_is_started_in_the_next_pane() {
    let desktop = Desktop::new(STEADY);
    let agent = desktop.path("bin/claude");
    fs::write(&agent, "#!/bin/sh\necho agent here\nexec cat\n").unwrap();
    fs::set_permissions(&agent, fs::Permissions::from_mode(0o755)).unwrap();
    let window = desktop.open(&[]);
    desktop.until_sessions(1);
    window.keys(&["ctrl+shift+l"]);
    until("the list", || (window.pixels().count((0, 0, WINDOW.0, 200), ACCENT) == 0).then_some(()));
    window.keys(&["Return"]);
    let sessions = desktop.until_sessions(2);
    assert_eq!(sessions[1].agent, "claude");
    desktop.until_line(sessions[1].no, "agent here");
    // Its badge, in its colour, is in the header.
    until("the badge", || (window.pixels().count((0, 0, WINDOW.0, 40), 0xcc_78_5c) > 50).then_some(()));
}

#[test]
fn without_a_display_there_is_one_sentence() {
    let desktop = Desktop::new(STEADY);
    let out = desktop.synk().env_remove("DISPLAY").output().unwrap();
    let said = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(1), "{said}");
    assert!(said.contains("there is no display") && said.lines().count() == 1, "{said}");
}
