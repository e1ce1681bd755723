//! From the key to the picture: how long the window takes from one workspace of four panes to another, and, to compare
//! with, from a key typed into a pane to what its program makes of it. Runs on a virtual X server whose screen is a file,
//! so that the first moment at which the new picture is there can be seen.

#[path = "../tests/support/desktop.rs"]
mod desktop;
#[path = "../tests/support/process.rs"]
mod process;

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use desktop::{Desktop, WINDOW, until};

const ROUNDS: usize = 300;
/// Between two rounds: the window has come to rest by then.
const REST: Duration = Duration::from_millis(60);
/// A pane that paints itself, and does so anew in the colour of each digit that is typed.
const PAINTER: &str =
    r#"printf '\033[?25l\033[4%sm\033[2J' "$0"; stty -echo; while read -rsn1 c; do printf "\033[4${c}m\033[2J"; done"#;
/// The middle of each pane of four.
const MIDDLES: [(u32, u32); 4] = [
    (WINDOW.0 / 4, WINDOW.1 / 4),
    (3 * WINDOW.0 / 4, WINDOW.1 / 4),
    (WINDOW.0 / 4, 3 * WINDOW.1 / 4),
    (3 * WINDOW.0 / 4, 3 * WINDOW.1 / 4),
];

/// The X server's screen, an image in the form of XWD (X11/XWDFile.h).
struct Screen {
    file: File,
    pixels: u64,
    line: u64,
}

impl Screen {
    fn open(desktop: &Desktop) -> Self {
        let file = File::open(desktop.path("screen/Xvfb_screen0")).unwrap();
        let mut header = [0; 100];
        file.read_exact_at(&mut header, 0).unwrap();
        let field = |n: usize| u64::from(u32::from_be_bytes(header[4 * n..4 * n + 4].try_into().unwrap()));
        // Behind the header the colours, 12 bytes each.
        Self { file, pixels: field(0) + 12 * field(19), line: field(12) }
    }

    fn pixel(&self, (x, y): (u32, u32)) -> [u8; 3] {
        let mut bgr = [0; 3];
        self.file.read_exact_at(&mut bgr, self.pixels + u64::from(y) * self.line + 4 * u64::from(x)).unwrap();
        bgr
    }

    /// What the four panes show.
    fn panes(&self) -> [[u8; 3]; 4] {
        MIDDLES.map(|at| self.pixel(at))
    }
}

/// A hand at the keyboard that is there already: a program that is only started takes longer than what is measured.
struct Hand(Child);

impl Hand {
    fn new(desktop: &Desktop) -> Self {
        let mut xdotool: Command = desktop.command("xdotool");
        Self(xdotool.arg("-").stdin(Stdio::piped()).spawn().unwrap())
    }

    fn does(&mut self, what: &str) {
        let mut stdin = self.0.stdin.as_ref().unwrap();
        writeln!(stdin, "{what}").unwrap();
    }
}

impl Drop for Hand {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Presses and waits until the panes show something else, whole.
fn measure(
    what: &str,
    screen: &Screen,
    hand: &mut Hand,
    round: impl Fn(usize) -> String,
    done: impl Fn(usize) -> bool,
) {
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|n| {
            std::thread::sleep(REST);
            let begun = Instant::now();
            hand.does(&round(n));
            while !done(n) {
                assert!(begun.elapsed() < desktop::PATIENCE, "{what}: {:?}", screen.panes());
                std::hint::spin_loop();
            }
            begun.elapsed()
        })
        .collect();
    times.sort_unstable();
    let ms = |d: Duration| d.as_secs_f64() * 1e3;
    let (median, late) = (times[ROUNDS / 2], times[ROUNDS * 99 / 100]);
    println!("{what}: {:.1} ms at the median, {:.1} at p99, of {ROUNDS}", ms(median), ms(late));
}

fn main() {
    let desktop = Desktop::new("(cursor_blink: false)");
    let synk = |words: &[&str]| assert!(desktop.synk().args(words).status().unwrap().success(), "{words:?}");
    synk(&["daemon", "start"]);
    synk(&["workspace", "new", "work"]);
    for (workspace, color) in [("default", "1"), ("work", "2")] {
        for _ in 0..4 {
            // Smaller than it will be: a narrower one would wrap what was painted.
            let size = ["-x", "60", "-y", "18"];
            synk(
                &[&["new", "-d", "--workspace", workspace], &size[..], &["--", "bash", "-c", PAINTER, color]].concat(),
            );
        }
    }
    let _window = desktop.open(&[]);
    let screen = Screen::open(&desktop);
    let red = until("four red panes", || {
        let panes = screen.panes();
        (panes.iter().all(|p| *p == panes[0]) && panes[0][2] > panes[0][1] + 50).then_some(panes)
    });
    let mut hand = Hand::new(&desktop);
    // The first pane has the keyboard: it turns blue and red.
    let digit = |n: usize| format!("key --delay 0 {}", if n.is_multiple_of(2) { 4 } else { 1 });
    measure("a key, and what its program paints", &screen, &mut hand, digit, |n| {
        (screen.pixel(MIDDLES[0]) == red[0]) == (n % 2 == 1)
    });
    hand.does("keydown ctrl keydown shift keydown alt");
    let next = |_: usize| "key --delay 0 Next".to_owned();
    measure("another workspace of four panes", &screen, &mut hand, next, |n| {
        let shown = screen.panes();
        let same = shown.iter().all(|p| *p == shown[0]);
        same && (shown == red) == (n % 2 == 1) && shown[0].iter().any(|c| *c > 100)
    });
}
