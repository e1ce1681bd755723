//! How long nobody answers and no output is seen, as clients have it: looked at all the time, on threads of their own.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::stage::status;

/// Between two questions.
const LOOK: Duration = Duration::from_millis(2);

/// What looks on.
pub struct Watch {
    done: Arc<AtomicBool>,
    answers: JoinHandle<Duration>,
    output: JoinHandle<Duration>,
}

impl Watch {
    /// Looks at a host, and at the output of one of its sessions, which has to flow all the time.
    pub fn start(socket: PathBuf, session: String) -> Self {
        let done = Arc::new(AtomicBool::new(false));
        let (going, path) = (Arc::clone(&done), socket.clone());
        let answers = thread::spawn(move || {
            longest(&going, || {
                thread::sleep(LOOK);
                status(&path).is_some()
            })
        });
        let going = Arc::clone(&done);
        let mut following = None;
        let output = thread::spawn(move || longest(&going, || has_output(&mut following, &socket, &session)));
        Self { done, answers, output }
    }

    /// The longest time without an answer to `get_status` on a new connection, and without output.
    pub fn end(self) -> (Duration, Duration) {
        self.done.store(true, Ordering::Relaxed);
        (self.answers.join().expect("it looked on"), self.output.join().expect("it looked on"))
    }
}

/// The longest time between two times at which something was so.
fn longest(done: &AtomicBool, mut is_so: impl FnMut() -> bool) -> Duration {
    let (mut last, mut longest) = (None, Duration::ZERO);
    while !done.load(Ordering::Relaxed) {
        if is_so() {
            let now = Instant::now();
            longest = longest.max(last.map_or(Duration::ZERO, |last| now - last));
            last = Some(now);
        }
    }
    longest
}

/// A connection on which the output of the session comes.
fn follow(socket: &Path, session: &str) -> Option<BufReader<UnixStream>> {
    let mut stream = UnixStream::connect(socket).ok()?;
    let params = json!({"events": ["session:output"], "session_id": session});
    writeln!(stream, "{}", json!({"id": 1, "method": "subscribe", "params": params})).ok()?;
    Some(BufReader::new(stream))
}

/// Waits for output of the session; on a new connection where the one before has ended.
fn has_output(following: &mut Option<BufReader<UnixStream>>, socket: &Path, session: &str) -> bool {
    let Some(lines) = following else {
        *following = follow(socket, session);
        return false;
    };
    let mut line = String::new();
    if !lines.read_line(&mut line).is_ok_and(|length| length > 0) {
        *following = None;
        return false;
    }
    serde_json::from_str::<Value>(&line).is_ok_and(|line| line["method"] == "session:output")
}
