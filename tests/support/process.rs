//! What the system knows of processes (proc(5)).

#![allow(dead_code, reason = "every test file uses a part of it")]

use std::fs;

use rustix::process::{Pid, Signal, kill_process};

/// What a process holds: descriptors and threads.
pub fn held(pid: u32) -> [usize; 2] {
    ["fd", "task"].map(|what| fs::read_dir(format!("/proc/{pid}/{what}")).unwrap().count())
}

/// The process that started this one, or took it over.
pub fn parent(pid: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // After the name, which may hold anything, come the state and the parent (proc_pid_stat(5)).
    stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()
}

/// Whether a process is there; one that nobody has waited for yet is not.
pub fn lives(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, after)| !after.starts_with(['Z', 'X']))
}

/// The keeper of a host, if it has one.
pub fn keeper(host: u32) -> Option<u32> {
    let is_keeper =
        |pid: &u32| fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name == "synk keeper\n");
    parent(host).filter(is_keeper)
}

/// Kills a host, and first its keeper, so that no other one follows.
pub fn kill_host(host: u32) {
    for pid in keeper(host).into_iter().chain([host]) {
        kill_process(Pid::from_raw(pid.cast_signed()).unwrap(), Signal::KILL).unwrap();
    }
}

/// The processes whose parent this one is, those that ended and were not waited for among them.
pub fn children(of: u32) -> Vec<u32> {
    let pids = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    pids.filter(|pid| parent(*pid) == Some(of)).collect()
}
