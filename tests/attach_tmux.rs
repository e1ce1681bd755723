//! `synk attach` in the panes of another terminal multiplexer: what tmux shows is what the session shows, and the pane is
//! as it was afterwards.

mod support;
#[path = "support/user.rs"]
mod user;

use std::os::unix::net::UnixStream;
use std::time::Instant;

use support::{Control, PATIENCE, Viewer};
use synk::base::SessionNo;
use user::User;

/// A user whose host runs, and a server of tmux with one pane in which a terminal is attached. Behind it a `cat` keeps
/// the pane.
struct Tmux {
    user: User,
}

impl Tmux {
    fn attached(session: &str, script: &str) -> (Self, Viewer, SessionNo) {
        let tmux = Self { user: User::new() };
        tmux.user.start_host();
        let connect = || UnixStream::connect(tmux.user.socket()).unwrap();
        let made = Control::new(connect()).run_as(session, script);
        let mut viewer = Viewer::new(connect());
        let no = viewer.watch(made.no);
        let attach = format!("{} attach -t {session}; cat", env!("CARGO_BIN_EXE_synk"));
        let start = ["start-server", ";", "set", "-g", "status", "off", ";"];
        tmux.run(&[&start[..], &["new-session", "-d", "-s", "x", "-x", "80", "-y", "24", &attach]].concat());
        (tmux, viewer, no)
    }

    fn run(&self, words: &[&str]) -> String {
        let socket = self.user.path("tmux");
        let out = self.user.command("tmux").args(["-u", "-f", "/dev/null", "-S"]).arg(socket).args(words).output();
        let out = out.expect("tmux has to be installed: make test does so");
        assert!(out.status.success(), "tmux {words:?}: {}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap()
    }

    fn keys(&self, keys: &[&str]) {
        self.run(&[&["send-keys", "-t", "x"], keys].concat());
    }

    /// Waits until the pane is as wanted; returns its text without what is blank at the ends of lines and below.
    fn until(&self, done: impl Fn(&str) -> bool) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            let text = trimmed(&self.run(&["capture-pane", "-p", "-t", "x"]));
            if done(&text) {
                return text;
            }
            assert!(Instant::now() < end, "tmux shows:\n{text}");
        }
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        let socket = self.user.path("tmux");
        // A server that is gone already is as good.
        let _ = self.user.command("tmux").arg("-S").arg(socket).arg("kill-server").output();
    }
}

fn trimmed(text: &str) -> String {
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim_end().to_owned()
}

#[test]
fn it_works_inside_tmux() {
    let (tmux, mut viewer, no) = Tmux::attached("inner", "printf 'one\\r\\n漢字 two\\r\\n'; cat");
    tmux.until(|text| text.contains("漢字 two"));
    tmux.keys(&["typed in tmux äöü", "Enter"]);
    let theirs = tmux.until(|text| text.matches("typed in tmux äöü").count() == 2);
    viewer.until(no, "the line", |m| m.screen.text().matches("typed in tmux äöü").count() == 2);
    assert_eq!(theirs, trimmed(&viewer.text(no)));
    tmux.keys(&["C-\\"]);
    let text = tmux.until(|text| text.contains("[detached from inner]"));
    assert!(!text.contains("typed in tmux"), "what was there before is there again: {text}");
}
