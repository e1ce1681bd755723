//! What the system knows of processes (proc(5)).

#![allow(dead_code, reason = "every test file uses a part of it")]

use std::fs;

/// What a process holds: descriptors and threads.
pub fn held(pid: u32) -> [usize; 2] {
    ["fd", "task"].map(|what| fs::read_dir(format!("/proc/{pid}/{what}")).unwrap().count())
}

/// The processes whose parent this one is, those that ended and were not waited for among them.
pub fn children(parent: u32) -> Vec<u32> {
    let pids = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    let is_child = |pid: &u32| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        // After the name, which may hold anything, come the state and the parent (proc_pid_stat(5)).
        let after = stat.rsplit_once(") ").map_or("", |(_, after)| after);
        after.split(' ').nth(1).and_then(|pid| pid.parse().ok()) == Some(parent)
    };
    pids.filter(is_child).collect()
}
