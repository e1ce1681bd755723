//! The other program that sessions run: it writes what it is told over a socket of its own, not over its terminal, so that
//! it hears no matter who is killed. How far it has come stands in a file that outlives it.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use memmap2::MmapRaw;
use rustix::termios::{OptionalActions, OutputModes, tcgetattr, tcsetattr};

use crate::emit::{self, BYE, Random};

/// What it is told, as a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// Write the stream of this seed, of about this length; then say so.
    Write { seed: u64, length: usize },
    /// Write this line.
    Say(String),
    /// Leave what is being written, say goodbye and end.
    End,
}

impl Order {
    pub fn line(&self) -> String {
        match self {
            Self::Write { seed, length } => format!("write {seed} {length}\n"),
            Self::Say(text) => format!("say {text}\n"),
            Self::End => "end\n".into(),
        }
    }

    fn read(line: &str) -> Self {
        let (verb, rest) = line.trim_end().split_once(' ').unwrap_or((line.trim_end(), ""));
        match verb {
            "write" => {
                let mut numbers = rest.split(' ').map(|word| word.parse().expect("a number"));
                let mut next = || numbers.next().expect("two numbers");
                Self::Write { seed: next(), length: next() as usize }
            }
            "say" => Self::Say(rest.into()),
            _ => Self::End,
        }
    }

    /// The bytes that it makes a program write.
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Write { seed, length } => emit::stream(*seed, *length),
            Self::Say(text) => format!("{text}\r\n").into_bytes(),
            Self::End => BYE.as_bytes().to_vec(),
        }
    }
}

/// How many bytes a program has written to its terminal: it was about to come so far, and it has come so far. Two numbers
/// in a file, which both sides map: who is killed leaves them as they are.
pub struct Progress {
    map: MmapRaw,
}

impl Progress {
    /// Of a program that is not there yet.
    pub fn create(path: &Path) -> Self {
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(path).expect("a new file");
        file.set_len(16).expect("room for two numbers");
        Self::map(&file)
    }

    fn open(path: &Path) -> Self {
        Self::map(&OpenOptions::new().read(true).write(true).open(path).expect("the file of the progress"))
    }

    fn map(file: &File) -> Self {
        Self { map: MmapRaw::map_raw(file).expect("a mapping") }
    }

    fn word(&self, at: usize) -> &AtomicU64 {
        // SAFETY: the mapping is 16 bytes long, page-aligned and lives as long as `self`; both sides use it in this way only.
        unsafe { &*self.map.as_ptr().cast::<AtomicU64>().add(at) }
    }

    /// At least so many bytes were written, and at most so many.
    pub fn written(&self) -> (u64, u64) {
        (self.word(1).load(Ordering::SeqCst), self.word(0).load(Ordering::SeqCst))
    }

    fn write(&self, out: &mut impl Write, bytes: &[u8]) {
        let (before, length) = (self.written().0, bytes.len() as u64);
        self.word(0).store(before + length, Ordering::SeqCst);
        out.write_all(bytes).and_then(|()| out.flush()).expect("the terminal takes it");
        self.word(1).store(before + length, Ordering::SeqCst);
    }
}

/// Does what comes over the socket. Ends with the code when it is told to, and with 1 where nobody can tell it any more.
pub fn run(socket: &Path, progress: &Path, code: i32) -> ! {
    let stdout = std::io::stdout();
    // Every byte arrives as it is.
    let mut modes = tcgetattr(&stdout).expect("a terminal");
    modes.output_modes.remove(OutputModes::OPOST);
    tcsetattr(&stdout, OptionalActions::Now, &modes).expect("a terminal that can be set");
    let (mut out, progress) = (stdout.lock(), Progress::open(progress));
    let socket = UnixStream::connect(socket).expect("somebody who gives orders");
    let mut orders = BufReader::new(socket.try_clone().expect("a descriptor"));
    let mut line = String::new();
    loop {
        line.clear();
        if orders.read_line(&mut line).expect("an order") == 0 {
            std::process::exit(1);
        }
        let order = Order::read(&line);
        let bytes = order.bytes();
        if let Order::Write { seed, .. } = order {
            let (mut random, mut rest) = (Random(!seed), &bytes[..]);
            while !rest.is_empty() && !is_told(&socket, &orders) {
                let (part, after) = rest.split_at(rest.len().min(1 + random.below(4000) as usize));
                progress.write(&mut out, part);
                rest = after;
            }
            (&socket).write_all(b"done\n").expect("somebody who listens");
        } else {
            progress.write(&mut out, &bytes);
        }
        if order == Order::End {
            std::process::exit(code);
        }
    }
}

/// Whether there is another order.
fn is_told(socket: &UnixStream, orders: &BufReader<UnixStream>) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let now = Timespec::default();
    !orders.buffer().is_empty() || poll(&mut [PollFd::new(socket, PollFlags::IN)], Some(&now)).is_ok_and(|n| n > 0)
}
