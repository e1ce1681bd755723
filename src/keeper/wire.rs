//! What keeper and daemon say to each other over the socket pair between them. Frozen, because a keeper runs on while
//! daemons of later releases come and go: a payload may grow at its end and there may be new operations, nothing else.
//! What is not known is answered with a refusal. [`super::frame`] is how it travels; `tests/keeper_wire.rs` holds the bytes.

use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use super::bytes::{In, Out};
use super::child::Exit;
use super::claim::FileId;
use super::command::Launch;
use super::pty::WindowSize;

/// The version of these frames that this build speaks, all there is.
pub const PROTO: u16 = 1;

/// What a daemon asks of its keeper. Every request is answered, with [`Reply::Refused`] where it cannot be met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Before anything else. Answered with [`Reply::Hello`].
    Hello { proto_min: u16, proto_max: u16 },
    /// Starts a program on a PTY of its own, under a key that no living program has. The memory of its session may come
    /// with it, and is kept unread. Answered with [`Reply::Spawned`].
    Spawn { key: u128, launch: Launch, size: WindowSize },
    /// Keeps what no program of the keeper's stands behind: a serial line, or memory alone. It comes in place of what the
    /// key held before.
    Deposit { key: u128, parts: Parts },
    /// What is kept. Answered with [`Reply::Held`].
    List,
    /// Gives out terminal and memory of a key once more. Answered with [`Reply::Taken`].
    Take { key: u128 },
    /// Lets go of terminal, memory and exit status.
    Forget { key: u128 },
    /// A new listener and a new lock, in place of those whose files were removed; where the socket is now.
    Listener { made: FileId },
    /// The daemon ends for good: it is not started again, and the keeper ends after it. The keeper lets go of listener and
    /// lock before it answers.
    Stop,
    /// Daemons are to be started from this program from here on, which is this very file; the one that asks ends then. If
    /// none of it comes up, or none stays, the keeper goes back to what it had; otherwise it becomes that program itself.
    /// [`Event::Upgrade`] says what came of it.
    Upgrade { program: PathBuf, file: FileId },
    /// Clients can connect. From here on the daemon is one that came up.
    Serving,
    /// What the keeper would leave to a program in its place: answered with [`Reply::Done`] and a memory that holds it.
    State,
}

/// What a keeper answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// With the lock, the listener and the desk's memory. A daemon's epoch is greater than that of those before it.
    Hello {
        proto: u16,
        epoch: u64,
        crashes: u32,
        made: FileId,
    },
    /// With the master.
    Spawned {
        pid: u32,
    },
    Held(Vec<Line>),
    /// With what there is.
    Taken(Parts),
    /// It was done and there is nothing more to say; with a descriptor, if one was asked for.
    Done,
    /// Why it was not done, in words.
    Refused(String),
}

/// Which descriptors come with a frame, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts {
    pub terminal: bool,
    pub memory: bool,
}

/// What is kept under one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    pub key: u128,
    /// None where no program was started.
    pub pid: Option<u32>,
    /// How the program ended, once it has.
    pub exit: Option<Exit>,
}

/// What a keeper says unasked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A program has ended. Its process id stays its own until its key is forgotten or spawned again.
    Exited { key: u128, exit: Exit },
    /// The daemon is to end everything, as for `stop_host`.
    End,
    /// How an upgrade stands: when that changes, and to each daemon that comes.
    Upgrade(Upgrade),
}

/// How an upgrade stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upgrade {
    pub program: PathBuf,
    pub stage: Stage,
    /// What went wrong, for people; else empty.
    pub why: String,
}

/// How far an upgrade has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Its daemon is on trial.
    Trial,
    /// Daemon and keeper are that program.
    Done,
    /// Its daemon did not do: the one before is back.
    Back,
    /// Its daemon is up, and the keeper stays what it was.
    Half,
}

impl Stage {
    const ALL: [Self; 4] = [Self::Trial, Self::Done, Self::Back, Self::Half];

    pub(super) fn number(self) -> u8 {
        self as u8
    }

    /// None for one of a later release.
    pub(super) fn of(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }
}

/// The numbers of the operations. A reply has its request's, with the highest bit set.
const HELLO: u16 = 1;
const SPAWN: u16 = 2;
const DEPOSIT: u16 = 3;
const LIST: u16 = 4;
const TAKE: u16 = 5;
const FORGET: u16 = 6;
const LISTENER: u16 = 7;
const STOP: u16 = 8;
const UPGRADE: u16 = 9;
const SERVING: u16 = 10;
const STATE: u16 = 11;
const EXITED: u16 = 0x4001;
const END: u16 = 0x4002;
const UPGRADED: u16 = 0x4003;
const REPLY: u16 = 0x8000;
const DONE: u16 = 0x80ff;
const REFUSED: u16 = 0xffff;

impl Request {
    /// The operation and its payload.
    pub fn encode(&self) -> (u16, Vec<u8>) {
        let mut out = Out::default();
        let op = match self {
            Self::Hello { proto_min, proto_max } => {
                out.u16(*proto_min);
                out.u16(*proto_max);
                HELLO
            }
            Self::Spawn { key, launch, size } => {
                out.u128(*key);
                out.count(launch.argv.len());
                launch.argv.iter().for_each(|arg| out.bytes(arg.as_bytes()));
                out.count(launch.env.len());
                for (name, value) in &launch.env {
                    out.bytes(name.as_bytes());
                    out.bytes(value.as_bytes());
                }
                out.bytes(launch.cwd.as_os_str().as_bytes());
                [size.cols, size.lines, size.cell_w, size.cell_h].into_iter().for_each(|n| out.u16(n));
                SPAWN
            }
            Self::Deposit { key, parts } => {
                out.u128(*key);
                out.parts(*parts);
                DEPOSIT
            }
            Self::List => LIST,
            Self::Take { key } => {
                out.u128(*key);
                TAKE
            }
            Self::Forget { key } => {
                out.u128(*key);
                FORGET
            }
            Self::Listener { made } => {
                out.file(*made);
                LISTENER
            }
            Self::Stop => STOP,
            Self::Upgrade { program, file } => {
                out.bytes(program.as_os_str().as_bytes());
                out.file(*file);
                UPGRADE
            }
            Self::Serving => SERVING,
            Self::State => STATE,
        };
        (op, out.0)
    }

    /// Reads what [`Request::encode`] made, here or in another release.
    ///
    /// # Errors
    /// The operation is not known or its payload is too short, in words.
    pub fn decode(op: u16, payload: &[u8]) -> Result<Self, String> {
        let mut input = In(payload);
        let read = match op {
            HELLO => input.hello(),
            SPAWN => input.spawn(),
            DEPOSIT => input.deposit(),
            LIST => Some(Self::List),
            TAKE => input.u128().map(|key| Self::Take { key }),
            FORGET => input.u128().map(|key| Self::Forget { key }),
            LISTENER => input.file().map(|made| Self::Listener { made }),
            STOP => Some(Self::Stop),
            UPGRADE => input.upgrade(),
            SERVING => Some(Self::Serving),
            STATE => Some(Self::State),
            _ => return Err(format!("operation {op} is not known")),
        };
        read.ok_or_else(|| format!("the payload of operation {op} is too short"))
    }
}

impl Reply {
    /// The operation and its payload.
    pub fn encode(&self) -> (u16, Vec<u8>) {
        let mut out = Out::default();
        let op = match self {
            Self::Hello { proto, epoch, crashes, made } => {
                out.u16(*proto);
                out.u64(*epoch);
                out.u32(*crashes);
                out.file(*made);
                REPLY | HELLO
            }
            Self::Spawned { pid } => {
                out.u32(*pid);
                REPLY | SPAWN
            }
            Self::Held(lines) => {
                out.count(lines.len());
                lines.iter().for_each(|line| out.line(line));
                REPLY | LIST
            }
            Self::Taken(parts) => {
                out.parts(*parts);
                REPLY | TAKE
            }
            Self::Done => DONE,
            Self::Refused(why) => {
                out.bytes(why.as_bytes());
                REFUSED
            }
        };
        (op, out.0)
    }
}

/// What comes from a keeper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FromKeeper {
    Reply(Reply),
    Event(Event),
}

impl FromKeeper {
    /// Reads what [`Reply::encode`] or [`Event::encode`] made, here or in another release.
    ///
    /// # Errors
    /// The operation is not known or its payload is too short, in words.
    pub fn decode(op: u16, payload: &[u8]) -> Result<Self, String> {
        let mut input = In(payload);
        let read = match op {
            EXITED => input.exited().map(Self::Event),
            END => Some(Self::Event(Event::End)),
            UPGRADED => input.upgraded().map(|upgrade| Self::Event(Event::Upgrade(upgrade))),
            _ => match op {
                DONE => Some(Reply::Done),
                REFUSED => input.bytes().map(|why| Reply::Refused(String::from_utf8_lossy(why).into_owned())),
                _ if op & REPLY == 0 => return Err(format!("operation {op} is not known")),
                _ => match op & !REPLY {
                    HELLO => input.greeting(),
                    SPAWN => input.u32().map(|pid| Reply::Spawned { pid }),
                    LIST => input.lines(),
                    TAKE => input.parts().map(Reply::Taken),
                    _ => return Err(format!("operation {op} is not known")),
                },
            }
            .map(Self::Reply),
        };
        read.ok_or_else(|| format!("the payload of operation {op} is too short"))
    }
}

impl Event {
    /// The operation and its payload.
    pub fn encode(&self) -> (u16, Vec<u8>) {
        let mut out = Out::default();
        match self {
            Self::Exited { key, exit } => {
                out.u128(*key);
                out.exit(*exit);
                (EXITED, out.0)
            }
            Self::End => (END, out.0),
            Self::Upgrade(upgrade) => {
                out.upgrade(upgrade);
                (UPGRADED, out.0)
            }
        }
    }
}
