//! `synk shot`: the present grid as a PNG file, drawn as the window draws it; with `--demo`, four shells of its own.

use std::io::Write;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use super::fail::Fail;
use super::gui::{board, host_options};
use super::out;
use super::verb::Context;
use crate::app::Still;
use crate::base::{PxSize, SessionNo};
use crate::client::{Absent, Control, Mirror};
use crate::config;
use crate::host;
use crate::model::board::{Board, SessionState};
use crate::protocol::methods::{CreateParams, CreateSession, DEFAULT_WORKSPACE, Empty, ListSessions, StreamFrames};
use crate::protocol::stream::{ClientMessage, HostMessage, Message, read_raw, write_message};

/// How long one frame may take to come. A host that runs answers within milliseconds.
const LIMIT: Duration = Duration::from_secs(20);

#[derive(Debug, Args)]
pub struct ShotArgs {
    /// Size of the picture in pixels
    #[arg(long, value_name = "WxH", default_value = "1200x800", value_parser = parse_size)]
    pub size: PxSize,
    /// The file to write
    #[arg(long, value_name = "FILE.png", default_value = "synk.png")]
    pub out: PathBuf,
    /// Draw four shells of its own that run coloured commands, and touch no host
    #[arg(long)]
    pub demo: bool,
}

/// Largest picture's edge in pixels: what graphics adapters are sure to have.
const MAX_EDGE: u32 = 8192;

fn parse_size(text: &str) -> Result<PxSize, String> {
    let parsed = text.split_once('x').and_then(|(w, h)| Some(PxSize { w: w.parse().ok()?, h: h.parse().ok()? }));
    parsed
        .filter(|s| (1..=MAX_EDGE).contains(&s.w) && (1..=MAX_EDGE).contains(&s.h))
        .ok_or_else(|| format!("expected WIDTHxHEIGHT in pixels, each from 1 to {MAX_EDGE}, such as 1200x800"))
}

pub fn run(cx: &Context, args: &ShotArgs) -> Result<(), Fail> {
    let loaded = config::load_from_env();
    let font = (loaded.settings.font_family.clone(), loaded.settings.font_size);
    let home = std::env::var("HOME").ok();
    let still = Still::new(args.size, font, loaded.theme.clone(), loaded.agents.clone(), home);
    let mut still = still.map_err(Fail::failed)?;
    if args.demo {
        let host = host::embed(host_options(&loaded)).map_err(Fail::failed)?;
        demo(&mut still, &args.out, || host.connect().map_err(Fail::failed))?;
    } else {
        present(cx, &mut still, &args.out)?;
    }
    out::print(&format!("{}\n", args.out.display()))
}

/// The grid of the host that runs. Sessions keep their sizes: a picture changes nothing.
fn present(cx: &Context, still: &mut Still, out: &Path) -> Result<(), Fail> {
    let mut control = cx.control(Absent::Fail)?;
    let board = board(&mut control, DEFAULT_WORKSPACE).map_err(Fail::failed)?;
    let mut viewer = Viewer::open(cx.connect(Absent::Fail)?)?;
    for no in &board.workspace.panes {
        viewer.send(*no, &ClientMessage::Subscribe)?;
        viewer.wait_for(|v| v.mirror.screen(*no).is_some())?;
    }
    still.write_png(&board, &viewer.mirror, out).map_err(Fail::failed)
}

/// What the panes of the demonstration run: what a terminal has to show, in colour.
const DEMO: [(&str, &str); 4] = [
    ("styles", include_str!("../../assets/demo/styles.sh")),
    ("colours", include_str!("../../assets/demo/colours.sh")),
    ("boxes", include_str!("../../assets/demo/boxes.sh")),
    ("build", include_str!("../../assets/demo/build.sh")),
];

fn demo(still: &mut Still, out: &Path, connect: impl Fn() -> Result<UnixStream, Fail>) -> Result<(), Fail> {
    let (mut control, _) = Control::open(connect()?, "cli").map_err(Fail::failed)?;
    board(&mut control, DEFAULT_WORKSPACE).map_err(Fail::failed)?;
    for (name, script) in DEMO {
        let params = CreateParams {
            name: Some(name.to_owned()),
            workspace: Some(DEFAULT_WORKSPACE.to_owned()),
            // The first line waits for Enter: programs ask for the size when they start, so it has to be right first.
            command: ["sh", "-c", &format!("read -r go; clear\n{script}")].map(str::to_owned).to_vec(),
            cols: 80,
            rows: 24,
            ..CreateParams::default()
        };
        control.call::<CreateSession>(&params).map_err(Fail::failed)?;
    }
    let (mut control, _) = Control::open(connect()?, "cli").map_err(Fail::failed)?;
    let mut board = board(&mut control, DEFAULT_WORKSPACE).map_err(Fail::failed)?;
    let mut viewer = Viewer::open(connect()?)?;
    let cell = still.cell();
    for (no, size) in still.grids(&board.workspace) {
        viewer.send(no, &ClientMessage::Resize { size, cell_w: cell.w as u16, cell_h: cell.h as u16 })?;
        viewer.send(no, &ClientMessage::Subscribe)?;
        viewer.wait_for(|v| v.mirror.screen(no).is_some_and(|s| s.size == size))?;
        viewer.send(no, &ClientMessage::Prompt(String::new()))?;
        // The scripts end by hiding the cursor: then everything is on the screen.
        viewer.wait_for(|v| v.mirror.screen(no).is_some_and(|s| !s.cursor.visible))?;
    }
    refresh(&mut control, &mut board)?;
    still.write_png(&board, &viewer.mirror, out).map_err(Fail::failed)
}

/// Brings the sessions of a board up to date.
fn refresh(control: &mut Control, board: &mut Board) -> Result<(), Fail> {
    let list = control.call::<ListSessions>(&Empty {}).map_err(Fail::failed)?;
    board.sessions = list.sessions.into_iter().filter_map(|s| s.into_model()).collect();
    for session in board.sessions.iter_mut().filter(|s| s.state != SessionState::Stopped) {
        session.active = true;
    }
    Ok(())
}

/// A stream connection used by one thread.
struct Viewer {
    socket: UnixStream,
    mirror: Mirror,
}

impl Viewer {
    fn open(socket: UnixStream) -> Result<Self, Fail> {
        let (mut control, _) = Control::open(socket, "cli").map_err(Fail::failed)?;
        control.call::<StreamFrames>(&Empty {}).map_err(Fail::failed)?;
        let (socket, _) = control.into_parts();
        socket.set_read_timeout(Some(LIMIT)).map_err(Fail::failed)?;
        Ok(Self { socket, mirror: Mirror::default() })
    }

    fn send(&mut self, no: SessionNo, message: &ClientMessage) -> Result<(), Fail> {
        write_message(&mut self.socket, no, message).map_err(Fail::failed)?;
        self.socket.flush().map_err(Fail::failed)
    }

    /// Takes frames in until a condition holds.
    fn wait_for(&mut self, holds: impl Fn(&Self) -> bool) -> Result<(), Fail> {
        while !holds(self) {
            let raw = read_raw(&mut self.socket).map_err(|e| Fail::failed(format!("no frame came: {e}")))?;
            let raw = raw.ok_or_else(|| Fail::failed("the host closed the connection"))?;
            if let Some(HostMessage::Frame(frame)) = HostMessage::read(&raw).map_err(Fail::failed)? {
                self.mirror.apply(raw.session, &frame).map_err(Fail::failed)?;
                self.send(raw.session, &ClientMessage::Credit)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_checked() {
        assert_eq!(parse_size("1200x800"), Ok(PxSize { w: 1200, h: 800 }));
        for bad in ["", "x", "0x5", "5", "9000x10", "-1x5", "1x2x3"] {
            assert!(parse_size(bad).is_err(), "{bad}");
        }
    }
}
