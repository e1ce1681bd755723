//! A desktop for tests: a virtual X server of their own, a home of their own, the real program in a real window, keys
//! and pointer from xdotool, pixels read back. It knows the protocol, to ask the host what the sessions hold. Waits for
//! conditions; a wait that takes [`PATIENCE`] is a failure, and so is a missing tool.

#![allow(dead_code, reason = "every test file uses a part of it")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::process;
use synk::base::SessionNo;
use synk::client::{Control, Mirror};
use synk::protocol::methods::{Empty, ListSessions, StreamFrames};
use synk::protocol::shapes::Session;
use synk::protocol::stream::{ClientMessage, HostMessage, Message, read_raw, write_message};
use tempfile::TempDir;

/// Longest wait for anything: a loaded machine is slow, and a failure may take its time.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks at a condition that cannot be waited for in another way.
const LOOK: Duration = Duration::from_millis(20);
/// The virtual screen: somewhat larger than the window, which stands at its top left.
const SCREEN: (u32, u32) = (1280, 860);
/// The window's size.
pub const WINDOW: (u32, u32) = (1200, 800);

/// The whole window: left, top, right, bottom.
pub const WHOLE: (u32, u32, u32, u32) = (0, 0, WINDOW.0, WINDOW.1);
/// The built-in theme's colour of a focused pane's frame.
pub const ACCENT: u32 = 0x4a_9e_ff;

/// Waits until there is something to return.
pub fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < end, "gave up waiting: {what}");
        std::thread::sleep(LOOK);
    }
}

/// An X server and a user's directories. What was started in it ends with it.
pub struct Desktop {
    server: Child,
    display: String,
    dir: TempDir,
    /// What synk has beside the user's variables, or in their place.
    pub vars: Vec<(String, String)>,
}

impl Desktop {
    /// A desktop without a window; `settings` is what the user's `synk.ron` says.
    pub fn new(settings: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for name in ["run", "home/.config/synk", "bin", "screen"] {
            fs::create_dir_all(dir.path().join(name)).unwrap();
        }
        let mut server = Command::new("Xvfb")
            // Without a reset when its last window goes: the next one would find it on its way down.
            .args([
                "-displayfd",
                "1",
                "-noreset",
                "-nolisten",
                "tcp",
                "-screen",
                "0",
                &format!("{}x{}x24", SCREEN.0, SCREEN.1),
                "-fbdir",
            ])
            .arg(dir.path().join("screen"))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb cannot be started; the tests need it: install the packages that `make setup` names");
        let mut number = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut number).unwrap();
        assert!(!number.trim().is_empty(), "Xvfb did not say its display");
        // A prompt that is the same everywhere, and nothing kept of what was typed.
        fs::write(dir.path().join("home/.bashrc"), "PS1='$ '; unset HISTFILE; cd\n").unwrap();
        fs::write(dir.path().join("home/.config/synk/synk.ron"), settings).unwrap();
        Self { server, display: format!(":{}", number.trim()), dir, vars: Vec::new() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A program with this user's environment.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths([self.path("bin")].into_iter().chain(std::env::split_paths(&path))).unwrap();
        command.stdin(Stdio::null()).env_clear().env("PATH", path).env("DISPLAY", &self.display);
        command.env("HOME", self.path("home")).env("XDG_RUNTIME_DIR", self.path("run"));
        command.env("SHELL", "/bin/bash").env("LANG", "C.UTF-8");
        command
    }

    pub fn synk(&self) -> Command {
        let mut command = self.command(env!("CARGO_BIN_EXE_synk"));
        command.envs(self.vars.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Opens a window and waits until it shows a pane that has the keyboard.
    pub fn open(&self, args: &[&str]) -> Window<'_> {
        self.open_titled("synk", args)
    }

    /// As [`Desktop::open`], where the title is not the usual one.
    pub fn open_titled(&self, title: &str, args: &[&str]) -> Window<'_> {
        let log = fs::File::create(self.path("window.log")).unwrap();
        let child = self.synk().args(args).stderr(log).spawn().unwrap();
        let mut window = Window { desktop: self, child, id: String::new() };
        window.id = until("the window", || {
            window.assert_running();
            let found =
                self.xdotool(&["search", "--pid", &window.child.id().to_string(), "--name", &format!("^{title}$")]);
            found.lines().next().map(str::to_owned).filter(|id| !id.is_empty())
        });
        // Without a window manager nobody gives it the keyboard.
        until("the window has the keyboard", || {
            self.xdotool(&["windowfocus", &window.id]);
            (self.xdotool(&["getwindowfocus"]).trim() == window.id).then_some(())
        });
        until("the focused pane's frame", || (window.pixels().count(WHOLE, ACCENT) > 500).then_some(()));
        window
    }

    pub fn xdotool(&self, args: &[&str]) -> String {
        let out = self.command("xdotool").args(args).output();
        let out =
            out.expect("xdotool cannot be started; the tests need it: install the packages that `make setup` names");
        String::from_utf8_lossy(&out.stdout).into_owned()
    }

    /// A control connection to the host, if there is one.
    pub fn control(&self) -> Option<(Control, u32)> {
        let socket = UnixStream::connect(self.path("run/synk/synk.sock")).ok()?;
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        let (control, hello) = Control::open(socket, "test").ok()?;
        Some((control, hello.pid))
    }

    pub fn host_pid(&self) -> u32 {
        until("a host", || self.control()).1
    }

    /// The host's sessions; none while there is no host.
    pub fn sessions(&self) -> Vec<Session> {
        let list = self.control().and_then(|(mut control, _)| control.call::<ListSessions>(&Empty {}).ok());
        list.map(|l| l.sessions).unwrap_or_default()
    }

    /// Waits until as many sessions run, and returns them in the order they were made.
    pub fn until_sessions(&self, count: usize) -> Vec<Session> {
        until(&format!("{count} sessions"), || Some(self.sessions()).filter(|s| s.len() == count))
    }

    /// What a session shows, asked anew of the host, without taking part in its size.
    pub fn text(&self, no: u32) -> String {
        let Some((mut control, _)) = self.control() else { return String::new() };
        control.call::<StreamFrames>(&Empty {}).unwrap();
        let (mut socket, mut reader) = control.into_parts();
        write_message(&mut socket, SessionNo(no), &ClientMessage::Subscribe).unwrap();
        let mut mirror = Mirror::default();
        while mirror.screen(SessionNo(no)).is_none() {
            let Ok(Some(raw)) = read_raw(&mut reader) else { return String::new() };
            match HostMessage::read(&raw).unwrap() {
                Some(HostMessage::Frame(frame)) => mirror.apply(raw.session, &frame).unwrap(),
                Some(HostMessage::Gone) => return String::new(),
                _ => {}
            }
        }
        mirror.screen(SessionNo(no)).unwrap().text()
    }

    /// Waits until a session shows this line.
    pub fn until_line(&self, no: u32, line: &str) {
        until(&format!("the line {line:?} in session {no}; it shows\n{}", self.text(no)), || {
            self.text(no).lines().any(|l| l == line).then_some(())
        });
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        if let Some((_, pid)) = self.control() {
            // The keeper, if there is one, ends all the others.
            let first = process::keeper(pid).unwrap_or(pid);
            signal(first, "TERM");
            let gone = Instant::now() + Duration::from_secs(10);
            while Path::new(&format!("/proc/{first}")).exists() && Instant::now() < gone {
                std::thread::sleep(LOOK);
            }
        }
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// Sends a signal to a process that these tests started.
pub fn signal(pid: u32, name: &str) {
    let _ = Command::new("kill").arg(format!("-{name}")).arg(pid.to_string()).status();
}

/// A window of the real program.
pub struct Window<'a> {
    pub desktop: &'a Desktop,
    child: Child,
    id: String,
}

impl Window<'_> {
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    fn assert_running(&mut self) {
        if let Some(status) = self.child.try_wait().unwrap() {
            let said = fs::read_to_string(self.desktop.path("window.log")).unwrap_or_default();
            panic!("the window ended ({status}): {said}");
        }
    }

    /// Presses chords, as xdotool writes them.
    pub fn keys(&self, chords: &[&str]) {
        self.desktop.xdotool(&[&["key", "--delay", "10"], chords].concat());
    }

    pub fn type_text(&self, text: &str) {
        self.desktop.xdotool(&["type", "--delay", "8", "--", text]);
    }

    /// Types a line and Enter.
    pub fn line(&self, text: &str) {
        self.type_text(text);
        self.keys(&["Return"]);
    }

    /// Moves the pointer within the window and does something with it.
    pub fn pointer(&self, at: (i32, i32), then: &[&str]) {
        let (x, y) = (at.0.to_string(), at.1.to_string());
        self.desktop.xdotool(&[&["mousemove", "--window", &self.id, &x, &y], then].concat());
    }

    /// The pixels of the window, three bytes each.
    pub fn pixels(&self) -> Pixels {
        let crop = format!("{}x{}+0+0", WINDOW.0, WINDOW.1);
        let mut import = self.desktop.command("import");
        import.args(["-window", "root", "-crop", &crop, "-depth", "8", "rgb:-"]);
        let out = import.output();
        let out =
            out.expect("import cannot be started; the tests need it: install the packages that `make setup` names");
        assert_eq!(out.stdout.len(), (WINDOW.0 * WINDOW.1 * 3) as usize, "{}", String::from_utf8_lossy(&out.stderr));
        Pixels(out.stdout)
    }

    /// Waits for the window to end by itself.
    pub fn until_closed(&mut self) -> i32 {
        until("the window closes", || self.child.try_wait().unwrap()).code().unwrap_or(-1)
    }

    pub fn is_open(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Ends the window as a crash would.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Window<'_> {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A picture of the window.
pub struct Pixels(Vec<u8>);

impl Pixels {
    /// How many pixels of a rectangle (left, top, right, bottom) have about this colour.
    pub fn count(&self, (left, top, right, bottom): (u32, u32, u32, u32), rgb: u32) -> usize {
        let want = rgb.to_be_bytes();
        let near = |at: u32| {
            let at = 3 * at as usize;
            self.0[at..at + 3].iter().zip(&want[1..]).all(|(a, b)| a.abs_diff(*b) <= 2)
        };
        let points = (top..bottom).flat_map(|y| (left..right).map(move |x| y * WINDOW.0 + x));
        points.filter(|at| near(*at)).count()
    }
}

/// Context switches of all threads of a process, and its processor time in clock ticks.
pub fn activity(pid: u32) -> (u64, u64) {
    let mut switches = 0;
    for task in fs::read_dir(format!("/proc/{pid}/task")).unwrap().flatten() {
        let status = fs::read_to_string(task.path().join("status")).unwrap_or_default();
        let counts = status.lines().filter(|line| line.contains("ctxt_switches"));
        switches += counts.filter_map(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok()).sum::<u64>();
    }
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    // The name in parentheses may hold blanks; utime and stime are the 12th and 13th fields behind it (proc(5)).
    let behind = stat.rsplit(')').next().unwrap_or_default();
    let ticks = behind.split_whitespace().skip(11).take(2).filter_map(|n| n.parse::<u64>().ok()).sum();
    (switches, ticks)
}
