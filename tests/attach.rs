//! `synk attach` in real terminals: what they show is what the session shows, cell by cell, and what is typed there reaches
//! its program once.

mod support;
#[path = "support/terminal.rs"]
mod terminal;
#[path = "support/user.rs"]
mod user;

use std::os::unix::net::UnixStream;

use support::Viewer;
use synk::base::{GridSize, SessionNo};
use synk::engine::Effect;
use synk::model::{Modes, Screen};
use terminal::Terminal;
use user::User;

fn viewer(user: &User, no: u32) -> (Viewer, SessionNo) {
    let mut viewer = Viewer::new(UnixStream::connect(user.socket()).unwrap());
    let no = viewer.watch(no);
    (viewer, no)
}

/// The styles, colours and boxes that a terminal has to show, and characters of every width.
const EVERYTHING: &str = concat!(
    "printf '\\033[1mbold\\033[0m \\033[3;4:3;58:2::255:0:0mcurly\\033[0m \\033[38;2;1;2;3;48;5;200mcolours\\033[0m\\r\\n';",
    "printf '漢字 e\\314\\201 🚀 👩‍👩‍👧 ｱ \\033[7mreverse\\033[0m \\033[21mdouble\\033[0m \\033[9mstrike\\033[0m\\r\\n';",
    "printf '\\033[44mblue to the end\\033[K\\033[0m\\r\\n┌──┐\\r\\n│漢│\\r\\n└──┘\\r\\n';",
    "printf '\\033[24;78H漢x\\033[10;1H漢漢\\033[10;2Hx\\033[12;5H\\033[5 q';",
);

#[test]
fn a_terminal_shows_the_cells_of_the_session() {
    let (user, mut control) = terminal::user();
    let made = control.run_as("show", &format!("read -r go; {EVERYTHING} echo shown; cat"));
    let mut terminal = Terminal::start(&user, &["attach", "-t", "show"], 80, 24);
    let (mut viewer, no) = viewer(&user, made.no);
    terminal.until("the alternate screen", |screen| screen.modes.has(Modes::ALT_SCREEN));
    terminal.send("\r");
    // With the end of the line: what is shown may be shown without it first.
    let line_ends = |screen: &Screen| screen.cursor.col == 0;
    viewer.until(no, "the last line", |m| m.screen.text().contains("shown") && line_ends(&m.screen));
    let screen = viewer.mirrors[&no].screen.clone();
    terminal.until_same(&screen);
    // What is typed there comes back, characters of every kind.
    terminal.send("grüße 漢字 🚀\r");
    let echoed = |screen: &Screen| screen.text().matches("grüße 漢字 🚀").count() == 2;
    viewer.until(no, "the echo and the line", |m| echoed(&m.screen) && line_ends(&m.screen));
    let screen = viewer.mirrors[&no].screen.clone();
    terminal.until_same(&screen);
    assert!(!String::from_utf8_lossy(&terminal.written).contains("58;2;255"), "only forms from the list");
}

#[test]
fn vim_in_two_terminals_is_typed_into_in_turn_and_lives_on() {
    let (user, mut control) = terminal::user();
    let made = control.run_as("vim", "exec vim -u NONE -i NONE -N -n --cmd 'set ruler'");
    let mut one = Terminal::start(&user, &["attach", "-t", "vim"], 80, 24);
    let mut two = Terminal::start(&user, &["a", "vim"], 80, 24);
    one.until_text("VIM - Vi IMproved");
    two.until_text("VIM - Vi IMproved");
    one.send("ifrom one\x1b");
    two.until_text("from one");
    two.until_text("1,8");
    two.send("ofrom two\x1b");
    one.until_text("from two");
    let (mut viewer, no) = viewer(&user, made.no);
    viewer.until(no, "the ruler", |m| m.screen.text().contains("2,8"));
    let screen = viewer.mirrors[&no].screen.clone();
    one.until_same(&screen);
    two.until_same(&screen);
    one.send("\x1c");
    assert_eq!(one.ended().code(), Some(0));
    one.assert_put_back();
    two.send("oand on\x1b");
    two.until_text("and on");
    viewer.until_text(no, "and on");
    // An ESC and what follows at once would be a key with Alt.
    two.until("the mode for commands", |screen| !screen.text().contains("INSERT"));
    two.send(":q!\r");
    assert_eq!(two.ended().code(), Some(0));
    two.until_text("[exited with code 0]");
    two.assert_put_back();
}

#[test]
fn a_programs_questions_are_answered_once() {
    let (user, mut control) = terminal::user();
    // Shows every byte of its input in hexadecimal, until a q.
    let script = "stty raw -echo; printf '\\033[c\\033[5n\\033[6n\\033]11;?\\007\\033[?2026$p'; while :; do
        c=$(dd bs=1 count=1 2>/dev/null | od -An -tx1 | tr -d ' \\n'); printf %s \"$c\"; [ \"$c\" = 71 ] && break; done; printf =done; cat";
    control.run_as("asks", &format!("read -r go; {script}"));
    let mut one = Terminal::start(&user, &["attach", "-t", "asks"], 80, 24);
    let mut two = Terminal::start(&user, &["attach", "-t", "asks"], 80, 24);
    for terminal in [&mut one, &mut two] {
        terminal.until("the alternate screen", |screen| screen.modes.has(Modes::ALT_SCREEN));
    }
    one.send("\r");
    // Whatever the second terminal had to answer was sent before its x, and the first one's before its q.
    two.until_text("1b5b");
    two.send("x");
    one.until("the x", |screen| screen.text().replace('\n', "").contains("78"));
    one.send("q");
    one.until_text("=done");
    let input = one.text().replace('\n', "");
    let count = |answer: &str| input.matches(answer).count();
    assert_eq!(count("1b5b3f"), 2, "DA1 and DECRPM, once each: {input}");
    assert_eq!(count("1b5b306e"), 1, "DSR: {input}");
    assert_eq!(count("1b5b323b3152"), 1, "CPR: {input}");
    assert_eq!(count("1b5d3131"), 1, "OSC 11: {input}");
    let written = String::from_utf8_lossy(&one.written).into_owned();
    assert!(!written.contains("[6n") && !written.contains("]11;"), "none of them reached the terminal");
}

#[test]
fn the_size_follows_who_types_and_others_see_it_at_the_top_left() {
    let (user, mut control) = terminal::user();
    let made = control.run_as("size", "trap 'stty size' WINCH; stty size; while :; do read -r x; stty size; done");
    let mut one = Terminal::start(&user, &["attach", "-t", "size"], 70, 20);
    one.until_text("20 70");
    let mut two = Terminal::start(&user, &["attach", "-t", "size"], 100, 30);
    two.until_text("20 70");
    two.until("dots and the size", |screen| screen.text().contains('·') && screen.text().contains("70x20"));
    one.resize(60, 18);
    one.until_text("18 60");
    let (mut viewer, no) = viewer(&user, made.no);
    let size = GridSize::clamped(60, 18);
    viewer.until(no, "the new size", |m| m.screen.size == size && m.screen.text().contains("18 60"));
    let screen = viewer.mirrors[&no].screen.clone();
    one.until_same(&screen);
    // The first one has not typed for as long as it exists.
    two.send("\r");
    two.until_text("30 100");
    two.until("no dots", |screen| !screen.text().contains('·'));
    // The smaller terminal shows the part with the cursor.
    two.send("\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\rlast");
    one.until_text("last");
}

#[test]
fn who_only_looks_types_nothing_and_keeps_the_size() {
    let (user, mut control) = terminal::user();
    let made = control.run_as("look", "stty size; cat");
    let mut terminal = Terminal::start(&user, &["attach", "-r", "-t", "look"], 100, 30);
    terminal.until_text("24 80");
    terminal.send("typed\x1b[200~pasted\x1b[201~\r");
    let (mut viewer, no) = viewer(&user, made.no);
    viewer.type_text(no, "the end\n");
    terminal.until("the echo and the line", |screen| screen.text().matches("the end").count() == 2);
    assert!(!terminal.text().contains("typed") && !terminal.text().contains("pasted"));
    assert_eq!(viewer.mirrors[&no].screen.size, GridSize::default());
    terminal.send("\x1c");
    assert_eq!(terminal.ended().code(), Some(0));
}

#[test]
fn a_terminal_that_does_not_read_holds_up_nobody_and_catches_up() {
    let (user, mut control) = terminal::user();
    let made = control.run_as("flood", "read -r go; seq 1 200000; echo the-end; cat");
    let mut stopped = Terminal::start(&user, &["attach", "-t", "flood"], 80, 24);
    let mut other = Terminal::start(&user, &["attach", "-t", "flood"], 80, 24);
    for terminal in [&mut stopped, &mut other] {
        terminal.until("the alternate screen", |screen| screen.modes.has(Modes::ALT_SCREEN));
    }
    let (mut viewer, no) = viewer(&user, made.no);
    other.send("\r");
    other.until_text("the-end");
    viewer.until_text(no, "the-end");
    other.send("still here\r");
    other.until("the line", |screen| screen.text().matches("still here").count() == 2);
    viewer.until(no, "the line", |m| m.screen.text().matches("still here").count() == 2);
    let screen = viewer.mirrors[&no].screen.clone();
    stopped.until_same(&screen);
    // A picture has some 4 KB here; the flood had 1.3 MB.
    assert!(stopped.written.len() < 200_000, "{} bytes", stopped.written.len());
}

#[test]
fn modes_titles_bells_and_the_clipboard_follow_the_program() {
    let (user, mut control) = terminal::user();
    let script = "printf '\\033]2;a title\\007\\007\\033]52;c;aGVsbG8=\\007\\033[?1002h\\033[?1006h\\033[?1004hready'; read -r x;
        printf '\\033[?1002l\\033[?1004l plain'; cat";
    control.run_as("modes", script);
    let mut terminal = Terminal::start(&user, &["attach", "-t", "modes"], 80, 24);
    terminal.until_text("ready");
    let on = Modes::MOUSE_DRAG | Modes::MOUSE_SGR | Modes::FOCUS_EVENTS | Modes::BRACKETED_PASTE;
    terminal.until("the modes", |screen| screen.modes.has(on));
    support::until("the title", || {
        terminal.step();
        (terminal.engine.title() == "a title").then_some(())
    });
    terminal.send("\r");
    terminal.until_text("plain");
    terminal.until("no modes", |screen| !screen.modes.wants_mouse() && !screen.modes.has(Modes::FOCUS_EVENTS));
    assert!(terminal.effects.iter().all(|e| !matches!(e, Effect::Notify { .. })));
}

#[test]
fn bells_and_the_clipboard_reach_the_terminals_that_look() {
    let (user, mut control) = terminal::user();
    control.run_as("bell", "read -r x; printf '\\007\\033]52;c;aGVsbG8=\\007done'; cat");
    let mut terminal = Terminal::start(&user, &["attach", "-t", "bell"], 80, 24);
    terminal.until("the alternate screen", |screen| screen.modes.has(Modes::ALT_SCREEN));
    terminal.send("\r");
    support::until("the bell and the text", || {
        terminal.step();
        let has = |effect: &Effect| terminal.effects.contains(effect);
        (has(&Effect::Bell) && has(&Effect::Clipboard("hello".into()))).then_some(())
    });
}

#[test]
fn keys_go_whole_through_a_terminal_that_knows_the_kitty_protocol() {
    let (user, mut control) = terminal::user();
    control.run_as("keys", "stty raw -echo; printf '\\033[>31uready.'; exec cat -v");
    let mut terminal = Terminal::start(&user, &["attach", "-t", "keys"], 80, 24);
    terminal.until("its flags", |screen| screen.modes.key_flags() == 31 && screen.text().contains("ready."));
    let typed = ["[97;;97u", "[97;1:2;97u", "[97;1:3u", "[57441;2u", "[13;2u", "[1089::99;5u"];
    terminal.send(typed.map(|code| format!("\x1b{code}")).concat());
    terminal.until_text(&typed.map(|code| format!("^[{code}")).concat());
    // A release belongs to whoever had the press.
    terminal.send("\x1b[92;5u\x1b[92;5:3u");
    assert_eq!(terminal.ended().code(), Some(0));
    terminal.assert_put_back();
}
