//! A run: many clients at once where no host runs. There has to be one keeper and one daemon afterwards, and everybody is
//! served by it.

use std::fs;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::player::answering;
use crate::process::parent;
use crate::user::User;

/// Starts so many clients at once, each of which starts a host where there is none.
pub fn run(clients: u64) -> Value {
    let user = User::new();
    let start = |n: u64| {
        let name = format!("s{n}");
        let args = ["--json", "new", "-d", "-s", &name, "--", "cat"];
        user.synk_command(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a process")
    };
    let all: Vec<_> = (0..clients).map(start).collect();
    let mut faults = Vec::new();
    for client in all {
        let out = client.wait_with_output().expect("it ends");
        if !out.status.success() {
            faults.push(crate::user::stderr(&out));
        }
    }
    let daemon = answering(&user, None);
    let run = user.path("run").display().to_string();
    let (daemons, keepers) = (running("daemon", &run), running("keeper", &run));
    let keeper = parent(daemon).into_iter().collect::<Vec<_>>();
    if (&daemons, &keepers) != (&vec![daemon], &keeper) {
        faults.push(format!("daemons {daemons:?} and keepers {keepers:?}, of whom {daemon} answers"));
    }
    let sessions = user.sessions().len() as u64;
    if sessions != clients {
        faults.push(format!("{sessions} sessions of {clients}"));
    }
    json!({"run": "starts", "ok": faults.is_empty(), "clients": clients, "served": sessions, "faults": faults})
}

/// The processes of a user that are called this: its runtime directory is in their environment.
fn running(verb: &str, run: &str) -> Vec<u32> {
    let pids =
        fs::read_dir("/proc").expect("proc(5)").filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let is_one = |pid: &u32| {
        let read = |what: &str| fs::read(format!("/proc/{pid}/{what}")).unwrap_or_default();
        let environ = read("environ");
        read("cmdline") == format!("synk\0{verb}\0").as_bytes()
            && environ.split(|byte| *byte == 0).any(|var| var == format!("XDG_RUNTIME_DIR={run}").as_bytes())
    };
    pids.filter(is_one).collect()
}
