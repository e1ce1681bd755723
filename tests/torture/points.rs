//! A run: processes are killed not at random times but at named places, where something is half done (`src/base/point.rs`). It
//! goes through all of them; one that nobody comes to is a failure of the run.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::combos::caught;
use crate::emit::Random;
use crate::player::{Player, answering, connect};
use crate::puppet::Order;
use crate::support::until;
use crate::typing::Typing;
use crate::user::User;

/// What leads to a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// What goes on all the time: output, typing, changes.
    Life,
    /// Another daemon.
    Start,
    /// A new session; it is the keeper that comes there, and there is none afterwards.
    Keeper,
}

/// The places, what leads there, and at which time it may be at the most.
const POINTS: &[(&str, Way, u64)] = &[
    ("read", Way::Life, 8),
    ("page-written", Way::Life, 3),
    ("snapshot-written", Way::Life, 2),
    ("snapshot-counts", Way::Life, 2),
    ("event-written", Way::Life, 4),
    ("input-written", Way::Life, 20),
    ("receipts-written", Way::Life, 20),
    ("input-sent", Way::Life, 20),
    ("twofold-written", Way::Life, 4),
    ("saved", Way::Life, 4),
    ("restore", Way::Start, 4),
    ("restored", Way::Start, 4),
    ("listening", Way::Start, 1),
    ("serving", Way::Start, 1),
    ("spawned", Way::Keeper, 1),
];
/// Sessions that write.
const PLAYERS: usize = 2;
/// What each of them writes in a round at least, and how much more at most, in bytes: enough for a snapshot and for
/// pages of history.
const LENGTH: u64 = 500 << 10;
/// Places that are tried at once: most of the time is waited.
const AT_ONCE: usize = 5;

pub fn run(seed: u64, rounds: u64) -> Value {
    if !cfg!(debug_assertions) {
        return json!({"run": "points", "ok": null, "skipped": "a release has no such places"});
    }
    let mut faults = Vec::new();
    let (mut reached, mut typed, mut bytes) = (serde_json::Map::new(), 0, 0);
    for some in POINTS.chunks(AT_ONCE) {
        let outcomes: Vec<_> = std::thread::scope(|scope| {
            let begin = |(n, point)| scope.spawn(move || caught(|| torture(point, seed + n as u64, rounds)));
            let all: Vec<_> = some.iter().enumerate().map(begin).collect();
            all.into_iter().map(|one| one.join().expect("what panics is caught")).collect()
        });
        for ((name, ..), outcome) in some.iter().zip(outcomes) {
            match outcome {
                Ok(tally) => {
                    reached.insert((*name).into(), json!(tally.kills));
                    (typed, bytes) = (typed + tally.typed, bytes + tally.bytes);
                }
                Err(why) => faults.push(format!("{name}: {why}")),
            }
        }
    }
    json!({
        "run": "points", "ok": faults.is_empty(), "seed": seed, "rounds": rounds, "reached": reached, "bytes": bytes,
        "typed_numbers": typed, "faults": faults,
    })
}

#[derive(Debug, Default)]
struct Tally {
    kills: u64,
    typed: u64,
    bytes: u64,
}

/// A place, so many times.
fn torture(point: &(&str, Way, u64), seed: u64, rounds: u64) -> Result<Tally, String> {
    let mut tally = Tally::default();
    let mut random = Random(seed);
    match point.1 {
        // Each needs a keeper.
        Way::Keeper => (0..rounds).try_for_each(|_| world(point, &mut random, 1, &mut tally))?,
        _ => world(point, &mut random, rounds, &mut tally)?,
    }
    Ok(tally)
}

struct World {
    user: User,
    way: Way,
    /// Somebody is killed as long as it is there.
    once: PathBuf,
    players: Vec<Player>,
    daemon: u32,
}

fn world(point: &(&str, Way, u64), random: &mut Random, rounds: u64, tally: &mut Tally) -> Result<(), String> {
    let (name, way, most) = *point;
    let mut user = User::new();
    fs::write(user.path("home/.config/synk/synk.ron"), "(save_every_s: 1)").expect("settings");
    let once = user.path("once");
    user.vars.push(("SYNK_KILL_AT".into(), format!("{name}:{}", 1 + random.below(most))));
    user.vars.push(("SYNK_KILL_ONCE".into(), once.display().to_string()));
    user.start_host();
    let daemon = answering(&user, None);
    let mut api = connect(&user);
    api.run("other", "exec cat");
    let start = |n| Player::start(&user, &mut connect(&user), &format!("p{n}"), 0);
    let players = (0..PLAYERS).map(start).collect();
    let typing = Typing::start(&user, &mut api, random.below(u64::MAX));
    let mut world = World { user, way, once, players, daemon };
    for round in 0..rounds {
        world.round(random, tally).map_err(|why| format!("round {round}: {why}"))?;
    }
    let typed = typing.finish();
    tally.typed += typed["numbers"].as_u64().unwrap_or(0);
    if typed["ok"] == true { Ok(()) } else { Err(format!("what was typed: {typed}")) }
}

impl World {
    fn round(&mut self, random: &mut Random, tally: &mut Tally) -> Result<(), String> {
        for player in &mut self.players {
            let length = LENGTH + random.below(LENGTH);
            tally.bytes += length;
            player.tell(Order::Write { seed: random.below(u64::MAX), length: length as usize });
        }
        fs::write(&self.once, "").expect("a file can be made");
        if self.way == Way::Start {
            let pid = Pid::from_raw(self.daemon.cast_signed()).expect("a process id");
            kill_process(pid, Signal::KILL).expect("it is there");
        }
        let mut n = 0;
        until("somebody comes to the place", || {
            n += 1;
            self.nudge(n);
            (!self.once.exists()).then_some(())
        });
        tally.kills += 1;
        if self.way == Way::Keeper {
            let status = || connect(&self.user).call("get_status", json!({}));
            until("the daemon knows that its keeper is gone", || (status()["keeper"] == json!(false)).then_some(()));
        } else {
            self.daemon = answering(&self.user, Some(self.daemon));
        }
        for player in &mut self.players {
            player.settle(&self.user, "all of this round").map_err(|why| format!("session {}: {why}", player.id))?;
        }
        self.others_live()
    }

    /// Changes something of which nothing is looked at afterwards, but that it goes on.
    fn nudge(&self, n: u64) {
        let other = if n.is_multiple_of(2) { "other" } else { "another" };
        let changes = [
            ("rename_session", json!({"session_id": "1", "name": other})),
            ("resize_terminal", json!({"session_id": "1", "cols": 60 + n % 50, "rows": 20})),
            ("create_workspace", json!({"workspace": format!("w{}", n % 5)})),
            ("delete_workspace", json!({"workspace": format!("w{}", (n + 2) % 5)})),
        ];
        for (method, params) in changes {
            self.ask(method, &params);
        }
        if self.way == Way::Keeper {
            self.ask("create_session", &json!({"name": format!("new{n}"), "command": ["cat"]}));
        }
        // Nobody waits for it: the machine has better to do meanwhile.
        std::thread::sleep(Duration::from_millis(5));
    }

    /// A request whose reply nobody gets where the host is killed over it.
    fn ask(&self, method: &str, params: &Value) -> Option<()> {
        let mut socket = UnixStream::connect(self.user.socket()).ok()?;
        writeln!(socket, "{}", json!({"id": 1, "method": method, "params": params})).ok()?;
        BufReader::new(socket).read_line(&mut String::new()).ok().map(drop)
    }

    /// All sessions run, each as one process.
    fn others_live(&self) -> Result<(), String> {
        let all = self.user.sessions();
        let dead = all.iter().find(|s| !s["pid"].as_u64().is_some_and(|pid| crate::process::lives(pid as u32)));
        match dead {
            None => Ok(()),
            Some(session) => Err(format!("it does not run: {session}")),
        }
    }
}
