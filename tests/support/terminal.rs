//! An outer terminal for tests of `synk attach`: a real PTY with the real program on it, and synk's own engine that shows
//! what the program writes and answers its questions, as a terminal would.

#![allow(dead_code, reason = "every test file uses a part of it")]

use std::fs::File;
use std::io::Write;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Termios, Winsize, tcgetattr, tcsetwinsize};
use synk::base::GridSize;
use synk::engine::{Effect, Engine, EngineOptions};
use synk::model::{CursorShape, Modes, Screen, ViewAt, Width};

use super::support::{Control, PATIENCE};
use super::user::User;

/// A user whose host runs, and a connection to it.
pub fn user() -> (User, Control) {
    let user = User::new();
    user.start_host();
    let control = Control::new(UnixStream::connect(user.socket()).unwrap());
    (user, control)
}

/// A terminal emulator of a test's own.
pub struct Terminal {
    master: OwnedFd,
    /// Held open, so that the terminal outlives the program; none once the terminal is gone.
    line: Option<OwnedFd>,
    pub child: Child,
    pub engine: Engine,
    pub effects: Vec<Effect>,
    /// Everything that was written to it.
    pub written: Vec<u8>,
    before: Termios,
}

impl Terminal {
    /// Runs `synk` with these arguments in a terminal of this size.
    pub fn start(user: &User, args: &[&str], cols: u16, lines: u16) -> Self {
        Self::start_with(user, args, cols, lines, &[])
    }

    /// As [`Terminal::start`], with more variables.
    pub fn start_with(user: &User, args: &[&str], cols: u16, lines: u16, vars: &[(&str, &str)]) -> Self {
        // Gives the program the terminal as its own, which it is in people's terminals too.
        let mut command = user.command("setsid");
        command.args(["-c", env!("CARGO_BIN_EXE_synk")]).args(args);
        Self::run(command, cols, lines, vars)
    }

    /// Runs a command in a terminal of this size; the variables come last.
    pub fn run(mut command: Command, cols: u16, lines: u16, vars: &[(&str, &str)]) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let line = open(name, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty()).unwrap();
        set_size(&master, cols, lines);
        let before = tcgetattr(&line).unwrap();
        let end = || Stdio::from(line.try_clone().unwrap());
        command.env("TERM", "xterm-kitty").env("COLORTERM", "truecolor").envs(vars.iter().copied());
        let child = command.stdin(end()).stdout(end()).stderr(end()).spawn().unwrap();
        let engine = Engine::new(GridSize::clamped(cols, lines), EngineOptions::default());
        Self { master, line: Some(line), child, engine, effects: Vec::new(), written: Vec::new(), before }
    }

    /// Takes what the program writes, or waits a moment for it; false when nothing came.
    pub fn step(&mut self) -> bool {
        let moment = Timespec { tv_sec: 0, tv_nsec: 20_000_000 };
        let mut fds = [PollFd::new(&self.master, PollFlags::IN)];
        if poll(&mut fds, Some(&moment)).unwrap() == 0 {
            return false;
        }
        let mut bytes = [0; 1 << 16];
        let Ok(n) = rustix::io::read(&self.master, &mut bytes) else { return false };
        self.written.extend_from_slice(&bytes[..n]);
        let from = self.effects.len();
        self.engine.feed(&bytes[..n], &mut self.effects);
        let replies: Vec<u8> = self.effects[from..]
            .iter()
            .filter_map(|e| if let Effect::Reply(bytes) = e { Some(bytes.as_slice()) } else { None })
            .flatten()
            .copied()
            .collect();
        if !replies.is_empty() {
            self.send(&replies);
        }
        true
    }

    /// Types these bytes.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        File::from(self.master.try_clone().unwrap()).write_all(bytes.as_ref()).unwrap();
    }

    pub fn screen(&mut self) -> Screen {
        self.engine.view(ViewAt::Live)
    }

    pub fn text(&mut self) -> String {
        self.screen().text()
    }

    /// Waits until the screen is as wanted.
    pub fn until(&mut self, what: &str, done: impl Fn(&Screen) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !done(&self.screen()) {
            self.step();
            assert!(Instant::now() < end, "gave up waiting: {what}; the terminal shows:\n{}", self.text());
        }
    }

    pub fn until_text(&mut self, text: &str) {
        self.until(text, |screen| screen.text().contains(text));
    }

    /// Waits until it shows this screen of a session, cell by cell, and has its cursor.
    pub fn until_same(&mut self, session: &Screen) {
        let end = Instant::now() + PATIENCE;
        while let Some(difference) = difference(session, &self.screen()) {
            self.step();
            assert!(Instant::now() < end, "{difference}; the terminal shows:\n{}", self.text());
        }
    }

    /// Gives it another size, as a window that is dragged.
    pub fn resize(&mut self, cols: u16, lines: u16) {
        self.engine.resize(GridSize::clamped(cols, lines));
        set_size(&self.master, cols, lines);
    }

    /// Waits until the program has ended.
    pub fn ended(&mut self) -> ExitStatus {
        let end = Instant::now() + PATIENCE;
        loop {
            let status = self.child.try_wait().unwrap();
            let more = self.line.is_some() && self.step();
            if let (Some(status), false) = (status, more) {
                return status;
            }
            assert!(Instant::now() < end, "it does not end; the terminal shows:\n{}", self.text());
        }
    }

    /// Whether the terminal is as it was before the program ran: its line, its modes, its screen.
    pub fn assert_put_back(&mut self) {
        let line = self.line.as_ref().unwrap();
        let now = tcgetattr(line).unwrap();
        let all = |t: &Termios| (t.input_modes, t.output_modes, t.control_modes, t.local_modes);
        assert_eq!(all(&now), all(&self.before), "the line's settings");
        assert_eq!(self.engine.modes(), Engine::new(GridSize::default(), EngineOptions::default()).modes());
        assert_eq!(self.engine.title(), "", "the title");
        let cursor = self.screen().cursor;
        assert_eq!((cursor.visible, cursor.shape, cursor.blink), (true, CursorShape::Block, false));
        assert!(!self.engine.holds(), "a picture is held");
        // Lines wrap by themselves again.
        let wide = "x".repeat(usize::from(self.engine.size().cols()) + 1);
        let before = self.screen().cursor.line;
        self.engine.feed(format!("\r{wide}").as_bytes(), &mut Vec::new());
        assert!(
            self.screen().cursor.line > before || self.screen().rows.last().is_some_and(|row| row.cells.len() == 1)
        );
    }

    /// The terminal goes away, as a window that is closed.
    pub fn close(mut self) -> Child {
        self.line = None;
        self.child
    }

    pub fn modes(&self) -> Modes {
        self.engine.modes()
    }

    pub fn pid(&self) -> rustix::process::Pid {
        rustix::process::Pid::from_child(&self.child)
    }

    pub fn line(&self) -> impl AsFd {
        self.line.as_ref().unwrap().try_clone().unwrap()
    }
}

fn set_size(master: &OwnedFd, cols: u16, lines: u16) {
    let size = Winsize { ws_row: lines, ws_col: cols, ws_xpixel: cols * 8, ws_ypixel: lines * 16 };
    tcsetwinsize(master, size).unwrap();
}

/// The first difference between a session's screen and what a terminal shows of it.
fn difference(session: &Screen, shown: &Screen) -> Option<String> {
    if session.size != shown.size {
        return Some(format!("{:?} and {:?}", session.size, shown.size));
    }
    for (line, (ours, theirs)) in session.rows.iter().zip(&shown.rows).enumerate() {
        for col in 0..session.size.cols() {
            let (a, b) = (ours.cell(col), theirs.cell(col));
            let spacer = a.width == Width::Spacer && b.width == Width::Spacer;
            if (a != b && !spacer) || ours.marks_at(col) != theirs.marks_at(col) {
                return Some(format!("line {line}, column {col}: {a:?} is shown as {b:?}"));
            }
        }
    }
    let cursor = |screen: &Screen| (screen.cursor.visible, screen.cursor.line, screen.cursor.col, screen.cursor.shape);
    (cursor(session) != cursor(shown) && session.cursor.visible)
        .then(|| format!("the cursor {:?} is shown as {:?}", session.cursor, shown.cursor))
}
