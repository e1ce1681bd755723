//! vim and less on a fixed file show the same text in a session of synk's as in a pane of tmux, key after key.

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use support::{Control, PATIENCE, Viewer, host};
use synk::base::SessionNo;
use synk::model::{Key, KeyEvent, Mods, NamedKey};
use synk::protocol::methods::CreateParams;
use synk::protocol::stream::ClientMessage;

fn fixed() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings")
}

/// A program without anything of this user's, the same words for both.
fn command(program: &str) -> String {
    let path = std::env::var("PATH").unwrap_or_default();
    let env = format!("PATH='{path}' TERM=xterm-256color LANG=C.UTF-8 HOME=/nonexistent LESSHISTFILE=-");
    format!("cd '{}' && exec env -i {env} {program}", fixed().display())
}

/// A tmux server of this test's own, with one pane of 80x24.
struct Tmux(tempfile::TempDir);

impl Tmux {
    fn new(script: &str) -> Self {
        let tmux = Self(tempfile::tempdir().unwrap());
        let size = ["-x", "80", "-y", "24"];
        let options = ["start-server", ";", "set", "-g", "status", "off", ";"];
        tmux.run(&[&options[..], &["new-session", "-d", "-s", "x"], &size, &[script]].concat());
        tmux
    }

    fn run(&self, words: &[&str]) -> String {
        let socket = self.0.path().join("tmux");
        let out = Command::new("tmux")
            .args(["-u", "-f", "/dev/null", "-S"])
            .arg(socket)
            .args(words)
            .env_remove("TMUX")
            .output()
            .expect("tmux has to be installed: make test does so");
        assert!(out.status.success(), "tmux {words:?}: {}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap()
    }

    fn type_text(&self, text: &str) {
        let bytes = text.bytes().map(|b| format!("{:02x}", if b == b'\n' { b'\r' } else { b }));
        let bytes: Vec<String> = bytes.collect();
        let words: Vec<&str> =
            ["send-keys", "-t", "x", "-H"].into_iter().chain(bytes.iter().map(String::as_str)).collect();
        self.run(&words);
    }

    /// The text of the pane once it holds `mark`, blanks at the ends of lines left out.
    fn text(&self, mark: &str) -> String {
        let end = std::time::Instant::now() + PATIENCE;
        loop {
            let text = self.run(&["capture-pane", "-p", "-t", "x"]);
            if text.contains(mark) {
                return text.lines().map(|line| line.trim_end().to_owned() + "\n").collect();
            }
            assert!(std::time::Instant::now() < end, "{mark:?} never came in tmux:\n{text}");
            std::thread::yield_now();
        }
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        self.run(&["kill-server"]);
    }
}

fn type_text(viewer: &mut Viewer, no: SessionNo, text: &str) {
    for c in text.chars() {
        if c == '\u{1b}' {
            viewer.send(no, &ClientMessage::Key(KeyEvent::press(Key::Named(NamedKey::Escape), Mods::NONE)));
        } else {
            viewer.type_text(no, &c.to_string());
        }
    }
}

/// Types the same into both once they show `ready`, and compares after each step. A step's second text is what the
/// program draws last: what says that the screen is complete.
fn same_text(program: &str, ready: &str, steps: &[(&str, &str)]) {
    let script = command(program);
    let tmux = Tmux::new(&script);
    let host = host();
    let mut control = Control::new(host.connect().unwrap());
    let command = vec!["/bin/sh".into(), "-c".into(), script];
    let made = control.create(CreateParams { command, ..CreateParams::default() }).unwrap();
    let mut viewer = Viewer::new(host.connect().unwrap());
    let no = viewer.watch(made.no);
    tmux.text(ready);
    viewer.until_text(no, ready);
    for (keys, mark) in steps {
        tmux.type_text(keys);
        type_text(&mut viewer, no, keys);
        let theirs = tmux.text(mark);
        viewer.until_text(no, mark);
        eprintln!("after {keys:?} tmux has:\n{theirs}\nand synk for now:\n{}", viewer.text(no));
        viewer.until(no, "the same text as in tmux", |mirror| mirror.screen.text() == theirs);
    }
}

#[test]
fn less_shows_the_same_text() {
    let steps = [
        ("", "fixed.txt lines 1-"),
        (" ", "lines 15-"),
        ("G", "(END)"),
        ("g", "fixed.txt lines 1-"),
        ("/grid\n", "lines 12-"),
        ("60g", "lines 60-"),
        ("\u{2}", "lines 37-"),
    ];
    same_text("less -R -M fixed.txt", "fixed.txt lines 1-", &steps);
}

#[test]
fn vim_shows_the_same_text() {
    // A reply to one of its questions that comes while vim draws its first screen costs that screen its ruler (seen with
    // 9.0: it holds the reply for a key that will draw it): a key comes before the first look.
    let steps = [
        ("l", "1,2 "),
        ("G", "120,1 "),
        ("gg:set number\nj", "2,0-1"),
        ("/shell\n", "18,"),
        ("ggoäöü 漢字 🚀\u{1b}:30\n", "30,1 "),
    ];
    same_text("vim -u NONE -i NONE -N -n --cmd 'set ruler' fixed.txt", "120L,", &steps);
}
