//! A run: the disk that database and archive lie on is full, again and again, while sessions write and somebody types; the
//! daemon is killed meanwhile, and at last everything at once. Nothing of the sessions is lost, the trouble is told, and
//! everything is saved again once there is room.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use rusqlite::{Connection, OpenFlags};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::daemon::kill;
use crate::emit::Random;
use crate::flood::{Flood, Plan};
use crate::player::{Player, answering, connect};
use crate::process::{lives, parent};
use crate::puppet::Order;
use crate::small_disk::{Full, SIZE, SmallDisk, namespace};
use crate::support::until;
use crate::user::User;

/// What this program is called as inside of the namespace.
pub const INSIDE: &str = "disk-inside";
/// Sessions that are told what to write, beside those of the flood.
const PLAYERS: usize = 2;
/// What each of them writes in a round, in bytes.
const LENGTH: u64 = 200 << 10;
/// Daemons that are killed while the disk is full, in each round.
const KILLS: u64 = 2;
/// As much history as there is room for.
const SETTINGS: &str = "(save_every_s: 1, history_lines: 2000, saved_states: 3)";

/// The run, where this system allows it; a report that says why not, where it does not.
pub fn run(plan: Plan, rounds: u64) -> Value {
    let way = match namespace() {
        Ok(way) => way,
        Err(why) => return json!({"run": "disk", "ok": null, "skipped": format!("nothing may be mounted: {why}")}),
    };
    let program = std::env::current_exe().expect("this program");
    let numbers = [plan.seed, plan.sessions, plan.seconds, plan.megabytes, rounds].map(|n| n.to_string());
    let mut command = Command::new(way[0]);
    command.args(&way[1..]).arg(program).arg(INSIDE).args(numbers).stdin(Stdio::null()).stderr(Stdio::inherit());
    let out = command.output().expect("unshare(1)");
    let said = String::from_utf8_lossy(&out.stdout);
    let failed = || json!({"run": "disk", "ok": false, "faults": [format!("{}: {said}", out.status)]});
    said.lines().last().and_then(|line| serde_json::from_str(line).ok()).unwrap_or_else(failed)
}

/// Does it and prints the report.
pub fn inside(numbers: &[u64]) -> ! {
    let &[seed, sessions, seconds, megabytes, rounds] = numbers else { panic!("five numbers") };
    println!("{}", torture(Plan { seed, sessions, seconds, megabytes }, rounds));
    std::process::exit(0)
}

fn torture(plan: Plan, rounds: u64) -> Value {
    let user = User::new();
    fs::write(user.path("home/.config/synk/synk.ron"), SETTINGS).expect("settings");
    let disk = SmallDisk::mount(user.path("home/.local/share"));
    // From the first moment on.
    let full = disk.fill();
    user.start_host();
    let mut random = Random(plan.seed);
    let mut world = World { user, disk, players: Vec::new(), told: 0, database_told: 0 };
    for n in 0..PLAYERS {
        let (user, name) = (&world.user, format!("p{n}"));
        world.players.push(Player::start(user, &mut connect(user), &name, 0));
    }
    let flood = Flood::start(&world.user, plan);
    let bytes = flood.bytes();
    let mut faults: Vec<String> = Vec::new();
    let mut full = Some(full);
    for round in 0..rounds {
        faults.extend(world.round(full.take(), &mut random).err().map(|why| format!("round {round}: {why}")));
    }
    let (typed, wrong) = flood.finish(&world.user);
    faults.extend(wrong);
    faults.extend(world.lose_all(rounds > 1, &mut random).err().map(|why| format!("after all was killed: {why}")));
    faults.extend(world.log_is_short(rounds).err());
    json!({
        "run": "disk", "ok": faults.is_empty(), "seed": plan.seed, "rounds": rounds, "disk_bytes": SIZE,
        "sessions": plan.sessions, "bytes": bytes, "daemon_kills": rounds * KILLS, "told": world.told,
        "database_told": world.database_told, "typed": typed, "faults": faults,
    })
}

struct World {
    user: User,
    /// Goes before its user does.
    disk: SmallDisk,
    players: Vec<Player>,
    /// How often a daemon said that it cannot save sessions, and that it cannot write its database.
    told: u64,
    database_told: u64,
}

impl World {
    /// Full, if it is not yet, killed, room again; then everything is as it should be.
    fn round(&mut self, full: Option<Full>, random: &mut Random) -> Result<(), String> {
        let full = full.unwrap_or_else(|| self.disk.fill());
        for player in &mut self.players {
            player.tell(Order::Write { seed: random.below(u64::MAX), length: random.below(LENGTH) as usize });
        }
        self.until_told();
        for _ in 0..KILLS {
            // A random time is what is tried here, not what is waited for.
            std::thread::sleep(Duration::from_micros(random.below(300_000)));
            kill(&self.user);
        }
        self.until_told();
        let words = self.user.ok(&["status"]);
        if !words.contains("sessions are not saved to ") {
            return Err(format!("`synk status` does not say it: {words}"));
        }
        self.settle("while the disk is full")?;
        drop(full);
        self.until_saved(SystemTime::now());
        self.settle("after there was room")?;
        self.database_is_well()
    }

    fn settle(&mut self, mark: &str) -> Result<(), String> {
        for player in &mut self.players {
            player.settle(&self.user, mark).map_err(|why| format!("session {}, {mark}: {why}", player.id))?;
        }
        Ok(())
    }

    /// Something of every session changes, and what the database knows of it.
    fn change(&self) {
        for (n, player) in self.players.iter().enumerate() {
            let mut api = connect(&self.user);
            for name in [format!("changed {n}"), format!("p{n}")] {
                api.call("rename_session", json!({"session_id": player.id, "name": name}));
            }
        }
    }

    /// Waits until the daemon says that it cannot save sessions.
    fn until_told(&mut self) {
        let status = until("it is told that nothing can be saved", || {
            self.change();
            let status = status(&self.user);
            status["saving"]["notice"].is_string().then_some(status)
        });
        self.told += 1;
        self.database_told += u64::from(status["database"]["state"] == "later");
    }

    /// Waits until nothing is wrong any more and these sessions were saved after this. Nothing is done for that.
    fn until_saved(&self, after: SystemTime) {
        until("everything is saved again", || {
            let status = status(&self.user);
            let well = status["saving"]["notice"].is_null() && status["database"]["state"] == "ok";
            let saved = |player: &Player| saved_at(&self.user, &player.id) > Some(after);
            (well && self.players.iter().all(saved)).then_some(())
        });
    }

    fn database_is_well(&self) -> Result<(), String> {
        let path = self.user.path("home/.local/share/synk/sessions.db");
        let check = || {
            let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
            db.query_row("PRAGMA quick_check", [], |row| row.get::<_, String>(0))
        };
        match check() {
            Ok(said) if said == "ok" => Ok(()),
            other => Err(format!("the database: {other:?}")),
        }
    }

    /// The disk is full when daemon and keeper are killed, and when the next host starts: what comes back is what was
    /// saved, or more. Then there is room, at once or when that host has noticed that there is none.
    fn lose_all(&mut self, noticed: bool, random: &mut Random) -> Result<(), String> {
        for player in &mut self.players {
            player.tell(Order::Write { seed: random.below(u64::MAX), length: random.below(LENGTH) as usize });
        }
        self.settle("saved for good")?;
        // Twice: what is being saved at this moment may have been looked at before.
        for _ in 0..2 {
            let now = SystemTime::now();
            self.change();
            self.until_saved(now);
        }
        let full = self.disk.fill();
        let last = Order::Say((0..40).map(|n| format!("said at the end: {n}; ")).collect());
        for player in &mut self.players {
            player.tell(last.clone());
        }
        self.until_told();
        self.kill_all();
        self.user.start_host();
        let all = self.user.sessions();
        for player in &mut self.players {
            let held = all.iter().find(|session| session["session_id"] == json!(player.id));
            if held.is_none_or(|session| session["disconnected"] != true) {
                return Err(format!("session {} is not back: {held:?}", player.id));
            }
            player.restored(&self.user, &last.bytes()).map_err(|why| format!("session {}: {why}", player.id))?;
        }
        if noticed {
            self.until_told();
        }
        drop(full);
        let now = SystemTime::now();
        self.change();
        self.until_saved(now);
        self.database_is_well()
    }

    fn kill_all(&self) {
        let daemon = answering(&self.user, None);
        let both = [parent(daemon).expect("it has a keeper"), daemon];
        for pid in both {
            kill_process(Pid::from_raw(pid.cast_signed()).expect("a process id"), Signal::KILL).expect("it is there");
        }
        until("both are gone", || both.iter().all(|pid| !lives(*pid)).then_some(()));
        let socket = self.user.socket();
        until("nobody listens", || std::os::unix::net::UnixStream::connect(&socket).is_err().then_some(()));
    }

    /// Each daemon that cannot save says so once each time.
    fn log_is_short(&self, rounds: u64) -> Result<(), String> {
        let log = fs::read_to_string(self.user.path("home/.local/state/synk/daemon.log")).unwrap_or_default();
        let (said, most) = (log.matches("sessions cannot be saved").count() as u64, (rounds + 1) * (KILLS + 1));
        if (self.told..=most).contains(&said) {
            return Ok(());
        }
        Err(format!("the log says {said} times that nothing can be saved, not {} to {most} times", self.told))
    }
}

fn status(user: &User) -> Value {
    // Nobody waits for it: the machine has better to do meanwhile.
    std::thread::sleep(Duration::from_millis(20));
    connect(user).call("get_status", json!({}))
}

/// When a state of a session was saved last.
fn saved_at(user: &User, id: &str) -> Option<SystemTime> {
    let dir: PathBuf = user.path("home/.local/share/synk/sessions").join(id);
    let states = fs::read_dir(dir).ok()?.filter_map(|entry| {
        let entry = entry.ok()?;
        let is_state = entry.file_name().to_str().is_some_and(|name| name.starts_with('0') && !name.contains('.'));
        is_state.then(|| entry.metadata().ok()?.modified().ok()).flatten()
    });
    states.max()
}
