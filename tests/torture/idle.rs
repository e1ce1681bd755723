//! A run in which nothing happens: a window with twelve shells, its host and their keeper do nothing at all.

use std::time::Duration;

use serde_json::{Value, json};

use crate::desktop::{Desktop, activity, until};
use crate::process;

/// Panes of a window.
const PANES: usize = 12;

/// Looks for so many seconds at what the three processes do, once what was under way is done.
pub fn run(seconds: u64) -> Value {
    let desktop = Desktop::new("Settings(cursor_blink: false)");
    let window = desktop.open(&[]);
    for panes in 1..PANES {
        desktop.until_sessions(panes);
        window.keys(&["ctrl+shift+t"]);
    }
    for session in desktop.until_sessions(PANES) {
        desktop.until_line(session.no, "$");
    }
    let host = desktop.host_pid();
    let keeper = process::keeper(host).expect("the host has a keeper");
    let all = || [window.pid(), host, keeper].map(activity);
    let quiet_for = |time: Duration| {
        let before = all();
        std::thread::sleep(time);
        (before, all())
    };
    until("everything is quiet", || {
        // Longer than a change may wait to be saved.
        let (before, after) = quiet_for(Duration::from_secs(10));
        (before == after).then_some(())
    });
    let (before, after) = quiet_for(Duration::from_secs(seconds));
    let [window, host, keeper] = [0, 1, 2].map(|n| {
        let ((switches, ticks), (more, later)) = (before[n], after[n]);
        json!({"switches": more - switches, "ticks": later - ticks})
    });
    json!({
        "run": "idle", "ok": before == after, "seconds": seconds, "panes": PANES, "window": window, "host": host,
        "keeper": keeper,
    })
}
