//! Keys and the mouse through a real terminal, to programs that ask for them: what they read, what they are told, and
//! what becomes of it when they are killed.

mod support;

use support::{Control, Viewer, host};
use synk::base::SessionNo;
use synk::model::{Key, KeyEvent, Mods, MouseButton, MouseEvent, MouseKind, NamedKey, Press};
use synk::protocol::stream::ClientMessage;

fn key(key: Key, mods: Mods) -> ClientMessage {
    ClientMessage::Key(KeyEvent::press(key, mods))
}

fn mouse(kind: MouseKind, button: MouseButton, col: u16) -> ClientMessage {
    ClientMessage::Mouse(MouseEvent { kind, button, mods: Mods::NONE, col, line: 1, px: col * 8, py: 16 })
}

/// A program that asks for something and then shows the bytes that it reads.
fn reads(asks: &str) -> String {
    format!("stty raw -echo; printf '{asks}ready.'; exec cat -v")
}

/// Sends messages to a program and waits for what it shows of them.
fn shows(asks: &str, sent: &[ClientMessage], want: &str) {
    let host = host();
    let mut control = Control::new(host.connect().unwrap());
    let made = control.run(&reads(asks));
    let mut viewer = Viewer::new(host.connect().unwrap());
    let no = viewer.watch(made.no);
    viewer.until_text(no, "ready.");
    sent.iter().for_each(|message| viewer.send(no, message));
    viewer.until_text(no, want);
}

#[test]
fn keys_reach_programs_as_they_asked() {
    let press = KeyEvent::press(Key::Char('a'), Mods::NONE);
    let release = KeyEvent { press: Press::Release, text: String::new(), ..press.clone() };
    let typed = [
        key(Key::Named(NamedKey::Enter), Mods::SHIFT),
        key(Key::Char('c'), Mods::CTRL),
        ClientMessage::Key(press),
        ClientMessage::Key(release),
        key(Key::Named(NamedKey::Up), Mods::NONE),
    ];
    shows("", &typed, "ready.^[^M^Ca^[[A");
    shows("\\033[>1u", &typed, "ready.^[[13;2u^[[99;5ua^[[A");
    shows("\\033[>31u", &typed, "ready.^[[13;2u^[[99;5u^[[97;;97u^[[97;1:3u^[[A");
    shows("\\033[>4;2m", &typed, "ready.^[[27;2;13~^[[27;5;99~a^[[A");
}

#[test]
fn the_mouse_reaches_programs_as_they_asked() {
    let moved = [
        mouse(MouseKind::Motion, MouseButton::None, 3),
        mouse(MouseKind::Press, MouseButton::Left, 4),
        mouse(MouseKind::Motion, MouseButton::Left, 4),
        mouse(MouseKind::Motion, MouseButton::Left, 5),
        mouse(MouseKind::Release, MouseButton::Left, 5),
        mouse(MouseKind::Press, MouseButton::WheelDown, 5),
        // So that there is something to wait for.
        key(Key::Char('.'), Mods::NONE),
    ];
    shows("", &moved, "ready..");
    shows("\\033[?9h", &moved, "ready.^[[M %\".");
    shows("\\033[?1000;1006h", &moved, "ready.^[[<0;5;2M^[[<0;6;2m^[[<65;6;2M.");
    shows("\\033[?1002;1015h", &moved, "ready.^[[32;5;2M^[[64;6;2M^[[35;6;2M^[[97;6;2M.");
    shows("\\033[?1003;1006h", &moved, "ready.^[[<35;4;2M^[[<0;5;2M^[[<32;6;2M^[[<0;6;2m^[[<65;6;2M.");
    shows("\\033[?1003;1016h", &moved[..2], "ready.^[[<35;25;17M^[[<0;33;17M");
}

/// What a program finds out about all of it is what it asked for.
#[test]
fn queries_are_answered_through_the_terminal() {
    let asks = "\\033[>5u\\033[?u\\033[>4;1m\\033[?4m\\033[?1003;1016h\\033[?1003$p\\033[?1016$p\\033[?1006$p";
    shows(asks, &[], "^[[?5u^[[>4;1m^[[?1003;1$y^[[?1016;1$y^[[?1006;2$y");
}

/// A shell with job control, in which a program that asked for everything is killed: the shell's keys are plain again.
#[test]
fn a_killed_program_leaves_the_keys_as_they_were() {
    let host = host();
    let mut control = Control::new(host.connect().unwrap());
    let made = control.shell().unwrap();
    let mut viewer = Viewer::new(host.connect().unwrap());
    let no = viewer.watch(made.no);
    viewer.until_text(no, "$");
    let asks = r"printf '\033[>31u\033[>4;2m\033[?1003;1004;1006h'; echo asked-$$; exec sleep 1000";
    viewer.type_text(no, &format!("sh -c \"{}\"\n", asks.replace('$', "\\$")));
    // The number that the program writes, behind what was typed.
    let asked = |text: &str| {
        let lines = text.lines().filter_map(|line| line.strip_prefix("asked-"));
        lines.filter_map(|rest| rest.trim().parse::<i32>().ok()).next()
    };
    viewer.until(no, "the program asks", |m| asked(&m.screen.text()).is_some() && m.screen.modes.key_flags() == 31);
    assert!(viewer.mirrors[&no].screen.modes.wants_mouse());
    let pid = asked(&viewer.text(no)).unwrap();
    kill(pid);
    viewer.until(no, "nothing is asked any more", |m| m.screen.modes.key_flags() == 0 && !m.screen.modes.wants_mouse());
    type_line(&mut viewer, no, "echo back-$((40+2))");
    viewer.until_text(no, "back-42");
}

fn type_line(viewer: &mut Viewer, no: SessionNo, line: &str) {
    viewer.type_text(no, line);
    viewer.send(no, &key(Key::Named(NamedKey::Enter), Mods::NONE));
}

fn kill(pid: i32) {
    let status = std::process::Command::new("kill").args(["-9", &pid.to_string()]).status();
    assert!(status.is_ok_and(|status| status.success()));
}
