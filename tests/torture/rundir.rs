//! A run: the runtime directory, with the socket in it, is removed again and again while sessions write and somebody types,
//! every other time together with a daemon that is killed. Who is connected notices nothing, and who connects gets in.

use std::fs;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::crowd::spread;
use crate::emit::Random;
use crate::flood::{Flood, Plan};
use crate::player::{answering, asked, connect};
use crate::process::parent;
use crate::support::until;
use crate::user::User;

/// So many times.
pub fn run(plan: Plan, rounds: u64) -> Value {
    let user = User::new();
    user.start_host();
    let keeper = parent(answering(&user, None));
    let flood = Flood::start(&user, plan);
    let bytes = flood.bytes();
    let sessions = user.sessions().len();
    let mut random = Random(plan.seed);
    let (mut took, mut faults) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        match removed(&user, round % 2 == 1, &mut random) {
            Ok(time) => took.push(time),
            Err(why) => faults.push(format!("round {round}: {why}")),
        }
        // Who cannot find a host three times in a row takes it for stopped.
        let typist = || connect(&user).session("typed")["clients"].as_u64();
        until("who types is there", || (typist() > Some(0)).then_some(()));
        let (now, held) = (parent(answering(&user, None)), user.sessions().len());
        if (now, held) != (keeper, sessions) {
            faults.push(format!("round {round}: {held} sessions of {sessions}, keeper {now:?} in place of {keeper:?}"));
        }
    }
    let (typed, wrong) = flood.finish(&user);
    faults.extend(wrong);
    json!({
        "run": "rundir", "ok": faults.is_empty(), "seed": plan.seed, "removed": rounds, "daemon_kills": rounds / 2,
        "sessions": plan.sessions, "bytes": bytes, "answer_ms": spread(took), "typed": typed, "faults": faults,
    })
}

/// Removes it at a random moment, in one way or another. How long it took from there to an answer on a new connection.
fn removed(user: &User, kills: bool, random: &mut Random) -> Result<Duration, String> {
    let daemon = answering(user, None);
    let mut old = connect(user);
    let kill = || {
        let pid = Pid::from_raw(daemon.cast_signed()).expect("a process id");
        kill_process(pid, Signal::KILL).expect("it is there");
    };
    // Random times are what is tried here, not what is waited for.
    let pause = |n| std::thread::sleep(Duration::from_micros(n));
    pause(random.below(200_000));
    let kills_first = random.below(2) == 0;
    if kills && kills_first {
        kill();
        pause(random.below(60_000));
    }
    remove(user, random.below(4));
    let begun = Instant::now();
    if kills && !kills_first {
        pause(random.below(400_000));
        kill();
    }
    let pid = until("a host is there again", || {
        let socket = UnixStream::connect(user.socket()).ok()?;
        asked(socket).filter(|pid| !kills || *pid != daemon)
    });
    let took = begun.elapsed();
    if !kills {
        let status = old.call("get_status", json!({}));
        if (&status["pid"], pid) != (&json!(daemon), daemon) {
            return Err(format!("{pid} answers, and {} who did before, in place of {daemon}", status["pid"]));
        }
    }
    Ok(took)
}

fn remove(user: &User, way: u64) {
    let (dir, socket) = (user.path("run/synk"), user.socket());
    // What is there at this moment: the host is making it again perhaps.
    let gone = |path: &Path| until("it is removed", || fs::remove_dir_all(path).is_ok().then_some(()));
    match way {
        0 => gone(&dir),
        // Also the directory above.
        1 => gone(&user.path("run")),
        2 => {
            fs::rename(&dir, user.path("aside")).expect("it can be moved");
            gone(&user.path("aside"));
        }
        _ => fs::remove_file(socket).expect("the socket is there"),
    }
}
