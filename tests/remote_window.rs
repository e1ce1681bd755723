//! A window on the host of another machine, over the real OpenSSH and on a real X server.

#[path = "support/desktop.rs"]
mod desktop;
#[path = "support/process.rs"]
mod process;
#[path = "support/sshd.rs"]
mod sshd;

use desktop::{Desktop, until};
use sshd::Sshd;

#[test]
fn a_window_shows_the_sessions_of_another_machine() {
    let mut desktop = Desktop::new("Settings(cursor_blink: false)");
    // The desktop's own directories are those of the user there; here another runtime directory is in use.
    let (home, run, here) = (desktop.path("home"), desktop.path("run"), desktop.path("here"));
    std::fs::create_dir(&here).unwrap();
    let sshd = Sshd::start(&[
        ("HOME", home.to_str().unwrap()),
        ("XDG_RUNTIME_DIR", run.to_str().unwrap()),
        ("SHELL", "/bin/bash"),
        ("LANG", "C.UTF-8"),
    ]);
    sshd.trust();
    desktop.vars = vec![
        ("SYNK_SSH".into(), format!("ssh -F {}", sshd.client_config().display())),
        ("SYNK_REMOTE_COMMAND".into(), env!("CARGO_BIN_EXE_synk").into()),
        ("XDG_RUNTIME_DIR".into(), here.to_str().unwrap().into()),
    ];
    let window = desktop.open_titled("synk - box", &["--host", "box"]);
    let no = desktop.until_sessions(1)[0].no;
    desktop.until_line(no, "$");
    window.line("echo there-$((6*7)) ${SYNK_SOCKET#*run}");
    desktop.until_line(no, "there-42 /synk/synk.sock");
    window.keys(&["ctrl+shift+t"]);
    desktop.until_sessions(2);
    assert!(!here.join("synk/synk.sock").exists(), "no host was started here");

    let cut = sshd.connections();
    sshd.cut();
    // From here on the window knows that the first one is gone; what is typed waits for the second.
    until("it connects again by itself", || sshd.connections().iter().any(|pid| !cut.contains(pid)).then_some(()));
    window.keys(&["ctrl+shift+Left"]);
    window.line("echo again-$((6*7))");
    desktop.until_line(no, "again-42");
}
