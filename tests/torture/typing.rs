//! Somebody types, into a terminal with `synk attach`, one number after the other, while the daemon is killed. The program
//! of the session writes down what it reads: each number is to be there once, in its order.

use std::collections::HashSet;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};
use serde_json::{Value, json};

use crate::emit::Random;
use crate::support::PATIENCE;
use crate::support::api::Api;
use crate::terminal::Terminal;
use crate::user::User;

/// What is typed last.
const LAST: u8 = b'!';

/// The program of the session: writes down what it reads, as it comes, up to the last of it.
pub fn record(file: &str) -> ! {
    let mut stdin = std::io::stdin();
    let mut modes = tcgetattr(&stdin).expect("a terminal");
    modes.make_raw();
    tcsetattr(&stdin, OptionalActions::Now, &modes).expect("a terminal that can be set");
    let mut file = fs::File::create(file).expect("a file can be made");
    print!("ready");
    std::io::stdout().flush().expect("the terminal takes it");
    let mut bytes = [0; 4096];
    loop {
        let n = stdin.read(&mut bytes).expect("input");
        file.write_all(&bytes[..n]).expect("the file takes it");
        if n == 0 || bytes[..n].ends_with(&[LAST]) {
            std::process::exit(0);
        }
    }
}

/// Somebody who types.
pub struct Typing {
    file: PathBuf,
    stop: Arc<AtomicBool>,
    /// Returns how many numbers were typed.
    hands: JoinHandle<u64>,
}

impl Typing {
    /// Makes the session and begins to type into it.
    pub fn start(user: &User, api: &mut Api, seed: u64) -> Self {
        let file = user.path("typed");
        let program = std::env::current_exe().expect("this program").display().to_string();
        let command = [program.as_str(), "record", &file.display().to_string()];
        api.call("create_session", json!({"name": "typed", "command": command}));
        let mut terminal = Terminal::start(user, &["attach", "-t", "typed"], 80, 24);
        terminal.until_text("ready");
        let stop = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&stop);
        let hands = thread::spawn(move || {
            let (mut random, mut count) = (Random(seed), 0);
            while !told.load(Ordering::SeqCst) {
                // It comes back after 20 ms at most: a few hundred keys a second.
                terminal.step();
                for _ in 0..random.below(4) {
                    count += 1;
                    terminal.send(format!("{count};"));
                }
            }
            terminal.send([LAST]);
            let end = Instant::now() + PATIENCE;
            // It ends with the program, whose last byte this was.
            while terminal.child.try_wait().is_ok_and(|status| status.is_none()) && Instant::now() < end {
                terminal.step();
            }
            let _ = terminal.child.kill();
            let _ = terminal.child.wait();
            count
        });
        Self { file, stop, hands }
    }

    /// Types the last of it, and says what has become of everything.
    pub fn finish(self) -> Value {
        self.stop.store(true, Ordering::SeqCst);
        let count = self.hands.join().expect("somebody typed");
        reckon(&self.file, count)
    }
}

fn reckon(file: &Path, count: u64) -> Value {
    let text = fs::read_to_string(file).unwrap_or_default();
    let ended = text.ends_with(char::from(LAST));
    let words = text.trim_end_matches(char::from(LAST)).split_terminator(';');
    let (mut seen, mut doubled, mut strange, mut reordered, mut last) = (HashSet::new(), 0, 0, 0, 0);
    for word in words {
        match word.parse::<u64>() {
            Ok(number) if (1..=count).contains(&number) => {
                doubled += u64::from(!seen.insert(number));
                reordered += u64::from(number < last);
                last = number;
            }
            _ => strange += 1,
        }
    }
    let lost: Vec<u64> = (1..=count).filter(|number| !seen.contains(number)).collect();
    let (first, lost) = (lost.iter().take(100).collect::<Vec<_>>(), lost.len() as u64);
    let ok = ended && lost + doubled + strange + reordered == 0;
    json!({
        "ok": ok, "numbers": count, "bytes": text.len(), "ended": ended,
        "lost": lost, "doubled": doubled, "reordered": reordered, "strange": strange, "first_lost": first,
    })
}
