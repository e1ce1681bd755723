//! One session in a window, in two attached terminals and in one that is stopped: all show it, each types into it in
//! turn, and it lives on when they go.

#[path = "support/desktop.rs"]
mod desktop;
#[path = "support/process.rs"]
mod process;
mod support;
#[path = "support/terminal.rs"]
mod terminal;
#[path = "support/user.rs"]
mod user;

use desktop::{Desktop, WHOLE, signal, until};
use terminal::Terminal;

/// Colour 201 of the 256.
const MAGENTA: u32 = 0xff_00_ff;

/// A terminal that has room for what the window shows.
fn attach(desktop: &Desktop, no: u32) -> Terminal {
    let mut command = desktop.command("setsid");
    command.args(["-c", env!("CARGO_BIN_EXE_synk"), "attach", "-t", &no.to_string()]);
    let mut terminal = Terminal::run(command, 160, 50, &[]);
    terminal.until_text("VIM - Vi IMproved");
    terminal
}

/// Waits until it shows this, and vim's mode for commands: an ESC takes its time, and other terminals do not wait for it.
fn until_typed(terminal: &mut Terminal, text: &str) {
    terminal.until(text, |screen| {
        let shown = screen.text();
        shown.contains(text) && !shown.contains("-- INSERT --")
    });
}

#[test]
fn a_window_and_three_terminals_have_one_vim() {
    let desktop = Desktop::new("Settings(cursor_blink: false)");
    let window = desktop.open(&[]);
    let no = desktop.until_sessions(1)[0].no;
    desktop.until_line(no, "$");
    window.line("vim -u NONE -i NONE -N -n --cmd 'set t_Co=256'");
    let (mut one, mut two, mut stopped) = (attach(&desktop, no), attach(&desktop, no), attach(&desktop, no));
    signal(stopped.child.id(), "STOP");

    window.type_text("ifrom the window");
    window.keys(&["Escape"]);
    until_typed(&mut one, "from the window");
    until_typed(&mut two, "from the window");
    one.send("ofrom one\x1b");
    until_typed(&mut two, "from one");
    desktop.until_line(no, "from one");
    two.send(":hi Normal ctermbg=201\r");
    until("the window has the colour that was typed in a terminal", || {
        (window.pixels().count(WHOLE, MAGENTA) > 100_000).then_some(())
    });
    // More than what fits into all buffers on the way to one that does not read.
    one.send(":for i in range(3000) | call setline(1, repeat('x', i % 70)) | redraw | endfor\r");
    one.send("ggdGifrom one again\x1b");
    until_typed(&mut two, "from one again");
    desktop.until_line(no, "from one again");

    one.send("\x1c");
    assert_eq!(one.ended().code(), Some(0));
    one.assert_put_back();
    window.kill();
    two.send("oand on\x1b");
    until_typed(&mut two, "and on");
    desktop.until_line(no, "and on");
    signal(stopped.child.id(), "CONT");
    until_typed(&mut stopped, "and on");
    stopped.send("ofrom the one that was stopped\x1b");
    two.until_text("from the one that was stopped");
    assert_eq!(desktop.sessions().len(), 1);
}
